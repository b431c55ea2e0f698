"""Comparisons of NumPy's that are not fooled by arrays without elements.

NumPy compares an empty array with any number as if each of its elements were equal, of which there are none. So in the
process that runs the tests, an answer of `[]` would pass `(answer == 42).all()`, `np.allclose(answer, 42)` and
`np.linalg.norm(answer - 42) < 1e-6`. Here an empty array that meets another one that is not empty raises.
"""

import collections
import functools
import operator
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from autograder.trusted.handles import is_handle

TEST_FILE, COURSE_FILE = "<test>", "<course>"  # the file names of compiled cells
NOTEBOOK_FILES = (TEST_FILE, COURSE_FILE)
_ASSERTIONS = (
    "assert_allclose",
    "assert_almost_equal",
    "assert_array_almost_equal",
    "assert_array_almost_equal_nulp",
    "assert_array_equal",
    "assert_array_less",
    "assert_array_max_ulp",
    "assert_equal",
)
_COMPARISONS = ("allclose", "isclose", "array_equiv")
_MAKERS = ("array", "asarray", "asanyarray", "ascontiguousarray")
_CONTAINERS = (str, bytes, list, tuple, dict, set, frozenset, range, collections.deque)
_MOST_LOOKED_AT = 1000  # parts of a container
_FOUND = "one of the two has no elements, and the other has"


class EmptyArray(np.ndarray):
    """An array without elements: an operation on it and one with elements raises AssertionError.

    NumPy's functions take it for an ordinary array.
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        """Apply a ufunc. Raises AssertionError where it would have nothing to compare."""
        if method == "__call__" and len(inputs) > 1 and _only_one_is_empty(*inputs):
            raise AssertionError(_FOUND)
        if named.get("out"):
            named["out"] = tuple(map(_plain, named["out"]))
        return guarded(getattr(ufunc, method)(*map(_plain, inputs), **named))

    def __array_function__(self, function: Any, types: Any, positional: Any, named: Any) -> Any:
        """Apply one of NumPy's functions, all of which may join empty arrays to others."""
        return guarded(function(*_plain_parts(positional), **{key: _plain_part(each) for key, each in named.items()}))


def guarded(value: Any) -> Any:
    """The same value, with each array without elements in it, or in a list, tuple or dict, as an EmptyArray.

    What holds none stays the same object.
    """
    if type(value) is np.ndarray:
        return value.view(EmptyArray) if value.size == 0 else value
    if type(value) in (list, tuple):
        parts = [*map(guarded, value)]
        return value if all(map(operator.is_, parts, value)) else type(value)(parts)
    if type(value) is dict:
        entries = {key: guarded(each) for key, each in value.items()}
        return value if all(map(operator.is_, entries.values(), value.values())) else entries
    return value


def holds_nothing(value: Any) -> bool:
    """Whether it is, or has among its parts, a text, a container, an array or a tensor without elements."""
    waiting, looked_at = [value], 0
    while waiting and looked_at < _MOST_LOOKED_AT:
        part = waiting.pop()
        looked_at += 1
        if is_handle(part):
            continue
        if isinstance(part, _CONTAINERS):
            if not len(part):
                return True
            if isinstance(part, list | tuple | dict):
                waiting += [*(part.values() if isinstance(part, dict) else part)][:_MOST_LOOKED_AT]
        elif 0 in _shape(part):
            return True
    return False


def emptied(value: Any) -> Any:
    """A value of the same kind with nothing in it; other kinds than numbers, texts, containers and arrays stay."""
    if is_handle(value):
        return value
    if isinstance(value, tuple):
        return ()
    if isinstance(value, str | bytes | list | dict | set | frozenset | collections.deque):
        return type(value)()
    if isinstance(value, int | float | complex | np.generic):
        return np.zeros(0)
    if hasattr(value, "iloc"):  # a table
        return value.iloc[:0]
    return value[None][:0] if _shape(value) and hasattr(value, "dtype") else value


def be_strict() -> None:
    """Have NumPy in this process tell an empty array from one that is not."""
    for name in _ASSERTIONS:
        setattr(np.testing, name, _asserting(getattr(np.testing, name)))
    for name in _COMPARISONS:
        setattr(np, name, _telling(getattr(np, name)))
    for name in _MAKERS:
        setattr(np, name, _making(getattr(np, name)))


def _asserting(compare: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(compare)
    def strictly(*values: Any, **named: Any) -> None:
        if _only_one_is_empty(*values, *named.values()):
            raise AssertionError(_FOUND)
        compare(*values, **named)

    return strictly


def _telling(compare: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(compare)
    def strictly(*values: Any, **named: Any) -> Any:
        if _is_a_tests(sys._getframe(1)) and _only_one_is_empty(*values, *named.values()):
            return np.False_
        return compare(*values, **named)

    return strictly


def _making(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def strictly(*values: Any, **named: Any) -> Any:
        made = make(*values, **named)
        return guarded(made) if _is_a_tests(sys._getframe(1)) else made

    return strictly


def _is_a_tests(frame: FrameType) -> bool:
    """Whether the code that calls stands in a notebook: libraries work with empty arrays in ways of their own."""
    return frame.f_code.co_filename in NOTEBOOK_FILES


def _only_one_is_empty(*values: Any) -> bool:
    """Whether one of the first two values has elements and the other none."""
    try:
        first, second = map(np.size, values[:2])
    except Exception:  # no two arrays: the comparison itself says so
        return False
    return (first == 0) != (second == 0)


def _shape(value: Any) -> tuple[Any, ...]:
    shape = getattr(value, "shape", None)
    return tuple(shape) if isinstance(shape, tuple | list) else tuple(getattr(shape, "as_list", tuple)())


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, EmptyArray) else value


def _plain_part(value: Any) -> Any:
    return _plain_parts(value) if type(value) in (list, tuple) else _plain(value)


def _plain_parts(values: Any) -> Any:
    return type(values)(map(_plain_part, values))
