"""Checks of what a learner writes in a lesson: what is right, and the first thing that isn't, in plain words.

A check compares with the course's own code, and with versions of it that are wrong on purpose, one for each mistake
that people often make: a result that equals one of those can be explained.
"""

import html
import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from companion import layers
from companion.errors import ArgumentError

_SIGNATURE = "def conv2d(x, kernel, padding=0, stride=1):"


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found.

    Attributes
    ----------
    right
        What the passed checks were about.
    total
        How many checks there are.
    failed, problem, example
        What the first failed check was about, what is wrong in plain words, and the call with its numbers; else "".
    """

    right: tuple[str, ...]
    total: int
    failed: str = ""
    problem: str = ""
    example: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return len(self.right) == self.total

    def __repr__(self) -> str:
        lines = [self._headline(), *(f"  ✓ right: {name}" for name in self.right)]
        lines += [f"  ○ not yet: {self.failed}"] if self.failed else []
        return "\n".join(filter(None, [*lines, self.problem, self.example]))

    def _repr_html_(self) -> str:
        items = [f"✓ right: {name}" for name in self.right] + ([f"○ not yet: {self.failed}"] if self.failed else [])
        rows = "".join(f"<li>{html.escape(item)}</li>" for item in items)
        return (
            f"<p><strong>{self._headline()}</strong></p>"
            f'<ul style="list-style: none; padding-left: 1em">{rows}</ul>'
            + (f"<p>{html.escape(self.problem)}</p><pre>{html.escape(self.example)}</pre>" if self.problem else "")
        )

    def _headline(self) -> str:
        if self.passed:
            return f"All {self.total} checks are right. Well done!"
        return f"{len(self.right)} of {self.total} checks are right."


def conv2d(function: Callable[..., Any], channels: bool = False) -> Report:
    """Check a learner's `conv2d(x, kernel, padding=0, stride=1)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes x of shape (H, W) and a kernel of shape (k, k), and returns the cross-correlation as an array.
    channels
        Check the second stage instead: x (H, W, C_in), kernel (k, k, C_in, C_out), result (H', W', C_out).
    """
    return _report(function, _WITH_CHANNELS if channels else _WITHOUT_CHANNELS, _problem)


def shuffle(function: Callable[..., Any]) -> Report:
    """Check a learner's `shuffle(pictures, order)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes pictures of shape (n, height, width) and the order of their height * width pixels, and returns pictures of
        the same shape: pixel number i of each is pixel number order[i] of the straight one, counted row by row.
    """
    return _report(function, _SHUFFLES, _array_problem)


def twin_weights(function: Callable[..., Any]) -> Report:
    """Check a learner's `twin_weights(weights, order)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes the weights of a dense layer, of shape (inputs, units), and an order of the inputs, and returns the
        weights that give on `x[order]` what the layer gives on x.
    """
    return _report(function, _TWINS, _array_problem)


def pool2d(function: Callable[..., Any]) -> Report:
    """Check a learner's `pool2d(x, window=2, stride=2, kind="max")`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes x of shape (H, W), the window's side and the stride in pixels, and "max" or "average", and returns the
        pooled map as an array; no padding.
    """
    return _report(function, _POOLS, _array_problem)


def relu_max(function: Callable[..., Any]) -> Report:
    """Check a learner's `relu_max(a, b, relu)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes two numbers (or arrays) and the function relu, and returns the larger one, by relu, plus and minus alone.
    """
    return _report(function, _PAIRS, _pair_problem)


def _report(function: Callable[..., Any], cases: Sequence[Any], find: Callable[..., tuple[str, Any]]) -> Report:
    """Go through the cases until `find(function, case)` gives a problem, with the result that the function returned."""
    right: list[str] = []
    for case in cases:
        problem, result = find(function, case)
        if problem:
            example = case.example(result) if callable(function) else ""
            return Report(tuple(right), len(cases), failed=case.about, problem=problem, example=example)
        right.append(case.about)
    return Report(tuple(right), len(cases))


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

    def example(self, result: Any = None) -> str:
        """Return the call, and where they are few enough to compute with its numbers and what came out instead."""
        if self.x.ndim > 2 or self.x.size > 25:
            return f"{self.call_text()} with x of shape {self.x.shape} and kernel of shape {self.kernel.shape}"
        lines = [f"x =\n{self.x}", f"kernel =\n{self.kernel}", f"{self.call_text()} should give\n{self.right()}"]
        if isinstance(result, np.ndarray) and result.size <= 25:
            lines.append(f"and yours gave\n{result}")
        return "\n".join(lines)


def _problem(function: Callable[..., Any], case: _Case) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave, None if nothing."""
    if problem := _signature_problem(function, case):
        return problem, None
    x, kernel = case.x.copy(), case.kernel.copy()
    problem, result = _call(function, (x, kernel), case.options(), case.hint)
    return problem or _type_problem(result) or _result_problem(case, result) or _changed_problem(
        case, x, kernel
    ), result


def _call(
    function: Callable[..., Any], arguments: Sequence[Any], options: dict[str, Any], hint: str
) -> tuple[str, Any]:
    """Call the learner's function; return what went wrong, "" if nothing, and what it gave."""
    try:
        return "", function(*arguments, **options)
    except NotImplementedError:
        return "This isn't written yet: put your code in place of `raise NotImplementedError()`.", None
    except Exception as error:  # whatever a learner's code does
        reason = " ".join(str(error).split())
        return f"It stopped with {type(error).__name__}{_line(function, error)}: {reason}. {hint}", None


def _signature_problem(function: Callable[..., Any], case: _Case) -> str:
    if not callable(function):
        return "Give the function itself, without calling it: check.conv2d(conv2d)."
    try:
        inspect.signature(function).bind(case.x, case.kernel, **case.options())
    except (TypeError, ValueError) as error:
        return f"It cannot be called as {case.call_text()} ({error}). Its first line has to be: {_SIGNATURE}"
    return ""


def _changed_problem(case: _Case, x: np.ndarray, kernel: np.ndarray) -> str:
    for name, before, after in (("x", case.x, x), ("kernel", case.kernel, kernel)):
        if not np.array_equal(before, after):
            return f"The result is right, but {name} was changed on the way. Work on a copy: {name} = {name}.copy()."
    return ""


def _line(function: Callable[..., Any], error: Exception) -> str:
    """Return where in the learner's function the error arose, e.g. " in line 3, `total = x + y`"."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    return f" in line {own[-1].lineno}, `{own[-1].line}`" if own else ""


def _type_problem(result: Any) -> str:
    if result is None:
        return "It returned nothing (None). Does it end with `return output`?"
    if not isinstance(result, np.ndarray):
        return f"It returned a {type(result).__name__}, not a NumPy array. np.zeros((rows, columns)) makes one to fill."
    if result.dtype.kind not in "biuf":
        return f"It returned an array of {result.dtype}, not of numbers. np.zeros((rows, columns)) makes one to fill."
    return ""


def _result_problem(case: _Case, result: np.ndarray) -> str:
    expected = case.right()
    if _same(result, expected):
        return ""
    for explanation, wrong in _MISTAKES:
        if _same(result, _without_error(wrong, case)):
            return explanation
    if result.shape != expected.shape:
        return f"{_shape_problem(case, result.shape, expected.shape)} {case.hint}"
    return f"{_value_problem(case, result, expected)} {case.hint}"


def _same(result: np.ndarray, other: np.ndarray | None) -> bool:
    return other is not None and result.shape == other.shape and np.allclose(result, other, rtol=1e-4, atol=1e-5)


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


# Functions of arrays whose wrong results are listed with each example


@dataclass(frozen=True)
class _Example:
    """One call of a learner's function of arrays, what it should give, and what known mistakes give instead."""

    about: str
    name: str  # of the function
    arguments: dict[str, np.ndarray]
    right: np.ndarray
    mistakes: tuple[tuple[str, np.ndarray], ...]
    hint: str
    options: dict[str, Any] = field(default_factory=dict)
    signature: str = ""  # of the function, if the call doesn't show all of it

    def call_text(self) -> str:
        """Return the call as a learner would write it."""
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join([*self.arguments, *options])})"

    def example(self, result: Any = None) -> str:
        """Return the call with its numbers, where they are few, and what came out instead."""
        if any(array.size > 25 for array in self.arguments.values()):
            shapes = ", ".join(f"{name} of shape {array.shape}" for name, array in self.arguments.items())
            return f"{self.call_text()} with {shapes}"
        lines = [f"{name} =\n{array}" for name, array in self.arguments.items()]
        lines.append(f"{self.call_text()} should give\n{self.right}")
        if isinstance(result, np.ndarray) and result.size <= 25:
            lines.append(f"and yours gave\n{result}")
        return "\n".join(lines)


def _array_problem(function: Callable[..., Any], case: _Example) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave, None if nothing."""
    if not callable(function):
        return f"Give the function itself, without calling it: check.{case.name}({case.name}).", None
    copies = {name: array.copy() for name, array in case.arguments.items()}
    try:
        inspect.signature(function).bind(*copies.values(), **case.options)
    except (TypeError, ValueError) as error:
        wanted = case.signature or case.call_text()
        return f"It cannot be called as {case.call_text()} ({error}). Its first line has to be: def {wanted}:", None
    problem, result = _call(function, tuple(copies.values()), case.options, case.hint)
    return problem or _type_problem(result) or _array_result_problem(case, result) or _kept_problem(
        case, copies
    ), result


def _array_result_problem(case: _Example, result: np.ndarray) -> str:
    if _same(result, case.right):
        return ""
    for explanation, wrong in case.mistakes:
        if _same(result, wrong):
            return explanation
    if result.shape != case.right.shape:
        return f"Its result has shape {result.shape}, and it should be {case.right.shape}. {case.hint}"
    return f"The shape is right, but not all the numbers are where they belong. {case.hint}"


def _kept_problem(case: _Example, copies: dict[str, np.ndarray]) -> str:
    for name, array in case.arguments.items():
        if not np.array_equal(array, copies[name]):
            return f"The result is right, but {name} was changed on the way. Work on a copy: {name} = {name}.copy()."
    return ""


def _shuffle_example(about: str, pictures: np.ndarray, order: np.ndarray) -> _Example:
    flat = pictures.reshape(len(pictures), -1)
    each_its_own = np.stack([picture[np.roll(order, shift)] for shift, picture in enumerate(flat)])
    return _Example(
        about=about,
        name="shuffle",
        arguments={"pictures": pictures, "order": order},
        right=flat[:, order].reshape(pictures.shape),
        mistakes=(
            ("The pixels are still where they were: take the flattened pixels in the given order.", pictures),
            (
                "This is the way back: pixel number i of the result should be pixel number order[i] of the picture, "
                "and yours has pixel number i in place order[i].",
                flat[:, np.argsort(order)].reshape(pictures.shape),
            ),
            ("The pixels are in the right order; give each picture its rows and columns back.", flat[:, order]),
            (
                "Every picture needs the same order; yours differs from picture to picture.",
                each_its_own.reshape(pictures.shape),
            ),
        ),
        hint="Flatten each picture with reshape(len(pictures), -1), take the columns in that order, and reshape back.",
    )


def _twin_example(about: str, weights: np.ndarray, order: np.ndarray) -> _Example:
    rows, columns = weights.shape
    mistakes = [
        ("These are the weights as they were: each has to go where its pixel went.", weights),
        (
            "This is the way back: input number i of the twin is input number order[i] of the old layer, and takes its "
            "weights; yours gave the weights of input i to place order[i].",
            weights[np.argsort(order)],
        ),
        (
            "A row belongs to an input, a column to a neuron: the rows are to be moved, not turned into columns.",
            weights[order].T,
        ),
    ]
    if rows == columns:
        mistakes.append(
            ("You moved the columns, which belong to the neurons. The inputs are the rows.", weights[:, order])
        )
    return _Example(
        about=about,
        name="twin_weights",
        arguments={"weights": weights, "order": order},
        right=weights[order],
        mistakes=tuple(mistakes),
        hint="weights[j] is the row of input j. Which row does input number i of the twin need?",
    )


_SHUFFLES = [
    _shuffle_example("one picture of 2 x 2 pixels", np.array([[[1, 2], [3, 4]]]), np.array([2, 0, 1, 3])),
    _shuffle_example(
        "several pictures, all in the same order", np.arange(1, 13).reshape(3, 2, 2), np.array([3, 0, 2, 1])
    ),
    _shuffle_example(
        "a picture that is wider than high", np.arange(10, 16).reshape(1, 2, 3), np.array([4, 2, 5, 0, 3, 1])
    ),
    _shuffle_example(
        "100 pictures of 28 x 28 pixels", _random.integers(0, 256, size=(100, 28, 28)), _random.permutation(784)
    ),
]

_TWINS = [
    _twin_example("one neuron with four inputs", np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([2, 0, 3, 1])),
    _twin_example("as many neurons as inputs", np.array([[1, -1, 2], [2, 0, 5], [0, 3, 4]]), np.array([1, 2, 0])),
    _twin_example("784 inputs and 128 neurons", _random.normal(size=(784, 128)), _random.permutation(784)),
]


# Pooling


def _pool_example(about: str, x: np.ndarray, hint: str, **options: Any) -> _Example:
    """A call of pool2d with only those arguments that the example is about."""
    layer: dict[str, Any] = {"window": 2, "stride": 2, "kind": "max"} | options
    pool = partial(layers.pool2d, x, **layer)
    right = pool()
    rows, columns = right.shape
    by_one = pool(stride=1)[:rows, :columns]
    mistakes = [
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
    return _Example(
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
        "For each window, np.max(window) is its largest number.",
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
        "np.mean(window) is the average of a window. The result needs room for fractions: np.zeros((rows, columns)).",
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


# The larger of two numbers, by relu


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

    def example(self, result: Any = None) -> str:
        """Return the call with its numbers, and what came out instead."""
        text = f"relu_max({self.a}, {self.b}, relu) should give {np.maximum(self.a, self.b)}"
        return text if result is None or self.strict else f"{text}, and yours gave {result}"


_PAIR_HINT = "relu(a - b) is how far a lies above b, and 0 if it doesn't. What has to be added to it?"


def _pair_problem(function: Callable[..., Any], case: _Pair) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave."""
    if not callable(function):
        return "Give the function itself, without calling it: check.relu_max(relu_max).", None
    a, b = case.arguments()
    try:
        inspect.signature(function).bind(a, b, _relu)
    except (TypeError, ValueError) as error:
        call = "relu_max(a, b, relu)"
        return f"It cannot be called as {call} ({error}). Its first line has to be: def {call}:", None
    problem, result = _call(function, (a, b, _relu), {}, _PAIR_HINT)
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
        return "It returned nothing (None). Does it end with `return`?"
    found = _numbers(result)
    if found is None:
        return f"It returned {type(result).__name__}, and a number is asked for."
    if _same(found, np.maximum(case.a, case.b)):
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
        _, result = _call(function, (a, b, _relu), {}, "")
        found = _numbers(result)
        if found is None or not _same(found, wrong(a, b)):
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
    _Pair("two arrays at once", [[1.0, -4.0], [0.0, 2.0]], [[3.0, -5.0], [-1.0, 2.0]]),
    _Pair("by relu, plus and minus alone", -1.0, -3.0, strict=True),
]
