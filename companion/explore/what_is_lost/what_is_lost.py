"""The explorer of what pooling loses: a picture rebuilt from its pooled map."""

from typing import Any

import traitlets

from companion.explore.base import Explorer, check_picture, files, gallery
from companion.explore.traits import OneOf, Whole

SIDE = 128
WINDOWS = (1, 2, 4, 8, 16, 32, 64, 128)
SOURCES = ("picture", "edges")
REBUILDS = ("average", "spread", "winners")


class WhatIsLost(Explorer):
    """Pool a picture, rebuild it from the pooled map alone, and see how far off that is.

    Grey levels go from 0 (black) to 255 (white). Pictures have 128 x 128 pixels; the stride is the window's side.

    Parameters
    ----------
    picture : str
        One of `companion.data.PICTURES`. After an upload it is the file's name, after drawing "drawing".
    source : str
        What is pooled: the "picture", or "edges": its vertical edges, as a convolution and max(0, x) give them, divided
        by 4 so that they stay within 0 to 255.
    window : int
        Side of the windows in pixels: a power of two from 1 to 128, where 128 is global pooling.
    rebuild : str
        "average": pooled by average, each number spread over its window; "spread": the same of the maxima;
        "winners": each maximum put back where it was, with zeros elsewhere.
    row, column : int
        The window that is looked at, counted from 0.

    Every parameter is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If the picture is unknown, or a word or number is out of range.
    """

    _esm, _css = files(__file__)

    pictures: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    picture = traitlets.Unicode("cat").tag(sync=True)
    source = OneOf(SOURCES).tag(sync=True)
    window = OneOf(WINDOWS, 4).tag(sync=True)
    rebuild = OneOf(REBUILDS).tag(sync=True)
    row = Whole(12, 0).tag(sync=True)
    column = Whole(6, 0).tag(sync=True)

    def __init__(self, picture: str = "cat", **state: Any) -> None:
        from companion.data import PICTURES

        check_picture(picture, PICTURES)
        captions, pixels = gallery(PICTURES, size=SIDE)
        super().__init__(picture=picture, pictures=captions, pixels=pixels, **state)

    def describe(self) -> str:
        """What is pooled, and how it is rebuilt."""
        left = (SIDE // self.window) ** 2
        return (
            f"What is lost explorer: {self.source} of {self.picture!r}, windows of {self.window} x {self.window} keep "
            f"{left:,} of {SIDE**2:,} numbers; rebuilt by {self.rebuild}"
        )
