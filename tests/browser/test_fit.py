"""Every explorer of the lessons fits a laptop, a phone and a page at 200 % zoom; a finger can scroll past it."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from companion import explore
from companion.explore.base import Explorer
from companion.explore.digits.models import SHIFTS, Network, Trained
from companion.explore.training_curves import TrainingCurves
from tests.browser.conftest import Show, settled, trait

pytestmark = pytest.mark.browser

LAPTOP = 833  # CSS pixels that JupyterLab leaves an explorer on a screen of 1280 x 800, and its notebook 679 in height
SCREEN = 679
WIDTHS = (LAPTOP, 640, 350, 259)  # the last on a phone of 390, or at 200 % zoom on that laptop
PHONE = 480  # CSS pixels below which these may scroll in a box of their own:
SCROLL = ("Channels", "ReceptiveField", "ShiftTest, trained")
AS_IN_NO_LESSON = ("Convolution, 5 x 5", "DesignSpace, four layers", "Pooling, padded")  # a learner's own choice


# ------------------------------------------------------------------------------------- the explorers of the lessons


def shift_test() -> Explorer:
    """With networks that have learned nothing: what they say takes as much room as an answer."""
    draw = np.random.default_rng(0).normal(size=(784 + 1) * 10).astype("<f4")
    network = Network([{"kind": "Flatten"}, {"kind": "Dense", "shape": [784, 10], "relu": False}], draw.tobytes())
    explorer = explore.ShiftTest()
    means = [0.97 * 0.8**pixels for pixels in SHIFTS]
    explorer.show(Trained({}, {"mlp_straight": network, "cnn_straight": network}, {"mlp": means, "cnn": means}))
    return explorer


def pixel_shuffle() -> Explorer:
    """At the end of its training."""
    models = ("mlp_straight", "mlp_shuffled", "cnn_straight", "cnn_shuffled")
    explorer = explore.PixelShuffle()
    explorer.curves = {name: [[step, 1 - 0.9 / (1 + step)] for step in range(0, 626, 25)] for name in models}
    strange = ("mlp_straight_on_shuffled", "cnn_straight_on_shuffled")
    explorer.accuracy = dict.fromkeys((*models, *strange), 0.975)
    explorer.step = 624
    return explorer


def training_curves() -> Explorer:
    """After two of three epochs."""
    explorer = TrainingCurves()
    explorer.begin(3)
    for epochs in np.arange(0.1, 2, 0.1):
        explorer.add_point(float(epochs), {"loss": 2.3 / (1 + epochs), "accuracy": 1 - 0.9 / (1 + epochs)})
    for _ in range(2):
        explorer.add_epoch({"loss": 0.31, "accuracy": 0.91, "val_loss": 0.2987, "val_accuracy": 0.9123})
    explorer.report(2, 0.67, 12.0)
    return explorer


def classifier() -> Explorer:
    """With an answer."""
    names = ("tabby, tabby cat", "Egyptian cat", "tiger cat", "lynx, catamount", "African crocodile, Nile crocodile")
    return explore.Classifier(guesses=[[name, 0.5 / place] for place, name in enumerate(names, start=1)])


def read_number() -> Explorer:
    """With a network that has learned nothing."""
    draw = np.random.default_rng(0).normal(size=(784 + 1) * 11).astype("<f4")
    explorer = explore.ReadNumber()
    explorer.layers = [{"kind": "Flatten"}, {"kind": "Dense", "shape": [784, 11], "relu": False}]
    explorer.weights = draw.tobytes()
    return explorer


ROWS = [[-1.5, 0, 1], [-2.25, 0.125, 2], [-1, 0, 1]]
NUMBERS = np.array([[8, 6, 6, 3], [4, 2, 2, 1], [3, 3, 9, 5], [3, 3, 3, 1]])

EXPLORERS: dict[str, Callable[[], Explorer]] = {
    "Classifier": classifier,
    "ReadNumber": read_number,
    "Flatten": explore.Flatten,
    "DesignSpace": lambda: explore.DesignSpace(widths=[128, 128], alike=True),
    "DesignSpace, four layers": lambda: explore.DesignSpace(widths=[128, 64, 1024, 8]),
    "DesignSpace, an answer": lambda: explore.DesignSpace(
        answer="answer_8", state=[16, 256, 16], narrowest=8, budget=30_000
    ),
    "ParameterCalculator": explore.ParameterCalculator,
    "ParameterCalculator, 224 in colour": lambda: explore.ParameterCalculator(height=224, width=224, channels=3),
    "PixelShuffle": explore.PixelShuffle,
    "PixelShuffle, trained": pixel_shuffle,
    "ShiftTest": explore.ShiftTest,
    "ShiftTest, trained": shift_test,
    "TrainingCurves": training_curves,
    "Convolution": lambda: explore.Convolution(picture="cat"),
    "Convolution, 5 x 5": lambda: explore.Convolution(kernel=np.full((5, 5), -0.04)),
    "Channels": lambda: explore.Channels(channels_in=3, channels_out=8, kernel=3),
    "ReceptiveField": lambda: explore.ReceptiveField(layers=[(3, 1), (3, 1), (3, 1)], picture="cat"),
    "FindKernel": lambda: explore.FindKernel(picture="digit", kernel="vertical edges"),
    "FindKernel, an answer": lambda: explore.FindKernel(
        picture="digit", kernel="vertical edges", answer="answer_13", state=ROWS, descent=False
    ),
    "Pooling": explore.Pooling,
    "Pooling, padded": lambda: explore.Pooling(window=3, stride=1, padding="same"),
    "Pooling, an answer": lambda: explore.Pooling(
        np.zeros((4, 4)),
        targets={"max": [[8, 6], [3, 9]], "average": [[5, 3], [3, 4.5]]},
        answer="answer_10",
        state=NUMBERS.tolist(),
        backward=False,
    ),
    "WhatIsLost": lambda: explore.WhatIsLost(window=4),
    "SmallShifts": lambda: explore.SmallShifts(picture="cat", window=2, shift=1),
}

# What does not fit: elements and texts beyond the card's content, boxes that scroll sideways, and texts that are cut.
# What is clipped by a box of its own, such as a window that is moved over a picture, sticks out of nothing.
FAULTS = """() => {
  const root = document.querySelector(".cc");
  const box = root.getBoundingClientRect();
  const style = getComputedStyle(root);
  const left = box.left + parseFloat(style.paddingLeft);
  const right = box.right - parseFloat(style.paddingRight) - 1;
  const name = (node) => `${node.localName}.${[...node.classList].join(".")} ${node.textContent.trim().slice(0, 24)}`;
  const shown = (node) => node.checkVisibility() && !node.closest(".cc-unseen, option");
  const clipped = (node) => {
    for (let box = node.parentElement; box !== root; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  const outside = ({ left: from, right: to, width }) => width > 0 && (from < left - 1 || to > right + 2);
  const texts = (node) => [...node.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).flatMap((text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    return [...range.getClientRects()];
  });
  const pen = document.createElement("canvas").getContext("2d");
  const textWidth = (node, text) => {
    const { font, letterSpacing } = getComputedStyle(node);
    Object.assign(pen, { font, letterSpacing });
    return pen.measureText(text).width;
  };
  const room = (node) => {
    const { paddingLeft, paddingRight } = getComputedStyle(node);
    return node.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  };
  const faults = [];
  for (const node of root.querySelectorAll("*")) {
    if (!shown(node)) continue;
    const { overflowX } = getComputedStyle(node);
    if (!clipped(node) && [node.getBoundingClientRect(), ...texts(node)].some(outside)) {
      faults.push(`sticks out: ${name(node)}`);
    }
    if (/auto|scroll/.test(overflowX) && node.scrollWidth > node.clientWidth + 1) {
      const isNamed = node.getAttribute("aria-label") && node.tabIndex === 0;
      faults.push(`scrolls${isNamed ? " in a box of its own" : ""}: ${name(node)}`);
    }
    if (node.matches("input[type=text], input[type=number]") && textWidth(node, node.value) > room(node) + 0.5) {
      faults.push(`cut: ${node.value}`);
    }
    if (node.matches("select") && textWidth(node, node.selectedOptions[0]?.text ?? "") > room(node) - 14) {
      faults.push(`cut: ${node.selectedOptions[0].text}`);
    }
    const clips = /hidden|clip/.test(overflowX) || /strict|content|paint/.test(getComputedStyle(node).contain);
    const isTooLarge = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 2;
    if (clips && isTooLarge && texts(node).length > 0) faults.push(`cut: ${name(node)}`);
    if (overflowX !== "visible") continue;
    const { left: from, right: to } = node.getBoundingClientRect();
    const spills = getComputedStyle(node).display !== "inline"
      && texts(node).some((text) => text.width > 0 && (text.right > to + 1.5 || text.left < from - 1.5));
    if (spills) faults.push(`spills: ${name(node)}`);
  }
  if (root.scrollWidth > root.clientWidth) faults.push("the card scrolls");
  return faults;
}"""


def shown_at(page: Page, width: int) -> float:
    """The height of the explorer on its page once that is `width` wide."""
    page.set_viewport_size({"width": width + 40, "height": 1000})
    page.evaluate("(width) => { document.getElementById('out').style.width = `${width}px`; }", width)
    settled(page)
    box = page.locator(".cc").bounding_box()
    assert box
    return box["height"]


@pytest.mark.parametrize("name", EXPLORERS)
def test_nothing_is_cut_sticks_out_or_scrolls_sideways(show: Show, name: str) -> None:
    page = show(EXPLORERS[name](), LAPTOP)
    found = {}
    for width in WIDTHS:
        shown_at(page, width)
        found[width] = page.evaluate(FAULTS)
        if name in SCROLL and width < PHONE:
            found[width] = [fault for fault in found[width] if not fault.startswith("scrolls in a box of its own")]
    assert found == {width: [] for width in WIDTHS}


@pytest.mark.parametrize("name", [name for name in EXPLORERS if name not in AS_IN_NO_LESSON])
def test_an_explorer_of_a_lesson_fits_one_laptop_screen(show: Show, name: str) -> None:
    page = show(EXPLORERS[name](), LAPTOP)
    assert shown_at(page, LAPTOP) <= SCREEN


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Convolution", ".cc-pair .cc-stage"),
        ("FindKernel", ".cc-maps .cc-stage"),
        ("SmallShifts", ".cc-shift-bench > .cc-figure .cc-stage, .cc-shift-number"),
        ("WhatIsLost", ".cc-lost-views .cc-stage"),
        ("PixelShuffle", ".cc-ps-pair .cc-stage"),
    ],
)
@pytest.mark.parametrize("width", [640, 350, 259])
def test_what_is_moved_and_what_it_changes_are_seen_together(show: Show, name: str, parts: str, width: int) -> None:
    page = show(EXPLORERS[name](), width)
    boxes = [box for part in page.locator(parts).all() if (box := part.bounding_box())]
    assert len(boxes) > 1
    together = max(box["y"] + box["height"] for box in boxes) - min(box["y"] for box in boxes)
    assert together <= 560, "more than a phone's screen has for the notebook"


def test_what_is_hidden_is_not_shown(show: Show) -> None:
    page = show(explore.ShiftTest())
    expect(page.get_by_role("heading", name="Probability of the right class")).to_be_hidden()


def test_a_box_that_scrolls_is_a_stop_of_the_tab_key_only_where_it_scrolls(show: Show) -> None:
    page = show(EXPLORERS["Channels"](), LAPTOP)
    box = page.get_by_role("group", name="Diagram of one output channel")
    expect(box).not_to_have_attribute("tabindex", "0")
    shown_at(page, 259)
    expect(box).to_have_attribute("tabindex", "0")


# ------------------------------------------------------------------------------------------------ a finger


def swipe(page: Page, target: Locator, right: float, down: float, steps: int = 8) -> None:
    """Put a finger on the middle of the target, move it by so many CSS pixels, and lift it."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", x, y)
    for step in range(1, steps + 1):
        touch("touchMove", x + right * step / steps, y + down * step / steps)
    touch("touchEnd")
    session.detach()
    settled(page)


MARKS = {
    "Convolution": ["row", "column"],
    "Channels": ["row", "column"],
    "ReceptiveField": ["row", "column"],
    "Pooling": ["row", "column"],
    "WhatIsLost": ["row", "column"],
    "SmallShifts": ["shift"],
    "ShiftTest": ["row", "column"],
    "ParameterCalculator": ["height", "width"],
    "Classifier": ["window"],
}


@pytest.mark.parametrize("name", MARKS)
def test_a_finger_scrolls_past_and_moves_to_the_side(show: Show, name: str) -> None:
    page = show(EXPLORERS[name](), 259, has_touch=True)
    page.set_viewport_size({"width": 300, "height": 500})
    page.evaluate("document.body.style.paddingBottom = '800px'")
    mark = page.locator("[data-cc-drag]").first
    mark.scroll_into_view_if_needed()

    def values() -> list[object]:
        return [trait(page, each) for each in MARKS[name]]

    before, top = values(), page.evaluate("scrollY")
    swipe(page, mark, 0, -150)
    page.wait_for_function("(top) => scrollY > top + 50", arg=top)
    assert values() == before
    swipe(page, mark, 30, 0)
    assert values() != before


def test_a_finger_that_taps_moves_the_window(show: Show) -> None:
    page = show(explore.Convolution(row=0, column=0), has_touch=True)
    page.locator("[data-cc-drag]").tap()
    assert (trait(page, "row"), trait(page, "column")) in [(row, column) for row in (62, 63) for column in (62, 63)]


def test_a_finger_draws_in_every_direction(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity", row=50, column=63), 350, has_touch=True)
    page.get_by_role("button", name="Draw").tap()
    top = page.evaluate("scrollY")
    swipe(page, page.get_by_role("application", name="Drawing pad"), 0, -60)
    assert page.evaluate("scrollY") == top
    page.locator(".cc-result").get_by_text("255").wait_for()
