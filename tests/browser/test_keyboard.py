"""The explorers by keyboard and for screen readers: one tab stop for what belongs together, places counted from 0."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from companion import explore
from tests.browser.axe import faults
from tests.browser.conftest import Show, settled, trait
from tests.explore.page import DARK

pytestmark = pytest.mark.browser

GROUPS = ".cc-grid, .cc-thumbs"


def group_in_focus(page: Page) -> int:
    """The place of the grid or row of pictures that has the focus; -1 if none has."""
    return page.evaluate(
        "(groups) => [...document.querySelectorAll(groups)].indexOf(document.activeElement.closest(groups))", GROUPS
    )


@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_each_grid_and_each_row_of_pictures_is_one_tab_stop(show: Show, name: str) -> None:
    page = show(getattr(explore, name)())
    stops = []
    page.keyboard.press("Tab")
    page.evaluate("window.first = document.activeElement")
    while not stops or not page.evaluate("[document.body, window.first].includes(document.activeElement)"):
        stops.append(group_in_focus(page))
        page.keyboard.press("Tab")
    assert [stop for stop in stops if stop >= 0] == list(range(page.locator(GROUPS).count()))


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_arrows_go_from_picture_to_picture_and_choose_none(show: Show) -> None:
    page = show(explore.Convolution(picture="camera"))
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_accessible_name(re.compile("^camera: "))  # the one that is shown
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(focused(page)).to_have_accessible_name(re.compile("^brick: "))
    assert trait(page, "picture") == "camera"
    page.keyboard.press("Enter")
    assert trait(page, "picture") == "brick"
    page.keyboard.press("End")
    expect(focused(page)).to_have_accessible_name("Draw")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(focused(page)).to_have_accessible_name("Draw")  # where one has been


def test_the_tab_stop_is_the_picture_that_python_has_chosen(show: Show) -> None:
    page = show(explore.WhatIsLost(picture="cat"))
    page.evaluate("window.python({ picture: 'digit' })")
    settled(page)
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_accessible_name(re.compile("^digit: "))


def test_arrows_go_through_a_grid_of_numbers(show: Show) -> None:
    page = show(explore.Pooling())
    page.get_by_label("Input, row 0, column 0", exact=True).focus()
    for key, row, column in [
        ("ArrowRight", 0, 1), ("ArrowDown", 1, 1), ("End", 1, 5), ("ArrowRight", 1, 5),
        ("Control+End", 5, 5), ("Home", 5, 0), ("ArrowUp", 4, 0), ("Control+Home", 0, 0),
    ]:  # fmt: skip
        page.keyboard.press(key)
        expect(focused(page)).to_have_accessible_name(f"Input, row {row}, column {column}")


def test_a_number_that_is_being_typed_keeps_the_keys_that_its_caret_needs(show: Show) -> None:
    page = show(explore.Convolution(kernel=np.zeros((3, 3))))
    first = page.get_by_label("Kernel, row 0, column 0")
    first.focus()
    page.keyboard.type("15")
    page.keyboard.press("ArrowLeft")  # before the 5
    page.keyboard.type("2.")
    expect(first).to_have_value("12.5")
    page.keyboard.press("Home")
    page.keyboard.type("-")
    expect(first).to_have_value("-12.5")
    page.keyboard.press("End")
    expect(focused(page)).to_have_accessible_name("Kernel, row 0, column 0")
    page.keyboard.press("ArrowRight")  # from its end
    expect(focused(page)).to_have_accessible_name("Kernel, row 0, column 1")
    page.keyboard.type("7")
    assert trait(page, "kernel") == [[-12.5, 7, 0], [0, 0, 0], [0, 0, 0]]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    page.keyboard.type("5")  # behind what is there
    assert trait(page, "kernel") == [[-12.5, 7, 0], [0, 5, 0], [0, 0, 0]]


# ------------------------------------------------------------------------------------------------ names

# [name, row, column] of all that names a place, and "name" with the texts of what is moved to one.
PLACES = """() => [...document.querySelectorAll("[aria-label], [aria-valuetext]")].flatMap((node) =>
  ["aria-label", "aria-valuetext"].flatMap((attribute) => {
    const [, what, row, column] = /^(.*)\\brow (\\d+), column (\\d+)/i.exec(node.getAttribute(attribute) ?? "") ?? [];
    return row === undefined ? [] : [[attribute === "aria-label" ? what : "", Number(row), Number(column)]];
  }))"""


@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_names_count_rows_and_columns_from_0(show: Show, name: str) -> None:
    page = show(getattr(explore, name)())
    grids: dict[str, list[tuple[int, int]]] = {}
    for what, row, column in page.evaluate(PLACES):
        grids.setdefault(what, []).append((row, column))
    moved = grids.pop("", [])
    for places in grids.values():
        side = round(len(places) ** 0.5)
        assert places == list(np.ndindex(side, side))
    if moved and page.evaluate("['row', 'column'].every((name) => window.model.get(name) !== undefined)"):
        assert (trait(page, "row"), trait(page, "column")) in moved


def test_a_field_and_the_sentence_about_it_name_the_same_place(show: Show) -> None:
    page = show(explore.Pooling())
    said = page.locator(".cc-pool-line").first
    for field in page.get_by_role("textbox", name=re.compile("^Input, ")).all():
        field.focus()
        name = field.get_attribute("aria-label") or ""
        place = name.removeprefix("Input, ")
        expect(said).to_have_text(re.compile(f"^{place.capitalize()} of the input"))


def test_a_message_about_a_number_names_its_place_as_its_field_does(show: Show) -> None:
    page = show(explore.Convolution())
    page.get_by_label("Kernel, row 2, column 1").fill("3x")
    page.get_by_text("Row 2, column 1: “3x” is not a number.").wait_for()


# ------------------------------------------------------------------------------------------------ axe-core


@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_axe_finds_nothing(show: Show, name: str) -> None:
    page = show(getattr(explore, name)())
    assert faults(page, ".cc") == []
    page.evaluate(DARK)
    settled(page)
    assert faults(page, ".cc") == []


def test_axe_finds_what_is_wrong(show: Show) -> None:
    page = show(explore.Pooling())
    page.evaluate("document.querySelector('.cc-cell').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('.cc-pool-line').style.color = '#ddd'")
    assert [fault.partition(" ")[0] for fault in faults(page, ".cc")] == ["color-contrast", "label"]
