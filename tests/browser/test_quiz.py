"""A learner answers a whole assignment in a real JupyterLab and hands it in; the instructor grades it."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from tests.browser.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASSIGNMENT = "02-convolution"
QUIZ = f"quizzes/{ASSIGNMENT}/quiz.ipynb"
WRONG = {"answer_3": "B"}  # one wrong answer, so that full points can't be a matter of course
REGION = re.compile(r"[ \t]*### BEGIN SOLUTION\n(.*?)[ \t]*### END SOLUTION\n?", re.DOTALL)


def solution(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "solutions" / ASSIGNMENT / "quiz.ipynb", as_version=4)


def answers(notebook: nbformat.NotebookNode) -> dict[int, tuple[str, object]]:
    """For each cell with a literal answer its position, the variable, and the answer to give."""
    found = {}
    for position, cell in enumerate(notebook.cells):
        region = REGION.search(cell.source)
        if cell.metadata.nbgrader.solution and region and (match := re.fullmatch(r"(\w+) = (.+)\n", region[1])):
            found[position] = (match[1], WRONG.get(match[1], ast.literal_eval(match[2])))
    return found


def answer_choice(lab: Lab, position: int, letters: str, *, by_keyboard: bool) -> None:
    """Pick the letters in the question below the cell at `position`."""
    question = lab.output(position)
    boxes = question.locator("input[type=checkbox], input[type=radio]")
    several = question.get_by_role("checkbox").count() > 0
    wanted = ["ABCDEFGH".index(letter) for letter in letters]
    if not by_keyboard:
        for index in wanted:
            boxes.nth(index).check()
    elif several:
        for index in wanted:
            boxes.nth(index).focus()
            lab.page.keyboard.press("Space")
    else:
        boxes.first.focus()
        for key in ["Space", *["ArrowDown"] * wanted[0]]:
            lab.page.keyboard.press(key)
    expect(question.get_by_role("status")).to_contain_text("Written into the cell")


def answer_kernel(lab: Lab, position: int, kernel: list[list[int]]) -> None:
    """Type a kernel's numbers into the explorer below the cell at `position`."""
    cells = lab.output(position).locator("input.cc-cell:not([readonly])")
    numbers = [number for row in kernel for number in row]
    expect(cells).to_have_count(len(numbers))
    for index, number in enumerate(numbers):
        cells.nth(index).fill(str(number))
        cells.nth(index).press("Enter")


def give_answers(lab: Lab, notebook: nbformat.NotebookNode) -> None:
    """Answer every question, every other one by keyboard alone."""
    for position, (_, value) in answers(notebook).items():
        lab.show(position)
        lab.widget(position)
        if isinstance(value, str):
            answer_choice(lab, position, value, by_keyboard=position % 2 == 0)
        elif isinstance(value, list):
            answer_kernel(lab, position, value)
        else:
            lab.output(position).get_by_role("textbox").fill(str(value))
            lab.page.keyboard.press("Enter")
            expect(lab.output(position).get_by_role("status")).to_contain_text("Written into the cell")
    for position, cell in enumerate(notebook.cells):
        if cell.metadata.nbgrader.solution and position not in answers(notebook):
            lab.set_source(position, REGION.sub(lambda region: region[1], cell.source))


def hand_in(lab: Lab, position: int, folder: Path) -> Path:
    """Press the notebook's own button and download the packed file."""
    lab.show(position)
    page = lab.output(position)
    page.get_by_role("textbox", name="Your name in the class").fill("ada")
    page.get_by_role("button", name="Save and pack").click()
    expect(page.get_by_role("status")).to_contain_text("every question has an answer")
    with lab.page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    packed = folder / download.value.suggested_filename
    download.value.save_as(packed)
    return packed


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_an_opened_quiz_to_a_grade(lab: Lab, root: Path, tmp_path: Path) -> None:
    notebook = solution(root)
    for folder in ("lessons", "quizzes"):
        shutil.copytree(root / folder, lab.server.root / folder, dirs_exist_ok=True)
    lab.open(QUIZ)
    lab.run_all()
    unanswered = [position for position, cell in enumerate(notebook.cells) if cell.metadata.nbgrader.grade]
    for position in unanswered:  # Run All goes on after the first question that has no answer
        lab.show(position)
        expect(lab.output(position)).to_contain_text(re.compile("No answer yet|Not written yet"))
    strip = lab.page.get_by_role("navigation", name="Questions of this assignment")
    expect(strip.get_by_role("status")).to_have_text(f"0 of {len(unanswered)} answered")

    give_answers(lab, notebook)
    expect(strip.get_by_role("status")).to_have_text("All questions have an answer")
    for position in unanswered:  # nothing says any more that there is no answer
        lab.show(position)
        expect(lab.output(position)).to_have_text("")
    lab.save()
    lab.restart_and_run_all()
    lab.save()
    lab.reload()
    saved = lab.saved(QUIZ)
    for position, (name, value) in answers(notebook).items():
        [line] = [line for line in saved[position].splitlines() if line.startswith(f"{name} = ")]
        assert ast.literal_eval(line.removeprefix(f"{name} = ")) == value
        if isinstance(value, str):
            lab.show(position)
            for letter in value:
                box = lab.output(position).locator("input").nth("ABCDEFGH".index(letter))
                expect(box).to_be_checked()
    assert lab.errors == []

    packed = hand_in(lab, len(notebook.cells) - 1, tmp_path)

    programs = Path(sys.executable).parent
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    shutil.copytree(root / "solutions", tmp_path / "solutions")
    run([programs / "autograder", "release", ASSIGNMENT], tmp_path)
    run([programs / "autograder", "collect", packed], tmp_path)
    run([programs / "autograder", "grade", ASSIGNMENT], tmp_path)
    with Gradebook(f"sqlite:///{tmp_path}/classroom/gradebook.db") as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "ada")
        lost = {grade.name: grade.max_score - grade.score for grade in submission.notebooks[0].grades}
    assert {name: points for name, points in lost.items() if points} == {"test-3": 1}
