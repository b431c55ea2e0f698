"""The lint for test cells that can't run apart from the student's code."""

import pytest

from autograder.engines.sandbox import Grader
from autograder.notebook.cells import read_cells
from autograder.release import crossing
from autograder.results import Submission
from tests.attacks.conftest import sandboxed  # noqa: F401
from tests.autograder.handed_in import answer, assignment, given, notebook, released, submission, test, with_solution

ANSWER = """
def f(x):
    return x
class Stack:
    pass
class OwnError(ValueError):
    pass
def sum(x):
    return 0
n = 1
"""


def advice(source, *, tags=(), answered=ANSWER):
    cells = [given("s", "n = 0"), answer("a", answered), test("t", source, tags=tags)]
    return [text for _, text in crossing.advice(read_cells(notebook(*cells)))]


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("assert Stack().pop() == 1", "class Stack have no plain form"),
        ("assert f(lambda x: x)(1) == 1", "function of the test's"),
        ("def g(x):\n    return x\nassert f(function=g)", "function of the test's"),
        ("assert sum([1]) == 1", "a name of Python's own"),
        ("assert n == 1", "Use two names"),
        ("try:\n    f(1)\nexcept:\n    pass", "bare `except`"),
        ("f(1)", "no score"),
    ],
)
def test_what_cannot_cross_is_named(source, part):
    [text] = advice(source)
    assert part in text


@pytest.mark.parametrize(
    "source", ["assert f(1) == 1", "try:\n    f(1)\nexcept OwnError:\n    pass", "n = 5\nassert n", ""]
)
def test_what_can_cross_is_not(source):
    assert advice(source) == []


def test_a_marked_cell_may_do_all_that():
    assert advice("assert Stack().pop() == 1", tags=("run-with-student",)) == []


def test_a_solution_that_does_not_get_all_points_is_a_shortfall(sandboxed):  # noqa: F811
    form = assignment(answer("a"), test("t", "assert f(1) == 1"), test("u", "assert isinstance(Stack(), object)"))
    source = notebook(answer("a", ANSWER), test("t", ""), test("u", ""))
    solution = Submission("solution", "quiz", {"quiz.ipynb": source})
    with Grader() as grader:
        [(notebook_name, cell, text)] = crossing.shortfalls(grader, form, released(form), solution)
    assert (notebook_name, cell) == ("quiz.ipynb", "u")
    assert text.startswith("the solution itself gets 0 of 1 points. Uncrossable: A value of type Stack")
    assert "Test functions that return plain values" in text


def test_a_test_that_is_content_with_nothing_is_named(sandboxed):  # noqa: F811
    answers = {"a": "import numpy as np\ndef f(x):\n    return 2 * np.asarray(x)\ndef g(x):\n    return x"}
    cells = [
        given("s", "import numpy as np"),
        answer("a"),
        test("shape", "assert np.array_equal(f([1, 2]), [2, 4])"),
        test("guarded", "assert (f([1, 2]) == np.array([2, 4])).all()"),
        test("loop", "for got in f([1, 2]):\n    assert got > 0"),
        test("all", "assert all(got > 0 for got in f([1, 2]))"),
        test("empty", "assert g([]) == []"),
        test("text", "assert 'abc'.startswith(g('a'))"),
        test("last", "assert g(1) == 1\nsum(f([1, 2]))"),
    ]
    form = with_solution(assignment(*cells), answers)
    with Grader() as grader:
        assert crossing.shortfalls(grader, form, released(form), submission(form, answers)) == []
        found = crossing.content_with_nothing(grader, form)
    assert [cell for _, cell, _ in found] == ["loop", "all", "text"]
    assert all("nothing in it" in text for _, _, text in found)
