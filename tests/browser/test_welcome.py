"""What lesson 00 brings along: the explorers Classifier and ReadNumber, and the self-test."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from companion import explore, toys
from tests.browser.conftest import Show, settled, trait
from tests.browser.lab import PATIENCE, Lab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("toys")]  # they share a trained network

SELF_TEST = """
from companion.questions import Item, self_test
self_test(
    "Are you ready?",
    Item("Sums", "1 + 1?", right="B", revise="adding", options={"A": "1", "B": "2"}),
    Item("Products", "2 * 3?", right="A", revise="multiplying", options={"A": "6", "B": "5"}),
)
"""


# ------------------------------------------------------------------------------------------- read a number


def test_a_number_from_mnist_is_read_as_in_python(show: Show, reader) -> None:
    page = show(explore.ReadNumber(reader))
    for seed in range(3):
        page.get_by_role("button", name="A number from MNIST").click()
        number, _ = toys.read_number(reader, toys.number_picture(seed=seed)[0])
        expect(page.get_by_role("status")).to_have_text(f"Read: {' '.join(number)}")
        page.wait_for_function("number => window.model.get('number') === number", arg=number)
        expect(page.locator(".cc-marks span")).to_have_count(len(number))
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_contain_text("Draw a number")


def test_a_drawn_stroke_is_read_and_the_keyboard_draws_too(show: Show, reader) -> None:
    page = show(explore.ReadNumber(reader))
    pad = page.get_by_role("application", name="Drawing pad for up to five digits in a row")
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 6, box["y"] + 0.8 * box["height"], steps=12)
    page.mouse.up()
    expect(page.get_by_role("status")).to_have_text("Read: 1")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_contain_text("Draw a number")
    pad.focus()
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("status")).not_to_contain_text("Draw a number")


@pytest.mark.parametrize("ending", ["window.end()", "dispatchEvent(new PageTransitionEvent('pagehide'))"])
def test_what_is_drawn_counts_although_the_view_ends_at_once(show: Show, reader, ending: str) -> None:
    page = show(explore.ReadNumber(reader))
    number, saves = page.evaluate(f"""async () => {{
      [...document.querySelectorAll("button")].find((node) => node.textContent.endsWith("from MNIST")).click();
      await new Promise(requestAnimationFrame); // the pad tells of it once a frame
      {ending};
      return [window.model.get("number"), window.saves];
    }}""")
    expect(page.get_by_role("status")).to_have_text(f"Read: {' '.join(number)}")
    assert saves == 1


def test_without_a_network_it_says_so(show: Show) -> None:
    page = show(explore.ReadNumber())
    expect(page.get_by_role("status")).to_contain_text("There is no network yet")


# ----------------------------------------------------------------------------------------------- classifier


def test_the_window_is_what_is_asked_about_one_question_at_a_time(show: Show) -> None:
    page = show(explore.Classifier(picture="coffee"))
    page.wait_for_function("window.sent.length === 1")
    for _ in range(5):
        page.get_by_role("slider", name="Window size").press("ArrowLeft")
    page.get_by_role("slider", name="Window on the picture").press("ArrowRight")
    settled(page)
    assert page.evaluate("window.sent.length") == 1  # the first is still open
    answer(page, [["espresso", 0.6], ["tea cup", 0.005]])
    expect(page.locator(".cc-guesses li").first).to_contain_text("espresso60 %")
    expect(page.locator(".cc-guesses li").nth(1)).to_contain_text("tea cup0.5 %")
    page.wait_for_function("window.sent.length === 2")
    left, top, side = trait(page, "window")
    assert (round(left, 2), top, round(side, 2)) == (0.02, 0, 0.95)
    assert page.evaluate("window.sent[1].buffers[0].byteLength") == 227 * 227 * 4


def test_an_upload_is_asked_about_and_what_is_no_picture_changes_nothing(show: Show, tmp_path: Path) -> None:
    Image.fromarray(np.full((60, 90, 3), (250, 10, 10), dtype=np.uint8)).save(tmp_path / "red.png")
    (tmp_path / "notes.png").write_text("no picture")
    page = show(explore.Classifier())
    page.wait_for_function("window.sent.length === 1")
    answer(page, [["tabby cat", 0.4]])
    upload = page.locator("input[type=file]")
    upload.set_input_files(tmp_path / "notes.png")
    expect(page.locator(".cc-status")).to_contain_text("“notes.png” is no picture")
    expect(page.get_by_role("button", name="cat:")).to_have_attribute("aria-pressed", "true")
    upload.set_input_files(tmp_path / "red.png")
    page.wait_for_function("window.sent.length === 2")
    assert page.evaluate("[...new Uint8Array(window.sent[1].buffers[0]).slice(0, 3)]") == [250, 10, 10]
    assert trait(page, "picture") == "red.png"


def test_a_window_counts_although_the_view_ends_before_the_answer(show: Show) -> None:
    page = show(explore.Classifier(picture="coffee"))
    page.wait_for_function("window.sent.length === 1")
    settled(page)
    slider = page.get_by_role("slider", name="Window size")
    assert slider.evaluate("""(node) => {
      node.value = 50;
      node.dispatchEvent(new Event("input"));
      window.end();
      return window.model.get("window");
    }""") == [0, 0, 0.5]


def test_what_python_cannot_fetch_is_said(show: Show) -> None:
    page = show(explore.Classifier())
    page.wait_for_function("window.sent.length === 1")
    page.evaluate("window.answer({ number: 1, problem: 'The weights could not be fetched.' })")
    expect(page.locator(".cc-status")).to_have_text("The weights could not be fetched.")


def test_squeezenet_answers_in_a_notebook(lab: Lab) -> None:
    lab.write("see.ipynb", 'from companion.explore import Classifier\nsee = Classifier("coffee")\nsee', "print(see)")
    lab.open("see.ipynb")
    lab.command("notebook:run-cell-and-select-next")
    expect(lab.output(0).locator(".cc-guesses li").first).to_contain_text("espresso", timeout=PATIENCE)
    lab.show(1)
    lab.cell(1).locator(".cm-content").click()
    lab.command("notebook:run-cell")
    lab.wait_idle()
    expect(lab.output(1)).to_contain_text("<Classifier explorer: picture 'coffee', espresso 9")
    assert lab.errors == []


# ------------------------------------------------------------------------------------------------ self-test


def test_the_self_test_names_what_to_revise(lab: Lab) -> None:
    lab.write("ready.ipynb", SELF_TEST)
    lab.open("ready.ipynb")
    lab.run_all()
    test = lab.output(0)
    expect(test.get_by_role("radiogroup")).to_have_count(2)
    first, second = test.get_by_role("radiogroup").all()
    done = test.get_by_role("button", name="What should I revise?")
    first.get_by_role("radio").nth(1).check()
    done.click()
    expect(test.get_by_role("status")).to_have_text("One question is still open.")
    second.get_by_role("radio", name="I don't know").check()
    done.click()
    expect(test.get_by_role("status")).to_contain_text("1 of 2 right. Before you go on, revise:Productsmultiplying")
    expect(test.get_by_role("status")).not_to_contain_text("adding")
    second.get_by_role("radio").first.check()
    expect(test.get_by_role("status")).to_be_empty()
    lab.page.keyboard.press("Enter")
    expect(test.get_by_role("status")).to_contain_text("All 2 right.")
    lab.save()
    lab.reload()
    expect(first.get_by_role("radio").nth(1)).to_be_checked()
    assert lab.errors == []


def answer(page: Page, guesses: list) -> None:
    """Answer the last question, as Python would."""
    page.evaluate("(guesses) => window.answer({ number: window.sent.at(-1).content.number, guesses })", guesses)
