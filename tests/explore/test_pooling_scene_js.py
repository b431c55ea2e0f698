"""What Pooling computes from its state and says of it, in node."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion import layers
from companion.explore import Pooling

Node = Callable[..., Any]

MODULES = {"js": "../pooling/scene.js", "words": "../pooling/words.js", "examples": "../pooling/examples.js"}
LOOK = """const { state, pixel = null, upstream = [], targets = {} } = data;
const settled = { ...state, ...js.settled(state) };
const scene = js.poolingScene(settled, Float64Array.from(upstream), targets);
const look = js.lookedAt(scene, settled, pixel);
return {
  settled, scene, look, ...words.lookWords(scene, look), goals: scene.goals.map(words.goalWords),
  size: words.sizeFormula(scene), remark: words.sizeRemark(scene),
  marks: scene.numbers.reduce((marks, _, index) => [...marks, js.markOf(scene, index)], []),
};"""


@pytest.fixture
def look(node: Node) -> Callable[..., dict[str, Any]]:
    """look(pixel=..., upstream=..., targets=..., **arguments of Pooling): what is computed and said."""

    def run(pixel: Any = None, upstream: Any = (), targets: Any = None, **arguments: Any) -> dict[str, Any]:
        explorer = Pooling(**{key: value for key, value in arguments.items() if key not in ("row", "column")})
        names = ("numbers", "kind", "window", "stride", "padding", "row", "column")
        state = {name: arguments.get(name, getattr(explorer, name)) for name in names}
        state["numbers"] = explorer.numbers
        data = {"state": state, "pixel": pixel, "upstream": list(upstream), "targets": targets or {}}
        return node(LOOK, data, **MODULES)

    return run


@pytest.mark.parametrize(
    ("arguments", "forward", "backward"),
    [
        (
            {"row": 2, "column": 2},
            "Row 2, column 2 of the map: the largest of 9, 3, 2, 5 is 9 (★).",
            "Backward: its gradient of 1 goes to the winner alone; the others of the window get nothing from it.",
        ),
        (
            {"kind": "average", "upstream": [2] * 9},
            "Row 0, column 0 of the map: (1 + 3 + 4 + 2) / 4 = 2.5, the average of its window.",
            "Backward: its gradient of 2 is shared out: each of the 4 numbers gets 0.5.",
        ),
        (
            {"kind": "average", "numbers": [[-1, 2], [-3, 0]]},
            "Row 0, column 0 of the map: (−1 + 2 − 3 + 0) / 4 = −0.5, the average of its window.",
            "Backward: its gradient of 1 is shared out: each of the 4 numbers gets 0.25.",
        ),
        (
            {"kind": "global average"},
            "Row 0, column 0 of the map: 96 / 36 = 2.667, the average of its window.",
            "Backward: its gradient of 1 is shared out: each of the 36 numbers gets 0.028.",
        ),
        (
            {"kind": "global max"},
            "Row 0, column 0 of the map: the largest of 36 numbers is 9 (★).",
            "Backward: its gradient of 1 goes to the winner alone; the others of the window get nothing from it.",
        ),
        (
            {"window": 3, "stride": 1, "pixel": [3, 3]},
            "Row 3, column 3 of the input lies in 9 windows and wins 5 of them (★).",
            "Backward: it gets the gradient of these outputs, together 5.",
        ),
        (
            {"pixel": [0, 1]},
            "Row 0, column 1 of the input lies in 1 window and wins none.",
            "Backward: it gets no gradient. Changing it a little changes nothing.",
        ),
        (
            {"pixel": [1, 0], "upstream": [3] + [0] * 8},
            "Row 1, column 0 of the input lies in 1 window and wins it (★).",
            "Backward: it gets the gradient of that output, together 3.",
        ),
        (
            {"kind": "average", "pixel": [0, 1]},
            "Row 0, column 1 of the input lies in 1 window and counts in each average.",
            "Backward: it gets a share from each, together 0.25.",
        ),
        (
            {"window": 2, "stride": 4, "pixel": [3, 3]},
            "Row 3, column 3 of the input lies in no window: the map does not depend on it.",
            "Backward: so no gradient reaches it.",
        ),
    ],
)
def test_what_is_said_of_an_output_or_an_input(look: Callable, arguments: dict, forward: str, backward: str) -> None:
    said = look(**arguments)
    assert (said["forward"], said["backward"]) == (forward, backward)


def test_maps_and_gradients_are_those_of_numpy(look: Callable) -> None:
    shown = look(window=3, stride=2, padding="same", row=9, column=9)
    expected = layers.pool2d(Pooling().numbers, 3, stride=2, padding="same")
    np.testing.assert_array_equal(np.reshape(shown["scene"]["map"]["values"], expected.shape), expected)
    assert sum(shown["scene"]["downstream"]) == expected.size, "the gradient of one for each output arrives"
    assert (shown["settled"]["row"], shown["settled"]["column"]) == (2, 2), "no place lies outside of the map"


def test_the_window_that_is_looked_at_and_its_winner_are_marked(look: Callable) -> None:
    boxes = look(window=3, stride=2, padding="same", row=0, column=2)["look"]["boxes"]
    window = {"kind": "window", "row": 0, "column": 4, "rows": 3, "columns": 3}
    assert boxes == {
        "input": [window, {"kind": "won", "sign": "★", "row": 0, "column": 4}],
        "map": [{"kind": "window", "row": 0, "column": 2}],
    }


def test_inputs_that_win_or_that_no_window_reaches_are_marked(look: Callable) -> None:
    marks = look(numbers=np.arange(9).reshape(3, 3))["marks"]
    assert marks == ["", "", "unseen", "", "winner", "unseen", "unseen", "unseen", "unseen"]


@pytest.mark.parametrize(
    ("arguments", "size", "remark"),
    [
        ({}, "⌊(n − k) / s⌋ + 1 = ⌊(6 − 2) / 2⌋ + 1 = 3", ""),
        ({"window": 3}, "⌊(6 − 3) / 3⌋ + 1 = 2", ""),
        (
            {"window": 3, "stride": 2},
            "+ 1 = 2",
            "The floor drops the last row and column (crossed out): no window reaches",
        ),
        ({"window": 4, "stride": 4}, "+ 1 = 1", "The floor drops the last 2 rows and columns (crossed out)"),
        ({"window": 2, "stride": 3}, "+ 1 = 2", "The windows leave out rows and columns 2, 5 (crossed out)"),
        ({"padding": "same", "stride": 4}, "⌈n / s⌉ = ⌈6 / 4⌉ = 2", "The windows leave out rows and columns 2, 3"),
        ({"padding": "same", "window": 3}, "⌈6 / 3⌉ = 2", "Padding (hatched) never wins, and is left out of averages."),
        ({"kind": "global max"}, "one window covers all 6 × 6 numbers, so 1 × 1", ""),
    ],
)
def test_the_size_is_explained(look: Callable, arguments: dict, size: str, remark: str) -> None:
    said = look(**arguments)
    assert size in said["size"]
    assert said["remark"].startswith(remark)
    assert bool(said["remark"]) == bool(remark)


def test_targets_are_compared(look: Callable) -> None:
    shown = look(numbers=np.diag([8, 0, 0, 9]), targets={"max": [[8, 6], [3, 9]], "average": [[2, 0], [0, 2.25]]})
    assert shown["goals"] == [
        "Target, max: 2 of 4 numbers are reached.",
        "Target, average: 4 of 4 numbers are reached. ✓",
    ]


def test_a_window_is_no_larger_than_the_input(node: Node) -> None:
    state = {
        "numbers": [[1, 2], [3, 4]],
        "kind": "max",
        "window": 5,
        "stride": 5,
        "padding": "valid",
        "row": 3,
        "column": 1,
    }
    assert node("return js.settled(data);", state, **MODULES) == {"window": 2, "row": 0, "column": 0}


def test_the_input_grows_and_shrinks_around_its_numbers(node: Node) -> None:
    grown, cut = node("return [3, 1].map((side) => examples.resized([[10, 20], [30, 40]], side));", None, **MODULES)
    assert [row[:2] for row in grown[:2]] == [[10, 20], [30, 40]]
    assert all(0 <= number <= 9 for row in grown for number in row[2:])
    assert cut == [[10]]


def test_every_example_is_a_square_of_numbers(node: Node) -> None:
    shown = node("return examples.EXAMPLES.map(([key]) => examples.example(key, 5));", None, **MODULES)
    assert all(np.shape(square) == (5, 5) for square in shown)
    assert np.count_nonzero(shown[2]) == 1
