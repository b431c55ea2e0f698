"""The explorer of receptive fields: a stack of layers, and what one output position sees of the picture."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import traitlets

from companion import arithmetic
from companion.errors import ArgumentError
from companion.explore.base import Explorer, files, gallery
from companion.explore.traits import OneOf, Read, Whole, whole

SIZES = (32, 64, 128)
MOST_LAYERS = 8
_RESOLUTION = max(SIZES)
_PARTS = {"kernel": (1, 11), "stride": (1, 8), "dilation": (1, 8), "padding": (0, 10)}
_START = ((3, 1, 1, 1), (3, 1, 1, 1), (3, 1, 1, 1))


def _complete(layers: Any) -> list[list[int]]:
    """The layers, each as [kernel, stride, dilation, padding]."""
    try:
        given = list(layers)
    except TypeError:
        raise ArgumentError(f"layers must be a list of (kernel, stride), not {layers!r}.") from None
    if not 1 <= len(given) <= MOST_LAYERS:
        raise ArgumentError(f"layers holds 1 to {MOST_LAYERS} layers, not {len(given)}.")
    return [_complete_layer(number, layer) for number, layer in enumerate(given, start=1)]


def _complete_layer(number: int, layer: Any) -> list[int]:
    if isinstance(layer, str) or not isinstance(layer, Sequence) or not 2 <= len(layer) <= 4:
        raise ArgumentError(f"Layer {number} must be (kernel, stride[, dilation[, padding]]), not {layer!r}.")
    parts = zip(_PARTS, [*layer, *(1, 0)[len(layer) - 2 :]], strict=True)
    return [whole(f"Layer {number}: {part}", value, *_PARTS[part]) for part, value in parts]


class ReceptiveField(Explorer):
    """A stack of convolution or pooling layers, and the square of the picture that an output position sees.

    Parameters
    ----------
    layers : list of tuples
        1 to 8 layers from the input on, each (kernel, stride[, dilation[, padding]]) in pixels; dilation is 1
        and padding 0 where left out. Kernel 1 to 11, stride and dilation 1 to 8, padding 0 to 10.
    picture : str
        One of `companion.data.PICTURES`.
    size : int
        Side of the picture in pixels: 32, 64 or 128.

    Attributes
    ----------
    layers : list of [kernel, stride, dilation, padding]
        The layers as the learner has set them.
    row, column : int
        The chosen output position, from 0; -1 stands for the middle.
    counts : bool
        Whether it is shown how often each pixel is used.

    Raises
    ------
    ArgumentError
        If a layer, the number of layers, the size or the picture is not as above.
    """

    _esm, _css = files(__file__)
    other_ranges: ClassVar = {"layers": (1, MOST_LAYERS), **_PARTS}

    pixels = traitlets.Bytes().tag(sync=True)
    layers = Read(_complete).tag(sync=True)
    size = OneOf(SIZES, 64).tag(sync=True)
    row = Whole(-1, -1).tag(sync=True)
    column = Whole(-1, -1).tag(sync=True)
    counts = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, layers: Iterable[Sequence[int]] = _START, picture: str = "cat", size: int = 64, **kwargs: Any
    ) -> None:
        _, pixels = gallery([picture], size=_RESOLUTION, colour=True)
        super().__init__(pixels=pixels, layers=layers, size=size, **kwargs)

    def describe(self) -> str:
        """The layers, and the receptive field after the last."""
        field = arithmetic.receptive_field([layer[:3] for layer in self.layers])
        shown = ", ".join(_in_words(layer) for layer in self.layers)
        return f"Receptive field explorer: {shown}: an output sees {field} x {field} pixels"


def _in_words(layer: Sequence[int]) -> str:
    kernel, stride, dilation, padding = layer
    extras = [("stride", stride, 1), ("dilation", dilation, 1), ("padding", padding, 0)]
    return " ".join([f"{kernel} x {kernel}", *(f"{name} {value}" for name, value, usual in extras if value != usual)])
