"""The check of a learner's pool2d."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from companion import layers
from companion.check.arrays import Example, array_problem
from companion.check.report import Report, report

_random = np.random.default_rng(7)


def pool2d(function: Callable[..., Any]) -> Report:
    """Check a learner's `pool2d(x, window=2, stride=2, kind="max")`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes x of shape (H, W), the window's side and the stride in pixels, and "max" or "average", and returns the
        pooled map as an array; no padding.
    """
    return report(function, _POOLS, array_problem)


def _pool_example(about: str, x: np.ndarray, hint: str, **options: Any) -> Example:
    """A call of pool2d with only those arguments that the example is about."""
    layer: dict[str, Any] = {"window": 2, "stride": 2, "kind": "max"} | options
    pool = partial(layers.pool2d, x, **layer)
    right = pool()
    rows, columns = right.shape
    by_one = pool(stride=1)[:rows, :columns]
    mistakes = [
        (
            "Every number is the window's side: np.max(window) looks at the argument `window`. Cut the part of x in "
            "the window out first, and look at that.",
            np.full(right.shape, layer["window"]),
        ),
        ("Rows and columns of the result are swapped: the first index counts rows, from the top.", right.T),
        ("This is the average of each window, and here the largest number is asked for.", pool(kind="average")),
        (
            'This is the largest number of each window, and with kind="average" the average is asked for.',
            pool(kind="max"),
        ),
        ("This is the smallest number of each window.", -layers.pool2d(-x, **layer)),
        ("Each window is added up; divide by how many numbers it holds.", right * layer["window"] ** 2),
        (
            "The result has the right size, but its windows lie one pixel apart: the window of output [i, j] starts at "
            "row i * stride, column j * stride.",
            by_one,
        ),
        (
            "The last windows hang over the edge. Such windows don't count: round the number of windows down.",
            pool(padding="same"),
        ),
        ("The stride makes no difference yet: from one window to the next, go `stride` pixels on.", pool(stride=1)),
        (
            "The windows jump by their own width: from one to the next, go `stride` pixels on.",
            pool(stride=layer["window"]),
        ),
        (
            "No window is kept at negative numbers: the largest of them is negative, too, and not 0.",
            np.maximum(right, 0),
        ),
        ("The fractions are lost: make the result with np.zeros((rows, columns)), not like x.", np.trunc(right)),
    ]
    return Example(
        about=about,
        name="pool2d",
        arguments={"x": x},
        right=right,
        mistakes=tuple(mistakes),
        hint=hint,
        options=options,
        signature='pool2d(x, window=2, stride=2, kind="max")',
    )


_POOLS = [
    _pool_example(
        "keeps the largest number of each window",
        np.array([[1, 3, 0, 2], [4, 2, 1, 0], [0, 1, 7, 6], [2, 5, 3, 8]]),
        "Cut each window out of x first; np.max(part) is the largest number of such a part.",
    ),
    _pool_example(
        "works on an image that is wider than high",
        np.array([[1, 4, 2, 0, 3, 5], [2, 0, 6, 1, 1, 2]]),
        "Take height and width apart: height, width = x.shape.",
    ),
    _pool_example(
        "leaves out rows and columns that no window reaches",
        np.array([[1, 3, 0, 2, 9], [4, 2, 1, 0, 9], [0, 1, 7, 6, 9], [2, 5, 3, 8, 9], [9, 9, 9, 9, 9]]),
        "Rows of the map: (height - window) // stride + 1.",
    ),
    _pool_example(
        "window=3, stride=1: windows may overlap",
        np.array([[1, 3, 0, 2], [4, 2, 1, 0], [0, 1, 7, 6], [2, 5, 3, 8]]),
        "The window of output [i, j] starts at row i * stride, column j * stride, and is `window` pixels wide.",
        window=3,
        stride=1,
    ),
    _pool_example(
        "window=2, stride=3: windows may leave gaps",
        np.array([[1, 3, 9, 2, 4], [4, 2, 9, 0, 1], [9, 9, 9, 9, 9], [2, 5, 9, 8, 0], [1, 0, 9, 3, 6]]),
        "The window of output [i, j] starts at row i * stride, column j * stride, and is `window` pixels wide.",
        stride=3,
    ),
    _pool_example(
        "keeps negative numbers",
        np.array([[-1, -3, -2, -2], [-4, -2, -5, -7]]),
        "A window's largest number may be negative.",
    ),
    _pool_example(
        'kind="average" takes the average',
        np.array([[1, 3, 0, 2], [4, 2, 1, 0], [0, 1, 7, 6], [2, 5, 3, 8]]),
        "np.mean(part) is the average of a part. The result needs room for fractions: np.zeros((rows, columns)).",
        kind="average",
    ),
    _pool_example(
        "agrees with the course's own pool2d on a larger image",
        _random.normal(size=(14, 11)),
        "The smaller checks are right, so look at what is different here: window=3, stride=2 and averages.",
        window=3,
        stride=2,
        kind="average",
    ),
]
