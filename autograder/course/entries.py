"""What is remembered of each grading, in one small file beside the graded submission.

What a person said to have looked at lies in a file of its own: it holds on when the submission is graded again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.course import Course
from autograder.errors import shown
from autograder.results import State


@dataclass(frozen=True)
class Marks:
    """What grading gave one notebook: the score of each graded cell, None where a person scores it."""

    scores: Mapping[str, float | None]
    unanswered: tuple[str, ...] = ()  # cells that are as they were released


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
    notebooks: Mapping[str, Marks] = field(default_factory=dict)  # by name; empty in what 0.1.0 wrote
    graded: str = ""  # the digest of the graded notebooks
    seconds_late: float = 0.0
    penalty: float = 0.0  # points taken off for that
    review: tuple[str, ...] = ()  # of the reasons, those for which a person has to look, whatever the scores
    settled: tuple[str, ...] = ()  # reasons of which a person said to have looked; not in this file

    @property
    def asking(self) -> tuple[str, ...]:
        """The reasons for which a person still has to look, beside cells that wait for a score.

        What is said of such a cell is settled with its score.
        """
        if self.state is not State.NEEDS_REVIEW:
            return ()
        # An earlier version wrote no `review`: then all reasons ask, unless there was a cell to ask for.
        asked = self.review or (() if self.waiting else self.reasons)
        scored = tuple(f"{shown(cell)}: " for cell in self.waiting)
        return tuple(text for text in asked if text not in self.settled and not text.startswith(scored))


def read_entry(course: Course, assignment: str, student: str) -> Entry | None:
    """The remembered grading of one submission; None when there is none that can be read."""
    try:
        saved = json.loads(course.result(assignment, student).read_text("utf-8"))
        texts = {key: tuple(saved.get(key, ())) for key in ("reasons", "replaced", "waiting", "review")}
        marks = {
            name: Marks(each["scores"], tuple(each["unanswered"])) for name, each in saved.get("notebooks", {}).items()
        }
        entry = Entry(**{**saved, **texts, "notebooks": marks, "state": State(saved["state"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return with_settled(course, entry)


def write_entry(course: Course, entry: Entry) -> None:
    """Remember a grading. A reader finds the old or the new text, never half of one."""
    saved = asdict(entry)
    del saved["settled"]
    _write(course.result(entry.assignment, entry.student), saved)


def forget_entry(course: Course, assignment: str, student: str) -> None:
    """Forget a grading, so that the submission is graded again; its grades stay until then."""
    course.result(assignment, student).unlink(missing_ok=True)


def with_settled(course: Course, entry: Entry) -> Entry:
    """The entry with what a person has settled of this very hand-in, graded against this very source."""
    try:
        saved = json.loads(course.seen(entry.assignment, entry.student).read_text("utf-8"))
        is_of_this = (saved["submission"], saved["against"]) == (entry.submission, entry.against)
        settled = tuple(str(text) for text in saved["reasons"]) if is_of_this else ()
    except (OSError, ValueError, TypeError, KeyError):
        settled = ()
    return replace(entry, settled=settled)


def settle(course: Course, entry: Entry) -> Entry:
    """Remember that a person has looked at all that the entry asks for; returns it with that."""
    settled = (*entry.settled, *entry.asking)
    about = {"submission": entry.submission, "against": entry.against, "reasons": settled}
    _write(course.seen(entry.assignment, entry.student), about)
    return replace(entry, settled=settled)


def unsettle(course: Course, entry: Entry) -> Entry:
    """Forget that a person has looked: with what came of it, such as a corrected score, the look is gone too."""
    course.seen(entry.assignment, entry.student).unlink(missing_ok=True)
    return replace(entry, settled=())


def _write(path: Path, content: Mapping[str, object]) -> None:
    """Write a file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    scratch.replace(path)


def seconds_late(timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float:
    """How late it was handed in, as nbgrader counts it; 0 when it was in time, or nobody knows."""
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())
