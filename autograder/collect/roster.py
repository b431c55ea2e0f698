"""A class's roster: whose name here a platform's name, number or e-mail address stands for."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.people import checked_name, plain
from autograder.errors import AutograderError, CourseError, IntakeError, listed, shown

_ID = "id"
_HEADINGS = {"e-mail": "email", "mail": "email", "student": _ID, "student_id": _ID, "student id": _ID}
_MOST_BYTES = 10_000_000
_BETWEEN = ",;\t"


class NotInRosterError(IntakeError):
    """What was handed in can't be said to be anybody's of the roster."""


@dataclass(frozen=True)
class Roster:
    """The people of a class: by what each may be called, whose name here that is, and where that stands."""

    path: Path
    people: Mapping[str, int]  # by their names here, the lines in which they stand
    called: Mapping[str, frozenset[str]]
    numbers: Mapping[str, frozenset[str]]
    data: bytes

    def find(self, names: Iterable[str], number: str = "") -> str:
        """The person who is called by one of the `names`, or has a platform's `number`; empty when it is nobody.

        Raises NotInRosterError when it is several people's.
        """
        names = [*filter(None, names)]
        if exact := [name for name in names if name in self.people]:
            return exact[0]
        by_name = frozenset[str]().union(*(self.called.get(_key(name), ()) for name in names))
        by_number = self.numbers.get(number, frozenset()) if number else frozenset()
        found = by_name & by_number or by_name | by_number
        if len(found) > 1:
            raise NotInRosterError(
                f"In the roster it may be several people's: {listed([*map(shown, sorted(found))])}. Give each the "
                "platform's own name or number in a column of the roster, or say whose it is with --student."
            )
        return next(iter(found), "")


def read_roster(path: Path) -> Roster:
    """Read a roster: CSV with a heading, a person a line.

    The column `id` holds the name in this course, as the gradebook has it; `name` and `email` are what they say; every
    other column holds what a platform calls the person, names or numbers, several of them with `;` between.

    Raises CourseError, naming the line, for one that can't be used.
    """
    data = _read(path)
    lines = list(_rows(path, data))
    called: dict[str, set[str]] = {}
    numbers: dict[str, set[str]] = {}
    people: dict[str, int] = {}
    for number, row in lines:
        who = _person(path, number, row)
        if who in people:
            raise CourseError(f"{shown(path, 300)}, line {number}: {shown(who)} stands in line {people[who]} already.")
        people[who] = number
        for key in _keys(who, row):
            called.setdefault(key, set()).add(who)
        for text in _others(row):
            numbers.setdefault(text, set()).add(who)
    if not people:
        raise CourseError(f"{shown(path, 300)} holds nobody. A roster has a heading, and a line for each person.")
    return Roster(path, people, _frozen(called), _frozen(numbers), data)


def remember(roster: Roster, path: Path) -> None:
    """Keep a roster for the next time, if it is not the one that is kept."""
    if roster.path.resolve() != path.resolve():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(roster.data)


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"The roster {shown(path, 300)} can't be read: {error.strerror}.") from None
    if len(data) > _MOST_BYTES:
        raise CourseError(f"{shown(path, 300)} is too large for a roster.")
    return data


def _rows(path: Path, data: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{shown(path, 300)} is no UTF-8 text. In Excel: save as 'CSV UTF-8'.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(_BETWEEN, key=first.count))
    try:
        heading = [_heading(each) for each in next(reader, [])]
        if _ID not in heading:
            raise CourseError(
                f"{shown(path, 300)} has no column 'id'. Its first line has to name the columns: id,name,email, and "
                "one for what a platform calls each person."
            )
        for row in reader:
            if any(each.strip() for each in row):
                yield reader.line_num, dict(zip(heading, map(str.strip, row), strict=False))
    except csv.Error as error:
        raise CourseError(f"{shown(path, 300)}, line {reader.line_num}: {error}.") from None


def _heading(text: str) -> str:
    name = text.strip().casefold()
    return _HEADINGS.get(name, name)


def _person(path: Path, number: int, row: Mapping[str, str]) -> str:
    try:
        return checked_name(row.get(_ID, ""))
    except AutograderError as error:
        reason = str(error).split(". ")[0].rstrip(".") if row.get(_ID) else "there is no id in it"
        raise CourseError(f"{shown(path, 300)}, line {number}: {reason}.") from None


def _keys(who: str, row: Mapping[str, str]) -> set[str]:
    return {_key(each) for each in (who, row.get("email", ""), *_orders(row.get("name", "")), *_others(row))} - {""}


def _others(row: Mapping[str, str]) -> list[str]:
    columns = [text for name, text in row.items() if name not in (_ID, "name", "email")]
    return [part.strip() for text in columns for part in text.split(";") if part.strip()]


def _orders(name: str) -> list[str]:
    """A person's name as platforms turn it: `Ada King Lovelace`, `Lovelace Ada King`, `King Lovelace Ada`."""
    words = name.replace(",", " ").split()
    return [" ".join(words[n:] + words[:n]) for n in range(len(words))]


def _key(name: str) -> str:
    """A name to be looked up: an e-mail address or a number as it is, a person's name by its letters."""
    return name.casefold() if "@" in name else plain(name)


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(each) for key, each in sets.items()}
