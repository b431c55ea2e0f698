"""What lesson 03 claims: what pooling keeps, and how little it changes when a picture moves by a pixel."""

from typing import Any

import numpy as np

from benchmarks.claimed import Claim
from benchmarks.claimed.trained import KINDS, put_weights, trained
from companion import data, layers
from companion.explore.digits.models import SIDE, probabilities

_LESSON = "03-pooling"
_MARGIN = 9  # pixels that come into view when the picture moves by up to 8
_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def _photo(seed: int, size: int) -> np.ndarray:
    names = [name for name in data.PICTURES if name != "digit"]
    return data.picture(str(np.random.default_rng(seed).choice(names)), size=size).astype(float)


def _edges(scene: np.ndarray, shift: int, kernel: np.ndarray = _SOBEL, stride: int = 1) -> np.ndarray:
    """The map of vertical edges, 128 x 128 with Sobel's kernel, after the scene has moved to the right."""
    seen = scene[_MARGIN - 1 : _MARGIN + 129, _MARGIN - 1 - shift : _MARGIN + 129 - shift]
    return np.maximum(layers.conv2d(seen, kernel, stride=stride), 0)


def _change(before: np.ndarray, after: np.ndarray) -> float:
    return np.abs(before - after).sum() / (before + after).sum()


def _changes(seed: int) -> dict[str, float]:
    """The share of each map that changes when a photo moves by one pixel to one side."""
    draw = np.random.default_rng(seed)
    scene = _photo(seed, 128 + 2 * _MARGIN)
    before, after = _edges(scene, 0), _edges(scene, int(draw.choice([-1, 1])))
    return {
        "none": _change(before, after),
        "max": _change(layers.pool2d(before), layers.pool2d(after)),
        "strided": _change(before[::2, ::2], after[::2, ::2]),
    }


def _pooled_against_not(seed: int) -> float:
    changes = _changes(seed)
    return changes["max"] / changes["none"]


def _strided_against_not(seed: int) -> float:
    changes = _changes(seed)
    return 100 * abs(changes["strided"] - changes["none"])


def _moved_copy_differs(seed: int) -> float:
    """A move by a whole number of strides: the pooled map is compared with itself moved by as many places."""
    draw = np.random.default_rng(seed)
    stride, places = int(draw.integers(2, 5)), 1
    scene = _photo(seed, 128 + 2 * _MARGIN)
    before, after = (layers.pool2d(_edges(scene, shift), stride) for shift in (0, places * stride))
    return np.abs(after[:, places:] - before[:, :-places]).max()


def _rebuilt_error(picture: np.ndarray, window: int, kind: str) -> float:
    rebuilt = np.kron(layers.pool2d(picture, window, kind=kind), np.ones((window, window)))
    return float(np.sqrt(np.mean((picture - rebuilt) ** 2)))


def _average_against_max(seed: int) -> float:
    picture, window = _photo(seed, 128), int(np.random.default_rng(seed).choice([2, 4, 8, 16]))
    return _rebuilt_error(picture, window, "max") / _rebuilt_error(picture, window, "average")


def _spread_against_placed(seed: int) -> float:
    """The errors of the edges' 4 x 4 maxima, spread over their windows and put back at their places."""
    edges = _edges(_photo(seed, 128 + 2 * _MARGIN), 0)
    blocks = edges.reshape(32, 4, 32, 4).swapaxes(1, 2).reshape(-1, 16)
    placed = np.where(np.arange(16) == blocks.argmax(axis=1)[:, np.newaxis], blocks, 0)
    return _rebuilt_error(edges, 4, "max") / float(np.sqrt(np.mean((blocks - placed) ** 2)))


def _global_average_changes(seed: int) -> float:
    """A digit with black all around, at a random place."""
    draw = np.random.default_rng(seed)
    (images, _), _ = data.mnist()
    scene = np.pad(images[draw.integers(len(images))].astype(float), 59)
    averages = [layers.global_pool2d(_edges(scene, shift)) for shift in (0, int(draw.integers(1, 9)))]
    return abs(float(averages[0] - averages[1])) / float(averages[0])


def _keras_differs(seed: int) -> float:
    import keras

    draw = np.random.default_rng(seed)
    x = draw.normal(size=(1, 31, 28, 3)).astype("float32")
    window, stride = (int(number) for number in draw.integers(1, 5, 2))
    differences = []
    for kind, make in (("max", keras.layers.MaxPooling2D), ("average", keras.layers.AveragePooling2D)):
        theirs = np.asarray(make(window, strides=stride)(x))[0]
        differences.append(np.abs(theirs - layers.pool2d(x[0], window, stride=stride, kind=kind)).max())
    return max(differences)


def _averaged_kernel_against_not(seed: int) -> float:
    """What a move by a pixel changes, at stride 2: with the kernel spread over 2 x 2 places over without."""
    step = int(np.random.default_rng(seed).choice([-1, 1]))
    scene = _photo(seed, 128 + 2 * _MARGIN)
    spread = sum(np.pad(_SOBEL, ((row, 1 - row), (column, 1 - column))) for row in (0, 1) for column in (0, 1)) / 4
    before, after = (_edges(scene, shift, spread, stride=2) for shift in (0, step))
    return _change(before, after) / _changes(seed)["strided"]


def _on_a_larger_ground(seed: int, name: str) -> float:
    """The accuracy, in per cent, on test digits in the middle of a black ground of 60 x 60."""
    _, (pictures, labels) = data.mnist()
    room = (60 - SIDE) // 2
    digits = np.pad(pictures[:1000], ((0, 0), (room, room), (room, room)))[..., np.newaxis] / np.float32(255)
    model = put_weights(_larger(KINDS[name](seed)), trained(seed).networks[f"{name}_straight"].weights)
    return 100 * float(np.mean(probabilities(model, digits).argmax(axis=1) == labels[:1000]))


def _larger(model: Any) -> Any:
    """The same layers, which read 60 x 60 pixels."""
    import keras

    return keras.Sequential(
        [keras.Input((60, 60, 1)), *(type(each).from_config(each.get_config()) for each in model.layers)]
    )


CLAIMS = [
    Claim(
        lesson=_LESSON,
        cell="summary",
        sentence="When the picture moves by a pixel, a pooled map changes less, not nothing.",
        quantity="change of the max-pooled map in times of the map's own, 1 pixel",
        measure=_pooled_against_not,
        at_least=0.3,
        at_most=0.8,
    ),
    Claim(
        lesson=_LESSON,
        cell="summary",
        sentence="does nothing for small shifts",
        quantity="change of the strided map less the whole map's, 1 pixel, in percentage points",
        measure=_strided_against_not,
        at_most=5,
    ),
    Claim(
        lesson=_LESSON,
        cell="aliasing-read",
        sentence="at every multiple of the stride the difference is exactly 0",
        quantity="largest difference from the moved map",
        measure=_moved_copy_differs,
        at_most=0,
    ),
    Claim(
        lesson=_LESSON,
        cell="errors-read",
        sentence="the average is the one with the least squared error",
        quantity="error of the maxima in times of the averages'",
        measure=_average_against_max,
        at_least=1,
    ),
    Claim(
        lesson=_LESSON,
        cell="lost-tries",
        sentence="here the place is worth more",
        quantity="error of the edges' maxima, spread, in times of the one put back",
        measure=_spread_against_placed,
        at_least=1.2,
    ),
    Claim(
        lesson=_LESSON,
        cell="global-shift-read",
        sentence="the map moves along with the digit, and an average does not ask where its numbers are",
        quantity="relative change of the global average (rounding)",
        measure=_global_average_changes,
        at_most=1e-9,
    ),
    Claim(
        lesson=_LESSON,
        cell="title",
        sentence="write pooling in NumPy so that it agrees with Keras",
        quantity="largest difference of Keras's and NumPy's maps",
        measure=_keras_differs,
        at_most=1e-5,
    ),
    Claim(
        lesson=_LESSON,
        cell="strided",
        sentence="That is this kernel, not every strided convolution.",
        quantity="change of the map of a kernel that averages over that of one that does not, stride 2",
        measure=_averaged_kernel_against_not,
        at_most=0.95,
    ),
    Claim(
        lesson=_LESSON,
        cell="any-size",
        sentence="A small CNN that ends in a global average and knows about 95 % of the test digits",
        quantity="accuracy of the CNN with global averages, %",
        measure=lambda seed: 100 * trained(seed).accuracy["averaged_straight"],
        at_least=92.5,
        at_most=97.5,
    ),
    Claim(
        lesson=_LESSON,
        cell="any-size",
        sentence="loses many of them on a black ground of 60×60, with the same weights",
        quantity="the same on 60 x 60, %",
        measure=lambda seed: _on_a_larger_ground(seed, "averaged"),
        at_least=10,
        at_most=90,
    ),
    Claim(
        lesson=_LESSON,
        cell="any-size",
        sentence="With global maxima, a CNN of the same kind still knows about 94 %.",
        quantity="accuracy of the CNN with global maxima on 60 x 60, %",
        measure=lambda seed: _on_a_larger_ground(seed, "cnn"),
        at_least=92,
        at_most=97,
    ),
]
