"""The gradebook's cells follow the source, with the grades and comments in them; what people gave is never lost."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import BaseCell, Gradebook
from nbgrader.converters import GenerateAssignment
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import questions
from autograder.course.assignment import graded_form
from autograder.course.course import scratch_gradebook
from autograder.course.questions import Wish, register
from autograder.errors import CourseError
from autograder.release.make import release
from tests.autograder.tiny_course import ANSWER_1, QUIZ, TEST_1, TEST_2, cell, make_course, notebook

# nbgrader's add_submission fills the rows in an order that SQLAlchemy remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

WORDS = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
STUDENTS = ("ada", "bob")


def cells():
    """The cells of a source with a question of every kind, by name."""
    every = [
        cell("question", "Which?", "markdown", locked=True),
        cell("answer", ANSWER_1, solution=True),
        cell("test", TEST_1, grade=True, locked=True, points=1),
        cell("other", TEST_2, grade=True, locked=True, points=3),
        cell("words", WORDS, "markdown", grade=True, solution=True, points=2),
        cell("task", "Draw a map.", "markdown", task=True, locked=True, points=4),
    ]
    return {each["id"]: each for each in every}


def write(course, made, name="quiz"):
    (course.source(QUIZ) / f"{name}.ipynb").write_bytes(notebook(*made.values()))


def renamed(made, old, new):
    """The cells with one of another name, in the same place."""
    made[old]["id"] = made[old]["metadata"]["nbgrader"]["grade_id"] = new
    return {each["id"]: each for each in made.values()}


def enter(course, **wish):
    return register(course, graded_form(course, QUIZ), Wish(**wish))


@pytest.fixture
def course(tmp_path):
    """A course whose two students have automatic scores, one of them scores and comments given by hand too."""
    course = make_course(tmp_path / "course", notebook(*cells().values()))
    assert enter(course) == []
    with course.gradebook() as gradebook:
        for student in STUDENTS:
            gradebook.add_student(student)
            gradebook.add_submission(QUIZ, student)
            for name in ("test", "other"):
                gradebook.find_grade(name, "quiz", QUIZ, student).auto_score = 1
        by_hand(gradebook, "words", 2.0, "Well said.")
        gradebook.db.commit()
    return course


def by_hand(gradebook, name, score, text=None):
    gradebook.find_grade(name, "quiz", QUIZ, "ada").manual_score = score
    if text:
        gradebook.find_comment(name, "quiz", QUIZ, "ada").manual_comment = text


def given(course, name, part="quiz"):
    """What ada has in a cell: automatic score, score given by hand, comment."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(name, part, QUIZ, "ada")
        kinds = {each.type for each in gradebook.db.query(BaseCell).filter(BaseCell.name == name)}
        has_comment = kinds & {"SolutionCell", "TaskCell"}
        comment = gradebook.find_comment(name, part, QUIZ, "ada").manual_comment if has_comment else None
        return grade.auto_score, grade.manual_score, comment


def file(course):
    return Path(course.db_url.removeprefix("sqlite:///"))


def dump(path):
    with closing(sqlite3.connect(path)) as database:
        return sorted(database.iterdump())


def copies(course):
    return [path for path in file(course).parent.iterdir() if "before" in path.name]


def tables(path):
    """The rows of cells in a gradebook, with names in place of ids."""
    queries = (
        "SELECT n.name, n.kernelspec, b.name, b.type, g.max_score, g.cell_type, t.max_score, t.cell_type "
        "FROM base_cell b JOIN notebook n ON n.id = b.notebook_id LEFT JOIN grade_cells g ON g.id = b.id "
        "LEFT JOIN task_cells t ON t.id = b.id",
        "SELECT n.name, s.name, s.cell_type, s.locked, s.source, s.checksum FROM source_cell s "
        "JOIN notebook n ON n.id = s.notebook_id",
        "SELECT name, duedate, course_id FROM assignment",
    )
    with closing(sqlite3.connect(path)) as database:
        return [sorted(map(repr, database.execute(query))) for query in queries]


def test_the_rows_are_those_that_nbgrader_makes(tmp_path):
    course = make_course(tmp_path / "course", notebook(*cells().values()))
    write(course, cells(), "second")
    enter(course)
    theirs = tmp_path / "theirs.db"
    directory = course.directory(QUIZ, release_directory=str(tmp_path / "out"), db_url=scratch_gradebook(theirs))
    GenerateAssignment(coursedir=directory, parent=course.app, force=True).start()
    assert tables(file(course)) == tables(theirs)
    assert [len(rows) for rows in tables(theirs)] == [12, 12, 1]


def test_nothing_is_said_and_no_copy_made_of_what_is_unchanged_or_not_graded(course, tmp_path):
    before = dump(file(course))
    assert enter(course) == []
    assert (dump(file(course)), copies(course)) == (before, [])
    new = make_course(tmp_path / "new", notebook(*cells().values()))
    enter(new)
    made = cells()
    del made["words"]
    write(new, made)
    assert (enter(new), copies(new)) == ([], [])


def test_a_new_cell_gets_rows_for_every_submission_and_all_others_keep_theirs(course):
    before = dump(file(course))
    write(course, cells() | {"more": cell("more", "assert answer_1 == 'B'", grade=True, locked=True, points=5)})
    (said,) = enter(course)
    (copy,) = copies(course)
    what = f"The gradebook has the cells of the source of {QUIZ} now"
    assert said == f"{what}: 5 kept, 1 new (more). A copy of it as it was: {copy}."
    assert dump(copy) == before
    assert copy.stat().st_mode == file(course).stat().st_mode
    assert given(course, "words") == (None, 2.0, "Well said.")
    assert given(course, "other") == (1, None, None)
    with course.gradebook() as gradebook:
        marks = [gradebook.find_grade("more", "quiz", QUIZ, student) for student in STUDENTS]
        assert [(each.auto_score, each.needs_manual_grade, each.max_score) for each in marks] == [(None, True, 5)] * 2


def test_a_cell_that_is_gone_with_automatic_scores_only_is_removed_and_named(course):
    made = cells()
    del made["other"]
    write(course, made)
    assert "4 kept, 1 removed (other, with 2 scores)." in enter(course)[0]
    with closing(sqlite3.connect(file(course))) as database:
        (orphans,) = database.execute(
            "SELECT count(*) FROM grade WHERE cell_id NOT IN (SELECT id FROM base_cell)"
        ).fetchone()
    assert orphans == 0


GONE = {
    "a score and a comment": (lambda gradebook: None, "words", r"words \(1 score and 1 comment\)"),
    "a comment": (lambda gradebook: by_hand(gradebook, "task", None, "Nice."), "task", r"task \(1 comment\)"),
    "a score over a test's": (lambda gradebook: by_hand(gradebook, "other", 0.0), "other", r"other \(1 score\)"),
    "a comment to an answer": (lambda gb: comment_on(gb, "answer"), "answer", r"answer \(1 comment\)"),
    "extra credit": (lambda gradebook: extra(gradebook, "other"), "other", r"other \(1 score\)"),
}


def comment_on(gradebook, name):
    gradebook.find_comment(name, "quiz", QUIZ, "ada").manual_comment = "Hm."


def extra(gradebook, name):
    gradebook.find_grade(name, "quiz", QUIZ, "ada").extra_credit = 1


@pytest.mark.parametrize("kind", GONE)
def test_what_a_person_gave_does_not_go_without_a_word_of_the_instructors(course, kind):
    give, name, said = GONE[kind]
    with course.gradebook() as gradebook:
        give(gradebook)
        gradebook.db.commit()
    before = dump(file(course))
    made = cells()
    del made[name]
    write(course, made)
    with pytest.raises(CourseError, match=rf"gone from its source.*: {said}\. Nothing was changed.*--drop-by-hand"):
        enter(course)
    assert (dump(file(course)), copies(course)) == (before, [])
    assert "by hand)" in enter(course, drop=True)[0]
    assert [dump(copy) for copy in copies(course)] == [before]


def test_points_that_changed_are_named(course):
    made = cells()
    made["words"]["metadata"]["nbgrader"]["points"] = 1
    write(course, made)
    assert (enter(course), copies(course)) == ([f"Points in {QUIZ} changed: words 2, now 1."], [])
    assert given(course, "words") == (None, 2.0, "Well said.")


def test_a_cell_of_another_name_and_the_same_text_is_the_same(course):
    with course.gradebook() as gradebook:
        by_hand(gradebook, "other", 2.5)
        by_hand(gradebook, "task", 4.0, "Nice.")
        gradebook.db.commit()
    made = renamed(renamed(cells(), "other", "test-2"), "task", "draw")
    made["test-2"]["metadata"]["nbgrader"]["points"] = 2
    write(course, made)
    moved, points = enter(course)
    assert "3 kept, 2 renamed (" in moved
    assert {"other to test-2", "task to draw"} == set(moved.partition("renamed (")[2].partition(")")[0].split("; "))
    assert points == f"Points in {QUIZ} changed: test-2 3, now 2."
    assert given(course, "test-2") == (1, 2.5, None)
    assert given(course, "draw") == (None, 4.0, "Nice.")


def test_an_answer_of_another_name_could_be_any_other(course):
    write(course, renamed(cells(), "words", "why"))
    with pytest.raises(CourseError, match=r"words \(1 score and 1 comment\).*\(new are why\): --renamed OLD=NEW"):
        enter(course)
    assert "1 renamed (words to why)" in enter(course, renamed={"words": "why"})[0]
    assert given(course, "why") == (None, 2.0, "Well said.")
    assert enter(course, renamed={"words": "why"}) == []  # the command given again, after an interruption


def test_a_text_that_is_there_twice_says_nothing(course):
    made = cells() | {"twin": cell("twin", TEST_2, grade=True, locked=True, points=3)}
    write(course, renamed(made, "other", "third"))
    assert "2 new (third; twin), 1 removed (other, with 2 scores)" in enter(course)[0]


def test_a_new_name_in_another_notebook_does_not_fit(course):
    made = cells()
    del made["words"]
    write(course, made)
    write(course, renamed({"words": cells()["words"]}, "words", "why"), "second")
    with pytest.raises(CourseError, match="--renamed words=why doesn't fit"):
        enter(course, renamed={"words": "why"})


@pytest.mark.parametrize(
    ("old", "new"), [("words", "test"), ("nowhere", "why"), ("test", "why"), ("words", "question")]
)
def test_new_names_that_do_not_fit_are_refused(course, old, new):
    write(course, renamed(cells(), "words", "why"))
    before = dump(file(course))
    with pytest.raises(CourseError, match=rf"--renamed {old}={new} doesn't fit.*Gone.*: words\. New in it: why"):
        enter(course, renamed={old: new})
    assert dump(file(course)) == before


def test_a_cell_of_another_kind_keeps_what_was_given(course):
    with course.gradebook() as gradebook:
        by_hand(gradebook, "task", 4.0, "Nice.")
        gradebook.db.commit()
    made = cells()
    made["task"] = cell("task", WORDS, "markdown", grade=True, solution=True, points=4)
    made["words"] = cell("words", "Say why.", "markdown", task=True, locked=True, points=2)
    write(course, made)
    assert "5 kept. A copy" in enter(course)[0]
    assert given(course, "task") == (None, 4.0, "Nice.")
    assert given(course, "words") == (None, 2.0, "Well said.")


def test_an_answer_that_is_graded_no_more_counts_as_gone(course):
    made = cells()
    made["words"] = cell("words", WORDS, solution=True)
    write(course, made)
    with pytest.raises(CourseError, match=r"words \(1 score\)"):
        enter(course)
    assert "words, with 1 score (1 score by hand)" in enter(course, drop=True)[0]


def test_a_notebook_of_another_name_with_the_same_cells_is_the_same(course):
    (course.source(QUIZ) / "quiz.ipynb").rename(course.source(QUIZ) / "test.ipynb")
    assert "5 kept, 1 renamed (notebook quiz to test)" in enter(course)[0]
    assert given(course, "words", "test") == (None, 2.0, "Well said.")


def test_notebooks_come_and_go(course):
    write(course, {"one": cell("one", TEST_1, grade=True, locked=True, points=1)}, "second")
    assert "5 kept, 1 new (one)" in enter(course)[0]
    assert given(course, "one", "second") == (None, None, None)
    (course.source(QUIZ) / "second.ipynb").unlink()
    assert "5 kept, 1 removed (one, with 0 scores)" in enter(course)[0]
    (course.source(QUIZ) / "quiz.ipynb").rename(course.source(QUIZ) / "other.ipynb")
    write(course, {"one": cell("one", TEST_1, grade=True, locked=True, points=1)}, "other")
    with pytest.raises(CourseError, match=r"words \(1 score and 1 comment\)"):
        enter(course)
    enter(course, drop=True)
    with course.gradebook() as gradebook:
        assert [each.name for each in gradebook.find_submission(QUIZ, "ada").notebooks] == ["other"]


def test_a_fault_in_the_middle_changes_nothing_and_leaves_no_copy(course, monkeypatch):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(questions, "_fill_up", fail)
    before = dump(file(course))
    write(course, renamed(cells(), "other", "test-2"))
    with pytest.raises(OSError, match="No space"):
        enter(course)
    assert (dump(file(course)), copies(course)) == (before, [])


KILLED = """
import os, sys
from pathlib import Path
import autograder.cli  # without the parser of IRIs
from autograder.course import questions
from autograder.course.assignment import graded_form
from autograder.course.course import Course
questions._fill_up = lambda session, assignment: (session.flush(), os.kill(os.getpid(), 9))
course = Course(Path(sys.argv[1]))
questions.register(course, graded_form(course, sys.argv[2]))
"""


def test_a_process_killed_in_the_middle_changes_nothing(course):
    before = dump(file(course))
    write(course, renamed(cells(), "other", "test-2"))
    ended = subprocess.run([sys.executable, "-c", KILLED, course.root, QUIZ], check=False)
    assert ended.returncode == -9
    assert dump(file(course)) == before
    enter(course)
    assert given(course, "test-2") == (1, None, None)


def test_while_it_is_done_nobody_else_writes(course, monkeypatch):
    refused = []

    def meanwhile(session, assignment):
        with (
            closing(sqlite3.connect(file(course), timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError) as caught,
        ):
            other.execute("UPDATE grade SET manual_score = 1")
        refused.append(str(caught.value))

    monkeypatch.setattr(questions, "_fill_up", meanwhile)
    write(course, renamed(cells(), "other", "test-2"))
    enter(course)
    assert refused == ["database is locked"]


def test_no_cells_are_moved_while_a_batch_is_under_way(course):
    with course.only_grader():
        release(course, QUIZ)
        write(course, renamed(cells(), "other", "test-2"))
        with pytest.raises(CourseError, match="Another `autograder grade`"):
            release(course, QUIZ)
    assert copies(course) == []
    release(course, QUIZ)


def test_two_copies_in_one_second_have_two_names(course):
    for text in ("Which one?", "Which?"):
        made = cells()
        made["more"] = cell(f"more-{text[-4:-1]}", text, "markdown", locked=True)
        write(course, made)
        enter(course)
    assert len(copies(course)) == 2


def test_the_commands_say_what_became_of_the_cells(course):
    write(course, renamed(cells(), "words", "why"))

    def run(*arguments):
        result = CliRunner().invoke(app, [*arguments, "--course", str(course.root)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    for command in (("release", QUIZ, "--no-check"), ("grade", QUIZ)):
        folder = course.submitted(QUIZ, "ada")
        folder.mkdir(parents=True, exist_ok=True)
        code, output = run(*command)
        assert (code, "--drop-by-hand" in output) == (1, True)
        assert run(*command, "--renamed", "words")[0] == 2
    assert run("release", "--all", "--renamed", "words=why")[0] == 2
    code, output = run("release", QUIZ, "--no-check", "--renamed", "words=why")
    assert (code, "1 renamed (words to why). A copy of it" in output) == (0, True)


def test_a_gradebook_that_is_no_file_is_not_copied_and_that_is_said(course, monkeypatch):
    monkeypatch.setattr(questions, "_file", lambda gradebook: None)
    write(course, renamed(cells(), "other", "test-2"))
    assert enter(course)[0].endswith("It is no SQLite file: no copy of it was made.")


def test_nbgrader_itself_works_with_the_gradebook_afterwards(course):
    write(course, renamed(cells(), "other", "test-2"))
    enter(course)
    with Gradebook(course.db_url, course.settings.course_id) as gradebook:
        assert {each["student"]: each["score"] for each in gradebook.submission_dicts(QUIZ)} == {"ada": 4, "bob": 2}
        gradebook.remove_assignment(QUIZ)
    assert "grade" in " ".join(dump(file(course)))
