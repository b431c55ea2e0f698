"""The explorer that hides a kernel behind its feature map."""

from functools import partial
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from companion.errors import ArgumentError
from companion.explore.base import Explorer, files
from companion.explore.presets import as_json, square_kernel
from companion.explore.traits import OneOf, Read, Whole, resumed

SIZES = (1, 3, 5)
MAX_SIZE = 64  # pixels of a picture in each direction: larger ones make gradient descent slow to watch


class FindKernel(Explorer):
    """Find the kernel that turns a picture into a target feature map, by hand or by gradient descent.

    Parameters
    ----------
    picture : str or rows of numbers
        One of `companion.data.PICTURES`, scaled to 0 to 1 ("digit" at 28 x 28, others at 32 x 32);
        or a 2-D array, used as it is. Up to 10 x 10 the numbers are printed in the pixels.
    kernel : str or rows of numbers
        What made the target: a preset's name or its numbers. Only the map goes to the browser, not the numbers.
    target : rows of numbers, optional
        The target map itself; `kernel` is then not used.
    size : int
        Size of the kernel to find, 1, 3 or 5.
    padding : int
        Zeros on each side of the picture; with `target`, it follows from the map's size.
    answer : str, optional
        Name of the variable in this cell whose line `name = [[...], ...]` is kept up to date.
    state : rows of numbers, optional
        The kernel to begin with, usually that variable's value; zeros if None.
    descent : bool
        Offer gradient descent.

    Attributes
    ----------
    kernel : list of lists
        The learner's kernel. It can be read and set while the explorer is shown.

    Raises
    ------
    ArgumentError
        If the picture or kernel is unknown, or no kernel of this size turns the picture into a map of the target's
        shape.
    """

    _esm, _css = files(__file__)

    pixels = traitlets.Bytes(help="float64, row by row").tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    target = traitlets.Bytes(help="float64, row by row").tag(sync=True)
    target_name = traitlets.Unicode(help="preset that made the target, or empty").tag(sync=True)
    presets: traitlets.List[Any] = traitlets.List(help="what a new target is drawn from").tag(sync=True)
    size = OneOf(SIZES, 3).tag(sync=True)
    padding = Whole(0, 0).tag(sync=True)
    kernel = Read(square_kernel).tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)
    descent = traitlets.Bool(True).tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        picture: str | ArrayLike = "digit",
        kernel: str | ArrayLike = "vertical edges",
        target: ArrayLike | None = None,
        size: int = 3,
        padding: int = 0,
        answer: str | None = None,
        state: Any = None,
        descent: bool = True,
    ) -> None:
        from companion import layers

        self.check(size=size, padding=padding)
        image = _image(picture)
        named = target is None and isinstance(kernel, str)
        if target is None:
            goal = layers.conv2d(image, np.array(square_kernel(kernel, size, (size,))), padding=padding)
        else:
            goal = _matrix(target, "target")
            padding = _padding(image, goal, size)
        zeros = [[0.0] * size for _ in range(size)]
        trouble = f"{answer or 'state'} does not hold {size} rows of {size} numbers"
        start, problem = resumed(
            state, partial(square_kernel, sizes=(size,)), zeros, f"{trouble}, so the kernel below starts from zeros."
        )
        super().__init__(
            pixels=image.tobytes(),
            height=image.shape[0],
            width=image.shape[1],
            target=np.ascontiguousarray(goal).tobytes(),
            target_name=kernel if named else "",
            presets=as_json(size) if named else [],
            size=size,
            padding=padding,
            kernel=start,
            answer=answer or "",
            descent=descent,
            problem=problem,
        )

    def describe(self) -> str:
        """The sizes and the kernel so far."""
        numbers = [[round(weight, 3) for weight in row] for row in self.kernel]
        return f"FindKernel explorer: picture of {self.height} by {self.width} pixels, your kernel {numbers}"


def _image(picture: str | ArrayLike) -> np.ndarray:
    if not isinstance(picture, str):
        image = _matrix(picture, "picture")
        if max(image.shape) > MAX_SIZE:
            raise ArgumentError(
                f"The picture's shape is {image.shape}; this explorer takes up to {MAX_SIZE} by {MAX_SIZE} pixels."
            )
        return image
    from companion import data

    return data.picture(picture, size=28 if picture == "digit" else 32) / 255.0


def _matrix(values: ArrayLike, name: str) -> np.ndarray:
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"The {name} must be rows of numbers of equal length.") from None
    if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
        raise ArgumentError(f"The {name} must be a 2-D array of finite numbers; its shape is {array.shape}.")
    return array


def _padding(image: np.ndarray, goal: np.ndarray, size: int) -> int:
    """The padding with which a kernel of `size` turns `image` into a map of the shape of `goal`."""
    gains = {goal.shape[axis] - image.shape[axis] + size - 1 for axis in (0, 1)}
    gain = gains.pop()
    if gains or gain < 0 or gain % 2:
        raise ArgumentError(
            f"No {size} by {size} kernel with stride 1 turns a picture of shape {image.shape} "
            f"into a target of shape {goal.shape}; "
            f"without padding the target would be of shape {tuple(n - size + 1 for n in image.shape)}."
        )
    return gain // 2
