"""What test cells may do, and what they get: run by the real engine, one warm process for all."""

# ruff: noqa: E501 (a cell's text stays in one string)

from collections.abc import Iterator

import nbformat
import pytest
from nbgrader import utils

from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from autograder.results import State
from tests.attacks.conftest import attack as run  # noqa: F401 - the same fixture under a kinder name
from tests.attacks.conftest import sandboxed  # noqa: F401
from tests.autograder.handed_in import answer, assignment, given, outputs, own, released, scores, submission, test


@pytest.fixture(scope="session")
def grader(sandboxed: None) -> Iterator[Grader]:  # noqa: F811
    with Grader() as grader:
        yield grader


def results(run, code, *tests):  # noqa: F811
    cells = [answer("a"), *(test(f"t{n}", source) for n, source in enumerate(tests))]
    return scores(run(cells, {"a": code}))


FUNCTIONS = """
def squares(n):
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i ** 2 for i in range(1, n + 1)]
def total(n):
    return sum(squares(n))
def apply(function, *values, **named):
    return function(*values, **named)
limit = 3
"""


@pytest.mark.parametrize(
    "source",
    [
        "assert squares(3) == [1, 4, 9]",
        "assert [squares(n)[-1] for n in range(1, 4)] == [1, 4, 9]",
        "assert {n: squares(n) for n in (1, 2)} == {1: [1], 2: [1, 4]}",
        "assert sum(len(squares(n)) for n in range(1, limit)) == 3",
        "for n in range(1, limit):\n    assert len(squares(n)) == n\nelse:\n    assert limit == 3",
        "def check(n):\n    def inner():\n        return squares(n)\n    return inner()\nassert check(2) == [1, 4]",
        "assert (lambda n: squares(n))(2) == [1, 4]",
        "class Check:\n    top = limit\n    found = squares(2)\n    def run(self):\n        return squares(self.top)\nassert Check().run() == [1, 4, 9] and Check.found == [1, 4]",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        with self.assertRaises(ValueError):\n            squares(0)\nassert unittest.TextTestRunner(stream=__import__('io').StringIO()).run(T('test')).wasSuccessful()",
        "try:\n    squares(0)\nexcept ValueError as error:\n    assert 'at least 1' in str(error)\nelse:\n    raise AssertionError",
        "try:\n    undefined\nexcept NameError:\n    pass\nelse:\n    raise AssertionError",
        "original = squares\ndel squares\ntry:\n    total(2)\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\nfinally:\n    squares = original\nassert total(2) == 5",
        "del limit\ntry:\n    limit\nexcept NameError:\n    pass\nelse:\n    raise AssertionError",
        "assert apply(squares, 2) == [1, 4]",
        "assert apply(squares, n=2) == [1, 4]",
        "limit_before = limit\nlimit = 10\nassert limit == 10 and limit_before == 3",
        "x = squares(3)\nx.append(1)\nassert squares(3) == [1, 4, 9]",
        "assert callable(squares) and squares.__name__ == 'squares'",
        "with open('note', 'w') as file:\n    file.write(str(limit))\nassert open('note').read() == '3'",
        "global_value = 1\ndef change():\n    global global_value\n    global_value = squares(2)[1]\nchange()\nassert global_value == 4",
        "from hashlib import sha1\nassert sha1(str(type(squares(1))).encode()).hexdigest() == '3fbe9b9e9a6e4b45e8ba5d5d6b3b54b3' or True",
        "%matplotlib inline\nassert limit == 3",
        "assert eval('limit') == 3 and sorted(squares(2), key=lambda v: -v) == [4, 1]",
    ],
)
def test_ordinary_test_cells_run_unchanged(run, source):  # noqa: F811
    assert results(run, FUNCTIONS, source) == [1]


def test_a_blank_answer_scores_nothing(run):  # noqa: F811
    cells = [answer("a", "value = None"), test("t", "assert value is not None"), test("u", "assert value is None")]
    assert scores(run(cells, {})) == [0, 1]


def test_names_of_a_test_stay_for_the_next_one_and_out_of_the_students_reach(run):  # noqa: F811
    cells = [
        answer("a"),
        test("t", "import json\nhelper_value = 5\nassert value == 1"),
        answer("b"),
        test("u", "assert json.dumps(helper_value) == '5'\nassert other == 'NameError'"),
    ]
    code = "try:\n    other = helper_value\nexcept NameError as error:\n    other = 'NameError'"
    assert scores(run(cells, {"a": "value = 1", "b": code})) == [1, 1]


def test_what_a_failed_test_would_have_set_is_not_taken_from_the_student(run):  # noqa: F811
    cells = [
        answer("a"),
        test("t", "assert value == 1\ndef right(x):\n    return x == 1\nfrom math import isclose"),
        test("u", "assert right(value)"),
        test("v", "assert isclose(value, 1)"),
    ]
    fake = "value = 2\ndef right(x):\n    return True\nisclose = lambda a, b: True"
    assert scores(run(cells, {"a": fake})) == [0, 0, 0]


def test_a_later_import_of_the_same_name_does_not_stand_in_for_the_students(run):  # noqa: F811
    cells = [
        answer("a"),
        test("t", "assert sqrt(2) == 4"),
        given("s", "from math import sqrt as root"),
        test("u", "assert sqrt(2) == 4\nfrom math import sqrt\nassert sqrt(4) == 2"),
        test("v", "assert sqrt(4) == 2"),
    ]
    assert scores(run(cells, {"a": "def sqrt(x):\n    return x * x"})) == [1, 1, 1]
    assert scores(run(cells, {"a": "def sqrt(x):\n    return 0"})) == [0, 0, 1]
    assert scores(run(cells, {})) == [0, 0, 1]


def test_a_variable_may_change_between_tests(run):  # noqa: F811
    cells = [answer("a"), test("t", "assert value == 1"), answer("b"), test("u", "assert value == 2")]
    assert scores(run(cells, {"a": "value = 1", "b": "value = value + 1"})) == [1, 1]


def test_the_students_helper_cells_and_the_courses_cells_run_in_order(run):  # noqa: F811
    cells = [
        given("s", "base = 10"),
        answer("a"),
        given("g", "doubled = [2 * v for v in values()]"),
        test("t", "assert doubled == [20, 22]"),
    ]
    assert scores(run(cells, {"a": "def values():\n    return [base, base + step]"}, own("step = 1"))) == [1]


def test_numpy_values_cross(run):  # noqa: F811
    code = "import numpy as np\ndef f(x):\n    return {'mean': x.mean(), 'shape': x.shape, 'x': x + 1}\ny = np.float32(3)\nb = np.bool_(True)"
    tests = [
        "import numpy as np\nr = f(np.ones((2, 3)))\nnp.testing.assert_array_equal(r['x'], 2)\nassert r['shape'] == (2, 3) and r['mean'] == 1",
        "import numpy as np\nassert type(y) is np.float32 and y == 3 and b",
        "assert np.isclose(y, 3)",  # np comes from the answer cell alone
    ]
    assert results(run, code, *tests) == [1, 1, 1]


def test_exceptions_of_the_students_own_can_be_expected(run):  # noqa: F811
    code = "class TooSmall(ValueError):\n    pass\ndef f(x):\n    raise TooSmall(f'{x} is too small')\ndef g():\n    b'\\xff'.decode()"
    tests = [
        "try:\n    f(1)\nexcept TooSmall as error:\n    assert '1 is too small' in str(error)",
        "try:\n    f(1)\nexcept ValueError:\n    pass",
        "try:\n    g()\nexcept ValueError:\n    pass",
    ]
    assert results(run, code, *tests) == [1, 1, 1]


def test_literal_answers_start_no_sandbox(sandboxed):  # noqa: F811
    form = assignment(
        given("s", "import numpy as np\nfrom companion import answered"),
        answer("a", 'answer_1 = ""'),
        test(
            "t", "answered('answer_1', answer_1, 'AB')\nfrom autograder.checks import choice\nchoice(answer_1, key='B')"
        ),
    )
    with Grader() as grader:
        result = grader.grade(form, released(form), submission(form, {"a": 'answer_1 = "B"\nprint("unseen")'}))
        assert scores(result) == [1]
        assert result.state is State.GRADED
        assert not grader._sandboxes


def test_only_what_a_test_needs_is_run_but_all_for_a_person_who_scores(run):  # noqa: F811
    cells = [answer("a"), test("t", "assert value == 1"), answer("b")]
    answers = {"a": "value = 1 + 0\nprint('first')", "b": "print('second')"}
    assert outputs(run(cells, answers))[2] == []
    manual = [*cells[:2], answer("b", grade=True, points=2)]
    result = run(manual, answers)
    assert outputs(result)[2][0]["text"] == "second\n"
    assert scores(result) == [1, None]
    assert result.state is State.NEEDS_REVIEW
    assert scores(run(manual, {"a": "value = 1"})) == [1, 0]  # left as it was handed out


def test_a_marked_test_runs_with_the_student(run):  # noqa: F811
    cells = [
        answer("a"),
        test("t", "stack = Stack()\nstack.push(1)\nassert stack.pop() == 1\n0.5", tags=("run-with-student",)),
        test("u", "assert Stack().pop() == 1"),
    ]
    code = "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n    def pop(self): return self.items.pop()"
    result = run(cells, {"a": code})
    assert scores(result) == [0.5, None]


def test_files_of_the_course_are_there_for_tests_and_students(grader):
    form = assignment(
        answer("a"),
        test("t", "assert read() == open('data.txt').read() == 'of the course'"),
        files={"data.txt": b"of the course"},
    )
    code = {"a": "def read():\n    return open('data.txt').read()"}
    result = grader.grade(form, released(form), submission(form, code, files={"data.txt": b"forged"}))
    assert scores(result) == [1]


@pytest.mark.parametrize("code", [FUNCTIONS, "def squares(n): return 0", "raise OSError", "squares = 5", ""])
def test_nbgrader_reads_the_same_scores_from_the_graded_notebook(run, code):  # noqa: F811
    cells = [
        answer("a"),
        test("t", "assert squares(2) == [1, 4]", points=2),
        test("u", "print('x')\nassert squares(2)\n1.5", points=2),
        answer("m", "text", kind="markdown", grade=True, points=3),
        answer("n", grade=True, points=3),
    ]
    result = run(cells, {"a": code, "m": "an essay", "n": "1"})
    notebook = nbformat.reads(result.notebooks[0].graded.decode(), as_version=4)
    nbformat.validate(notebook)
    stock = [utils.determine_grade(cell)[0] for cell in notebook.cells if utils.is_grade(cell)]
    assert stock == scores(result)


def test_a_test_that_the_notebooks_time_does_not_reach_scores_nothing(sandboxed):  # noqa: F811
    form = assignment(answer("a"), test("slow", "import time\ntime.sleep(1.5)"), test("late", "assert limit == 3"))
    with Grader(Limits(total=1.0)) as impatient:
        result = impatient.grade(form, released(form), submission(form, {"a": "limit = 3"}))
    assert scores(result) == [1, 0]
    assert result.notebooks[0].cells[1].messages == (
        "not yet: The notebook took too long as a whole and was stopped here.",
    )
