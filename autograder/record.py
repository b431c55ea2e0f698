"""Writing results down: nbgrader's gradebook and `autograded/` notebooks, and one small file a result beside them.

The only module that writes grades, and only one process at a time does so. Wherever it is interrupted, the file beside
the submission is missing until everything else is in place: such a submission is simply graded again.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import OperationalError

from autograder import notebooks
from autograder.course import Course
from autograder.engines.submitted import beside
from autograder.errors import AutograderError
from autograder.results import Assignment, NotebookResult, Result, State, Submission

LEARNER_NOTE = "autograder"  # the key in a graded notebook's metadata that holds state and reasons

_ENTITY = re.compile(r"&(?=#?\w+;)")  # a letter of a scheme in disguise, which is read twice in links
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_SCRIPT = re.compile(r"(script)[\s\\]*:", re.IGNORECASE)  # as the scheme of a link
_PATIENCE = 75.0  # seconds that a locked gradebook is waited for
_PAUSE = 0.5  # seconds between tries
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}

_T = TypeVar("_T")


class CannotRecordError(AutograderError):
    """Nothing can be written down at present, whichever submission it is; the message says what to mend."""


@dataclass(frozen=True)
class Entry:
    """What is remembered of a grading, to show it and to know whether it is still of use."""

    student: str
    assignment: str
    state: State
    reasons: tuple[str, ...]
    score: float  # the gradebook's, with what a person gave; penalties taken off
    points: float
    engine: str
    submission: str  # digests of what was graded
    against: str
    replaced: tuple[str, ...] = ()  # scores given by hand that were overwritten, in words
    waiting: tuple[str, ...] = ()  # cells that were left for a person to score


def read_entry(course: Course, assignment: str, student: str) -> Entry | None:
    """The remembered grading of one submission; None when there is none that can be read."""
    try:
        saved = json.loads(course.result(assignment, student).read_text("utf-8"))
        texts = {key: tuple(saved.get(key, ())) for key in ("reasons", "replaced", "waiting")}
        return Entry(**{**saved, **texts, "state": State(saved["state"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget_entry(course: Course, assignment: str, student: str) -> None:
    """Forget a grading, so that the submission is graded again; its grades stay until then."""
    course.result(assignment, student).unlink(missing_ok=True)


def patiently(action: Callable[[], _T], tell: Callable[[str], None]) -> _T:
    """What `action` returns; while another program holds the gradebook, wait and try again.

    Raises CannotRecordError when it is held for over a minute, or when there is no room on the disk.
    """
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        try:
            return action()
        except (OSError, OperationalError, sqlite3.OperationalError) as error:
            if is_no_room(error):
                raise CannotRecordError(no_room(error)) from None
            if not _is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise CannotRecordError(
                    f"Another program has held the gradebook for more than {_PATIENCE:.0f} seconds. Close it."
                ) from None
            if not told:
                tell("Another program holds the gradebook (the formgrader, perhaps). Waiting for it ...")
                told = True
            time.sleep(_PAUSE)


def no_room(error: Exception) -> str:
    """What to say about a full disk."""
    return (
        f"There is no room on the disk ({error_text(error)}). Make some where the course lies, and where temporary "
        f"files do ({tempfile.gettempdir()})."
    )


def error_text(error: Exception) -> str:
    """An error in a few words, without SQL."""
    return f"{type(error).__name__}: {getattr(error, 'orig', error)}"


def seconds_late(timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float:
    """How late it was handed in, as nbgrader counts it; 0 when it was in time, or nobody knows."""
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())


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

    def record(self, submission: Submission, result: Result) -> Entry:
        """Write one result down; a result that was not run changes no grade.

        Raises CannotRecordError when no result can be written, OSError or SQLAlchemyError when this one can't.
        """
        return patiently(lambda: self._record(submission, result), self._tell)

    def _record(self, submission: Submission, result: Result) -> Entry:
        forget_entry(self._course, result.assignment, result.student)
        score = result.score
        replaced: tuple[str, ...] = ()
        if result.state is not State.NOT_RUN:
            folder = self._course.autograded(result.assignment, result.student)
            _write_folder(folder, _files(self._assignment, submission, result))
            score, replaced = self._grades.write(submission, result, force=self._force)
        entry = Entry(
            student=result.student,
            assignment=result.assignment,
            state=result.state,
            reasons=result.reasons,
            score=score,
            points=result.points,
            engine=self._engine,
            submission=submission.digest(),
            against=self._against,
            replaced=replaced,
            waiting=tuple(cell.id for part in result.notebooks for cell in part.cells if cell.score is None),
        )
        path = self._course.result(result.assignment, result.student)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps(asdict(entry), indent=1, ensure_ascii=False))
        return entry


@dataclass(frozen=True)
class _Notebook:
    """The ids of an assignment's notebook and its cells in the gradebook."""

    id: str
    graded: Mapping[str, str]  # grade id -> id in the gradebook
    commented: Mapping[str, str]


class _Grades:
    """Writes grades into nbgrader's own tables, one transaction a submission.

    nbgrader's `Gradebook` methods load every computed total of a submission along the way, which takes the longer the
    larger the class; so rows are read and written here by their keys, all of a kind together.
    """

    def __init__(self, course: Course, gradebook: Gradebook, assignment: str) -> None:
        self._session = gradebook.db
        self._late = _LatePenalty(course)
        found = gradebook.find_assignment(assignment)
        self._assignment, self._duedate = found.id, found.duedate
        self._notebooks = {
            each.name: _Notebook(
                id=each.id,
                graded={cell.name: cell.id for cell in (*each.grade_cells, *each.task_cells)},
                commented={cell.name: cell.id for cell in (*each.solution_cells, *each.task_cells)},
            )
            for each in found.notebooks
        }
        self._session.remove()  # end the reading: other programs may write between two submissions

    def write(self, submission: Submission, result: Result, *, force: bool) -> tuple[float, tuple[str, ...]]:
        """Write all grades of a submission; returns its total, and what became of replaced scores given by hand."""
        try:
            self._put(Student, {}, "id", {result.student: {}})
            keys = {"assignment_id": self._assignment}
            submitted = self._put(
                SubmittedAssignment, keys, "student_id", {result.student: {"timestamp": submission.timestamp}}
            )[result.student]
            late = self._seconds_late(submitted, submission.timestamp)
            total = 0.0
            replaced: list[str] = []
            for notebook in result.notebooks:
                score, over = self._write_notebook(
                    submitted, notebook, force, lambda score: self._late.penalty(result.student, score, late)
                )
                total += score
                replaced += over
            self._session.commit()
        finally:
            self._session.remove()
        return total, tuple(replaced)

    def _write_notebook(
        self, submitted: str, notebook: NotebookResult, force: bool, penalty: Callable[[float], float | None]
    ) -> tuple[float, list[str]]:
        """Write one notebook's grades; returns its score, and what was given by hand and replaced."""
        known = self._notebooks[notebook.name]
        by_hand, extra = self._by_hand(known, submitted)
        replaced = []
        grades = {}
        total = 0.0
        for cell in notebook.cells:
            place = known.graded[cell.id]
            given = by_hand.get(place)
            if force and given is not None and cell.score is not None:
                replaced += [f"{cell.id}: {given:g} by hand, now {cell.score:g}"] if given != cell.score else []
                given = None
            # As nbgrader does: what a person scored before should be looked at again.
            needs_person = cell.score is None or given is not None
            grades[place] = {"auto_score": cell.score, "manual_score": given, "needs_manual_grade": needs_person}
            counts = cell.score if given is None else given
            total += 0.0 if counts is None else counts + extra.get(place, 0.0)  # as nbgrader adds up
        taken_off = penalty(total)
        values = {"late_submission_penalty": taken_off}
        row = self._put(SubmittedNotebook, {"assignment_id": submitted}, "notebook_id", {known.id: values})[known.id]
        self._put(Grade, {"notebook_id": row}, "cell_id", grades)
        comments = {
            place: {"auto_comment": "No response." if name in notebook.unanswered else None}
            for name, place in known.commented.items()
        }
        self._put(Comment, {"notebook_id": row}, "cell_id", comments)
        return total - (taken_off or 0.0), replaced

    def _by_hand(self, known: _Notebook, submitted: str) -> tuple[dict[str, float], dict[str, float]]:
        """What a person gave so far, by the cell's id in the gradebook: scores, and extra credit."""
        columns = select(Grade.cell_id, Grade.manual_score, Grade.extra_credit)
        joined = columns.join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id).where(
            SubmittedNotebook.notebook_id == known.id,
            SubmittedNotebook.assignment_id == submitted,
            Grade.cell_id.in_(known.graded.values()),
        )
        rows = self._session.connection().execute(joined).all()
        return (
            {cell: score for cell, score, _ in rows if score is not None},
            {cell: extra for cell, _, extra in rows if extra is not None},
        )

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
        if timestamp is None or self._duedate is None:
            return 0.0
        column = select(SubmittedAssignment.extension).where(SubmittedAssignment.id == submitted)
        return seconds_late(timestamp, self._duedate, self._session.connection().execute(column).scalar_one())


class _LatePenalty:
    """The course's plugin for late submissions."""

    def __init__(self, course: Course) -> None:
        step = AssignLatePenalties(parent=course.app)
        step.init_plugin()
        self._plugin = step.plugin_inst

    def penalty(self, student: str, score: float, late: float) -> float | None:
        """The points to take off a notebook's score, between none and all of it."""
        penalty = self._plugin.late_submission_penalty(student, score, late) if late > 0 else None
        return None if penalty is None else min(max(penalty, 0.0), score)


def _files(assignment: Assignment, submission: Submission, result: Result) -> dict[str, bytes]:
    """What lies in the folder of a graded submission."""
    graded = {f"{notebook.name}.ipynb": _with_note(notebook, result) for notebook in result.notebooks}
    return {**beside(submission.files, assignment), **assignment.files, **graded}


def _with_note(notebook: NotebookResult, result: Result) -> bytes:
    content = json.loads(notebook.graded)
    content["metadata"][LEARNER_NOTE] = {"state": result.state, "reasons": list(result.reasons)}
    for cell in content["cells"]:
        settings = cell["metadata"].get("nbgrader")
        if cell["cell_type"] != "code" and (not settings or settings.get("solution")):
            cell["source"] = _disarmed("".join(cell["source"]))
    return notebooks.write_compactly(content)


def _disarmed(text: str) -> str:
    """A student's Markdown without HTML and scripts: the formgrader would run them with the instructor's rights."""
    return _SCRIPT.sub(r"\1 :", _TAG.sub("&lt;", _ENTITY.sub("& ", text)))


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


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old or the new text, never half of one."""
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, "utf-8")
    scratch.replace(path)


def _is_locked(error: Exception) -> bool:
    return isinstance(error, OperationalError) and "locked" in error_text(error)


def is_no_room(error: Exception) -> bool:
    """Whether it says that a disk is full, or a file as large as it may be."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return "disk is full" in error_text(error) or "disk I/O error" in error_text(error)
