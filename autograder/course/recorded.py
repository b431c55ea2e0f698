"""Whether the gradebook still says what was recorded of a grading, and what it says otherwise.

It may have lost the rows (a student or the assignment removed, the file lost), have other ones (an older copy put back,
nbgrader's own grading since), or take off too much or too little (a due date, an extension or the policy changed).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from autograder.course.entries import Entry, Marks, seconds_late
from autograder.course.held import Book, Cells, Held, Part, what_counts
from autograder.course.late import LatePenalty
from autograder.errors import counted, listed

NO_RESPONSE = "No response."  # nbgrader's automatic comment
_MOST_NAMED = 5  # cells in one sentence
_ALIKE = 1e-6  # points or seconds


@dataclass(frozen=True)
class Differences:
    """What the gradebook says otherwise, in words: its rows, and how late the hand-in was and what that costs."""

    rows: tuple[str, ...] = ()
    late: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter((*self.rows, *self.late))

    def __bool__(self) -> bool:
        return bool(self.rows or self.late)


def differences(book: Book, entry: Entry, timestamp: datetime | None, policy: LatePenalty) -> Differences:
    """What the gradebook says otherwise than `entry` of a submission that was handed in at `timestamp`."""
    held = book.submissions.get(entry.student)
    if held is None:
        rows: tuple[str, ...] = ("the gradebook had no scores of it",)
    else:
        rows = (
            *_otherwise(book.notebooks, entry, held),
            *(["another time of handing in"] * (held.timestamp != timestamp)),
        )
    late = seconds_late(timestamp, book.duedate, held.extension if held else None)
    return Differences(rows, tuple(_lateness(entry, held, late, policy, trusted=not rows)))


def reviewed(entry: Entry, held: Held | None, timestamp: datetime | None) -> set[tuple[str, str]]:
    """The notebooks and cells to which a person gave a score with this very result before the eyes."""
    if held is None or held.timestamp != timestamp:
        return set()
    return {
        (notebook, cell)
        for notebook, marks in entry.notebooks.items()
        for cell, score in marks.scores.items()
        if (mark := held.parts.get(notebook, Part(None)).marks.get(cell))
        and mark.manual is not None
        and mark.auto == score
        and not mark.waits
    }


def completed(entry: Entry, book: Book) -> Entry | None:
    """An entry of an earlier version, with each cell's score from the gradebook; None when some are not there."""
    held = book.submissions.get(entry.student)
    if held is None or any(map(_is_short, book.notebooks.values(), map(held.parts.get, book.notebooks))):
        return None
    if any(mark.auto is None and name not in entry.waiting for name, mark in held.marks()):
        return None
    notebooks = {name: _as_marks(held.parts[name]) for name in book.notebooks}
    return replace(entry, notebooks=notebooks, seconds_late=held.seconds_late(book.duedate), penalty=_taken_off(held))


def duration(seconds: float) -> str:
    """`8 minutes`, `3 hours`, `2 days`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or (unit == "minute" and seconds >= length):
            return counted(int(seconds // length), unit)
    return "less than a minute"


def _otherwise(notebooks: Mapping[str, Cells], entry: Entry, held: Held) -> list[str]:
    """What of the rows is missing, or not as it was recorded."""
    missing, other = [], []
    for name, marks in entry.notebooks.items():
        cells, part = notebooks.get(name, Cells("")), held.parts.get(name, Part(None))
        there = {*part.marks} & {*cells.graded}
        missing += [cell for cell in {**marks.scores, **cells.graded, **cells.commented} if _lacks(cells, part, cell)]
        other += [
            f"{cell}: {_points(part.marks[cell].auto)}, now {_points(score)}"
            for cell, score in marks.scores.items()
            if cell in there and part.marks[cell].auto != score
        ]
        other += [
            f"{cell}: another automatic comment"
            for cell, comment in part.comments.items()
            if comment != _comment(marks, cell)
        ]
        other += [
            f"{cell}: no score, and nobody was waited for"
            for cell, score in marks.scores.items()
            if cell in there and score is None and _is_overlooked(part, cell)
        ]
    return [
        *([f"the gradebook lacked {listed(missing, _MOST_NAMED)}"] if missing else []),
        *([f"the gradebook had it otherwise ({listed(other, _MOST_NAMED, '; ')})"] if other else []),
    ]


def _lacks(cells: Cells, part: Part, cell: str) -> bool:
    is_known = cell in cells.graded or cell in cells.commented
    return (
        not is_known
        or (cell in cells.graded and cell not in part.marks)
        or (cell in cells.commented and cell not in part.comments)
    )


def _is_short(cells: Cells, part: Part | None) -> bool:
    return part is None or any(_lacks(cells, part, cell) for cell in (*cells.graded, *cells.commented))


def _is_overlooked(part: Part, cell: str) -> bool:
    mark = part.marks[cell]
    return mark.auto is None and mark.manual is None and not mark.waits


def _comment(marks: Marks, cell: str) -> str | None:
    return NO_RESPONSE if cell in marks.unanswered else None


def _as_marks(part: Part) -> Marks:
    blank = tuple(cell for cell, comment in part.comments.items() if comment == NO_RESPONSE)
    return Marks({cell: mark.auto for cell, mark in part.marks.items()}, blank)


def _lateness(entry: Entry, held: Held | None, late: float, policy: LatePenalty, *, trusted: bool) -> Iterator[str]:
    """What changed in how late it was, and in what that costs; `trusted` when the gradebook's rows are as recorded."""
    if abs(late - entry.seconds_late) > _ALIKE:
        yield f"{_lateness_in_words(entry.seconds_late)} before, {_lateness_in_words(late)} now"
    parts = {name: held.parts.get(name, Part(None)) if held else Part(None) for name in entry.notebooks}
    now = {name: _penalty(entry, marks, parts[name], late, policy) for name, marks in entry.notebooks.items()}
    before = _taken_off(held) if held and trusted else entry.penalty
    changed = trusted and any(abs(now[name] - (parts[name].penalty or 0.0)) > _ALIKE for name in now)
    if changed or abs(sum(now.values()) - before) > _ALIKE:
        yield f"late penalty: {before:g} before, {sum(now.values()):g} now"


def _penalty(entry: Entry, marks: Marks, part: Part, late: float, policy: LatePenalty) -> float:
    given = {cell: (mark.manual, mark.extra) for cell, mark in part.marks.items()}
    total = sum(what_counts(score, *given.get(cell, (None, None))) for cell, score in marks.scores.items())
    return policy.penalty(entry.student, total, late) or 0.0


def _taken_off(held: Held) -> float:
    return sum(part.penalty or 0.0 for part in held.parts.values())


def _lateness_in_words(seconds: float) -> str:
    return f"{duration(seconds)} late" if seconds > 0 else "in time"


def _points(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"
