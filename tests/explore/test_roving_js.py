"""Where a key leads from one control to another that shares its tab stop."""

from collections.abc import Callable
from typing import Any

import pytest

Node = Callable[..., Any]
ROVING = "../../widgets/roving.js"


def place(node: Node, keys: list[str], start: int, count: int, columns: int | None = None) -> list[int | None]:
    """The place after each of the keys, from place `start` of `count`; None where a key leads nowhere."""
    body = """
      let at = data.start;
      return data.keys.map((text) => {
        const key = text.replace("Ctrl+", "");
        const next = js.placeAfter({ key, ctrlKey: key !== text }, at, data.count, data.columns ?? undefined);
        at = next ?? at;
        return next ?? null;
      });"""
    return node(body, {"keys": keys, "start": start, "count": count, "columns": columns}, js=ROVING)


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        (["ArrowRight", "ArrowRight", "ArrowRight"], [1, 2, 2]),  # no further than the end of the row
        (["ArrowLeft", "ArrowUp"], [0, 0]),
        (["ArrowDown", "ArrowLeft", "ArrowDown"], [3, 3, 3]),
        (["End", "ArrowDown", "Home"], [2, 5, 3]),
        (["Ctrl+End", "ArrowRight", "Ctrl+Home"], [5, 5, 0]),
        (["Ctrl+ArrowRight", "Tab", "a"], [None, None, None]),
    ],
)
def test_in_a_grid(node: Node, keys: list[str], places: list[int | None]) -> None:
    assert place(node, keys, 0, 6, columns=3) == places


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        (["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"], [1, 2, 1, 0, 0]),
        (["End", "ArrowRight", "ArrowDown", "Home"], [3, 3, 3, 0]),
    ],
)
def test_in_a_row(node: Node, keys: list[str], places: list[int]) -> None:
    assert place(node, keys, 0, 4) == places
