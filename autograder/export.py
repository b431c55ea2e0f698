"""Grades as a table for other programs: one row a student and assignment."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from nbgrader.api import MissingEntry

from autograder.course import Course
from autograder.errors import CourseError
from autograder.record import read_entry


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment; `score` is what nbgrader's gradebook says, penalties taken off."""

    student: str
    assignment: str
    score: float
    max_score: float
    state: str
    timestamp: str  # UTC, ISO 8601; empty when nothing was handed in


def rows(course: Course, assignment: str | None = None) -> list[Row]:
    """The standing of every student in the gradebook, by assignment and student; who handed in nothing has 0."""
    if assignment:
        course.check_assignment(assignment)
    with course.gradebook() as gradebook:
        students = sorted(student.id for student in gradebook.students)
        found = sorted(gradebook.assignments, key=lambda each: each.name)
        return [
            _row(course, gradebook, each, student)
            for each in found
            if assignment in (None, each.name)
            for student in students
        ]


def as_csv(table: list[Row]) -> str:
    """The rows as CSV with a header. Texts that a spreadsheet would take for a formula get a quote before them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    writer.writerows([_harmless(value) for value in asdict(row).values()] for row in table)
    return out.getvalue()


def as_json(table: list[Row]) -> str:
    """The rows as a JSON list of objects."""
    return json.dumps([asdict(row) for row in table], indent=1, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[list[Row]], str]] = {"csv": as_csv, "json": as_json}


def export(course: Course, fmt: str = "csv", assignment: str | None = None) -> str:
    """The grades as text in one of FORMATS. Raises CourseError for an unknown format or assignment."""
    if fmt not in FORMATS:
        raise CourseError(f"There is no format {fmt!r}. Choose one of: {', '.join(FORMATS)}.")
    return FORMATS[fmt](rows(course, assignment))


def _row(course: Course, gradebook: object, assignment: object, student: str) -> Row:
    name, points = assignment.name, float(assignment.max_score)  # type: ignore[attr-defined]
    try:
        submission = gradebook.find_submission(name, student)  # type: ignore[attr-defined]
    except MissingEntry:
        return Row(student, name, 0.0, points, "not handed in", "")
    entry = read_entry(course, name, student)
    score = max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0))
    state = "needs review" if submission.needs_manual_grade else (str(entry.state) if entry else "graded")
    when = submission.timestamp.isoformat(timespec="seconds") if submission.timestamp else ""
    return Row(student, name, score, points, state, when)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
