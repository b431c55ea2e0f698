"""Answers that give a test nothing to compare, or no number to count, or stand in for what it compares with."""

# ruff: noqa: E501 (a cell's text stays in one string)

import pytest

from autograder.limits import Limits
from autograder.results import State
from tests.autograder.handed_in import (
    answer,
    assignment,
    given,
    outputs,
    released,
    scores,
    submission,
    test,
    with_solution,
)

NUMPY = given("s", "import numpy as np")


@pytest.fixture
def graded(grader):
    """Grades one submission of an assignment of which the instructor's own solution is known."""

    def run(cells, solution, answers, *extra):
        form = with_solution(assignment(*cells), {"a": solution})
        return grader.grade(form, released(form), submission(form, {"a": answers}, *extra))

    return run


# Nothing to compare

IDIOMS = [
    "assert (f(x) == y).all()",
    "assert (y == f(x)).all()",
    "assert all((f(x) == y).ravel())",
    "assert np.all(f(x) == y)",
    "assert not (f(x) != y).any()",
    "assert np.isclose(f(x), y).all()",
    "assert np.allclose(f(x), y)",
    "assert np.allclose(y, np.asarray(f(x)))",
    "assert np.linalg.norm(f(x) - y) < 1e-6",
    "assert np.sqrt(((np.array(f(x)) - y) ** 2).sum()) < 1e-6",
    "assert np.count_nonzero(f(x) != y) == 0",
    "assert (np.abs(f(x) - y) < 1e-6).all()",
    "assert np.abs(y - f(x)).sum() < 1e-6",
    "assert np.sum(np.abs(np.subtract(y, f(x)))) == 0",
    "np.testing.assert_allclose(f(x), y)",
    "np.testing.assert_array_equal(f(x), y)",
    "for got, wanted in zip(f(x), y):\n    assert (got == wanted).all()",
    "assert all(abs(a - b).max() < 1e-6 for a, b in zip(f(x), y))",
    "assert sum(np.any(row < 0) for row in f(x)) == 0",
    "assert set(np.ravel(f(x))) <= {2, 4, 6, 8}",
]


@pytest.mark.parametrize(
    "nothing", ["np.zeros((0,) + np.shape(x))", "np.zeros(np.shape(x) + (0,))", "[]", "np.zeros((0, 2))", "iter(())"]
)
def test_an_empty_answer_gets_no_points_in_any_way_of_comparing(graded, nothing):
    data = "x = np.array([[1.0, 2], [3, 4]])\ny = 2 * x\n"
    cells = [NUMPY, answer("a"), *(test(f"t{n}", data + line) for n, line in enumerate(IDIOMS))]
    double = "def f(x):\n    return 2 * x"
    right = graded(cells, double, double)
    assert (right.state, scores(right)) == (State.GRADED, [1] * len(IDIOMS))
    result = graded(cells, double, f"def f(x):\n    return {nothing}")
    assert {score for score in scores(result) if score is not None} <= {0}
    assert sum(score is None for score in scores(result)) <= 6
    assert all("please score it" in reason for reason in result.reasons)


@pytest.mark.slow
def test_an_empty_tensor_gets_no_points(graded):
    tests = [
        "assert tf.reduce_all(f(x) == 2 * x)",
        "assert bool(tf.reduce_all(tf.abs(f(x) - 2 * x) < 1e-6))",
        "assert np.allclose(f(x), 2 * x)",
        "assert float(tf.reduce_sum(tf.square(f(x) - 2 * x))) == 0",
    ]
    setup = "import tensorflow as tf\nimport numpy as np"
    cells = [
        given("s", setup),
        answer("a"),
        *(test(f"t{n}", f"x = tf.constant([[1.0, 2.0]])\n{line}") for n, line in enumerate(tests)),
    ]
    double = "def f(x):\n    return 2 * x"
    assert scores(graded(cells, double, double)) == [1] * 4
    for nothing in ("tf.constant([])", "tf.zeros((0, 2))", "tf.zeros((1, 0))"):
        assert {score for score in scores(graded(cells, double, f"def f(x):\n    return {nothing}")) if score} == set()


def test_an_empty_answer_that_is_right_gets_its_points(graded):
    cells = [
        NUMPY,
        answer("a"),
        test(
            "t",
            "assert f(np.zeros((0, 3))).shape == (0, 3)\nassert np.allclose(f(np.zeros((0, 3))), np.zeros((0, 3)))\nassert (f(np.zeros((0, 3))) == np.zeros((0, 3))).all()",
        ),
        test("u", "assert g([]) == [] and g('') == ''"),
    ]
    right = "def f(x):\n    return x * 2\ndef g(x):\n    return x[::-1]"
    result = graded(cells, right, right)
    assert (result.state, scores(result)) == (State.GRADED, [1, 1])
    assert scores(graded(cells, right, "def f(x):\n    return 1\ndef g(x):\n    return 1")) == [0, 0]


def test_empty_parts_and_texts_are_for_a_person_where_they_got_points(graded):
    cells = [
        answer("a"),
        test("t", "assert 'yes and no'.startswith(word())"),
        test("u", "assert all(n > 0 for part in parts() for n in part)"),
    ]
    right = "def word():\n    return 'yes'\ndef parts():\n    return [1], [2]"
    assert graded(cells, right, right).state is State.GRADED
    result = graded(cells, right, "def word():\n    return ''\ndef parts():\n    return [1], []")
    assert (result.state, scores(result)) == (State.NEEDS_REVIEW, [None, None])
    assert (
        "t: it got points, and a value that it asked for has nothing in it where the solution's has: please score it"
        in result.reasons
    )


def test_arrays_without_elements_are_ordinary_ones_to_what_a_test_makes_of_them(graded):
    work = "x = np.array([])\nx = np.append(x, f(1))\nassert x.tolist() == [1]\nassert np.concatenate([x, []]).shape == (1,)\nassert np.array([]).size == 0 and np.array([]).sum() == 0\nassert len(np.where(x > 5)[0]) == 0"
    same = "def f(x):\n    return x"
    assert scores(graded([NUMPY, answer("a"), test("t", work)], same, same)) == [1]


# No number to count

LAST = "sum(f(n) == n * n for n in (2, 3)) / 2"


@pytest.mark.parametrize(
    ("value", "score"),
    [
        ("n * n", 1),
        ("4", 0.5),
        ("0", 0),
        ("np.array([0])", None),
        ("np.zeros((3, 3))", None),
        ("np.array(n * n)", 1),
        ("np.float32(n * n)", 1),
    ],
)
def test_a_last_line_that_is_no_number_where_the_solutions_is_one_is_no_full_score(graded, value, score):
    cells = [NUMPY, answer("a"), test("t", LAST)]
    result = graded(cells, "def f(n):\n    return n * n", f"import numpy as np\ndef f(n):\n    return {value}")
    assert scores(result) == [score]
    assert (result.state is State.NEEDS_REVIEW) is (score is None)


@pytest.mark.parametrize(
    "last", ["np.testing.assert_equal(f(2), 4)", "f(2) == 4", "None", "[f(2)]", "print(f(2))", "np.array(f(2))"]
)
def test_a_last_line_that_is_no_number_for_the_solution_either_counts_as_with_nbgrader(graded, last):
    cells = [NUMPY, answer("a"), test("t", f"assert f(3) == 9\n{last}", points=2)]
    square = "def f(n):\n    return n * n"
    result = graded(cells, square, square)
    assert (result.state, scores(result)) == (State.GRADED, [2])


def test_nothing_at_the_end_is_no_full_score_where_the_solution_has_a_number(graded):
    cells = [answer("a"), test("t", "best = max((n for n in f(3) if n > 0), default=None)\nbest and best / 3")]
    result = graded(cells, "def f(n):\n    return list(range(n + 1))", "def f(n):\n    return [-1]")
    assert (result.state, scores(result)) == (State.NEEDS_REVIEW, [None])


def test_without_a_solution_an_object_at_the_end_is_for_a_person(attack):
    result = attack(
        [NUMPY, answer("a"), test("t", LAST)], {"a": "import numpy as np\ndef f(n):\n    return np.array([0])"}
    )
    assert (result.state, scores(result)) == (State.NEEDS_REVIEW, [None])


# Names of a test's own, and of the course's


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("try:\n    f(-1)\nexcept ValueError as error:\n    pass\nassert error is not None", "error"),
        (
            "try:\n    raise ValueError\nexcept ValueError as error:\n    seen = error\nassert seen.args == (1,)",
            "error",
        ),
        ("match f(1):\n    case [1, got]:\n        pass\nassert got == 5", "got"),
        ("match f(1):\n    case [1, *rest]:\n        pass\nassert rest == [5]", "rest"),
        ("match {'a': f(1)}:\n    case {'b': 1, **others}:\n        pass\nassert others == 5", "others"),
        ("match f(1):\n    case int() as number:\n        pass\nassert number == 5", "number"),
        ("for got in []:\n    pass\nassert got == 5", "got"),
        ("with open('/dev/null') as file:\n    pass\nassert file == 5", "file"),
        ("if (n := f(1)) and False:\n    m = 3\nassert m == 5", "m"),
    ],
)
def test_names_that_only_a_part_of_a_test_binds_are_never_the_students(attack, body, name):
    cells = [answer("a"), test("t", body)]
    forged = f"class Five(list):\n    args = (1,)\n{name} = [5] if {name!r} == 'rest' else 5\ndef f(n):\n    return [2]"
    assert scores(attack(cells, {"a": forged})) == [0]


def test_a_checker_imported_in_an_answer_cell_is_not_the_students(graded):
    handed_out = "from numpy.testing import assert_equal\n# YOUR CODE HERE\nraise NotImplementedError()"
    right = "from numpy.testing import assert_equal\ndef f(n):\n    return n * n"
    cells = [answer("a", handed_out), test("t", "assert_equal(f(3), 9)")]
    result = graded(cells, right, right)
    assert (result.state, scores(result)) == (State.GRADED, [1])
    for forged in ("def assert_equal(*a): pass", "assert_equal = print", "globals()['assert_equal'] = print"):
        assert scores(graded(cells, right, f"def f(n):\n    return 0\n{forged}")) == [0]
    result = graded(cells, right, f"{right}\ndef assert_equal(a, b):\n    assert a == b")
    assert (result.state, scores(result)) == (State.NEEDS_REVIEW, [1])
    assert "assert_equal is the course's" in result.reasons[0]


def test_a_name_that_the_solution_sets_anew_is_the_students(graded):
    handed_out = "from math import sqrt\n# YOUR CODE HERE\nraise NotImplementedError()"
    right = "from math import sqrt\ndef sqrt(x):\n    return x ** 0.5 + 1"
    cells = [answer("a", handed_out), test("t", "assert sqrt(4) == 3")]
    assert scores(graded(cells, right, right)) == [1]
    assert scores(graded(cells, right, "from math import sqrt")) == [0]


def test_a_checker_defined_in_an_answer_cell_is_not_the_students(graded):
    check = "def check(got, wanted):\n    assert got == wanted\n\n"
    cells = [
        answer("a", f"{check}def f(n):\n    # YOUR CODE HERE\n    raise NotImplementedError()"),
        test("t", "check(f(3), 9)"),
    ]
    right = f"{check}def f(n):\n    return n * n"
    result = graded(cells, right, right)
    assert (result.state, scores(result)) == (State.GRADED, [1])
    forged = graded(cells, right, "def check(*a):\n    pass\n\ndef f(n):\n    return 0")
    assert scores(forged) == [0]
    assert scores(graded(cells, right, "def f(n):\n    return n * n")) == [1]
    changed = graded(cells, right, right.replace("assert got == wanted", "assert wanted == got"))
    assert (changed.state, scores(changed)) == (State.NEEDS_REVIEW, [1])


def test_a_value_of_a_course_cell_that_cannot_run_beside_the_tests_is_not_silently_the_students(graded):
    cells = [
        given("s", "import sys\nwanted = 9 if 'autograder.sandbox.student' in sys.modules else 1 / 0\nlimit = 3"),
        answer("a"),
        test("t", "assert f(3) == wanted\nassert limit == 3"),
    ]
    right = "def f(n):\n    return n * n"
    for code in (right, "def f(n):\n    return 0\nimport sys\nsys.modules['__main__'].wanted = 0"):
        result = graded(cells, right, code)
        assert result.state is State.NEEDS_REVIEW
        for name, reason in zip(("limit", "wanted"), result.reasons, strict=True):
            assert reason.startswith(f"{name} is set by a cell of the course that can't run where the tests do (ZeroD")


# Work that takes for ever

BUILT = "import keras\nfrom keras import layers\nmodel = keras.Sequential([keras.Input((8, 8, 1)), {}, layers.GlobalAveragePooling2D()])\ndef one():\n    return 1"


@pytest.mark.slow
@pytest.mark.parametrize(
    "dear",
    [
        "layers.UpSampling2D(400), *[layers.Conv2D(64, 3, padding='same') for _ in range(8)]",  # much memory
        "layers.UpSampling2D(64), layers.Conv2D(64, 3), layers.Conv2D(64, 101, padding='same')",  # one long operation
    ],
)
def test_a_model_that_is_cheap_in_parameters_and_dear_to_compute_costs_its_own_test_only(limited, dear):
    cells = [
        answer("a"),
        test("t", "assert one() == 1"),
        test("u", "import numpy as np\nassert model(np.zeros((1, 8, 8, 1), 'float32')).shape == (1, 64)"),
        test("v", "assert one() == 1"),
        test("w", "assert model.layers"),
    ]
    form = assignment(*cells)
    grader = limited(Limits(cell=6, total=120))
    result = grader.grade(form, released(form), submission(form, {"a": BUILT.format(dear)}))
    assert scores(result) in ([1, 0, 1, 1], [1, None, 1, 1])  # too long, or more memory than there is
    assert outputs(result)[2][0]["ename"] in (
        "CellTimeoutError",
        "ResourceExhaustedError",
        "MemoryError",
        "NotRunError",
    )
