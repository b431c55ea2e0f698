"""Grades as a table for other programs: one row a student and assignment."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import CourseError
from autograder.record import read_entry
from autograder.standing import Standing, standings


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment; `score` is what nbgrader's gradebook says, penalties taken off."""

    student: str
    assignment: str
    score: float
    max_score: float
    state: str
    timestamp: str  # UTC, ISO 8601; empty when nothing was handed in
    minutes_late: float = 0.0


def rows(course: Course, assignment: str | None = None) -> list[Row]:
    """The standing of every student who is in the gradebook or handed in, by assignment and student.

    Who handed in nothing, or was not graded yet, has 0.
    """
    if assignment:
        course.check_assignment(assignment)
    with course.gradebook() as gradebook:
        known = {student.id for student in gradebook.students}
        found = [each for each in gradebook.assignments if assignment in (None, each.name)]
        found.sort(key=lambda each: each.name)
        return [row for each in found for row in _rows(course, gradebook, each, known)]


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


def _rows(course: Course, gradebook: Any, assignment: Any, known: set[str]) -> list[Row]:
    standing = standings(gradebook, assignment)
    points = float(assignment.max_score)
    students = sorted(known | set(course.students(assignment.name)))
    return [_row(course, assignment.name, points, student, standing.get(student)) for student in students]


def _row(course: Course, assignment: str, points: float, student: str, standing: Standing | None) -> Row:
    if standing is None:
        folder = course.submitted(assignment, student)
        if not folder.is_dir():
            return Row(student, assignment, 0.0, points, "not handed in", "")
        time = course.settings.get_existing_timestamp(str(folder))
        return Row(student, assignment, 0.0, points, "not graded", _moment(time))
    state = standing.state(read_entry(course, assignment, student))
    late = standing.seconds_late / 60
    return Row(student, assignment, standing.score, points, str(state), _moment(standing.timestamp), late)


def _moment(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else ""


def _harmless(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
