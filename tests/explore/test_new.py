"""`make new-explorer`: what it makes works, and passes what every explorer has to pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from companion import data

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COPIED = (
    "autograder",
    "benchmarks",
    "companion",
    "docs",
    "tests",
    "README.md",
    "biome.json",
    "deno.json",
    "pyproject.toml",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course with an explorer EdgeFinder in it."""
    folder = tmp_path_factory.mktemp("course")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
        else:
            shutil.copy(ROOT / name, folder)
    run(folder, sys.executable, "-m", "tests.explore.new", "edge_finder")
    return folder


def run(folder: Path, *command: str | Path, fails: bool = False) -> str:
    """What a command prints that is run in the copy; it has to succeed, or to fail."""
    places = {"PYTHONPATH": str(folder), "CNN_COMPANION_DATA": str(data.folder()), "DENO_DIR": str(folder / ".deno")}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=os.environ | places, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_its_tests_pass_and_those_of_every_explorer(course: Path) -> None:
    files = ("test_edge_finder.py", "test_explorers.py", "test_traits.py", "test_listed.py")
    chosen = "edge_finder or EdgeFinder or every"
    said = run(course, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", chosen,
               *(f"tests/explore/{name}" for name in files))  # fmt: skip
    assert "passed" in said


@pytest.mark.browser
def test_its_page_works(course: Path, chromium: str) -> None:
    said = run(course, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/browser/test_edge_finder.py")
    assert "2 passed" in said


@pytest.mark.slow
def test_it_is_as_clean_as_the_rest(course: Path) -> None:
    run(course, BIN / "ruff", "format", "--check", ".")
    run(course, BIN / "ruff", "check", ".")
    run(course, BIN / "mypy", "companion/explore/edge_finder")
    run(course, BIN / "deno", "check", "--no-remote", "--quiet", "companion")
    run(course, BIN / "biome", "lint", "--error-on-warnings")


def test_a_name_that_is_taken_or_none_is_refused(course: Path) -> None:
    make = (sys.executable, "-m", "tests.explore.new")
    assert "is there already" in run(course, *make, "edge_finder", fails=True)
    assert "takes a name such as edge_finder" in run(course, *make, "Edge Finder", fails=True)
