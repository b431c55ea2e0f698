"""Small networks that a lesson trains within seconds, to show what networks are used for. They are toys.

Each learns from windows cut out of pictures, and can then be slid over larger ones.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from companion import data
from companion.errors import ArgumentError

if TYPE_CHECKING:
    import keras

DIGIT = 28  # pixels of a digit's window in each direction
NO_DIGIT = 10  # the class of a window with no digit in its middle
STEP = 4  # pixels from one window to the next
TEXTURES = ("brick", "grass", "gravel")
FACE = 25  # pixels of a face's window in each direction
_TEXTURE = 32  # pixels of a texture's window in each direction
_TEXTURE_SIZE = 512  # pixels of a texture's photo in each direction


# Numbers: digits in a row


def number_reader(seed: int = 0) -> "keras.Model":
    """Train a network that says which digit of MNIST stands in the middle of a window, if any.

    Returns
    -------
    keras.Model
        From float32 of shape (n, 28, 28, 1), 0 black to 1 white, to 11 outputs before softmax: the digits 0 to 9, and
        NO_DIGIT.
    """
    import keras

    (images, labels), _ = data.mnist()
    windows, classes = _digit_windows(images, labels, 20_000, np.random.default_rng(seed))
    layers = keras.layers
    return _trained(
        lambda: [
            layers.Conv2D(8, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(24, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(11),
        ],
        windows,
        classes,
        epochs=2,
        seed=seed,
    )


def number_picture(digits: int = 5, seed: int = 0) -> tuple[np.ndarray, str]:
    """Digits of MNIST's test pictures in a row, and the number that they are.

    Returns
    -------
    picture : uint8 array of shape (28, 28 * digits)
    number : str
        What stands there, e.g. "40713".
    """
    random = np.random.default_rng(seed)
    images, labels = _test_digits()
    chosen = random.integers(0, len(images), digits)
    gaps = random.integers(21, 27, digits)
    starts = int(random.integers(0, DIGIT * digits - gaps[1:].sum() - DIGIT + 1)) + np.cumsum(gaps) - gaps[0]
    return _in_a_row(images[chosen], starts, DIGIT * digits), "".join(str(label) for label in labels[chosen])


def windows_of(picture: np.ndarray, side: int = DIGIT, step: int = STEP) -> np.ndarray:
    """All square windows of a picture, `step` pixels apart.

    Parameters
    ----------
    picture
        Of shape (height, width), at least `side` in each direction.

    Returns
    -------
    array of shape (rows, columns, side, side)

    Raises
    ------
    ArgumentError
        If no window fits.
    """
    if min(picture.shape) < side:
        raise ArgumentError(f"No window of {side} x {side} pixels fits on a picture of {picture.shape}.")
    return np.lib.stride_tricks.sliding_window_view(picture, (side, side))[::step, ::step]


def read_number(model: "keras.Model", picture: np.ndarray) -> tuple[str, np.ndarray]:
    """Slide a `number_reader` over digits in a row.

    Neighbouring windows that show a digit show the same one: of each run the surest window counts.

    Parameters
    ----------
    picture
        uint8 of shape (28, width), white digits on black.

    Returns
    -------
    number : str
    probabilities : float32 array of shape (windows, 11)
    """
    windows = windows_of(picture)[0]
    outputs = np.asarray(model(windows[..., np.newaxis] / np.float32(255)))
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return digits_of(probabilities), probabilities


def digits_of(probabilities: np.ndarray) -> str:
    """The digits in a row of windows' probabilities, shape (windows, 11)."""
    shown = np.r_[False, probabilities.argmax(axis=1) != NO_DIGIT, False]
    edges = np.flatnonzero(shown[1:] != shown[:-1])
    runs = [probabilities[first:last, :NO_DIGIT] for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return "".join(str(np.unravel_index(run.argmax(), run.shape)[1]) for run in runs)


@cache
def _test_digits() -> tuple[np.ndarray, np.ndarray]:
    _, test = data.mnist()
    return test


def _digit_windows(
    images: np.ndarray, labels: np.ndarray, count: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Windows cut out of three digits in a row: half with the second one in the middle, half with it at the side."""
    chosen = random.integers(0, len(images), (count, 3))
    gaps = random.integers(20, 29, (count, 2))
    neighbours = random.random((count, 2)) < 0.7
    centred = random.random(count) < 0.5
    off = np.where(
        centred, random.integers(-2, 3, count), random.integers(6, 15, count) * random.choice([-1, 1], count)
    )
    windows = np.zeros((count, DIGIT, DIGIT), dtype=np.uint8)
    for index, (picked, (left, right)) in enumerate(zip(chosen, gaps, strict=True)):
        kept = [neighbours[index, 0], True, neighbours[index, 1]]
        row = _in_a_row(images[picked[kept]], np.array([40 - left, 40, 40 + right])[kept], 3 * DIGIT + 20)
        start = 40 + off[index]
        windows[index] = np.roll(row[:, start : start + DIGIT], random.integers(-2, 3), axis=0)
    return windows[..., np.newaxis] / np.float32(255), np.where(centred, labels[chosen[:, 1]], NO_DIGIT)


def _in_a_row(images: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """Pictures beside each other; where two overlap, the brighter pixel shows."""
    row = np.zeros((images.shape[1], width), dtype=np.uint8)
    for image, start in zip(images, starts, strict=True):
        place = row[:, start : start + image.shape[1]]
        np.maximum(place, image, out=place)
    return row


# Textures: which surface does each pixel belong to?


def texture_reader(seed: int = 0) -> "keras.Model":
    """Train a network that tells brick, grass and gravel apart, from windows of the left halves of their photos.

    Returns
    -------
    keras.Model
        From float32 of shape (n, height, width, 1), 0 black to 1 white, to outputs before softmax of shape
        (n, height', width', 3): one for each 32 x 32 window, STEP pixels apart, in the order of TEXTURES.
    """
    import keras

    windows, classes = texture_windows(3000, seed, test=False)
    layers = keras.layers
    return _trained(
        lambda: [
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 6, activation="relu"),
            layers.Conv2D(3, 1),
        ],
        windows,
        classes[:, np.newaxis, np.newaxis],
        epochs=8,
        seed=seed,
        size=(None, None),
    )


def texture_windows(count: int, seed: int = 0, test: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Windows of brick, grass and gravel, from the right halves of the photos if `test`, else from the left ones.

    Returns
    -------
    windows : float32 array of shape (count, 32, 32, 1)
        0 is black, 1 is white.
    classes : int array of shape (count,)
        Indices of TEXTURES.
    """
    random = np.random.default_rng([seed, test])
    halves = _texture_halves(test)
    classes = random.integers(0, len(TEXTURES), count)
    rows = random.integers(0, _TEXTURE_SIZE - _TEXTURE, count)
    columns = random.integers(0, _TEXTURE_SIZE // 2 - _TEXTURE, count)
    windows = [
        halves[kind][row : row + _TEXTURE, column : column + _TEXTURE]
        for kind, row, column in zip(classes, rows, columns, strict=True)
    ]
    return np.stack(windows)[..., np.newaxis] / np.float32(255), classes


def texture_scene(size: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """A disc of brick before grass and gravel, cut from the halves that `texture_reader` has not seen.

    Returns
    -------
    picture : uint8 array of shape (size, size)
    classes : int array of shape (size, size)
        The index in TEXTURES that each pixel belongs to.
    """
    rows, columns = np.mgrid[:size, :size]
    middle = size / 2
    disc = np.hypot(rows - middle, columns - middle) < 0.28 * size
    classes = np.where(disc, 0, np.where(columns < middle, 1, 2))
    return np.choose(classes, [half[:size, :size] for half in _texture_halves(test=True)]), classes


def segment(model: "keras.Model", picture: np.ndarray) -> np.ndarray:
    """The texture of each pixel, decided for blocks of STEP x STEP pixels by the window around them.

    Parameters
    ----------
    picture
        uint8 of shape (height, width).

    Returns
    -------
    int array of shape (height, width)
        Indices of TEXTURES; -1 along the borders, where no window fits around a pixel.
    """
    outputs = np.asarray(model(picture[np.newaxis, ..., np.newaxis] / np.float32(255)))[0]
    blocks = outputs.argmax(axis=-1).repeat(STEP, axis=0).repeat(STEP, axis=1)
    classes = np.full(picture.shape, -1)
    border = (_TEXTURE - STEP) // 2
    height, width = blocks.shape
    classes[border : border + height, border : border + width] = blocks
    return classes


def near_border(classes: np.ndarray, distance: int) -> np.ndarray:
    """Where a pixel of another class lies within `distance` pixels up, down, left or right.

    Returns
    -------
    bool array of the shape of `classes`, (height, width)
    """
    near = np.zeros(classes.shape, dtype=bool)
    padded = np.pad(classes, distance, mode="edge")
    height, width = classes.shape
    for steps in range(-distance, distance + 1):
        near |= padded[distance + steps : distance + steps + height, distance:-distance] != classes
        near |= padded[distance:-distance, distance + steps : distance + steps + width] != classes
    return near


def _texture_halves(test: bool) -> list[np.ndarray]:
    half = slice(_TEXTURE_SIZE // 2, None) if test else slice(_TEXTURE_SIZE // 2)
    return [data.picture(name, size=_TEXTURE_SIZE)[:, half] for name in TEXTURES]


# Faces


def face_detector(seed: int = 0) -> tuple["keras.Model", float]:
    """Train a network that tells whether a small window shows a face, on 150 of 200 windows.

    Returns
    -------
    model : keras.Model
        From float32 of shape (n, 25, 25, 1), 0 black to 1 white, to one output of shape (n, 2) before softmax: no face,
        face.
    accuracy : float
        The share of the other 50 windows that it gets right, 0 to 1.
    """
    import keras

    pictures, labels = data.faces()
    windows = pictures[..., np.newaxis] / np.float32(255)
    order = np.random.default_rng(seed).permutation(len(windows))
    train, test = order[:150], order[150:]
    layers = keras.layers
    model = _trained(
        lambda: [
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(2),
        ],
        np.concatenate([windows[train], windows[train, :, ::-1]]),  # a face in a mirror is a face
        np.tile(labels[train], 2),
        epochs=20,
        seed=seed,
    )
    return model, float((np.asarray(model(windows[test])).argmax(axis=1) == labels[test]).mean())


def false_alarms(model: "keras.Model", picture: np.ndarray) -> float:
    """The share of a picture's 25 x 25 windows in which a `face_detector` sees a face, 0 to 1.

    `picture` is uint8 of shape (height, width), and has no face in it.
    """
    windows = windows_of(picture, FACE).reshape(-1, FACE, FACE, 1) / np.float32(255)
    return float((np.asarray(model(windows)).argmax(axis=1) == 1).mean())


def _trained(
    layers: Callable[[], list[Any]],
    windows: np.ndarray,
    classes: np.ndarray,
    *,
    epochs: int,
    seed: int,
    size: tuple[int | None, ...] | None = None,
) -> "keras.Model":
    import keras

    from companion.training import fit

    keras.utils.set_random_seed(seed)  # before the layers are made: each draws the seed of its weights then
    model = keras.Sequential([keras.Input((*(size or windows.shape[1:3]), 1)), *layers()])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss, metrics=["accuracy"], jit_compile=False)
    fit(model, windows, classes, epochs=epochs, batch_size=64, seed=seed)
    return model
