"""What a learner did in a lesson is there again after the cell, all cells, the kernel or the day was begun anew."""

import re
import shutil
import time

import pytest
from playwright.sync_api import expect

from companion.widgets import kept
from tests.browser.lab import MINUTE, Lab

pytestmark = pytest.mark.browser

PREDICT = (
    'predict("What comes?", right="B", A=("more", "It grew before."), B="less", then="Now look.", came="It shrinks.")'
)
NUMBER = 'checkpoint("How wide?", right=26, unit="pixels", why="28 - 3 + 1")'


@pytest.fixture
def lesson(lab: Lab) -> Lab:
    """A lesson with a prediction, a checkpoint and an explorer in cells 1 to 3, in each of which something was done."""
    lab.write(
        "kept.ipynb", "from companion import checkpoint, explore, predict", PREDICT, NUMBER, "explore.Convolution()"
    )
    lab.open("kept.ipynb")
    lab.run_all()
    lab.output(1).get_by_role("radio", name="B").check()
    lab.output(1).get_by_role("button", name="That is my prediction").click()
    lab.output(2).get_by_role("textbox").fill("26")
    lab.output(2).get_by_role("button", name="Check").click()
    lab.show(3)
    lab.output(3).get_by_role("slider", name="Stride", exact=True).fill("4")
    lab.output(3).get_by_text("Feature map, 32 × 32 pixels").wait_for()
    end = time.monotonic() + MINUTE / 1000
    while len([*lab.server.root.glob(f"{kept.FOLDER}/kept/*.json")]) < 3:  # the page sends what is moved a little later
        assert time.monotonic() < end
        time.sleep(0.05)
    return lab


def all_is_there(lesson: Lab) -> None:
    lesson.show(1)
    expect(lesson.output(1).get_by_role("status")).to_contain_text(re.compile("Your prediction: B|You said B"))
    expect(lesson.output(2).get_by_role("status")).to_contain_text("Right.")
    expect(lesson.output(2).get_by_role("textbox")).to_have_value("26")
    lesson.show(3)
    lesson.output(3).get_by_text("Feature map, 32 × 32 pixels").wait_for()
    assert lesson.errors == []


def test_a_cell_that_is_run_again_shows_what_was_done(lesson: Lab) -> None:
    for index in (1, 2, 3):
        lesson.run(index)
    all_is_there(lesson)


def test_another_day_and_a_copy_show_what_was_done(lesson: Lab) -> None:
    lesson.restart_and_run_all()
    all_is_there(lesson)
    lesson.save()
    shutil.copy(lesson.server.root / "kept.ipynb", lesson.server.root / "kept-Copy1.ipynb")
    for name in ("kept.ipynb", "kept-Copy1.ipynb"):
        lesson.open(name)  # in a new kernel
        expect(lesson.output(1)).to_contain_text("Predict first: What comes?")
        expect(lesson.page.get_by_text("This page is asleep: its kernel has ended or was restarted.")).to_be_visible()
        if name == "kept.ipynb":  # what was answered is known of the notebook itself
            expect(lesson.output(1)).to_contain_text(re.compile("Your prediction: B|You said B"))
            expect(lesson.output(2)).to_contain_text("Right: 26")
        expect(lesson.page.get_by_text("model not found")).to_have_count(0)
        lesson.errors.clear()  # ipywidgets logs that it found no models
        lesson.run_all()
        all_is_there(lesson)


def test_code_that_was_changed_starts_anew(lesson: Lab) -> None:
    lesson.set_source(3, "explore.Convolution(stride=2)")
    lesson.run(3)
    lesson.output(3).get_by_text(re.compile("Feature map, 6[0-9] × 6[0-9] pixels")).wait_for()
