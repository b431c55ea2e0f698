"""The explorer of small shifts: how much a feature map changes when the picture moves by a few pixels."""

from typing import Any

import numpy as np
import traitlets

from companion.explore.base import Explorer, files
from companion.explore.presets import square_kernel
from companion.explore.traits import OneOf, Whole

PICTURES = ("cat", "coins", "brick", "digit")
FEATURES = ("vertical edges", "horizontal edges", "blur")
FARTHEST = 8  # pixels that the picture can move
_MARGIN = FARTHEST + 1  # one more, so that a 3 x 3 kernel finds pixels all around
_SEEN = {"digit": 44}  # pixels across, where it isn't 128: a digit needs room to move in
_KERNELS = {"blur": "Gaussian blur"}


class SmallShifts(Explorer):
    """Move a picture by a pixel or more: how much does its feature map change, without pooling and with it?

    The feature map is max(0, convolution of the picture with a 3 x 3 kernel). Four maps are compared with what they
    were before the move: the whole one; max-pooled; average-pooled; and the one of a convolution with a stride. The
    change is the sum of all |before - after| over the sum of all (before + after): 0 % for the same map, 100 % for one
    in which nothing is where it was.

    Parameters
    ----------
    picture : str
        "cat", "coins", "brick" or "digit".
    feature : str
        What the kernel looks for: "vertical edges", "horizontal edges" or "blur".
    window : int
        Side of the pooling windows and stride of the strided convolution, 2 to 4 pixels.
    shift : int
        Pixels to the right, -8 to 8.
    moved : bool
        Compare with the first map moved along by whole places, whichever fits best, instead of place by place.

    Every parameter is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If a word or number is out of range.
    """

    _esm, _css = files(__file__)

    scenes: traitlets.List[Any] = traitlets.List(help="name, side and margin of each picture").tag(sync=True)
    pixels = traitlets.Bytes(help="the pictures one after the other, uint8, row by row").tag(sync=True)
    kernels: traitlets.Dict = traitlets.Dict(help="feature -> nine weights").tag(sync=True)
    picture = OneOf(PICTURES).tag(sync=True)
    feature = OneOf(FEATURES).tag(sync=True)
    window = Whole(2, 2, 4).tag(sync=True)
    shift = Whole(1, -FARTHEST, FARTHEST).tag(sync=True)
    moved = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **state: Any) -> None:
        scenes = {name: _scene(name) for name in PICTURES}
        super().__init__(
            scenes=[{"name": name, "side": len(scene), "margin": _MARGIN} for name, scene in scenes.items()],
            pixels=b"".join(scene.tobytes() for scene in scenes.values()),
            kernels={name: np.ravel(square_kernel(_KERNELS.get(name, name))).tolist() for name in FEATURES},
            **state,
        )

    def describe(self) -> str:
        """The picture, the move and the windows."""
        return (
            f"Small shifts explorer: picture {self.picture!r} moved by {self.shift} px, {self.feature}, "
            f"windows of {self.window} x {self.window}"
        )


def _scene(name: str) -> np.ndarray:
    """The picture with what comes into view when it moves: of a photo its own edges, of a digit black."""
    from companion import data

    side = _SEEN.get(name, 128) + 2 * _MARGIN
    if name != "digit":
        return data.picture(name, size=side)
    digit = data.picture(name, size=28)
    return np.pad(digit, (side - len(digit)) // 2)
