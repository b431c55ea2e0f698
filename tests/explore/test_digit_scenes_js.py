"""What ShiftTest and PixelShuffle compute from their state and say of it, in node."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion.explore.digits.models import permutation, shifted, shuffled, ten_digits

Node = Callable[..., Any]

SHIFT = {"js": "../shift_test/scene.js", "words": "../shift_test/words.js"}
SHUFFLE = {"js": "../pixel_shuffle/scene.js", "words": "../pixel_shuffle/words.js"}
DIGITS = np.random.default_rng(2).integers(0, 256, (3, 28, 28), dtype=np.uint8)
DIGIT = """const digits = { digits: Uint8Array.from(data.digits), labels: [7, 1, 7] };
data.state.drawing = Uint8Array.from(data.drawing ?? []);
const scene = js.digitScene(digits, data.state);
return { ...scene, caption: words.caption(scene) };"""
PAIR = """const scene = js.shuffleScene(Uint8Array.from(data.digits), Uint16Array.from(data.order), data.chosen);
return { ...scene, said: words.sentence(scene) };"""


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, -2), (-10, 10), (5, 0)])
def test_a_digit_is_moved_as_in_the_training(node: Node, row: int, column: int) -> None:
    state = {"index": 1, "row": row, "column": column}
    scene = node(DIGIT, {"digits": DIGITS.ravel().tolist(), "state": state}, **SHIFT)
    expected = shifted(DIGITS, row, column)[1] / 255
    np.testing.assert_allclose(scene["input"], expected.ravel(), rtol=1e-6)
    assert scene["lost"] == pytest.approx(1 - expected.sum() / (DIGITS[1] / 255).sum(), abs=1e-6)
    assert scene["label"] == 1


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [(0, 0, "A 7, not shifted"), (0, 6, "A 7, shifted 6 right; "), (-2, -1, "A 7, shifted 2 up and 1 left; ")],
)
def test_the_shift_is_named(node: Node, row: int, column: int, said: str) -> None:
    state = {"index": 0, "row": row, "column": column}
    scene = node(DIGIT, {"digits": DIGITS.ravel().tolist(), "state": state}, **SHIFT)
    outside = f"{round(100 * scene['lost'])} % of its ink is outside" if row or column else ""
    assert scene["caption"] == said + outside


def test_a_drawing_is_moved_like_a_digit_and_has_no_label(node: Node) -> None:
    state = {"index": 3, "row": 0, "column": -2}
    asked = {"digits": DIGITS.ravel().tolist(), "state": state, "drawing": DIGITS[2].ravel().tolist()}
    scene = node(DIGIT, asked, **SHIFT)
    np.testing.assert_allclose(scene["input"], shifted(DIGITS, 0, -2)[2].ravel() / 255, rtol=1e-6)
    assert scene["label"] is None
    assert scene["caption"].startswith("Your digit, shifted 2 left")
    empty = node(DIGIT, asked | {"drawing": [0] * 784}, **SHIFT)
    assert empty["caption"] == "Your digit, shifted 2 left"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {"says": 9, "home": 4}),
        ({"column": 0}, None),  # not moved
        ({"lost": 0.02}, None),  # ink outside: no wonder
        ({"label": 7}, None),  # it was wrong in the middle, too
        ({"label": None}, {"says": 9, "home": 4}),
    ],
)
def test_the_cnn_is_fooled_by_a_shift_alone(node: Node, changes: dict, found: dict | None) -> None:
    scene = {"label": 4, "row": 0, "column": 6, "lost": 0.0} | changes
    assert node("return js.fooled(data, { best: 9 }, { best: 4 });", scene, **SHIFT) == found


def test_the_challenge_is_put_and_its_success_told(node: Node) -> None:
    body = """const scene = { label: 4, row: 0, column: 6 };
    const found = { says: 9, home: 4 };
    return [words.challengeWords(scene, null), words.challengeWords(scene, found),
      words.challengeWords({ ...scene, label: null }, found)];"""
    put, won, own = node(body, None, **SHIFT)
    assert put.startswith("A challenge: find a digit and a shift that fool the CNN, too")
    assert won == "You fooled the CNN! This 4, shifted 6 right, it takes for a 9. In the middle it says 4."
    assert own.startswith("You fooled the CNN! Your digit, shifted 6 right,")


def test_a_drawing_becomes_a_digit_like_those_of_mnist(node: Node) -> None:
    """MNIST's digits, four times as large and moved into a corner of the pad, come out as they were."""
    digits = ten_digits()
    body = "return data.map((levels) => js.centredDigit(levels, 112));"
    corners = np.zeros((10, 112, 112), int)
    corners[:, :100, :88] = np.kron(digits, np.ones((4, 4), int))[:, 12:, 24:]
    made = np.array(node(body, corners.reshape(10, -1).tolist(), js="digits.js")).reshape(10, 28, 28)
    likeness = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(made, digits, strict=True)]
    assert np.sum(np.array(likeness) > 0.999) == 9
    assert min(likeness) > 0.8, "the 7 comes to stand a column beside"
    rows, columns = (made.any(axis=axis).sum(axis=1) for axis in (2, 1))
    assert np.maximum(rows, columns).tolist() == [20] * 10
    nothing, dot = node("return [0, 255].map((level) => js.centredDigit([level, 0, 0, 0], 2));", None, js="digits.js")
    assert set(nothing) == {0}
    assert np.reshape(dot, (28, 28))[4:24, 4:24].all(), "a single dot fills the box"


def test_the_next_digit_is_one_of_those_that_are_wanted(node: Node) -> None:
    asked = [[0, 7], [0, None], [2, None], [2, 1], [1, 1]]
    body = "return data.map(([index, wanted]) => js.nextIndex([7, 1, 7], index, wanted));"
    assert node(body, asked, **SHIFT) == [2, 1, 0, 1, 1]


def test_both_models_are_quoted(node: Node) -> None:
    answers = [{"probabilities": [0.25, 0.75], "best": 1}, {"probabilities": [0.9, 0.1], "best": 0}]
    assert node("return words.answerWords(data, 0);", answers, **SHIFT) == (
        "The MLP says 1, wrong, with 75.0 %; the CNN says 0, right, with 90.0 %."
    )


def test_what_python_says_of_the_guesses_is_quoted_as_far_as_it_goes(node: Node) -> None:
    guesses = {"mlp_straight": [[0.5, 0.3, 0.2]], "cnn_shuffled": [[0, 0, 1]]}
    found = node("return [{}, data].map((all) => words.answerWords(js.guessesOf(all), 1));", guesses, **SHIFT)
    assert found == ["", "The MLP says 0, wrong, with 50.0 %."]


def test_pixels_go_where_the_permutation_says(node: Node) -> None:
    order = permutation(3)
    asked = {"digits": DIGITS.ravel().tolist(), "order": order.tolist(), "chosen": {"digit": 2, "pixel": 30}}
    scene = node(PAIR, asked, **SHUFFLE)
    assert scene["straight"] == DIGITS[2].ravel().tolist()
    assert scene["shuffled"] == shuffled(DIGITS, order)[2].ravel().tolist()
    to = int(np.flatnonzero(order == 30)[0])
    assert scene["said"] == f"In every picture the pixel of row 1, column 2 goes to row {to // 28}, column {to % 28}."


def test_a_drawing_is_shuffled_like_a_digit(node: Node) -> None:
    order = permutation(3)
    body = (
        "return js.shuffleScene([], data.order, { digit: js.OWN, pixel: 0, drawing: Uint8Array.from(data.drawing) });"
    )
    scene = node(body, {"order": order.tolist(), "drawing": DIGITS[2].ravel().tolist()}, **SHUFFLE)
    assert scene["shuffled"] == shuffled(DIGITS, order)[2].ravel().tolist()
    assert scene["label"] is None


def test_accuracies_are_the_last_of_the_curves_until_all_pictures_are_measured(node: Node) -> None:
    curves = {"mlp_straight": [[0, 0.1], [9, 0.5]], "cnn_straight": [[0, 0.1], [9, 0.7]]}
    assert node("return js.latest(data, { cnn_straight: 0.75 });", curves, **SHUFFLE) == {
        "mlp_straight": 0.5,
        "cnn_straight": 0.75,
    }


def test_what_shuffling_costs(node: Node) -> None:
    accuracy = {"mlp_straight": 0.96, "mlp_shuffled": 0.9603, "cnn_straight": 0.98, "cnn_shuffled": 0.934}
    assert node("return [words.verdict({}), words.verdict(data)];", accuracy, **SHUFFLE) == [
        "",
        "Done. With shuffled pixels: MLP ±0, CNN −4.6 percentage points of accuracy.",
    ]


def test_what_shuffling_costs_is_the_difference_of_the_numbers_in_the_table(node: Node) -> None:
    accuracy = {"mlp_straight": 0.96045, "mlp_shuffled": 0.95854, "cnn_straight": 0.9735, "cnn_shuffled": 0.9119}
    table, said = node(
        "return [Object.values(data).map(words.accuracyWords), words.verdict(data)];", accuracy, **SHUFFLE
    )
    assert table == ["96.0 %", "95.9 %", "97.4 %", "91.2 %"]
    assert said == "Done. With shuffled pixels: MLP −0.1, CNN −6.2 percentage points of accuracy."


def test_the_chart_has_a_text(node: Node) -> None:
    lines = [{"key": "mlp_straight", "name": "MLP straight"}, {"key": "cnn_straight", "name": "CNN straight"}]
    said = node("return [{}, { mlp_straight: 0.5 }].map((known) => words.chartWords(data, known));", lines, **SHUFFLE)
    assert said[0].endswith("over the training steps. Nothing is trained yet.")
    assert said[1].endswith("MLP straight is at 50.0 %, CNN straight is at –.")


def test_each_network_reads_the_picture_as_in_its_training(node: Node) -> None:
    """Ten weights a network, which hold one pixel's values against each other."""
    layer = {"kind": "Dense", "shape": [784, 10], "relu": False}
    weights = np.zeros((2, 785, 10), np.float32)
    weights[0, 5, 3], weights[1, 9, 4] = 8, 8
    asked = {"layers": {"mlp_straight": [layer], "cnn_shuffled": [layer]}, "weights": weights.ravel().tolist()}
    body = """const networks = js.readNetworks(data.layers, Float32Array.from(data.weights));
    const straight = new Uint8Array(784), shuffled = new Uint8Array(784);
    [straight[5], shuffled[9]] = [255, 255];
    return js.answersOf(networks, { straight, shuffled });"""
    answers = node(body, asked, **SHUFFLE)
    assert {name: int(np.argmax(each)) for name, each in answers.items()} == {"mlp_straight": 3, "cnn_shuffled": 4}


def test_a_guess_is_said(node: Node) -> None:
    body = """const asked = [[undefined, 1], [[0.2, 0.8], 1], [[0.7, 0.3], 1], [[0.7, 0.3], null]];
    return asked.map((each) => words.guessWords("CNN", ...each));"""
    assert node(body, None, **SHUFFLE) == [
        "CNN: not trained yet",
        "CNN says 1, right, 80 %",
        "CNN says 0, wrong, 70 %",
        "CNN says 0, 70 %",
    ]


def test_how_far_a_training_is(node: Node) -> None:
    states = [
        {"step": 0, "steps": 9, "left": None, "guessing": False, "seconds": 3},
        {"step": 0, "steps": 9, "left": None, "guessing": True, "seconds": 4},
        {"step": 2, "steps": 9, "left": None, "guessing": True, "seconds": 5},
        {"step": 3, "steps": 9, "left": 19.2, "guessing": True, "seconds": 6},
    ]
    assert node("return data.map(js.clockWords);", states, js="../digits/words.js") == [
        "Starting TensorFlow, 3 s so far",
        "First step, 4 s so far",
        "Step 2 of 9",
        "Step 3 of 9, about 20 s left",
    ]


def test_how_far_a_training_in_a_cell_is(node: Node) -> None:
    body = """const at = { epoch: 0, epochs: 3, left: null, seconds: 2 };
    return [at, { ...at, loss: 2.3126 }, { ...at, loss: 0.5, left: 0.2 }].map(js.clockWords);"""
    assert node(body, None, js="../training_curves/words.js") == [
        "First step, 2 s so far",
        "Epoch 1 of 3, loss 2.31",
        "Epoch 1 of 3, about 1 s left, loss 0.5",
    ]
