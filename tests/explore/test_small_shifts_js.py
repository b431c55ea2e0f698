"""What SmallShifts computes from its state and says of it, in node: equal to NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion import layers

Node = Callable[..., Any]

MODULES = {"js": "../small_shifts/scene.js", "words": "../small_shifts/words.js"}
LOOK = """const { photo, kernel, shifts, state } = data;
const studied = js.study({ ...photo, pixels: Float64Array.from(photo.pixels) }, kernel, shifts);
const scene = js.shiftScene(js.comparison(studied, state), state.shift);
return {
  ...scene, verdict: words.verdict(scene), caption: words.caption(scene),
  remarks: scene.ways.map((way) => words.remark(way, scene.moved)),
};"""
MARGIN, SEEN = 5, 14
SHIFTS = list(range(-4, 5))
SCENE = np.random.default_rng(7).integers(0, 256, (SEEN + 2 * MARGIN, SEEN + 2 * MARGIN)).astype(float)
KERNEL = [-1.0, 0, 1, -2, 0, 2, -1, 0, 1]


@pytest.fixture
def look(node: Node) -> Callable[..., dict[str, Any]]:
    def run(shift: int, window: int = 2, moved: bool = False) -> Any:
        photo = {"pixels": SCENE.ravel().tolist(), "side": len(SCENE), "margin": MARGIN}
        state = {"shift": shift, "window": window, "moved": moved}
        return node(LOOK, {"photo": photo, "kernel": KERNEL, "shifts": SHIFTS, "state": state}, **MODULES)

    return run


def feature_map(shift: int) -> np.ndarray:
    seen = SCENE[MARGIN - 1 : MARGIN + SEEN + 1, MARGIN - 1 - shift : MARGIN + SEEN + 1 - shift]
    return np.maximum(layers.conv2d(seen, np.reshape(KERNEL, (3, 3))), 0)


def test_maps_and_differences_are_those_of_numpy(look: Callable) -> None:
    scene = look(3)
    before, after = layers.pool2d(feature_map(0)), layers.pool2d(feature_map(3))
    largest = scene["ways"][1]
    np.testing.assert_allclose(np.reshape(largest["map"]["values"], after.shape), after)
    np.testing.assert_allclose(np.reshape(largest["differences"], after.shape), after - before)
    assert largest["left"] == pytest.approx(np.abs(after - before).sum() / (after + before).sum())
    assert scene["curves"][1][SHIFTS.index(3)] == largest["left"]
    assert scene["curves"][1][SHIFTS.index(0)] == 0
    np.testing.assert_array_equal(
        np.reshape(scene["picture"], (SEEN, SEEN)), SCENE[MARGIN:-MARGIN, MARGIN - 3 : MARGIN - 3 + SEEN]
    )


def test_a_first_map_that_is_moved_along_has_nothing_to_compare_with_at_its_edge(look: Callable) -> None:
    scene = look(4, moved=True)
    none, largest = scene["ways"][:2]
    assert (none["places"], largest["places"]) == (4, 2)
    assert (none["left"], largest["left"]) == (0, 0)
    assert set(none["differences"]) == {0}


def test_what_is_said(look: Callable) -> None:
    assert look(0)["verdict"].startswith("The picture stands where it was")
    assert look(0)["caption"] == "14 × 14 pixels, not moved"
    one = look(-1)
    assert one["caption"] == "14 × 14 pixels, moved 1 pixel to the left"
    shares = [f"{100 * way['left']:.1f} %" for way in one["ways"]]
    assert one["verdict"] == (
        f"Place by place, moved 1 pixel to the left: {shares[0]} of the map changes without pooling, {shares[1]} "
        f"with max pooling, {shares[2]} with average pooling, {shares[3]} with a strided convolution."
    )
    along = look(-2, moved=True)
    assert along["verdict"].startswith(
        "Each map compared with the first one moved along, moved 2 pixels to the left: 0.0 %"
    )
    assert along["remarks"] == [
        "14 × 14 numbers, first map moved by −2 places", *["7 × 7 numbers, first map moved by −1 place"] * 3
    ]  # fmt: skip
