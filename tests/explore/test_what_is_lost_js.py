"""What WhatIsLost computes from its state and says of it, in node: equal to NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion import data, layers
from companion.explore.what_is_lost.what_is_lost import REBUILDS, WINDOWS

Node = Callable[..., Any]

MODULES = {"js": "../what_is_lost/scene.js", "words": "../what_is_lost/words.js"}
LOOK = """const { picture, source, rebuilds, windows, state } = data;
const studied = js.study(picture, source, rebuilds, windows);
const scene = js.lostScene(studied, state);
const lens = js.lens(scene, { ...state, ...js.settled(state) });
return { scene, lens, facts: words.factsWords(scene), said: words.lensWords(lens), captions: words.captions(scene) };"""
CAT = data.picture("cat").astype(float)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4


def edges() -> np.ndarray:
    found = np.zeros_like(CAT)
    found[1:-1, 1:-1] = np.maximum(layers.conv2d(CAT, SOBEL), 0)
    return found


def error(source: np.ndarray, rebuilt: np.ndarray) -> float:
    return float(np.sqrt(np.mean((source - rebuilt) ** 2)))


@pytest.fixture
def look(node: Node) -> Callable[..., dict[str, Any]]:
    def run(source: str = "picture", window: int = 4, rebuild: str = "average", row: int = 0, column: int = 0) -> Any:
        state = {"window": window, "rebuild": rebuild, "row": row, "column": column}
        asked = {"picture": CAT.ravel().tolist(), "source": source, "rebuilds": REBUILDS, "windows": WINDOWS}
        return node(LOOK, {**asked, "state": state}, **MODULES)

    return run


@pytest.mark.parametrize(("what", "source"), [("picture", CAT), ("edges", edges())])
def test_errors_are_those_of_numpy(look: Callable, what: str, source: np.ndarray) -> None:
    scene = look(source=what, window=8, rebuild="spread")["scene"]
    np.testing.assert_allclose(scene["source"], source.ravel(), atol=1e-9)
    for rebuild, kind in (("average", "average"), ("spread", "max")):
        expected = [
            error(source, np.kron(layers.pool2d(source, side, kind=kind), np.ones((side, side)))) for side in WINDOWS
        ]
        np.testing.assert_allclose(scene["errors"][rebuild], expected, atol=1e-9)
    assert scene["flat"] == pytest.approx(source.std())
    np.testing.assert_allclose(scene["map"]["values"], layers.pool2d(source, 8).ravel())


def test_winners_stand_where_they_were_and_zeros_elsewhere(look: Callable) -> None:
    scene = look(rebuild="winners")["scene"]
    rebuilt = np.reshape(scene["rebuilt"], CAT.shape)
    kept = rebuilt != 0
    np.testing.assert_array_equal(rebuilt[kept], CAT[kept])
    np.testing.assert_array_equal(layers.pool2d(rebuilt, 4), layers.pool2d(CAT, 4))
    np.testing.assert_array_equal(scene["off"], (rebuilt - CAT).ravel())


def test_one_window_is_cut_out(look: Callable) -> None:
    lens = look(row=3, column=5)["lens"]
    window = CAT[12:16, 20:24]
    assert lens["before"] == window.ravel().tolist()
    assert lens["after"] == [window.mean()] * 16
    assert (lens["kept"], lens["unchanged"]) == (window.mean(), (abs(window - window.mean()) < 0.5).sum())


def test_no_window_lies_outside(look: Callable) -> None:
    assert look(window=32, row=31, column=2)["lens"]["row"] == 3


def test_what_is_said(look: Callable) -> None:
    shown = look(rebuild="winners")
    assert shown["facts"].startswith(
        "Kept: 1,024 of 16,384 numbers (6.25 %), and each one’s place among 16. Error (root mean square): "
    )
    assert shown["facts"].endswith(f"one and the same grey everywhere would be off by {CAT.std():.1f}.")
    assert shown["captions"]["rebuilt"] == "max, put back at its place"
    assert look(window=128)["captions"]["map"] == "1 × 1 number"
    one = look(window=1)
    assert one["said"] == "Row 0, column 0: 1 number becomes one; 1 of them is rebuilt as it was."
    assert "numbers (100 %). Error (root mean square): 0.0" in one["facts"]


@pytest.mark.parametrize(("window", "row", "following", "expected"), [(4, 12, 8, 6), (8, 6, 4, 13), (128, 0, 1, 64)])
def test_windows_of_another_size_stay_around_the_same_place(
    node: Node, window: int, row: int, following: int, expected: int
) -> None:
    state = {"window": window, "row": row, "column": 0}
    assert node(f"return js.resized(data, {following});", state, **MODULES)["row"] == expected
