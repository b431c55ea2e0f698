"""The browser's forward pass equals Keras's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion.explore.digits import models as digit_models

FORWARD = """
const bytes = Uint8Array.from(atob(data.weights), (character) => character.charCodeAt(0));
const network = js.readNetwork(data.layers, new Float32Array(bytes.buffer));
return data.images.map((image) => js.forward(network, Float32Array.from(image), data.side));
"""


def outputs(node: Callable[..., Any], model: Any, images: np.ndarray) -> np.ndarray:
    """What the browser computes for pictures of shape (n, side, side, 1)."""
    import base64

    network = digit_models.network(model)
    data = {
        "layers": network.layers,
        "weights": base64.b64encode(network.weights).decode(),
        "images": images.reshape(len(images), -1).tolist(),
        "side": images.shape[1],
    }
    return np.array(node(FORWARD, data, js="network.js"))


def with_random_biases(model: Any) -> Any:
    """The model, whose biases begin at zero, with others: else they would go untested."""
    draw = np.random.default_rng(8)
    model.set_weights(
        [draw.normal(scale=0.2, size=part.shape) if part.ndim == 1 else part for part in model.get_weights()]
    )
    return model


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_both_models_give_the_same_outputs_as_in_keras(node: Callable[..., Any], kind: str) -> None:
    model = with_random_biases(digit_models.BUILDERS[kind](5))
    images = np.random.default_rng(3).random((4, 28, 28, 1), dtype=np.float32)
    images[images < 0.5] = 0  # the browser leaves zeros out
    np.testing.assert_allclose(outputs(node, model, images), model.predict_on_batch(images), atol=2e-5)


@pytest.mark.slow
def test_layers_of_other_sizes_too(node: Callable[..., Any]) -> None:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((11, 11, 1)),
            layers.Conv2D(3, 5, padding="same"),
            layers.MaxPooling2D(),
            layers.Conv2D(4, 1, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(6, activation="relu"),
            layers.Dense(2),
        ]
    )
    images = np.random.default_rng(4).normal(size=(3, 11, 11, 1)).astype(np.float32)
    model = with_random_biases(model)
    np.testing.assert_allclose(outputs(node, model, images), model.predict_on_batch(images), atol=2e-5)


def test_softmax_sums_to_one_even_of_large_outputs(node: Callable[..., Any]) -> None:
    got = node("return js.softmax(data);", [1000.0, 999.0, -1000.0], js="network.js")
    np.testing.assert_allclose(got, [1 / (1 + np.exp(-1)), 1 / (1 + np.e), 0], atol=1e-12)
