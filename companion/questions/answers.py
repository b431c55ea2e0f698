"""What counts as an answer: the form of a value, never whether it is right."""

import math
from numbers import Real
from typing import Any

import numpy as np


class NoAnswer(AssertionError):  # noqa: N818 - the learner reads this name
    """A question has no answer that could be marked. Jupyter shows it as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def answered(name: str, value: Any, options: str = "", *, shape: tuple[int, ...] | None = None) -> None:
    """Stop here, with one sentence for the learner, unless `value` can be marked.

    Parameters
    ----------
    name
        The variable that holds the answer, for the message.
    value
        Its value: letters if `options` are given, an array of numbers if `shape` is given, else a number.
    options
        The letters of the question, e.g. ``"ABCD"``. One or several of them are an answer.
    shape
        The shape of a matrix of numbers, e.g. ``(3, 3)``.

    Raises
    ------
    NoAnswer
        If the answer is blank or not of that form.
    """
    if options:
        wanted, problem = f"choose from {', '.join(options)}", choice_problem(value, options, several=True)
    elif shape is not None:
        wanted, problem = f"give {_times(shape)} numbers", _matrix_problem(value, shape)
    else:
        wanted, problem = "give a number", number_problem(value)
    if is_blank(value) or problem:
        trouble = f"{problem}. Change it" if problem else wanted
        raise NoAnswer(f"{name} had no answer when this cell ran: {trouble} in the cell above, then run both cells.")


def is_blank(value: Any) -> bool:
    """Whether a learner has left the answer as it was handed out: None or an empty text."""
    return value is None or (isinstance(value, str) and not value.strip())


def choice_problem(value: Any, letters: str, *, several: bool) -> str:
    """What is wrong with the form of a choice, as a clause; "" for a blank or a proper answer."""
    if is_blank(value):
        return ""
    if not isinstance(value, str):
        trouble = f'and a letter in quotes is asked for, like "{letters[0]}"'
    elif not set(value.upper()) <= set(letters):
        trouble = f"and the options are {', '.join(letters)}"
    elif not value.isupper():
        trouble = f'and capital letters are asked for: "{value.upper()}"'
    elif len(set(value)) < len(value):
        trouble = "which names an option twice"
    elif len(value) > 1 and not several:
        trouble = "and only one option can be chosen"
    else:
        return ""
    return f"it is {_shown(value)}, {trouble}"


def number_problem(value: Any) -> str:
    """What is wrong with the form of a number, as a clause; "" for a blank or a finite real number."""
    if is_blank(value):
        return ""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return f"it is {_shown(value)}, and a number is asked for, like 26 or 0.5"
    return "" if math.isfinite(value) else f"it is {_shown(value)}, and a finite number is asked for"


def _matrix_problem(value: Any, shape: tuple[int, ...]) -> str:
    if is_blank(value):
        return ""
    try:
        array = np.asarray(value)
    except ValueError:
        return f"its rows are not equally long, and {_times(shape)} numbers are asked for"
    if array.dtype.kind not in "iuf":
        trouble = "holds something that is no number"
    elif array.shape != shape:
        trouble = f"has the shape {array.shape}"
    elif not np.isfinite(array).all():
        trouble = "holds a number that is not finite"
    else:
        return ""
    return f"it {trouble}, and {_times(shape)} numbers are asked for"


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in shape)


def _shown(value: Any) -> str:
    """The value as the learner wrote it, short enough for one line."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
