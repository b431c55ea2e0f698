"""What stands on a feedback page, by a small graded class."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from autograder.checks import CODE_RAISED, MISSING
from autograder.cli import app
from autograder.collect.intake import collect
from autograder.course.assignment import released_files
from autograder.demo.learners import answered
from autograder.feedback import page as page_module
from autograder.feedback import write as feedback_module
from autograder.feedback.formulas import FormulaError, mathml
from autograder.feedback.write import feedback
from autograder.grade.run import grade
from autograder.notebook.answers import answer, values
from autograder.notebook.messages import learner_lines, learner_messages
from autograder.release.make import release
from tests.autograder.tiny_course import ANSWER_1, QUIZ, TEST_1, cell, make_course, notebook
from tests.browser.axe import faults

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
def test_no_line_is_cut_off(pages, width, browser):
    view = browser.new_page(viewport={"width": width, "height": 800})
    view.goto(pages["bob"][0].as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    assert view.evaluate("[...document.querySelectorAll('pre')].every(each => each.scrollWidth <= each.clientWidth)")
    view.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(pages, scheme, browser):
    view = browser.new_page(color_scheme=scheme)
    for path, _ in pages.values():
        view.goto(path.as_uri())
        assert faults(view) == []
    view.close()


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
    "said",
    [
        'print("not yet:", guess)',
        'print("not yet: " + guess)',
        'print("not yet", guess, sep=": ")',
        'print(f"not yet: {guess}")',
        'with rubric("named", hint=guess):\n    assert 0',
        'hint = "Multiply."\nhint = guess\nwith rubric("named", hint=hint):\n    assert 0',
        "choice(guess, key='B', feedback={'A': guess})",
        "number(guess, key=3, otherwise=guess)",
        "def check(text):\n    with rubric('named', hint=text):\n        assert 0\ncheck('Multiply.')\ncheck(guess)",
        "for text in ('Multiply.', guess):\n    with rubric('named', hint=text):\n        assert 0",
    ],
)
def test_a_printed_guess_does_not_tell_whether_it_stands_in_the_hidden_text(said):
    source = f"secret = 'hidden: words!'\nexpected = {{'hidden: words!': 'more: of them!'}}\n{said}"
    for wrapped in ("{}", "named: {}", "named: your code raised an error here: {}"):
        for guess in ("hidden: words!", "more: of them!", "other: words!"):
            output = {"output_type": "stream", "name": "stdout", "text": f"not yet: {wrapped.format(guess)}"}
            assert learner_lines(source, [output]) == []


RUBRIC = 'with rubric("one", hint={}):\n    pass'


@pytest.mark.parametrize(
    ("source", "printed", "texts"),
    [
        (RUBRIC.format('"Two."'), "not yet: one: Two.", ("one", "Two.")),
        (RUBRIC.format('"Two."'), "not yet: one", None),
        (RUBRIC.format('"Two."'), "not yet: one: Two. And more.", None),
        (RUBRIC.format('""'), "not yet: one", ("one",)),
        ('with rubric("one"):\n    pass', "right: one", ("one",)),
        (RUBRIC.format('"c: d"'), "not yet: one: your code raised an error here: c: d", ("one", CODE_RAISED, "c: d")),
        (RUBRIC.format('f"It is {x:.2f}" "!"'), "not yet: one: It is 4.20!", ("one", "It is 4.20!")),
        (RUBRIC.format('f"It is {x}!"'), "not yet: one: It is a:b!", None),
        ('HINT = "Up " + "away."\n' + RUBRIC.format("HINT"), "not yet: one: Up away.", ("one", "Up away.")),
        ('for n, h in [("one", "Two."), ("a", g)]:\n  with rubric(n, hint=h):\n    pass', "right: one", ("one",)),
        ('WHY = {"A": "No."}\nchoice(a, key="B", feedback=WHY)', "not yet: No.", ("No.",)),
        ('choices(a, key="B", feedback=dict(A="No."))', "not yet: A: No.", ("A", "No.")),
        ('number(a, key=3, otherwise="Count again.")', "not yet: Count again.", ("Count again.",)),
        ('print("right: well done")', "right: well done", ("well done",)),
        ('print("not yet", "look", sep=": ")', "not yet: look", ("look",)),
        ("pass", f"not yet: missing: {MISSING}", ("missing", MISSING)),
    ],
)
def test_what_the_checks_of_a_cell_can_say_is_taken_apart(source, printed, texts):
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    found = [line.texts for line in learner_lines(source, [output])]
    assert found == ([] if texts is None else [texts])


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


def test_keys_that_may_collide_are_not_read_for_a_page():
    many = dict.fromkeys(range(1001), 0)
    assert values(f"x = {many}") == {}
    assert values("x = 1") == {"x": 1}


OWN_WORDS = "these are my own words"
MARKS = {
    "begins": f"### BEGIN HIDDEN TESTS\n# {OWN_WORDS}",
    "ends": f"# {OWN_WORDS}\n### END HIDDEN TESTS",
    "both": f"### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n# {OWN_WORDS}\n### END HIDDEN TESTS",
    "scheme": f"### BEGIN MARK SCHEME\n# {OWN_WORDS}",
    "schemes": f"### END MARK SCHEME\n# {OWN_WORDS}\n### BEGIN MARK SCHEME",
    "solution": f"### BEGIN SOLUTION\n# {OWN_WORDS}\n### END SOLUTION\n### BEGIN SOLUTION",
    "autotest": f"### AUTOTEST x\n# {OWN_WORDS}\n### HASHED AUTOTEST y",
}
ATTACHMENTS = {
    "page": {"x.html": {"text/html": "<script>x</script>"}},
    "script": {"x.png": {"application/javascript": "x"}},
    "vector": {"x.svg": {"image/svg+xml": "<svg onload=x>"}},
    "empty": {"x.png": {}},
    "other": {"x.png": "text"},
    "number": {"x.png": {"image/png": 1}},
    "none": None,
    "text": "text",
}
ESSAY = notebook(
    cell("question-1", "## Question 1", "markdown", locked=True),
    cell("answer-1", "### BEGIN SOLUTION\nanswer_1 = 3\n### END SOLUTION", solution=True),
    cell("test-1", "assert answer_1 == 3", grade=True, locked=True, points=1),
    cell("question-2", "## Question 2", "markdown", locked=True),
    cell("answer-2", "Because.", "markdown", grade=True, solution=True, points=2),
)


def odd_cells():
    """Learner -> what is done to the cells of their notebook, each of which holds their own words somewhere."""
    for name, text in MARKS.items():
        yield f"answer-{name}", lambda cells, text=text: cells[1].update(source=f"{text}\nanswer_1 = 3")
        yield f"essay-{name}", lambda cells, text=text: cells[-1].update(source=text)
        for kind in ("code", "markdown", "raw"):
            yield f"{kind}-{name}", lambda cells, text=text, kind=kind: cells.insert(1, cell("own", text, kind))
    for name, attached in ATTACHMENTS.items():
        source = f"{OWN_WORDS} ![a](attachment:x.png) ![b](attachment:nothing.png) ![c](attachment:) ![d](x.png)"
        yield f"attached-{name}", lambda cells, more={"source": source, "attachments": attached}: cells[-1].update(more)
    yield "metadata", lambda cells: cells.insert(1, {**cell("own", OWN_WORDS, "markdown"), "metadata": {"nbgrader": 1}})


@pytest.fixture(scope="module")
def odd_class(tmp_path_factory):
    """A graded class in which everybody has done something odd to their own cells, but for zoe."""
    course = make_course(tmp_path_factory.mktemp("odd") / "course", ESSAY)
    release(course, QUIZ)
    blank = released_files(course, QUIZ)["quiz.ipynb"]
    for name, change in (*odd_cells(), ("zoe", lambda cells: cells[-1].update(source=OWN_WORDS))):
        content = json.loads(blank)
        change(content["cells"])
        course.submitted(QUIZ, name).mkdir(parents=True)
        (course.submitted(QUIZ, name) / "quiz.ipynb").write_text(json.dumps(content), "utf-8")
    grade(course, QUIZ, unsandboxed=True)
    return course


def page_text(course, student):
    made = (course.feedback(QUIZ, student) / "quiz.html").read_text("utf-8")
    return words(BeautifulSoup(made.partition("<main>")[2], "html.parser"))


def test_whatever_learners_wrote_into_their_own_cells_their_words_are_on_their_page(odd_class):
    written = feedback(odd_class, QUIZ)
    assert [each.student for each in written] == odd_class.students(QUIZ)
    assert {each.student: each.fault for each in written if each.fault} == {}
    without = [each.student for each in written if OWN_WORDS not in page_text(odd_class, each.student)]
    assert without == []


@pytest.fixture
def two_that_fail(odd_class, monkeypatch):
    """The class, with one graded notebook that breaks off, and a page that can't be made for a reason of its own."""
    ruined = odd_class.autograded(QUIZ, "code-begins") / "quiz.ipynb"
    whole, make = ruined.read_bytes(), feedback_module.page

    def page(nb, about, unseen):
        if about["student"] == "essay-ends":
            raise KeyError("a case that nobody thought of")
        return make(nb, about, unseen)

    ruined.write_bytes(whole[:200])
    monkeypatch.setattr(feedback_module, "page", page)
    for student in odd_class.students(QUIZ):
        for path in odd_class.feedback(QUIZ, student).glob("*"):
            path.unlink()
    yield {"code-begins", "essay-ends"}
    ruined.write_bytes(whole)


def test_a_page_that_can_not_be_made_is_named_with_the_reason_and_all_others_are_made(odd_class, two_that_fail):
    seen = []
    written = feedback(odd_class, QUIZ, progress=lambda *step: seen.append(step))
    assert {each.student for each in written if each.fault} == two_that_fail
    assert [step[1] for step in seen] == list(range(1, len(written) + 1))
    faults = {each.student: each.fault for each in written}
    assert "a case that nobody thought of" in faults["essay-ends"]
    assert "JSON" in faults["code-begins"]
    there = {each.student for each in written if (each.folder / "quiz.html").is_file()}
    assert there == set(odd_class.students(QUIZ)) - two_that_fail


def test_the_command_names_who_has_no_page_says_how_many_have_and_ends_with_1(odd_class, two_that_fail):
    done = CliRunner().invoke(app, ["feedback", QUIZ, "--course", str(odd_class.root)], env={"COLUMNS": "200"})
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    count = len(odd_class.students(QUIZ)) - len(two_that_fail)
    assert f"Feedback for {count} students is in {odd_class.feedback(QUIZ, 'x').parents[1]}" in done.output
    named = re.findall(r"^no page for (\S+): (.+)", done.output, re.MULTILINE)
    assert {student for student, reason in named} == two_that_fail
    assert all(reason.strip() for _, reason in named)


def test_once_mended_only_the_pages_that_failed_are_made(odd_class, monkeypatch):
    feedback(odd_class, QUIZ)
    path = odd_class.feedback(QUIZ, "zoe") / "quiz.html"
    path.unlink()
    made = []
    make = feedback_module.page
    monkeypatch.setattr(feedback_module, "page", lambda nb, about, unseen: made.append(1) or make(nb, about, unseen))
    assert [each.fault for each in feedback(odd_class, QUIZ) if each.fault] == []
    assert (len(made), path.is_file()) == (1, True)
