"""Every lesson, played from top to bottom as a learner would: each cell run, each explorer touched, each question
answered; axe-core sees what has come of it. What there is to do is found in the notebook itself, so that a new lesson
needs no line here."""

import ast
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, TimeoutError, expect

from tests.browser.axe import faults_of_notebook
from tests.browser.lab import MINUTE, Lab, painted
from tests.course.notebooks import ROOT, lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDGET = "application/vnd.jupyter.widget-view+json"
LETTERS = "ABCDEFGH"
STOP = re.compile("stop|pause|cancel", re.IGNORECASE)
MOST_SLIDERS = 8  # of an explorer, that are moved

# All that can be seen of an explorer: its text, styles, controls and pictures.
SEEN = """(root) => [
  root.outerHTML,
  ...[...root.querySelectorAll("input, select")].map((input) => `${input.value} ${input.checked}`),
  ...[...root.querySelectorAll("canvas")].map((canvas) => (canvas.width * canvas.height ? canvas.toDataURL() : "")),
].join("|")"""

OUTPUTS = """(index) => (
  window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()
    .map(({ output_type, name, ename, data }) => ({ output_type, name, ename, mimes: Object.keys(data ?? {}) })))"""


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_a_lesson_can_be_played_to_its_end(lab: Lab, path: Path) -> None:
    shutil.copytree(ROOT / "lessons", lab.server.root / "lessons", dirs_exist_ok=True)
    lab.open(f"lessons/{path.name}")
    done = {"explorers": 0, "questions": 0}
    for index, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "code":
            continue
        lab.show(index)
        lab.run(index)
        outputs = lab.page.evaluate(OUTPUTS, index)
        assert not [output for output in outputs if output["output_type"] == "error"], f"{cell.id} raised an error"
        assert not [output for output in outputs if output["name"] == "stderr"], f"{cell.id} printed a warning"
        shown = sum(WIDGET in output["mimes"] for output in outputs)
        if not shown:
            continue
        lab.output(index).locator(".cc").nth(shown - 1).wait_for()
        play(lab, index, cell, done)
        assert lab.errors == [], f"the page logged an error after cell {cell.id}"
    assert faults_of_notebook(lab) == []
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert done["questions"] == sum(source.count(f"\n{name}(") for name in ("checkpoint", "predict", "self_test"))
    assert done["explorers"] >= len(re.findall(r"^explore\.[A-Z]", source, re.MULTILINE)) > 0


def test_an_explorer_that_does_not_react_is_found(lab: Lab) -> None:
    lab.write("still.ipynb", "from companion.explore import Convolution\nConvolution()")
    lab.open("still.ipynb")
    lab.run(0)
    explorer = lab.output(0).locator(".cc").first
    explorer.locator("[data-cc-drag]").wait_for()
    assert any(not reacts(lab, explorer) for _ in range(100))  # it has drawn itself then
    changes(lab, explorer, *keys(explorer.locator("[data-cc-drag]")))


def reacts(lab: Lab, explorer: Locator) -> bool:
    """Whether it changes by itself."""
    try:
        changes(lab, explorer, lambda: None, timeout=500)
    except TimeoutError:
        return False
    return True


def play(lab: Lab, index: int, cell: nbformat.NotebookNode, done: dict[str, int]) -> None:
    """Do what the widgets below a cell ask for."""
    output = lab.output(index)
    widgets = output.locator(".cc")
    expect(output).not_to_contain_text("Error displaying widget")
    asked = [call for call in calls(cell.source) if call[0] in ANSWERS]
    if asked:
        [(name, arguments)] = asked
        ANSWERS[name](widgets.first, arguments)
        done["questions"] += 1
    else:
        for widget in widgets.all():
            touch(lab, widget)
            done["explorers"] += 1


def calls(source: str) -> list[tuple[str, dict[str, Any]]]:
    """The calls at the top level of a cell, with the literals among their keyword arguments."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            arguments = {keyword.arg: literal(keyword.value) for keyword in node.value.keywords if keyword.arg}
            found.append((node.value.func.id, arguments))
    return found


def literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------------- questions


def answer_checkpoint(question: Locator, arguments: dict[str, Any]) -> None:
    """Give a wrong answer first, then the right one; both are explained."""
    right = arguments["right"]
    if isinstance(right, str):
        options = [letter for letter in LETTERS if letter in arguments]
        choose(question, next(letter for letter in options if letter not in right))
        judged(question, "Not yet")
        choose(question, right)
    else:
        type_number(question, next(iter(arguments.get("wrong") or {}), right + 1))
        judged(question, "Not yet")
        type_number(question, right)
    judged(question, "Right.")


def choose(question: Locator, letters: str) -> None:
    boxes = question.locator(".cc-options input")
    for index in range(boxes.count()):
        wanted = LETTERS[index] in letters
        if wanted or boxes.nth(index).get_attribute("type") == "checkbox":
            boxes.nth(index).set_checked(wanted)
    question.get_by_role("button", name="Check").click()


def type_number(question: Locator, value: float) -> None:
    box = question.get_by_role("textbox")
    box.fill(str(value))
    box.press("Enter")


def judged(question: Locator, verdict: str) -> None:
    status = question.get_by_role("status")
    expect(status, "no reason is given").to_contain_text(re.compile(re.escape(verdict) + ".{20}", re.DOTALL))


def answer_prediction(question: Locator, arguments: dict[str, Any]) -> None:
    """Commit to the first option, by keyboard."""
    first = question.get_by_role("radio").first
    first.focus()
    first.press("Space")
    first.press("Enter")
    expect(question.get_by_role("status")).to_contain_text("Your prediction: A.")


def answer_self_test(question: Locator, arguments: dict[str, Any]) -> None:
    """Take the first option of each question."""
    groups = question.get_by_role("radiogroup")
    for group in groups.all():
        group.get_by_role("radio").first.check()
    question.get_by_role("button", name="What should I revise?").click()
    expect(question.get_by_role("status")).to_contain_text(f"of {groups.count()} right")


ANSWERS = {"checkpoint": answer_checkpoint, "predict": answer_prediction, "self_test": answer_self_test}


# ------------------------------------------------------------------------------------------------- explorers


def touch(lab: Lab, explorer: Locator) -> None:
    """Drag what can be dragged, press keys on what takes keys; each has to change something that can be seen."""
    painted(lab.page)
    handles = [handle for handle in explorer.locator("[role=application], [data-cc-move]").all() if handle.is_visible()]
    for handle in handles:
        changes(lab, explorer, lambda handle=handle: drag(lab, handle))
        changes(lab, explorer, *keys(handle))
    sliders = explorer.locator("input[type=range]:enabled")
    for slider in sliders.all()[:MOST_SLIDERS]:
        if slider.is_visible():
            changes(lab, explorer, lambda slider=slider: move_slider(slider))
    start = explorer.locator("button.primary:enabled")
    if start.count() and start.first.is_visible():
        changes(lab, explorer, start.first.click)
        painted(lab.page)
        stop = explorer.get_by_role("button", name=STOP)
        if stop.count() and stop.first.is_visible():
            stop.first.click()


def changes(lab: Lab, explorer: Locator, *actions: Callable[[], Any], timeout: float = MINUTE) -> None:
    """Do things to an explorer until something else is to be seen; for that, wait at most `timeout` milliseconds."""
    painted(lab.page)
    before = explorer.evaluate(SEEN)
    for action in actions:
        action()
        painted(lab.page)
        if explorer.evaluate(SEEN) != before:
            return
    lab.page.wait_for_function(
        f"([root, before]) => ({SEEN})(root) !== before", arg=[explorer.element_handle(), before], timeout=timeout
    )


def drag(lab: Lab, handle: Locator) -> None:
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"]
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + max(0.4 * box["width"], 12), y + max(0.4 * box["height"], 12), steps=6)
    lab.page.mouse.up()


def keys(handle: Locator) -> list[Callable[[], None]]:
    """Presses of the arrow keys, one of which changes something wherever a mark stands; Space is for a pen."""
    return [partial(handle.press, key) for key in ("Space", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")]


def move_slider(slider: Locator) -> None:
    at_most = slider.evaluate("(input) => Number(input.value) >= Number(input.max)")
    slider.press("ArrowLeft" if at_most else "ArrowRight")
