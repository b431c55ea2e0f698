"""Networks that learn digits as those of the lessons do, for claims about others of their kind."""

from functools import cache
from typing import Any

import numpy as np

from companion.explore.digits import models
from companion.explore.digits.models import Builder, Settings, Trained, sequential, train


def averaged(seed: int) -> Any:
    """The lessons' CNN with the average of each map at its end in the place of the largest value."""
    return _ending(seed, lambda layers: layers.GlobalAveragePooling2D())


def flattened(seed: int) -> Any:
    """The same with its last maps flattened."""
    return _ending(seed, lambda layers: layers.Flatten())


def _ending(seed: int, ending: Any) -> Any:
    from keras import layers

    first, second, third = (_convolution(maps, 3) for maps in (8, 24, 48))
    pooling = layers.MaxPooling2D
    return sequential([first, pooling(), second, pooling(), third, ending(layers), layers.Dense(10)], seed)


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


BUILDERS: dict[str, Builder] = {
    **models.BUILDERS,
    "averaged": averaged,
    "flattened": flattened,
    "simple": simple,
    "lenet": lenet,
}


@cache
def trained(seed: int) -> Trained:
    """All of them and the lessons' own two, trained on straight pictures as in lesson 01."""
    *_, result = train(Settings(seed, arrangements=("straight",)), builders=BUILDERS)
    return result


def put_weights(model: Any, weights: bytes) -> Any:
    """The model with the weights of a `Network`."""
    shapes = [weight.shape for weight in model.get_weights()]
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    parts = np.split(np.frombuffer(weights, "<f4"), ends[:-1])
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
    return model
