"""Whose a submission is: by a person, a roster, a learning platform's names, the file, or the folders it lies in."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nbgrader.plugins import FileNameCollectorPlugin

from autograder.collect import people
from autograder.collect.layout import is_notebook
from autograder.collect.people import Mark
from autograder.collect.roster import NotInRosterError, Roster
from autograder.course.course import Course
from autograder.errors import CourseError, IntakeError, listed, shown

_LONGEST_PATH = 1000  # characters that nbgrader's regular expression for names of files is tried on


class Candidate(NamedTuple):
    """One submission's file or folder, and how many folders it lies below the one that was given."""

    path: Path
    name: str
    depth: int


def is_taken(path: Path) -> bool:
    """Whether a file may be a submission, by its name."""
    return path.suffix.lower() == ".zip" or is_notebook(path.name)


def notebook_names(course: Course) -> set[str]:
    """The names of all assignments' notebooks."""
    return {path.name for name in course.assignments() for path in course.source(name).glob("*.ipynb")}


def mark_of(course: Course, found: Candidate) -> Mark | None:
    """What a learning platform wrote into the names of a file or folder and of those that it lies in."""
    if named := _by_the_courses_rule(course, found.path):
        return named
    parts = [*reversed(found.path.absolute().parts)]
    assignments = course.assignments()
    for n, part in enumerate(parts):
        is_folder = n > 0 or found.path.is_dir()
        inside = n < max(1, found.depth)  # and not above, where folders are the instructor's
        mark = people.mark(part, assignments, is_folder=is_folder) if inside else people.sure_mark(part)
        if mark:
            return mark
    known = {*assignments, *(Path(name).stem for name in notebook_names(course))}
    return people.drive_mark(found.path.stem, known) if found.path.is_file() else None


def _by_the_courses_rule(course: Course, path: Path) -> Mark | None:
    """What nbgrader's own rule for names of files says, where the course has one (`named_regexp`).

    Raises CourseError when it is no regular expression.
    """
    rule = FileNameCollectorPlugin(parent=course.app).named_regexp
    if not rule:
        return None
    try:
        match = re.match(rule, str(path.absolute())[-_LONGEST_PATH:]) or re.match(rule, path.name)
    except re.error as error:
        raise CourseError(f"c.FileNameCollectorPlugin.named_regexp is no regular expression: {error}.") from None
    said = match.groupdict("") if match else {}
    if not said.get("student_id"):
        return None
    also = (said.get("email", ""), f"{said.get('first_name', '')} {said.get('last_name', '')}".strip())
    return Mark(said["student_id"], said["student_id"], "", said.get("timestamp", ""), said.get("file_id", ""), also)


def names_in(mark: Mark | None) -> list[str]:
    """What a platform's mark may say about the assignment."""
    return [mark.rest, mark.origin.replace("_", " ")] if mark else []


def clean(text: str) -> str:
    """The text in one spelling, without what can't be written."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode()


def whose(
    course: Course,
    found: Candidate,
    assignment: str,
    names: list[str],
    packed_as: str,
    mark: Mark | None,
    student: str | None,
    roster: Roster | None,
) -> tuple[str, str]:
    """Whose it is, and a word for the report where something about it says another name."""
    if student:
        who = people.checked_name(student)
        strange = f"{who} is not in the roster" if roster and who not in roster.people else ""
        return who, "; ".join(filter(None, (strange, _person_remark(who, packed_as, mark))))
    if roster:
        who = _in_roster(roster, assignment, names, packed_as, mark)
        return who, f"for '{shown(mark.said)}'" if mark else ""
    if packed_as:
        who = people.checked_name(packed_as)
        return who, _person_remark(who, packed_as, mark)
    if mark and not mark.person:
        raise IntakeError(
            f"'{shown(mark.origin)}' is a number, no name. A roster tells whose it is (--roster), or --student."
        )
    if mark:
        who = people.checked_name(mark.person if people.is_name(mark.person) else people.as_name(mark.person))
        return who, f"for '{shown(mark.said)}'" if who != mark.person else ""
    return people.checked_name(_guess_student(course, found, assignment, names)), ""


def _in_roster(roster: Roster, assignment: str, names: list[str], packed_as: str, mark: Mark | None) -> str:
    """The person of the roster whose it is, by what the platform says, then by the name in it, then by its folders'.

    Raises NotInRosterError when it is nobody's, or may be several people's.
    """
    by_mark = roster.find([mark.person, *mark.also], mark.number) if mark else ""
    rests = [rest for name in names if (rest := _without(assignment, name))]
    found = by_mark or (roster.find([packed_as]) if packed_as else next(filter(None, map(roster.find, zip(rests))), ""))
    if found:
        return found
    said = mark.said if mark else packed_as or listed(rests) or "It"
    raise NotInRosterError(
        f"'{shown(said)}' is nobody in the roster ({shown(roster.path, 300)}). Add it to a person's line there, or say "
        "whose it is with --student."
    )


def _person_remark(who: str, packed_as: str, mark: Mark | None) -> str:
    """A word for the report where a packed file, or the folder it came in, says another name."""
    packed = f"though it was packed as '{shown(packed_as)}'" if packed_as and packed_as != who else ""
    person = mark.person if mark else ""
    one, other = people.plain(person), people.plain(who)
    folder = f"its folder says '{shown(person)}'" if one not in other and other not in one else ""
    return "; ".join(filter(None, (packed, folder)))


def _guess_student(course: Course, found: Candidate, assignment: str, names: list[str]) -> str:
    """The first of the names that says more than the assignment does, such as `ada` in `02-convolution.ada.zip`.

    The name of a file in a folder of its own is the learner's affair: there the folder's name is the person's. Of a
    file that was given alone it may be the person's, if it can be one. Raises IntakeError where that can't be told.
    """
    known = {*course.assignments(), *(Path(name).stem for name in notebook_names(course))}
    rests = [rest for name in names if (rest := _without(assignment, name)) and not people.is_nobody(rest, known)]
    if not found.path.is_file():
        return next(iter(rests), "")
    own = _without(assignment, names[0])
    folders = [rest for rest in rests if rest != own]
    if found.depth == 1:
        return own if own in rests else "" if _count_beside(found) > 1 else next(iter(folders), "")
    if found.depth == 0:
        possible = [rest for rest in rests if _is_alone(found) and people.is_name(unicodedata.normalize("NFC", rest))]
        return next(iter(possible + rests), "")
    if own not in rests or _is_alone(found):
        return next(iter(folders or rests), "")
    if folders and folders[0] == _without(assignment, found.path.parent.name):
        raise IntakeError(
            f"It can't be told whether '{shown(own)}' or its folder '{shown(folders[0])}' is a person. If the files in "
            "it are called by persons, give that folder alone; else say whose it is with --student, or give a --roster."
        )
    return own


def _without(assignment: str, name: str) -> str:
    """What a file's or folder's name says beside the assignment: the person's name at best."""
    rest = re.sub(r"\(\d+\)", "", name).replace(assignment, "").removesuffix(".submission")
    return rest.strip(" ._-+()")


def _is_alone(found: Candidate) -> bool:
    """Whether it is the only file in a folder that may be one learner's, which the folder that was given is not."""
    return found.depth != 1 and _count_beside(found) == 1


def _count_beside(found: Candidate) -> int:
    """How many files that may be submissions lie in its folder, itself among them."""
    folder = found.path.parent
    return _count_of_taken(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=100)  # it is asked for each file in the folder; the time tells whether the folder is still the same
def _count_of_taken(folder: Path, _modified: int) -> int:
    return sum(is_taken(entry) for entry in folder.iterdir())
