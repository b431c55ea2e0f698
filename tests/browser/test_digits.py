"""PixelShuffle and ShiftTest while they train, on a page of their own; what Python tells of it is set by hand."""

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from companion.explore import PixelShuffle, ShiftTest
from companion.explore.digits.models import Examples
from companion.explore.digits.training import DigitTraining
from tests.browser.conftest import Show

pytestmark = pytest.mark.browser

SET = """(traits) => {
  for (const [name, value] of Object.entries(traits)) {
    if (value?.base64 === undefined) continue;
    traits[name] = new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer);
  }
  window.python(traits);
}"""

LAST_ROW_IS_THERE = """() => {
  const pen = document.querySelector(".cc-batch canvas").getContext("2d");
  return pen.getImageData(420, 84, 28, 28).data.some((level) => level > 0 && level < 255);
}"""


def python(page: Page, **traits: object) -> None:
    """Set traits as Python does."""
    sent = {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in traits.items()
    }
    page.evaluate(SET, sent)


def begin(page: Page, explorer: DigitTraining) -> None:
    """What Python sets at once when it is asked to train."""
    python(page, batch=Examples(explorer._settings).first_batch().tobytes(), running=True)


def sure_of(digit: int) -> list[float]:
    return [0.82 if each == digit else 0.02 for each in range(10)]


def test_while_tensorflow_starts_the_first_digits_pass_by_in_place_of_an_empty_chart(show: Show) -> None:
    explorer = PixelShuffle()
    page = show(explorer)
    begin(page, explorer)
    page.get_by_role("img", name="The first 64 digits of the training.").wait_for()
    chart = page.locator(".cc-ps-plot")
    expect(chart).to_be_hidden()
    page.wait_for_function(LAST_ROW_IS_THERE)
    page.get_by_text(re.compile(r"Starting TensorFlow, [1-9]\d* s so far")).wait_for()
    python(page, guesses={"mlp_straight": [sure_of(8)] * 10})
    page.get_by_text("MLP says 8, wrong, 82 %").wait_for()
    expect(page.get_by_text("MLP: not trained yet")).to_have_count(1)
    expect(page.locator(".cc-batch")).to_be_hidden()
    expect(chart).to_be_visible()
    page.get_by_text("First step, ").wait_for()
    python(page, step=3, left=19.5, guesses={"cnn_shuffled": [sure_of(digit) for digit in range(10)]})
    page.get_by_text("Step 3 of 624, about 20 s left").wait_for()
    page.get_by_role("radio", name="5", exact=True).check()
    page.get_by_text("CNN says 5, right, 82 %").wait_for()


def test_the_shift_test_shows_the_digits_and_then_the_guesses(show: Show) -> None:
    explorer = ShiftTest()
    page = show(explorer)
    expect(page.get_by_role("region", name="Mean over test digits", include_hidden=True)).to_be_hidden()
    begin(page, explorer)
    table = page.get_by_role("table", name="Probability of each class")
    page.get_by_role("img", name="The first 64 digits of the training.").wait_for()
    expect(table).to_be_hidden()
    python(page, guesses={"mlp_straight": [sure_of(8)]})
    expect(table).to_be_visible()
    page.get_by_text("The MLP says 8, wrong, with 82.0 %.").wait_for()
    python(page, guesses={"mlp_straight": [sure_of(8)], "cnn_straight": [sure_of(4)]}, step=1)
    page.get_by_text("the CNN says 4, right, with 82.0 %.").wait_for()


def test_with_less_motion_the_first_digits_are_there_at_once(show: Show) -> None:
    explorer = ShiftTest()
    page = show(explorer, reduced_motion="reduce")
    begin(page, explorer)
    levels = page.evaluate(
        "[...document.querySelector('.cc-batch canvas').getContext('2d').getImageData(420, 84, 28, 28).data]"
    )
    assert len(set(levels)) > 2
