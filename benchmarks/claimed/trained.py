"""Networks that learn digits as those of the lessons do, for claims about others of their kind."""

from functools import cache, partial
from typing import Any

import numpy as np

from companion.explore.digits.models import BUILDERS, Builder, Settings, Trained, cnn, sequential, train


def simple(seed: int) -> Any:
    """The simple Keras CNN of unit 04: 32 maps of 3 x 3, max pooling, flattened, 64 neurons."""
    from keras import layers

    convolution = [_convolution(32, 3, "valid"), layers.MaxPooling2D(), layers.Flatten()]
    return sequential([*convolution, layers.Dense(64, activation="relu"), layers.Dense(10)], seed)


def lenet(seed: int) -> Any:
    """LeNet-5 as it is usually rebuilt: ReLU and max pooling."""
    from keras import layers

    convolutions = [_convolution(6, 5), layers.MaxPooling2D(), _convolution(16, 5, "valid"), layers.MaxPooling2D()]
    dense = [layers.Dense(neurons, activation="relu") for neurons in (120, 84)]
    return sequential([*convolutions, layers.Flatten(), *dense, layers.Dense(10)], seed)


def _convolution(maps: int, side: int, padding: str = "same") -> Any:
    from keras import layers

    return layers.Conv2D(maps, side, padding=padding, activation="relu")


KINDS: dict[str, Builder] = {
    **BUILDERS,
    "averaged": partial(cnn, ending="GlobalAveragePooling2D"),
    "flattened": partial(cnn, ending="Flatten"),
    "simple": simple,
    "lenet": lenet,
}


@cache
def trained(seed: int) -> Trained:
    """All of them and the lessons' own two, trained on straight pictures as in lesson 01."""
    *_, result = train(Settings(seed, arrangements=("straight",)), builders=KINDS)
    return result


def put_weights(model: Any, weights: bytes) -> Any:
    """The model with the weights of a `Network`."""
    shapes = [weight.shape for weight in model.get_weights()]
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    parts = np.split(np.frombuffer(weights, "<f4"), ends[:-1])
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
    return model
