"""The second browser: a lesson is played with and a quiz is answered and packed in Firefox."""

import ast
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.firefox import Firefox, firefox
from tests.browser.server import Server
from tests.conftest import found_program

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ENTER = "\ue007"
LESSON, QUIZ = "lessons/02-convolution.ipynb", "quizzes/02-convolution/quiz.ipynb"
BOOK = "window.jupyterapp.shell.currentWidget"
IDLE = f"""(() => {{
  const kernel = window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.status === "idle" && {BOOK}.content.widgets.length > 0;
}})()"""
# JupyterLab's and Firefox's own complaints that say nothing about the course.
HARMLESS = ("favicon", "ResizeObserver loop", "Content-Security-Policy", "source map", "WebSocket")


@pytest.fixture
def page(server: Server, root: Path, tmp_path: Path) -> Iterator[Firefox]:
    """Firefox, with the course's lessons and quizzes on the server; an error on its console fails the test."""
    path = found_program("Firefox", "firefox-esr", "firefox")
    for folder in ("lessons", "quizzes"):
        shutil.copytree(root / folder, server.root / folder, dirs_exist_ok=True)
    with firefox(path, tmp_path / "profile") as page:
        yield page
        page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll().then(() => true)")
        errors = [error for error in page.errors if not any(word in error for word in HARMLESS)]
    assert errors == []


def open_and_run(page: Firefox, server: Server, path: str) -> dict[str, int]:
    """Open a notebook, run it all, and return the place of each cell by its id."""
    page.goto(f"{server.url}lab/tree/{path}?reset&token={server.token}")
    page.wait_for(IDLE)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)")
    page.wait_for(IDLE)
    return {name: place for place, name in enumerate(page.evaluate(f"{BOOK}.content.widgets.map((w) => w.model.id)"))}


def output(page: Firefox, place: int) -> str:
    """Scroll to a cell; returns the expression of its output."""
    page.evaluate(f"{BOOK}.content.scrollToItem({place}, 'start').then(() => true)")
    found = f"{BOOK}.content.widgets[{place}].node.querySelector('.jp-Cell-outputWrapper')"
    page.wait_for(f"Boolean({found}?.querySelector('.cc')?.isConnected)")
    return found


def test_an_explorer_of_a_lesson_follows_the_mouse(page: Firefox, server: Server) -> None:
    places = open_and_run(page, server, LESSON)
    explorer = output(page, places["convolution"])
    said = f"{explorer}.innerText"
    before = page.wait_for(said)
    x, y = page.centre(f"{explorer}.querySelector('.cc-stage')")
    page.drag((x, y), (x + 40, y + 20))
    page.wait_for(f"{said} !== {json.dumps(before)}")
    for name in ("channels-explorer", "receptive-field-explorer", "find-the-kernel-explorer"):
        output(page, places[name])


def test_a_quiz_is_answered_and_packed(page: Firefox, server: Server) -> None:
    places = open_and_run(page, server, QUIZ)
    source = f"{BOOK}.content.widgets[{{}}].model.sharedModel.getSource()"
    answers = [place for name, place in places.items() if name.startswith("answer-")]
    choice = places["answer-1"]
    number = next(place for place in answers if "ask_number(" in page.evaluate(source.format(place)))
    page.click(f"{output(page, choice)}.querySelectorAll('input[type=radio]')[1]")
    page.wait_for(f"{source.format(choice)}.startsWith('answer_1 = \"B\"')")
    page.click(f"{output(page, number)}.querySelector('input[type=text]')")
    page.press(f"14{ENTER}")
    page.wait_for(f"/^answer_\\d+ = 14$/m.test({source.format(number)})")

    pack = output(page, places["pack"])
    name = f"{pack}.querySelector('input[type=text]')"
    page.click(name)
    page.evaluate(f"{name}.select()")
    page.press("ada")
    page.click(f"[...{pack}.querySelectorAll('button')].find((each) => each.textContent === 'Save and pack')")
    page.wait_for(f"{pack}.innerText.includes('Download 02-convolution.ada.submission.zip')")
    with zipfile.ZipFile(server.root / "quizzes" / "02-convolution" / "02-convolution.ada.submission.zip") as packed:
        cells = json.loads(packed.read("quiz.ipynb"))["cells"]
    lines = ["".join(cells[place]["source"]).splitlines()[0] for place in (choice, number)]
    assert [ast.literal_eval(line.partition(" = ")[2]) for line in lines] == ["B", 14]
