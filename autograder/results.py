"""The plain data that passes between the stages: what was asked, what was handed in, what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

LEARNER_NOTE = "autograder"  # the key in a graded notebook's metadata that holds state and reasons


class State(StrEnum):
    """What became of one submission."""

    GRADED = "graded"
    REPAIRED = "repaired"  # graded, after changed, missing or doubled cells were put right
    NEEDS_REVIEW = "needs review"  # a person has to score something, or should look at the repairs
    FAILED = "failed"  # the submission's own fault stopped the grading; what follows that point scores 0
    NOT_RUN = "not run"  # not the submission's fault: grade again, nothing was recorded


@dataclass(frozen=True)
class Assignment:
    """One assignment in its graded form: answers cleared, locked cells and hidden tests in place."""

    name: str
    notebooks: Mapping[str, bytes]  # name without ".ipynb" -> notebook
    files: Mapping[str, bytes]  # path beside the notebooks -> content
    solutions: Mapping[str, bytes] = field(default_factory=dict)  # the instructor's own notebooks, by name
    probed: Mapping[str, Any] = field(default_factory=dict)  # by notebook, what `engines.probe` found with these
    earlier: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)  # by notebook, earlier releases of it

    def digest(self) -> str:
        """A SHA-256 over all that submissions are graded against: not over the solutions."""
        return digest({**{f"{name}.ipynb": data for name, data in self.notebooks.items()}, **self.files})


@dataclass(frozen=True)
class Submission:
    """What one student handed in: `files` maps relative paths, notebooks among them, to contents."""

    student: str
    assignment: str
    files: Mapping[str, bytes]
    timestamp: datetime | None = None  # in UTC, without tzinfo, as nbgrader keeps it
    fault: str = ""  # why it can't be graded at all
    note: str = ""  # what was odd about it when it was collected
    doubt: str = ""  # why a person has to look whether this is what counts

    def digest(self) -> str:
        """A SHA-256 over everything in it."""
        return digest(self.files)


@dataclass(frozen=True)
class CellResult:
    """The outcome of one graded cell; `score` is None when a person has to score it."""

    id: str
    points: float
    score: float | None
    messages: tuple[str, ...] = ()  # for the learner


@dataclass(frozen=True)
class NotebookResult:
    """The outcome of one notebook; `graded` is the executed notebook for the formgrader."""

    name: str
    cells: tuple[CellResult, ...]
    unanswered: tuple[str, ...]  # ids of solution cells that are as they were released
    graded: bytes


@dataclass(frozen=True)
class Result:
    """The outcome of one submission."""

    student: str
    assignment: str
    state: State
    reasons: tuple[str, ...]
    notebooks: tuple[NotebookResult, ...] = ()
    review: tuple[str, ...] = ()  # those of the reasons for which a person has to look, whatever the scores

    @property
    def score(self) -> float:
        """The points so far; a cell that waits for a person counts 0."""
        return sum(cell.score or 0.0 for notebook in self.notebooks for cell in notebook.cells)

    @property
    def points(self) -> float:
        """The points that can be had."""
        return sum(cell.points for notebook in self.notebooks for cell in notebook.cells)


def digest(files: Mapping[str, bytes]) -> str:
    """A SHA-256 over names and contents, whatever their order."""
    total = sha256()
    for name in sorted(files):
        total.update(f"{name}\0{sha256(files[name]).hexdigest()}\n".encode())
    return total.hexdigest()
