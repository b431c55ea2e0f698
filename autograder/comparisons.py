"""Comparisons of NumPy's that are not fooled by arrays without elements.

NumPy compares an empty array with any number as if each of its elements were equal, of which there are none. So in the
process that runs the tests, an answer of `[]` would pass `np.allclose(answer, 42)`.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

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


def be_strict() -> None:
    """Have NumPy's comparisons in this process tell an empty array from one that is not."""
    for name in _ASSERTIONS:
        setattr(np.testing, name, _asserting(getattr(np.testing, name)))
    np.allclose = _telling(np.allclose)


def _asserting(compare: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(compare)
    def strictly(*values: Any, **named: Any) -> None:
        if _only_one_is_empty(*values, *named.values()):
            raise AssertionError("one of the two has no elements, and the other has")
        compare(*values, **named)

    return strictly


def _telling(compare: Callable[..., bool]) -> Callable[..., bool]:
    @functools.wraps(compare)
    def strictly(*values: Any, **named: Any) -> bool:
        return not _only_one_is_empty(*values, *named.values()) and compare(*values, **named)

    return strictly


def _only_one_is_empty(*values: Any) -> bool:
    """Whether one of the first two values has elements and the other none."""
    try:
        first, second = map(np.size, values[:2])
    except Exception:  # no two arrays: the comparison itself says so
        return False
    return (first == 0) != (second == 0)
