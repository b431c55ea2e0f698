"""The check of a learner's relu_max: the larger of two numbers, by relu, plus and minus alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from companion.check.call import Call
from companion.check.report import Report, attempt, call_problem, is_same, report


def relu_max(function: Callable[..., Any]) -> Report:
    """Check a learner's `relu_max(a, b, relu)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes two numbers (or arrays) and the function relu, and returns the larger one, by relu, plus and minus alone.
    """
    return report(function, _PAIRS, _pair_problem)


class _PlusAndMinusOnly:
    """A number that can be added, subtracted and given to relu, and nothing else."""

    __array_ufunc__ = None  # NumPy leaves it alone

    def __init__(self, value: float) -> None:
        self.value = value

    def __add__(self, other: Any) -> "_PlusAndMinusOnly":
        return _PlusAndMinusOnly(self.value + _value(other))

    def __sub__(self, other: Any) -> "_PlusAndMinusOnly":
        return _PlusAndMinusOnly(self.value - _value(other))

    def __rsub__(self, other: Any) -> "_PlusAndMinusOnly":
        return _PlusAndMinusOnly(_value(other) - self.value)

    def __neg__(self) -> "_PlusAndMinusOnly":
        return _PlusAndMinusOnly(-self.value)

    __radd__ = __add__


def _value(number: Any) -> float:
    return number.value if isinstance(number, _PlusAndMinusOnly) else float(number)


def _relu(x: Any) -> Any:
    return _PlusAndMinusOnly(max(x.value, 0.0)) if isinstance(x, _PlusAndMinusOnly) else np.maximum(x, 0)


@dataclass(frozen=True)
class _Pair:
    """Two numbers, or two arrays of numbers; `strict` allows only relu, plus and minus."""

    about: str
    a: Any
    b: Any
    strict: bool = False

    def arguments(self) -> tuple[Any, Any]:
        """Return fresh copies of both."""
        wrap = _PlusAndMinusOnly if self.strict else np.array if np.ndim(self.a) else float
        return wrap(self.a), wrap(self.b)

    def example(self, result: Any = None) -> Call | str:
        """Return the call with its numbers, and what came out instead; nothing where the numbers were right."""
        if self.strict:
            return ""
        found = None if result is None else _numbers(result)
        right = np.maximum(self.a, self.b)
        if np.ndim(right):
            return Call(_CALL, {"a": np.array(self.a), "b": np.array(self.b)}, right, found)
        text = f"relu_max({self.a}, {self.b}, relu) should give {right}"
        return text if found is None else f"{text}, and yours gave {found}"


_CALL = "relu_max(a, b, relu)"
_PAIR_HINT = "relu(a - b) is how far a lies above b, and 0 if it doesn't. What has to be added to it?"


def _pair_problem(function: Callable[..., Any], case: _Pair) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave."""
    a, b = case.arguments()
    if problem := call_problem(function, (a, b, _relu), {}, _CALL, _CALL):
        return problem, None
    problem, result = attempt(function, (a, b, _relu), {}, _PAIR_HINT)
    if problem:
        if case.strict and "isn't written yet" not in problem:
            problem = (
                "The numbers are right, but not by the relu that is handed in, plus and minus alone: no max, no "
                f"comparison, no abs. {_PAIR_HINT}"
            )
        return problem, None
    return _pair_result_problem(function, case, result), result


def _pair_result_problem(function: Callable[..., Any], case: _Pair, result: Any) -> str:
    if result is None:
        return "It returned nothing (None). Does it end with a `return`?"
    found = _numbers(result)
    if found is None:
        return f"It returned {type(result).__name__}, and a number is asked for."
    if is_same(found, np.maximum(case.a, case.b)):
        return ""
    for explanation, wrong in _PAIR_MISTAKES:
        if _always_gives(function, wrong):
            return explanation
    return f"The larger one should come out. {_PAIR_HINT}"


def _numbers(result: Any) -> np.ndarray | None:
    try:
        return np.asarray(_value(result) if isinstance(result, _PlusAndMinusOnly) else result, dtype=float)
    except (TypeError, ValueError):
        return None


def _always_gives(function: Callable[..., Any], wrong: Callable[[Any, Any], np.ndarray]) -> bool:
    """Return whether the function gives the same as `wrong` for each of the pairs: one pair may agree by chance."""
    for pair in _PAIRS:
        a, b = np.asarray(pair.a), np.asarray(pair.b)
        _, result = attempt(function, (a, b, _relu), {}, "")
        found = _numbers(result)
        if found is None or not is_same(found, wrong(a, b)):
            return False
    return True


_PAIR_MISTAKES: list[tuple[str, Callable[[Any, Any], np.ndarray]]] = [
    ("This is how far a lies above b, and 0 if it doesn't: b is still to be added.", lambda a, b: _relu(a - b)),
    ("relu(a - b) is what a has more than b, so b is to be added to it, not a.", lambda a, b: _relu(a - b) + a),
    ("relu(b - a) is what b has more than a, so a is to be added to it, not b.", lambda a, b: _relu(b - a) + b),
    ("This is the smaller one.", np.minimum),
    (
        "This is a + b where both are positive: relu by itself compares with 0, not with the other number.",
        lambda a, b: _relu(a) + _relu(b),
    ),
    ("b goes through relu, too, which makes a negative one 0.", lambda a, b: _relu(a - b) + _relu(b)),
    ("The larger one may be negative; yours comes out as 0.", lambda a, b: _relu(np.maximum(a, b))),
    ("That is always the first one.", lambda a, b: a),
    ("That is always the second one.", lambda a, b: b),
]

_PAIRS = [
    _Pair("the first one is larger", 5.0, 2.0),
    _Pair("the second one is larger", 3.0, 8.0),
    _Pair("both are alike", 4.0, 4.0),
    _Pair("one is negative", -6.0, 1.5),
    _Pair("both are negative", -2.5, -7.0),
    _Pair("by relu, plus and minus alone", -1.0, -3.0, strict=True),
    _Pair("two arrays at once", [[1.0, -4.0], [0.0, 2.0]], [[3.0, -5.0], [-1.0, 2.0]]),
]
