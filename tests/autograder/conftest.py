"""Fixtures of the tiny course."""

import os

import pytest

from autograder.course.assignment import load_assignment, released_files
from autograder.engines import why_no_sandbox
from tests.autograder.tiny_course import QUIZ, make_course


@pytest.fixture(scope="session")
def sandboxed():
    """Skips where students' code can't be shut in, but never in CI."""
    reason = why_no_sandbox()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must have a sandbox: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The tiny quiz as learners get it."""
    return released_files(make_course(tmp_path_factory.mktemp("released")), QUIZ)["quiz.ipynb"]


@pytest.fixture(scope="session")
def graded_form(tmp_path_factory):
    """The tiny quiz with cleared answers and its hidden tests."""
    return load_assignment(make_course(tmp_path_factory.mktemp("form")), QUIZ)[0].notebooks["quiz"]
