"""The lettered options of a question, as an author gives them."""

from collections.abc import Mapping
from typing import Any


def check_options(options: Mapping[str, Any]) -> str:
    """The letters of `options`, in order, e.g. ``"ABCD"``.

    Raises
    ------
    ValueError
        If there are fewer than two options, or a keyword is not a single capital letter.
    """
    strange = [key for key in options if not (len(key) == 1 and "A" <= key <= "Z")]
    if strange:
        raise ValueError(f'{strange[0]!r} is no option: options are single capital letters, like A="28 × 28"')
    if len(options) < 2:
        raise ValueError(f'a choice needs at least two options, like A="28 × 28", B="26 × 26"; got {len(options)}')
    return "".join(options)


def check_text(text: Any, what: str) -> str:
    """`text` without outer white space.

    Raises
    ------
    ValueError
        If it is not a text, or blank.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{what} must be a text that is not blank, and it is {text!r}")
    return text.strip()


def listing(options: list[dict[str, str]], chosen: str = "", *, several: bool = False) -> str:
    """The options for a reader without the widget, one a line, the chosen ones marked."""
    left, mark, right = ("[", "x", "]") if several else ("(", "•", ")")
    return "\n".join(
        f"  {left}{mark if option['letter'] in chosen else ' '}{right} {option['letter']}  {option['text']}"
        for option in options
    )
