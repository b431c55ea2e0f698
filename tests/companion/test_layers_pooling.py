"""Pooling in companion.layers is compared with Keras."""

import os
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

from companion import layers

BOTH = pytest.mark.parametrize("pool2d", [layers.pool2d, layers.pool2d_loops])


@pytest.fixture(scope="module")
def keras() -> ModuleType:
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    return import_module("keras")


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(9, 9, 1), (10, 13, 3)])
@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "stride"), [(2, None), (2, 1), (3, 2), (3, None), (2, 3), (5, 4), (1, 2)])
def test_equals_keras(keras, shape, kind, padding, window, stride):
    layer = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}[kind]
    x = numbers(*shape)
    expected = np.asarray(layer(window, strides=stride, padding=padding)(x[np.newaxis]))[0]
    for pool2d in (layers.pool2d, layers.pool2d_loops):
        result = pool2d(x, window, stride=stride, padding=padding, kind=kind)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["max", "average"])
def test_global_pooling_equals_keras(keras, kind):
    layer = {"max": keras.layers.GlobalMaxPooling2D, "average": keras.layers.GlobalAveragePooling2D}[kind]
    x = numbers(6, 9, 4)
    np.testing.assert_allclose(layers.global_pool2d(x, kind), np.asarray(layer()(x[np.newaxis]))[0], rtol=1e-5)


def test_pooling_has_no_parameters(keras):
    for layer in (keras.layers.MaxPooling2D(2), keras.layers.AveragePooling2D(2), keras.layers.GlobalMaxPooling2D()):
        layer.build((None, 28, 28, 32))
        assert layer.count_params() == 0


@BOTH
def test_two_dimensions_in_two_dimensions_out(pool2d):
    x = numbers(6, 7)
    assert pool2d(x).shape == (3, 3)
    np.testing.assert_array_equal(pool2d(x, 3, stride=1), pool2d(x[..., np.newaxis], 3, stride=1)[..., 0])
    assert layers.global_pool2d(x).shape == ()


@BOTH
def test_padding_never_wins_and_is_not_averaged(pool2d):
    x = np.full((3, 3), -4)
    for kind in ("max", "average"):
        np.testing.assert_array_equal(pool2d(x, 2, padding="same", kind=kind), np.full((2, 2), -4))


@BOTH
def test_bytes_do_not_overflow(pool2d):
    x = np.full((2, 2), 200, dtype=np.uint8)
    assert pool2d(x, kind="average").item() == 200


@BOTH
@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((4,), {}, r"x has shape \(4,\)"),
        ((4, 4), {"window": 5}, "window is 5 pixels wide, but the image has only 4"),
        ((4, 4), {"window": 0}, "window is 0"),
        ((4, 4), {"stride": 0}, "stride is 0"),
        ((4, 4), {"kind": "mean"}, 'kind is \'mean\', but it has to be "max" or "average"'),
        ((4, 4), {"padding": 1}, "padding is 1, but pooling knows only"),
    ],
)
def test_what_does_not_go_together_is_named(pool2d, shape, options, words):
    with pytest.raises(ValueError, match=words):
        pool2d(np.ones(shape), **options)


def test_global_pooling_of_an_unknown_kind():
    with pytest.raises(ValueError, match="kind is 'sum'"):
        layers.global_pool2d(np.ones((2, 2)), "sum")
