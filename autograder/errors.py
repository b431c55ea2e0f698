"""Faults that a person can do something about: each message says what was wrong, where, and what to do."""

import unicodedata
from collections.abc import Collection

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # what a terminal obeys, hides or can't show; line breaks of all kinds
_CUT = " ..."


def visible(text: str, keep: str = "") -> str:
    r"""The text with each control or format character written as an escape such as `\x1b`; those in `keep` stay."""
    return "".join(letter if letter in keep else _visible(letter) for letter in text)


def shown(text: object, most: int = 80) -> str:
    """Somebody else's word for a message: on one line, with nothing hidden in it, and cut to `most` characters."""
    letters = [_visible(letter) for letter in str(text)[: most + 1]]
    if len(whole := "".join(letters)) <= most:
        return whole
    while sum(map(len, letters)) > most - len(_CUT):
        letters.pop()
    return "".join(letters) + _CUT


def listed(words: Collection[str], most: int = 3, between: str = ", ") -> str:
    """`a, b, c and 4 more`: the first of some words, and how many there are besides."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return between.join([*words][:most]) + more


def counted(count: int, what: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def os_text(error: OSError) -> str:
    """What the operating system had to say, without its numbers."""
    what = shown(error.strerror or str(error) or type(error).__name__, 500)
    text = f"{shown(error.filename, 300)}: {what}." if error.filename else f"{what}."
    return f"{text} Look at who may read and write it." if isinstance(error, PermissionError) else text


def _visible(letter: str) -> str:
    return letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _UNSEEN else letter


class AutograderError(Exception):
    """Printed to the instructor as one message, without a traceback."""


class CourseError(AutograderError):
    """The course folder, its configuration or an assignment's name is not usable."""


class SourceError(AutograderError):
    """An assignment's source does not make a sound release."""


class IntakeError(AutograderError):
    """A handed-in file or folder that is refused as a whole."""


class UnreadableNotebookError(AutograderError):
    """A submitted notebook that can't be read; subclasses name the kind."""


class EmptyNotebookError(UnreadableNotebookError):
    """The file has no bytes, or only white space."""


class TruncatedNotebookError(UnreadableNotebookError):
    """The file begins as a notebook and breaks off."""


class NotJsonError(UnreadableNotebookError):
    """The file is not JSON at all."""


class NotebookFormatError(UnreadableNotebookError):
    """The file is JSON, but no notebook of a version that is known."""


class OtherNotebookError(UnreadableNotebookError):
    """A sound notebook with none of the assignment's cells in it."""
