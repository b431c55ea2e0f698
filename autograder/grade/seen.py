"""What a person has looked at: reasons for a look that no score in the formgrader settles, and so ask no more."""

from nbgrader.api import MissingEntry

from autograder.collect.store import read_submission
from autograder.course.course import Course
from autograder.course.entries import Entry, read_entry, settle
from autograder.course.standing import Standing, read_standings
from autograder.errors import CourseError, listed, shown
from autograder.grade.run import Outcome, chosen_students
from autograder.results import State

_MOST_NAMED = 5  # cells in one sentence


def seen(course: Course, assignment: str, students: list[str]) -> list[Outcome]:
    """Note that a person has looked at what the rows of some students ask for; returns the rows as they are now.

    It holds for these hand-ins, this source and these reasons: others ask anew. Cells that wait for a score go on
    waiting. Raises CourseError, and notes nothing, where one of the students has no row that asks for such a look.
    """
    course.check_assignment(assignment)
    chosen = chosen_students(course, assignment, students)
    try:
        now = read_standings(course, assignment)
    except MissingEntry:
        now = {}
    entries = {student: read_entry(course, assignment, student) for student in chosen}
    faults = [text for student in chosen if (text := _fault(course, assignment, student, entries[student], now))]
    if faults:
        raise CourseError("\n".join([*faults, "Nothing was noted."]))
    return [
        Outcome(settle(course, entry), skipped=False, standing=now[student])
        for student, entry in entries.items()
        if entry
    ]


def _fault(course: Course, assignment: str, student: str, entry: Entry | None, now: dict[str, Standing]) -> str:
    """Why there is nothing to settle with a look, and what to do; empty where there is."""
    who = shown(student)
    first = f"Grade it, read what its row says, and look: autograder grade {shown(assignment)} --student {who}"
    if entry is None or entry.state is State.NOT_RUN or student not in now:
        return f"What {who} handed in has no result yet. {first}"
    if read_submission(course, assignment, student).digest() != entry.submission:
        return f"What {who} handed in has changed since it was graded. {first}"
    if entry.asking:
        return ""
    standing = now[student]
    if standing.waiting:
        cells = listed([*map(shown, standing.waiting)], _MOST_NAMED)
        return f"Of {who} there are cells to be scored: {cells}. Score them in the formgrader: that settles them."
    if standing.kept:
        kept = listed([*map(shown, standing.kept)], _MOST_NAMED, "; ")
        return f"Of {who} there are scores to be looked at: {kept}. Confirm or change them in the formgrader."
    return f"Nothing of {who}'s asks for a look: the state is '{standing.state(entry)}'."
