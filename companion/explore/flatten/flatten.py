"""The explorer of flattening: how a picture comes apart into one line of numbers."""

from typing import Any

import traitlets

from companion.explore.base import Explorer, files
from companion.explore.digits.models import SIDE, ten_digits
from companion.explore.traits import Whole


class Flatten(Explorer):
    """Watch a digit's pixels go into one line, row after row, and see how far apart neighbours stand there.

    Parameters
    ----------
    digit : int
        The digit that is shown, 0 to 9.
    placed : int
        How many of its pixels are in the line, 0 to 784.
    row, column : int
        The chosen pixel, 0 to 27.

    Every parameter is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If a number is out of range.
    DataUnavailable
        If MNIST isn't there and no source answers.
    """

    _esm, _css = files(__file__)

    digits = traitlets.Bytes(help="ten pictures of 28 x 28 bytes").tag(sync=True)
    digit = Whole(4, 0, 9).tag(sync=True)
    placed = Whole(0, 0, SIDE * SIDE).tag(sync=True)
    row = Whole(14, 0, SIDE - 1).tag(sync=True)
    column = Whole(18, 0, SIDE - 1).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(digits=ten_digits().tobytes(), **state)

    def describe(self) -> str:
        """The digit, the chosen pixel and its place."""
        place = SIDE * self.row + self.column
        return f"Flatten explorer: the {self.digit}; row {self.row}, column {self.column} goes to place {place}"
