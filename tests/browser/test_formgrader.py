"""nbgrader's formgrader after `autograder grade`: what it shows, grading by hand, its feedback button."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from autograder.course.course import CONFIG, Course
from autograder.demo.learners import answered
from autograder.engines import why_no_sandbox
from autograder.grade.run import grade
from autograder.release.make import release
from autograder.results import State
from tests.autograder.tiny_course import ANSWER_1, QUIZ, SECRET, TEST_1, TEST_2, cell, make_course, notebook
from tests.browser.lab import MINUTE, PATIENCE
from tests.browser.server import Server, jupyter_server

pytestmark = pytest.mark.browser

SOURCE = notebook(
    cell("answer-1", ANSWER_1, solution=True),
    cell("test-1", TEST_1, grade=True, locked=True, points=1),
    cell(
        "answer-2", "def product(a, b):\n    ### BEGIN SOLUTION\n    return a * b\n    ### END SOLUTION", solution=True
    ),
    cell("test-2", TEST_2, grade=True, locked=True, points=3),
    cell("essay", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", "markdown", solution=True, grade=True, points=2),
)


@pytest.fixture(scope="module")
def course(tmp_path_factory, root) -> Course:
    """A graded course, set up as this repository is, with an essay to score by hand; bob picked a wrong option."""
    if reason := why_no_sandbox():
        pytest.skip(reason)
    made = make_course(tmp_path_factory.mktemp("formgrader") / "notebooks", SOURCE)
    shutil.copy(root / CONFIG, made.root)
    course = Course(made.root)
    release(course, QUIZ)
    hand_in(course, "ada", "B")
    hand_in(course, "bob", "A")
    hand_in(course, "cleo", "A", *PICTURES)
    grade(course, QUIZ)
    return course


def markdown(text: str, **attachments: str) -> dict[str, Any]:
    """A cell of the learner's own; of an attachment its type is given."""
    bundles = {f"{name}.{kind}": {f"image/{kind}": DOT} for name, kind in attachments.items()}
    return {"cell_type": "markdown", "id": "own", "metadata": {}, "source": text, "attachments": bundles}


# A picture of one pixel, as JupyterLab keeps it when it is pasted; and what would be loaded from elsewhere.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURES = (
    markdown("My picture: ![dot](attachment:dot.png)", dot="png"),
    markdown(
        "Theirs: ![far](http://elsewhere.test/far.png) and ![lost](attachment:lost.png)\n\n![ref][r]\n\n[r]: http://elsewhere.test/ref.png"
    ),
    markdown(
        "<img src='http://elsewhere.test/tag.png'> and $\\style{background: url(http://elsewhere.test/maths.png)}{x}$"
    ),
)


def hand_in(course: Course, student: str, option: str, *more: dict[str, Any]) -> None:
    answers = [f'answer_1 = "{option}"', "def product(a, b):\n    return a * b"]
    released = (course.release(QUIZ) / "quiz.ipynb").read_bytes()
    content = json.loads(answered(SOURCE, released, lambda n, text: answers[n]))
    content["cells"][-1]["source"] = "Since it is so."
    content["cells"] += more
    folder = course.submitted(QUIZ, student)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quiz.ipynb").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def formgrader(course: Course) -> Server:
    """The server that shows the course."""
    with jupyter_server(Path(course.root).parent) as started:
        yield started


@pytest.fixture
def page(browser, formgrader) -> Page:
    """A page that is signed in."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(MINUTE)
    page.goto(f"{formgrader.url}formgrader?token={formgrader.token}")
    yield page
    context.close()


def row(page: Page, student: str):
    return page.locator("tbody tr").filter(has_text=student)


def test_scores_grading_by_hand_and_feedback(page, formgrader, course):
    page.goto(f"{formgrader.url}formgrader/manage_submissions/{QUIZ}")
    expect(row(page, "ada")).to_contain_text("needs manual grading")
    expect(row(page, "ada")).to_contain_text("4 / 6")
    expect(row(page, "bob")).to_contain_text("3 / 6")

    page.goto(f"{formgrader.url}formgrader/gradebook/{QUIZ}/quiz")
    page.locator("tbody tr").filter(has_text="4 / 6").get_by_role("link").first.click()
    expect(page.locator("body")).to_contain_text("right: whole numbers")
    page.wait_for_function("formgrader.grades?.loaded && formgrader.comments?.loaded")
    essay = page.locator(".nbgrader_cell", has_text="Since it is so.").last
    for field, text, kind in (("input.score", "1.5", "grade"), ("textarea.comment", "Say why.", "comment")):
        with page.expect_response(lambda answer, kind=kind: f"/api/{kind}/" in answer.url) as saved:
            essay.locator(field).fill(text)
            page.keyboard.press("Tab")  # leaving the field saves it
        assert saved.value.ok

    page.goto(f"{formgrader.url}formgrader/manage_submissions/{QUIZ}")
    expect(row(page, "ada")).to_contain_text("5.5 / 6")
    expect(row(page, "ada")).to_contain_text("graded")
    row(page, "ada").locator(".glyphicon-comment").click()
    expect(page.locator(".modal-body")).to_contain_text("Successfully generated feedback", timeout=PATIENCE)
    feedback = (course.feedback(QUIZ, "ada") / "quiz.html").read_text()
    assert "Say why." in feedback
    assert SECRET not in feedback

    hand_in(course, "ada", "A")
    (again,) = grade(course, QUIZ, students=["ada"])
    assert again.entry.state is State.NEEDS_REVIEW
    page.goto(f"{formgrader.url}formgrader/manage_submissions/{QUIZ}")
    expect(row(page, "ada")).to_contain_text("4.5 / 6")
    with course.gradebook() as gradebook:
        assert gradebook.find_comment("essay", "quiz", QUIZ, "ada").comment == "Say why."


def test_a_learners_picture_is_shown_and_nothing_is_loaded_from_elsewhere(page, formgrader, course):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook("quiz", QUIZ, "cleo").id
    answer = page.goto(f"{formgrader.url}formgrader/submissions/{submission}/?index=0")
    assert answer.ok
    dot = page.get_by_alt_text("dot")
    expect(dot).to_be_visible()
    assert dot.evaluate("picture => picture.complete && picture.naturalWidth") == 1
    body = page.locator("body")
    expect(body).to_contain_text("![far](http://elsewhere.test/far.png) and ![lost](attachment:lost.png)")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "elsewhere.test" in url]
