"""PixelShuffle and ShiftTest while they train, on a page of their own; what Python tells of it is set by hand."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from companion.explore import PixelShuffle, ShiftTest
from companion.explore.digits.models import Examples
from companion.explore.digits.training import DigitTraining
from tests.browser.conftest import Show, settled, trait
from tests.browser.lab import Lab

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


# ------------------------------------------------------------------------------------------ a digit of one's own

DRAWN = "[...new Uint8Array(window.model.get('drawing').buffer)].filter((level) => level > 0).length"


def weights_for(digit: int) -> tuple[list[dict], np.ndarray]:
    """A network that says the same whatever it sees: its layers and weights."""
    bias = np.zeros(10, "<f4")
    bias[digit] = 5
    return [{"kind": "Flatten"}, {"kind": "Dense", "shape": [784, 10], "relu": False}], np.append(np.zeros(7840), bias)


def draw(page: Page) -> None:
    """A stroke on the pad by the mouse."""
    box = page.get_by_role("application", name="Drawing pad for a digit of your own").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 70, box["y"] + 120, steps=5)
    page.mouse.up()


def test_an_own_digit_is_shuffled_and_read(show: Show) -> None:
    page = show(PixelShuffle())
    expect(page.get_by_role("application")).to_have_count(0)
    page.get_by_label("draw your own").check()
    draw(page)
    assert trait(page, "digit") == 10
    assert page.evaluate(DRAWN) > 40
    layers, weights = weights_for(6)
    python(page, weights=weights.astype("<f4").tobytes(), layers={"mlp_shuffled": layers})
    page.get_by_text(re.compile(r"^MLP says 6, 9\d %$")).wait_for()
    page.get_by_role("radio", name="2", exact=True).check()
    page.get_by_text("MLP says 6, wrong").wait_for()
    expect(page.get_by_role("application")).to_have_count(0)


def test_an_own_digit_is_drawn_by_keyboard_and_shifted(show: Show) -> None:
    page = show(ShiftTest())
    page.get_by_role("button", name="Draw your own").press("Enter")
    for key in ("Space", *["ArrowDown"] * 8, *["ArrowRight"] * 3):
        page.keyboard.press(key)
    page.get_by_text("Your digit, not shifted").wait_for()
    settled(page)
    assert page.evaluate(DRAWN) > 40
    assert trait(page, "index") == 120
    page.locator("[data-cc-drag]").press("ArrowLeft")
    page.get_by_text("Your digit, shifted 1 left").wait_for()
    page.get_by_role("button", name="Next digit").click()
    page.get_by_text(re.compile(r"A \d, not shifted")).wait_for()
    assert trait(page, "index") == 0
    expect(page.get_by_role("application")).to_have_count(0)


def test_who_fools_the_cnn_is_told_so(show: Show) -> None:
    """This CNN says 4 while a certain pixel is bright, and else 9."""
    explorer = ShiftTest()
    page = show(explorer)
    layers, weights = weights_for(9)
    digit = np.frombuffer(explorer.digits, np.uint8)[4 * 784 : 5 * 784]
    label = explorer.labels[4]
    weights[10 * int(digit.argmax()) + label] = 50
    weights = weights.astype("<f4").tobytes()
    python(page, mlp_weights=weights, cnn_weights=weights, shift={"mlp": [0.9] * 11, "cnn": [0.9] * 11})
    python(page, layers={"mlp": layers, "cnn": layers})
    page.get_by_text("A challenge: find a digit and a shift").wait_for()
    for _ in range(6):
        page.locator("[data-cc-drag]").press("ArrowLeft")
    said = f"You fooled the CNN! This {label}, shifted 6 left, it takes for a 9. In the middle it says {label}."
    page.get_by_text(said).wait_for()


def test_an_own_digit_reaches_python_and_is_there_when_the_cell_is_run_again(lab: Lab) -> None:
    lab.write(
        "own.ipynb",
        "from companion.explore import ShiftTest\nexplorer = ShiftTest()\nexplorer",
        "print(explorer.index, len(explorer.drawing), max(explorer.drawing, default=0) > 200)",
    )
    lab.open("own.ipynb")
    lab.run_all()
    lab.show(0)
    lab.output(0).get_by_role("button", name="Draw your own").press("Enter")
    for key in ("Space", *["ArrowDown"] * 8):
        lab.page.keyboard.press(key)
    lab.output(0).get_by_text("Your digit, not shifted").wait_for()
    lab.run_until_it_prints(1, "120 784 True")
    lab.run(0)
    lab.output(0).get_by_text("Your digit, not shifted").wait_for()
    lab.run_until_it_prints(1, "120 784 True")
    assert lab.errors == []
