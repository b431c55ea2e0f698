"""The folders of the packages: none holds too much, and none imports what it must not know."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from autograder.sandbox.host import _OWN

ROOT = Path(__file__).parents[1]
PACKAGES = ("autograder", "companion")
MOST_FILES = 25

# What each folder of autograder may import of the others, from the ground up. What is not named here is for all.
BELOW = {
    "wire": set(),
    "sandbox": {"wire"},
    "notebook": {"wire"},
    "course": {"notebook"},
    "trusted": {"wire", "notebook", "sandbox"},
    "collect": {"course", "notebook"},
    "engines": {"course", "notebook", "sandbox", "trusted", "wire"},
    "feedback": {"course", "notebook"},
    "release": {"course", "engines", "notebook", "wire"},
    "grade": {"course", "collect", "engines", "notebook", "release"},
    "demo": {"course", "collect", "engines", "feedback", "grade", "notebook", "release"},
}


def files(package: str) -> list[Path]:
    return [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def imported(path: Path) -> set[str]:
    """The modules of autograder that a file imports, as paths within the package."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.removeprefix("autograder.") for name in names if name.startswith("autograder.")}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folder_holds_more_files_than_one_can_survey(package: str) -> None:
    counts = Counter(path.parent for path in files(package))
    assert {str(folder.relative_to(ROOT)): n for folder, n in counts.items() if n > MOST_FILES} == {}


@pytest.mark.parametrize("room", BELOW)
def test_a_folder_of_the_autograder_imports_only_what_stands_below_it(room: str) -> None:
    above = BELOW.keys() - BELOW[room] - {room}
    odd = {
        f"{path.name}: {name}"
        for path in (ROOT / "autograder" / room).glob("*.py")
        for name in imported(path)
        if name.partition(".")[0] in above
    }
    assert odd == set()


def test_every_folder_of_the_autograder_has_its_place() -> None:
    assert {path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")} == BELOW.keys()


def test_what_is_seen_inside_the_sandbox_imports_nothing_else_of_the_grader() -> None:
    seen = [ROOT / "autograder" / name for name in _OWN]
    inside = [path for each in seen for path in (each.glob("*.py") if each.is_dir() else [each])]
    outside = {path.name for path in (ROOT / "autograder" / "sandbox").glob("*.py")} & {"host.py", "launch.py"}
    known = {Path(name).stem for name in _OWN}
    odd = {
        f"{path.name}: {name}"
        for path in inside
        if path.name not in outside  # the grader's end
        for name in imported(path)
        if name.partition(".")[0] not in known
    }
    assert odd == set()
