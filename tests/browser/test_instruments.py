"""The instruments that the explorers share: each in a sampler, and that every explorer handles alike through them."""

import struct
from pathlib import Path

import pytest
import traitlets
from playwright.sync_api import Locator, Page, expect

from companion import explore
from companion.explore.base import Explorer
from companion.widgets import script, style
from tests.browser.conftest import Show, settled, trait

pytestmark = pytest.mark.browser

SAMPLER = Path(__file__).parent / "sampler" / "sampler.js"


class Sampler(Explorer):
    """One of each instrument: tests/browser/sampler/sampler.js."""

    _esm, _css = script(SAMPLER), style(SAMPLER.with_suffix(".css"))
    size = traitlets.Int(5).tag(sync=True)
    row = traitlets.Int(1).tag(sync=True)
    column = traitlets.Int(2).tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)
    floats = traitlets.Bytes(struct.pack("<5d", 0, 1, 4, 9, 16)).tag(sync=True)


def drag(page: Page, target: Locator, steps: int = 8) -> None:
    """Press on the target, move over it, and hold."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    for step in range(1, steps + 1):
        part = 0.3 + 0.5 * step / steps
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * part)
        page.evaluate("() => new Promise(requestAnimationFrame)")


# ------------------------------------------------------------------------------------------------ state and Python


def test_what_the_page_corrects_goes_back_to_python(show: Show) -> None:
    page = show(Sampler(size=9, row=8, column=8))
    page.evaluate("() => window.python({ size: 4 })")
    expect(page.get_by_text("3, 3 of 4")).to_be_visible()
    assert (trait(page, "row"), trait(page, "column")) == (3, 3)
    page.evaluate("() => window.python({ row: 2 })")
    assert (trait(page, "row"), trait(page, "column")) == (2, 3)


def test_what_python_starts_with_is_corrected_too(show: Show) -> None:
    page = show(Sampler(size=3, row=8))
    assert trait(page, "row") == 2


def test_python_may_still_set_what_was_corrected(show: Show) -> None:
    page = show(Sampler(size=9, row=8))
    page.evaluate("() => { window.python({ size: 4 }); window.python({ row: 1 }); }")
    assert trait(page, "row") == 1


def test_floats_may_begin_at_any_byte(show: Show) -> None:
    page = show(Sampler())
    shifted = """() => {
      const bytes = new Uint8Array(25);
      bytes.set(new Uint8Array(window.model.get("floats").buffer).subarray(0, 24), 1);
      window.model.set("floats", new DataView(bytes.buffer, 1, 24));
      window.python({ row: 0 });
    }"""
    page.evaluate(shifted)
    expect(page.get_by_text("0, 2 of 5")).to_be_visible()


# ------------------------------------------------------------------------------------------------ sliders


def spoken_as_shown(page: Page) -> list[str]:
    """The labels of the sliders whose value is not said as it is shown."""
    return page.evaluate("""() => [...document.querySelectorAll("input[type=range]")].flatMap((input) => {
      const shown = input.parentElement.querySelector("output").textContent;
      const said = input.getAttribute("aria-valuetext") ?? input.value;
      return said === shown ? [] : [`${input.labels[0].textContent}: ${said}, shown ${shown}`];
    })""")


def test_a_slider_says_what_it_shows(show: Show) -> None:
    page = show(Sampler())
    size, bare = page.get_by_label("Size"), page.get_by_label("Bare")
    expect(size).to_have_attribute("aria-valuetext", "5 × 5")
    assert bare.get_attribute("aria-valuetext") is None
    size.press("ArrowRight")
    expect(size).to_have_attribute("aria-valuetext", "6 × 6")
    assert trait(page, "size") == 6
    page.evaluate("() => window.python({ size: 2 })")
    expect(size).to_have_attribute("aria-valuetext", "2 × 2")
    assert spoken_as_shown(page) == []


# ------------------------------------------------------------------------------------------------ pictures with a mark


def test_a_mark_is_moved_by_pointer_and_keys_within_its_picture(show: Show) -> None:
    page = show(Sampler())
    picture = page.get_by_role("slider", name="A picture")
    expect(picture).to_have_attribute("aria-valuetext", "row 1, column 2")
    for key in ("ArrowDown", "End", "Shift+ArrowUp"):
        picture.press(key)
    expect(picture).to_have_attribute("aria-valuetext", "row 0, column 4")
    expect(picture).to_have_attribute("aria-valuenow", "4")
    drag(page, picture)
    page.mouse.up()
    assert (trait(page, "row"), trait(page, "column")) == (4, 4)
    mark, stage = page.locator(".cc-cell-mark").first.bounding_box(), picture.bounding_box()
    assert mark
    assert stage
    assert mark["x"] + mark["width"] == pytest.approx(stage["x"] + stage["width"], abs=3)


def test_a_picture_that_only_shows_a_mark_is_no_control(show: Show) -> None:
    page = show(Sampler())
    expect(page.get_by_role("slider", name="Only seen")).to_have_count(0)
    expect(page.locator(".cc-cell-mark:visible")).to_have_count(2)


# ------------------------------------------------------------------------------------------------ answers in the cell


def test_an_answer_line_writes_once_and_reads_what_the_cell_says(show: Show) -> None:
    page = show(Sampler(answer="answer_9"))
    page.evaluate("""() => {
      window.written = [];
      document.addEventListener("cnn-companion:answer", ({ detail }) => {
        window.written.push(detail.literal);
        detail.outcome = { written: true };
      });
      window.says = (literal) => document.querySelector("[data-companion-answer]").dispatchEvent(
        new CustomEvent("cnn-companion:source", { detail: { name: "answer_9", literal } }));
    }""")
    write = page.get_by_role("button", name="Write")
    write.click()
    page.get_by_text("Written into the cell").wait_for()
    write.click()
    settled(page)
    assert page.evaluate("window.written") == ["[1, 2]"]
    page.evaluate("window.says('[3, 0]')")
    page.get_by_text("3, 0 of 5").wait_for()
    expect(page.get_by_text("Written into the cell")).to_be_hidden()
    page.evaluate("window.says('nowhere')")
    page.get_by_text("The cell’s answer_9 is no place; the one shown here is the last good one.").wait_for()
    page.evaluate("window.says('None')")
    page.get_by_text("3, 0 of 5").wait_for()


# ------------------------------------------------------------------------------------------------ live texts

# Counts, for each live text, how often a screen reader would speak it.
LISTEN = """() => {
  window.spoken = [];
  for (const node of document.querySelectorAll("[aria-live], [role=status]")) {
    if (node.getAttribute("aria-live") === "off") continue;
    new MutationObserver(() => {
      if (node.getAttribute("aria-live") !== "off") window.spoken.push(node.className);
    }).observe(node, { childList: true, characterData: true, subtree: true });
  }
}"""

EXPLORERS = [name for name in explore.EXPLORERS if name != "ReadNumber"]  # which is drawn on, not dragged


@pytest.mark.parametrize("name", ["Sampler", *EXPLORERS])
def test_live_texts_are_quiet_during_a_drag_and_spoken_once_after(show: Show, name: str) -> None:
    page = show(Sampler() if name == "Sampler" else getattr(explore, name)())
    page.evaluate(LISTEN)
    drag(page, page.locator("[data-cc-drag]").first)
    assert page.evaluate("window.spoken") == []
    page.mouse.up()
    settled(page)
    spoken = page.evaluate("window.spoken")
    assert len(spoken) == len(set(spoken))
    assert spoken or name in ("Convolution", "Classifier", "ShiftTest")  # nothing there is spoken of a drag


def test_live_texts_are_quiet_while_a_slider_is_dragged(show: Show) -> None:
    page = show(Sampler())
    page.evaluate(LISTEN)
    drag(page, page.get_by_label("Size"))
    expect(page.get_by_label("Size")).not_to_have_attribute("aria-valuetext", "5 × 5")
    assert page.evaluate("window.spoken") == []
    page.mouse.up()
    settled(page)
    assert page.evaluate("window.spoken") == ["cc-place"]


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_slider_says_what_it_shows(show: Show, name: str) -> None:
    assert spoken_as_shown(show(getattr(explore, name)())) == []


# ------------------------------------------------------------------------------------------------ the explorers alike


@pytest.mark.parametrize(
    ("name", "before", "python", "corrected"),
    [
        ("Channels", {"row": 55, "column": 54}, {"size": 28}, {"row": 25, "column": 25}),
        ("Channels", {"channel": 8}, {"channels_out": 3}, {"channel": 3}),
        ("Convolution", {"row": 100, "column": 3}, {"size": 16}, {"row": 13, "column": 3}),
        ("ReceptiveField", {"row": 60}, {"size": 32}, {"row": 31}),
        ("Pooling", {"row": 2, "column": 2}, {"window": 3, "stride": 3}, {"row": 1, "column": 1}),
        ("ReceptiveField", {"row": 3}, {"row": -1, "size": 32}, {"row": 15}),
    ],
)
def test_python_reads_what_the_page_shows(show: Show, name: str, before: dict, python: dict, corrected: dict) -> None:
    page = show(getattr(explore, name)())
    page.evaluate("(values) => window.python(values)", before)
    settled(page)
    page.evaluate("(values) => window.python(values)", python)
    for trait_name, value in {**python, **corrected}.items():
        assert trait(page, trait_name) == value, trait_name


def test_the_window_makes_up_for_no_stall(show: Show) -> None:
    page = show(explore.Convolution(row=0, column=0))
    page.get_by_role("button", name="Play").click()  # 5 windows a second
    moved = page.evaluate("""async () => {
      const column = () => Number(document.querySelector(".cc-sum").textContent.match(/column (\\d+)/)[1]);
      await new Promise(requestAnimationFrame);
      const before = column();
      for (const end = performance.now() + 2000; performance.now() < end;); // the page stands still
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return column() - before;
    }""")
    assert moved <= 2  # one of the stall, and perhaps the next; 10 would have been due
    page.get_by_role("button", name="Pause").click()


@pytest.mark.parametrize("name", EXPLORERS)
def test_what_can_be_dragged_says_where_it_stands(show: Show, name: str) -> None:
    page = show(getattr(explore, name)())
    places = page.locator("[data-cc-move]:visible")
    for place in places.all():
        expect(place).to_have_attribute("role", "slider")
        assert place.get_attribute("aria-label")
        assert place.get_attribute("aria-valuetext")
    main = page.locator("[data-cc-drag][data-cc-move]").first
    if main.count() == 0:
        return
    before = main.get_attribute("aria-valuetext")
    main.press("ArrowDown")
    main.press("ArrowRight")
    expect(main).not_to_have_attribute("aria-valuetext", before or "")
