"""Grades as a table for other programs: one row a student and assignment."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course.course import Course
from autograder.course.entries import read_entry
from autograder.course.held import read_book
from autograder.course.standing import Standing, standings
from autograder.course.times import parse_time
from autograder.errors import CourseError, visible

_LONGEST_TIME = 100  # characters
# In wide letters too, which some spreadsheets read as the others.
_FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n]")


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment; `score` is what nbgrader's gradebook says, penalties taken off."""

    student: str
    assignment: str
    score: float
    max_score: float
    state: str
    timestamp: str  # ISO 8601 with its zone, which is UTC; empty when nothing was handed in
    minutes_late: float = 0.0

    def to_read(self) -> "Row":
        """The same with texts that a terminal only shows, whatever is in them."""
        student, assignment, state = map(visible, (self.student, self.assignment, self.state))
        return replace(self, student=student, assignment=assignment, state=state)


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


def export(course: Course, fmt: str = "csv", assignment: str | None = None, *, to_read: bool = False) -> str:
    """The grades as text in one of FORMATS; `to_read` is for a terminal, and shows control characters.

    Raises CourseError for an unknown format or assignment.
    """
    if fmt not in FORMATS:
        raise CourseError(f"There is no format {fmt!r}. Choose one of: {', '.join(FORMATS)}.")
    table = rows(course, assignment)
    return FORMATS[fmt]([row.to_read() for row in table] if to_read else table)


def encoded(text: str) -> bytes:
    """The text as bytes, in UTF-8; what is no UTF-8 in a folder's name stays what it is."""
    return text.encode("utf-8", "surrogateescape")


def save(text: str, path: Path) -> None:
    """Write the text to a file. Raises CourseError, with what to do, when that can't be done."""
    try:
        path.write_bytes(encoded(text))
    except OSError as error:
        if not path.parent.is_dir():
            raise CourseError(f"There is no folder {path.parent}. Make it first, or name another with --to.") from None
        raise CourseError(f"{path} can't be written: {error.strerror}. Name another file with --to.") from None


def _rows(course: Course, gradebook: Any, assignment: Any, known: set[str]) -> list[Row]:
    standing = standings(read_book(gradebook, assignment.name))
    points = float(assignment.max_score)
    students = sorted(known | set(course.students(assignment.name)))
    return [_row(course, assignment.name, points, student, standing.get(student)) for student in students]


def _row(course: Course, assignment: str, points: float, student: str, standing: Standing | None) -> Row:
    if standing is None:
        folder = course.submitted(assignment, student)
        if not folder.is_dir():
            return Row(student, assignment, 0.0, points, "not handed in", "")
        return Row(student, assignment, 0.0, points, "not graded", _moment(_handed_in(folder, course.zone)))
    state = standing.state(read_entry(course, assignment, student))
    late = standing.seconds_late / 60
    return Row(student, assignment, standing.score, points, str(state), _moment(standing.timestamp), late)


def _handed_in(folder: Path, zone: str) -> datetime | None:
    """The time in nbgrader's file beside a submission; None where there is none that can be read."""
    try:
        text = (folder / "timestamp.txt").read_text("utf-8", "replace")
    except OSError:
        return None
    return parse_time(text[:_LONGEST_TIME], zone)[0]


def _moment(time: datetime | None) -> str:
    return time.replace(tzinfo=UTC).isoformat(timespec="seconds") if time else ""


def _harmless(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(unicodedata.normalize("NFKC", value)) else value
