"""What axe-core finds in the lessons, the quizzes and the feedback pages, in the light and in the dark."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.lab import Lab, painted
from tests.course.notebooks import ROOT, assignments, lessons

pytestmark = pytest.mark.browser

NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"
OURS = [f"{NOTEBOOK} {part}" for part in (".cc", ".cc-check", ".jp-RenderedMarkdown")]

# Keep all cells in the page, not only those that can be seen.
SHOW_ALL = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.notebookConfig = { ...content.notebookConfig, windowingMode: "none" };
}"""


def found(lab: Lab) -> list[str]:
    """The faults of the notebook in front, in both themes, after all of its cells have run."""
    lab.page.evaluate(SHOW_ALL)
    lab.run_all()
    parts = [part for part in OURS if lab.page.locator(part).count()]
    both = []
    for theme in ("dark", "light"):
        lab.theme(theme)
        painted(lab.page)
        both += [f"{theme}: {fault}" for fault in faults(lab.page, *parts)]
    return both


def slow_but(quick: str, names: list[str]) -> list[object]:
    return [name if name == quick else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", slow_but("02-convolution", [path.stem for path in lessons()]))
def test_a_lesson(lab: Lab, name: str) -> None:
    shutil.copytree(ROOT / "lessons", lab.server.root / "lessons", dirs_exist_ok=True)
    lab.open(f"lessons/{name}.ipynb")
    assert found(lab) == []


@pytest.mark.parametrize("name", slow_but("02-convolution", assignments()))
def test_a_quiz(lab: Lab, name: str) -> None:
    shutil.copytree(ROOT / "quizzes", lab.server.root / "quizzes", dirs_exist_ok=True)
    lab.open(f"quizzes/{name}/quiz.ipynb")
    assert found(lab) == []


def test_what_a_check_finds(lab: Lab) -> None:
    lab.write(
        "check.ipynb",
        "import numpy as np\nfrom companion import check",
        "def pool2d(x, window=2, stride=2, kind='max'):\n    return np.zeros((2, 2))\ncheck.pool2d(pool2d)",
        "def twin_weights(weights, order):\n    return -weights[order]\ncheck.twin_weights(twin_weights)",
        "check.relu_max(lambda a, b, relu: relu(a - b) + b)",
    )
    lab.open("check.ipynb")
    assert found(lab) == []
    pair = [table.bounding_box() for table in lab.output(2).locator("table").all()][-2:]
    assert pair[0]
    assert pair[1]
    assert pair[0]["y"] == pair[1]["y"], "expected and got do not stand side by side"


def test_the_focus_stands_out_around_a_picture_too(lab: Lab) -> None:
    lab.write("focus.ipynb", "from companion import explore\nexplore.WhatIsLost()")
    lab.open("focus.ipynb")
    lab.run_all()
    lab.widget(0).get_by_role("button", name="cat:").focus()
    lab.page.keyboard.press("ArrowRight")
    coffee = lab.widget(0).get_by_role("button", name="coffee:")
    expect(coffee).to_be_focused()
    expect(coffee).to_have_css("outline-offset", "4px")
