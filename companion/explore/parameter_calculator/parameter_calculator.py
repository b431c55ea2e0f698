"""The explorer that counts parameters: a dense layer against a convolution, for a picture of any size."""

from typing import Any

import traitlets

from companion import arithmetic
from companion.explore.base import Explorer, files, gallery
from companion.explore.traits import Whole

_RESOLUTION = 224


class ParameterCalculator(Explorer):
    """What one neuron, a dense layer and a convolution cost on a picture of any size.

    Parameters
    ----------
    height, width : int
        Pixels of the picture, 1 to 512.
    channels : int
        1 to 16: 1 for a grey picture, 3 for red, green and blue.
    units : int
        Neurons of the dense layer, and kernels of the convolution: 1 to 4096.
    kernel : int
        Side of the kernels in pixels, 1 to 11.
    picture : str
        One of `companion.data.PICTURES`.

    Every parameter but `picture` is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If a number is outside its range or the picture is unknown.
    """

    _esm, _css = files(__file__)

    pixels = traitlets.Bytes().tag(sync=True)
    height = Whole(28, 1, 512).tag(sync=True)
    width = Whole(28, 1, 512).tag(sync=True)
    channels = Whole(1, 1, 16).tag(sync=True)
    units = Whole(64, 1, 4096).tag(sync=True)
    kernel = Whole(3, 1, 11).tag(sync=True)

    def __init__(
        self,
        height: int = 28,
        width: int = 28,
        channels: int = 1,
        units: int = 64,
        kernel: int = 3,
        picture: str = "cat",
        **kwargs: Any,
    ) -> None:
        _, pixels = gallery([picture], size=_RESOLUTION, colour=True)
        super().__init__(
            pixels=pixels, height=height, width=width, channels=channels, units=units, kernel=kernel, **kwargs
        )

    def describe(self) -> str:
        """The picture, and the parameters of both layers."""
        inputs = self.height * self.width * self.channels
        dense = arithmetic.dense_parameters(inputs, self.units)
        convolution = arithmetic.conv2d_parameters(self.kernel, self.channels, self.units)
        return (
            f"Parameter calculator explorer: a picture of {self.height} x {self.width} x {self.channels}; a dense "
            f"layer of {self.units} neurons has {dense:,} parameters, a convolution of {self.units} kernels of "
            f"{self.kernel} x {self.kernel} has {convolution:,}"
        )
