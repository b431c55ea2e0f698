"""An MLP and a small CNN that learn handwritten digits, straight or with their pixels shuffled.

The experiment behind PixelShuffle and ShiftTest. It touches no random state but its own, so that the same seed gives
the same numbers whatever else a notebook has run.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from companion import data
from companion.clock import Clock
from companion.explore.traits import whole

if TYPE_CHECKING:
    import keras

SIDE = 28  # pixels of a picture in each direction
SHIFTS = tuple(range(11))  # pixels, of the measurement by `shift_curve`
TEST_IMAGES = 10_000
SEEDS = (0, 9999)
_WELL_WRITTEN = (10, 5, 1, 30, 4, 15, 21, 17, 84, 12)  # a test picture of each digit
_LIVE_IMAGES = 1000  # of the test pictures, for the accuracy while a model trains
_SHIFT_IMAGES = 200
_POINTS = 16  # measurements of the accuracy while the models train
_EARLY = (2, 5, 10, 20)  # steps after which it is measured too: most happens in the beginning
_WATCHED = 20  # steps in the beginning, of each of which the guesses are told
_CHUNK = 1000  # pictures that go through a network at once
_LEARNING_RATE = 0.006  # at the start; it falls to zero along a cosine


@dataclass(frozen=True)
class Settings:
    """What is trained: `images` pictures, `epochs` times, `batch_size` at a step.

    Raises
    ------
    ArgumentError
        If a number is out of range.
    """

    seed: int = 0
    images: int = 20_000
    epochs: int = 2
    batch_size: int = 64
    arrangements: tuple[str, ...] = ("straight", "shuffled")

    def __post_init__(self) -> None:
        whole("seed", self.seed, *SEEDS)
        whole("images", self.images, self.batch_size, 60_000)
        whole("epochs", self.epochs, 1, 20)

    @property
    def steps(self) -> int:
        """Steps of each model."""
        return self.epochs * (self.images // self.batch_size)


@dataclass(frozen=True)
class Progress:
    """A report while the models train.

    `left` is the time to go in seconds, None while it is unknown; `accuracy` is on test pictures, 0 to 1, by name
    ("mlp_straight"), and empty between two measurements. `guesses` holds, by name too, the ten probabilities that a
    model gives for each of the pictures that are watched; only of the models that can guess by now.
    """

    step: int
    steps: int
    left: float | None = None
    accuracy: dict[str, float] = field(default_factory=dict)
    guesses: dict[str, list[list[float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What came of it.

    `accuracy` is on all test pictures, 0 to 1: of each model on pictures arranged as in its training, and of those
    trained straight on shuffled pictures ("mlp_straight_on_shuffled"). `networks` holds the models by the same names
    ("mlp_straight"), and `shift` the `shift_curve` of those trained straight ("mlp", "cnn").
    """

    accuracy: dict[str, float]
    networks: dict[str, "Network"]
    shift: dict[str, list[float]]


@dataclass(frozen=True)
class Network:
    """A trained model as the browser computes it: its layers in order, and their weights as float32, row by row."""

    layers: list[dict[str, Any]]
    weights: bytes


def ten_digits() -> np.ndarray:
    """A well-written test picture of each digit: uint8 of shape (10, 28, 28)."""
    _, (pictures, _) = data.mnist()
    return pictures[list(_WELL_WRITTEN)]


def permutation(seed: int) -> np.ndarray:
    """Where each pixel of a shuffled picture comes from: int64 of shape (784,), each of 0 to 783 once."""
    return np.random.default_rng([seed, 1]).permutation(SIDE * SIDE)


def shuffled(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The pictures with their pixels in another order, the same for all: (n, 28, 28, ...) to the same shape."""
    flat = images.reshape(len(images), SIDE * SIDE, -1)
    return flat[:, order].reshape(images.shape)


def shifted(images: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The pictures moved down by `rows` and right by `columns`; what leaves the frame is lost, what enters is black."""
    moved = np.roll(images, (rows, columns), axis=(1, 2))
    moved[:, slice(rows) if rows >= 0 else slice(rows, None)] = 0
    moved[:, :, slice(columns) if columns >= 0 else slice(columns, None)] = 0
    return moved


def mlp(seed: int) -> "keras.Model":
    """28 x 28 pixels flattened, 128 neurons, 10 outputs: 101,770 parameters."""
    import keras

    layers = keras.layers
    return sequential([layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10)], seed)


def cnn(seed: int, ending: str = "GlobalMaxPooling2D") -> "keras.Model":
    """Three 3 x 3 convolutions of 8, 24 and 48 maps, the largest value of each map, 10 outputs: 12,738 parameters.

    `ending` is the layer of Keras that makes one line of the maps.
    """
    import keras

    layers = keras.layers
    convolutions = [layers.Conv2D(maps, 3, padding="same", activation="relu") for maps in (8, 24, 48)]
    first, second, third = convolutions
    pooling = layers.MaxPooling2D
    last = getattr(layers, ending)()
    return sequential([first, pooling(), second, pooling(), third, last, layers.Dense(10)], seed)


Builder = Callable[[int], "keras.Model"]  # of a seed
BUILDERS: dict[str, Builder] = {"mlp": mlp, "cnn": cnn}


class Examples:
    """What a training learns from and is tested on, in the order in which it comes, which its seed settles."""

    def __init__(self, settings: Settings) -> None:
        random = np.random.default_rng([settings.seed, 2])
        self._all, self._tests = data.mnist()
        self._chosen = random.permutation(len(self._all[0]))[: settings.images]
        self._mixed = random.permutation(TEST_IMAGES)  # so that the first thousand stand for all
        self.batches = list(_batches(settings, random))

    def first_batch(self) -> np.ndarray:
        """The pictures of the first step: uint8 of shape (batch_size, 28, 28)."""
        return self._all[0][self._chosen[self.batches[0]]]

    def training(self) -> tuple[np.ndarray, np.ndarray]:
        """Pictures of shape (n, 28, 28, 1), 0 to 1, whose indices the batches hold, and their labels."""
        images, labels = self._all
        return _as_input(images[self._chosen]), labels[self._chosen].astype(np.int32)

    def tests(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the test pictures."""
        images, labels = self._tests
        return _as_input(images[self._mixed]), labels[self._mixed]


def train(
    settings: Settings, watched: Any = b"", builders: Mapping[str, Builder] = BUILDERS
) -> Iterator[Progress | Trained]:
    """Train all models on each arrangement of the pictures, a step of each in turn; the last report is the result.

    All start from the same weights for their kind and see the same pictures in the same order. `watched` are pictures
    that somebody looks at, as a buffer of 28 x 28 bytes each, which may change meanwhile.
    """
    import keras

    examples = Examples(settings)
    order = permutation(settings.seed)
    arrange = {"straight": lambda images: images, "shuffled": lambda images: shuffled(images, order)}
    images, labels = examples.training()
    test_images, test_labels = examples.tests()
    arranged = {name: arrange[name](images) for name in settings.arrangements}
    tests = {name: way(test_images) for name, way in arrange.items()}
    models: dict[tuple[str, str], Any] = {}

    def measured(count: int) -> dict[str, float]:
        return {
            f"{kind}_{arrangement}": _accuracy(model, tests[arrangement][:count], test_labels[:count])
            for (kind, arrangement), model in models.items()
        }

    def guessed() -> dict[str, list[list[float]]]:
        pictures = _as_input(np.frombuffer(watched, np.uint8).reshape(-1, SIDE, SIDE))
        return {
            f"{kind}_{arrangement}": probabilities(model, arrange[arrangement](pictures)).round(4).tolist()
            for (kind, arrangement), model in models.items()
            if len(pictures)
        }

    for kind, build in builders.items():
        for arrangement in settings.arrangements:
            model = build(settings.seed)
            rate = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, settings.steps)
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
            models[kind, arrangement] = model
            yield Progress(0, settings.steps, guesses=guessed())

    yield Progress(0, settings.steps, accuracy=measured(_LIVE_IMAGES))
    clock = Clock()
    every = max(settings.steps // _POINTS, 1)
    for step, batch in enumerate(examples.batches, start=1):
        for (_, arrangement), model in models.items():
            model.train_on_batch(arranged[arrangement][batch], labels[batch])
            if step == 1:  # it takes some seconds
                yield Progress(0, settings.steps, guesses=guessed())
        if step < settings.steps and (step % every == 0 or step in _EARLY):
            left = clock.left(step / settings.steps)
            yield Progress(step, settings.steps, left, measured(_LIVE_IMAGES), guessed())
        elif clock.due() or step <= _WATCHED:
            yield Progress(step, settings.steps, clock.left(step / settings.steps), guesses=guessed())

    accuracy = measured(TEST_IMAGES)
    yield Progress(settings.steps, settings.steps, 0.0, accuracy, guessed())
    straight = {kind: models[kind, "straight"] for kind in builders}
    strange = {
        f"{kind}_straight_on_shuffled": _accuracy(model, tests["shuffled"], test_labels)
        for kind, model in straight.items()
    }
    few = slice(_SHIFT_IMAGES)
    moved = tests["straight"][few], test_labels[few]
    yield Trained(
        accuracy=accuracy | strange,
        networks={f"{kind}_{arrangement}": network(model) for (kind, arrangement), model in models.items()},
        shift={kind: shift_curve(model, *moved) for kind, model in straight.items()},
    )


def shift_curve(model: "keras.Model", images: np.ndarray, labels: np.ndarray) -> list[float]:
    """The mean probability of the right class, 0 to 1, for each of SHIFTS pixels.

    The mean is over the pictures, shape (n, 28, 28, 1), and over moving them left, right, up and down.
    """
    curve = []
    for pixels in SHIFTS:
        ways = {(pixels, 0), (-pixels, 0), (0, pixels), (0, -pixels)}
        means = [
            probabilities(model, shifted(images, *way))[np.arange(len(labels)), labels].mean() for way in sorted(ways)
        ]
        curve.append(float(np.mean(means)))
    return curve


def probabilities(model: "keras.Model", images: np.ndarray) -> np.ndarray:
    """The softmax of the model's ten outputs: float32 of shape (n, 10)."""
    outputs = np.concatenate(
        [model(images[first : first + _CHUNK], training=False) for first in range(0, len(images), _CHUNK)]
    )
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def network(model: "keras.Model") -> Network:
    """The model for the browser's forward pass (`maths/network.js`)."""
    layers, weights = [], []
    for layer in model.layers:
        entry: dict[str, Any] = {"kind": type(layer).__name__}
        if layer.weights:
            kernel, bias = layer.get_weights()
            entry |= {"shape": list(kernel.shape), "relu": layer.activation.__name__ == "relu"}
            weights += [kernel.astype("<f4").tobytes(), bias.astype("<f4").tobytes()]
        layers.append(entry)
    return Network(layers, b"".join(weights))


def sequential(layers: list[Any], seed: int) -> "keras.Model":
    """A model of the layers with initial weights of its own seed: Keras's global seed belongs to the notebook."""
    import keras

    for index, layer in enumerate(layers):
        if hasattr(layer, "kernel_initializer"):
            layer.kernel_initializer = keras.initializers.HeUniform(seed=16 * seed + index)
    return keras.Sequential([keras.layers.Input((SIDE, SIDE, 1)), *layers])


def _as_input(images: np.ndarray) -> np.ndarray:
    return images[..., None] / np.float32(255)


def _batches(settings: Settings, random: np.random.Generator) -> Iterator[np.ndarray]:
    size = settings.batch_size
    for _ in range(settings.epochs):
        order = random.permutation(settings.images)
        for first in range(0, settings.images - size + 1, size):
            yield order[first : first + size]


def _accuracy(model: "keras.Model", images: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities(model, images).argmax(axis=1) == labels).mean())
