"""The explorer of channels: input stack, kernels with a slice for each input channel, output maps, cost."""

from typing import Any

import traitlets

from companion import arithmetic
from companion.explore.base import Explorer, files, gallery

SIZES = (28, 32, 64, 128, 224)
_RESOLUTION = max(SIZES)
_RANGES = {"channels_in": (1, 64), "channels_out": (1, 64), "kernel": (1, 7), "padding": (0, 3), "stride": (1, 4)}


class Channels(Explorer):
    """One convolutional layer on a real picture: what goes in, what comes out, how many parameters.

    Parameters
    ----------
    channels_in : int
        1 for the picture in grey, 3 for red, green and blue; any other number up to 64 stands for the maps of
        an earlier layer.
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
    ValueError
        If a number is outside its range or the picture is unknown.
    """

    _esm, _css = files(__file__)
    pixels = traitlets.Bytes().tag(sync=True)
    channels_in = traitlets.Int(3, min=1, max=64).tag(sync=True)
    channels_out = traitlets.Int(8, min=1, max=64).tag(sync=True)
    kernel = traitlets.Int(3, min=1, max=7).tag(sync=True)
    padding = traitlets.Int(0, min=0, max=3).tag(sync=True)
    stride = traitlets.Int(1, min=1, max=4).tag(sync=True)
    size = traitlets.Enum(SIZES, 64).tag(sync=True)
    channel = traitlets.Int(1, min=1).tag(sync=True)
    row = traitlets.Int(0, min=0).tag(sync=True)
    column = traitlets.Int(0, min=0).tag(sync=True)

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
        }
        for name, value in layer.items():
            _check_range(name, value)
        if size not in SIZES:
            raise ValueError(f"size is the picture's side in pixels: {_either(SIZES)}, not {size!r}.")
        middle = (size + 2 * padding - kernel) // stride // 2
        _, pixels = gallery([picture], size=_RESOLUTION, colour=True)
        super().__init__(pixels=pixels, size=size, row=middle, column=middle, **layer, **kwargs)

    def describe(self) -> str:
        """The layer in words, with its number of parameters."""
        count = arithmetic.conv2d_parameters(self.kernel, self.channels_in, self.channels_out)
        return (
            f"Channels explorer: a convolution of {self.kernel} x {self.kernel} from {self.channels_in} to "
            f"{self.channels_out} channels, {count:,} parameters, on a picture of {self.size} x {self.size} pixels"
        )


def _check_range(name: str, value: object) -> None:
    low, high = _RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")


def _either(values: tuple[int, ...]) -> str:
    return ", ".join(str(value) for value in values[:-1]) + f" or {values[-1]}"
