"""The explorer that reads handwritten numbers by sliding a digit classifier over them."""

from typing import TYPE_CHECKING, Any

import traitlets

from companion.explore.base import Explorer, files

if TYPE_CHECKING:
    import keras

DIGITS = 5  # for which the pad has room
_EXAMPLES = 12


class ReadNumber(Explorer):
    """Draw digits in a row, or take some of MNIST's, and watch a network read them window by window.

    Parameters
    ----------
    model : keras.Model, optional
        What `companion.toys.number_reader` returns. Without one nothing is read, and the explorer says so.

    Attributes
    ----------
    number : str
        What has been read, e.g. "40713".
    """

    _esm, _css = files(__file__)

    layers: traitlets.List[Any] = traitlets.List(help="of the network, as maths/network.js reads them").tag(sync=True)
    weights = traitlets.Bytes(help="float32").tag(sync=True)
    examples = traitlets.Bytes(help="pictures of 28 x 140, uint8, one after the other").tag(sync=True)
    number = traitlets.Unicode("").tag(sync=True)

    def __init__(self, model: "keras.Model | None" = None) -> None:
        from companion import toys
        from companion.explore.digits.models import network

        pictures = [toys.number_picture(DIGITS, seed)[0] for seed in range(_EXAMPLES)]
        state: dict[str, Any] = {}
        if model is not None:
            found = network(model)
            state = {"layers": found.layers, "weights": found.weights}
        super().__init__(examples=b"".join(picture.tobytes() for picture in pictures), **state)

    def describe(self) -> str:
        """What has been read."""
        return f"ReadNumber explorer: {'read ' + self.number if self.number else 'nothing read yet'}"
