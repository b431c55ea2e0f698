"""Processes that are killed while a submission is graded: whoever kills them from outside costs no student points."""

import os
import re
import signal
import threading
import time

import pytest

from autograder.engines.sandbox import Grader
from autograder.results import State
from tests.autograder.handed_in import answer, assignment, released, scores, submission, test
from tests.autograder.processes import of_kind

FORM = assignment(
    answer("a"), test("t", "assert f(1) == 1"), test("u", "assert f(2) == 2"), test("v", "assert f(3) == 4", points=2)
)
ANSWERS = {"a": "import time\ntime.sleep(0.5)\ndef f(x):\n    time.sleep(0.2)\n    return x"}


@pytest.fixture(scope="module")
def grader(sandboxed):
    with Grader() as grader:
        yield grader


def grade(grader, answers=None, form=FORM):
    return grader.grade(form, released(form), submission(form, answers or ANSWERS))


def kill(kind, times, done):
    """SIGKILL so many processes of a kind, each when a student's process is at work, until `done`."""
    seen = set()
    while len(seen) < times and not done.is_set():
        students = of_kind(os.getpid(), "student")
        found = sorted(of_kind(os.getpid(), kind) - seen, reverse=True) if students else []
        for pid in found[: times - len(seen)]:  # the youngest first: the one that is at work
            os.kill(pid, signal.SIGKILL)
            seen.add(pid)
        time.sleep(0.01)


@pytest.fixture
def killed(grader):
    """Grade while so many processes of a kind are killed."""

    def run(kind, times):
        done = threading.Event()
        killer = threading.Thread(target=kill, args=(kind, times, done))
        killer.start()
        try:
            return grade(grader)
        finally:
            done.set()
            killer.join()

    return run


@pytest.mark.parametrize("kind", ["evaluator", "zygote", "watchdog", "student"])
def test_one_killed_process_changes_nothing(killed, kind):
    result = killed(kind, 1)
    assert (result.state, scores(result)) == (State.GRADED, [1, 1, 0])


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("student", "killed from outside"),
        ("watchdog", "ended without a word"),
        ("evaluator", "was killed|process ended"),
    ],
)
def test_what_is_killed_again_and_again_is_not_run_and_says_why(killed, kind, reason):
    result = killed(kind, 99)
    assert result.state is State.NOT_RUN
    assert re.search(reason, result.reasons[0])


def test_a_student_who_ends_the_own_process_pays_for_it(grader):
    result = grade(grader, {"a": "def f(x):\n    import os\n    os._exit(9) if x == 2 else None\n    return x"})
    assert (result.state, scores(result)) == (State.FAILED, [1, 0, 0])


@pytest.mark.parametrize("crash", ["ctypes.string_at(0)", "os.abort()", "os.kill(os.getpid(), signal.SIGSEGV)"])
def test_a_test_that_crashes_each_time_is_left_to_a_person(grader, crash):
    source = f"import ctypes, os, signal\nif f(2) == 2:\n    {crash}"
    form = assignment(answer("a"), test("t", "assert f(1) == 1"), test("u", source), test("v", "assert f(3) == 3"))
    result = grade(grader, {"a": "def f(x):\n    return x"}, form)
    assert (result.state, scores(result)) == (State.NEEDS_REVIEW, [1, None, 1])
    assert any("u: it broke the process" in reason for reason in result.reasons)
