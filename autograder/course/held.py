"""What the gradebook holds of an assignment: its cells, and of each submission what was recorded and given by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, select

from autograder.course.entries import seconds_late


@dataclass(frozen=True)
class Mark:
    """One row of grades; a score is None where none was given."""

    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool  # for a person to look
    points: float

    @property
    def score(self) -> float:
        """What counts."""
        return what_counts(self.auto, self.manual, self.extra)


@dataclass
class Part:
    """What the gradebook holds of one submitted notebook, by the names of cells."""

    penalty: float | None
    marks: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)  # the automatic ones


@dataclass
class Held:
    """What the gradebook holds of one submission, by the names of notebooks."""

    timestamp: datetime | None
    extension: timedelta | None
    parts: dict[str, Part] = field(default_factory=dict)

    def marks(self) -> list[tuple[str, Mark]]:
        """All rows of grades, with their cells' names, by name."""
        return sorted(
            ((name, mark) for part in self.parts.values() for name, mark in part.marks.items()), key=lambda row: row[0]
        )

    def seconds_late(self, duedate: datetime | None) -> float:
        """How late it was handed in."""
        return seconds_late(self.timestamp, duedate, self.extension)


@dataclass
class Cells:
    """A notebook's id in the gradebook, and those of its cells by name: graded ones, and ones with comments."""

    id: str
    graded: dict[str, str] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """What the gradebook holds of an assignment: its notebooks by name, its submissions by student."""

    duedate: datetime | None
    notebooks: Mapping[str, Cells]
    submissions: Mapping[str, Held]


def what_counts(auto: float | None, manual: float | None, extra: float | None) -> float:
    """The score of a cell as nbgrader adds it up: what a person gave goes before what a test gave."""
    given = auto if manual is None else manual
    return 0.0 if given is None else given + (extra or 0.0)


def read_book(gradebook: Any, assignment: str) -> Book:
    """All that the gradebook holds of an assignment; raises MissingEntry when it doesn't know it.

    Few queries for all: nbgrader's own totals are computed one by one.
    """
    found = gradebook.find_assignment(assignment)
    submissions = _submissions(gradebook.db, found.id)
    _add_grades(gradebook.db, found.id, submissions)
    _add_comments(gradebook.db, found.id, submissions)
    return Book(found.duedate, _cells(gradebook.db, found.id), submissions)


def _cells(session: Any, assignment_id: str) -> dict[str, Cells]:
    """An assignment's notebooks and their cells, by name."""
    rows = session.execute(
        select(Notebook.name, Notebook.id, BaseCell.name.label("cell"), BaseCell.id.label("cell_id"), BaseCell.type)
        .outerjoin(BaseCell, BaseCell.notebook_id == Notebook.id)
        .where(Notebook.assignment_id == assignment_id)
    )
    found: dict[str, Cells] = {}
    for row in rows:
        cells = found.setdefault(row.name, Cells(row.id))
        if row.type in (GradeCell.__name__, TaskCell.__name__):
            cells.graded[row.cell] = row.cell_id
        if row.type in (SolutionCell.__name__, TaskCell.__name__):
            cells.commented[row.cell] = row.cell_id
    return found


def _submissions(session: Any, assignment_id: str) -> dict[str, Held]:
    rows = session.execute(
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Notebook.name,
            SubmittedNotebook.late_submission_penalty,
        )
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .where(SubmittedAssignment.assignment_id == assignment_id)
    )
    found: dict[str, Held] = {}
    for row in rows:
        held = found.setdefault(row.student_id, Held(row.timestamp, row.extension))
        if row.name is not None:
            held.parts[row.name] = Part(row.late_submission_penalty)
    return found


def _rows_of(table: Any, assignment_id: str) -> Any:
    """A query over the rows of a kind that an assignment has, with the student, the notebook and the cell."""
    return (
        select(SubmittedAssignment.student_id, Notebook.name, BaseCell.name.label("cell"))
        .select_from(SubmittedAssignment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(table, table.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == table.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment_id)
    )


def _add_grades(session: Any, assignment_id: str, submissions: Mapping[str, Held]) -> None:
    grade_cells, task_cells = GradeCell.__table__, TaskCell.__table__
    query = (
        _rows_of(Grade, assignment_id)
        .add_columns(
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
            func.coalesce(grade_cells.c.max_score, task_cells.c.max_score, 0.0).label("points"),
        )
        .outerjoin(grade_cells, grade_cells.c.id == BaseCell.id)
        .outerjoin(task_cells, task_cells.c.id == BaseCell.id)
    )
    for row in session.execute(query):
        mark = Mark(row.auto_score, row.manual_score, row.extra_credit, row.needs_manual_grade, row.points)
        submissions[row.student_id].parts[row.name].marks[row.cell] = mark


def _add_comments(session: Any, assignment_id: str, submissions: Mapping[str, Held]) -> None:
    for row in session.execute(_rows_of(Comment, assignment_id).add_columns(Comment.auto_comment)):
        submissions[row.student_id].parts[row.name].comments[row.cell] = row.auto_comment
