"""The explorer of pooling on a few numbers: windows, winners, and the way back of a gradient."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from companion import layers
from companion.errors import ArgumentError
from companion.explore.base import Explorer, files
from companion.explore.traits import OneOf, Read, Whole, resumed

KINDS = ("max", "average", "global max", "global average")
SIZES = range(2, 9)  # numbers of the input along each side
MOST = 5  # largest window and stride

_START = (
    (1, 3, 0, 2, 5, 1),
    (4, 2, 1, 0, 3, 2),
    (0, 1, 7, 6, 1, 0),
    (2, 5, 3, 8, 0, 4),
    (6, 0, 2, 1, 9, 3),
    (1, 2, 0, 4, 2, 5),
)


def _square(values: Any, sides: range = SIZES) -> list[list[float]]:
    """Rows of finite numbers, as many as there are in each, or an ArgumentError that says what is asked for."""
    asked = f"{sides[0]} to {sides[-1]} rows of as many numbers"
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"This explorer takes {asked}.") from None
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.shape[0] not in sides:
        raise ArgumentError(f"This explorer takes {asked}; the shape is {array.shape}.")
    if not np.isfinite(array).all():
        raise ArgumentError(f"This explorer takes {asked}; one of these is not a finite number.")
    return array.tolist()


class Pooling(Explorer):
    """Touch an output of a pooling layer and see its window and its winner, forward and backward; edit the input.

    Parameters
    ----------
    numbers : rows of numbers, optional
        The input, square, with 2 to 8 numbers a side; 6 x 6 if left out.
    kind : str
        "max", "average", "global max" or "global average".
    window, stride : int
        1 to 5; the stride is as large as the window if left out. Global pooling uses neither.
    padding : str
        "valid" or "same", as in Keras.
    backward : bool
        Show how a gradient comes back, too.
    targets : dict, optional
        Maps to reach by editing the input, by kind, such as {"max": [[8, 6], [3, 9]]}. The layer is then fixed.
    answer : str, optional
        Name of the variable in this cell whose line `name = [[...], ...]` is kept up to date with the input.
    state : rows of numbers, optional
        The input to begin with instead of `numbers`, usually that variable's value.

    Attributes
    ----------
    numbers : list of lists
        The input as the learner has edited it.
    row, column : int
        The output that is looked at, counted from 0.

    Raises
    ------
    ArgumentError
        If the numbers are no square of that size, a word or number is out of range, no window fits, or a target has
        another shape than the map.
    """

    _esm, _css = files(__file__)
    other_ranges: ClassVar = {"side": (SIZES[0], SIZES[-1])}

    numbers = Read(_square).tag(sync=True)
    kind = OneOf(KINDS).tag(sync=True)
    window = Whole(2, 1, MOST).tag(sync=True)
    stride = Whole(2, 1, MOST).tag(sync=True)
    padding = OneOf(("valid", "same")).tag(sync=True)
    row = Whole(0, 0).tag(sync=True)
    column = Whole(0, 0).tag(sync=True)
    backward = traitlets.Bool(True).tag(sync=True)
    targets: traitlets.Dict = traitlets.Dict().tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        numbers: ArrayLike = _START,
        kind: str = "max",
        window: int = 2,
        stride: int | None = None,
        padding: str = "valid",
        backward: bool = True,
        targets: Mapping[str, ArrayLike] | None = None,
        answer: str | None = None,
        state: Any = None,
        **place: Any,
    ) -> None:
        begin = _square(numbers)
        side = len(begin)
        trouble = f"{answer or 'state'} does not hold {side} rows of {side} numbers"
        begin, problem = resumed(
            state, partial(_square, sides=range(side, side + 1)), begin, f"{trouble}, so the input begins anew."
        )
        super().__init__(
            numbers=begin,
            kind=kind,
            window=window,
            stride=window if stride is None else stride,
            padding=padding,
            backward=backward,
            answer=answer or "",
            problem=problem,
            **place,
        )
        shape = self._map_shape(self.window)  # says so if no window fits
        self.targets = {kind: _target(kind, target, shape) for kind, target in (targets or {}).items()}

    def describe(self) -> str:
        """The layer and the sizes."""
        side = len(self.numbers)
        window = min(self.window, side)  # as the page takes one that is set too large
        rows, _ = self._map_shape(window)
        layer = f"{self.kind} pooling"
        if not self.kind.startswith("global"):
            layer += f", window {window} x {window}, stride {self.stride}, padding {self.padding}"
        return f"Pooling explorer: {layer}: {side} x {side} becomes {rows} x {rows}"

    def _map_shape(self, window: int) -> tuple[int, int]:
        if self.kind.startswith("global"):
            return 1, 1
        rows, columns = layers.pool2d(self.numbers, window, stride=self.stride, padding=self.padding).shape
        return rows, columns


def _target(kind: str, target: ArrayLike, shape: tuple[int, int]) -> list[list[float]]:
    array = np.asarray(target, dtype=float)
    if kind not in KINDS[:2] or array.shape != shape:
        raise ArgumentError(
            f'A target belongs to "max" or "average" and has the shape {shape}; {kind!r} has {array.shape}.'
        )
    return array.tolist()
