"""companion.layers is compared with Keras, which is the ground truth of what a convolution is."""

import os
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

from companion import arithmetic, layers

BOTH = pytest.mark.parametrize("conv2d", [layers.conv2d, layers.conv2d_loops])


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    return import_module("keras")


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def by_keras(keras: ModuleType, x: np.ndarray, kernel: np.ndarray, **options: object) -> np.ndarray:
    layer = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[0], use_bias=False, **options)
    layer.build((None, *x.shape))
    layer.set_weights([kernel])
    return np.asarray(layer(x[np.newaxis]))[0]


@pytest.mark.parametrize("shape", [(9, 9, 1), (10, 13, 3)])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("steps", [{}, {"stride": 2}, {"stride": 3}, {"dilation": 2}])
def test_equals_keras(keras, shape, size, padding, steps):
    x, kernel = numbers(*shape), numbers(size, size, shape[2], 4)
    expected = by_keras(
        keras, x, kernel, padding=padding, strides=steps.get("stride", 1), dilation_rate=steps.get("dilation", 1)
    )
    for conv2d in (layers.conv2d, layers.conv2d_loops):
        result = conv2d(x, kernel, padding=padding, **steps)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_number_of_zeros_on_each_side_equals_keras_zero_padding(keras, padding, stride):
    x, kernel = numbers(6, 9, 2), numbers(3, 3, 2, 3)
    padded = np.asarray(keras.layers.ZeroPadding2D(padding)(x[np.newaxis]))[0]
    expected = by_keras(keras, padded, kernel, strides=stride)
    for conv2d in (layers.conv2d, layers.conv2d_loops):
        np.testing.assert_allclose(conv2d(x, kernel, padding=padding, stride=stride), expected, rtol=1e-4, atol=1e-5)


def test_same_padding_with_a_stride_is_asymmetric_as_in_tensorflow():
    # 4 pixels, 3 weights, stride 2: two outputs need one zero, and it goes after the pixels.
    assert arithmetic.padding_pixels(4, 3, padding="same", stride=2) == (0, 1)
    result = layers.conv2d(np.ones((4, 4)), np.ones((3, 3)), padding="same", stride=2)
    np.testing.assert_array_equal(result, [[9, 6], [6, 4]])


def test_parameters_are_counted_as_keras_counts_them(keras):
    layer = keras.layers.Conv2D(16, 5)
    layer.build((None, 14, 14, 6))
    assert layer.count_params() == arithmetic.conv2d_parameters(5, 6, 16)
    dense = keras.layers.Dense(84)
    dense.build((None, 120))
    assert dense.count_params() == arithmetic.dense_parameters(120, 84)


@pytest.mark.parametrize(("padding", "stride", "dilation"), [(0, 2, 2), (3, 3, 2), ("same", 2, 3)])
def test_stride_and_dilation_together(padding, stride, dilation):
    # Keras refuses both at once, so a dilated kernel is compared with a larger one that has zeros between its weights.
    x, kernel = numbers(11, 9, 2), numbers(3, 3, 2, 2)
    reach = arithmetic.span(3, dilation)
    spread = np.zeros((reach, reach, 2, 2), np.float32)
    spread[::dilation, ::dilation] = kernel
    expected = layers.conv2d(x, spread, padding=padding, stride=stride)
    for conv2d in (layers.conv2d, layers.conv2d_loops):
        result = conv2d(x, kernel, padding=padding, stride=stride, dilation=dilation)
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


@BOTH
def test_the_kernel_is_not_flipped(conv2d):
    x = np.zeros((3, 3))
    x[1, 1] = 1
    kernel = np.arange(9).reshape(3, 3)
    np.testing.assert_array_equal(conv2d(x, kernel, padding=1), kernel[::-1, ::-1])
    np.testing.assert_array_equal(conv2d(kernel, [[0, 1], [0, 0]]), [[1, 2], [4, 5]])


@BOTH
def test_two_dimensions_in_two_dimensions_out(conv2d):
    x, kernel = numbers(5, 6), numbers(3, 3)
    result = conv2d(x, kernel)
    assert result.shape == (3, 4)
    np.testing.assert_allclose(result, conv2d(x[..., None], kernel[..., None, None])[..., 0], rtol=1e-6)


@BOTH
def test_a_picture_of_bytes_keeps_fractions_and_large_sums(conv2d):
    x = np.full((2, 2), 200, dtype=np.uint8)
    assert conv2d(x, np.full((2, 2), 0.25)).item() == 200
    assert conv2d(x, np.full((2, 2), 2, dtype=np.uint8)).item() == 1600
    assert x.max() == 200


@BOTH
def test_a_kernel_too_large(conv2d):
    with pytest.raises(ValueError, match="the kernel is 5 pixels wide, but the input has only 4") as error:
        conv2d(np.ones((4, 9)), np.ones((5, 5)))
    assert "padding of at least 1" in str(error.value)
    assert conv2d(np.ones((4, 9)), np.ones((5, 5)), padding=1).shape == (2, 7)


@BOTH
@pytest.mark.parametrize(
    ("x", "kernel", "options", "words"),
    [
        ((4, 4), (3, 3, 1, 1), {}, r"\(4, 4\) and kernel has shape \(3, 3, 1, 1\)"),
        ((4, 4, 3), (3, 3, 2, 8), {}, "x has 3 channels, but the kernel has weights for 2"),
        ((4, 4), (3, 2), {}, "3 x 2, but it has to be square"),
        ((4, 4), (3, 3), {"padding": "full"}, 'padding is "full"'),
        ((4, 4), (3, 3), {"stride": 0}, "The stride is 0"),
        ((4, 4), (3, 3), {"padding": -1}, "The padding is -1"),
    ],
)
def test_what_does_not_go_together_is_named(conv2d, x, kernel, options, words):
    with pytest.raises(ValueError, match=words):
        conv2d(np.ones(x), np.ones(kernel), **options)


def test_the_average_of_a_large_even_picture_is_its_shade() -> None:
    """Summed in float32, it would be 255.7, more than any pixel."""
    white = np.full((512, 512, 3), 255, np.uint8)
    for averages in (
        layers.global_pool2d(white),
        layers.pool2d(white, 512, kind="average")[0, 0],
        layers.pool2d_loops(white, 512, kind="average")[0, 0],
    ):
        assert averages.tolist() == [255, 255, 255]
