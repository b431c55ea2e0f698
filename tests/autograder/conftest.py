"""Fixtures of the tiny course."""

import os

import pytest

from autograder.course.assignment import load_assignment, released_files
from autograder.engines import why_no_sandbox
from tests.autograder.tiny_course import QUIZ, make_course
from tests.autograder.warm import Warm


@pytest.fixture(scope="session")
def sandboxed():
    """Skips where students' code can't be shut in, but never in CI."""
    reason = why_no_sandbox()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must have a sandbox: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def _warm(sandboxed):
    warm = Warm()
    yield warm
    warm.close()


@pytest.fixture(scope="module")
def warm(_warm):
    """Batches share their warm processes: for files that test what is recorded and said, not how it is run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.engines.why_no_sandbox", lambda: "")  # it was just tried
        patch.setattr("autograder.grade.levels.Grader", _warm.grader)
        patch.setattr("autograder.grade.run.WorkerProcess", _warm.worker)
        yield


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
