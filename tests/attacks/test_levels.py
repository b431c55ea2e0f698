"""What each level of keeping a test apart gives up: an attack that the next stricter level holds off."""

import pytest

from autograder.trusted.level import Level
from tests.autograder.handed_in import answer, scores, test

POINT = "class Point:\n    def __init__(self, x): self.x = x\n"
SECRET = "hidden_number_4711"


def at(level, source):
    return [answer("a"), test("t", source, tags=(level.tag,)), test("u", "assert right() == 1")]


def tried(attack, level, source, code):
    """The points of a test at a level for `code`, where those of an honest test stay."""
    first, second = scores(attack(at(level, source), {"a": f"{code}\ndef right(): return 1"}))
    assert second == 1
    return first


# ------------------------------------------------------------------------------------------ written back


EMPTIES = "def order(items):\n    items.clear()\n    return items"


def test_a_function_may_take_away_what_the_test_compares_with(attack):
    source = "items = [2, 1]\nassert order(items) == sorted(items)"
    assert tried(attack, Level.APART, source, EMPTIES) == 0
    assert tried(attack, Level.WRITTEN_BACK, source, EMPTIES) == 1


def test_what_the_test_keeps_of_its_own_is_not_changed(attack):
    source = "items = [2, 1]\nexpected = sorted(items)\nassert order(items) == expected"
    assert tried(attack, Level.WRITTEN_BACK, source, EMPTIES) == 0
    hidden = "items = [[2], [1]]\nkept = items[0]\norder(items)\nassert kept == [2]"
    assert tried(attack, Level.WRITTEN_BACK, hidden, EMPTIES) == 1


# ------------------------------------------------------------------------------------------ handles


@pytest.mark.parametrize(
    ("source", "code", "points"),
    [
        # An object's own comparison says what it likes ...
        ("assert make(1) == make(2)", "def __eq__(self, other): return True", 1),
        # ... also with a number of the test's; so a test compares plain parts
        ("assert make(1) == 2", "def __eq__(self, other): return True", 1),
        ("assert make(1).x == 2", "def __eq__(self, other): return True", 0),
        ("assert len(make(1)) == 2 and list(make(1)) == [1, 2]", "def __len__(self): return 2", 0),
        ("assert bool(make(1)) is False", "def __bool__(self): return True", 0),
        # what is no answer of the right type is none
        ("assert len(make(1)) == 2", "def __len__(self): return 'ab'", 0),
        ("assert make(1) < make(2)", "def __lt__(self, other): return 'yes'", 1),
        ("assert str(make(1)) == '2'", "def __str__(self): raise ValueError('2')", 0),
        ("assert hash(make(1)) == 2 ** 70", "def __hash__(self): return 2 ** 70", 0),
        ("for part in make(1):\n    assert False", "def __iter__(self): raise StopIteration", 0),
        ("with make(1):\n    assert False", "def __enter__(self): pass\n    def __exit__(self, *_): return True", 1),
    ],
)
def test_what_an_object_says_of_itself_counts_as_far_as_it_is_asked(attack, source, code, points):
    honest = f"{POINT}    {code}\ndef make(x): return Point(x)"
    assert tried(attack, Level.HANDLES, source, honest) == points


def test_an_object_may_answer_otherwise_each_time(attack):
    counting = f"{POINT}    @property\n    def y(self):\n        self.x += 1\n        return self.x\nmake = Point"
    source = "it = make(0)\nassert it.y == 1\nassert it.y == 2"
    assert tried(attack, Level.HANDLES, source, counting) == 1
    assert tried(attack, Level.APART, source, counting) is None


@pytest.mark.parametrize(
    "reach",
    [
        "f.__globals__",
        "f.__closure__",
        "f.__code__.co_consts",
        "f._student.handed",
        "__import__('gc').get_objects()",
        "__import__('sys')._getframe().f_back.f_back.f_locals",
    ],
)
def test_a_function_of_the_tests_can_be_called_and_not_looked_into(attack, reach):
    source = f"secret = '{SECRET}'\nassert look(lambda x: len(secret) + x) == secret"
    code = (
        f"def look(f):\n    text = ''\n    try:\n        text = repr({reach})\n    except Exception:\n        pass\n"
        f"    word = ''.join(reversed('{SECRET[::-1]}'))\n    return word if word in text else text[:100]"
    )
    assert tried(attack, Level.HANDLES, source, code) == 0


def test_a_function_of_the_tests_tells_what_it_returns(attack):
    # A test that hands over the right function gives it away.
    source = "def reference(x): return x ** 3 + 1\nassert same(reference)(5) == reference(5)"
    assert tried(attack, Level.HANDLES, source, "def same(f): return f") == 1


def test_a_function_of_an_earlier_test_can_not_be_called_any_more(attack):
    cells = [
        answer("a"),
        test("t", "assert keep(lambda: 9) is None", tags=(Level.HANDLES.tag,)),
        test("u", "assert recall() == 9", tags=(Level.HANDLES.tag,)),
        test("v", "assert recall() == 9", tags=(Level.APART.tag,)),
        test("w", "assert right() == 1"),
    ]
    code = "kept = []\ndef keep(f): kept.append(f)\ndef recall(): return kept[0]()\ndef right(): return 1"
    result = scores(attack(cells, {"a": code}))
    assert result[:3] == [1, 0, 0]


def test_calls_back_and_forth_without_end_cost_their_own_test(hasty_attack):
    source = "def on(f): return f(on)\nassert go(on) == 1"
    assert tried(hasty_attack, Level.HANDLES, source, "def go(f): return f(go)") == 0
    many = "def go(f):\n    while True:\n        try: f(1)\n        except Exception: pass"
    assert tried(hasty_attack, Level.HANDLES, "go(lambda x: x)", many) == 0


def test_an_exception_of_the_tests_function_ends_only_what_it_should(attack):
    code = "def go(f):\n    try: f()\n    except BaseException as e: return type(e).__name__"
    source = "class Own(Exception): pass\ndef fails(): raise Own('x')\nassert go(fails) == 'Exception'"
    assert tried(attack, Level.HANDLES, source, code) == 1
    assert tried(attack, Level.HANDLES, "def leaves(): raise SystemExit\ngo(leaves)", code) == 0


@pytest.mark.parametrize(
    "name",
    ["__class__", "__dict__", "__getattr__", "_session", "_handle", "__reduce__", "__len__"],
)
def test_an_objects_attributes_are_no_way_to_what_stands_for_it(attack, name):
    setting = f"try:\n    setattr(obj, {name!r}, 42)\nexcept Exception: pass"
    code = f"{POINT}    def __getattr__(self, name): return 42\nobj = Point(1)\n{setting}"
    assert tried(attack, Level.HANDLES, "assert obj.x == 1\nassert obj != 42", code) == 1


# ------------------------------------------------------------------------------------------ with the student


def test_in_one_process_the_test_can_be_read(attack):
    reader = (
        "import sys\ndef right_number(n):\n    frame = sys._getframe(1)\n"
        "    return next((v for v in frame.f_code.co_consts if isinstance(v, int) and v > 4000), 0)"
    )
    source = "assert right_number(1) == 4711"
    assert tried(attack, Level.HANDLES, source, reader) == 0
    assert tried(attack, Level.WITH_STUDENT, source, reader) == 1
