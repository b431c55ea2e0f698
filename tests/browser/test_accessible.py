"""What axe-core finds in the quizzes and below a notebook's cells, in the light and in the dark.

The lessons it sees when they have been played to their end, the feedback pages where they are made."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults_of_notebook
from tests.browser.lab import Lab
from tests.course.notebooks import ROOT, assignments

pytestmark = pytest.mark.browser

QUESTIONS = (
    "from companion import checkpoint, predict, self_test\nfrom companion.questions import Item",
    'predict("What?", right="A", A="edges", B=("nothing", "It is dark."), then="Look.", came="So.")',
    'checkpoint("Which?", right="AC", A=("one", "So."), B=("two", "No."), C=("three", "So."))',
    'checkpoint("How many?", right=26, unit="pixels", why="13, twice.")',
    'self_test("Test", Item("topic", "Which?", right="A", options={"A": "one", "B": "two"}, revise="All."))',
)


def found(lab: Lab) -> list[str]:
    """The faults of the notebook in front after all of its cells have run."""
    lab.run_all()
    return faults_of_notebook(lab)


def test_questions_that_nobody_has_answered(lab: Lab) -> None:
    lab.write("questions.ipynb", *QUESTIONS)
    lab.open("questions.ipynb")
    assert found(lab) == []
    assert [lab.output(place).locator(".cc").count() for place in range(1, len(QUESTIONS))] == [1] * 4


@pytest.mark.parametrize("name", assignments())
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
