"""The explorer of receptive fields: a stack of layers, and what one output position sees of the picture."""

from collections.abc import Iterable, Sequence
from typing import Any

import traitlets

from companion import arithmetic
from companion.explore.base import Explorer, files, gallery

SIZES = (32, 64, 128)
MOST_LAYERS = 8
_RESOLUTION = max(SIZES)
_PARTS = {"kernel": (1, 11), "stride": (1, 8), "dilation": (1, 8), "padding": (0, 10)}
_START = ((3, 1, 1, 1), (3, 1, 1, 1), (3, 1, 1, 1))


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
    ValueError
        If a layer, the number of layers, the size or the picture is not as above.
    """

    _esm, _css = files(__file__)
    pixels = traitlets.Bytes().tag(sync=True)
    layers = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    size = traitlets.Enum(SIZES, 64).tag(sync=True)
    row = traitlets.Int(-1, min=-1).tag(sync=True)
    column = traitlets.Int(-1, min=-1).tag(sync=True)
    counts = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, layers: Iterable[Sequence[int]] = _START, picture: str = "cat", size: int = 64, **kwargs: Any
    ) -> None:
        if size not in SIZES:
            raise ValueError(f"size is the picture's side in pixels: 32, 64 or 128, not {size!r}.")
        complete = [_complete(number, layer) for number, layer in enumerate(layers, start=1)]
        if not 1 <= len(complete) <= MOST_LAYERS:
            raise ValueError(f"layers holds 1 to {MOST_LAYERS} layers, not {len(complete)}.")
        _, pixels = gallery([picture], size=_RESOLUTION, colour=True)
        super().__init__(pixels=pixels, layers=complete, size=size, **kwargs)

    def describe(self) -> str:
        """The layers, and the receptive field after the last."""
        field = arithmetic.receptive_field([layer[:3] for layer in self.layers])
        shown = ", ".join(_in_words(layer) for layer in self.layers)
        return f"Receptive field explorer: {shown}: an output sees {field} x {field} pixels"


def _complete(number: int, layer: Sequence[int]) -> list[int]:
    """The layer as [kernel, stride, dilation, padding]."""
    if isinstance(layer, str) or not isinstance(layer, Sequence) or not 2 <= len(layer) <= 4:
        raise ValueError(f"Layer {number} must be (kernel, stride[, dilation[, padding]]), not {layer!r}.")
    complete = [*layer, *(1, 0)[len(layer) - 2 :]]
    for (part, (low, high)), value in zip(_PARTS.items(), complete, strict=True):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"Layer {number}: {part} must be a whole number from {low} to {high}, not {value!r}.")
    return complete


def _in_words(layer: Sequence[int]) -> str:
    kernel, stride, dilation, padding = layer
    extras = [("stride", stride, 1), ("dilation", dilation, 1), ("padding", padding, 0)]
    return " ".join([f"{kernel} x {kernel}", *(f"{name} {value}" for name, value, usual in extras if value != usual)])
