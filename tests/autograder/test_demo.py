"""The demo on the real assignment; expected points are added up from the source notebook, not from the autograder."""

import ast
import json
import shutil

import pytest
from rich.console import Console

from autograder.course.course import Course
from autograder.demo.play import play
from tests.autograder.compatibility_course import GUIDE

QUIZ = "02-convolution"


@pytest.fixture(scope="module")
def questions(root):
    """For each answer cell of the source, in order: the points of its test, and whether the answer is a function."""
    cells = json.loads((root / "solutions" / QUIZ / "quiz.ipynb").read_text("utf-8"))["cells"]
    found = []
    for each in cells:
        nbgrader = each["metadata"].get("nbgrader", {})
        if nbgrader.get("solution"):
            tree = ast.parse("".join(each["source"]))
            found.append([0.0, any(isinstance(node, ast.FunctionDef) for node in tree.body)])
        elif nbgrader.get("grade"):
            found[-1][0] += nbgrader["points"]
    return found


@pytest.mark.slow
def test_each_sample_learner_gets_the_expected_grade_and_the_real_class_is_not_touched(root, questions, tmp_path):
    total = sum(points for points, _ in questions)
    half = sum(points for n, (points, _) in enumerate(questions) if n % 2 == 0)
    without_code = sum(points for points, is_function in questions if not is_function)
    classroom = root / "classroom"
    before = sorted(classroom.rglob("*")) if classroom.exists() else None
    with (tmp_path / "out.txt").open("w") as file:
        lines = play(Course(root), QUIZ, Console(file=file, width=80), tmp_path / "class")
    standing = {line.learner.name: (line.row.score, line.row.max_score, line.row.state) for line in lines}
    assert standing == {
        "ada": (total, total, "graded"),
        "ben": (half, total, "graded"),
        "cleo": (0, total, "graded"),
        "dan": (0, total, "graded"),
        "eva": (without_code, total, "graded"),
        "finn": (total, total, "repaired"),
        "gus": (0, total, "failed"),
    }
    assert all(sum(line.groups.values()) == line.row.score for line in lines)
    assert len(questions) >= 12
    assert 0 < without_code < total
    text = (tmp_path / "out.txt").read_text()
    assert "\ngus: hands in a file that breaks off; quiz.ipynb: The notebook" in text
    printed = " ".join(text.split())
    assert "gus: collected, but unreadable: quiz.ipynb:" in printed
    assert len(list((tmp_path / "class" / "course" / "classroom" / "feedback").glob(f"*/{QUIZ}/quiz.html"))) == 7
    assert "breaks off" in printed
    assert "answer-1: 2 copies, one was kept" in printed
    assert (sorted(classroom.rglob("*")) if classroom.exists() else None) == before


@pytest.mark.slow
def test_a_plain_nbgrader_course_with_files_beside_its_assignments_is_played(tmp_path, sandboxed):
    """As `nbgrader quickstart` makes it: a header for all notebooks, manual questions, a notebook without code."""
    shutil.copytree(GUIDE / "source", tmp_path / "course" / "source", ignore=shutil.ignore_patterns("ps1_autotest"))
    settings = 'c = get_config()\nc.IncludeHeaderFooter.header = "source/header.ipynb"\n'
    (tmp_path / "course" / "nbgrader_config.py").write_text(settings)
    with (tmp_path / "out.txt").open("w") as file:
        lines = play(Course(tmp_path / "course"), None, Console(file=file, width=80))
    scores = {line.learner.name: line.row.score for line in lines}
    assert scores["ada"] > scores["ben"] > scores["cleo"] == 0
