"""Convolution and pooling in NumPy: in loops to be read, and vectorised to be used.

All equal Keras, for numbers that are finite.
"""

from functools import partial
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from companion.arithmetic import Padding, output_size, padding_pixels, span
from companion.errors import ArgumentError

Kind = Literal["max", "average"]
"""What a pooling window keeps: its largest number, or the average of its numbers."""

PoolPadding = Literal["valid", "same"]
"""The two words for padding that pooling knows, as in `arithmetic.Padding`."""


def conv2d_loops(
    x: ArrayLike, kernel: ArrayLike, *, padding: Padding = 0, stride: int = 1, dilation: int = 1
) -> np.ndarray:
    """Return the same as `conv2d`, computed one output value at a time: to be read, not for large images."""
    image, filters = _image_and_filters(x, kernel)
    height, width = _output_shape(image, filters, padding, stride, dilation)
    image = _padded(image, filters, padding, stride, dilation)
    reach = span(filters.shape[0], dilation)

    output = np.zeros((height, width, filters.shape[3]), dtype=image.dtype)
    for row in range(height):
        for column in range(width):
            top, left = row * stride, column * stride
            window = image[top : top + reach : dilation, left : left + reach : dilation, :]
            for channel in range(filters.shape[3]):
                output[row, column, channel] = np.sum(window * filters[:, :, :, channel])
    return output[:, :, 0] if np.ndim(x) == 2 else output


def conv2d(x: ArrayLike, kernel: ArrayLike, *, padding: Padding = 0, stride: int = 1, dilation: int = 1) -> np.ndarray:
    """Return the cross-correlation of an image with kernels, which deep learning calls convolution.

    Like keras.layers.Conv2D without bias and activation: the kernel isn't flipped.

    Parameters
    ----------
    x
        Image of shape (H, W, C_in), or (H, W).
    kernel
        Weights of shape (k, k, C_in, C_out), or (k, k) for a two-dimensional image.
    padding
        Rows and columns of zeros on each side; or "valid" for none; or "same" for TensorFlow's choice, with
        which the output has ceil(H / stride) rows.
    stride
        Step between neighbouring outputs in pixels.
    dilation
        Step between neighbouring weights of the kernel in pixels.

    Returns
    -------
    array of shape (H', W', C_out), or (H', W') for a two-dimensional image
        H' and W' are as `arithmetic.output_size` says; the type is the floating-point one that x and kernel share.

    Raises
    ------
    ArgumentError
        If the shapes don't go together, a number is out of range, or the kernel is larger than the padded image.
    """
    image, filters = _image_and_filters(x, kernel)
    _output_shape(image, filters, padding, stride, dilation)  # says in plain words when there is none
    image = _padded(image, filters, padding, stride, dilation)
    reach = span(filters.shape[0], dilation)

    windows = sliding_window_view(image, (reach, reach), axis=(0, 1))  # (rows, columns, C_in, reach, reach)
    windows = windows[::stride, ::stride, :, ::dilation, ::dilation]
    output = np.einsum("hwcij,ijcf->hwf", windows, filters, optimize=True)
    return output[:, :, 0] if np.ndim(x) == 2 else output


def pool2d_loops(
    x: ArrayLike, window: int = 2, *, stride: int | None = None, padding: PoolPadding = "valid", kind: Kind = "max"
) -> np.ndarray:
    """Return the same as `pool2d`, computed one window at a time: to be read, not for large images."""
    image = _pooling_image(x, kind)
    stride = window if stride is None else stride
    height, width = (_pooled_size(size, window, stride, padding) for size in image.shape[:2])
    above, left = (padding_pixels(size, window, padding=padding, stride=stride)[0] for size in image.shape[:2])
    keep = np.max if kind == "max" else partial(np.mean, dtype=np.float64)

    output = np.zeros((height, width, *image.shape[2:]), dtype=image.dtype)
    for row in range(height):
        for column in range(width):
            first_row, first_column = row * stride - above, column * stride - left
            pixels = image[max(first_row, 0) : first_row + window, max(first_column, 0) : first_column + window]
            output[row, column] = keep(pixels, axis=(0, 1))
    return output


def pool2d(
    x: ArrayLike, window: int = 2, *, stride: int | None = None, padding: PoolPadding = "valid", kind: Kind = "max"
) -> np.ndarray:
    """Return the pooled map of an image, each channel by itself.

    Like keras.layers.MaxPooling2D and AveragePooling2D: padding never wins, and isn't averaged.

    Parameters
    ----------
    x
        Image of shape (H, W), or (H, W, C).
    window
        Height and width of the window in pixels.
    stride
        Step between neighbouring windows in pixels; by default as large as the window, so that none overlap.
    padding
        "valid" for none; or "same" for TensorFlow's choice, with which the output has ceil(H / stride) rows.
    kind
        "max" or "average".

    Returns
    -------
    array of shape (H', W') or (H', W', C)
        H' and W' are as `arithmetic.output_size` says; the type is a floating-point one.

    Raises
    ------
    ArgumentError
        If x has another shape, a number or word is out of range, or the window is larger than the image.
    """
    image = _pooling_image(x, kind)
    stride = window if stride is None else stride
    for size in image.shape[:2]:
        _pooled_size(size, window, stride, padding)  # says in plain words when there is none
    rows, columns = (padding_pixels(size, window, padding=padding, stride=stride) for size in image.shape[:2])
    widths = [rows, columns, (0, 0)][: image.ndim]

    def windows(values: np.ndarray, outside: float) -> np.ndarray:
        """Return the windows on the padded values, (rows, columns[, C], window, window)."""
        padded = np.pad(values, widths, constant_values=outside)
        return sliding_window_view(padded, (window, window), axis=(0, 1))[::stride, ::stride]

    if kind == "max":
        return windows(image, -np.inf).max(axis=(-2, -1))
    # In float32, the sum of a large picture's pixels would lose some: an average could lie above all of them.
    pixels = windows(np.ones_like(image), 0).sum(axis=(-2, -1), dtype=np.float64)
    return (windows(image, 0).sum(axis=(-2, -1), dtype=np.float64) / pixels).astype(image.dtype)


def global_pool2d(x: ArrayLike, kind: Kind = "average") -> np.ndarray:
    """Return one number for each channel: its average or its largest number.

    Like keras.layers.GlobalAveragePooling2D and GlobalMaxPooling2D.

    Parameters
    ----------
    x
        Image of shape (H, W), or (H, W, C).
    kind
        "max" or "average".

    Returns
    -------
    array of shape () or (C,)
        The type is a floating-point one.

    Raises
    ------
    ArgumentError
        If x has another shape, or `kind` is another word.
    """
    image = _pooling_image(x, kind)
    if kind == "max":
        return np.asarray(image.max(axis=(0, 1)))
    return np.asarray(image.mean(axis=(0, 1), dtype=np.float64).astype(image.dtype))


def _pooling_image(x: ArrayLike, kind: str) -> np.ndarray:
    image = np.asarray(x)
    if image.ndim not in {2, 3} or image.size == 0:
        raise ArgumentError(f"x has shape {image.shape}, but it has to be (H, W) or (H, W, C), and not empty.")
    if kind not in {"max", "average"}:
        raise ArgumentError(f'kind is {kind!r}, but it has to be "max" or "average".')
    return image.astype(np.result_type(image, np.float32))


def _pooled_size(size: int, window: int, stride: int, padding: PoolPadding) -> int:
    if padding not in {"valid", "same"}:
        raise ArgumentError(f'padding is {padding!r}, but pooling knows only "valid" and "same".')
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 1:
        raise ArgumentError(f"The window is {window!r}, but it has to be a whole number of at least 1.")
    if padding == "valid" and window > size:
        raise ArgumentError(
            f"There is no output: the window is {window} pixels wide, but the image has only {size}. "
            'Use a smaller window, or padding="same".'
        )
    return output_size(size, window, padding=padding, stride=stride)


def _image_and_filters(x: ArrayLike, kernel: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return image (H, W, C_in) and kernels (k, k, C_in, C_out) as arrays of one floating-point type."""
    image, filters = np.asarray(x), np.asarray(kernel)
    if (image.ndim, filters.ndim) not in {(2, 2), (3, 4)}:
        raise ArgumentError(
            f"x has shape {image.shape} and kernel has shape {filters.shape}, but they have to be (H, W) with (k, k), "
            "or (H, W, C_in) with (k, k, C_in, C_out)."
        )
    if image.ndim == 2:
        image, filters = image[:, :, np.newaxis], filters[:, :, np.newaxis, np.newaxis]
    if filters.shape[0] != filters.shape[1]:
        raise ArgumentError(f"The kernel is {filters.shape[0]} x {filters.shape[1]}, but it has to be square.")
    if image.shape[2] != filters.shape[2]:
        raise ArgumentError(
            f"x has {image.shape[2]} channels, but the kernel has weights for {filters.shape[2]}. The last number of "
            f"x.shape {image.shape} and the third of kernel.shape {filters.shape} have to be the same."
        )
    dtype = np.result_type(image, filters, np.float32)
    return image.astype(dtype), filters.astype(dtype)


def _output_shape(
    image: np.ndarray, filters: np.ndarray, padding: Padding, stride: int, dilation: int
) -> tuple[int, int]:
    height, width = (
        output_size(size, filters.shape[0], padding=padding, stride=stride, dilation=dilation)
        for size in image.shape[:2]
    )
    return height, width


def _padded(image: np.ndarray, filters: np.ndarray, padding: Padding, stride: int, dilation: int) -> np.ndarray:
    rows, columns = (
        padding_pixels(size, filters.shape[0], padding=padding, stride=stride, dilation=dilation)
        for size in image.shape[:2]
    )
    return np.pad(image, (rows, columns, (0, 0)))
