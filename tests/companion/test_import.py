"""Importing the learner's package stays light, and it never touches the instructor's."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["tensorflow", "keras", "matplotlib", "autograder"]


@pytest.mark.parametrize(
    "statement",
    ["import companion", *(f"import companion.{name}" for name in ("arithmetic", "check", "cli", "data", "layers"))],
)
def test_an_import_loads_nothing_heavy(statement):
    code = f"{statement}\nimport json, sys\nprint(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == []


def test_companion_never_imports_autograder(root: Path):
    files = sorted((root / "companion").rglob("*.py"))
    assert root / "companion" / "check" / "__init__.py" in files
    guilty = [str(file.relative_to(root)) for file in files if "autograder" in imported_packages(file)]
    assert guilty == []


def imported_packages(file: Path) -> set[str]:
    """The top-level packages that a file imports, inside functions too."""
    packages = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            packages.add((node.module or "").partition(".")[0])
    return packages
