"""The explorer of one kernel sliding over one picture."""

from typing import Any

import traitlets
from numpy.typing import ArrayLike

from companion.explore.base import Explorer, check_picture, files, gallery
from companion.explore.presets import as_json, square_kernel
from companion.explore.traits import OneOf, Read, Whole

SIZES = (128, 64, 32, 16)
MODES = ("cross-correlation", "convolution")


class Convolution(Explorer):
    """Slide a kernel over a picture and watch the feature map and the arithmetic of each of its pixels.

    Pixels are whole numbers from 0 (black) to 255 (white). All traits below can be read and set while the
    explorer is shown.

    Parameters
    ----------
    picture : str
        One of `companion.data.PICTURES`. After an upload it is the file's name, after drawing "drawing".
    kernel : str or rows of numbers
        A preset's name, such as "vertical edges" or "sharpen", or 1 x 1, 3 x 3 or 5 x 5 numbers.
        Reads back as a list of lists.
    padding, stride, dilation : int
        0 to 8 pixels of zeros on each side, 1 to 4, 1 to 4.
    size : int
        Pixels of the picture in each direction: 128, 64, 32 or 16.
    mode : str
        "cross-correlation" (as in Keras) or "convolution" (the kernel turned by 180 degrees).
    row, column : int
        The output pixel whose window is shown, counted from 0.

    Raises
    ------
    ArgumentError
        If the picture or kernel is unknown, or a number lies outside its range.
    """

    _esm, _css = files(__file__)

    pictures: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    presets: traitlets.List[Any] = traitlets.List().tag(sync=True)
    picture = traitlets.Unicode("cat").tag(sync=True)
    kernel = Read(square_kernel).tag(sync=True)
    mode = OneOf(MODES).tag(sync=True)
    size = OneOf(SIZES).tag(sync=True)
    padding = Whole(0, 0, 8).tag(sync=True)
    stride = Whole(1, 1, 4).tag(sync=True)
    dilation = Whole(1, 1, 4).tag(sync=True)
    row = Whole(40, 0).tag(sync=True)
    column = Whole(40, 0).tag(sync=True)

    def __init__(self, picture: str = "cat", kernel: str | ArrayLike = "vertical edges", **state: Any) -> None:
        from companion.data import PICTURES

        check_picture(picture, PICTURES)
        captions, pixels = gallery(PICTURES)
        super().__init__(
            picture=picture,
            kernel=kernel,
            pictures=captions,
            pixels=pixels,
            presets=as_json(),
            **state,
        )

    def describe(self) -> str:
        """The picture, the kernel and how it moves."""
        numbers = [[round(weight, 3) for weight in row] for row in self.kernel]
        return (
            f"Convolution explorer: picture {self.picture!r}, {self.size} by {self.size}; {self.mode} with {numbers}, "
            f"padding {self.padding}, stride {self.stride}, dilation {self.dilation}"
        )
