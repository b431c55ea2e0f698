"""Grading with nbgrader's own Autograde converter, in a temporary course that holds nothing but the one submission.

The student's code runs in a Jupyter kernel as the user who grades, and the tests run in that same kernel: use it for
classes that you trust. The real course, its gradebook and other submissions are not in the temporary course.
"""

import importlib.machinery
import math
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import CheckCellMetadata, ComputeChecksums, SaveCells

from autograder.course.course import Course, captured, last_error, scratch_gradebook
from autograder.engines.execute import HardenedExecute
from autograder.engines.submitted import beside, failed, nothing, rebuild_all
from autograder.limits import Limits
from autograder.notebook.cells import write_notebook
from autograder.notebook.messages import learner_messages
from autograder.notebook.rebuild import Rebuilt
from autograder.notebook.role import role_of
from autograder.results import Assignment, CellResult, NotebookResult, Result, State, Submission

_SETTINGS = {
    "source_directory": "source",
    "release_directory": "release",
    "submitted_directory": "submitted",
    "autograded_directory": "autograded",
    "directory_structure": "{nbgrader_step}/{student_id}/{assignment_id}",
}
_STOPPED = {
    "DeadKernelError": "Python ended while",
    "StuckKernelError": "Python could not be interrupted while",
    "TotalTimeoutError": "the notebook's whole time was used up before",
}


class NbgraderEngine:
    """Grades submissions of one assignment; a context manager, since it keeps a temporary course meanwhile."""

    def __init__(self, course: Course, assignment: Assignment, released: Mapping[str, bytes], limits: Limits) -> None:
        course.app.config.HardenedExecute.timeout = math.ceil(limits.cell)
        course.app.config.HardenedExecute.total_timeout = math.ceil(limits.total)
        self._course = course
        self._assignment = assignment
        self._released = released

    def __enter__(self) -> "NbgraderEngine":
        self._scratch = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        self._root = Path(self._scratch.name)
        self._db_url = scratch_gradebook(self._root / "gradebook.db")
        source = self._root / "source" / self._assignment.name
        _write_files(source, {f"{name}.ipynb": data for name, data in self._assignment.notebooks.items()})
        _write_files(source, self._assignment.files)
        converter = GenerateAssignment(coursedir=self._directory(), parent=self._course.app, force=True)
        converter.preprocessors = [ComputeChecksums, SaveCells, CheckCellMetadata]
        converter.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._scratch.cleanup()

    def grade(self, submission: Submission) -> Result:
        """The result of one submission; whatever is in it, this returns and does not raise."""
        reasons: list[str] = []
        if submission.fault:
            return failed(self._assignment, submission, submission.fault)
        rebuilt, left = rebuild_all(self._assignment, self._released, submission, reasons)
        if left and not rebuilt:
            return failed(self._assignment, submission, *left.values(), *reasons)
        files, left_out = _safe_files(beside(submission.files, self._assignment), self._assignment.files)
        reasons += [f"{name} was left out: it would stand in for a Python module" for name in left_out]
        try:
            graded = self._autograde(submission.student, rebuilt, files)
        except Exception as error:
            return Result(
                submission.student, self._assignment.name, State.NOT_RUN, (f"{type(error).__name__}: {error}",)
            )
        results = tuple(
            nothing(name, data) if name in left else _notebook_result(name, graded[name], rebuilt[name].unanswered)
            for name, data in self._assignment.notebooks.items()
        )
        reasons += [text for name in rebuilt for text in rebuilt[name].repairs]
        review = [text for name in rebuilt for text in rebuilt[name].review]
        stops = [*left.values(), *(stop for name in rebuilt if (stop := _stopped(graded[name])))]
        state = _state(results, reasons, review, stops)
        remarks = [text for name in rebuilt for text in rebuilt[name].remarks]
        why = (*stops, *remarks, *reasons, *review)
        return Result(submission.student, self._assignment.name, state, why, results, tuple(review))

    def _autograde(self, student: str, rebuilt: Mapping[str, Rebuilt], files: Mapping[str, bytes]) -> dict[str, Any]:
        """Run nbgrader's Autograde over one student's folder; returns the graded notebooks."""
        name = self._assignment.name
        folder = self._root / "submitted" / student / name
        _write_files(folder, {**files, **{f"{key}.ipynb": value.notebook for key, value in rebuilt.items()}})
        converter = Autograde(coursedir=self._directory(student), parent=self._course.app, force=True)
        converter.autograde_preprocessors = [
            HardenedExecute if _is_execute(step) else step for step in converter.autograde_preprocessors
        ]
        try:
            with captured(self._course.app.log) as log:
                try:
                    converter.start()
                except SystemExit as error:
                    raise RuntimeError("nbgrader gave up") from error
                except Exception as error:
                    raise RuntimeError(last_error(log) or str(error)) from error
            made = self._root / "autograded" / student / name
            return {key: nbformat.read(made / f"{key}.ipynb", as_version=4) for key in rebuilt}
        finally:
            for step in ("submitted", "autograded"):
                utils.rmtree(self._root / step) if (self._root / step).exists() else None

    def _directory(self, student: str = "*") -> Any:
        settings = {**_SETTINGS, "db_url": self._db_url, "course_id": self._course.settings.course_id}
        return self._course.directory(self._assignment.name, student, root=str(self._root), **settings)


def _safe_files(files: Mapping[str, bytes], course: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """The files to lay beside the notebook; a file that hides a module which the tests import is left out."""
    kept, left_out = {}, []
    for path, data in files.items():
        top = PurePosixPath(path).parts[0]
        module = top.split(".")[0]
        if path not in course and _is_module(module) and ("/" in path or path.endswith((".py", ".so", ".pyc"))):
            left_out.append(path)
        else:
            kept[path] = data
    return kept, left_out


def _is_module(name: str) -> bool:
    try:
        return name in sys.stdlib_module_names or importlib.machinery.PathFinder.find_spec(name) is not None
    except (ImportError, ValueError):
        return True


def _notebook_result(name: str, graded: Any, unanswered: tuple[str, ...]) -> NotebookResult:
    cells = tuple(_cell_result(cell) for cell in graded.cells if role_of(cell).is_graded)
    return NotebookResult(name, cells, unanswered, write_notebook(graded))


def _cell_result(cell: Any) -> CellResult:
    role = role_of(cell)
    score, points = (None, role.points or 0.0) if role.task else utils.determine_grade(cell)
    messages = learner_messages(cell.source, cell.outputs) if cell.cell_type == "code" else ()
    return CellResult(role.grade_id, float(points), score, messages)


def _stopped(graded: Any) -> str:
    """Where and why the run ended early, as a sentence; empty when it did not."""
    for cell in graded.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and output.ename in _STOPPED:
                where = role_of(cell).grade_id or cell.id
                return f"{_STOPPED[output.ename]} cell {where} ran; that cell and what follows score 0"
    return ""


def _state(results: tuple[NotebookResult, ...], repairs: list[str], review: list[str], stops: list[str]) -> State:
    if stops:
        return State.FAILED
    if review or any(cell.score is None for result in results for cell in result.cells):
        return State.NEEDS_REVIEW
    return State.REPAIRED if repairs else State.GRADED


def _is_execute(step: Any) -> bool:
    return (step if isinstance(step, str) else step.__name__).rpartition(".")[2] == "Execute"


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
