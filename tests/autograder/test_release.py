import json

import pytest
from nbformat.v4 import new_code_cell

from autograder.course.assignment import load_assignment, released_files
from autograder.errors import CourseError, SourceError
from autograder.release.lint import lint
from autograder.release.make import ClearAnswers, check_source, release
from tests.autograder.tiny_course import ANSWER_2, QUIZ, SECRET, cell, make_course, notebook, tiny_source


@pytest.mark.parametrize(
    ("body", "cleared"),
    [
        ('answer = "B"', 'answer = ""'),
        ('answer = "B"  # because', 'answer = ""'),
        ("answer = -26.5", "answer = None"),
        ("answer = [[0, 1],\n          [1, 0]]", "answer = None"),
        ("answer = None", "answer = None"),
    ],
)
def test_a_region_with_one_literal_becomes_blank(body, cleared):
    source = f"before = 1\n### BEGIN SOLUTION\n{body}\n### END SOLUTION\nask(answer)"
    assert _clear(source) == f"before = 1\n{cleared}\nask(answer)"


@pytest.mark.parametrize(
    "body",
    ["x = f(2)", "x = 1\ny = 2", "x = y = 1", "x: int = 1", "x += 1", "print(1)", "x.a = 1", "x = {f: 1}", "x = ("],
)
def test_any_other_region_becomes_the_usual_stub(body):
    source = f"### BEGIN SOLUTION\n{body}\n### END SOLUTION"
    assert _clear(source) == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_regions_keep_their_indent_and_are_judged_one_by_one():
    source = (
        "def f():\n    ### BEGIN SOLUTION\n    a = 1\n    ### END SOLUTION\n"
        "    ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION"
    )
    assert _clear(source) == "def f():\n    a = None\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def answer(nb):
    nb["cells"][1]["source"] = ['answer_1 = "A"']


def run(nb):
    nb["cells"][1]["execution_count"] = 3


def show(nb):
    nb["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["A"]}]


@pytest.mark.parametrize("work", [answer, run, show])
def test_a_release_in_which_somebody_has_worked_is_not_overwritten_unasked(course, work):
    path = release(course, QUIZ).folder / "quiz.ipynb"
    content = json.loads(path.read_text())
    work(content)
    path.write_text(json.dumps(content))
    (path.parent / "notes.txt").write_text("mine")
    before = path.read_bytes()
    with pytest.raises(
        SourceError, match=r"Somebody has worked in .*: notes.txt, quiz.ipynb would be lost.*--overwrite"
    ):
        release(course, QUIZ)
    assert (path.read_bytes(), (path.parent / "notes.txt").read_text()) == (before, "mine")
    assert release(course, QUIZ, overwrite=True).changed == ("quiz.ipynb", "notes.txt")


def test_what_an_earlier_source_released_is_no_ones_work(course):
    path = course.source(QUIZ) / "quiz.ipynb"
    release(course, QUIZ)
    path.rename(path.with_name("other.ipynb"))
    assert release(course, QUIZ).changed == ("other.ipynb", "quiz.ipynb")


def _clear(source):
    made = new_code_cell(source, metadata={"nbgrader": {"solution": True}})
    return ClearAnswers().preprocess_cell(made, {"language": "python"}, 0)[0].source


def test_release_takes_out_answers_and_hidden_tests_and_is_the_same_each_time(course):
    made = release(course, QUIZ)
    first = (course.release(QUIZ) / "quiz.ipynb").read_bytes()
    assert made.changed == ("quiz.ipynb",)
    assert release(course, QUIZ).changed == ()
    assert (course.release(QUIZ) / "quiz.ipynb").read_bytes() == first == released_files(course, QUIZ)["quiz.ipynb"]
    text = first.decode()
    assert text.endswith("}\n")
    assert SECRET not in text
    assert "a * b" not in text
    assert 'key=\\"B\\"' not in text
    assert 'answer_1 = \\"\\"' in text


def test_random_cell_ids_and_outputs_leave_no_trace(tmp_path):
    def untidy(identifier):
        content = json.loads(tiny_source())
        content["cells"][1] |= {"id": identifier, "execution_count": 7}
        content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "B"}]
        content["metadata"]["widgets"] = {"state": identifier}
        return json.dumps(content).encode()

    one = released_files(make_course(tmp_path / "a", untidy("0a1b2c3d")), QUIZ)
    two = released_files(make_course(tmp_path / "b", untidy("99887766")), QUIZ)
    assert one == two


def test_the_graded_form_keeps_hidden_tests_but_no_answers(course):
    form, shown = load_assignment(course, QUIZ)
    assert SECRET in form.notebooks["quiz"].decode()
    assert "a * b" not in form.notebooks["quiz"].decode()
    assert SECRET not in shown["quiz"].decode()


def test_an_unknown_assignment_names_the_nearest(course):
    with pytest.raises(CourseError, match="Did you mean 01-tiny"):
        release(course, "01-tinny")


TEST = {"grade": True, "locked": True, "points": 1}
FAULTS = [
    ([cell("a", "x", solution=True), cell("a", "y", solution=True)], "same grade id"),
    ([cell("a", "assert 1", grade=True, locked=True)], "points"),
    ([cell("a", "assert 1", grade=True, locked=True, points=-1)], "points"),
    ([cell("a", "assert 1\n### BEGIN HIDDEN TESTS\n1", **TEST)], "without '?END HIDDEN TESTS|without 'END"),
    ([cell("a", "assert 1\n### END HIDDEN TESTS\n1", **TEST)], "without 'BEGIN HIDDEN TESTS'"),
    ([cell("a", "### BEGIN HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS", **TEST)], "nothing of it is visible"),
    ([cell("a", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS", "code")], "no test cell"),
    ([cell("a", "### BEGIN SOLUTION\n1\n### END SOLUTION", "code")], "no solution cell"),
    ([cell("a", "assert (", **TEST)], "does not parse"),
    ([cell("a", "# look\nchoice(x, key='B', points=2)", **TEST)], "worth 1 points, but its checks give up to 2"),
]


@pytest.mark.parametrize(("cells", "message"), FAULTS)
def test_a_source_with_faults_is_refused_and_nothing_is_written(tmp_path, cells, message):
    course = make_course(tmp_path / "course", notebook(*cells))
    with pytest.raises(SourceError, match=message):
        release(course, QUIZ)
    assert not course.release(QUIZ).exists()


def test_a_text_form_beside_the_source_is_refused(course):
    (course.source(QUIZ) / "quiz.py").write_text("answer")
    with pytest.raises(SourceError, match=r"quiz\.py"):
        release(course, QUIZ)


@pytest.mark.parametrize(
    ("test", "advice"),
    [
        ("import inspect\nassert 'for' in inspect.getsource(product)", "looks inside"),
        ("with redirect_stdout(out):\n    product(1, 2)", "prints"),
        ("assert model.fit(x).history['accuracy'][-1] > 0.9", "history"),
        ("def f():\n    global n\n    n = product(1, 2)", "global"),
        ("class T:\n    value = product(1, 2)", "class T uses"),
    ],
)
def test_lint_advises_against_tests_that_believe_the_student(tmp_path, test, advice):
    cells = [cell("a", ANSWER_2, solution=True), cell("t", test, **TEST)]
    course = make_course(tmp_path / "course", notebook(*cells))
    findings = check_source(course, QUIZ)
    assert [advice in finding.text for finding in findings] == [True]


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ([cell("a", "answer = 1", solution=True), cell("t", "assert answer", **TEST)], ["cell a"]),
        ([cell("a", "# Write it here.\n", solution=True), cell("t", "assert answer", **TEST)], []),
        ([cell("a", "Because.", "markdown", solution=True), cell("t", "assert 1", **TEST)], []),
        ([cell("a", "answer = 1", solution=True, grade=True, points=1), cell("t", "assert 1", **TEST)], []),
        ([cell("t", "assert 1", **TEST), cell("a", "answer = 1", solution=True)], []),
    ],
)
def test_lint_advises_against_answers_without_a_region_that_a_test_follows(tmp_path, cells, named):
    findings = check_source(make_course(tmp_path / "course", notebook(*cells)), QUIZ)
    assert [finding.cell for finding in findings if "no solution region" in finding.text] == named


def test_a_sound_source_has_no_findings(course):
    assert lint(course.source(QUIZ)) == []


@pytest.mark.parametrize(
    "name", ["01+tiny", "tiny*", "tiny[1]", "tiny?", " tiny", "tiny ", "ti\tny", "ti\u202eny", "ü" * 101]
)
def test_a_name_that_can_not_be_used_is_refused_in_one_sentence(course, name):
    course.source(QUIZ).rename(course.source("x").parent / name)
    with pytest.raises(SourceError, match=r"^'[^\n]+' can't be released: .+\. Rename its folder\.$") as caught:
        release(course, name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["Übung 1", "it's", "नीता", "a%20b", "-x"])
def test_other_names_can_be_used(course, name):
    course.source(QUIZ).rename(course.source("x").parent / name)
    assert (release(course, name).folder / "quiz.ipynb").is_file()
