"""How to grade submissions of one notebook, by the instructor's notebook; and a submission as a job for its tests."""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

import numpy as np

from autograder.engines.submitted import beside
from autograder.limits import Limits
from autograder.notebook import names
from autograder.notebook.cells import code_cells, text_of
from autograder.notebook.rebuild import Rebuilt
from autograder.notebook.role import Role, role_of
from autograder.results import Assignment, Submission
from autograder.trusted.job import Job, JobCell, Kind
from autograder.trusted.level import Level

_TENSORFLOW = re.compile(r"\b(tensorflow|keras)\b")
_OF_TABLES = ("pandas", "scipy")
_NUMPY = ("numpy", "numpy.random")  # which loads the second when it is first used


@dataclass
class Plan:
    """What the instructor's notebook says about how to grade submissions of it."""

    template: list[str | None]  # sources of its code cells; None for answers and tests
    tests: list[str]
    answers: list[tuple[int, str]]  # answer cells as they are handed out, with their places
    helpers: list[tuple[int, str]]  # functions in answer cells that the solution leaves as they are, with their places
    own: list[str]  # names that the solution's answer cells bind
    secret: str  # what only those know who have the instructor's notebook
    positions: dict[str, int]  # grade id -> place among the code cells
    is_solved: bool  # whether the instructor's notebook holds answers other than those that are handed out
    fixed: dict[str, Level]  # grade id -> level of a test whose tag says it
    student_modules: set[str]
    test_modules: set[str]
    needed_tensorflow: bool = False  # known from an earlier submission
    needed_student: bool = False  # so too


def make_plan(template: bytes, solution: bytes | None) -> Plan:
    """The plan of a notebook in its graded form; `solution` is the instructor's notebook with the answers, if known."""
    sources: list[str | None] = []
    tests: list[str] = []
    answers: list[tuple[int, str]] = []
    positions: dict[str, int] = {}
    fixed: dict[str, Level] = {}
    solved, handed_out = _answers(solution), _answers(template)
    helpers: list[tuple[int, str]] = []
    for cell in code_cells(json.loads(template)):
        role, source = role_of(cell), text_of(cell)
        name, place = role.grade_id, len(sources)
        positions[name] = place
        if role.is_test:
            tests.append(source)
        elif role.is_answer:
            answers.append((place, source))
            helpers += [(place, kept) for kept in [_kept_functions(source, solved.get(name, ""))] if kept]
        sources.append(None if role.is_test or role.is_answer else source)
        if role.is_test and (level := fixed_level(cell["metadata"].get("tags", ()))) is not None:
            fixed[name] = level
    course = [names.parse(source) for source in sources if source is not None]
    students = course + [names.parse(source) for source in solved.values()]
    parsed = [names.parse(source) for source in tests]
    read = {name for tree in parsed for name in names.loaded(tree)}
    return Plan(
        template=sources,
        tests=tests,
        answers=answers,
        helpers=helpers,
        own=sorted(name for source in solved.values() for name in names.rebound(names.parse(source), {})),
        secret=sha256(solution or template).hexdigest(),
        positions=positions,
        is_solved=any(source != handed_out[name] for name, source in solved.items() if name in handed_out),
        fixed=fixed,
        student_modules={*_NUMPY} | names.modules(students),
        test_modules={*_NUMPY, "numpy.testing", "autograder.checks"}
        | names.modules(course + parsed, read)
        | _that_cross(names.modules(students)),
    )


def _that_cross(modules: Iterable[str]) -> set[str]:
    """Of the modules that students' code imports, those whose values are rebuilt where the tests run."""
    return {name for name in modules if name.partition(".")[0] in _OF_TABLES and ":" not in name}


def fixed_level(tags: Iterable[str]) -> Level | None:
    """The level that a test cell's tags ask for."""
    return next((level for level in reversed(Level) if level.tag in tags), None)


def _answers(solution: bytes | None) -> dict[str, str]:
    """The instructor's answer cells in code, by grade id."""
    cells = code_cells(json.loads(solution)) if solution else []
    return {role.grade_id: text_of(cell) for cell in cells if (role := role_of(cell)).is_answer}


def _kept_functions(handed_out: str, solved: str) -> str:
    """The functions that an answer cell holds and that its solution does not change, as source."""
    before, after = (names.functions([names.parse(source)]) for source in (handed_out, solved))
    return "\n\n".join(ast.unparse(node) for name, node in before.items() if names.is_same(node, after.get(name)))


def make_job(
    plan: Plan,
    rebuilt: Rebuilt,
    assignment: Assignment,
    submission: Submission,
    limits: Limits,
    levels: Mapping[str, Level],
    *,
    hollow: bool = False,
    theirs: Iterable[str] = (),
) -> Job:
    """What the process that runs the tests gets to know of a submission's notebook; `levels` are those of its tests.

    With `hollow` the tests get values with nothing in them, and `theirs` are values of the course's that they take from
    the student's process.
    """
    code = code_cells(json.loads(rebuilt.notebook))
    roles = [role_of(cell) for cell in code]
    cells: list[JobCell] = [
        {
            "index": index,
            "kind": _kind(role),
            "source": text_of(cell),
            "points": (role.points or 0.0) if role.is_test else 0.0,
            "position": plan.positions.get(role.grade_id, 0),
            "level": levels.get(role.grade_id, plan.fixed.get(role.grade_id, Level.APART)),
        }
        for index, (cell, role) in enumerate(zip(code, roles, strict=True))
    ]
    files = beside(submission.files, assignment)
    return {
        "cells": cells,
        "skip": [],
        "hollow": hollow,
        "theirs": sorted(theirs),
        "template": plan.template,
        "answers": plan.answers,
        "helpers": plan.helpers,
        "own": plan.own,
        "secret": plan.secret,
        "files": _as_arrays({**files, **assignment.files}),
        "course_files": _as_arrays(assignment.files),
        "limits": asdict(limits),
        "tensorflow": any(_TENSORFLOW.search(cell["source"]) for cell in cells),
        "run_all": any(role.is_manual for role in roles),
    }


def _as_arrays(files: Mapping[str, bytes]) -> dict[str, np.ndarray]:
    """The contents in a form that has no limit but a message's own on the way."""
    return {name: np.frombuffer(data, np.uint8) for name, data in files.items()}


def _kind(role: Role) -> Kind:
    if not role.is_instructors:
        return "student"
    return "test" if role.is_test else "course"
