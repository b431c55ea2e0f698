"""The arithmetic of convolutional networks: sizes, parameters, multiply-adds and receptive fields.

Images, kernels and strides are square throughout: one number stands for height and width.
"""

from collections.abc import Iterable, Sequence
from operator import index
from typing import Literal

from companion.errors import ArgumentError

Padding = int | Literal["same", "valid"]
"""Rows and columns of zeros on each side; or "valid" for none; or "same" for an output of ceil(n / s) pixels."""


def span(kernel: int, dilation: int = 1) -> int:
    """Return how many pixels a kernel reaches over: d(k - 1) + 1.

    Source: Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning, section 5.1.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole.
    """
    return _whole("dilation", dilation) * (_whole("kernel size", kernel) - 1) + 1


def padding_pixels(
    size: int, kernel: int, *, padding: Padding = "valid", stride: int = 1, dilation: int = 1
) -> tuple[int, int]:
    """Return how many zeros go before and after the `size` pixels of a row.

    "same" is TensorFlow's rule: in total as many zeros as an output of ceil(n / s) needs, the odd one after. With a
    stride it therefore depends on the size of the image, and the two sides may differ.
    Source: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2

    Raises
    ------
    ArgumentError
        If a number is out of range, or it is another word than "same" or "valid".
    """
    if padding == "valid":
        return 0, 0
    if padding == "same":
        size, stride = _whole("input size", size), _whole("stride", stride)
        total = max((-(-size // stride) - 1) * stride + span(kernel, dilation) - size, 0)
        return total // 2, total - total // 2
    if isinstance(padding, str):  # type: ignore[unreachable]  # a learner may give any word
        raise ArgumentError(f'padding is "{padding}", but it has to be "same", "valid" or a number of pixels.')
    pixels = _whole("padding", padding, least=0)
    return pixels, pixels


def output_size(size: int, kernel: int, *, padding: Padding = 0, stride: int = 1, dilation: int = 1) -> int:
    """Return the height (or width) in pixels of what a convolution or pooling puts out.

    floor((n + 2p - d(k - 1) - 1) / s) + 1, with "same" ceil(n / s).
    Source: Dumoulin and Visin 2016, relationship 15. A stride that doesn't divide leaves the last pixels out, as in
    Keras.

    Parameters
    ----------
    size
        N, height (or width) of the input in pixels.
    kernel
        K, height (or width) of the kernel or pooling window.
    padding
        P, rows of zeros on each side; or "same" or "valid".
    stride
        S, step between neighbouring outputs in pixels.
    dilation
        D, step between neighbouring weights of the kernel in pixels.

    Raises
    ------
    ArgumentError
        If a number is out of range, or the kernel doesn't fit into the padded input.
    """
    size, stride = _whole("input size", size), _whole("stride", stride)
    reach = span(kernel, dilation)
    before, after = padding_pixels(size, kernel, padding=padding, stride=stride, dilation=dilation)
    padded = size + before + after
    if reach > padded:
        kernel_text = f"the kernel is {reach} pixels wide" + (
            f" (with a dilation of {dilation})" if dilation > 1 else ""
        )
        image_text = f"the input has only {padded}" + (
            f" ({before} + {size} + {after} with its padding)" if before else ""
        )
        raise ArgumentError(
            f"There is no output: {kernel_text}, but {image_text}. "
            f"Use a padding of at least {-(-(reach - size) // 2)}, a smaller kernel or a larger input."
        )
    return (padded - reach) // stride + 1


def conv2d_parameters(kernel: int, channels_in: int, channels_out: int, bias: bool = True) -> int:
    """Return the number of trainable parameters of a convolution: (k * k * C_in + 1) * C_out.

    Each of the C_out filters has k * k weights for every input channel, and one bias (without `bias` none). The size of
    the image doesn't matter: the weights are shared by all positions.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole.
    """
    weights = _whole("kernel size", kernel) ** 2 * _whole("number of input channels", channels_in)
    return (weights + bool(bias)) * _whole("number of output channels", channels_out)


def dense_parameters(inputs: int, units: int, bias: bool = True) -> int:
    """Return the number of trainable parameters of a dense layer: (inputs + 1) * units, without `bias` inputs * units.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole.
    """
    return (_whole("number of inputs", inputs) + bool(bias)) * _whole("number of units", units)


def megabytes(parameters: int, bytes_each: int = 4) -> float:
    """Return the memory that so many parameters take, in megabytes of a million bytes.

    Parameters
    ----------
    bytes_each
        Bytes of one parameter: 4 in float32, which Keras uses unless told otherwise.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole.
    """
    return _whole("number of parameters", parameters) * _whole("number of bytes", bytes_each) / 1e6


def conv2d_multiply_adds(
    size: int,
    kernel: int,
    channels_in: int,
    channels_out: int,
    *,
    padding: Padding = 0,
    stride: int = 1,
    dilation: int = 1,
) -> int:
    """Return how many multiply-adds a convolution takes: D * D * k * k * C_in * C_out for an output of D * D pixels.

    Biases are not counted. Source: Howard et al. 2017, MobileNets, equation 2.

    Parameters
    ----------
    size
        Height and width of the input in pixels; the other arguments as in `output_size` and `conv2d_parameters`.

    Raises
    ------
    ArgumentError
        If a number is out of range, or the kernel doesn't fit into the padded input.
    """
    side = output_size(size, kernel, padding=padding, stride=stride, dilation=dilation)
    return side**2 * conv2d_parameters(kernel, channels_in, channels_out, bias=False)


def dense_multiply_adds(inputs: int, units: int) -> int:
    """Return how many multiply-adds a dense layer takes: one for each weight, inputs * units.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole.
    """
    return dense_parameters(inputs, units, bias=False)


def receptive_field(layers: Iterable[Sequence[int]]) -> int:
    """Return over how many input pixels (in height or width) reaches what one value after the last layer depends on.

    It is the extent: with dilation, or a stride above the kernel, the value depends on some pixels in it only.

    1 + the sum over the layers of d(k - 1) times the strides of all layers before it.
    Source: Araujo, Norris and Sim 2019, Computing Receptive Fields of Convolutional Neural Networks, equation 2
    (https://distill.pub/2019/computing-receptive-fields).

    Parameters
    ----------
    layers
        (kernel, stride) or (kernel, stride, dilation) of each convolution and pooling, from the input on.

    Raises
    ------
    ArgumentError
        If a number is below 1 or not whole, or a layer has another length.
    """
    field, jump = 1, 1
    for number, layer in enumerate(layers, start=1):
        if len(layer) not in (2, 3):
            raise ArgumentError(
                f"Layer {number} is {layer!r}, but a layer is (kernel, stride) or (kernel, stride, dilation)."
            )
        kernel, stride, *dilation = layer
        field += (span(kernel, *dilation) - 1) * jump
        jump *= _whole("stride", stride)
    return field


def _whole(what: str, value: int, least: int = 1) -> int:
    """Return the value as an int if it is a whole number of at least `least`."""
    try:
        whole = index(value)
    except TypeError:
        whole = None
    if whole is None or whole < least:
        raise ArgumentError(f"The {what} is {value!r}, but it has to be a whole number of at least {least}.")
    return whole
