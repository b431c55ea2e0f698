"""Convolution in NumPy, twice: in loops to be read, and vectorised to be used. Both equal Keras."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from companion.arithmetic import Padding, output_size, padding_pixels, span
from companion.errors import ArgumentError


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
