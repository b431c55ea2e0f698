"""A gradebook that changes behind the grader's back: what is unchanged is recorded again, without a run."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Comment, Grade, MissingEntry, SubmittedAssignment
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.entries import read_entry
from autograder.course.export import rows
from autograder.errors import CourseError
from autograder.feedback.write import feedback
from autograder.grade.run import StoppedError, grade
from autograder.release.make import release
from autograder.results import State
from tests.autograder.tiny_course import QUIZ, Course, cell, copy_course, make_course, solve, tiny_source

HANDED_IN = datetime(2026, 3, 1, 12, 0)
ANSWERS = {"ada": ('answer_1 = "B"', "return a * b"), "bob": ('answer_1 = "A"', "return 0"), "cy": (None, None)}
SCORES = {"ada": 4, "bob": 1, "cy": 0}


def source():
    """The tiny quiz with a question that a person scores."""
    content = json.loads(tiny_source())
    words = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    content["cells"].append(cell("words", words, "markdown", grade=True, solution=True, points=2))
    return json.dumps(content).encode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory, warm):
    course = make_course(tmp_path_factory.mktemp("gradebook") / "course", source())
    release(course, QUIZ)
    for name, answers in ANSWERS.items():
        hand_in(course, name, *answers, words=None if name == "cy" else "Since I say so.")
    grade(course, QUIZ)
    return course


@pytest.fixture
def course(graded, tmp_path):
    return copy_course(graded, tmp_path / "copy")


def hand_in(course, student, *answers, words="Since I say so.", time=HANDED_IN):
    content = json.loads(solve((course.release(QUIZ) / "quiz.ipynb").read_bytes(), *answers))
    if words:
        content["cells"][-1]["source"] = words
    folder = course.submitted(QUIZ, student)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quiz.ipynb").write_text(json.dumps(content))
    (folder / "timestamp.txt").write_text(f"{time} UTC")


@pytest.fixture
def no_run(monkeypatch):
    """Nothing is run: a worker that is started breaks the test."""

    def fail(*arguments):
        raise AssertionError("something was run")

    monkeypatch.setattr("autograder.grade.run.WorkerProcess", fail)


def change(course, action):
    with course.gradebook() as gradebook:
        found = action(gradebook)
        gradebook.db.commit()
        return found


def by_hand(course, student, score, name="words"):
    """As the formgrader does."""

    def give(gradebook):
        mark = gradebook.find_grade(name, "quiz", QUIZ, student)
        mark.manual_score, mark.needs_manual_grade = score, False
        comment = gradebook.find_comment("words", "quiz", QUIZ, student)
        comment.manual_comment = "I see."

    change(course, give)


def given(course, student):
    def look(gradebook):
        mark = gradebook.find_grade("words", "quiz", QUIZ, student)
        comment = gradebook.find_comment("words", "quiz", QUIZ, student)
        return mark.manual_score, comment.manual_comment, mark.needs_manual_grade

    return change(course, look)


def scores(course):
    return {row.student: row.score for row in rows(course)}


def file(course):
    return Path(course.db_url.removeprefix("sqlite:///"))


def run(course, *arguments):
    result = CliRunner().invoke(app, [*arguments, "--course", str(course.root)], env={"COLUMNS": "250"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def outcomes(course, **settings):
    told = []
    found = {each.entry.student: each for each in grade(course, QUIZ, tell=told.append, **settings)}
    return found, told


def test_what_the_gradebook_still_says_is_neither_run_nor_written(course, no_run, monkeypatch):
    by_hand(course, "ada", 1.5)
    before = file(course).read_bytes()
    monkeypatch.setattr("autograder.grade.record._Grades.write", None)
    found, told = outcomes(course)
    assert [(each.skipped, each.changed) for each in found.values()] == [(True, ())] * 3
    assert (told, file(course).read_bytes()) == ([], before)


def remove_assignment(gradebook):
    gradebook.remove_assignment(QUIZ)


@pytest.mark.parametrize("way", ["the file", "the assignment", "the students"])
def test_what_the_gradebook_lost_is_recorded_again(course, no_run, way):
    if way == "the file":
        file(course).unlink()
    elif way == "the assignment":
        change(course, remove_assignment)
    else:
        change(course, lambda gradebook: [gradebook.remove_student(name) for name in ANSWERS])
    found, (said,) = outcomes(course)
    assert scores(course) == SCORES
    assert all(each.changed == ("the gradebook had no scores of it",) for each in found.values())
    assert "had lost ada, bob, cy" in said
    assert "Scores, comments and extensions that people gave went with it. A due date is not in it either." in said
    assert {name: each.state for name, each in found.items()} == {
        **dict.fromkeys(("ada", "bob"), State.NEEDS_REVIEW),
        "cy": State.GRADED,
    }
    assert change(course, lambda gb: gb.find_comment("answer-1", "quiz", QUIZ, "cy").auto_comment) == "No response."
    again, told = outcomes(course)
    assert ([each.changed for each in again.values()], told) == ([()] * 3, [])


def test_a_removed_student_is_recorded_again_and_all_others_keep_what_they_have(course, no_run):
    by_hand(course, "ada", 1.5)
    by_hand(course, "bob", 2.0)
    change(course, lambda gradebook: gradebook.remove_student("ada"))
    code, output = run(course, "grade", QUIZ)
    assert code == 0
    assert "1 of those was recorded again" in output
    assert f"is moved away: {course.submitted(QUIZ, 'ada')}" in output
    ada = next(line for line in output.splitlines() if " ada " in line and "needs review" in line)
    assert "the gradebook had no scores of it" in ada
    assert "unchanged since it was graded, and recorded again" in ada
    assert given(course, "ada") == (None, None, True)
    assert given(course, "bob") == (2.0, "I see.", False)
    assert scores(course) == {**SCORES, "bob": 3}


def test_an_older_copy_put_back_is_brought_up_to_date(course):
    by_hand(course, "ada", 1.5)
    backup = file(course).read_bytes()
    hand_in(course, "ada", 'answer_1 = "A"', "return a * b", time=HANDED_IN + timedelta(hours=1))
    grade(course, QUIZ)
    by_hand(course, "ada", 2.0)
    file(course).write_bytes(backup)
    found, told = outcomes(course)
    assert found["ada"].changed == ("the gradebook had it otherwise (test-1: 1, now 0)", "another time of handing in")
    assert (found["ada"].skipped, found["bob"].changed, told) == (True, (), [])
    assert given(course, "ada") == (1.5, "I see.", True)  # given to another hand-in: a person has to look
    assert found["ada"].state is State.NEEDS_REVIEW
    assert scores(course)["ada"] == 4.5


def spoil(table, **values):
    def action(gradebook):
        for row in gradebook.db.query(table):
            if row.student.id == "ada" and row.name in (QUIZ, "test-2", "answer-2"):
                for name, value in values.items():
                    setattr(row, name, value)

    return action


def nobody_waits(gradebook):
    mark = gradebook.find_grade("words", "quiz", QUIZ, "ada")
    mark.manual_score, mark.needs_manual_grade = None, False


def remove_rows(gradebook):
    gradebook.db.delete(gradebook.find_grade("test-2", "quiz", QUIZ, "ada"))
    gradebook.db.delete(gradebook.find_comment("answer-2", "quiz", QUIZ, "ada"))


OTHERWISE = {
    "a score": (spoil(Grade, auto_score=0.5), "the gradebook had it otherwise (test-2: 0.5, now 3)"),
    "no score": (spoil(Grade, auto_score=None), "the gradebook had it otherwise (test-2: none, now 3)"),
    "nobody waited for": (
        nobody_waits,
        "the gradebook had it otherwise (words: no score, and nobody was waited for)",
    ),
    "a comment": (
        spoil(Comment, auto_comment="No response."),
        "the gradebook had it otherwise (answer-2: another automatic comment)",
    ),
    "rows": (remove_rows, "the gradebook lacked test-2, answer-2"),
    "the time": (spoil(SubmittedAssignment, timestamp=None), "another time of handing in"),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_the_gradebook_has_otherwise_is_named_and_put_right(course, no_run, what):
    spoiled, said = OTHERWISE[what]
    by_hand(course, "ada", 1.5)
    change(course, spoiled)
    found, _ = outcomes(course)
    assert found["ada"].changed == (said,)
    lost = what == "nobody waited for"
    assert given(course, "ada") == (None if lost else 1.5, "I see.", lost or what == "the time")
    assert scores(course)["ada"] == (4 if lost else 5.5)
    assert outcomes(course)[0]["ada"].changed == ()


def test_another_student_is_not_touched_with_student(course, no_run):
    change(course, lambda gradebook: [gradebook.remove_student(name) for name in ("ada", "bob")])
    grade(course, QUIZ, students=["ada"])
    assert {row.student: row.state for row in rows(course)} == {
        "ada": "needs review",
        "bob": "not graded",
        "cy": "graded",
    }


def due(hours):
    return lambda gradebook: gradebook.update_or_create_assignment(QUIZ, duedate=HANDED_IN + timedelta(hours=hours))


def test_a_due_date_an_extension_and_the_policy_count_when_they_change(course, no_run):
    by_hand(course, "ada", 1.5)
    change(course, due(-2))
    assert outcomes(course)[0]["ada"].changed == ("in time before, 2 hours late now",)
    assert scores(course) == {**SCORES, "ada": 5.5}
    course.app.config.LateSubmissionPlugin.penalty_method = "zero"
    found, _ = outcomes(course)
    assert found["ada"].changed == ("late penalty: 0 before, 5.5 now",)
    assert (found["ada"].score, found["cy"].changed) == (0, ())
    by_hand(course, "ada", 2.0)
    assert scores(course)["ada"] == 0.5  # nbgrader's own way: what is given by hand comes after the penalty
    assert outcomes(course)[0]["ada"].changed == ("late penalty: 5.5 before, 6 now",)
    assert scores(course)["ada"] == 0
    change(course, lambda gradebook: gradebook.grant_extension(QUIZ, "ada", days=1))
    found, _ = outcomes(course)
    assert found["ada"].changed == ("2 hours late before, in time now", "late penalty: 6 before, 0 now")
    assert found["bob"].changed == ()
    assert scores(course) == {"ada": 6, "bob": 0, "cy": 0}
    change(course, due(3))
    assert outcomes(course)[0]["bob"].changed == ("2 hours late before, in time now", "late penalty: 1 before, 0 now")
    assert scores(course) == {**SCORES, "ada": 6}
    assert given(course, "ada") == (2.0, "I see.", False)


def test_a_due_date_lost_with_the_gradebook_shows(course, no_run):
    change(course, due(-2))
    course.app.config.LateSubmissionPlugin.penalty_method = "zero"
    grade(course, QUIZ)
    file(course).unlink()
    found, (said,) = outcomes(course)
    assert found["ada"].changed == (
        "the gradebook had no scores of it",
        "2 hours late before, in time now",
        "late penalty: 4 before, 0 now",
    )
    assert "A due date is not in it either." in said


def test_a_policy_that_breaks_is_named_and_costs_nobody(course, no_run, monkeypatch):
    change(course, due(-2))

    def broken(self, student, score, late):
        raise KeyError(student)

    monkeypatch.setattr("nbgrader.plugins.LateSubmissionPlugin.late_submission_penalty", broken)
    code, output = run(course, "grade", QUIZ)
    assert (code, output.count("broke (KeyError: 'ada'). Mend it.")) == (1, 1)
    assert run(course, "export")[0] == 0
    monkeypatch.undo()
    assert scores(course) == SCORES


def test_without_its_graded_notebook_it_is_graded_again(course):
    by_hand(course, "ada", 1.5)
    shutil.rmtree(course.autograded(QUIZ, "ada"))
    found, _ = outcomes(course)
    assert (found["ada"].skipped, found["bob"].skipped) == (False, True)
    assert found["ada"].changed == ("its graded notebook was gone: graded again",)
    assert (course.autograded(QUIZ, "ada") / "quiz.ipynb").is_file()
    assert given(course, "ada")[:2] == (1.5, "I see.")


def test_scores_and_a_notebook_of_another_grader_are_graded_again(course):
    (course.autograded(QUIZ, "ada") / "quiz.ipynb").write_bytes(
        (course.submitted(QUIZ, "ada") / "quiz.ipynb").read_bytes()
    )
    change(course, spoil(Grade, auto_score=0.5))
    found, _ = outcomes(course)
    assert (found["ada"].skipped, scores(course)) == (False, SCORES)
    assert found["ada"].changed[1] == "its graded notebook is not the one recorded: graded again"


def earlier_version(course):
    """Leave of each result what version 0.1.0 remembered."""
    for student in ANSWERS:
        path = course.result(QUIZ, student)
        known = json.loads(path.read_text())
        for name in ("notebooks", "graded", "seconds_late", "penalty"):
            del known[name]
        path.write_text(json.dumps(known))


def test_what_an_earlier_version_graded_stays_and_is_completed(course, no_run):
    by_hand(course, "ada", 1.5)
    earlier_version(course)
    assert "no longer says" not in run(course, "export")[1]
    found, told = outcomes(course)
    assert ([(each.skipped, each.changed) for each in found.values()], told) == ([(True, ())] * 3, [])
    assert given(course, "ada") == (1.5, "I see.", False)
    assert read_entry(course, QUIZ, "ada").notebooks["quiz"].scores == {"test-1": 1, "test-2": 3, "words": None}
    file(course).unlink()
    outcomes(course)
    assert scores(course) == SCORES


def test_what_an_earlier_version_graded_and_the_gradebook_lost_is_graded_again(course):
    earlier_version(course)
    change(course, lambda gradebook: gradebook.remove_student("ada"))
    found, _ = outcomes(course)
    assert {name: each.skipped for name, each in found.items()} == {"ada": False, "bob": True, "cy": True}
    assert (found["ada"].changed, scores(course)) == (("the gradebook lacked scores of it: graded again",), SCORES)


def test_a_score_above_what_the_cell_is_worth_now_is_for_a_person(course):
    by_hand(course, "ada", 2.0)
    path = course.source(QUIZ) / "quiz.ipynb"
    content = json.loads(path.read_text())
    content["cells"][-1]["metadata"]["nbgrader"]["points"] = 1
    path.write_text(json.dumps(content))
    found, told = outcomes(course, students=["ada"])
    assert told[0] == f"Points in {QUIZ} changed: words 2, now 1."
    assert found["ada"].why == ["words: 2 by hand, more than the 1 that it is worth now"]
    change(
        course,
        lambda gradebook: setattr(gradebook.find_grade("words", "quiz", QUIZ, "ada"), "needs_manual_grade", False),
    )
    assert {row.student: row.state for row in rows(course)}["ada"] == "needs review"


def test_a_source_with_other_cells_is_graded_and_what_was_given_by_hand_stays(course):
    by_hand(course, "ada", 1.5)
    by_hand(course, "bob", 2.0, "test-2")
    path = course.source(QUIZ) / "quiz.ipynb"
    content = json.loads(path.read_text())
    *_, test, words = content["cells"]
    test["id"] = test["metadata"]["nbgrader"]["grade_id"] = "product"
    content["cells"][-1:] = [cell("more", "assert callable(product)", grade=True, locked=True, points=1), words]
    path.write_text(json.dumps(content))
    code, output = run(course, "grade", QUIZ)
    assert code == 0
    assert "4 kept, 1 new (more), 1 renamed (test-2 to product). A copy of it as it was: " in output
    assert scores(course) == {"ada": 6.5, "bob": 3, "cy": 1}
    assert given(course, "ada")[:2] == (1.5, "I see.")
    assert [each.fault for each in feedback(course, QUIZ)] == [""] * 3


def test_what_is_lost_is_told_also_of_submissions_that_are_graded_again(course):
    change(course, lambda gradebook: gradebook.remove_student("ada"))
    hand_in(course, "ada", 'answer_1 = "A"', "return a * b")
    _, (said,) = outcomes(course)
    assert "had lost ada" in said


COMMANDS = [("release", QUIZ, "--no-check"), ("feedback", QUIZ), ("export",), ("export", QUIZ), ("doctor",)]


@pytest.mark.parametrize("action", [lambda gb: gb.remove_student("ada"), spoil(Grade, auto_score=0.5), due(-2)])
def test_the_other_commands_say_that_the_gradebook_says_something_else(course, action):
    text = f"The gradebook no longer says what was recorded for {QUIZ}: ada ("

    def naming_it():
        return [command for command in COMMANDS if text in run(course, *command)[1]]

    assert naming_it() == []
    change(course, action)
    assert naming_it() == COMMANDS
    grade(course, QUIZ)
    assert naming_it() == []


def test_a_student_who_was_removed_does_not_stop_the_feedback(course):
    change(course, lambda gradebook: gradebook.remove_student("ada"))
    code, output = run(course, "feedback", QUIZ)
    assert code == 0
    assert f"The gradebook holds no scores of ada for {QUIZ}, so there is no page." in output
    assert "Feedback for 2 students is in" in output
    assert not course.feedback(QUIZ, "ada").exists()
    with pytest.raises(CourseError, match="no scores of ada"):
        feedback(course, QUIZ, ["ada"])
    grade(course, QUIZ)
    assert [each.student for each in feedback(course, QUIZ, ["ada"]) if not each.fault] == ["ada"]


@pytest.mark.parametrize("action", [remove_assignment, lambda gb: [gb.remove_student(name) for name in ANSWERS]])
def test_feedback_without_any_score_says_what_to_do(course, action):
    change(course, action)
    code, output = run(course, "feedback", QUIZ)
    assert (code, f"`autograder grade {QUIZ}` records again what is at hand" in output) == (1, True)


def test_a_page_of_which_rows_are_missing_says_which(course):
    change(course, remove_rows)
    code, output = run(course, "feedback", QUIZ, "--student", "ada")
    assert (code, "No such" in output) == (1, True)


@pytest.mark.parametrize("damage", [lambda data: b"no gradebook" * 99, lambda data: data[:5000]])
def test_a_damaged_gradebook_is_named_and_left_as_it_is(course, damage):
    data = damage(file(course).read_bytes())
    file(course).write_bytes(data)
    for command in (("grade", QUIZ), ("export",), ("feedback", QUIZ), ("release", QUIZ, "--no-check")):
        code, output = run(course, *command)
        assert (code, "can't be used" in output) == (1, True), output
    assert run(course, "doctor")[0] == 1
    assert file(course).read_bytes() == data


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("attempt to write a readonly database", "Look at who may write it"),
        ("unable to open database file", "Look at who may write it"),
        ("no such column: student.lms_user_id", "nbgrader db upgrade"),
    ],
)
def test_a_gradebook_that_can_not_be_used_is_named_with_what_to_do(course, monkeypatch, said, advice):
    def refuse(*arguments):
        raise OperationalError("", None, Exception(said))

    monkeypatch.setattr("autograder.course.questions._assignment", refuse)
    code, output = run(course, "grade", QUIZ)
    assert (code, said in output, advice in output) == (1, True, True)


def test_an_assignment_that_is_gone_from_the_gradebook_is_named_at_export(course):
    change(course, remove_assignment)
    code, output = run(course, "export")
    assert (code, "it doesn't know the assignment" in output) == (0, True)
    with pytest.raises(MissingEntry):
        change(course, lambda gradebook: gradebook.find_assignment(QUIZ))


def test_interrupted_in_the_middle_of_recording_again_it_goes_on(course, no_run):
    file(course).unlink()
    seen = []

    def interrupt(student, done, total):
        seen.append(total)
        if total == 2:  # the first of three is done
            raise KeyboardInterrupt

    with pytest.raises(StoppedError, match="1 of 3 are done"):
        grade(Course(course.root), QUIZ, progress=interrupt)
    found, _ = outcomes(course)
    assert sum(bool(each.changed) for each in found.values()) == 2
    assert scores(course) == SCORES
