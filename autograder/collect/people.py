"""Who handed something in: names that a student can have here, and what learning platforms write into files' names."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.errors import IntakeError, shown

MOST_LETTERS = 128  # of a student's name
_MARKS = ".@-"
_JOINERS = "\u200c\u200d"  # which Persian and the scripts of India need inside of words
# Names of files and folders. Moodle's is looked for at the beginning, for files may follow in the same name.
_MOODLE = re.compile(r"(?P<person>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?")
_CANVAS = re.compile(r"(?P<person>\w+?)(?:_(?:late|LATE))?_(?P<number>\d+)_\d{3,}_(?P<rest>.+)")
_BLACKBOARD = re.compile(r"(?P<item>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+))?")
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+-\d+) - (?P<person>.+?) - (?P<time>\w+\.? \d{1,2}, \d{4} \d{3,4} [AP]M)(?: - (?P<rest>.+))?"
)
_GRADESCOPE = re.compile(r"submission_(?P<number>\d+)")
_ILIAS = re.compile(r"[^_]+_.+_(?P<person>[^_]+)_(?P<number>\d{2,})")
_COPY_OF = re.compile(r"copy of ", re.IGNORECASE)
_COPY = re.compile(r"(?:\(\d+\)|[ _-]copy[ _-]?\d*|-\d+)$", re.IGNORECASE)
_NO_NAMES = {"untitled", "notebook", "submission"}


@dataclass(frozen=True)
class Mark:
    """What a learning platform's name for a file or folder says; the same `origin` is the same person."""

    origin: str
    person: str = ""  # a name, or a login name
    number: str = ""  # the platform's number of the person
    time: str = ""  # of the attempt
    rest: str = ""  # the name that the learner gave to the file, or the assignment's
    also: tuple[str, ...] = ()  # what else the person is called in it

    @property
    def said(self) -> str:
        """What it says about whose it is, for a message."""
        return self.person or f"number {self.number}"


def is_name(name: str) -> bool:
    """Whether that can be a student's name here: letters of any alphabet with their marks, digits and `. _ - @`."""
    return 0 < len(name) <= MOST_LETTERS and all(_may_stand(name, n) for n in range(len(name)))


def checked_name(name: str) -> str:
    """The name in the one spelling in which it is kept. Raises IntakeError for one that can't be a student's."""
    name = unicodedata.normalize("NFC", name)  # as `companion submit` has it
    if not name:
        raise IntakeError("It can't be told whose this is. Say so with --student.")
    if not is_name(name):
        raise IntakeError(
            f"'{shown(name)}' can't be a student's name here (letters, digits and . _ - @ can). "
            "Say whose it is with --student."
        )
    return name


def as_name(person: str) -> str:
    """A platform's name of a person as a student's name: `Conor O'Neill` becomes `Conor.ONeill`."""
    words = unicodedata.normalize("NFC", person).split()
    return ".".join(filter(None, ("".join(_kept(word)).strip(_MARKS) for word in words)))[:MOST_LETTERS]


def plain(name: str) -> str:
    """The letters and digits of a name, small and without accents, since login names have none."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in letters if _counts(letter)).casefold()


def alike(name: str) -> str:
    """What two names have in common that differ in capital letters or in joiners only, which few people see."""
    return unicodedata.normalize("NFC", name.translate(dict.fromkeys(map(ord, _JOINERS))).casefold())


def twins(name: str, others: Iterable[str]) -> list[str]:
    """Which of the others differ from a name in capital letters or joiners only."""
    return sorted({other for other in others if other != name and alike(other) == alike(name)})


def sure_mark(name: str) -> Mark | None:
    """What a learning platform wrote into the name of a file or folder, where nobody else would have."""
    if match := _MOODLE.match(name):
        return Mark(match[0], match["person"], match["number"], rest=name[match.end() :])
    if match := _BRIGHTSPACE.fullmatch(name):
        origin = f"{match['number']} - {match['person']}"
        return Mark(origin, match["person"], match["number"], match["time"], match["rest"] or "")
    return None


def mark(name: str, assignments: Iterable[str], *, is_folder: bool) -> Mark | None:
    """What a learning platform wrote into the name of a file or folder; None where it is none of theirs."""
    if found := sure_mark(name):
        return found
    if match := _BLACKBOARD.fullmatch(name):
        return _blackboard(match, assignments)
    if found := _canvas(_CANVAS.fullmatch(name)):
        return found
    if match := _GRADESCOPE.fullmatch(name) if is_folder else None:
        return Mark(name, "", match["number"])
    if match := _ILIAS.fullmatch(name) if is_folder else None:
        return Mark(name, match["person"], match["number"])
    return _github(name, assignments) if is_folder else None


def drive_mark(name: str, notebooks: Iterable[str]) -> Mark | None:
    """What Google Classroom's name of a file says, such as `Ada Lovelace - quiz`, where the end is a known name."""
    person, _, rest = name.rpartition(" - ")
    return Mark(person, person, rest=rest) if person and without_copy(rest) in set(notebooks) else None


def without_copy(name: str) -> str:
    """A file's name without what programs add to a copy: `Copy of quiz`, `quiz (1)`, `quiz-Copy1`, `quiz-1`."""
    name = _COPY_OF.sub("", name.strip(), count=1) if _COPY_OF.match(name.strip()) else name.strip()
    while (shorter := _COPY.sub("", name).rstrip(" _-")) not in ("", name):
        name = shorter
    return name


def is_nobody(name: str, notebooks: Iterable[str]) -> bool:
    """Whether a file's name is only that of a notebook, a copy of it, or what programs call a new one."""
    given = without_copy(name)
    return given in set(notebooks) or given.casefold().rstrip("0123456789") in _NO_NAMES


def _canvas(match: re.Match[str] | None) -> Mark | None:
    if match is None or not any(map(str.isalpha, match["person"])):
        return None
    return Mark(f"{match['person']}_{match['number']}", match["person"], match["number"], rest=match["rest"])


def _blackboard(match: re.Match[str], assignments: Iterable[str]) -> Mark:
    item = match["item"]
    known = [name for name in assignments if item.startswith(f"{name}_")]
    person = item.removeprefix(f"{max(known, key=len)}_") if known else item.rpartition("_")[2]
    return Mark(item, person, "", match["time"], match["rest"] or "")


def _github(name: str, assignments: Iterable[str]) -> Mark | None:
    """GitHub Classroom's folder of one person: the assignment and a login name, `02-convolution-ada99`."""
    known = [each for each in assignments if name.startswith(f"{each}-")]
    if not known or name in assignments:
        return None
    assignment = max(known, key=len)
    person = name.removeprefix(f"{assignment}-")
    return Mark(name, person, rest=assignment) if is_name(person) and person != "submissions" else None


def _may_stand(name: str, n: int) -> bool:
    letter = name[n]
    if letter.isalnum() or letter == "_" or (n and (letter in _MARKS or unicodedata.category(letter)[0] == "M")):
        return True
    return letter in _JOINERS and 0 < n < len(name) - 1 and _joins(name[n - 1], name[n + 1])


def _joins(before: str, after: str) -> bool:
    """Whether a joiner makes a visible difference there: between Arabic letters, and after a sign without a vowel."""
    arabic = unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    return arabic or unicodedata.combining(before) == 9


def _kept(word: str) -> list[str]:
    return [word[n] for n in range(len(word)) if _may_stand(word, n)]


def _counts(letter: str) -> bool:
    """Whether it tells names apart: accents don't, the vowel signs of many scripts do."""
    kind = unicodedata.category(letter)[0]
    return kind in "LN" or (kind == "M" and unicodedata.combining(letter) < 200)
