"""Flatten in a browser, on a page of its own."""

import pytest
from playwright.sync_api import Page, expect

from companion.explore import Flatten
from tests.browser.conftest import Show, settled, trait

pytestmark = pytest.mark.browser

SEEN = """([x, y]) => {
  const canvas = document.querySelector(".cc-flat-sheet canvas.cc-overlay");
  const scale = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data];
}"""


def colour_in_line(page: Page, place: int) -> list[int]:
    """What is painted at a place of the line, as red, green, blue and opacity."""
    settled(page)
    line, sheet = (page.locator(name).bounding_box() for name in (".cc-flat-line", ".cc-flat-sheet"))
    assert line
    assert sheet
    x = line["x"] - sheet["x"] + (place + 0.5) * line["width"] / 784
    return page.evaluate(SEEN, [x, line["y"] - sheet["y"] + 13])


def test_a_pixel_is_chosen_in_the_picture_and_in_the_line(show: Show) -> None:
    page = show(Flatten(row=0, column=0))
    picture = page.get_by_role("slider", name="The picture")
    picture.press("ArrowDown")
    picture.press("End")
    page.get_by_text("Row 1, column 27 goes to place 28 × 1 + 27 = 55. It ends its row").wait_for()
    assert (trait(page, "row"), trait(page, "column")) == (1, 27)
    line = page.get_by_role("slider", name="The line.")
    expect(line).to_have_attribute("aria-valuetext", "place 55: row 1, column 27")
    line.press("ArrowRight")
    page.get_by_text("Row 2, column 0 goes to place").wait_for()
    line.press("ArrowDown")
    page.get_by_text("Row 3, column 0 goes to place").wait_for()
    box = line.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 783.5 / 784, box["y"] + 5)
    page.get_by_text("28 × 27 + 27 = 783. It is the last of all.").wait_for()
    expect(picture).to_have_attribute("aria-valuenow", "783")


def test_the_picture_is_unrolled_by_the_slider(show: Show) -> None:
    page = show(Flatten(digit=1))
    empty = colour_in_line(page, 100)
    page.get_by_label("In the line").fill("392")
    page.get_by_text("392 of 784").wait_for()
    assert colour_in_line(page, 100) == [0, 0, 0, 255]
    assert colour_in_line(page, 650) == empty
    assert trait(page, "placed") == 392


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_picture_unrolls_by_itself_and_can_be_paused(show: Show, motion: str) -> None:
    page = show(Flatten(placed=100), reduced_motion=motion)
    page.get_by_role("button", name="Unroll").click()
    page.wait_for_function("() => document.querySelector('.cc-flat-play input').value > 120")
    page.get_by_role("button", name="Pause").click()
    placed = trait(page, "placed")
    assert isinstance(placed, int)
    assert 120 < placed < 784
    page.get_by_label("In the line").fill("783")
    page.get_by_role("button", name="Unroll").click()
    page.get_by_text("784 of 784").wait_for()
    page.get_by_role("button", name="Unroll").wait_for()
    assert trait(page, "placed") == 784


def test_what_python_sets_is_shown(show: Show) -> None:
    page = show(Flatten())
    page.evaluate("() => window.python({ digit: 1, placed: 784, row: 2 })")
    page.get_by_text("Row 2, column 18 goes to place").wait_for()
    expect(page.get_by_role("radio", name="1", exact=True)).to_be_checked()
    expect(page.get_by_label("In the line")).to_have_value("784")


def test_it_fits_a_narrow_column(show: Show) -> None:
    page = show(Flatten(), width=259)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
