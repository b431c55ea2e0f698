"""The table in docs/attacks.md: each row is held by tests that exist, and each attack of the benchmark has a row."""

import ast
import re
from pathlib import Path

import pytest

from benchmarks.attacks import ATTACKS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "attacks.md"
NAME = re.compile(r"`(\w+)::(\w+)`")


def rows() -> dict[str, list[str]]:
    """The page's table: what was tried -> what nbgrader, and we, made of it, and the tests."""
    text = PAGE.read_text("utf-8").partition("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {name.strip(): [part.strip() for part in parts] for name, *parts in lines[1:]}


def modules(module: str) -> list[Path]:
    """The test files of that name, wherever below `tests/` they lie."""
    return list((ROOT / "tests").rglob(f"{module}.py"))


def functions(path: Path) -> set[str]:
    """The tests of a test file."""
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", rows())
def test_a_row_says_what_happened_and_names_tests_that_exist(row: str):
    stock, here, tests = rows()[row]
    assert stock
    assert here
    named = NAME.findall(tests)
    assert named, tests
    for module, function in named:
        assert any(function in functions(path) for path in modules(module))


def test_the_tests_that_the_page_names_elsewhere_exist():
    for module, function in NAME.findall(PAGE.read_text("utf-8").partition("\n## ")[2]):
        assert any(function in functions(path) for path in modules(module))


def test_every_attack_of_the_benchmark_has_a_row():
    assert {each.name for each in ATTACKS if "for comparison" not in each.name} <= set(rows())
