"""What the commands say of a class after a person graded, when work was late, and after the source changed."""

import csv
import json
import shutil
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.entries import read_entry
from autograder.course.export import rows
from autograder.doctor import examine
from autograder.errors import CourseError, SourceError
from autograder.grade.run import grade
from autograder.release.make import release
from autograder.results import State
from tests.autograder.tiny_course import QUIZ, cell, copy_course, make_course, solve, tiny_source

HANDED_IN = datetime(2026, 3, 1, 12, 0)
ANSWERS = {"ada": ('answer_1 = "B"', "return a * b"), "bob": ('answer_1 = "A"', "return 0")}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, released, warm):
    course = make_course(tmp_path_factory.mktemp("standing") / "course")
    release(course, QUIZ)
    for name, answers in ANSWERS.items():
        hand_in(course, name, solve(released, *answers))
    grade(course, QUIZ)
    return course


@pytest.fixture
def course(graded, tmp_path):
    return copy_course(graded, tmp_path / "copy")


def hand_in(course, student, notebook):
    folder = course.submitted(QUIZ, student)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quiz.ipynb").write_bytes(notebook)
    (folder / "timestamp.txt").write_text(f"{HANDED_IN} UTC")


def by_hand(course, cell, student="bob", **values):
    """As the formgrader does: what a person gave, and that nobody is waited for."""
    with course.gradebook() as gradebook:
        mark = gradebook.find_grade(cell, "quiz", QUIZ, student)
        for name, value in {"needs_manual_grade": False, **values}.items():
            setattr(mark, name, value)
        gradebook.db.commit()


def change_source(course, before, after):
    path = course.source(QUIZ) / "quiz.ipynb"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def run(course, *arguments):
    result = CliRunner().invoke(app, [*arguments, "--course", str(course.root)], env={"COLUMNS": "250"})
    assert "Traceback" not in result.output
    return result.output


def line(output, word):
    return next(each for each in output.splitlines() if word in each)


def test_the_table_shows_what_counts_after_a_person_graded(course, released):
    by_hand(course, "test-2", manual_score=0.75)
    hand_in(course, "bob", solve(released))
    (outcome,) = grade(course, QUIZ, students=["bob"])
    (row,) = [each for each in rows(course) if each.student == "bob"]
    assert (outcome.score, outcome.state) == (row.score, row.state) == (1.75, "needs review")
    assert outcome.why == ["test-2: 0.75 by hand kept"]
    assert read_entry(course, QUIZ, "bob").score == 1.75
    again = line(run(course, "grade", QUIZ), " bob ")
    for text in ("needs review", "1.75 / 4", "test-2: 0.75 by hand kept; unchanged since it was graded"):
        assert text in again


def test_extra_credit_counts_in_the_table(course, released):
    by_hand(course, "test-1", extra_credit=0.5)
    hand_in(course, "bob", solve(released))
    (outcome,) = grade(course, QUIZ, students=["bob"])
    assert (outcome.score, outcome.why) == (4.5, ["test-1: 0.5 extra by hand"])
    assert read_entry(course, QUIZ, "bob").score == 4.5


def test_what_a_person_graded_after_the_run_is_in_the_table_of_the_next(course):
    by_hand(course, "test-2", manual_score=3.0)
    (outcome,) = grade(course, QUIZ, students=["bob"])
    assert (outcome.skipped, outcome.score, outcome.state) == (True, 3.0, State.GRADED)


def test_cells_that_wait_for_a_person_are_named_until_they_are_scored(tmp_path, released, warm):
    source = json.loads(tiny_source())
    source["cells"][3]["metadata"]["nbgrader"] |= {"grade": True, "points": 2}
    course = make_course(tmp_path / "course", json.dumps(source).encode())
    release(course, QUIZ)
    hand_in(course, "bob", solve(released))
    (outcome,) = grade(course, QUIZ)
    assert "answer-2: to be scored in the formgrader" in outcome.why
    by_hand(course, "answer-2", manual_score=2.0)
    assert [(row.state, row.score) for row in rows(course)] == [("graded", 6.0)]
    (outcome,) = grade(course, QUIZ)
    assert (outcome.skipped, outcome.state, outcome.score) == (True, State.GRADED, 6.0)


LOOK = "answer-1: 2 copies that differ; the last counts, and each runs where it stood: please look"
SEEN = ("grade", QUIZ, "--student", "bob", "--seen")


def with_two_answers(released, last="A"):
    """A hand-in for which no score waits, and at which a person has to look."""
    content = json.loads(solve(released))
    content["cells"].insert(2, {**content["cells"][1], "source": f'answer_1 = "{last}"'})
    return json.dumps(content).encode()


def state(course, student="bob"):
    """The state in the export, which is that of the table of the next `grade`."""
    (row,) = [each.state for each in rows(course) if each.student == student]
    assert [each.state for each in grade(course, QUIZ, students=[student])] == [row]
    return row


@pytest.fixture
def looked(course, released):
    """A course in which a person has looked at bob's hand-in, and said so."""
    hand_in(course, "bob", with_two_answers(released))
    (outcome,) = grade(course, QUIZ, students=["bob"])
    assert (outcome.state, outcome.why, state(course)) == (State.NEEDS_REVIEW, [LOOK], "needs review")
    told = line(run(course, *SEEN), " bob ")
    assert "graded" in told
    assert f"{LOOK} (seen)" in told
    return course


def test_what_a_person_has_looked_at_is_graded(looked, released):
    assert state(looked) == "graded"
    (again,) = grade(looked, QUIZ, students=["bob"], force=True)
    assert (again.state, again.skipped, again.why, again.score) == (State.GRADED, False, [f"{LOOK} (seen)"], 3)
    assert state(looked) == "graded"
    assert "Nothing of bob's asks for a look: the state is 'graded'." in run(looked, *SEEN)


def test_another_reason_asks_anew_and_the_one_that_was_settled_does_not(looked):
    (looked.submitted(QUIZ, "bob") / "autograder-doubt.txt").write_text("two files had this name: please look")
    (again,) = grade(looked, QUIZ, students=["bob"], force=True)
    assert again.why == [f"{LOOK} (seen)", "two files had this name: please look"]
    assert (again.state, state(looked)) == (State.NEEDS_REVIEW, "needs review")
    run(looked, *SEEN)
    assert state(looked) == "graded"


def test_another_hand_in_and_another_source_ask_anew(looked, released):
    hand_in(looked, "bob", with_two_answers(released, "C"))
    assert "has changed since it was graded. Grade it, read what its row says" in run(looked, *SEEN)
    (again,) = grade(looked, QUIZ, students=["bob"])
    assert (again.state, again.why, state(looked)) == (State.NEEDS_REVIEW, [LOOK], "needs review")
    run(looked, *SEEN)
    assert state(looked) == "graded"
    change_source(looked, "Multiply.", "Multiply them.")
    (again,) = grade(looked, QUIZ, students=["bob"])
    assert (again.state, state(looked)) == (State.NEEDS_REVIEW, "needs review")


def test_a_look_whose_corrections_are_gone_counts_no_more(looked):
    by_hand(looked, "test-1", manual_score=1.0)
    assert state(looked) == "graded"
    (again,) = grade(looked, QUIZ, students=["bob"], force=True)
    assert (again.state, again.why) == (State.NEEDS_REVIEW, [LOOK, "test-1: 1 by hand, now 0"])
    run(looked, *SEEN)
    assert state(looked) == "graded"
    with looked.gradebook() as gradebook:
        gradebook.remove_submission(QUIZ, "bob")
    assert [each.state for each in grade(looked, QUIZ, students=["bob"])] == [State.NEEDS_REVIEW]


def test_what_no_look_settles_is_said_with_what_does_and_nothing_is_noted(course, released):
    hand_in(course, "bob", with_two_answers(released))
    assert "What bob handed in has changed since it was graded." in run(course, *SEEN)
    grade(course, QUIZ, students=["bob"])
    both = run(course, *SEEN, "--student", "ada")
    assert both == "Nothing of ada's asks for a look: the state is 'graded'.\nNothing was noted.\n"
    assert state(course) == "needs review"
    hand_in(course, "cyd", solve(released))
    assert "What cyd handed in has no result yet. Grade it, read" in run(course, *SEEN, "--student", "cyd")
    by_hand(course, "test-2", "ada", manual_score=2.0, needs_manual_grade=True)
    assert "scores to be looked at: test-2: 2 by hand kept. Confirm or" in run(course, *SEEN, "--student", "ada")
    assert "handed in nothing" in run(course, "grade", QUIZ, "--student", "eve", "--seen")
    assert "Say whose: it goes with --student." in run(course, "grade", QUIZ, "--seen")
    assert "give --force first" in run(course, *SEEN, "--force")


def test_a_score_settles_what_is_said_of_its_own_cell_and_a_look_the_rest(tmp_path, released, warm):
    source = json.loads(tiny_source())
    source["cells"][3]["metadata"]["nbgrader"] |= {"grade": True, "points": 2}
    course = make_course(tmp_path / "course", json.dumps(source).encode())
    release(course, QUIZ)
    content = json.loads(with_two_answers((course.release(QUIZ) / "quiz.ipynb").read_bytes()))
    content["cells"].insert(-1, {**content["cells"][-2], "source": "def product(a, b):\n    return a + b"})
    hand_in(course, "bob", json.dumps(content).encode())
    (outcome,) = grade(course, QUIZ)
    other = LOOK.replace("answer-1", "answer-2")
    assert outcome.why == [LOOK, other, "answer-2: to be scored in the formgrader"]
    by_hand(course, "answer-2", manual_score=2.0)
    assert state(course) == "needs review"
    assert "graded" in line(run(course, *SEEN), " bob ")
    assert state(course) == "graded"
    by_hand(course, "answer-2", manual_score=None, needs_manual_grade=True)
    assert state(course) == "needs review"
    assert "cells to be scored: answer-2. Score them in the formgrader" in run(course, *SEEN)


def test_an_entry_of_an_earlier_version_asks_for_all_its_reasons(looked):
    path = looked.result(QUIZ, "bob")
    saved = json.loads(path.read_text())
    del saved["review"]
    path.write_text(json.dumps(saved))
    assert state(looked) == "graded"
    looked.seen(QUIZ, "bob").write_text("no JSON")
    assert state(looked) == "needs review"
    run(looked, *SEEN)
    assert state(looked) == "graded"


def test_late_work_is_named_with_what_it_costs(course):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(QUIZ, duedate=HANDED_IN - timedelta(minutes=8))
    config = course.root / "nbgrader_config.py"
    config.write_text(f'{config.read_text()}c.LateSubmissionPlugin.penalty_method = "zero"')
    ada, bob = grade(Course(course.root), QUIZ)
    times = f"due {HANDED_IN - timedelta(minutes=8):%Y-%m-%d %H:%M} UTC, handed in {HANDED_IN:%Y-%m-%d %H:%M} UTC"
    assert ada.why[-1] == f"8 minutes late ({times}), 4 points taken off"
    assert (bob.why[-1], bob.score) == (f"8 minutes late ({times}), 1 points taken off", 0)
    table = {row["student"]: row for row in csv.DictReader(run(course, "export").splitlines())}
    assert (table["ada"]["minutes_late"], table["bob"]["score"]) == ("8.0", "0.0")
    assert table["ada"]["timestamp"] == f"{HANDED_IN:%Y-%m-%dT%H:%M:%S}+00:00"


def test_reasons_of_what_was_graded_before_stay_in_the_table(course, released):
    hand_in(course, "bob", released[:400])
    grade(course, QUIZ, students=["bob"])
    assert "breaks off" in line(run(course, "grade", QUIZ), " bob ")


def test_a_large_class_gets_a_summary_and_rows_to_look_at(course, released, monkeypatch):
    monkeypatch.setattr("autograder.cli.MOST_ROWS", 1)
    output = run(course, "grade", QUIZ)
    assert "2 submissions: 2 graded." in output
    assert "2 of these are unchanged" in output
    assert "Of 4 points: mean 2.50, median 2.5, lowest 1, highest 4." in output
    assert f"None needs a look. Everybody's score: autograder export {QUIZ}" in output
    assert "Student" not in output
    hand_in(course, "bob", released[:400])
    output = run(course, "grade", QUIZ)
    assert "breaks off" in line(output, " bob ")
    assert " ada " not in output


def test_one_submission_is_counted_as_one(course):
    assert "1 submission: 1 graded." in run(course, "grade", QUIZ, "--student", "ada")


def test_a_changed_source_is_not_blamed_on_learners(course, released):
    content = json.loads((course.source(QUIZ) / "quiz.ipynb").read_text())
    content["cells"][0]["source"] = "Which one?"
    content["cells"][2]["metadata"]["nbgrader"]["points"] = 5
    content["cells"][2]["source"] = "assert answer_1"
    content["cells"][4]["metadata"]["nbgrader"]["grade_id"] = content["cells"][4]["id"] = "test-two"
    (course.source(QUIZ) / "quiz.ipynb").write_text(json.dumps(content))
    told = []
    ada, _ = grade(course, QUIZ, tell=told.append)
    assert (ada.state, ada.why, ada.score) == (State.GRADED, [], 8.0)
    assert "1 renamed (test-2 to test-two)" in told[0]
    assert told[1:] == [
        f"Points in {QUIZ} changed: test-1 1, now 5.",
        f"The source of {QUIZ} has changed since it was released (cells question-1, test-1, test-2, test-two): "
        "differences there are not the learners' doing.",
    ]


def test_what_a_learner_changed_in_a_changed_cell_is_still_a_repair(course, released):
    change_source(course, "Which?", "Which one?")
    changed = json.loads(solve(released))
    changed["cells"][0]["source"] = "Whatever"
    hand_in(course, "bob", json.dumps(changed).encode())
    ada, bob = grade(course, QUIZ)
    assert (ada.why, bob.why) == ([], ["question-1: text changed, restored"])


def test_a_hand_in_of_an_earlier_release_is_named_as_that(course, released):
    """A third question comes into the source, after ada and bob handed in, and is released."""
    content = json.loads((course.source(QUIZ) / "quiz.ipynb").read_text())
    content["cells"] += [
        cell("answer-3", "### BEGIN SOLUTION\nanswer_3 = 3\n### END SOLUTION", solution=True),
        cell("test-3", "assert answer_3 == 3", grade=True, locked=True, points=1),
    ]
    (course.source(QUIZ) / "quiz.ipynb").write_text(json.dumps(content))
    release(course, QUIZ)
    now = json.loads((course.release(QUIZ) / "quiz.ipynb").read_bytes())
    del now["cells"][4]
    hand_in(course, "cyd", json.dumps(now).encode())
    for force in (False, True):
        ada, bob, cyd = grade(course, QUIZ, force=force)
        text = "as in an earlier release, which differs in answer-3, test-3, and did not ask for answer-3: please look"
        assert (ada.state, ada.why, ada.score) == (State.NEEDS_REVIEW, [text], 4)
        assert bob.why == [text]
        assert (cyd.state, cyd.why) == (State.REPAIRED, ["test-2: missing, put back"])
    run(course, *SEEN)
    assert state(course) == "graded"


def test_only_other_words_in_an_earlier_release_are_no_reason_to_look(course):
    change_source(course, "Which?", "Which one?")
    release(course, QUIZ)
    ada, _ = grade(course, QUIZ)
    assert (ada.state, ada.why) == (State.GRADED, ["as in an earlier release, which differs in question-1"])
    change_source(course, "Which one?", "Which?")
    release(course, QUIZ)
    ada, _ = grade(course, QUIZ)
    assert (ada.state, ada.why) == (State.GRADED, [])
    assert len([*course.releases(QUIZ).glob("*/quiz.ipynb")]) == 2


def test_a_release_of_before_is_known_from_the_folder_and_one_that_was_worked_in_is_none(course, released):
    shutil.rmtree(course.releases(QUIZ))  # as an earlier version left it
    change_source(course, "Which?", "Which one?")
    release(course, QUIZ)
    ada, _ = grade(course, QUIZ)
    assert ada.why == ["as in an earlier release, which differs in question-1"]
    worked_in = json.loads(solve(released))
    del worked_in["cells"][0]
    (course.release(QUIZ) / "quiz.ipynb").write_text(json.dumps(worked_in))
    change_source(course, "Which one?", "Which of them?")
    release(course, QUIZ, overwrite=True)
    kept = [*course.releases(QUIZ).glob("*/quiz.ipynb")]
    assert sorted("".join(json.loads(each.read_bytes())["cells"][0]["source"]) for each in kept) == [
        "Which of them?",
        "Which one?",
        "Which?",
    ]
    for each in kept:
        each.write_text("no notebook")
    ada, _ = grade(course, QUIZ, force=True)
    assert ada.why == ["question-1: text changed, restored"]


def test_nothing_is_said_of_a_source_that_is_as_released_or_was_never_released(course):
    told = []
    grade(course, QUIZ, tell=told.append)
    (course.release(QUIZ) / "quiz.ipynb").unlink()
    grade(course, QUIZ, tell=told.append)
    (course.release(QUIZ) / "quiz.ipynb").write_text("no notebook")
    grade(course, QUIZ, tell=told.append)
    assert told == []


def test_a_source_that_release_refuses_is_not_graded_against(course):
    change_source(course, 'choice(answer_1, key=\\"B\\",', 'choice(answer_1, key=\\"B\\", points=2,')
    with pytest.raises(SourceError, match=r"can't be released:\n  quiz.ipynb, cell test-1: it is worth 1 points"):
        grade(course, QUIZ)


def test_where_nbgrader_alone_makes_releases_such_a_source_is_graded_and_named(course):
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text().replace("autograder.release.ClearAnswers", "nbgrader.preprocessors.ClearSolutions")
    )
    change_source(course, 'choice(answer_1, key=\\"B\\",', 'choice(answer_1, key=\\"B\\", points=2,')
    output = run(course, "grade", QUIZ)
    assert "2 submissions: 2 graded" in output
    assert "cell test-1: it is worth 1 points" in output


def test_grades_of_an_earlier_source_are_named(course):
    text = f"2 submissions were graded against an earlier source of {QUIZ}. Grade again: autograder grade {QUIZ}"
    commands = [("release", QUIZ, "--no-check"), ("feedback", QUIZ), ("export",), ("export", QUIZ), ("doctor",)]

    def naming_them():
        return [command for command in commands if text in run(course, *command)]

    assert naming_them() == []
    change_source(course, 'key=\\"B\\"', 'key=\\"A\\"')
    assert naming_them() == commands
    grade(course, QUIZ)
    assert naming_them() == []


def test_a_student_who_is_not_there_gets_the_nearest_name(course):
    with pytest.raises(CourseError, match=r"adda handed in nothing for 01-tiny. Did you mean ada\?$"):
        grade(course, QUIZ, students=["adda"])


def test_progress_counts_what_is_graded_and_not_what_is_skipped(course, released):
    hand_in(course, "bob", solve(released))
    seen = []
    grade(course, QUIZ, progress=lambda *step: seen.append(step))
    assert (seen[0], seen[-1]) == (("", 0, 2), ("bob", 1, 1))


def test_a_folder_that_may_not_be_written_is_named(course, monkeypatch):
    (course.root / "classroom" / "feedback").mkdir(exist_ok=True)
    refuse(monkeypatch, course.root / "classroom" / "feedback")
    assert run(course, "feedback", QUIZ).endswith("classroom/feedback may not be written: look at who may write it.\n")
    findings = [each for each in examine(lambda: course) if each.what == "folders"]
    assert [(each.ok, "may not be written" in each.text) for each in findings] == [(False, True)]


def test_doctor_names_sources_that_can_not_be_read(course, monkeypatch):
    refuse(monkeypatch, course.source(QUIZ))
    findings = [each for each in examine(lambda: course) if str(course.source(QUIZ)) in each.text]
    assert [(each.ok, "can't be read" in each.text) for each in findings] == [(False, True)]


def refuse(monkeypatch, folder):
    monkeypatch.setattr("autograder.doctor.os.access", lambda path, mode: path != folder)


def test_feedback_before_grading_says_so_once(course, released):
    (course.root / "classroom" / "autograded").rename(course.root / "elsewhere")
    assert f"No submission was graded for {QUIZ} yet." in run(course, "feedback", QUIZ)
