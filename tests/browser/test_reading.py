"""Walking down a lesson with Shift+Enter: what was run is what one sees, and nothing is run that one did not mean."""

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab

pytestmark = pytest.mark.browser

TEXT = "# A section\n\n" + "Some words.\n\n" * 12
PREDICT = (
    'predict("What comes?", right="B", A=("more", "It grew before."), B="less", then="Now look.", came="It shrinks.")'
)
ACTIVE = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
COUNT = "(index) => window.jupyterapp.shell.currentWidget.content.widgets[index].model.executionCount"
# How far the top of the widget of a cell lies below that of the notebook, and its bottom above that, in pixels.
TOP, BOTTOM = [
    f"""(index) => {{
      const {{ content }} = window.jupyterapp.shell.currentWidget;
      const widget = content.widgets[index].node.querySelector(".jp-Cell-outputWrapper .cc");
      const [box, view] = [widget, content.outerNode ?? content.node].map((node) => node.getBoundingClientRect());
      return {distance};
    }}"""
    for distance in ("box.top - view.top", "view.bottom - box.bottom")
]


@pytest.fixture
def lesson(lab: Lab) -> Lab:
    """A lesson with a prediction in cell 2 and a large explorer in cell 4, and text before and behind each, opened."""
    lab.write("reading.ipynb", "from companion import explore, predict", TEXT, PREDICT, TEXT, "explore.Pooling()", TEXT)
    lab.open("reading.ipynb")
    lab.page.evaluate("window.jupyterapp.shell.currentWidget.content.node.focus()")
    return lab


def press(lesson: Lab) -> None:
    lesson.page.keyboard.press("Shift+Enter")
    lesson.wait_idle()


def test_an_explorer_that_was_run_is_in_view_from_its_top(lesson: Lab) -> None:
    for _ in range(5):
        press(lesson)
    lesson.output(4).locator(".cc").wait_for()
    lesson.page.wait_for_function(f"(index) => ({TOP})(index) >= 0 && ({BOTTOM})(index) >= 0", arg=4)
    assert lesson.page.evaluate(ACTIVE) == 5
    press(lesson)  # and the next press goes on from there
    lesson.page.wait_for_function(f"(index) => ({TOP})(index) < 0", arg=4)


def test_who_has_done_something_else_meanwhile_is_left_in_peace(lesson: Lab) -> None:
    lesson.run(0)
    lesson.set_source(4, "import time\ntime.sleep(1)\nexplore.Pooling()")
    lesson.page.evaluate(f"{ACTIVE} = 4")
    lesson.page.mouse.move(700, 500)
    lesson.page.keyboard.press("Shift+Enter")
    lesson.page.mouse.wheel(0, 10)
    lesson.output(4).locator(".cc").wait_for()
    lesson.wait_idle()
    lesson.page.wait_for_timeout(500)  # in which nothing is to happen
    assert lesson.page.evaluate(TOP, 4) < 0, "JupyterLab has gone on to the cell after it"


@pytest.mark.parametrize("index", [2, 4])
def test_shift_enter_in_a_widget_goes_on_and_runs_nothing(lesson: Lab, index: int) -> None:
    lesson.run_all()
    lesson.show(index)
    before = lesson.page.evaluate(COUNT, index)
    control = lesson.output(index).locator("input").first
    control.focus()
    press(lesson)
    assert lesson.page.evaluate(ACTIVE) == index + 1
    assert lesson.page.evaluate(COUNT, index) == before
    expect(control).not_to_be_focused()


# ------------------------------------------------------------------------------------------- told after it has come


TOLD = "It shrank, as the table shows."
SHOWN = f".jp-RenderedMarkdown:has-text('{TOLD}')"


@pytest.fixture
def told(lab: Lab) -> Lab:
    """A lesson with a prediction in cell 1, what shows it in cell 2, and in cell 3 the text that tells it."""
    lab.write("told.ipynb", "from companion import predict", PREDICT, "print('smaller')", f"# {TOLD}")
    notebook = nbformat.read(lab.server.root / "told.ipynb", as_version=4)
    notebook.cells[3].metadata["companion"] = {"after": notebook.cells[1].id}
    notebook.cells[3].source = TOLD
    lab.put("told.ipynb", notebook)
    lab.open("told.ipynb")
    return lab


def test_a_text_that_tells_what_comes_is_folded_until_it_has_come(told: Lab) -> None:
    text, unfold = told.page.locator(SHOWN), told.page.get_by_role("button", name="What came is told here")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    expect(text).to_be_hidden()
    told.run_all()
    told.output(1).get_by_role("radio", name="A more").check()
    told.page.keyboard.press("Enter")
    expect(text).to_be_hidden()
    told.output(1).get_by_role("button", name="I have seen it: compare").click()
    expect(text).to_be_visible()
    expect(unfold).to_be_hidden()
    told.save()
    told.reload()
    expect(text).to_be_visible()


def test_who_wants_to_skip_opens_it_by_keyboard_and_it_stays_open(told: Lab) -> None:
    told.page.get_by_role("button", name="What came is told here").press("Enter")
    expect(told.page.locator(SHOWN)).to_be_visible()
    told.reload()
    expect(told.page.locator(SHOWN)).to_be_visible()


def test_in_print_everything_is_there(told: Lab) -> None:
    told.page.emulate_media(media="print")
    expect(told.page.locator(SHOWN)).to_be_visible()
    told.page.emulate_media(media=None)
