"""The ungraded questions of a lesson, in a real JupyterLab."""

import time

import pytest
from playwright.sync_api import expect

from companion import explore
from companion.widgets import kept
from tests.browser.lab import MINUTE, Lab

pytestmark = pytest.mark.browser

CHOICE = (
    'checkpoint("How wide?", right="B", A=("28", "needs padding"), B=("26", "28 - 3 + 1"), C=("25", "one more"), '
    'hint="Count.")'
)
SEVERAL = 'checkpoint("Which?", right="AC", A=("x", "x is"), B=("y", "y is not"), C=("z", "z is"))'
NUMBER = 'checkpoint("How wide?", right=26, unit="pixels", wrong={25: "one more"}, why="28 - 3 + 1", hint="Count.")'
PREDICT = (
    'predict("What comes?", right="B", A=("more", "It grew before."), B="less", then="Now look.", came="It shrinks.")'
)
HTML = (
    'checkpoint("<img src=x onerror=alert(1)> `<b>`?", right="A", A=("<i>a</i>", "w"), B=("2 * 3 * 4, 2*3*4", "*w*"))'
)
EXPLORERS_STYLE = explore.Flatten._css


@pytest.fixture
def lesson(lab: Lab) -> Lab:
    """A lesson with a question of each kind in cells 1 to 5, opened and run."""
    lab.write("lesson.ipynb", "from companion import checkpoint, predict", CHOICE, SEVERAL, NUMBER, PREDICT, HTML)
    lab.open("lesson.ipynb")
    lab.run_all()
    return lab


def test_a_checkpoint_explains_a_wrong_choice_and_lets_one_try_again(lesson: Lab) -> None:
    question = lesson.output(1)
    check = question.get_by_role("button", name="Check")
    check.click()
    expect(question.get_by_role("status")).to_have_text("Choose an option first.")
    assert "28 - 3 + 1" not in question.inner_html()

    question.get_by_role("radio", name="C").check()
    check.click()
    expect(question.get_by_role("status")).to_contain_text("Not yet")
    expect(question.get_by_role("status")).to_contain_text("one more")
    assert "28 - 3 + 1" not in question.inner_html()

    question.get_by_role("radio", name="C").focus()
    lesson.page.keyboard.press("ArrowUp")
    expect(question.get_by_role("status")).to_be_empty()
    lesson.page.keyboard.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("Right.28 - 3 + 1")
    expect(question.get_by_text("needs padding")).to_be_hidden()
    question.get_by_text("And the others?").click()
    expect(question.get_by_text("needs padding")).to_be_visible()
    assert lesson.errors == []


def test_a_checkpoint_with_several_right_options_wants_all_of_them(lesson: Lab) -> None:
    question = lesson.output(2)
    check, status = question.get_by_role("button", name="Check"), question.get_by_role("status")
    question.get_by_role("checkbox", name="A").check()
    check.click()
    expect(status).to_contain_text("something is missing")
    question.get_by_role("checkbox", name="B").check()
    check.click()
    expect(status).to_contain_text("Not yet. Try again.")
    question.get_by_role("checkbox", name="B").uncheck()
    question.get_by_role("checkbox", name="C").check()
    check.click()
    expect(status).to_contain_text("Right.")


def test_who_misses_a_checkpoint_twice_gets_a_hint_and_then_the_answer(lesson: Lab) -> None:
    number, status = lesson.output(3).get_by_role("textbox"), lesson.output(3).get_by_role("status")
    for typed in ("24", "24", "25"):
        expect(status).not_to_contain_text("A hint")
        number.fill(typed)
        number.press("Enter")
    expect(status).to_contain_text("A hint: Count.")
    expect(status).not_to_contain_text("Show the answer")
    number.fill("27")
    number.press("Enter")
    status.get_by_text("Show the answer").click()
    expect(status.get_by_text("28 - 3 + 1")).to_be_visible()
    number.fill("26")
    number.press("Enter")
    expect(status).to_have_text("Right.28 - 3 + 1")

    status = lesson.output(1).get_by_role("status")
    for letter in "ACA":
        expect(status).not_to_contain_text("Show the answer")
        lesson.output(1).get_by_role("radio", name=letter).check()
        lesson.output(1).get_by_role("button", name="Check").click()
        expect(status).to_contain_text("Not yet")
    expect(status).to_contain_text("A hint: Count.")
    status.get_by_text("Show the answer").click()
    expect(status.get_by_text("28 - 3 + 1")).to_be_visible()


def test_a_number_is_checked_on_enter_and_stays_after_a_reload(lesson: Lab) -> None:
    question = lesson.output(3)
    box, status = question.get_by_role("textbox", name="How wide? Your number pixels"), question.get_by_role("status")
    box.fill("about 26")
    box.press("Enter")
    expect(question.get_by_text("“about 26” is not taken as an answer, for it is not a number.")).to_be_visible()
    box.fill("25,5")
    box.press("Enter")
    expect(
        question.get_by_text("“25,5” is not taken as an answer: write the decimal point as a point, 25.5.")
    ).to_be_visible()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(status).to_be_empty()
    box.fill("25")
    box.press("Enter")
    expect(status).to_contain_text("one more")
    box.fill("26.0")
    box.press("Enter")
    expect(status).to_contain_text("Right.28 - 3 + 1")
    expect(question.locator("label", has_text="Your number")).to_be_visible()

    lesson.save()
    lesson.reload()
    expect(box).to_have_value("26.0")
    expect(status).to_contain_text("Right.")


def test_separators_are_read_without_a_word_about_python(lesson: Lab) -> None:
    question = lesson.output(3)
    box = question.get_by_role("textbox")
    box.fill("1,026")
    box.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("Not yet")
    expect(question.get_by_text("Type a number and press Enter.")).to_be_visible()
    expect(question.get_by_text("Python")).to_have_count(0)
    box.fill("26.000")
    box.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("Right.")
    box.fill("27.000")
    box.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("“27.000” is read with a decimal point, as 27.")


def test_a_prediction_is_held_until_it_is_changed(lesson: Lab) -> None:
    question = lesson.output(4)
    commit, status = question.get_by_role("button", name="That is my prediction"), question.get_by_role("status")
    commit.click()
    expect(status).to_have_text("Choose an option first.")
    question.get_by_role("radio", name="B").check()
    lesson.page.keyboard.press("Enter")
    expect(status).to_have_text("Your prediction: B.Now look.")
    expect(question.get_by_role("radio", name="A")).to_be_disabled()
    change = question.get_by_role("button", name="Change")
    expect(change).to_be_focused()
    expect(change).to_have_css("border-top-color", "rgba(0, 0, 0, 0)")
    lesson.page.add_style_tag(content=EXPLORERS_STYLE)  # as an explorer brings it along that is shown later
    expect(change).to_have_css("border-top-color", "rgba(0, 0, 0, 0)")

    lesson.page.keyboard.press("Enter")
    expect(question.get_by_role("radio", name="B")).to_be_focused()
    expect(question.get_by_role("radio", name="A")).to_be_enabled()
    expect(commit).to_be_visible()


def test_a_prediction_is_compared_with_what_came_and_counted(lesson: Lab) -> None:
    lesson.set_source(5, "from companion import tally\ntally()")
    lesson.run(5)
    question, said = lesson.output(4), lesson.output(5).get_by_role("status")
    expect(said).to_have_text("You made 0 of 1 predictions.")
    question.get_by_role("radio", name="A").check()
    lesson.page.keyboard.press("Enter")
    expect(said).to_have_text("You made 1 of 1 predictions; 1 waits for you to look.")
    question.get_by_role("button", name="I have seen it: compare").press("Enter")
    expect(question.get_by_role("radio", name="A more")).to_be_focused()
    expect(question.get_by_role("status")).to_have_text("You said A. It is B.It shrinks.Why A tempts: It grew before.")
    expect(question.get_by_text("what came")).to_be_visible()
    expect(said).to_have_text("You made 1 of 1 predictions; 0 of 1 came as you said.")


def test_a_prediction_closes_by_itself_when_the_next_cell_has_run(lesson: Lab) -> None:
    question = lesson.output(4)
    question.get_by_role("radio", name="B").check()
    lesson.page.keyboard.press("Enter")
    end = time.monotonic() + MINUTE / 1000
    while not any('"locked": true' in path.read_text() for path in lesson.server.root.glob(f"{kept.FOLDER}/*/*.json")):
        assert time.monotonic() < end  # until Python has heard of it
        time.sleep(0.05)
    lesson.run(5)
    expect(question.get_by_role("status")).to_have_text("You said B, and so it is.It shrinks.")


def test_no_text_of_a_question_is_read_as_html(lesson: Lab) -> None:
    question = lesson.output(5)

    expect(question.get_by_role("heading")).to_have_text("<img src=x onerror=alert(1)> <b>?")
    expect(question.locator("img, i, b")).to_have_count(0)
    expect(question.locator("code")).to_have_text("<b>")
    expect(question.get_by_text("2 * 3 * 4, 2*3*4")).to_be_visible()
