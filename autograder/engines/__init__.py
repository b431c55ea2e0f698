"""The engines that turn one submission into one result; `--engine` chooses among them by name."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.errors import CourseError, shown
from autograder.limits import Limits
from autograder.results import Assignment, Result, Submission

DEFAULT = "sandbox"
_ENGINES = ("nbgrader", "sandbox")
_PYTHON = ("python", "python3", "ipython")


class Engine(Protocol):
    """Grades submissions of one assignment. It writes to no course folder and to no gradebook."""

    def grade(self, submission: Submission) -> Result:
        """The result of one submission; whatever is in it, this returns and does not raise."""
        ...


@dataclass(frozen=True)
class Setup:
    """Which engine to open for what, as plain data: any process can open it."""

    engine: str
    root: Path  # of the course; only nbgrader's own engine looks there, for the configuration
    assignment: Assignment
    released: Mapping[str, bytes]  # the notebooks as learners got them
    limits: Limits
    unsandboxed: bool = False

    @property
    def label(self) -> str:
        """The engine and what about it can change a grade, in words, for the record of a result."""
        limit = "" if self.limits == Limits() else f", {self.limits.cell:g} s a cell"
        looser = [
            f"{test} {level.tag}"
            for each in self.assignment.probed.values()
            for test, level in each.levels.items()
            if level
        ]
        levels = f", {', '.join(looser)}" if looser else ""
        return f"{self.engine}{', shut off' if self.unsandboxed else ''}{limit}{levels}"


def names() -> list[str]:
    """The engines that can be asked for."""
    return list(_ENGINES)


def check(engine: str, *, unsandboxed: bool = False) -> None:
    """Raise CourseError when there is no engine of that name, or when it can't work on this machine."""
    if engine not in _ENGINES:
        raise CourseError(f"There is no engine {engine!r}. Choose one of: {', '.join(_ENGINES)}.")
    reason = why_no_sandbox() if engine == "sandbox" and not unsandboxed else ""
    if reason:
        raise CourseError(
            f"{reason}\nNothing was graded. If you trust everybody who handed in, --unsandboxed goes on without a "
            "sandbox and marks every result."
        )


def check_language(engine: str, assignment: Assignment) -> None:
    """Raise CourseError when a notebook is not in Python: only nbgrader's own engine runs other kernels."""
    for name, data in assignment.notebooks.items() if engine == "sandbox" else ():
        language = json.loads(data)["metadata"].get("kernelspec", {}).get("language", "python")
        if language.lower() not in _PYTHON:
            raise CourseError(
                f"{shown(name)}.ipynb is in {shown(language)}, and the sandbox runs Python only. Nothing was graded. "
                "If you trust everybody who handed in, --engine nbgrader runs it as nbgrader does, without a sandbox."
            )


def why_no_sandbox() -> str:
    """Why students' code can't be shut in on this machine, found by trying it; empty when it can."""
    from autograder.engines.sandbox import try_out
    from autograder.sandbox.host import Sandbox, SandboxError
    from autograder.trusted.session import SessionLostError
    from autograder.wire.forks import ForkServerError

    try:
        sandbox = Sandbox([])
    except SandboxError as error:
        return str(error)
    try:
        try_out(sandbox)
    except (ForkServerError, SessionLostError) as error:
        return f"bubblewrap does not work here: {error}"
    finally:
        sandbox.close()
    return ""


def open_engine(setup: Setup) -> AbstractContextManager[Engine]:
    """The engine that `setup` asks for, ready for one assignment, as a context manager."""
    if setup.engine == "nbgrader":
        from autograder.course.course import Course
        from autograder.engines.nbgrader import NbgraderEngine

        return NbgraderEngine(Course(setup.root), setup.assignment, setup.released, setup.limits)
    from autograder.engines.sandbox import SandboxEngine

    return SandboxEngine(setup.assignment, setup.released, setup.limits, unsandboxed=setup.unsandboxed)
