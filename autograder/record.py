"""Writing results down: nbgrader's gradebook and `autograded/` notebooks, and one small file a result beside them.

The only module that writes grades. A score that a person gave is never touched.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from autograder.course import Course
from autograder.model import Assignment, Result, State, Submission

LEARNER_NOTE = "autograder"  # the key in a graded notebook's metadata that holds state and reasons


@dataclass(frozen=True)
class Entry:
    """What is remembered of a grading, to show it and to know whether it is still of use."""

    student: str
    assignment: str
    state: State
    reasons: tuple[str, ...]
    score: float
    points: float
    engine: str
    submission: str  # digests of what was graded
    against: str


def read_entry(course: Course, assignment: str, student: str) -> Entry | None:
    """The remembered grading of one submission; None when there is none that can be read."""
    try:
        saved = json.loads(course.result(assignment, student).read_text("utf-8"))
        return Entry(**{**saved, "state": State(saved["state"]), "reasons": tuple(saved["reasons"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def record(course: Course, assignment: Assignment, submission: Submission, result: Result, engine: str) -> Entry:
    """Write one result down; a result that was not run changes no grade."""
    entry = Entry(
        student=result.student,
        assignment=result.assignment,
        state=result.state,
        reasons=result.reasons,
        score=result.score,
        points=result.points,
        engine=engine,
        submission=submission.digest(),
        against=assignment.digest(),
    )
    if result.state is not State.NOT_RUN:
        _write_notebooks(course.autograded(result.assignment, result.student), assignment, submission, result)
        with course.gradebook() as gradebook:
            _write_grades(gradebook, submission, result)
        _assign_late_penalties(course, result)
    path = course.result(result.assignment, result.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, json.dumps(asdict(entry), indent=1, ensure_ascii=False))
    return entry


def _write_notebooks(folder: Path, assignment: Assignment, submission: Submission, result: Result) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    others = {name: data for name, data in submission.files.items() if not name.endswith(".ipynb")}
    for name, data in {**others, **assignment.files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for notebook in result.notebooks:
        content = json.loads(notebook.graded)
        content["metadata"][LEARNER_NOTE] = {"state": result.state, "reasons": list(result.reasons)}
        path = folder / f"{notebook.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _write_grades(gradebook: Gradebook, submission: Submission, result: Result) -> None:
    gradebook.update_or_create_student(result.student)
    gradebook.update_or_create_submission(result.assignment, result.student, timestamp=submission.timestamp)
    for notebook in result.notebooks:
        place = (notebook.name, result.assignment, result.student)
        for cell in notebook.cells:
            grade = gradebook.find_grade(cell.id, *place)
            grade.auto_score = cell.score
            # As nbgrader does: what a person scored before should be looked at again.
            grade.needs_manual_grade = cell.score is None or grade.manual_score is not None
        for comment in gradebook.find_submission_notebook(*place).comments:
            comment.auto_comment = "No response." if comment.name in notebook.unanswered else None
    gradebook.db.commit()


def _assign_late_penalties(course: Course, result: Result) -> None:
    for notebook in result.notebooks:
        place: dict[str, Any] = {"notebook": notebook.name, "assignment": result.assignment, "student": result.student}
        penalties = AssignLatePenalties(parent=course.app)
        penalties.preprocess(new_notebook(), {"nbgrader": {**place, "db_url": course.db_url}})


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old or the new text, never half of one."""
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(text, "utf-8")
    scratch.replace(path)
