"""One class through collect, grade, feedback and export; the same class once more with the stock nbgrader commands."""

import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder.collect.intake import collect
from autograder.course.course import Course
from autograder.course.entries import read_entry
from autograder.course.export import export, rows
from autograder.engines import names
from autograder.errors import CourseError
from autograder.feedback.write import feedback
from autograder.grade.run import grade
from autograder.release.make import release
from autograder.results import State
from tests.autograder.tiny_course import QUIZ, SECRET, copy_course, make_course, solve

pytestmark = pytest.mark.xdist_group("grading")  # they share a graded class

PEEK = """answer_1 = "B"
from IPython.display import HTML, display
display(HTML("<script>alert('owned')</script>"))
print("<img src=x onerror=alert(1)>", "\\x1b[31m")
print(open("quiz.ipynb").read())"""
STUCK = """answer_1 = "B"
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass"""
LIMIT = 10  # seconds for a cell, all of which the one that is stuck takes
MARKDOWN = "<script>alert('markdown')</script> [link](javascript:alert(1)) <b onclick=alert(1)>x</b>"

# Each learner's answers, and the points that they are worth by the tiny quiz's own tests.
ANSWERS = {
    "ada": ('answer_1 = "B"', "return a * b", {"test-1": 1, "test-2": 3}),
    "bob": ('answer_1 = "A"', "return 0", {"test-1": 0, "test-2": 1}),
    "cleo": (None, None, {"test-1": 0, "test-2": 0}),
    "dan": ('answer_1 = "B"', "import os; os._exit(1)", {"test-1": 1, "test-2": 0}),
    "ivo": (STUCK, "return a * b", {"test-1": 1, "test-2": 3}),
    "eve": (PEEK, "return a * b", {"test-1": 1, "test-2": 3}),
}
STATES = {
    "ada": State.GRADED,
    "bob": State.GRADED,
    "cleo": State.GRADED,
    "dan": State.FAILED,
    "eve": State.GRADED,
    "finn": State.REPAIRED,
    "ivo": State.GRADED,
    "gus": State.FAILED,
}


def untidy(released):
    """Ada's quiz with a copied answer, a deleted test, and another test that asks for more and to be skipped."""
    content = json.loads(solve(released))
    cells = {cell["id"]: cell for cell in content["cells"]}
    cells["test-1"]["metadata"]["nbgrader"]["points"] = 50
    cells["test-1"]["metadata"]["tags"] = ["skip-execution"]
    content["cells"] = [cells[name] for name in ("question-1", "answer-1", "answer-1", "test-1", "answer-2")]
    return json.dumps(content).encode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory, released, sandboxed):
    """The course after one `grade` run, and the outcomes by student."""
    course = make_course(tmp_path_factory.mktemp("grading") / "course")
    release(course, QUIZ)
    inbox = tmp_path_factory.mktemp("inbox")
    handed_in = {name: solve(released, first, second) for name, (first, second, _) in ANSWERS.items()}
    with_text = json.loads(handed_in["eve"])
    with_text["cells"].append({"cell_type": "markdown", "metadata": {}, "source": MARKDOWN, "id": "mine"})
    handed_in |= {"eve": json.dumps(with_text).encode(), "finn": untidy(released), "gus": released[:400]}
    for name, data in handed_in.items():
        (inbox / f"{name}.ipynb").write_bytes(data)
    collect(course, [inbox], assignment=QUIZ)
    (course.submitted(QUIZ, "ada") / "numpy.py").write_text("raise RuntimeError('not the real one')")
    return course, {outcome.entry.student: outcome for outcome in grade(course, QUIZ, time_limit=LIMIT)}


def scores(course, student):
    with course.gradebook() as gradebook:
        (notebook,) = gradebook.find_submission(QUIZ, student).notebooks
        return {mark.name: mark.score for mark in notebook.grades}


@pytest.mark.parametrize("student", ANSWERS)
def test_each_cell_gets_its_points(graded, student):
    assert scores(graded[0], student) == ANSWERS[student][2]


def test_states_and_reasons(graded):
    course, outcomes = graded
    assert {name: outcome.entry.state for name, outcome in outcomes.items()} == STATES
    assert "the student's process ended" in outcomes["dan"].entry.reasons[0]
    assert f"answer-1: this took longer than {LIMIT} seconds" in outcomes["ivo"].entry.reasons[0]
    assert "breaks off" in outcomes["gus"].entry.reasons[0]
    assert scores(course, "finn") == {"test-1": 1, "test-2": 3}
    assert scores(course, "gus") == {"test-1": 0, "test-2": 0}
    for word in ("answer-1: 2 copies", "test-2: missing", "test-1: points or other nbgrader settings and tags changed"):
        assert any(word in reason for reason in outcomes["finn"].entry.reasons)


@pytest.fixture
def copied(graded, tmp_path):
    """A copy of the graded course, in which a person has looked at bob's second answer."""
    course = copy_course(graded[0], tmp_path / "copy")
    with course.gradebook() as gradebook:
        gradebook.find_grade("test-2", "quiz", QUIZ, "bob").manual_score = 2.5
        gradebook.find_comment("answer-2", "quiz", QUIZ, "bob").manual_comment = "Nearly."
        gradebook.db.commit()
    return course


def comment(course):
    with course.gradebook() as gradebook:
        return gradebook.find_comment("answer-2", "quiz", QUIZ, "bob").comment


def test_a_second_run_skips_what_is_unchanged(copied):
    (copied.submitted(QUIZ, "cleo") / "quiz.ipynb").write_bytes(b"")
    done = grade(copied, QUIZ, students=["ada", "bob", "cleo"], time_limit=LIMIT)
    outcomes = {outcome.entry.student: outcome for outcome in done}
    assert {name: outcome.skipped for name, outcome in outcomes.items()} == {"ada": True, "bob": True, "cleo": False}
    assert outcomes["cleo"].entry.state is State.FAILED


def test_another_time_limit_is_reason_enough_to_grade_again(copied):
    (outcome,) = grade(copied, QUIZ, students=["gus"], time_limit=LIMIT + 1)
    assert not outcome.skipped


def test_what_a_person_gave_stays_when_a_submission_changed(copied, released):
    (copied.submitted(QUIZ, "bob") / "quiz.ipynb").write_bytes(solve(released))
    (outcome,) = grade(copied, QUIZ, students=["bob"])
    assert (outcome.skipped, outcome.entry.replaced) == (False, ())
    assert scores(copied, "bob") == {"test-1": 1, "test-2": 2.5}
    assert comment(copied) == "Nearly."
    standing = {row.student: row for row in rows(copied)}
    assert (standing["bob"].score, standing["bob"].state) == (3.5, "needs review")


def test_force_replaces_scores_given_by_hand_and_says_which(copied):
    (outcome,) = grade(copied, QUIZ, students=["bob"], force=True, time_limit=LIMIT)
    assert outcome.entry.replaced == ("test-2: 2.5 by hand, now 1",)
    assert read_entry(copied, QUIZ, "bob").replaced == outcome.entry.replaced
    assert scores(copied, "bob") == {"test-1": 0, "test-2": 1}
    assert comment(copied) == "Nearly."


@pytest.mark.slow
def test_nbgraders_own_engine_gives_the_same_scores_and_feedback_hides_what_was_peeked_at(copied):
    students = ["ada", "bob", "dan", "eve"]
    done = {each.entry.student: each for each in grade(copied, QUIZ, engine="nbgrader", students=students, force=True)}
    assert {name: scores(copied, name) for name in students} == {name: ANSWERS[name][2] for name in students}
    assert "numpy.py was left out" in done["ada"].entry.reasons[0]
    assert "Python ended while cell test-2 ran" in done["dan"].entry.reasons[0]
    feedback(copied, QUIZ, ["eve"])
    page = (copied.feedback(QUIZ, "eve") / "quiz.html").read_text()
    assert SECRET not in page
    assert "What your own cells put out is not shown here" in page


def test_without_a_sandbox_nothing_is_graded_unless_it_is_asked_for(copied, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.host._bwrap", lambda: None)
    with pytest.raises(CourseError, match=r"bubblewrap is missing[\s\S]*--unsandboxed"):
        grade(copied, QUIZ)
    done = {each.entry.student: each.entry for each in grade(copied, QUIZ, students=["ada", "gus"], unsandboxed=True)}
    assert any("without a sandbox" in reason for reason in done["ada"].reasons)
    assert {entry.engine for entry in done.values()} == {"sandbox, shut off, 20 s a cell"}


def test_what_was_odd_when_it_was_collected_is_in_the_report(copied):
    (copied.submitted(QUIZ, "ada") / "autograder-note.txt").write_text("it was changed after packing")
    ada, *_ = grade(copied, QUIZ, students=["ada"], force=True)
    assert (ada.entry.state, ada.entry.reasons) == (State.GRADED, ("it was changed after packing",))
    assert not (copied.autograded(QUIZ, "ada") / "autograder-note.txt").exists()


def test_two_graders_at_once_do_not_write_over_each_other(copied):
    with copied.only_grader(), pytest.raises(CourseError, match="Another `autograder grade`"):
        grade(copied, QUIZ)


def test_a_gradebook_that_can_not_be_written_is_nobodys_fault(graded, tmp_path, monkeypatch):
    course = copy_course(graded[0], tmp_path / "copy")

    def refuse(*arguments):
        raise PermissionError("somebody else's folder")

    monkeypatch.setattr("autograder.grade.record._write_folder", refuse)
    (outcome,) = grade(course, QUIZ, students=["gus"], force=True)
    assert outcome.entry.state is State.NOT_RUN
    assert "written down" in outcome.entry.reasons[0]


def test_export_has_a_row_for_each(graded):
    course, outcomes = graded
    table = {row["student"]: row for row in csv.DictReader(export(course).splitlines())}
    assert list(table) == sorted(outcomes)
    assert table["bob"] | {"timestamp": ""} == {
        "student": "bob",
        "assignment": QUIZ,
        "score": "1.0",
        "max_score": "4.0",
        "state": "graded",
        "timestamp": "",
        "minutes_late": "0.0",
    }
    assert json.loads(export(course, "json"))[0]["student"] == "ada"
    with pytest.raises(CourseError, match="csv, json"):
        export(course, "pdf")


@pytest.fixture(scope="module")
def pages(graded):
    course, outcomes = graded
    feedback(course, QUIZ)
    return {name: (course.feedback(QUIZ, name) / "quiz.html").read_text() for name in outcomes}


def lines_said(page):
    return [" ".join(line.get_text().split()) for line in BeautifulSoup(page, "html.parser").select(".checks li")]


def test_feedback_says_what_is_right_and_what_is_not_yet(pages):
    ada, bob = lines_said(pages["ada"]), lines_said(pages["bob"])
    assert "✓ right whole numbers 2 points" in ada
    assert "○ not yet You may have forgotten the bias." in bob
    assert "○ not yet whole numbers 0 of 2 points Multiply." in bob
    assert "✓ right nothing 1 point" in bob
    assert "process ended" in pages["dan"]
    assert "breaks off" in pages["gus"]
    assert "copies, one was kept" in pages["finn"]


def test_feedback_holds_no_hidden_test_even_if_the_submission_printed_it(pages):
    for name, page in pages.items():
        for secret in (SECRET, "12345678", "HIDDEN TESTS", "6172839", "key="):
            assert secret not in page, (name, secret)


def test_feedback_runs_nothing_that_a_submission_brought(pages):
    page = pages["eve"]
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b onclick" not in page
    assert 'href="javascript:' not in page
    assert "\x1b" not in page


def test_feedback_folders_hold_pages_only(graded, pages):
    assert [path.name for path in graded[0].feedback(QUIZ, "ada").iterdir()] == ["quiz.html"]


def test_unknown_names_are_explained(graded):
    course, _ = graded
    with pytest.raises(CourseError, match="zoe handed in nothing"):
        grade(course, QUIZ, students=["zoe"])
    with pytest.raises(CourseError, match="zoe was not graded"):
        feedback(course, QUIZ, ["zoe"])
    with pytest.raises(CourseError, match="no engine 'magic'"):
        grade(course, QUIZ, engine="magic")
    with pytest.raises(CourseError, match="Did you mean 01-tiny"):
        grade(course, "01-tini")
    assert names() == ["nbgrader", "sandbox"]


def stock(course: Course, *arguments: str) -> None:
    """Run an nbgrader command in the course's folder as a user would."""
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_stock_commands_work_and_give_the_same_scores(graded, tmp_path, released):
    course = copy_course(graded[0], tmp_path / "copy")
    for name in ("autograded", "results", "feedback"):
        shutil.rmtree(course.root / "classroom" / name, ignore_errors=True)
    Path(course.db_url.removeprefix("sqlite:///")).unlink()
    shutil.rmtree(course.release(QUIZ))
    stock(course, "generate_assignment", QUIZ)
    made = json.loads((course.release(QUIZ) / "quiz.ipynb").read_text())
    assert [cell["source"] for cell in made["cells"]] == [cell["source"] for cell in json.loads(released)["cells"]]
    for student in ("ada", "bob"):
        (course.submitted(QUIZ, student) / "numpy.py").unlink(missing_ok=True)
        stock(course, "autograde", QUIZ, "--student", student)
        assert scores(course, student) == ANSWERS[student][2]
    stock(course, "export")
    assert "bob" in (course.root / "grades.csv").read_text()
