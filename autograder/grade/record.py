"""Writing results down: nbgrader's gradebook and `autograded/` notebooks, and one small file a result beside them.

The only module that writes grades, and only one process at a time does so. Wherever it is interrupted, the file beside
the submission is missing until everything else is in place: such a submission is simply graded again.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from sqlalchemy import bindparam, insert, select, update

from autograder.course.course import Course
from autograder.course.entries import (
    Entry,
    Marks,
    forget_entry,
    seconds_late,
    unsettle,
    with_settled,
    write_entry,
)
from autograder.course.held import Book, Cells, read_book, what_counts
from autograder.course.late import LatePenalty
from autograder.course.patience import patiently
from autograder.course.recorded import NO_RESPONSE, completed, differences, reviewed
from autograder.engines.submitted import beside
from autograder.notebook.cells import text_of, write_compactly
from autograder.notebook.disarm import disarmed
from autograder.notebook.role import role_of
from autograder.results import LEARNER_NOTE, Assignment, NotebookResult, Result, State, Submission, digest


@dataclass(frozen=True)
class AtHand:
    """What was made of a result that is at hand; the entry is None when the submission has to be run after all."""

    entry: Entry | None
    changed: tuple[str, ...] = ()  # what was otherwise, in words


class Recorder:
    """Writes the results of one assignment down; a context manager, since it keeps the gradebook open.

    A score or a comment that a person gave stays. Only with `force` a new score takes the place of one given by hand,
    and the entry says which.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        engine: str,
        *,
        force: bool = False,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._against = assignment.digest()
        self._engine = engine
        self._force = force
        self._tell = tell
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Recorder":
        self._grades = patiently(self._open_gradebook, self._tell)
        return self

    def _open_gradebook(self) -> "_Grades":
        gradebook = self._open.enter_context(self._course.gradebook())
        return _Grades(self._course, gradebook, self._assignment.name)

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def knows(self, student: str) -> bool:
        """Whether the gradebook held anything of the student's submission when this began."""
        return student in self._grades.book.submissions

    @property
    def has_duedate(self) -> bool:
        """Whether the gradebook knows until when it had to be handed in."""
        return self._grades.book.duedate is not None

    def record(self, submission: Submission, result: Result) -> Entry:
        """Write one result down; a result that was not run changes no grade.

        Raises CannotRecordError when no result can be written, OSError or SQLAlchemyError when this one can't.
        """
        return patiently(lambda: self._record(submission, result), self._tell)

    def bring_up_to_date(self, submission: Submission, entry: Entry) -> AtHand:
        """See to it that the gradebook says what was recorded of an unchanged submission, without a run.

        Scores and comments given by hand stay, and don't have to be looked at again. Raises as `record` does.
        """
        return patiently(lambda: self._bring_up_to_date(submission, entry), self._tell)

    def _record(self, submission: Submission, result: Result) -> Entry:
        forget_entry(self._course, result.assignment, result.student)
        entry = Entry(
            student=result.student,
            assignment=result.assignment,
            state=result.state,
            reasons=result.reasons,
            score=result.score,
            points=result.points,
            engine=self._engine,
            submission=submission.digest(),
            against=self._against,
            waiting=tuple(cell.id for part in result.notebooks for cell in part.cells if cell.score is None),
            notebooks={part.name: _marks(part) for part in result.notebooks},
            review=result.review,
        )
        if result.state is not State.NOT_RUN:
            folder = self._course.autograded(result.assignment, result.student)
            _write_folder(folder, _files(self._assignment, submission, result))
            entry = self._grades.write(replace(entry, graded=self._graded(entry)), submission, force=self._force)
        entry = unsettle(self._course, entry) if entry.replaced else with_settled(self._course, entry)
        write_entry(self._course, entry)
        return entry

    def _bring_up_to_date(self, submission: Submission, entry: Entry) -> AtHand:
        book = self._grades.book
        if not self._has_graded(entry):
            return AtHand(None, ("its graded notebook was gone: graded again",))
        if not entry.notebooks:  # an earlier version wrote it
            known = completed(replace(entry, graded=self._graded(entry)), book)
            if known is None:
                return AtHand(None, ("the gradebook lacked scores of it: graded again",))
            write_entry(self._course, known)
            entry = known
        found = differences(book, entry, submission.timestamp, self._grades.policy)
        if not found:
            return AtHand(entry)
        if found.rows:
            entry = unsettle(self._course, entry)
        if found.rows and self._graded(entry) != entry.graded:
            return AtHand(None, (*found.rows, "its graded notebook is not the one recorded: graded again"))
        seen = reviewed(entry, book.submissions.get(entry.student), submission.timestamp)
        entry = self._grades.write(entry, submission, seen=seen)
        write_entry(self._course, entry)
        return AtHand(entry, tuple(found))

    def _graded_notebooks(self, entry: Entry) -> list[Path]:
        folder = self._course.autograded(entry.assignment, entry.student)
        return [folder / f"{name}.ipynb" for name in self._assignment.notebooks]

    def _has_graded(self, entry: Entry) -> bool:
        return all(path.is_file() for path in self._graded_notebooks(entry))

    def _graded(self, entry: Entry) -> str:
        """A digest over the graded notebooks."""
        return digest({path.name: path.read_bytes() for path in self._graded_notebooks(entry)})


class _Grades:
    """Writes grades into nbgrader's own tables, one transaction a submission.

    nbgrader's `Gradebook` methods load every computed total of a submission along the way, which takes the longer the
    larger the class; so rows are read and written here by their keys, all of a kind together.
    """

    def __init__(self, course: Course, gradebook: Gradebook, assignment: str) -> None:
        self._session = gradebook.db
        self.policy = LatePenalty(course)
        self.book: Book = read_book(gradebook, assignment)
        self._assignment = gradebook.find_assignment(assignment).id
        self._session.remove()  # end the reading: other programs may write between two submissions

    def write(
        self, entry: Entry, submission: Submission, *, force: bool = False, seen: Collection[tuple[str, str]] = ()
    ) -> Entry:
        """Write all grades of a submission; returns the entry with its total, and what became of scores given by hand.

        `seen` are notebooks and cells that a person scored with these very grades before the eyes.
        """
        try:
            self._put(Student, {}, "id", {entry.student: {}})
            keys = {"assignment_id": self._assignment}
            values = {entry.student: {"timestamp": submission.timestamp}}
            submitted = self._put(SubmittedAssignment, keys, "student_id", values)[entry.student]
            late = self._seconds_late(submitted, submission.timestamp)
            score = penalty = 0.0
            replaced: list[str] = []
            for name, marks in entry.notebooks.items():
                cells = self.book.notebooks[name]
                here = {cell for notebook, cell in seen if notebook == name}
                row = self._put(SubmittedNotebook, {"assignment_id": submitted}, "notebook_id", {cells.id: {}})[
                    cells.id
                ]
                total, over = self._write_grades(row, cells, marks, force, here)
                self._write_comments(row, cells, marks)
                taken_off = self.policy.penalty(entry.student, total, late)
                charged = {cells.id: {"late_submission_penalty": taken_off}}
                self._put(SubmittedNotebook, {"assignment_id": submitted}, "notebook_id", charged)
                score += total - (taken_off or 0.0)
                penalty += taken_off or 0.0
                replaced += over
            self._session.commit()
        finally:
            self._session.remove()
        return replace(entry, score=score, seconds_late=late, penalty=penalty, replaced=(*entry.replaced, *replaced))

    def _write_grades(
        self, row: str, cells: Cells, marks: Marks, force: bool, seen: Collection[str]
    ) -> tuple[float, list[str]]:
        """Write one notebook's grades; returns its score, and what was given by hand and replaced."""
        by_hand = self._by_hand(row)
        replaced = []
        grades = {}
        total = 0.0
        for cell, score in marks.scores.items():
            place = cells.graded[cell]
            given, extra = by_hand.get(place, (None, None))
            if force and given is not None and score is not None:
                replaced += [f"{cell}: {given:g} by hand, now {score:g}"] if given != score else []
                given = None
            # As nbgrader does: what a person scored before should be looked at again.
            needs_person = score is None if given is None else cell not in seen
            grades[place] = {"auto_score": score, "manual_score": given, "needs_manual_grade": needs_person}
            total += what_counts(score, given, extra)
        self._put(Grade, {"notebook_id": row}, "cell_id", grades)
        return total, replaced

    def _write_comments(self, row: str, cells: Cells, marks: Marks) -> None:
        comments = {
            place: {"auto_comment": NO_RESPONSE if name in marks.unanswered else None}
            for name, place in cells.commented.items()
        }
        self._put(Comment, {"notebook_id": row}, "cell_id", comments)

    def _by_hand(self, row: str) -> dict[str, tuple[float | None, float | None]]:
        """What a person gave so far in a notebook, by the cell's id in the gradebook: score, and extra credit."""
        query = select(Grade.cell_id, Grade.manual_score, Grade.extra_credit).where(Grade.notebook_id == row)
        return {cell: (score, extra) for cell, score, extra in self._session.connection().execute(query)}

    def _put(self, table: Any, keys: dict[str, Any], by: str, rows: Mapping[str, dict[str, Any]]) -> dict[str, str]:
        """Make or change the rows with these `keys`, and a key more, the column `by`; returns their ids by that one."""
        where = [getattr(table, key) == value for key, value in keys.items()]
        column = getattr(table, by)
        found = select(column, table.id).where(*where, column.in_(rows))
        connection = self._session.connection()
        ids = {key: row for key, row in connection.execute(found).all()}  # noqa: C416 (dict() asks for tuples)
        old = [{"row": ids[key], **values} for key, values in rows.items() if key in ids and values]
        new = [{"id": new_uuid(), **keys, by: key, **values} for key, values in rows.items() if key not in ids]
        if old:
            connection.execute(update(table.__table__).where(table.id == bindparam("row")), old)
        if new:
            connection.execute(insert(table.__table__), new)
        return ids | {row[by]: row["id"] for row in new}

    def _seconds_late(self, submitted: str, timestamp: datetime | None) -> float:
        if timestamp is None or self.book.duedate is None:
            return 0.0
        column = select(SubmittedAssignment.extension).where(SubmittedAssignment.id == submitted)
        return seconds_late(timestamp, self.book.duedate, self._session.connection().execute(column).scalar_one())


def _marks(part: NotebookResult) -> Marks:
    return Marks({cell.id: cell.score for cell in part.cells}, part.unanswered)


def _files(assignment: Assignment, submission: Submission, result: Result) -> dict[str, bytes]:
    """What lies in the folder of a graded submission."""
    graded = {f"{notebook.name}.ipynb": _with_note(notebook, result) for notebook in result.notebooks}
    return {**beside(submission.files, assignment), **assignment.files, **graded}


def _with_note(notebook: NotebookResult, result: Result) -> bytes:
    content = json.loads(notebook.graded)
    content["metadata"][LEARNER_NOTE] = {"state": result.state, "reasons": list(result.reasons)}
    for cell in content["cells"]:
        if cell["cell_type"] != "code" and not role_of(cell).is_instructors:
            cell["source"] = disarmed(text_of(cell), cell.get("attachments", ()))
    return write_compactly(content)


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files`; half of them never lie there."""
    scratch = folder.with_name(f".new-{folder.name}")
    for old in (scratch, folder):
        if old.exists():
            shutil.rmtree(old)
    scratch.mkdir(parents=True)
    for name, data in files.items():
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # before the gradebook says that it is graded
    scratch.rename(folder)
