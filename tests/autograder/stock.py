"""nbgrader as it ships, run in a process of its own, and the marks that any grader wrote into a course's gradebook.

As a program (`python stock.py COURSE ASSIGNMENT ...`) it generates and autogrades assignments with nbgrader's own
interface and nothing of this project, and prints as JSON what nbgrader refused: [assignment, student or ""].
"""

import json
import logging
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

NBGRADER = Path(sys.modules["nbgrader"].__file__ or "").parent


class Key(NamedTuple):
    """One cell of one submission."""

    assignment: str
    student: str
    notebook: str
    cell: str


class Mark(NamedTuple):
    """What a gradebook says of a cell: its score ("person" while one has to give it), maximum, and own comment."""

    score: float | str
    points: float | None
    comment: str = ""


def start(course: Path, assignments: Iterable[str]) -> "subprocess.Popen[str]":
    """Start this module as a program."""
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    command = [sys.executable, __file__, str(course), *assignments]
    return subprocess.Popen(
        command, cwd=course, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def refused(process: "subprocess.Popen[str]") -> set[tuple[str, str]]:
    """Wait for a started program; returns what nbgrader refused."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    return {(assignment, student) for assignment, student in json.loads(out.splitlines()[-1])}


def marks(course: Path) -> dict[Key, Mark]:
    """Every mark in the gradebook of a course."""
    found = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                for notebook in submission.notebooks:
                    place = (assignment.name, submission.student.id, notebook.name)
                    for grade in notebook.grades:
                        score = "person" if grade.needs_manual_grade else (grade.auto_score or 0.0)
                        found[Key(*place, grade.name)] = Mark(score, grade.max_score)
                    for comment in notebook.comments:
                        key = Key(*place, comment.name)
                        found[key] = found.get(key, Mark("", None))._replace(comment=comment.auto_comment or "")
    return found


def times(course: Path, assignment: str) -> dict[str, datetime | None]:
    """When each student handed in an assignment, as the gradebook of a course says."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {each.student.id: each.timestamp for each in gradebook.assignment_submissions(assignment)}


def _main(root: str, assignments: list[str]) -> None:
    app = NbGrader(log_level=logging.CRITICAL)
    app.load_config_file()
    course = CourseDirectory(parent=app, root=root)
    api = NbGraderAPI(course, parent=app)
    failed = []
    for assignment in assignments:
        if not api.generate_assignment(assignment)["success"]:
            failed.append((assignment, ""))
            continue
        for student in sorted(api.get_submitted_students(assignment)):
            if not api.autograde(assignment, student)["success"]:
                failed.append((assignment, student))
    print(json.dumps(failed))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
