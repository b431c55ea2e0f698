"""Grades as a table for other programs: one row a student and assignment."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

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
    """The standing of every student who is in the gradebook or handed in, by assignment and student.

    Who handed in nothing, or was not graded yet, has 0.
    """
    if assignment:
        course.check_assignment(assignment)
    with course.gradebook() as gradebook:
        known = {student.id for student in gradebook.students}
        found = sorted(gradebook.assignments, key=lambda each: each.name)
        return [
            _row(course, gradebook, each, student)
            for each in found
            if assignment in (None, each.name)
            for student in sorted(known | set(course.students(each.name)))
        ]


def as_csv(table: list[Row]) -> str:
    """The rows as CSV with a header. Texts that a spreadsheet would take for a formula get a quote before them.

    Numbers are rounded to 4 decimals.
    """
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


def save(text: str, path: Path) -> None:
    """Write the text to a file. Raises CourseError, with what to do, when that can't be done."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        if not path.parent.is_dir():
            raise CourseError(f"There is no folder {path.parent}. Make it first, or name another with --to.") from None
        raise CourseError(f"{path} can't be written: {error.strerror}. Name another file with --to.") from None


def _row(course: Course, gradebook: object, assignment: object, student: str) -> Row:
    name, points = assignment.name, float(assignment.max_score)  # type: ignore[attr-defined]
    try:
        submission = gradebook.find_submission(name, student)  # type: ignore[attr-defined]
    except MissingEntry:
        folder = course.submitted(name, student)
        if not folder.is_dir():
            return Row(student, name, 0.0, points, "not handed in", "")
        return Row(
            student, name, 0.0, points, "not graded", _moment(course.settings.get_existing_timestamp(str(folder)))
        )
    entry = read_entry(course, name, student)
    score = max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0))
    state = "needs review" if submission.needs_manual_grade else (str(entry.state) if entry else "graded")
    return Row(student, name, score, points, state, _moment(submission.timestamp))


def _moment(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else ""


def _harmless(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
