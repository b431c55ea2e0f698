"""Kernels that have a name, at the sizes at which they are usual."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from companion.errors import ArgumentError

# Rows of Pascal's triangle, the usual whole-number stand-ins for a Gaussian bell.
_BELL = {3: np.array([1, 2, 1]), 5: np.array([1, 4, 6, 4, 1])}
# Sobel's derivative, and the same smoothed once more for 5 x 5.
_SLOPE = {3: np.array([-1, 0, 1]), 5: np.array([-1, -2, 0, 2, 1])}


class Preset(NamedTuple):
    """A named kernel: one line on what it does, and its numbers for each kernel size."""

    description: str
    kernels: dict[int, np.ndarray]


def _dot(size: int) -> np.ndarray:
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel


def _gaussian(size: int) -> np.ndarray:
    bell = np.outer(_BELL[size], _BELL[size])
    return bell / bell.sum()


PRESETS: dict[str, Preset] = {
    "identity": Preset(
        "A single 1 in the middle: each pixel is copied, and the map equals the picture.",
        {size: _dot(size) for size in (1, 3, 5)},
    ),
    "vertical edges": Preset(
        "Sobel: right side minus left side. Positive where the picture turns brighter to the right.",
        {size: np.outer(_BELL[size], _SLOPE[size]) for size in (3, 5)},
    ),
    "horizontal edges": Preset(
        "Sobel: below minus above. Positive where the picture turns brighter downwards.",
        {size: np.outer(_SLOPE[size], _BELL[size]) for size in (3, 5)},
    ),
    "box blur": Preset(
        "The plain mean of the window: every pixel counts the same.",
        {size: np.full((size, size), 1 / size**2) for size in (3, 5)},
    ),
    "Gaussian blur": Preset(
        "A weighted mean: the nearer to the middle, the more a pixel counts.",
        {size: _gaussian(size) for size in (3, 5)},
    ),
    "sharpen": Preset(
        "The pixel, plus its difference from its neighbours: edges gain contrast, flat areas stay.",
        {3: np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), 5: 2 * _dot(5) - _gaussian(5)},
    ),
    "emboss": Preset(
        "Bottom right minus top left, plus the pixel itself: the picture seems lit from one side.",
        {3: np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])},
    ),
    "Laplacian": Preset(
        "Neighbours minus the middle, in all directions at once: answers to spots and to any edge, not to slopes.",
        {
            3: np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
            5: np.array([[0, 0, 1, 0, 0], [0, 1, 2, 1, 0], [1, 2, -16, 2, 1], [0, 1, 2, 1, 0], [0, 0, 1, 0, 0]]),
        },
    ),
    "invert": Preset(
        "A single −1: bright becomes negative. A 1 × 1 kernel looks at no neighbour at all.",
        {1: np.array([[-1.0]])},
    ),
}


def square_kernel(kernel: str | ArrayLike, size: int = 3, sizes: tuple[int, ...] = (1, 3, 5)) -> list[list[float]]:
    """`kernel`, a preset's name or rows of numbers, as a list of rows of finite floats.

    `size` picks the size of a named kernel; `sizes` are the sizes that numbers may have.

    Raises
    ------
    ArgumentError
        If the name is unknown or not known at that size, or the numbers are no square of one of `sizes`.
    """
    if isinstance(kernel, str):
        return _preset(kernel, size).astype(float).tolist()
    try:
        numbers = np.asarray(kernel, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(f"A kernel is rows of numbers, such as [[0, 1], [1, 0]], or one of {_names()}.") from None
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1] or numbers.shape[0] not in sizes:
        allowed = " or ".join(f"{n} by {n}" for n in sizes)
        raise ArgumentError(f"The kernel's shape is {numbers.shape}; this explorer takes {allowed} numbers.")
    if not np.isfinite(numbers).all():
        raise ArgumentError("The kernel holds a value that is not a finite number (NaN or infinity).")
    return numbers.tolist()


def _preset(name: str, size: int) -> np.ndarray:
    if name not in PRESETS:
        raise ArgumentError(f"There is no kernel named {name!r}. The names are {_names()}.")
    kernels = PRESETS[name].kernels
    if size not in kernels:
        known = ", ".join(str(n) for n in kernels)
        raise ArgumentError(f"The kernel {name!r} is not known at size {size}; it is at {known}.")
    return kernels[size]


def _names() -> str:
    return ", ".join(repr(name) for name in PRESETS)


def as_json(size: int | None = None) -> list[dict[str, Any]]:
    """The presets for the browser: name, description, and {size: flat numbers}; with `size`, those known at it."""
    return [
        {
            "name": name,
            "description": preset.description,
            "kernels": {str(n): kernel.astype(float).ravel().tolist() for n, kernel in preset.kernels.items()},
        }
        for name, preset in PRESETS.items()
        if size is None or size in preset.kernels
    ]
