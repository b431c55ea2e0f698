"""What stands on a feedback page, by a small graded class."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from tiny_course import ANSWER_1, QUIZ, TEST_1, cell, make_course, notebook

from autograder import page as page_module
from autograder.answers import answer
from autograder.feedback import feedback
from autograder.formulas import FormulaError, mathml
from autograder.grade import grade
from autograder.intake import collect
from autograder.learners import answered
from autograder.messages import learner_lines, learner_messages
from autograder.release import release, released_files

LONG = "The 1 stands on the right, but it fetches: " + "each output takes the value of its right-hand neighbour, " * 4
INTRO = "# A quiz\n\nSee [the lesson](../../lessons/x.ipynb), [the web](https://example.org) and ![a cat](cat.png)."
QUESTION = """### Question 1 · 1 point
Which kernel is $k_1 < 2$ times `a < b$` or `cost$` or $\\nonsense{x}$ or
$$ \\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix} $$

| a | b |
|---|---|
| 1 | 2 |"""
ASK = """### BEGIN SOLUTION
answer_3 = "C"
### END SOLUTION
ask("answer_3", answer_3, several=True, A="one `x`", B="<b>two</b>", C="three")"""
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
TEST_2 = 'assert product(2, 3) == 6, "Two times three is six."\n' + HIDDEN.format(
    """from autograder.checks import Rubric
rubric = Rubric()
with rubric("zero", points=0.5, hint="What is zero times something?"):
    assert product(0, 6) == 0
with rubric("minus", points=1.5, hint="Two minus signs make a plus."):
    assert product(-2, -3) == 6
rubric.score()"""
)
TEST_3 = "answer_3\n" + HIDDEN.format(
    """from autograder.checks import choices
choices(answer_3, key="C", feedback={"A": "No x here.", "B": "Not *two*."})"""
)
SOURCE = notebook(
    cell("intro", INTRO, "markdown", locked=True),
    cell("question-1", QUESTION, "markdown", locked=True),
    cell("answer-1", ANSWER_1, solution=True),
    cell("test-1", TEST_1.replace("You may have forgotten the bias.", LONG.strip()), grade=True, locked=True, points=1),
    cell("question-2", "## Question 2", "markdown", locked=True),
    cell("answer-2", "### BEGIN SOLUTION\ndef product(a, b):\n    return a * b\n### END SOLUTION", solution=True),
    cell("test-2", TEST_2, grade=True, locked=True, points=2),
    cell("question-3", "## Question 3", "markdown", locked=True),
    cell("given-3", "def ask(*texts, **options):\n    pass", locked=True),
    cell("answer-3", ASK, solution=True),
    cell("test-3", TEST_3, grade=True, locked=True, points=1),
    cell("hand-in", "## Handing in\n\nPress the button.", "markdown", locked=True),
)
GOOD_2 = "def product(a, b):\n    return a * b"
ASKED = ASK.partition("### END SOLUTION\n")[2]
ANSWERS = {
    "ada": ('answer_1 = "B"', GOOD_2, f'answer_3 = "C"\n{ASKED}'),
    "bob": ('answer_1 = "A"\nprint("TUlORQ==")', "def product(a, b):\n    return 5", f'answer_3 = "ABC"\n{ASKED}'),
    "cy": ('answer_1 = "B"', "def produkt(a, b):\n    return a * b", None),
    "dee": ('answer_1 = "B"', "def product(a, b):\n    return abs(a) * b", f'answer_3 = "C"  # surely\n{ASKED}'),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("feedback") / "course", SOURCE)
    release(course, QUIZ)
    blank = released_files(course, QUIZ)["quiz.ipynb"]
    inbox = tmp_path_factory.mktemp("inbox")
    for name, answers in ANSWERS.items():
        (inbox / f"{name}.ipynb").write_bytes(answered(SOURCE, blank, lambda n, _, given=answers: given[n]))
    (inbox / "gus.ipynb").write_bytes(blank[:300])
    collect(course, [inbox], assignment=QUIZ)
    grade(course, QUIZ, unsandboxed=True)
    return course


@pytest.fixture(scope="module")
def pages(graded):
    """The pages of the class as (path, parsed page), by student."""
    feedback(graded, QUIZ)
    paths = {name: graded.feedback(QUIZ, name) / "quiz.html" for name in (*ANSWERS, "gus")}
    return {name: (path, BeautifulSoup(path.read_text("utf-8"), "html.parser")) for name, path in paths.items()}


def words(element):
    return " ".join(element.get_text().split())


def said(page, number):
    """The lines of the checks of a question."""
    return [words(line) for line in page.select("section")[number - 1].select(".checks li")]


def given(page, number):
    """What the page shows as the answer to a question."""
    return words(page.select("section")[number - 1].select_one(".answer"))


def test_the_page_says_whose_it_is_and_names_the_questions(pages):
    _, page = pages["dee"]
    assert page.title.string == f"{QUIZ} · quiz · dee"
    assert words(page.select_one(".who")) == "dee 2.5 of 4 points"
    assert [words(entry) for entry in page.select("nav li")] == [
        "✓ right Question 1 1 of 1",
        "◐ in part Question 2 0.5 of 2",
        "✓ right Question 3 1 of 1",
    ]
    assert words(page.select_one("section > h2")) == "Question 1 1 of 1 point"
    for link in page.select("nav a"):
        assert page.find(id=link["href"].removeprefix("#")).name == "section"


def test_a_checks_line_has_sign_word_points_and_hint(pages):
    assert said(pages["ada"][1], 2) == ["✓ right zero 0.5 points", "✓ right minus 1.5 points"]
    assert said(pages["dee"][1], 2) == [
        "✓ right zero 0.5 points",
        "○ not yet minus 0 of 1.5 points Two minus signs make a plus.",
    ]
    assert "◐ in part Question 2 0.5 of 2" in [words(entry) for entry in pages["dee"][1].select("nav li")]


def test_each_wrong_pick_has_its_line(pages):
    assert said(pages["bob"][1], 3) == ["○ not yet A: No x here.", "○ not yet B: Not two."]


def test_the_answer_is_shown_in_place_of_the_code_that_asks_for_it(pages):
    assert given(pages["bob"][1], 3) == "Your answer A one x B <b>two</b> C three"
    assert given(pages["cy"][1], 3) == "Your answer None was given."
    assert "def product" in given(pages["ada"][1], 2)
    assert "# surely" in given(pages["dee"][1], 3)  # what a learner wrote beside it is shown
    assert not pages["ada"][1].select("section > .code")


def test_what_gives_no_points_is_folded_away(pages):
    _, page = pages["ada"]
    assert [words(aside.summary) for aside in page.select("details.aside")] == ["A quiz", "Handing in"]
    assert [words(fold.summary) for fold in page.select("section details")] == [
        *("What was checked", "What was checked", "Code that was given", "What was checked")
    ]
    assert not page.select("details[open]")


def test_a_comment_stands_with_its_question_and_the_automatic_one_does_not(graded, pages):
    assert "No response." not in pages["cy"][0].read_text("utf-8")
    with graded.gradebook() as gradebook:
        gradebook.find_comment("answer-2", "quiz", QUIZ, "ada").manual_comment = "Well <b>done</b>: $x^2$."
        gradebook.db.commit()
    feedback(graded, QUIZ, ["ada"])
    page = BeautifulSoup(pages["ada"][0].read_text("utf-8"), "html.parser")
    assert "Well <b>done</b>: x2." in given(page, 2)
    assert len(page.select("nav li")) == 3


def test_outputs_of_a_learners_cells_are_left_out_and_the_page_says_so(pages):
    _, page = pages["bob"]
    assert said(page, 1) == [f"○ not yet {LONG.strip()}"]
    assert said(page, 2) == ["○ not yet Two times three is six."]
    assert page.get_text().count("What your own cells put out is not shown here") == 1


def test_a_missing_name_is_named(pages):
    assert said(pages["cy"][1], 2) == ["○ not yet The name product, which the answer should define, does not exist."]


def test_of_an_unreadable_submission_only_the_reason_is_shown_and_what_to_do(pages):
    _, page = pages["gus"]
    assert "breaks off" in page.get_text()
    assert "hand it in again" in words(page.select_one(".note"))
    assert "Question 1" not in page.get_text()
    assert "What your own cells" not in page.get_text()


def test_formulas_are_mathml_and_nothing_is_loaded(pages):
    path, page = pages["bob"]
    assert not page.find_all(["script", "link", "img", "iframe"])
    assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert not {"url(", "@import", "@font-face"} & {
        part for part in ("url(", "@import", "@font-face") if part in str(page)
    }
    inline, block = page.find_all("math")
    assert (words(inline), inline["display"]) == ("k1<2", "inline")
    assert [[words(cell) for cell in row("mtd")] for row in block.find_all("mtr")] == [["1", "0"], ["0", "1"]]
    codes = [code.get_text() for code in page.select("section code")]
    assert {"a < b$", "cost$", "\\nonsense{x}"} <= set(codes)
    assert "bmatrix" not in path.read_text("utf-8")


def test_a_link_that_leads_nowhere_from_here_is_text(pages):
    intro = pages["ada"][1].select_one("details.aside")
    assert "See the lesson, the web and a cat." in words(intro)
    assert [link["href"] for link in intro.find_all("a")] == ["https://example.org"]


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>x</script>}",
        r"\text{&lt;script&gt;x&lt;/script&gt;}",
        r"\href{javascript:x()}{y}",
        r"\style{background:url(x)}{y}",
        r"\class{x onload=y}{z}",
        r"\unicode{60}script\unicode{62}",
        "<img src=x>",
        "{" * 900 + "}" * 900,
        "x_" * 1000,
        r"\def\a{\a\a}\a",
        "\\",
        "%",
    ],
)
def test_no_formula_brings_anything_but_a_formula(tex):
    try:
        made = mathml(tex)
    except FormulaError:
        return
    page = BeautifulSoup(made, "html.parser")
    assert {tag.name for tag in page.find_all(True)} <= {"math", "mrow", "mi", "mn", "mo", "mtext"}
    assert {name for tag in page.find_all(True) for name in tag.attrs} <= {"display", "stretchy", "class"}


def test_unchanged_pages_are_left_and_changed_ones_are_not(graded, pages):
    feedback(graded, QUIZ)

    def made(change):
        before = {name: path.stat().st_mtime_ns for name, (path, _) in pages.items()}
        change()
        steps = []
        feedback(graded, QUIZ, progress=lambda *step: steps.append(step))
        assert steps == [(name, number, len(before)) for number, name in enumerate(sorted(before), 1)]
        return {name for name, (path, _) in pages.items() if path.stat().st_mtime_ns != before[name]}

    def by_hand(name, **scores):
        with graded.gradebook() as gradebook:
            found = gradebook.find_grade("test-2", "quiz", QUIZ, name)
            for key, value in scores.items():
                setattr(found, key, value)
            gradebook.db.commit()

    def penalty():
        with graded.gradebook() as gradebook:
            gradebook.find_submission_notebook("quiz", QUIZ, "cy").late_submission_penalty = 0.25
            gradebook.db.commit()

    def spoil(name):
        path = pages[name][0]
        path.write_bytes(path.read_bytes()[:-100])

    assert made(lambda: None) == set()
    assert made(lambda: by_hand("bob", manual_score=1.25)) == {"bob"}
    assert "1.25 of 2 points" in pages["bob"][0].read_text("utf-8")
    assert made(lambda: by_hand("bob", extra_credit=0.5)) == {"bob"}
    assert made(penalty) == {"cy"}
    assert "0.25 points were taken off" in pages["cy"][0].read_text("utf-8")
    assert made(lambda: grade(graded, QUIZ, students=["dee"], unsandboxed=True, force=True)) <= {"dee"}
    notebook_path = graded.autograded(QUIZ, "dee") / "quiz.ipynb"
    assert made(lambda: notebook_path.write_text(notebook_path.read_text("utf-8") + "\n")) == {"dee"}
    assert made(lambda: spoil("gus")) == {"gus"}
    assert made(lambda: (pages["ada"][0].parent / "old.html").write_text("old")) == {"ada"}
    assert not (pages["ada"][0].parent / "old.html").exists()


def palettes():
    """The colours of the style sheet: in the light, in the dark, on paper."""
    style = (Path(page_module.__file__).parent / "page.css").read_text("utf-8")
    roots = re.findall(r":root \{(.+?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--(\w+): (#\w{6})", root)) for root in roots]


def contrast(one, other):
    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(map(light, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", palettes())
@pytest.mark.parametrize("ground", ["page", "surface", "raised"])
def test_text_is_legible_in_the_light_in_the_dark_and_on_paper(palette, ground):
    assert len(palettes()) == 3
    grounds = {"page", "surface", "raised", "line"}
    assert {name: contrast(palette[name], palette[ground]) >= 4.5 for name in set(palette) - grounds} == dict.fromkeys(
        set(palette) - grounds, True
    )


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


@pytest.mark.parametrize(
    ("visible", "value", "sentence"),
    [
        (
            'answered("a", a)',
            "1382450",
            'The answer is "1382450", text in quotes. Asked for: a number, without quotes.',
        ),
        ('answered("a", a)', None, "There is no answer yet. Asked for: a number, without quotes."),
        ('answered("a", a, "AB")', 3, "The answer is 3, a number. Asked for: capital letters from A, B in quotes"),
        ('answered("a", a, shape=(3,))', [1], "The answer is [1], a list. Asked for: rows of numbers, of shape (3,)."),
        ('answered("a", a)', "x" * 90, 'The answer is "' + "x" * 39 + " ..., text in quotes."),
    ],
)
def test_an_answer_of_another_form_is_named_with_the_form_asked_for(visible, value, sentence):
    error = {"output_type": "error", "ename": "NoAnswer", "evalue": ""}
    [line] = learner_lines(visible, [error], visible, {"a": value})
    assert str(line).startswith(f"not yet: {sentence}")


def test_a_printed_line_is_taken_apart_only_by_texts_of_the_test_cell():
    source = 'choices(a, key="AB", feedback=dict(C="Too: many.", D="Too"))'
    printed = ["not yet: C: Too: many.", "not yet: E: Too: many.", "not yet: C: TUlORQ==", "right", "rights: C"]
    output = {"output_type": "stream", "name": "stdout", "text": "\n".join(printed)}
    assert [line.texts for line in learner_lines(source, [output])] == [("C", "Too: many."), ()]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('a = 3\nask_number("a", a, unit="pixels")', {"text": "3", "unit": "pixels"}),
        ("a = [[1, 2.5], [-3, 4]]\nexplore(a)", {"rows": (("1", "2.5"), ("-3", "4"))}),
        ("a = [16, 256]", {"rows": (("16", "256"),)}),
        ('a = "AX"\nask(a, A="a", B="b")', {"text": "'AX'"}),
        ('a = ""\nask(a, A="a")', {"text": ""}),
    ],
)
def test_a_cell_that_holds_one_literal_is_read(source, shown):
    found = answer(source)
    assert {name: getattr(found, name) for name in shown} == shown


@pytest.mark.parametrize("source", ["", "a = f(1)", "a = 1\nb = 2", "a = 1  # why", "def f(): pass", "a = 1\nf(", "%x"])
def test_a_cell_that_holds_more_is_shown_as_code(source):
    assert answer(source) is None


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
