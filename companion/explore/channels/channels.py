"""The explorer of channels: input stack, kernels with a slice for each input channel, output maps, cost."""

from typing import Any

import traitlets

from companion import arithmetic
from companion.explore.base import Explorer, files, gallery
from companion.explore.traits import OneOf, Whole

SIZES = (28, 32, 64, 128, 224)
_RESOLUTION = max(SIZES)


class Channels(Explorer):
    """One convolutional layer on a real picture: what goes in, what comes out, how many parameters.

    Parameters
    ----------
    channels_in : int
        1 to 64: 1 for the picture in grey, 3 for red, green and blue; any other number stands for the maps of an
        earlier layer.
    channels_out : int
        Number of kernels and so of output maps, 1 to 64.
    kernel, padding, stride : int
        Sides of the kernels in pixels (1 to 7), zeros added on every side (0 to 3), step of the window (1 to 4).
    size : int
        Side of the picture in pixels: 28, 32, 64, 128 or 224.
    picture : str
        One of `companion.data.PICTURES`.

    Attributes
    ----------
    channel : int
        The chosen output channel, from 1.
    row, column : int
        The chosen output position, from 0.

    Every parameter but `picture` is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If a number is outside its range or the picture is unknown.
    """

    _esm, _css = files(__file__)
    pixels = traitlets.Bytes().tag(sync=True)
    channels_in = Whole(3, 1, 64).tag(sync=True)
    channels_out = Whole(8, 1, 64).tag(sync=True)
    kernel = Whole(3, 1, 7).tag(sync=True)
    padding = Whole(0, 0, 3).tag(sync=True)
    stride = Whole(1, 1, 4).tag(sync=True)
    size = OneOf(SIZES, 64).tag(sync=True)
    channel = Whole(1, 1).tag(sync=True)
    row = Whole(0, 0).tag(sync=True)
    column = Whole(0, 0).tag(sync=True)

    def __init__(
        self,
        channels_in: int = 3,
        channels_out: int = 8,
        kernel: int = 3,
        padding: int = 0,
        stride: int = 1,
        size: int = 64,
        picture: str = "cat",
        **kwargs: Any,
    ) -> None:
        layer = {
            "channels_in": channels_in,
            "channels_out": channels_out,
            "kernel": kernel,
            "padding": padding,
            "stride": stride,
            "size": size,
        }
        self.check(**layer)
        middle = (size + 2 * padding - kernel) // stride // 2
        _, pixels = gallery([picture], size=_RESOLUTION, colour=True)
        super().__init__(pixels=pixels, row=middle, column=middle, **layer, **kwargs)

    def describe(self) -> str:
        """The layer in words, with its number of parameters."""
        count = arithmetic.conv2d_parameters(self.kernel, self.channels_in, self.channels_out)
        return (
            f"Channels explorer: a convolution of {self.kernel} x {self.kernel} from {self.channels_in} to "
            f"{self.channels_out} channels, {count:,} parameters, on a picture of {self.size} x {self.size} pixels"
        )
