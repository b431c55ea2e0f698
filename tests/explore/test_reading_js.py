"""Reading numbers in the browser: the same windows, probabilities and digits as in Python."""

import numpy as np
import pytest

from companion import toys
from companion.explore.digits.models import network

READ = """
const read = reading.windowReader(network.readNetwork(data.layers, Float32Array.from(data.weights)), data.width);
return data.pictures.map((picture) => read(Float32Array.from(picture)).map((window) => Array.from(window)));
"""


@pytest.fixture(scope="module")
def untrained():
    """A small network of the layers that the reader has, with random weights."""
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(3, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(11),
        ]
    )


def test_windows_and_probabilities_are_those_of_python_also_after_a_change(node, untrained) -> None:
    first, _ = toys.number_picture(seed=1)
    second = first.copy()
    second[10:14, 90:95] = 255  # in some windows, not in all
    found = network(untrained)
    data = {
        "layers": found.layers,
        "weights": np.frombuffer(found.weights, dtype="<f4").tolist(),
        "pictures": [(picture.ravel() / 255).tolist() for picture in (first, second, first)],
        "width": first.shape[1],
    }
    shown = node(READ, data, network="network.js", reading="reading.js")
    for windows, picture in zip(shown, (first, second, first), strict=True):
        np.testing.assert_allclose(windows, toys.read_number(untrained, picture)[1], atol=1e-5)
    assert np.abs(np.array(shown[0]) - shown[1]).max() > 0.01


def test_digits_are_those_of_python(node) -> None:
    random = np.random.default_rng(4)
    rows = [random.dirichlet(np.full(11, 0.1) + np.eye(11)[10], size=29) for _ in range(50)]
    body = "return data.map((windows) => reading.digitsOf(windows))"
    shown = node(body, np.array(rows).tolist(), reading="reading.js")
    assert [found["number"] for found in shown] == [toys.digits_of(windows) for windows in rows]
    assert max(len(found["number"]) for found in shown) > 3
    for found, windows in zip(shown, rows, strict=True):
        deciding = windows[found["windows"], [int(digit) for digit in found["number"]]]
        assert (deciding == windows[found["windows"], :10].max(axis=1)).all()


def test_nothing_is_read_from_no_window(node) -> None:
    assert node("return reading.digitsOf(data)", [], reading="reading.js") == {"number": "", "windows": []}
