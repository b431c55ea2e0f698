"""How a class stands in an assignment: what the gradebook says now, whoever gave the scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.record import Entry, read_entry, seconds_late
from autograder.release import graded_form
from autograder.results import State


@dataclass(frozen=True)
class Standing:
    """One student's standing in an assignment; `score` is what counts, penalties taken off."""

    score: float = 0.0
    penalty: float = 0.0
    seconds_late: float = 0.0
    timestamp: datetime | None = None
    waiting: tuple[str, ...] = ()  # cells that a person has to score
    kept: tuple[str, ...] = ()  # scores given by hand to an earlier submission, in words
    extra: tuple[str, ...] = ()  # extra credit, in words

    def state(self, entry: Entry | None) -> State:
        """What to call the submission now; `entry` is what is remembered of its grading, if anything."""
        if self.waiting or self.kept:
            return State.NEEDS_REVIEW
        if entry is None or (entry.state is State.NEEDS_REVIEW and entry.waiting):  # a person has scored them since
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
        return [f"{_duration(self.seconds_late)} late{penalty}"]


def standings(gradebook: Any, assignment: Any) -> dict[str, Standing]:
    """The standing of every student with a submission in the gradebook; `assignment` is nbgrader's object.

    One query for all: nbgrader's own totals are computed one by one.
    """
    query = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
            BaseCell.name,
            Grade.score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .outerjoin(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment.id)
        .order_by(BaseCell.name)
    )
    found: dict[str, list[Any]] = {}
    for row in gradebook.db.execute(query):
        found.setdefault(row.student_id, []).append(row)
    return {student: _standing(rows, assignment.duedate) for student, rows in found.items()}


def read_standings(course: Course, assignment: str) -> dict[str, Standing]:
    """The same by the assignment's name; raises MissingEntry when the gradebook doesn't know it."""
    with course.gradebook() as gradebook:
        return standings(gradebook, gradebook.find_assignment(assignment))


def earlier_source(course: Course, assignments: Iterable[str]) -> list[str]:
    """A sentence for each assignment of which submissions were graded against another source than the present one."""
    return [text for assignment in assignments if (text := _earlier_source(course, assignment))]


def _earlier_source(course: Course, assignment: str) -> str:
    entries = [read_entry(course, assignment, student) for student in course.students(assignment)]
    against = [entry.against for entry in entries if entry and entry.state is not State.NOT_RUN]
    if not against:
        return ""
    try:
        present = graded_form(course, assignment).digest()
    except (AutograderError, OSError):  # which `grade` and `release` will name
        return ""
    count = sum(digest != present for digest in against)
    were = "1 submission was" if count == 1 else f"{count} submissions were"
    again = f"{were} graded against an earlier source of {assignment}. Grade again: autograder grade {assignment}"
    return again if count else ""


def _standing(rows: list[Any], duedate: datetime | None) -> Standing:
    """The standing of the student whom all these rows are about."""
    first = rows[0]
    penalty = sum({row.id: row.late_submission_penalty or 0.0 for row in rows}.values())
    flagged = [row for row in rows if row.needs_manual_grade]
    return Standing(
        score=max(0.0, sum(row.score or 0.0 for row in rows) - penalty),
        penalty=penalty,
        seconds_late=seconds_late(first.timestamp, duedate, first.extension),
        timestamp=first.timestamp,
        waiting=tuple(row.name for row in flagged if row.manual_score is None),
        kept=tuple(f"{row.name}: {row.manual_score:g} by hand kept" for row in flagged if row.manual_score is not None),
        extra=tuple(f"{row.name}: {row.extra_credit:g} extra by hand" for row in rows if row.extra_credit),
    )


def _duration(seconds: float) -> str:
    """`8 minutes`, `3 hours`, `2 days`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or (unit == "minute" and seconds >= length):
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
