import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from companion import answered, ask, ask_number, checkpoint
from companion.questions import NoAnswer
from companion.questions.widget import Question

NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or "node"


def plain_text(question: Question) -> str:
    return question._repr_mimebundle_()[0]["text/plain"]


# ------------------------------------------------------------------------------------------------ ask


def test_a_released_question_has_no_choice_and_no_complaint() -> None:
    spec = ask("answer_1", "", A="one", B="two").spec

    assert (spec["chosen"], spec["problem"]) == ("", "")
    assert [option["letter"] for option in spec["options"]] == ["A", "B"]


def test_letters_may_be_written_in_any_order() -> None:
    assert ask("answer_1", "CA", several=True, A="one", B="two", C="three").spec["chosen"] == "AC"


@pytest.mark.parametrize(
    ("value", "several", "word"),
    [
        ("Z", False, "the options are A, B"),
        (5, False, "a letter in quotes"),
        ("AB", False, "only one option"),
        ("b", False, '"B"'),
        ("AA", True, "twice"),
        (["A"], True, "a letter in quotes"),
    ],
)
def test_a_value_that_is_no_choice_is_named_in_the_widget(value: object, several: bool, word: str) -> None:
    question = ask("answer_1", value, several=several, A="one", B="two")

    assert question.spec["chosen"] == ""
    assert question.spec["problem"].startswith("answer_1 can't be read as an answer")
    assert word in question.spec["problem"]
    assert question.spec["problem"] in plain_text(question)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("answer 1", {"A": "one", "B": "two"}),
        (1, {"A": "one", "B": "two"}),
        ("answer_1", {"A": "one"}),
        ("answer_1", {"A": "one", "b": "two"}),
        ("answer_1", {"A": "one", "B": " "}),
        ("answer_1", {"A": "one", "B": 2}),
    ],
)
def test_a_malformed_question_is_the_authors_error(name: str, options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"option|name"):
        ask(name, "", **options)


def test_a_question_can_be_read_as_plain_text() -> None:
    text = plain_text(ask("answer_1", "B", A="one", B="two"))

    assert text.splitlines() == [
        'answer_1 = "B"   (choose one: write it into this line)',
        "  ( ) A  one",
        "  (•) B  two",
    ]


# ----------------------------------------------------------------------------------------- ask_number


@pytest.mark.parametrize(
    ("value", "literal"), [(None, "None"), (26, "26"), (26.5, "26.5"), (np.float64(0.5), "0.5"), (np.int64(7), "7")]
)
def test_a_number_is_shown_as_python_writes_it(value: object, literal: str) -> None:
    question = ask_number("answer_5", value, unit="pixels")

    assert (question.spec["literal"], question.spec["problem"]) == (literal, "")
    assert plain_text(question).startswith(f"answer_5 = {literal} ")
    assert "pixels" in plain_text(question)


@pytest.mark.parametrize("value", ["26", True, np.bool_(True), math.nan, -math.inf, [26], 1j])
def test_a_value_that_is_no_number_is_named_in_the_widget(value: object) -> None:
    spec = ask_number("answer_5", value).spec

    assert spec["literal"] == "None"
    assert "number is asked for" in spec["problem"]


# ------------------------------------------------------------------------------------------- answered


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("B", {"options": "ABCD"}),
        ("AC", {"options": "ABCD"}),
        (0, {}),
        (1e3, {}),
        (np.float32(0.1), {}),
        ([[1, 0], [0, 1.5]], {"shape": (2, 2)}),
        (np.zeros((3, 3)), {"shape": (3, 3)}),
    ],
)
def test_an_answer_of_the_right_form_passes(value: object, form: dict) -> None:
    answered("answer_1", value, **form)


@pytest.mark.parametrize(
    ("value", "form", "word"),
    [
        ("", {"options": "ABCD"}, "choose from A, B, C, D"),
        (None, {"options": "ABCD"}, "choose from A, B, C, D"),
        ("E", {"options": "ABCD"}, 'it is "E"'),
        ("a", {"options": "ABCD"}, 'capital letters are asked for: "A"'),
        (None, {}, "give a number"),
        ("26", {}, 'it is "26", and a number'),
        (math.nan, {}, "finite"),
        (None, {"shape": (3, 3)}, "give 3 × 3 numbers"),
        (1.0, {"shape": (3, 3)}, "has the shape ()"),
        ([[1, 2], [3]], {"shape": (2, 2)}, "not equally long"),
        ([[1, 2]], {"shape": (2, 2)}, "has the shape (1, 2)"),
        ([["1", "2"]], {"shape": (1, 2)}, "no number"),
        ([[1, math.inf]], {"shape": (1, 2)}, "not finite"),
        ("x" * 500, {}, "…"),
    ],
)
def test_what_cannot_be_marked_is_said_in_one_line(value: object, form: dict, word: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        answered("answer_1", value, **form)

    message = str(caught.value)
    assert message.startswith("answer_1 had no answer when this cell ran: ")
    assert word in message
    assert "\n" not in message


def test_jupyter_shows_a_missing_answer_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell.instance()
    shell.run_cell('from companion import answered\nanswered("answer_1", "", "AB")')

    shown = capsys.readouterr().out.strip()
    assert shown.splitlines() == [
        "answer_1 had no answer when this cell ran: choose from A, B in the cell above, then run both cells."
    ]


# --------------------------------------------------------------------------------------- checkpoint

OPTIONS = {"A": ("28", "needs padding"), "B": ("26", "28 - 3 + 1"), "C": ("25", "one more")}


def test_the_answer_is_not_in_the_plain_text() -> None:
    text = plain_text(checkpoint("How wide?", right="B", **OPTIONS))

    assert "How wide?" in text
    assert "  ( ) B  26" in text
    assert "28 - 3" not in text
    assert "26" not in plain_text(checkpoint("How wide?", right=26, unit="pixels", why="28 - 3 + 1 = 26"))


def test_several_right_options_become_check_boxes() -> None:
    spec = checkpoint("Which?", right="CA", **OPTIONS).spec

    assert (spec["right"], spec["several"]) == ("AC", True)


def test_numbers_reach_the_browser_as_plain_numbers() -> None:
    spec = checkpoint("?", right=np.int64(26), wrong={np.int64(25): "one more"}, why="because").spec

    assert json.loads(json.dumps(spec))["wrong"] == [{"value": 25.0, "why": "one more"}]


@pytest.mark.parametrize(
    "arguments",
    [
        {"right": "D", **OPTIONS},
        {"right": "", **OPTIONS},
        {"right": "AA", **OPTIONS},
        {"right": 26, **OPTIONS},
        {"right": "B", "why": "because", **OPTIONS},
        {"right": "B", **OPTIONS, "C": "25"},
        {"right": "B", **OPTIONS, "C": ("25", "")},
        {"right": "B", "A": ("28", "only one")},
        {"right": 26},
        {"right": 26, "why": "because", "wrong": {26: "no"}},
        {"right": 26, "why": "because", "wrong": {25.9: "no"}, "tolerance": 0.5},
        {"right": math.nan, "why": "because"},
        {"right": None, "why": "because"},
    ],
)
def test_a_malformed_checkpoint_is_the_authors_error(arguments: dict) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        checkpoint("How wide?", **arguments)


# ----------------------------------------------------------------------------------------- JavaScript


def in_node(root: Path, code: str, argument: object) -> object:
    """What `code`, a module that may import from companion/questions/, leaves in `result`; it gets `argument`."""
    script = f"{code}\nconsole.log(JSON.stringify(result));"
    command = [NODE, "--input-type=module", "--eval", f"const argument = {json.dumps(argument)};\n{script}"]
    reply = subprocess.run(command, cwd=root / "companion" / "questions", capture_output=True, text=True, check=True)
    return json.loads(reply.stdout)


def test_numbers_are_read_as_learners_type_them(root: Path) -> None:
    typed = {
        "26": "26", " 26 ": "26", "26.5": "26.5", ".5": ".5", "1e3": "1e3", "1E-3": "1E-3", "+7": "7", "−4": "-4",
        "-0.25": "-0.25", "007": "7", "1,204": "1204", "1 204 224": "1204224", "1,204.5": "1204.5", "": "None",
    }  # fmt: skip
    refused = ["abc", "1,5", "1,20", "1,2345", "3/4", "50%", "0x1A", "1e999", "Infinity", "NaN", "--1", "1,204 224"]

    read = in_node(
        root,
        """import { readNumber } from "./number.js";
        const result = argument.map((text) => readNumber(text));""",
        [*typed, *refused],
    )

    assert [entry.get("literal") for entry in read] == [*typed.values(), *[None] * len(refused)]
    assert all(entry["problem"] for entry in read[len(typed) :])
    assert [text for text, entry in zip(typed, read, strict=False) if entry["note"]] == [
        "1,204",
        "1 204 224",
        "1,204.5",
    ]
    for literal in typed.values():
        assert literal == "None" or math.isfinite(eval(literal))


def test_a_number_may_have_its_unit_behind_it(root: Path) -> None:
    typed = [
        ["59 %", "%"],
        ["60 mb", "MB"],
        ["1,204 parameters", "parameters"],
        ["%", "%"],
        ["59 %", "MB"],
        ["59%", ""],
    ]
    read = in_node(
        root,
        """import { readNumber } from "./number.js";
        const result = argument.map(([text, unit]) => readNumber(text, unit));""",
        typed,
    )
    assert [entry.get("literal") for entry in read] == ["59", "60", "1204", "None", None, None]


def test_letters_are_read_from_the_cells_own_text(root: Path) -> None:
    cases = [
        ('"B"', False, "B"), ("'B'", False, "B"), ('""', False, ""), ("None", False, ""), ('"CA"', True, "AC"),
        ('"AC"', False, None), ('"Z"', False, None), ('"AA"', True, None), ("pick", False, None), ("\"B'", False, None),
    ]  # fmt: skip

    read = in_node(
        root,
        """import { readLetters } from "./quiz.js";
        const result = argument.map(([literal, several]) => readLetters(literal, "ABC", several));""",
        [case[:2] for case in cases],
    )

    assert read == [case[2] for case in cases]
