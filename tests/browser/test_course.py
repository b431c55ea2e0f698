"""A learner's room: the course's outline in the side bar, none of nbgrader's panels, and a side bar that makes room."""

import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, Locator, Page, expect

from companion.widgets import kept
from tests.browser.conftest import new_page
from tests.browser.lab import Lab, painted
from tests.browser.server import Server, jupyter_server

pytestmark = pytest.mark.browser

COMPANION = (str(Path(sys.executable).with_name("companion")), "lab", "--no-browser")
LESSON = "lessons/01-windows.ipynb"
SECOND = "lessons/02-pools.ipynb"
QUIZ = "quizzes/01-windows/quiz.ipynb"
CELLS = {  # by id
    "title": "# 01 Windows",
    "imports": "from companion import checkpoint, predict",
    "counting": "## 1 Counting *pixels*",
    "checkpoint-pixels": 'checkpoint("How many?", right=26, unit="pixels", why="13, twice.")',
    "guessing": "## 2 Guessing",
    "predict-edges": 'predict("What?", right="A", A="edges", B=("nothing", "It is dark."), then="Look.", came="So.")',
    "sum": "1 + 1",
    "running": "The end of 2.\n\n" * 60 + "## 3 Running",
    "double": "2 * 2",
    "summary": "## What to take along",
}
QUESTIONS = {
    "title": "# Assignment 01: windows",
    "question-1": "### Question 1 · 1 point",
    "answer-1": 'answer_1 = ""',
    "question-2": "### Question 2 · 1 point",
    "answer-2": "answer_2 = None",
}


def notebook(cells: dict[str, str]) -> NotebookNode:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for name, source in cells.items():
        make = nbformat.v4.new_markdown_cell if "# " in source else nbformat.v4.new_code_cell
        made.cells.append(make(source, id=name))
        if name.startswith("answer"):
            settings = {"grade_id": name, "solution": True, "grade": False, "locked": False, "schema_version": 3}
            made.cells[-1].metadata["nbgrader"] = settings
    return made


def put_course(lab: Lab) -> None:
    lab.put(LESSON, notebook(CELLS))
    lab.put(SECOND, notebook({"title": "# 02 Pools", "one": "## 1 Only one", "product": "3 * 3"}))
    lab.put(QUIZ, notebook(QUESTIONS))


@pytest.fixture(scope="module")
def course_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The course as `companion lab` opens it."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("lessons", "quizzes"):
        (folder / "notebooks" / name).mkdir(parents=True)
    (folder / "notebooks" / "lessons" / "00-welcome.ipynb").write_text(nbformat.writes(notebook({"title": "# Hello"})))
    with jupyter_server(folder, COMPANION) as started:
        yield started


@pytest.fixture(scope="module")
def course_page(browser: Browser) -> Iterator[Page]:
    """The page of all learners, one after the other."""
    with new_page(browser) as page:
        yield page


@pytest.fixture
def learner(course_page: Page, course_server: Server) -> Iterator[Lab]:
    """A learner who has just opened the first lesson, in a browser that knows nothing of the course yet."""
    lab = Lab(course_page, course_server)
    put_course(lab)
    lab.open(LESSON)
    entry(lab, "02 Pools").wait_for()
    yield lab
    lab.leave()
    course_page.goto("about:blank")  # what the outline remembers goes with the page


def course(lab: Lab) -> Locator:
    return lab.page.get_by_role("navigation", name="Course", exact=True)


def entry(lab: Lab, name: str) -> Locator:
    """The line of the outline that begins with `name`."""
    return course(lab).locator(".cc-course-entry", has_text=name)


def place(lab: Lab) -> list[str]:
    """The notebook in front, and the id of its active cell."""
    return lab.page.evaluate("""() => {
      const { context, content } = window.jupyterapp.shell.currentWidget;
      return [context.path, content.activeCell.model.id];
    }""")


def in_front(lab: Lab, path: str) -> None:
    """Wait until the notebook at `path` is in front, ready."""
    lab.page.wait_for_function("path => window.jupyterapp?.shell.currentWidget?.context?.path === path", arg=path)
    lab.wait_idle()


def answer(lab: Lab, number: str) -> None:
    lab.output(3).get_by_role("textbox").fill(number)
    lab.output(3).get_by_role("button", name="Check").click()


def test_a_section_is_done_when_all_that_it_asks_is_done(learner: Lab) -> None:
    expect(entry(learner, "01 Windows")).to_have_text("01 Windows0 of 3 sections done")
    for index in (1, 3, 5):
        learner.run(index)
    answer(learner, "25")
    expect(learner.output(3).get_by_role("status")).to_contain_text("Not yet")
    expect(entry(learner, "1 Counting pixels")).to_have_accessible_name("1 Counting pixels (open)")
    answer(learner, "26")
    expect(entry(learner, "1 Counting pixels")).to_have_accessible_name("1 Counting pixels (done)")
    expect(entry(learner, "01 Windows")).to_have_accessible_name("01 Windows 1 of 3 sections done")

    prediction = learner.output(5)
    prediction.get_by_role("radio", name="B").check()
    expect(entry(learner, "2 Guessing")).to_have_accessible_name("2 Guessing (open)")
    prediction.get_by_role("button", name="That is my prediction").click()
    expect(entry(learner, "2 Guessing")).to_have_accessible_name("2 Guessing (done)")
    prediction.get_by_role("button", name="Change").click()
    expect(entry(learner, "2 Guessing")).to_have_accessible_name("2 Guessing (open)")

    learner.set_source(8, "1 / 0")
    learner.run(8)
    learner.output(8).get_by_text("ZeroDivisionError").first.wait_for()
    expect(entry(learner, "3 Running")).to_have_accessible_name("3 Running (open)")
    learner.set_source(8, "2 * 2")
    learner.run(8)
    expect(entry(learner, "3 Running")).to_have_accessible_name("3 Running (done)")
    expect(entry(learner, "What to take along")).to_have_accessible_name("What to take along")
    assert learner.errors == []


def test_the_outline_is_followed_by_keyboard_and_tells_where_one_is(learner: Lab) -> None:
    expect(entry(learner, "01 Windows")).to_have_attribute("aria-current", "page")
    entry(learner, "3 Running").press("Enter")
    expect(entry(learner, "3 Running")).to_have_attribute("aria-current", "location")
    assert place(learner) == [LESSON, "running"]
    expect(learner.page.get_by_role("heading", name="3 Running")).to_be_in_viewport()
    fold = course(learner).get_by_role("button", name="Sections of 02 Pools")
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(fold).to_be_focused()
    entry(learner, "1 Only one").press("Enter")
    learner.wait_idle()
    expect(entry(learner, "1 Only one")).to_have_attribute("aria-current", "location")
    assert place(learner) == [SECOND, "one"]


def test_an_assignment_tells_how_many_of_its_questions_have_an_answer(learner: Lab) -> None:
    expect(entry(learner, "Assignment 01")).to_have_accessible_name("Assignment 01 0 of 2 answered")
    entry(learner, "Assignment 01").click()
    in_front(learner, QUIZ)
    learner.set_source(2, 'answer_1 = "B"')
    expect(entry(learner, "Assignment 01")).to_have_accessible_name("Assignment 01 1 of 2 answered")


def test_one_goes_on_where_one_stopped_although_all_cells_were_run(learner: Lab) -> None:
    begin = course(learner).get_by_role("button", name="Begin")
    expect(begin).to_be_visible()
    learner.show(5)
    learner.cell(5).locator(".cm-content").click()
    go_on = course(learner).get_by_role("button", name="Go on where you stopped")
    expect(course(learner)).to_contain_text("01 Windows · 2 Guessing")
    learner.run_all()
    learner.save()
    learner.page.goto(f"{learner.server.url}lab/tree/{SECOND}?token={learner.server.token}")
    in_front(learner, SECOND)
    expect(go_on).to_have_accessible_description("01 Windows · 2 Guessing")
    go_on.press("Enter")
    expect(entry(learner, "2 Guessing")).to_have_attribute("aria-current", "location")
    assert place(learner) == [LESSON, "predict-edges"]


def test_a_lesson_is_started_anew(learner: Lab) -> None:
    learner.run_all()
    learner.show(3)
    answer(learner, "26")
    expect(entry(learner, "1 Counting pixels")).to_have_accessible_name("1 Counting pixels (done)")
    kept_files = learner.server.root / "lessons" / kept.FOLDER
    anew = course(learner).get_by_role("button", name="Start this lesson anew")
    anew.click()
    learner.page.get_by_role("button", name="Cancel").click()
    expect(entry(learner, "1 Counting pixels")).to_have_accessible_name("1 Counting pixels (done)")
    anew.click()
    learner.page.get_by_role("button", name="Start anew", exact=True).click()
    expect(entry(learner, "01 Windows")).to_have_accessible_name("01 Windows 0 of 3 sections done")
    learner.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    learner.wait_idle()
    assert [*kept_files.rglob("*.json")] == []
    assert all(not cell.get("outputs") for cell in nbformat.read(learner.server.root / LESSON, as_version=4).cells)
    for index in (1, 3):
        learner.run(index)
    expect(learner.output(3).get_by_role("textbox")).to_have_value("")
    expect(entry(learner, "1 Counting pixels")).to_have_accessible_name("1 Counting pixels (open)")


def test_the_side_bar_makes_room_and_what_the_learner_opens_stays_open(browser: Browser, course_server: Server) -> None:
    with new_page(browser) as page:
        page.set_viewport_size({"width": 800, "height": 600})
        lab = Lab(page, course_server)
        put_course(lab)
        lab.open(LESSON)
        files = page.locator("#filebrowser")
        page.wait_for_function("window.jupyterapp.shell.leftCollapsed")
        expect(files).to_be_hidden()
        expect(course(lab)).to_be_hidden()
        page.get_by_role("tab", name="Course").click()
        expect(course(lab)).to_be_visible()
        page.set_viewport_size({"width": 780, "height": 600})
        painted(page)
        expect(course(lab)).to_be_visible()
        page.set_viewport_size({"width": 1000, "height": 600})
        painted(page)
        expect(course(lab)).to_be_visible()
        page.set_viewport_size({"width": 700, "height": 600})
        expect(course(lab)).to_be_hidden()
        lab.leave()


def test_a_folder_that_is_no_course_has_no_outline(browser: Browser, chromium: str, tmp_path: Path) -> None:
    with jupyter_server(tmp_path) as server, new_page(browser) as page:
        lab = Lab(page, server)
        lab.write("alone.ipynb", "1 + 1")
        lab.open("alone.ipynb")
        expect(page.locator("#filebrowser")).to_be_visible()
        expect(page.locator(".cc-course")).to_have_count(0)
        lab.leave()


# ------------------------------------------------------------------------------------------- nbgrader's panels


def panels(lab: Lab) -> set[str]:
    """Those of nbgrader's panels that one sees."""
    page = lab.page
    found = {
        "Nbgrader": page.get_by_role("menuitem", name="Nbgrader", exact=True),
        "Validate": page.locator(".jp-NotebookPanel-toolbar", has_text="Validate"),
        "Create Assignment": page.get_by_role("tab", name="Create Assignment"),
    }
    return {name for name, seen in found.items() if seen.count()}


def in_menu(lab: Lab) -> list[str]:
    """What the menu *Nbgrader* offers."""
    lab.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    items = lab.page.locator("#jp-mainmenu-nbgrader .lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel")
    items.first.wait_for()
    return items.all_inner_texts()


def test_a_learner_sees_none_of_nbgraders_panels(learner: Lab) -> None:
    assert panels(learner) == set()


@pytest.fixture
def room(browser: Browser, chromium: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A room that `companion lab` opens with the options that the test asks for, where the class has an exchange."""
    root, exchange = tmp_path / "notebooks", tmp_path / "exchange"
    for folder in (root / "lessons", root / "quizzes", exchange):
        folder.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n")
    nbformat.write(notebook(CELLS), root / LESSON)
    with jupyter_server(tmp_path, (*COMPANION, *request.param)) as server, new_page(browser) as page:
        lab = Lab(page, server)
        lab.open(LESSON)
        yield lab
        lab.leave()


@pytest.mark.parametrize("room", [()], indirect=True)
def test_the_assignment_list_is_there_where_the_class_has_an_exchange(room: Lab) -> None:
    assert panels(room) == {"Nbgrader"}
    assert in_menu(room) == ["Assignment List"]


@pytest.mark.parametrize("room", [("--instructor",)], indirect=True)
def test_an_instructor_has_them_all_and_the_formgrader_opens(room: Lab) -> None:
    assert panels(room) == {"Nbgrader", "Validate", "Create Assignment"}
    assert {"Assignment List", "Formgrader"} <= {*in_menu(room)}
    room.page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    frame = room.page.locator("#formgrader iframe").content_frame
    expect(frame.get_by_role("heading", name="Manage Assignments")).to_be_visible()
