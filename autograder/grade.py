"""Grading all submissions of an assignment, one after the other; one bad submission never stops the rest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.engines import DEFAULT, open_engine
from autograder.errors import CourseError
from autograder.intake import read_submission
from autograder.model import Assignment, Result, State, Submission
from autograder.record import Entry, read_entry, record
from autograder.release import load_assignment, register


@dataclass(frozen=True)
class Outcome:
    """What a `grade` run did with one submission; `skipped` when it was graded before and is unchanged."""

    entry: Entry
    skipped: bool


def grade(
    course: Course,
    assignment: str,
    *,
    engine: str = DEFAULT,
    force: bool = False,
    students: Iterable[str] = (),
    progress: Callable[[str, int, int], None] = lambda student, done, total: None,
) -> list[Outcome]:
    """Grade an assignment's submissions and record the results.

    A submission that was graded before with the same source and engine is skipped unless `force`. `progress` is called
    before each one with the student, how many are done, and how many there are. Raises CourseError for an unknown
    assignment or student, SourceError when the source is not sound.
    """
    course.check_assignment(assignment)
    chosen = _chosen_students(course, assignment, list(students))
    form, released = load_assignment(course, assignment)
    register(course, assignment)
    outcomes = []
    with open_engine(engine, course, form, released) as grader:
        for done, student in enumerate(chosen):
            progress(student, done, len(chosen))
            submission = read_submission(course, assignment, student)
            entry = read_entry(course, assignment, student)
            if not force and entry and _is_current(entry, submission, form, engine):
                outcomes.append(Outcome(entry, skipped=True))
            else:
                result = grader.grade(submission)
                outcomes.append(Outcome(_record(course, form, submission, result, engine), skipped=False))
    return outcomes


def _record(course: Course, form: Assignment, submission: Submission, result: Result, engine: str) -> Entry:
    try:
        return record(course, form, submission, result, engine)
    except (OSError, SQLAlchemyError) as error:  # a full disk, a locked database: this one is to be run again
        reason = f"The result could not be written down ({type(error).__name__}). Grade again when that is mended."
        unwritten = Result(result.student, result.assignment, State.NOT_RUN, (reason,))
        return Entry(unwritten.student, unwritten.assignment, unwritten.state, unwritten.reasons, 0, 0, engine, "", "")


def _is_current(entry: Entry, submission: Submission, form: Assignment, engine: str) -> bool:
    known = (entry.submission, entry.against, entry.engine)
    return entry.state is not State.NOT_RUN and known == (submission.digest(), form.digest(), engine)


def _chosen_students(course: Course, assignment: str, wanted: list[str]) -> list[str]:
    there = course.students(assignment)
    unknown = sorted(set(wanted) - set(there))
    if unknown:
        raise CourseError(f"{', '.join(unknown)} handed in nothing for {assignment}. These did: {', '.join(there)}.")
    if not there:
        raise CourseError(f"Nobody has handed in {assignment} yet. Collect submissions first: `autograder collect`.")
    return wanted or there
