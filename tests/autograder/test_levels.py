"""Levels: how far each test is kept from the student's code, found with the solution, and what holds at each."""

import json
import types
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from autograder.engines.levels import failures, said
from autograder.engines.probe import Probed
from autograder.engines.sandbox import Grader
from autograder.results import State
from autograder.trusted.level import Level
from autograder.trusted.session import Session, StudentEndedError
from autograder.trusted.write_back import may_change, write_back, write_back_call
from autograder.wire.frames import Uncrossable
from tests.attacks.conftest import sandboxed  # noqa: F401
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

POINT = """
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)
    def moved(self, by):
        return Point(self.x + by, self.y + by)
"""


@pytest.fixture(scope="module")
def grader(sandboxed):  # noqa: F811
    with Grader() as grader:
        yield grader


def solved(answers, *tests, before=()):
    """An assignment whose answer cells have a solution."""
    return with_solution(assignment(*before, *map(answer, answers), *tests), answers)


def graded(grader, form, answers):
    return grader.grade(form, released(form), submission(form, answers))


def levels(grader, form):
    return grader.probed(form, "quiz").levels


# ------------------------------------------------------------------------------------------ how they are found


def test_each_test_gets_the_strictest_level_that_the_solution_passes(grader):
    answers = {"a": f"{POINT}\ndef double(x): return 2 * x\ndef sort(items): items.sort()\ndef ask(): return input()"}
    form = solved(
        answers,
        test("plain", "assert double(2) == 4"),
        test("changed", "items = [2, 1]\nsort(items)\nassert items == [1, 2]"),
        test("object", "assert Point(1, 2).moved(1).x == 2"),
        test(
            "input",
            "from unittest.mock import patch\nwith patch('builtins.input', str):\n    assert ask() == ''",
        ),
    )
    assert levels(grader, form) == {
        "plain": Level.APART,
        "changed": Level.WRITTEN_BACK,
        "object": Level.HANDLES,
        "input": Level.WITH_STUDENT,
    }
    assert scores(graded(grader, form, answers)) == [1, 1, 1, 1]
    wrong = {
        "a": "class Point:\n    def __init__(self, x, y): self.x = x\n    def moved(self, by): return self\n"
        "def double(x): return x\ndef sort(items): items.reverse(); items.append(3)\ndef ask(): return 'b'"
    }
    result = graded(grader, form, wrong)
    assert scores(result) == [0, 0, 0, 0]
    assert result.state is State.GRADED


def test_a_test_that_needs_what_an_earlier_one_did_takes_that_one_along_and_no_other(grader):
    answers = {
        "a": "names = []\ndef count(): return len(names)",
        "b": "half = size / 2",
    }
    form = solved(
        answers,
        test("other", "assert count() == 0"),
        test("first", "names.append('x')"),
        test("second", "assert names == ['x']"),
    )
    assert levels(grader, form) == {
        "other": Level.APART,
        "first": Level.WITH_STUDENT,
        "second": Level.WITH_STUDENT,
    }
    cells = [test("sets", "size = 4"), test("not", "number = 3"), answer("b"), test("reads", "assert half == 2")]
    form = with_solution(assignment(*cells), answers)
    assert levels(grader, form) == {"sets": Level.WITH_STUDENT, "not": Level.APART, "reads": Level.WITH_STUDENT}


def test_a_test_of_a_function_with_a_name_of_pythons_tests_the_students(grader):
    answers = {
        "a": "def sum(items):\n    return 'the sum of ' + repr(items)",
        "b": "def max(items): return sorted(items)[-1]",
    }
    form = solved(
        answers,
        test("t", "assert sum([1]) == 'the sum of [1]'"),
        test("u", "assert max([1, 3, 2]) == 3"),
        test("v", "1"),
    )
    assert levels(grader, form) == {"t": Level.WITH_STUDENT, "u": Level.WITH_STUDENT, "v": Level.APART}
    assert scores(graded(grader, form, {"a": answers["a"], "b": "def max(items): return items[0]"})) == [1, 0, 1]


def test_a_tag_fixes_the_level(grader):
    answers = {"a": POINT}
    source = "assert Point(1, 2).x == 1"
    form = solved(answers, *(test(level.name, source, tags=(level.tag,)) for level in Level))
    assert levels(grader, form) == {level.name: level for level in Level}
    assert scores(graded(grader, form, answers)) == [None, None, 1, 1]


def test_what_the_solution_does_not_pass_at_any_level_is_for_a_person(grader):
    answers = {"a": "n = 3"}
    form = solved(answers, test("t", "assert n == 4, 'four'"), test("u", "assert n == 3"), test("part", "n / 6"))
    result = graded(grader, form, answers)
    assert scores(result) == [None, 1, 0.5]
    assert result.state is State.NEEDS_REVIEW
    [reason] = result.reasons
    assert reason == "t: the instructor's own solution fails it too (AssertionError: four): please score it"
    [text] = failures({"quiz": grader.probed(form, "quiz")})
    assert text.startswith("quiz.ipynb, t: the instructor's own solution fails it too, so a person has to score it")


def test_a_source_without_answers_says_nothing_of_its_tests(grader):
    form = with_solution(assignment(answer("a"), test("t", "assert n == 3")), {})
    assert grader.probed(form, "quiz") is None
    assert scores(graded(grader, form, {"a": "n = 3"})) == [1]
    assert scores(graded(grader, form, {"a": "n = 4"})) == [0]


def test_a_solution_that_takes_too_long_is_tried_once(sandboxed, monkeypatch):  # noqa: F811
    from autograder.limits import Limits

    answers = {"a": "def f():\n    while True: pass"}
    form = solved(answers, test("t", "f()"))
    with Grader(Limits(cell=1, total=30)) as grader:
        runs = []
        run = grader._run
        monkeypatch.setattr(grader, "_run", lambda *args, **named: runs.append(1) or run(*args, **named))
        assert "CellTimeoutError" in grader.probed(form, "quiz").failed["t"]
    assert len(runs) == 1


def test_what_is_said_of_the_levels():
    found = {"quiz": Probed({"a": Level.APART, "b": Level.HANDLES, "c": Level.WITH_STUDENT, "d": Level.HANDLES})}
    assert said(found).startswith(
        "How far tests are kept from the learners' code: 1 of 4 quite apart; objects are asked where they are: b, d; "
        "in one process: c. These are the strictest ways in which the solution passes;"
    )
    assert said({"quiz": Probed({"a": Level.APART})}) == "All tests (1) run apart from the learners' code."
    assert said({}) == ""


def test_what_was_found_can_be_written_down():
    from dataclasses import asdict

    found = Probed({"a": Level.HANDLES}, {"b": "NameError: x"}, {"a": ["eq"]})
    assert Probed.read(json.loads(json.dumps(asdict(found)))) == found


# ------------------------------------------------------------------------------------------ a limit is nobody's fault


@pytest.mark.parametrize(
    "value",
    [
        "Point(1, 2)",
        "[Point(1, 2)]",
        "(i for i in [Point(1, 2)])",
        "np.random.default_rng()",
        "re.match('a', 'a')",
    ],
)
def test_what_can_not_be_handed_over_costs_no_points_and_names_itself(grader, value):
    form = assignment(answer("a"), test("t", "assert list(f()) == [1]"), test("u", "assert g() == 1"))
    result = graded(
        grader, form, {"a": f"import re\nimport numpy as np\n{POINT}\ndef f(): return {value}\ndef g(): return 1"}
    )
    assert scores(result) == [None, 1]
    [reason] = result.reasons
    assert reason.startswith("t: it asked for what can't be handed over (A value of type ")


@pytest.mark.parametrize("value", ["dict.fromkeys(range(30_000))", "[0] * 2_000_000", "nested(60)"])
def test_a_value_that_is_too_large_costs_no_points_either(grader, value):
    form = assignment(answer("a"), test("t", "assert list(f()) == [1]"), test("u", "assert g() == 1"))
    nested = "def nested(n): return [nested(n - 1)] if n else []"
    result = graded(grader, form, {"a": f"{nested}\ndef f(): return {value}\ndef g(): return 1"})
    assert scores(result) == [None, 1]
    [reason] = result.reasons
    assert "to hand over" in reason


def test_an_argument_that_is_too_large_ends_nothing(grader):
    answers = {"a": "def depth(items): return 1 + max(map(depth, items), default=0)\ndef g(): return 1"}
    nested = "items = []\nfor _ in range(99): items = [items]\nassert depth(items) == 100"
    form = solved(answers, test("t", nested), test("u", "assert g() == 1"))
    assert levels(grader, form) == {"t": Level.WITH_STUDENT, "u": Level.APART}
    assert scores(graded(grader, form, answers)) == [1, 1]


def test_a_name_of_a_tests_that_the_students_code_reads_costs_no_points(grader):
    answers = {"a": "def size(items): return len(items)"}
    form = solved(
        answers, test("t", "items_ = [1, 2]\nassert size(items_) == 2"), test("u", "n = size([])\nassert n == 0")
    )
    assert scores(graded(grader, form, answers)) == [1, 1]
    result = graded(grader, form, {"a": "def size(items): return len(items_)"})
    assert scores(result) == [None, None]
    assert "the student's code reads items_, which only a test sets" in result.reasons[0]
    assert scores(graded(grader, form, {"a": "def size(items): return n"})) == [0, 0]


def test_nor_does_it_where_a_check_catches_the_error(grader):
    rubric = "from autograder.checks import Rubric\nrubric = Rubric()\nitems_ = [1, 2]\n"
    check = f"{rubric}with rubric('size', hint='?'):\n    assert size(items_) == 2\nrubric.score()"
    form = solved({"a": "def size(items): return len(items)"}, test("t", check))
    result = graded(grader, form, {"a": "def size(items): return len(items_)"})
    assert scores(result) == [None]
    assert "the student's code reads items_, which only a test sets" in result.reasons[0]
    assert scores(graded(grader, form, {"a": "def size(items): return len(itemz)"})) == [0]


@pytest.mark.parametrize(
    ("own", "made"),
    [
        ("class Pair(namedtuple('Pair', 'x y')):\n    __slots__ = ()", "Pair(1, 2)"),
        ("class Pair(list):\n    x = property(lambda self: self[0])", "Pair([1, 2])"),
        ("class Pair(dict):\n    __getattr__ = dict.get", "Pair(x=1)"),
        ("class Pair(float):\n    x = 1", "Pair(2)"),
        ("class Pair(str, Enum):\n    ONE = 'one'\n    x = 1", "Pair.ONE"),
    ],
)
def test_a_value_of_an_own_class_that_adds_to_pythons_costs_no_points(grader, own, made):
    given_ = "from collections import namedtuple\nfrom enum import Enum"
    form = solved(
        {"a": "Pair = namedtuple('Pair', 'x y')\ndef f(): return Pair(1, 2)"},
        test("t", "assert f().x == 1"),
        test("u", "assert f() is not None"),
        before=(given("s", given_),),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    result = graded(grader, form, {"a": f"{own}\ndef f(): return {made}"})
    assert scores(result) == [None, 1]
    assert "more than the content of a Pair, a class of the student's own" in result.reasons[0]


def test_an_operator_of_an_own_class_costs_no_points(grader):
    form = solved(
        {"a": "import numpy as np\ndef f(): return np.array([1, 2])"},
        test("t", "assert list(f() + f()) == [2, 4]"),
        test("u", "assert len(f()) == 2"),
    )
    vector = "class Vector(list):\n    def __add__(self, other): return [a + b for a, b in zip(self, other)]"
    result = graded(grader, form, {"a": f"{vector}\ndef f(): return Vector([1, 2])"})
    assert scores(result) == [None, 1]
    assert "more than the content of a Vector, a class of the student's own" in result.reasons[0]


def test_a_value_that_can_not_be_handed_over_is_no_error_that_a_test_expects(grader):
    source = "try:\n    f()\nexcept TypeError:\n    pass\nelse:\n    assert False"
    answers = {"a": "def f(): raise TypeError"}
    form = solved(answers, test("t", source))
    assert scores(graded(grader, form, answers)) == [1]
    assert scores(graded(grader, form, {"a": f"{POINT}\ndef f(): return Point(1, 2)"})) == [None]


def test_a_test_that_can_do_without_such_a_value_with_the_solution_too_keeps_its_points(grader):
    answers = {"a": f"{POINT}\ndef f(): return Point(1, 2)\ndef g(): return 1"}
    source = "try:\n    f()\nexcept Exception:\n    pass\nassert g() == 1"
    form = solved(answers, test("t", source, tags=(Level.APART.tag,)))
    assert scores(graded(grader, form, answers)) == [1]
    assert scores(graded(grader, form, {"a": answers["a"].replace("return 1", "return 2")})) == [None]


# ------------------------------------------------------------------------------------------ written back


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([3, 1], [1, 3]),
        ([1], []),
        ({"a": 1, "b": 2}, {"b": 2, "c": 3}),
        ({1}, {1, 2}),
        (bytearray(b"a"), b"bc"),
        ([[1, 2], {"k": [1]}], [[0, 2], {"k": [1, 2]}, 5]),
        (([1],), ([2],)),
        (types.SimpleNamespace(a=[1], b=2), types.SimpleNamespace(a=[1, 2])),
    ],
)
def test_a_changed_argument_is_changed_in_place(old, new):
    parts = [part for part in old if isinstance(part, list)] if isinstance(old, list | tuple) else []
    assert may_change(old)
    assert write_back(old, new) is old
    assert old == new
    assert all(any(part is now for now in old) for part in parts), "parts stay the same objects"


def test_an_array_is_filled_and_keeps_its_shape():
    array = np.zeros((2, 2))
    assert write_back(array, np.ones((2, 2))) is array
    assert array.sum() == 4
    with pytest.raises(Uncrossable, match="another shape"):
        write_back(array, np.ones(3))


def test_a_masked_array_is_filled_with_its_gaps():
    array = np.ma.MaskedArray([1, 2, 3], mask=[True, False, False])
    write_back(array, np.ma.MaskedArray([1, 2, 3], mask=[False, True, False]))
    assert array.mask.tolist() == [False, True, False]


FRAME = pd.DataFrame({"a": [2, 1], "b": ["x", None]}, index=pd.Index(["u", "v"], name="key"))


@pytest.mark.parametrize(
    "new",
    [
        FRAME.sort_values("a"),
        FRAME.drop(columns="b"),
        FRAME.reset_index(),
        FRAME.assign(a=FRAME["a"] / 2),
        FRAME.assign(c=pd.Categorical(["p", "q"], ordered=True)),
        FRAME.set_index(["a", "b"]),
        FRAME.drop(index=["u", "v"]),
    ],
)
def test_a_table_becomes_what_it_is_now_and_stays_the_same_object(new):
    old = FRAME.copy()
    old.attrs["source"] = "here"
    old["a"].sum()  # what a table remembers is forgotten
    assert may_change(old)
    assert write_back([old], [new])[0] is old
    pd.testing.assert_frame_equal(old, new, check_freq=True, check_column_type=True)
    assert old.attrs == {"source": "here"}
    old["new"] = 1
    assert "new" not in new


def test_so_do_a_column_and_a_sparse_array():
    column, matrix = FRAME["a"].copy(), sparse.csr_array(np.eye(2))
    write_back([column, matrix], [pd.Series([0.5], index=[3], name="c"), sparse.csr_array(np.ones((2, 3)))])
    pd.testing.assert_series_equal(column, pd.Series([0.5], index=[3], name="c"))
    assert matrix.toarray().tolist() == np.ones((2, 3)).tolist()


def test_what_a_result_shares_with_arguments_is_the_tests_own():
    one, two = [1], {"k": [2]}
    grid, other = [one, two], [[3]]
    new_one, new_two = [1, 0], {"k": [2]}
    now = [[new_one, new_two, new_one], [[3]]]
    result = write_back_call([grid, other], now, (now[0], [new_two["k"], now[1][0], [9]]))
    assert grid == [[1, 0], {"k": [2]}, [1, 0]]
    assert grid[0] is grid[2] is one
    assert grid[1] is two
    assert result[0] is grid
    assert result[1] == [[2], [3], [9]]
    assert result[1][0] is two["k"]
    assert result[1][1] is other[0]


def test_rows_that_were_one_and_are_no_more_are_kept_apart():
    row = [0]
    grid = [row, row]
    write_back(grid, [[1], [2]])
    assert grid == [[1], [2]]


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("return frame.sort_values('a')", 1),
        ("frame = frame.copy()\n    frame.sort_values('a', inplace=True)\n    return frame", 1),
        ("frame.sort_values('a', inplace=True)\n    return frame", 0),
        ("frame.sort_values('a', inplace=True)\n    return frame.copy()", 0),
        ("frame['c'] = 0\n    return frame.sort_values('a').drop(columns='c')", 0),
    ],
)
def test_a_test_sees_that_a_table_that_it_gave_away_is_as_it_was(grader, answer, score):
    pandas = "import pandas as pd\n"
    frame = f"{pandas}frame = pd.DataFrame({{'a': [2, 1]}}, index=['x', 'y'])\nbefore = frame.copy()\n"
    form = solved(
        {"a": f"{pandas}def ordered(frame): return frame.sort_values('a')"},
        test("t", f"{frame}assert list(ordered(frame)['a']) == [1, 2]\nassert frame.equals(before)"),
        test("u", f"{frame}assert list(ordered(frame).index) == ['y', 'x']"),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": f"{pandas}def ordered(frame):\n    {answer}"})) == [score, 1]


def test_a_table_that_a_function_is_to_change_is_changed(grader):
    answers = {"a": "def halve(frame): frame['a'] /= 2"}
    source = "import pandas as pd\nit = pd.DataFrame({'a': [2, 1]})\nhalve(it)\nassert it['a'].tolist() == [1.0, 0.5]"
    form = solved(answers, test("t", source))
    assert levels(grader, form) == {"t": Level.WRITTEN_BACK}
    assert scores(graded(grader, form, answers)) == [1]
    assert scores(graded(grader, form, {"a": "def halve(frame): frame['a'] = 0"})) == [0]


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("import copy\n    return copy.deepcopy(grid)", 1),
        ("return [row[:] for row in grid]", 1),
        ("return list(grid)", 0),
        ("return grid[:1] + [grid[1][:]]", 0),
        ("return grid", 0),
    ],
)
def test_a_test_sees_that_a_copy_is_a_shallow_one(grader, answer, score):
    form = solved(
        {"a": "def copied(grid): return [row[:] for row in grid]"},
        test("t", "grid = [[1], [2]]\nother = copied(grid)\nother[0].append(3)\nassert grid == [[1], [2]]"),
        test("u", "grid = [[1], [2]]\nassert copied(grid) == grid"),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": f"def copied(grid):\n    {answer}"})) == [score, 1]


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("return sorted(items)", 1),
        ("items.sort()\n    return items[:]", 0),
        ("items.sort()\n    return items", 0),
        ("items = items[:]\n    items.sort()\n    return items", 1),
        ("return [items.pop(items.index(min(items))) for _ in range(len(items))]", 0),
    ],
)
def test_a_test_sees_that_what_it_gave_away_is_as_it_was(grader, answer, score):
    form = solved(
        {"a": "def ordered(items): return sorted(items)"},
        test("t", "items = [2, 1]\nassert ordered(items) == [1, 2]\nassert items == [2, 1]"),
        test("u", "assert ordered([2, 1]) == [1, 2]"),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": f"def ordered(items):\n    {answer}"})) == [score, 1]


def test_a_test_sees_that_a_copy_is_none(grader):
    form = solved(
        {"a": "def copied(items): return list(items)\ndef same(items): return items"},
        test("t", "items = [2, 1]\nassert copied(items) == items and copied(items) is not items"),
        test("u", "items = [2, 1]\nassert same(items) is items"),
    )
    assert levels(grader, form) == {"t": Level.APART, "u": Level.WRITTEN_BACK}
    assert scores(graded(grader, form, {"a": "def copied(items): return items\nsame = copied"})) == [0, 1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("import copy\nb = copy.deepcopy(a)", [1, 1, 1, 1, 1]),
        ("b = [row[:] for row in a]", [1, 1, 1, 1, 1]),
        ("b = a", [0, 0, 0, 0, 0]),
        ("b = a[:]", [1, 0, 0, 1, 1]),
        ("b = [a[0][:], a[1]]", [1, 1, 1, 1, 1]),
        ("b = [a[1][:], a[0]]\nb.reverse()", [1, 0, 0, 1, 1]),
    ],
)
def test_a_test_sees_what_two_names_have_in_common(grader, answer, expected):
    form = solved(
        {"a": "a = [[1], [2]]\nb = [row[:] for row in a]"},
        test("t", "assert b is not a and a == b"),
        test("u", "a[0].append(3)\nassert b[0] == [1]"),
        test("v", "first = b[0]\nfirst.append(3)\nassert a[0] == [1] and b[0] == [1, 3]"),
        test("w", "b.append([3])\nassert len(a) == 2"),
        test("x", "a.reverse()\nassert b == [[1], [2]]"),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": f"a = [[1], [2]]\n{answer}"})) == expected


@pytest.mark.parametrize("made", ["np.zeros(3)", "{1, 2}", "deque([1])", "pd.Series([1, 2])"])
def test_so_it_does_of_arrays_sets_and_tables(grader, made):
    imports = "import copy\nfrom collections import deque\nimport numpy as np\nimport pandas as pd\n"
    form = solved({"a": f"{imports}a = {made}\nb = copy.copy(a)"}, test("t", "assert a is not b"))
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": f"{imports}a = {made}\nb = copy.copy(a)"})) == [1]
    assert scores(graded(grader, form, {"a": f"{imports}a = {made}\nb = a"})) == [0]


def test_what_two_names_have_in_common_is_as_it_is_when_it_is_asked_for(grader):
    form = solved(
        {"a": "a = [[1], [2]]\nb = list(a)\ndef grow(): a[0].append(3)\ndef part(): globals()['b'] = [[4]]"},
        test("t", "assert a[0] == [1]\ngrow()\nassert b[0] == [1, 3]"),
        test("u", "a[1].append(5)\nassert b[1] == [2, 5]\npart()"),
        test("v", "assert a[1] == [2] and b == [[4]]"),
    )
    assert set(levels(grader, form).values()) == {Level.APART}


@pytest.mark.parametrize("reply", [9, [9], [9, 9], [9, [["a"]]], [9, [[["a"], 9]]], [9, {"a": 9}]])
def test_a_value_of_a_name_that_is_of_no_form_ends_the_session(monkeypatch, reply):
    session = Session(lambda: pytest.fail("it is not started"))
    monkeypatch.setattr(session, "_request", lambda *_: reply)
    with pytest.raises(StudentEndedError, match="no answer"):
        session.fetch("a")
    assert session.ended


def test_what_can_not_be_handed_over_holds_up_nothing_that_shares_a_part_with_it(grader):
    form = assignment(answer("a"), test("t", "assert len(a) == 2"), test("u", "assert b == [1]"))
    assert scores(graded(grader, form, {"a": f"{POINT}\nb = [1]\na = [b, Point(1, 2)]"})) == [None, 1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("more = stock + [3]", [1, 1]),
        ("more = stock[:]\nmore.append(3)", [1, 1]),
        ("more = stock\nmore.append(3)", [0, 0]),
        ("more = stock + [3]\nstock.sort()", [0, 1]),
    ],
)
def test_a_test_sees_that_the_courses_values_are_as_they_were(grader, answer, expected):
    form = solved(
        {"a": "more = stock + [3]"},
        test("t", "assert more == [2, 1, 3] and stock == [2, 1]"),
        test("u", "assert more is not stock and len(stock) == 2"),
        before=(given("s", "stock = [2, 1]"),),
    )
    assert set(levels(grader, form).values()) == {Level.APART}
    assert scores(graded(grader, form, {"a": answer})) == expected


def test_points_that_only_a_changed_value_of_the_courses_would_give_are_for_a_person(grader):
    form = solved(
        {"a": "total = sum(prices)"}, test("t", "assert total == sum(prices)"), before=(given("s", "prices = [1, 2]"),)
    )
    result = graded(grader, form, {"a": "prices.append(5)\ntotal = sum(prices)"})
    assert scores(result) == [None]
    assert result.reasons == ("t: the student's code has changed prices, which is the course's: please score it",)


@pytest.mark.parametrize(
    ("answer", "score"),
    [("[[0] * 2 for _ in range(n)]", 1), ("[[0] * 2] * n", 0), ("list(map(list, [(0, 0)] * n))", 1)],
)
def test_a_test_sees_that_rows_are_one_and_the_same(grader, answer, score):
    source = "grid = rows(2)\ngrid[0][0] = 1\nassert grid == [[1, 0], [0, 0]]"
    form = solved({"a": "def rows(n): return [[0] * 2 for _ in range(n)]"}, test("t", source))
    assert levels(grader, form) == {"t": Level.APART}
    assert scores(graded(grader, form, {"a": f"def rows(n): return {answer}"})) == [score]


def test_nobody_gains_by_changing_what_a_test_gives_away(grader):
    form = solved(
        {"a": "def ordered(items): return sorted(items)"},
        test("t", "items = [2, 1]\nassert ordered(items) == sorted(items)"),
        test("u", "items = [2, 1]\nassert ordered(items) == sorted(items)", tags=(Level.APART.tag,)),
    )
    assert scores(graded(grader, form, {"a": "def ordered(items):\n    items.clear()\n    return []"})) == [0, 0]
    right = {"a": "def ordered(items):\n    found = sorted(items)\n    items.clear()\n    return found"}
    assert scores(graded(grader, form, right)) == [0, 1]


@pytest.mark.parametrize("value", [1, "a", (1, "a"), None, range(3), frozenset([1])])
def test_what_can_not_change_is_not_sent_back(value):
    assert not may_change(value)


# ------------------------------------------------------------------------------------------ objects and functions


def test_functions_call_each_other_back_and_forth_and_an_end_is_found(grader):
    answers = {"a": "def ping(f, n): return n if n == 0 else f(n - 1)"}
    source = "def pong(n): return ping(pong, n)\nassert ping(pong, 12) == 0"
    endless = "def on(n): return ping(on, n + 2)\ntry:\n    ping(on, 1)\nexcept RuntimeError:\n    pass"
    form = solved(answers, test("t", source), test("u", endless), test("v", "assert ping(lambda n: n, 2) == 1"))
    assert set(levels(grader, form).values()) == {Level.HANDLES}
    assert scores(graded(grader, form, answers)) == [1, 1, 1]


def test_what_is_printed_by_a_function_that_is_called_back_is_kept(grader):
    answers = {"a": "def loud(f):\n    print('before')\n    f()\n    print('after')"}
    source = (
        "import io\nfrom contextlib import redirect_stdout\nout = io.StringIO()\n"
        "with redirect_stdout(out):\n    loud(lambda: None)\nassert out.getvalue() == 'before\\nafter\\n'"
    )
    assert scores(graded(grader, solved(answers, test("t", source)), answers)) == [1]


def test_an_object_is_always_the_same_one(grader):
    answers = {"a": "class Box:\n    pass\nbox = Box()\nbox.twin = box\ndef same(x): return x is box"}
    source = "assert box.twin is box and same(box) and {box: 1}[box.twin] == 1 and box == box.twin and box != Box()"
    assert scores(graded(grader, solved(answers, test("t", source)), answers)) == [1]


def test_an_object_is_of_the_class_that_the_test_imports_after_it_has_the_object(grader):
    answers = {"a": "box = Box()"}
    cells = [given("g", "from boxes import Box"), answer("a"), test("t", "it = box\nassert isinstance(it, Box)")]
    form = with_solution(assignment(*cells, files={"boxes.py": b"class Box:\n    pass\n"}), answers)
    assert levels(grader, form) == {"t": Level.HANDLES}
    assert scores(graded(grader, form, answers)) == [1]
    assert scores(graded(grader, form, {"a": "class Box:\n    pass\nbox = Box()"})) == [0]


def test_the_students_own_comparison_is_noted(grader):
    form = solved({"a": POINT}, test("t", "assert Point(1, 2) == Point(1, 2)"), test("u", "assert Point(1, 2).x == 1"))
    assert grader.probed(form, "quiz").said == {"t": ["eq"]}


def test_a_slow_function_of_the_tests_costs_the_test_and_nothing_else(sandboxed):  # noqa: F811
    from autograder.limits import Limits

    answers = {"a": "def call(f): return f()"}
    form = assignment(
        answer("a"),
        test("t", "import time\ncall(lambda: time.sleep(60))", tags=(Level.HANDLES.tag,)),
        test("u", "assert call(lambda: 3) == 3", tags=(Level.HANDLES.tag,)),
    )
    with Grader(Limits(cell=2, total=60)) as grader:
        result = graded(grader, form, answers)
    assert scores(result) == [0, 1]
    assert "took longer" in json.dumps(outputs(result))


def test_courses_names_can_be_given_to_the_students_functions(grader):
    answers = {"a": "def apply(f, x): return f(x)"}
    before = (given("s", "def triple(x):\n    return 3 * x"),)
    form = solved(
        answers, test("t", "assert apply(triple, 2) == 6"), test("u", "assert apply(abs, -2) == 2"), before=before
    )
    assert levels(grader, form) == {"t": Level.HANDLES, "u": Level.APART}
    assert scores(graded(grader, form, answers)) == [1, 1]


def test_levels_that_were_found_before_are_used(grader):
    form = solved({"a": POINT}, test("t", "assert Point(1, 2).x == 1"))
    known = replace(form, probed={"quiz": Probed({"t": Level.APART})})
    assert scores(graded(grader, known, {"a": POINT})) == [None]
