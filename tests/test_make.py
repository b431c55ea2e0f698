"""`make clean` takes away what can be made again, and never a class's work."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLASS = (
    "classroom/gradebook.db",
    "classroom/submitted/ada/01-tiny/quiz.ipynb",
    "classroom/autograded/ada/01-tiny/quiz.ipynb",
    "classroom/feedback/ada/01-tiny/quiz.html",
    "classroom/history/ada/01-tiny/quiz.ipynb",
    "classroom/results/ada/01-tiny.json",
    "classroom/.cache/x",
    "quizzes/01-tiny/quiz.ipynb",
    "solutions/01-tiny/quiz.ipynb",
    "lessons/notes.ipynb",
)
MADE = (".venv/bin/python", ".bootstrap/bin/uv", ".cache/digits.npz", "build/lib/x.py", "dist/x.whl")


@pytest.fixture
def course(tmp_path):
    """A course's folder with everything in it that a semester brings."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (*CLASS, *MADE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("work")
    return tmp_path


def make(course, *targets):
    """What make says, without the lines about folders that it adds where another make has started it."""
    command = ["make", "--no-print-directory", *targets]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=True).stdout


def test_clean_leaves_the_class_and_removes_what_can_be_made_again(course):
    said = make(course, "clean")
    assert {name for name in CLASS if (course / name).read_text() == "work"} == set(CLASS)
    assert sorted(path.name for path in course.iterdir()) == [
        "Makefile",
        "classroom",
        "lessons",
        "quizzes",
        "solutions",
    ]
    assert "classroom/ stays" in said


def test_clean_may_be_given_twice_and_where_nothing_is(course):
    make(course, "clean")
    make(course, "clean")
    shutil.rmtree(course / "classroom")
    make(course, "clean")
    assert not (course / "classroom").exists()


def test_help_names_every_command_and_is_the_default(course):
    said = make(course, "help")
    assert said == make(course)
    text = (course / "Makefile").read_text("utf-8")
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert {line.split()[1] for line in said.splitlines()} == {*phony} - {"help", "data"}  # a step of others
    assert "clean" in phony
