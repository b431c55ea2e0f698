import math

import numpy as np
import pytest

from autograder import checks
from autograder.checks import Rubric, choice, choices, number


class EqualsAll(str):
    """What a cheat hands in: text that says that it equals everything."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def upper(self) -> str:
        return "B"


class Number(float):
    def __sub__(self, other: float) -> float:
        return 0.0

    def __float__(self) -> float:
        return 26.0


ODD = [
    None,
    "",
    "  ",
    7,
    2.5,
    True,
    math.nan,
    ["B"],
    {"B": 1},
    b"B",
    object(),
    EqualsAll("A"),
    "BB",
    "?",
    "ß" * 5000,
    "É",
]


@pytest.mark.parametrize(("answer", "score"), [("B", 2), (" b ", 2), ("A", 0), ("C", 0)])
def test_choice(answer, score):
    assert choice(answer, key="B", points=2, feedback={"A": "a"}) == score


@pytest.mark.parametrize("answer", ODD)
def test_choice_scores_odd_answers_zero_with_a_reason(answer, capsys):
    assert choice(answer, key="B", feedback={}) == 0
    assert capsys.readouterr().out.startswith("not yet: ")


def test_choice_names_the_misconception_and_never_the_key(capsys):
    choice("A", key="B", feedback={"A": "You may think that it shrinks."})
    assert capsys.readouterr().out == "not yet: You may think that it shrinks.\n"
    choice("B", key="B", feedback={})
    assert capsys.readouterr().out == "right\n"


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("AC", 2),
        ("ca", 2),
        ("A, C", 2),
        ("AAC", 2),
        ("A", 1),
        ("AB", 0),
        ("ACD", 1),
        ("BD", 0),
        ("ABCD", 0),
        ("ACE", 0),
    ],
)
def test_choices_are_right_minus_wrong_picks(answer, score):
    assert choices(answer, key="AC", points=2) == pytest.approx(score)


@pytest.mark.parametrize("answer", [a for a in ODD if a != "BB"])
def test_choices_score_odd_answers_zero_with_a_reason(answer, capsys):
    assert choices(answer, key="AC") == 0
    assert capsys.readouterr().out.startswith("not yet: ")


def test_choices_say_what_is_wrong_and_that_something_is_missing_but_not_what(capsys):
    choices("AD", key="AC", feedback={"D": "Padding adds no parameters."})
    out = capsys.readouterr().out
    assert "Padding adds no parameters." in out
    assert checks.MISSING in out
    choices("ACD", key="AC")
    assert checks.TOO_MANY in capsys.readouterr().out


def test_choices_give_each_wrong_pick_a_line_with_its_letter(capsys):
    choices("ABD", key="AC", feedback={"B": "Nobody tells it.", "D": "Only along a row."})
    assert capsys.readouterr().out.splitlines() == [
        "not yet: B: Nobody tells it.",
        "not yet: D: Only along a row.",
        f"not yet: missing: {checks.MISSING}",
    ]


@pytest.mark.parametrize("answer", [26, 26.0, np.int64(26), np.float32(26), np.uint8(26), 26 + 1e-12])
def test_number_takes_every_real_type(answer):
    assert number(answer, key=26) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "26",
        "",
        True,
        math.nan,
        math.inf,
        -math.inf,
        [26],
        np.array([26]),
        10**400,
        26j,
        Number(3),
        25,
        np.nan,
        {},
    ],
)
def test_number_scores_the_rest_zero_with_a_reason(answer, capsys):
    assert number(answer, key=26) == 0
    assert capsys.readouterr().out.startswith("not yet: ")


def test_number_has_a_tolerance_and_feedback_for_known_wrong_values(capsys):
    assert number(0.34, key=1 / 3, tolerance=0.01) == 1
    assert number(0.36, key=1 / 3, tolerance=0.01) == 0
    capsys.readouterr()
    number(25, key=26, feedback={25: "Count the bias."}, otherwise="Multiply first.")
    number(24, key=26, feedback={25: "Count the bias."}, otherwise="Multiply first.")
    assert capsys.readouterr().out == "not yet: Count the bias.\nnot yet: Multiply first.\n"


def test_rubric_adds_up_the_checks_that_pass(capsys):
    rubric = Rubric()
    with rubric("sizes", points=2, hint="Count again."):
        assert True
    with rubric("values", points=1, hint="Look at the kernel."):
        raise AssertionError("expected 42")
    with rubric("strides", hint="Step by the stride."):
        raise ZeroDivisionError("expected 42")
    with rubric("leaving", points=0.5):
        raise SystemExit
    with rubric("quiet", points=0.5):
        print("right: everything")
    assert rubric.score() == 2.5
    assert capsys.readouterr().out.splitlines() == [
        "right: sizes",
        "not yet: values: Look at the kernel.",
        f"not yet: strides: {checks.CODE_RAISED}: Step by the stride.",
        f"not yet: leaving: {checks.CODE_RAISED}",
        "right: quiet",
    ]


def test_an_interrupt_is_the_graders_own_and_goes_through():
    rubric = Rubric()
    with pytest.raises(KeyboardInterrupt), rubric("endless"):
        raise KeyboardInterrupt
    assert rubric.score() == 0
