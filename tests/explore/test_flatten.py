"""Flatten as Python sees it, and what it computes and says, in node."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion.explore import Flatten
from companion.explore.digits.models import ten_digits

Node = Callable[..., Any]

JS = {"js": "../flatten/scene.js", "words": "../flatten/words.js"}
LOOK = """return data.states.map((state) => {
  const scene = js.flattenScene(Uint8Array.from(data.digits), state);
  return { ...scene, said: words.placeWords(scene) };
});"""


def looks(node: Node, *pixels: tuple[int, int]) -> list[dict[str, Any]]:
    """What the page shows and says of pixels of the 7."""
    states = [{"digit": 7, "placed": 0, "row": row, "column": column} for row, column in pixels]
    return node(LOOK, {"digits": ten_digits().ravel().tolist(), "states": states}, **JS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"digit": 10}, "digit must be a whole number from 0 to 9, not 10"),
        ({"placed": 785}, "placed must be a whole number from 0 to 784, not 785"),
        ({"row": -1}, "row must be a whole number from 0 to 27, not -1"),
        ({"column": 28}, "column must be a whole number from 0 to 27, not 28"),
    ],
)
def test_what_is_wrong_is_named(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Flatten(**arguments)


def test_what_is_set_is_said() -> None:
    shown = Flatten(digit=7, row=2, column=3)
    assert repr(shown) == "<Flatten explorer: the 7; row 2, column 3 goes to place 59>"


def test_pixels_go_to_the_places_where_numpy_puts_them(node: Node) -> None:
    (shown,) = looks(node, (14, 9))
    assert shown["values"] == ten_digits()[7].reshape(-1).tolist()
    places = {name: shown[name] for name in ("place", "right", "below")}
    pixels = {"place": (14, 9), "right": (14, 10), "below": (15, 9)}
    assert places == {name: int(np.ravel_multi_index(pixel, (28, 28))) for name, pixel in pixels.items()}
    found = node("return data.map((place) => js.pixelAt(place));", list(range(784)), **JS)
    rows, columns = np.unravel_index(np.arange(784), (28, 28))
    assert [(pixel["row"], pixel["column"]) for pixel in found] == list(zip(rows, columns, strict=True))


def test_the_neighbours_and_the_edges_are_said(node: Node) -> None:
    inside, end_of_row, last_row, last = (shown["said"] for shown in looks(node, (1, 2), (0, 27), (27, 0), (27, 27)))
    assert inside == (
        "Row 1, column 2 goes to place 28 × 1 + 2 = 30. Its neighbour on the right goes to the next place, 31. "
        "Its neighbour below goes to place 58, 28 places on: 27 other pixels stand between them."
    )
    assert (
        "It ends its row: the next place, 28, holds the first pixel of the next row, at the other edge." in end_of_row
    )
    assert last_row.endswith("goes to the next place, 757. No row lies below it.")
    assert last.endswith("It is the last of all. No row lies below it.")


def test_the_pixels_leave_one_after_the_other_and_all_arrive(node: Node) -> None:
    body = """return data.map((placed) => ({
      ways: Array.from({ length: 784 }, (_, place) => js.progress(place, placed)), flying: js.underWay(placed),
    }));"""
    for placed, shown in zip(steps := [0, 1, 40, 400, 783, 784], node(body, steps, **JS), strict=True):
        ways, (first, left) = np.array(shown["ways"]), shown["flying"]
        assert (np.diff(ways) <= 0).all()
        assert (ways[:first] == 1).all(), "what is drawn in the line has arrived"
        assert (ways[left:] == 0).all(), "what is drawn in the picture has not left"
        assert (ways == 1).all() == (placed == 784)
        assert (ways == 0).all() == (placed == 0)


def test_the_pixel_and_the_one_below_it_are_both_shown_large(node: Node) -> None:
    body = "return data.map((count) => Array.from({ length: 784 }, (_, place) => js.firstShown(place, count)));"
    for count, firsts in zip((61, 35), node(body, [61, 35], **JS), strict=True):
        places = np.arange(784)
        first = np.array(firsts)
        assert first.min() >= 0
        assert first.max() + count <= 784
        assert (first <= places).all()
        assert (np.minimum(places + 28, 783) < first + count).all()
