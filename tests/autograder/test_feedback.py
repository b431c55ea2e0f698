"""What stands on a feedback page, by a small graded class."""

import pytest
from bs4 import BeautifulSoup
from tiny_course import ANSWER_1, QUIZ, TEST_1, cell, make_course, notebook

from autograder.feedback import feedback
from autograder.grade import grade
from autograder.intake import collect
from autograder.learners import answered
from autograder.messages import learner_messages
from autograder.release import release, released_files

LONG = "The 1 stands on the right, but it fetches: " + "each output takes the value of its right-hand neighbour, " * 4
QUESTION = """### Question 1 · 1 point
Which kernel is $k_1 < 2$ times `cost$` or
$$ \\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix} $$

| a | b |
|---|---|
| 1 | 2 |"""
TEST_2 = 'assert product(2, 3) == 6, "Two times three is six."\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS'
SOURCE = notebook(
    cell("question-1", QUESTION, "markdown", locked=True),
    cell("answer-1", ANSWER_1, solution=True),
    cell("test-1", TEST_1.replace("You may have forgotten the bias.", LONG.strip()), grade=True, locked=True, points=1),
    cell("question-2", "## Question 2", "markdown", locked=True),
    cell("answer-2", "### BEGIN SOLUTION\ndef product(a, b):\n    return a * b\n### END SOLUTION", solution=True),
    cell("test-2", TEST_2, grade=True, locked=True, points=2),
)
ANSWERS = {
    "bob": ('answer_1 = "A"\nprint("TUlORQ==")', "def product(a, b):\n    return 5"),
    "cy": ('answer_1 = "B"', "def produkt(a, b):\n    return a * b"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of the class as (path, parsed page), by student."""
    course = make_course(tmp_path_factory.mktemp("feedback") / "course", SOURCE)
    release(course, QUIZ)
    blank = released_files(course, QUIZ)["quiz.ipynb"]
    inbox = tmp_path_factory.mktemp("inbox")
    for name, answers in ANSWERS.items():
        (inbox / f"{name}.ipynb").write_bytes(answered(SOURCE, blank, lambda n, _, given=answers: given[n]))
    (inbox / "gus.ipynb").write_bytes(blank[:300])
    collect(course, [inbox], assignment=QUIZ)
    grade(course, QUIZ, unsandboxed=True)
    feedback(course, QUIZ)
    paths = {name: course.feedback(QUIZ, name) / "quiz.html" for name in (*ANSWERS, "gus")}
    return {name: (path, BeautifulSoup(path.read_text("utf-8"), "html.parser")) for name, path in paths.items()}


def outputs(page):
    return [pre.get_text().strip() for pre in page.select(".output pre")]


def test_the_page_says_whose_it_is_and_names_the_questions(pages):
    _, page = pages["cy"]
    assert page.title.string == f"{QUIZ} · quiz · cy"
    assert page.h1.get_text() == f"{QUIZ} · quiz · cy: 1 / 3"
    assert [entry.get_text() for entry in page.select("#toc li")] == ["Question 1: 1 / 1", "Question 2: 0 / 2"]


def test_outputs_of_a_learners_cells_are_left_out_and_the_page_says_so(pages):
    _, page = pages["bob"]
    assert outputs(page) == [f"not yet: {LONG.strip()}", "not yet: Two times three is six."]
    assert page.get_text().count("What your own cells put out is not shown here") == 1


def test_a_missing_name_is_named(pages):
    assert outputs(pages["cy"][1])[1] == "not yet: The name `product`, which the answer should define, does not exist."


def test_of_an_unreadable_submission_only_the_reason_is_shown(pages):
    _, page = pages["gus"]
    assert "breaks off" in page.get_text()
    assert "Question 1" not in page.get_text()
    assert "What your own cells" not in page.get_text()


def test_formulas_are_legible_without_a_script_and_nothing_is_loaded(pages):
    _, page = pages["bob"]
    assert not page.find_all(["script", "link"])
    assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    codes = [code.get_text() for code in page.find_all("code")]
    assert "k_1 < 2" in codes
    assert "cost$" in codes
    assert any(pre.get_text().startswith("\\begin{bmatrix} 1 & 0") for pre in page.find_all("pre"))


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 600])
def test_no_line_is_cut_off(pages, width, chromium):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": width, "height": 800})
        view.goto(pages["bob"][0].as_uri())
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        assert view.evaluate(
            "[...document.querySelectorAll('pre')].every(each => each.scrollWidth <= each.clientWidth)"
        )
        browser.close()


@pytest.mark.parametrize(
    ("visible", "wanted"),
    [
        ('answered("a", a, "ABC")', "capital letters from A, B, C in quotes, without spaces"),
        ('answered("a", a)', "a number, without quotes"),
        ('answered("a", a, shape=(3, 3))', "rows of numbers, of shape (3, 3)"),
    ],
)
def test_a_blank_answer_is_told_which_form_is_asked_for(visible, wanted):
    error = {"output_type": "error", "ename": "NoAnswer", "evalue": "a has no answer yet: it is TUlORQ=="}
    (line,) = learner_messages(visible, [error], visible)
    assert line.endswith(f"of the form asked for: {wanted}.")


@pytest.mark.parametrize("name", ["TUlORQ", "AssertionError", "NameError"])
def test_no_error_carries_a_text_of_the_submissions(name):
    error = {"output_type": "error", "ename": name, "evalue": "TUlORQ=="}
    lines = learner_messages('assert f(1), "Wrong."', [error], 'assert f(1), "Wrong."')
    assert lines
    assert "TUlORQ" not in lines[0]


def test_an_assertion_speaks_for_itself_only_with_words_that_were_released():
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "The sum is off."}
    source = 'assert f(1) == 2, "The sum is off."'
    assert learner_messages(source, [error], source) == ("not yet: The sum is off.",)
    assert learner_messages(source, [error], "assert f(1)") == ("not yet: The result is not the one asked for.",)
