"""The engines that turn one submission into one result; `--engine` chooses among them by name."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from autograder.errors import CourseError
from autograder.model import Assignment, Result, Submission

if TYPE_CHECKING:  # nbgrader takes a second to import
    from autograder.course import Course

DEFAULT = "nbgrader"
_ENGINES = {"nbgrader": ("autograder.engines.nbgrader", "NbgraderEngine")}


class Engine(Protocol):
    """Grades submissions of one assignment. It writes to no course folder and to no gradebook."""

    def grade(self, submission: Submission) -> Result:
        """The result of one submission; whatever is in it, this returns and does not raise."""
        ...


def names() -> list[str]:
    """The engines that can be asked for."""
    return sorted(_ENGINES)


def open_engine(
    name: str, course: "Course", assignment: Assignment, released: Mapping[str, bytes]
) -> AbstractContextManager[Engine]:
    """The engine called `name`, ready for one assignment, as a context manager.

    `released` holds the notebooks as learners got them. Raises CourseError for an unknown name.
    """
    if name not in _ENGINES:
        raise CourseError(f"There is no engine {name!r}. Choose one of: {', '.join(names())}.")
    module, factory = _ENGINES[name]
    return getattr(import_module(module), factory)(course, assignment, released)
