"""What lesson 02 claims: a convolution moves along with its picture, and gradient descent finds a kernel."""

import numpy as np

from benchmarks.claimed import Claim
from companion import data, layers

_LESSON = "02-convolution"


def _moved_map_differs(seed: int) -> float:
    """As in the lesson, with a random kernel of whole numbers, picture and move."""
    draw = np.random.default_rng(seed)
    picture = data.picture(str(draw.choice([*data.PICTURES]))).astype(float)
    kernel = draw.integers(-5, 6, (3, 3)).astype(float)
    move = int(draw.integers(1, 5))
    difference = layers.conv2d(np.roll(picture, move, axis=1), kernel) - np.roll(
        layers.conv2d(picture, kernel), move, axis=1
    )
    return np.abs(difference[:, 5:-5]).max()


def _descent(seed: int, rate: float, steps: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """The hidden kernel, the one found from a random start, and the loss before each step."""
    draw = np.random.default_rng(seed)
    digit = data.picture("digit", size=28) / 255
    hidden = draw.integers(-3, 4, (3, 3)).astype(float)
    target = layers.conv2d(digit, hidden)
    found = draw.normal(size=(3, 3))
    losses = []
    for _ in range(steps):
        difference = layers.conv2d(digit, found) - target
        losses.append(float(np.mean(difference**2)))
        found = found - rate * 2 * layers.conv2d(digit, difference) / difference.size
    return hidden, found, losses


def _found_differs(seed: int) -> float:
    hidden, found, _ = _descent(seed, rate=1.0, steps=2000)
    return np.abs(hidden - found).max()


def _growth_at_a_large_rate(seed: int) -> float:
    _, _, losses = _descent(seed, rate=10.0, steps=20)
    return losses[-1] / losses[0]


def _keras_differs(seed: int) -> float:
    import keras

    draw = np.random.default_rng(seed)
    picture = data.picture("cat").astype("float32")
    kernel = draw.normal(size=(3, 3)).astype("float32")
    layer = keras.layers.Conv2D(filters=1, kernel_size=3, use_bias=False)
    batch = picture[np.newaxis, :, :, np.newaxis]
    layer.build(batch.shape)
    layer.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
    return np.abs(np.asarray(layer(batch))[0, :, :, 0] - layers.conv2d(picture, kernel)).max()


CLAIMS = [
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="Not a trace of a difference.",
        quantity="largest difference of moving first and moving last",
        measure=_moved_map_differs,
        at_most=0,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-rate",
        sentence="Beyond some rate the loss grows instead of shrinking.",
        quantity="loss after 20 steps at a rate of 10, in times of the first",
        measure=_growth_at_a_large_rate,
        at_least=10,
    ),
    Claim(
        lesson=_LESSON,
        cell="summary",
        sentence="gradient descent finds them",
        quantity="largest error of a weight after 2,000 steps from a random start",
        measure=_found_differs,
        at_most=0.1,
    ),
    Claim(
        lesson=_LESSON,
        cell="title",
        sentence="write a convolution in NumPy that agrees with Keras",
        quantity="largest difference of Keras's and NumPy's map, in grey levels",
        measure=_keras_differs,
        at_most=0.001,
    ),
]
