"""The checkpoints of a lesson: ungraded questions with which one checks oneself."""

from collections.abc import Mapping
from typing import Any

from companion.questions.answers import is_blank, number_problem
from companion.questions.options import check_options, check_text, listing
from companion.questions.widget import Question


def checkpoint(
    question: str,
    /,
    *,
    right: str | float,
    unit: str = "",
    tolerance: float = 0.0,
    wrong: Mapping[float, str] | None = None,
    why: str = "",
    hint: str = "",
    **options: tuple[str, str],
) -> Question:
    """Show an ungraded question that explains each answer at once and may be tried again.

    Who has missed it twice reads the hint, and after three misses can open the answer.

    Parameters
    ----------
    question
        What is asked. `code` and *emphasis* are shown as such, here and in every other text.
    right
        The letter or letters of the right options (``"AC"``: exactly these), or the right number.
    unit, tolerance, wrong, why
        Only for a number: what it counts; how far off still is right; what to say to a number that shows a
        known mistake; why the right number is right.
    hint
        Where to look, without the answer.
    options
        For a choice: under each letter the option and why it is, or isn't, so.

    Raises
    ------
    ValueError
        If the question is malformed, e.g. `right` is not among the options.
    """
    asked = check_text(question, "the question")
    if isinstance(right, str):
        if unit or tolerance or wrong or why:
            raise ValueError("unit, tolerance, wrong and why belong to a question whose right answer is a number")
        return _choice(asked, right, options, hint)
    if options:
        raise ValueError(f"options are given, so right must be their letters in quotes, and it is {right!r}")
    return _number(asked, right, unit=unit, tolerance=tolerance, wrong=wrong or {}, why=why, hint=hint)


def _choice(asked: str, right: str, options: Mapping[str, Any], hint: str) -> Question:
    letters = check_options(options)
    if not right or not set(right) <= set(letters) or len(set(right)) < len(right):
        raise ValueError(f"right is {right!r}, and it must be made of the options' letters {letters!r}, each once")
    several = len(right) > 1
    listed = [{"letter": letter, **_explained(letter, option)} for letter, option in options.items()]
    spec = {
        "kind": "checkpoint",
        "question": asked,
        "options": listed,
        "several": several,
        "right": "".join(letter for letter in letters if letter in right),
        "hint": hint and check_text(hint, "`hint`"),
    }
    return Question(spec, f"Checkpoint: {asked}\n{listing(listed, several=several)}")


def _explained(letter: str, option: Any) -> dict[str, str]:
    if not isinstance(option, tuple) or len(option) != 2:
        raise ValueError(f'option {letter} must be a pair, the option and why it is so or not: {letter}=("...", "...")')
    return {
        "text": check_text(option[0], f"option {letter}"),
        "why": check_text(option[1], f"the why of option {letter}"),
    }


def _number(
    asked: str, right: float, *, unit: str, tolerance: float, wrong: Mapping[float, str], why: str, hint: str
) -> Question:
    for value, what in [(right, "right"), (tolerance, "tolerance"), *((key, "a key of wrong") for key in wrong)]:
        if is_blank(value) or number_problem(value):
            raise ValueError(f"{what} must be a number, and it is {value!r}")
    contradicting = [key for key in wrong if abs(key - right) <= tolerance]
    if contradicting:
        raise ValueError(f"{contradicting[0]} is explained as wrong, but counts as right")
    spec = {
        "kind": "checkpoint-number",
        "question": asked,
        "unit": unit,
        "right": float(right),
        "tolerance": float(tolerance),
        "wrong": [
            {"value": float(value), "why": check_text(text, f"the why of {value}")} for value, text in wrong.items()
        ],
        "why": check_text(why, "`why`"),
        "hint": hint and check_text(hint, "`hint`"),
    }
    return Question(spec, f"Checkpoint: {asked}\n  a number{f', in {unit}' if unit else ''}")
