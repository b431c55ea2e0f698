"""How a class stands in an assignment: what the gradebook says now, whoever gave the scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader.api import MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.assignment import graded_form
from autograder.course.course import Course
from autograder.course.entries import Entry, read_entry
from autograder.course.held import Book, Held, Mark, read_book
from autograder.course.late import LatePenalty
from autograder.course.recorded import completed, differences, duration
from autograder.course.times import shown_time
from autograder.errors import AutograderError, counted, listed, shown
from autograder.results import State

_MOST_NAMED = 5  # students in one sentence


@dataclass(frozen=True)
class Standing:
    """One student's standing in an assignment; `score` is what counts, penalties taken off."""

    score: float = 0.0
    penalty: float = 0.0
    seconds_late: float = 0.0
    timestamp: datetime | None = None
    duedate: datetime | None = None  # with the extension
    waiting: tuple[str, ...] = ()  # cells that a person has to score
    kept: tuple[str, ...] = ()  # scores given by hand that should be looked at again, in words
    extra: tuple[str, ...] = ()  # extra credit, in words

    def state(self, entry: Entry | None) -> State:
        """What to call the submission now; `entry` is what is remembered of its grading, if anything."""
        if self.waiting or self.kept:
            return State.NEEDS_REVIEW
        if entry is None or (entry.state is State.NEEDS_REVIEW and not entry.asking):  # a person has seen to it since
            return State.GRADED
        return entry.state

    def reasons(self) -> list[str]:
        """What there is to say about it, as sentences."""
        waiting = f"{', '.join(self.waiting)}: to be scored in the formgrader" if self.waiting else ""
        return [*filter(None, [waiting]), *self.kept, *self.extra, *self._late()]

    def _late(self) -> list[str]:
        if self.seconds_late <= 0:
            return []
        penalty = f", {self.penalty:g} points taken off" if self.penalty else ""
        when = f"due {shown_time(self.duedate)}, handed in {shown_time(self.timestamp)}"
        return [f"{duration(self.seconds_late)} late ({when}){penalty}"]


def standings(book: Book) -> dict[str, Standing]:
    """The standing of every student with a submission in the gradebook."""
    return {student: _standing(held, book.duedate) for student, held in book.submissions.items()}


def read_standings(course: Course, assignment: str) -> dict[str, Standing]:
    """The same by the assignment's name; raises MissingEntry when the gradebook doesn't know it."""
    with course.gradebook() as gradebook:
        return standings(read_book(gradebook, assignment))


def stale(course: Course, assignments: Iterable[str]) -> list[str]:
    """A sentence for each assignment whose grades are not what `grade` would record now, with what to do.

    Either submissions were graded against another source than the present one, or the gradebook no longer says what was
    recorded.
    """
    return [text for assignment in assignments if (text := _stale(course, assignment))]


def _stale(course: Course, assignment: str) -> str:
    every = [read_entry(course, assignment, student) for student in course.students(assignment)]
    entries = [entry for entry in every if entry and entry.state is not State.NOT_RUN]
    if not entries:
        return ""
    return _earlier_source(course, assignment, entries) or _out_of_step(course, assignment, entries)


def _earlier_source(course: Course, assignment: str, entries: list[Entry]) -> str:
    try:
        present = graded_form(course, assignment).digest()
    except (AutograderError, OSError):  # which `grade` and `release` will name
        return ""
    count = sum(entry.against != present for entry in entries)
    were = f"{counted(count, 'submission')} {'was' if count == 1 else 'were'}"
    again = f"{were} graded against an earlier source of {assignment}. Grade again: autograder grade {assignment}"
    return again if count else ""


def _out_of_step(course: Course, assignment: str, entries: list[Entry]) -> str:
    try:
        found = _otherwise(course, assignment, entries)
    except (SQLAlchemyError, AutograderError):  # which who reads the grades, or `grade`, will meet too
        return ""
    if not found:
        return ""
    return (
        f"The gradebook no longer says what was recorded for {assignment}: {listed(found, _MOST_NAMED, '; ')}. Record "
        f"it again: autograder grade {assignment} (what is at hand is not run again)"
    )


def _otherwise(course: Course, assignment: str, entries: list[Entry]) -> list[str]:
    """The students of whose submissions the gradebook says something else than was recorded, with what."""
    policy = LatePenalty(course)
    with course.gradebook() as gradebook:
        try:
            book = read_book(gradebook, assignment)
        except MissingEntry:
            return ["it doesn't know the assignment"]
    found = []
    for entry in entries:
        held = book.submissions.get(entry.student)
        known = entry if entry.notebooks or not held else completed(entry, book)
        unlike = differences(book, known, held.timestamp if held else None, policy) if known else ("cells are missing",)
        found += [f"{shown(entry.student)} ({listed([*unlike], _MOST_NAMED)})"] if unlike else []
    return found


def _standing(held: Held, duedate: datetime | None) -> Standing:
    """The standing by what the gradebook holds of one submission."""
    marks = held.marks()
    penalty = sum(part.penalty or 0.0 for part in held.parts.values())
    return Standing(
        score=max(0.0, sum(mark.score for _, mark in marks) - penalty),
        penalty=penalty,
        seconds_late=held.seconds_late(duedate),
        timestamp=held.timestamp,
        duedate=duedate and duedate + (held.extension or timedelta()),
        waiting=tuple(name for name, mark in marks if mark.waits and mark.manual is None),
        kept=tuple(f"{name}: {text}" for name, mark in marks if (text := _kept(mark))),
        extra=tuple(f"{name}: {mark.extra:g} extra by hand" for name, mark in marks if mark.extra),
    )


def _kept(mark: Mark) -> str:
    """Why a score given by hand should be looked at; empty when there is none, or no reason to."""
    if mark.manual is None:
        return ""
    if mark.manual > mark.points:  # the formgrader takes no such score: the cell was worth more
        return f"{mark.manual:g} by hand, more than the {mark.points:g} that it is worth now"
    return f"{mark.manual:g} by hand kept" if mark.waits else ""
