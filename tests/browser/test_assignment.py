"""The room in which an assignment is answered: a strip of its questions, folded cells, no red, nothing lost."""

import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab

pytestmark = pytest.mark.browser

FOLDER = "quizzes/toy"
QUIZ = f"{FOLDER}/quiz.ipynb"
STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
CELLS = {  # by grade id; the answers are cells 3, 6 and 9, their tests 4, 7 and 10
    "title": "# An assignment",
    "setup": "from companion import answered, ask, ask_number, hand_in",
    "question-1": "# ### Question 1 · 1 point\nWhich?",
    "answer-1": 'answer_1 = ""\nask("answer_1", answer_1, A="one", B="two")',
    "test-1": 'answered("answer_1", answer_1, "AB")',
    "question-2": "# ### Question 2 · 1 point\nHow many?",
    "answer-2": 'answer_2 = None\nask_number("answer_2", answer_2)',
    "test-2": 'answered("answer_2", answer_2)',
    "question-3": "# ### Question 3 · 1 point\nWrite `double`.",
    "answer-3": STUB,
    "test-3": 'assert double(2) == 4, "Twice two is four."',
    "pack": 'hand_in("toy")',
}


@pytest.fixture
def quiz(lab: Lab) -> Lab:
    """An assignment of three questions, opened; nothing has run."""
    shutil.rmtree(lab.server.root / FOLDER, ignore_errors=True)  # what another test packed
    lab.write(QUIZ, *CELLS.values())
    notebook = nbformat.read(lab.server.root / QUIZ, as_version=4)
    for name, cell in zip(CELLS, notebook.cells, strict=True):
        solution, grade = name.startswith("answer"), name.startswith("test")
        settings = {"grade_id": name, "solution": solution, "grade": grade, "locked": not solution, "schema_version": 3}
        cell.metadata["nbgrader"] = settings | ({"points": 1} if grade else {})
        cell.metadata["jupyter"] = {"source_hidden": solution and name != "answer-3"}
        cell.metadata["tags"] = ["raises-exception"] if grade else []
        cell.source = cell.source.removeprefix("# ") if cell.cell_type == "markdown" else cell.source
    lab.put(QUIZ, notebook)
    lab.open(QUIZ)
    return lab


def strip(quiz: Lab) -> Locator:
    return quiz.page.get_by_role("navigation", name="Questions of this assignment")


def said(quiz: Lab) -> list[str]:
    """What the tests of the three questions say."""
    return [quiz.output(place).inner_text().strip() for place in (4, 7, 10)]


def test_what_has_no_answer_is_said_quietly_and_only_until_it_has_one(quiz: Lab) -> None:
    quiz.page.get_by_role("button", name="Run all cells", exact=True).click()
    quiz.output(11).get_by_role("button", name="Save and pack").wait_for()
    expect(quiz.page.get_by_role("button", name="Run all cells", exact=True)).to_have_count(0)
    assert quiz.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 0
    assert said(quiz) == [
        "No answer yet.",
        "No answer yet.",
        "Not written yet: the code above stops at its NotImplementedError.",
    ]
    colours = "nodes => nodes.map(node => getComputedStyle(node.parentElement).backgroundColor)"
    assert set(quiz.page.locator(".cc-report").evaluate_all(colours)) == {"rgba(0, 0, 0, 0)"}

    quiz.output(3).get_by_role("radio", name="two").check()
    quiz.set_source(9, "def double(x):\n    return 3 * x")
    expect(strip(quiz).get_by_role("status")).to_have_text("2 of 3 answered")
    assert said(quiz) == ["", "No answer yet.", ""]

    quiz.run(9)
    quiz.run(10)  # an answer that was tried has its whole report, which stays while one works on it
    expect(quiz.output(10)).to_contain_text("Twice two is four.")
    expect(strip(quiz).get_by_role("status")).to_have_text("2 of 3 answered, 1 failed in its test")
    failed = strip(quiz).get_by_role("button", name="Question 3")
    expect(failed).to_have_accessible_name("Question 3: answered, and its test has failed")
    pack = quiz.output(11)
    pack.get_by_role("button", name="Save and pack").click()
    expect(pack.get_by_role("status")).to_contain_text("A test failed when it last ran, of Question 3.")
    quiz.set_source(9, "def double(x):\n    return 2 * x")
    expect(quiz.output(10)).to_contain_text("AssertionError")
    quiz.run(9)
    quiz.run(10)
    expect(failed).to_have_accessible_name("Question 3: answered")


def test_a_folded_cell_shows_the_answer_as_it_is_now(quiz: Lab) -> None:
    quiz.run_all()
    folded = quiz.cell(3).locator(".jp-InputPlaceholder")
    expect(folded).to_contain_text('answer_1 = ""')
    quiz.output(3).get_by_role("radio", name="two").check()
    expect(folded).to_contain_text('answer_1 = "B"')


def test_the_strip_counts_and_leads_by_keyboard_to_what_is_open(quiz: Lab) -> None:
    quiz.run_all()
    quiz.output(6).get_by_role("textbox").fill("7")
    quiz.output(6).get_by_role("textbox").press("Enter")
    names = [
        button.get_attribute("aria-label") for button in strip(quiz).get_by_role("listitem").get_by_role("button").all()
    ]
    assert names == ["Question 1: open", "Question 2: answered", "Question 3: open"]
    strip(quiz).get_by_role("button", name="Question 1: open").press("Enter")
    active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    expect(quiz.output(3).get_by_role("radio").first).to_be_focused()
    assert quiz.page.evaluate(active) == 3
    strip(quiz).get_by_role("button", name="Next open").press("Enter")
    expect(quiz.cell(9)).to_be_focused()
    assert quiz.page.evaluate(active) == 9
    strip(quiz).get_by_role("button", name="Next open").press("Enter")
    expect(quiz.output(3).get_by_role("radio").first).to_be_focused()
    quiz.page.keyboard.press("Space")
    quiz.save()
    assert quiz.saved(QUIZ)[3].startswith('answer_1 = "A"')


def test_a_button_of_the_strip_lets_ctrl_s_through(quiz: Lab) -> None:
    quiz.set_source(6, "answer_2 = 8")
    strip(quiz).get_by_role("button", name="Question 2").focus()
    quiz.save()  # one save a test: JupyterLab passes over a second one while the first is not quite done
    assert quiz.saved(QUIZ)[6] == "answer_2 = 8"


def test_after_a_restart_the_button_says_what_to_do_and_the_receipt_is_kept(quiz: Lab, tmp_path: Path) -> None:
    quiz.run_all()
    pack = quiz.output(11)
    pack.get_by_role("textbox", name="Your name in the class").fill("ada")
    pack.get_by_role("button", name="Save and pack").click()
    expect(pack.get_by_label("Receipt")).to_contain_text("Name        ada")

    quiz.command("notebook:restart-kernel", wait=False)
    quiz.page.get_by_role("button", name="Confirm Kernel Restart").click()
    line = quiz.page.get_by_text("This page is asleep: its kernel has ended or was restarted.")
    line.wait_for()
    pack.get_by_role("button", name="Save and pack").click()
    expect(pack.get_by_role("status")).to_contain_text("Nothing was packed: the kernel has ended")
    expect(pack.get_by_label("Receipt")).to_contain_text("Name        ada")

    quiz.wait_idle()
    quiz.page.get_by_role("button", name="Run all cells", exact=True).click()
    expect(pack.get_by_role("status")).to_contain_text("You packed this before, and nothing has changed since")
    expect(line).to_be_hidden()
    expect(pack.get_by_role("textbox", name="Your name in the class")).to_have_value("ada")
    with quiz.page.expect_download() as download:
        pack.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == (quiz.server.root / FOLDER / "toy.ada.submission.zip").read_bytes()


def test_a_notebook_that_is_no_assignment_has_no_strip(lab: Lab) -> None:
    lab.write("plain.ipynb", "# Question 1", "answer_1 = None")
    lab.open("plain.ipynb")
    expect(strip(lab)).to_have_count(0)
    expect(lab.page.get_by_role("button", name="Run all cells", exact=True)).to_have_count(0)
