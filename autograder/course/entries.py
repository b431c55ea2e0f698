"""What is remembered of each grading, in one small file beside the graded submission."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from autograder.course.course import Course
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


def read_entry(course: Course, assignment: str, student: str) -> Entry | None:
    """The remembered grading of one submission; None when there is none that can be read."""
    try:
        saved = json.loads(course.result(assignment, student).read_text("utf-8"))
        texts = {key: tuple(saved.get(key, ())) for key in ("reasons", "replaced", "waiting")}
        marks = {
            name: Marks(each["scores"], tuple(each["unanswered"])) for name, each in saved.get("notebooks", {}).items()
        }
        return Entry(**{**saved, **texts, "notebooks": marks, "state": State(saved["state"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_entry(course: Course, entry: Entry) -> None:
    """Remember a grading. A reader finds the old or the new text, never half of one."""
    path = course.result(entry.assignment, entry.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(json.dumps(asdict(entry), indent=1, ensure_ascii=False), "utf-8")
    scratch.replace(path)


def forget_entry(course: Course, assignment: str, student: str) -> None:
    """Forget a grading, so that the submission is graded again; its grades stay until then."""
    course.result(assignment, student).unlink(missing_ok=True)


def seconds_late(timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float:
    """How late it was handed in, as nbgrader counts it; 0 when it was in time, or nobody knows."""
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())
