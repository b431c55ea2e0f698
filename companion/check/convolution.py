"""The check of a learner's conv2d, with one channel and with several."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from companion import layers
from companion.check.call import Call
from companion.check.report import Report, attempt, call_problem, is_same, kept_problem, report, type_problem
from companion.errors import ArgumentError

_SIGNATURE = "conv2d(x, kernel, padding=0, stride=1)"
_AN_ARRAY = "np.zeros((rows, columns)) makes one to fill."


def conv2d(function: Callable[..., Any], channels: bool = False) -> Report:
    """Check a learner's `conv2d(x, kernel, padding=0, stride=1)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes x of shape (H, W) and a kernel of shape (k, k), and returns the cross-correlation as an array.
    channels
        Check the second stage instead: x (H, W, C_in), kernel (k, k, C_in, C_out), result (H', W', C_out).
    """
    return report(function, _WITH_CHANNELS if channels else _WITHOUT_CHANNELS, _problem)


@dataclass(frozen=True)
class _Case:
    """One call of the learner's function; `hint` is what helps when the mistake isn't one of the known ones."""

    about: str
    x: np.ndarray
    kernel: np.ndarray
    hint: str
    padding: int = 0
    stride: int = 1

    def options(self) -> dict[str, int]:
        """Return the arguments that this case is about; the others are left to their defaults."""
        return ({"padding": self.padding} if self.padding else {}) | (
            {"stride": self.stride} if self.stride > 1 else {}
        )

    def right(self, **changes: Any) -> np.ndarray:
        """Return the right result, or what it would be for another x, kernel, padding or stride."""
        case = replace(self, **changes)
        return layers.conv2d(case.x, case.kernel, padding=case.padding, stride=case.stride)

    def call_text(self) -> str:
        """Return the call as a learner would write it."""
        return f"conv2d({', '.join(['x', 'kernel', *(f'{name}={value}' for name, value in self.options().items())])})"

    def example(self, result: Any = None) -> Call:
        """Return the call with its numbers, and what came out instead."""
        arguments = {"x": self.x, "kernel": self.kernel}
        return Call(self.call_text(), arguments, self.right(), result, item="channel", axis=-1)


def _problem(function: Callable[..., Any], case: _Case) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave, None if nothing."""
    arguments = {"x": case.x, "kernel": case.kernel}
    copies = {name: array.copy() for name, array in arguments.items()}
    given = tuple(copies.values())
    if problem := call_problem(function, given, case.options(), case.call_text(), _SIGNATURE):
        return problem, None
    problem, result = attempt(function, given, case.options(), case.hint)
    return problem or type_problem(result, _AN_ARRAY) or _result_problem(case, result) or kept_problem(
        arguments, copies
    ), result


def _result_problem(case: _Case, result: np.ndarray) -> str:
    expected = case.right()
    if is_same(result, expected):
        return ""
    for explanation, wrong in _MISTAKES:
        if is_same(result, _without_error(wrong, case)):
            return explanation
    if result.shape != expected.shape:
        return f"{_shape_problem(case, result.shape, expected.shape)} {case.hint}"
    return f"{_value_problem(case, result, expected)} {case.hint}"


def _without_error(wrong: Callable[[_Case], np.ndarray], case: _Case) -> np.ndarray | None:
    try:
        return wrong(case)
    except ArgumentError:  # without its padding, the image may be too small for the kernel
        return None


def _shape_problem(case: _Case, found: tuple[int, ...], expected: tuple[int, ...]) -> str:
    text = f"Its result has shape {found}, and it should be {expected}."
    if found[:2] == expected[:2] or len(found) != len(expected):
        return text
    n, k = case.x.shape[0], case.kernel.shape[0]
    text += (
        " The number of rows is floor((n + 2 * padding - k) / stride) + 1 = "
        f"floor(({n} + 2 * {case.padding} - {k}) / {case.stride}) + 1 = {expected[0]}; the columns likewise."
    )
    more = {a - b for a, b in zip(found[:2], expected[:2], strict=True)}
    if found[0] == found[1] and expected[0] != expected[1]:
        return f"{text} Do you use the height for the width, too? Images needn't be square."
    if more <= {0, 1}:
        return f"{text} Yours is one larger."
    if more <= {0, -1}:
        return f"{text} Yours is one smaller: the + 1 stands for the first window."
    return text


def _value_problem(case: _Case, result: np.ndarray, expected: np.ndarray) -> str:
    place = tuple(int(i) for i in np.argwhere(~np.isclose(result, expected, rtol=1e-4, atol=1e-5))[0])
    row, column, *channel = place
    where = f"row {row}, column {column}" + (f", channel {channel[0]}" if channel else "")
    return f"At {where} the sum should be {_sum_text(case, place)}, and yours is {result[place]:g}."


def _sum_text(case: _Case, place: tuple[int, ...]) -> str:
    """Return the sum behind one value of the right result, written out if it is short: "1·2 + 0·3 = 2"."""
    total = f"{case.right()[place]:g}"
    top, left = place[0] * case.stride, place[1] * case.stride
    k = len(case.kernel)
    padded = np.pad(case.x, [(case.padding,) * 2] * 2 + [(0, 0)] * (case.x.ndim - 2))
    window = padded[top : top + k, left : left + k]
    weights = case.kernel[..., place[2]] if len(place) > 2 else case.kernel
    if window.size > 9:
        return total
    return (
        " + ".join(f"{a:g}·{_in_a_product(b)}" for a, b in zip(window.flat, weights.flat, strict=True)) + f" = {total}"
    )


def _in_a_product(number: float) -> str:
    return f"({number:g})" if number < 0 else f"{number:g}"


# Mistakes that people often make


def _padded_otherwise(case: _Case, before: int, after: int, mode: Any = "constant") -> np.ndarray:
    """Return the result with another padding than zeros on each side."""
    widths = [(before, after)] * 2 + [(0, 0)] * (case.x.ndim - 2)
    return case.right(x=np.pad(case.x, widths, mode=mode), padding=0)


def _windows_step_by_one(case: _Case) -> np.ndarray:
    """Return a result of the right size, for which the stride was forgotten where the windows are cut out."""
    rows, columns = case.right().shape[:2]
    return case.right(stride=1)[:rows, :columns]


_MISTAKES: list[tuple[str, Callable[[_Case], np.ndarray]]] = [
    (
        "The kernel is turned by 180 degrees, as mathematicians do in a convolution. The layers of a network don't "
        "turn it: multiply each window by the kernel as it is.",
        lambda case: case.right(kernel=case.kernel[::-1, ::-1]),
    ),
    (
        "The rows and columns of the kernel are swapped: window[i, j] belongs to kernel[i, j].",
        lambda case: case.right(kernel=case.kernel.swapaxes(0, 1)),
    ),
    (
        "Rows and columns of the result are swapped: the first index counts rows, from the top; the second columns.",
        lambda case: case.right().swapaxes(0, 1),
    ),
    (
        "The padding makes no difference yet: surround x by `padding` rows and columns of zeros first, as np.pad does.",
        lambda case: case.right(padding=0),
    ),
    (
        "The zeros are only above and to the left: `padding` rows and columns belong on each of the four sides.",
        lambda case: _padded_otherwise(case, case.padding, 0),
    ),
    (
        "The zeros are only below and to the right: `padding` rows and columns belong on each of the four sides.",
        lambda case: _padded_otherwise(case, 0, case.padding),
    ),
    (
        "The padding repeats the pixels at the edge, and here it is zeros: np.pad does that unless a mode is given.",
        lambda case: _padded_otherwise(case, case.padding, case.padding, mode="edge"),
    ),
    (
        "The stride makes no difference yet: from one window to the next, go `stride` pixels on.",
        lambda case: case.right(stride=1),
    ),
    (
        "The result has the right size, but its windows lie one pixel apart: the window of output [i, j] starts at row "
        "i * stride, column j * stride.",
        _windows_step_by_one,
    ),
    (
        "The fractions are lost: the result has been made of integers, perhaps because it was made like x. Make it of "
        "floating-point numbers, as np.zeros((rows, columns)) does.",
        lambda case: case.right().astype(int),
    ),
    (
        "Only the first input channel counts: add up the products of all channels.",
        lambda case: case.right(x=case.x[:, :, :1], kernel=case.kernel[:, :, :1]) if case.x.ndim > 2 else case.right(),
    ),
]


# The cases, from easy to hard

_KERNEL = np.array([[1, 2], [0, -1]])
_random = np.random.default_rng(7)

_WITHOUT_CHANNELS = [
    _Case(
        "slides the kernel over the image and adds up the products",
        x=np.array([[1, 2, 0], [0, 1, 3], [4, 0, 1]]),
        kernel=_KERNEL,
        hint="For each place of the kernel, multiply the pixels under it by its weights and add up.",
    ),
    _Case(
        "works on an image that is wider than high",
        x=np.array([[1, 0, 2, 1], [3, 1, 0, 2], [0, 2, 1, 1]]),
        kernel=_KERNEL,
        hint="Take height and width apart: height, width = x.shape.",
    ),
    _Case(
        "padding=1 surrounds the image with zeros",
        x=np.array([[1, 2], [3, 4]]),
        kernel=_KERNEL,
        padding=1,
        hint="np.pad(x, padding) surrounds x with zeros; take height and width from the padded image.",
    ),
    _Case(
        "stride=2 takes every second window",
        x=np.array([[1, 2, 0, 1], [0, 1, 3, 2], [4, 0, 1, 0], [1, 3, 2, 1]]),
        kernel=_KERNEL,
        stride=2,
        hint="The window of output [i, j] starts at row i * stride, column j * stride.",
    ),
    _Case(
        "leaves out the last window where the stride doesn't divide",
        x=np.array([[1, 2, 0, 1, 3], [0, 1, 3, 2, 1], [4, 0, 1, 0, 2], [1, 3, 2, 1, 0], [2, 0, 1, 1, 4]]),
        kernel=_KERNEL,
        stride=2,
        hint="A window that sticks out over the edge doesn't count: round the number of windows down.",
    ),
    _Case(
        "padding and stride together, with a 3 x 3 kernel",
        x=np.array([[1, 2, 0, 1], [0, 1, 3, 2], [4, 0, 1, 0], [1, 3, 2, 1]]),
        kernel=np.array([[1, 0, 2], [0, -1, 1], [3, 0, 1]]),
        padding=1,
        stride=2,
        hint="Pad first, then cut windows of k x k pixels out of the padded image; k is kernel.shape[0].",
    ),
    _Case(
        "keeps fractions, also for an image of integers",
        x=np.array([[1, 2, 0], [0, 1, 3], [4, 0, 1]]),
        kernel=np.array([[0.5, 0.25], [0.0, -0.5]]),
        hint="Make the result of floating-point numbers.",
    ),
    _Case(
        "agrees with the course's own conv2d on a larger image",
        x=_random.normal(size=(12, 9)),
        kernel=_random.normal(size=(3, 3)),
        padding=2,
        stride=3,
        hint="The smaller checks are right, so look at what is different here: padding=2 and stride=3.",
    ),
]

_WITH_CHANNELS = [
    _Case(
        "adds up over the input channels",
        x=np.array([[[1, 0], [2, 1]], [[0, 3], [1, 2]]]),
        kernel=np.array([[[[1], [2]], [[2], [0]]], [[[0], [1]], [[-1], [1]]]]),
        hint="A window has k x k x C_in pixels and a filter as many weights: the sum goes over all three.",
    ),
    _Case(
        "makes one channel of output for each filter",
        x=_random.integers(0, 4, size=(3, 4, 2)),
        kernel=_random.integers(-2, 3, size=(2, 2, 2, 3)),
        hint="output[i, j, c] is the sum of window * kernel[:, :, :, c].",
    ),
    _Case(
        "padding=1 adds rows and columns, not channels",
        x=_random.integers(1, 4, size=(2, 3, 2)),
        kernel=_random.integers(-2, 3, size=(2, 2, 2, 2)),
        padding=1,
        hint="np.pad(x, padding) pads the channels, too: give it ((padding, padding), (padding, padding), (0, 0)).",
    ),
    _Case(
        "stride=2 takes every second window, in rows and columns",
        x=_random.integers(0, 4, size=(5, 4, 2)),
        kernel=_random.integers(-2, 3, size=(2, 2, 2, 2)),
        stride=2,
        hint="The window of output [i, j] starts at row i * stride, column j * stride, and has all channels.",
    ),
    _Case(
        "agrees with the course's own conv2d on a larger image",
        x=_random.normal(size=(9, 8, 3)),
        kernel=_random.normal(size=(3, 3, 3, 4)),
        padding=1,
        stride=2,
        hint="The smaller checks are right, so look at what is different here: three channels, padding and stride.",
    ),
]
