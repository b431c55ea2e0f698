"""Traits that know what they may be.

Bounds and choices stand once, in a trait. It holds the constructor, Python and the page to them, tells a learner in one
sentence what is wrong, and the page reads from `Explorer.ranges` and `Explorer.choices` where its controls end.
"""

import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import traitlets

from companion.errors import ArgumentError


class Whole(traitlets.Int[int, int]):
    """A whole number from `low` to `high`; without `high`, of at least `low`."""

    def __init__(self, default: int, low: int, high: int | None = None) -> None:
        super().__init__(default, min=low, max=high)

    def validate(self, obj: Any, value: Any) -> int:
        """Return `value` as an int, or raise the ArgumentError of `whole`."""
        return whole(str(self.name), value, self.min, self.max)


class OneOf(traitlets.Enum[Any]):
    """One of `choices`, words or numbers; the first one unless `default` says otherwise."""

    def __init__(self, choices: Sequence[Any], default: Any = None) -> None:
        super().__init__(tuple(choices), choices[0] if default is None else default)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the choice that `value` equals.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        if isinstance(value, Hashable) and not isinstance(value, bool):
            for choice in self.values or ():
                if choice == value:
                    return choice
        raise ArgumentError(f"{self.name} must be {either(self.values or ())}, not {value!r}.")


class Read(traitlets.TraitType[Any, Any]):
    """What `read` makes of a value; it raises an ArgumentError for one that it can't take."""

    def __init__(self, read: Callable[[Any], Any], default: Any = None) -> None:
        super().__init__(default)
        self.read = read

    def validate(self, obj: Any, value: Any) -> Any:
        """Return what `read` makes of `value`."""
        return self.read(value)


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value`, which is called `name`, as an int.

    Raises
    ------
    ArgumentError
        If it isn't a whole number from `low` to `high`, or of at least `low` where there is no `high`.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < low or (high is not None and number > high):
        wanted = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise ArgumentError(f"{name} must be a whole number {wanted}, not {value!r}.")
    return number


def either(choices: Sequence[Any]) -> str:
    """The choices in words: `1, 2 or 4`, `"max" or "average"`."""
    words = [f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def resumed(state: Any, read: Callable[[Any], Any], otherwise: Any, problem: str) -> tuple[Any, str]:
    """What a question begins with, and what is wrong with `state`, the learner's answer so far.

    That is what `read` makes of `state`; `otherwise` if there is none yet; `otherwise` and `problem` if `read` raises
    a ValueError, since a typing slip must not break the cell.
    """
    if state is None:
        return otherwise, ""
    try:
        return read(state), ""
    except ValueError:
        return otherwise, problem
