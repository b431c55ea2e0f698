"""What nbgrader takes a cell for, by the settings in the cell's metadata."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Role:
    """The role of a cell. One that nbgrader doesn't know is the learner's own: it has no id, and it is nothing else."""

    grade_id: str = ""  # nbgrader's name for the cell
    grade: bool = False
    solution: bool = False
    task: bool = False
    locked: bool = False
    points: float | None = None  # None where there is no number
    is_known: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether its text is for the learner to write."""
        return self.solution

    @property
    def is_test(self) -> bool:
        """Whether it gives points by running, if it is code."""
        return self.grade and not self.solution

    @property
    def is_manual(self) -> bool:
        """Whether a person gives the points."""
        return self.task or (self.grade and self.solution)

    @property
    def is_graded(self) -> bool:
        """Whether there are points for it."""
        return self.grade or self.task

    @property
    def is_instructors(self) -> bool:
        """Whether its text is the instructor's, as far as nbgrader knows."""
        return self.is_known and not self.solution

    @property
    def is_locked(self) -> bool:
        """Whether a learner may not change it."""
        return not self.solution and (self.grade or self.locked)


def role_of(cell: Mapping[str, Any]) -> Role:
    """The role of a cell of a notebook's JSON, whoever wrote it: what has another form than it should is not there.

    Versions of nbgrader write the same in more or fewer fields, and points as numbers or as text.
    """
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(settings, dict) or not settings:
        return Role()
    grade_id = settings.get("grade_id")
    return Role(
        grade_id if isinstance(grade_id, str) else "",
        grade=bool(settings.get("grade")),
        solution=bool(settings.get("solution")),
        task=bool(settings.get("task")),
        locked=bool(settings.get("locked")),
        points=_number(settings.get("points")),
        is_known=True,
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number
