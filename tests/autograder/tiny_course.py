"""A tiny course of two questions, for the tests of the autograder."""

import json
import shutil
from functools import cache
from pathlib import Path

from nbgrader import api

from autograder.course.course import Course
from autograder.demo.learners import answered

# For each new gradebook nbgrader asks `alembic`, a program that takes a second, and it always says the same.
api.get_alembic_version = cache(api.get_alembic_version)

QUIZ = "01-tiny"
SECRET = "secret_expected_product"  # occurs in the hidden tests only

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "tiny"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "quizzes"
c.CourseDirectory.submitted_directory = "classroom/submitted"
c.CourseDirectory.autograded_directory = "classroom/autograded"
c.CourseDirectory.feedback_directory = "classroom/feedback"
c.CourseDirectory.db_url = "sqlite:///classroom/gradebook.db"
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "autograder.release.ClearAnswers",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Execute.skip_cells_with_tag = ""
c.Execute.timeout = 20
"""

ANSWER_1 = """### BEGIN SOLUTION
answer_1 = "B"
### END SOLUTION
print(answer_1)"""

TEST_1 = """assert answer_1
### BEGIN HIDDEN TESTS
from autograder.checks import choice
choice(answer_1, key="B", feedback={"A": "You may have forgotten the bias."})
### END HIDDEN TESTS"""

ANSWER_2 = """def product(a, b):
    ### BEGIN SOLUTION
    return a * b
    ### END SOLUTION"""

TEST_2 = f"""assert callable(product)
### BEGIN HIDDEN TESTS
from autograder.checks import Rubric
{SECRET} = 12345678
rubric = Rubric()
with rubric("whole numbers", points=2, hint="Multiply."):
    assert product(2, 6172839) == {SECRET}
with rubric("nothing", points=1, hint="What is zero times something?"):
    assert product(0, 5) == 0
rubric.score()
### END HIDDEN TESTS"""


def cell(name, source, kind="code", **nbgrader):
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    metadata = {"nbgrader": {**settings, "grade_id": name, **nbgrader}} if nbgrader else {}
    made = {"cell_type": kind, "id": name, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(*cells):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content).encode()


def tiny_source():
    return notebook(
        cell("question-1", "Which?", "markdown", locked=True),
        cell("answer-1", ANSWER_1, solution=True),
        cell("test-1", TEST_1, grade=True, locked=True, points=1),
        cell("answer-2", ANSWER_2, solution=True),
        cell("test-2", TEST_2, grade=True, locked=True, points=3),
    )


def make_course(root: Path, source: bytes | None = None) -> Course:
    (root / "solutions" / QUIZ).mkdir(parents=True)
    (root / "solutions" / QUIZ / "quiz.ipynb").write_bytes(source or tiny_source())
    (root / "nbgrader_config.py").write_text(CONFIG)
    return Course(root)


def solve(released: bytes, first: str | None = 'answer_1 = "B"', second: str | None = "return a * b") -> bytes:
    """The released quiz with the two answers filled in; None leaves one as it is."""
    texts = [first, second and f"def product(a, b):\n    {second}"]
    return answered(tiny_source(), released, lambda n, source: texts[n])


def copy_course(course: Course, to: Path) -> Course:
    shutil.copytree(course.root, to)
    return Course(to)
