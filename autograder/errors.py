"""Faults that a person can do something about: each message says what was wrong, where, and what to do."""


def counted(count: int, what: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def os_text(error: OSError) -> str:
    """What the operating system had to say, without its numbers."""
    what = error.strerror or str(error) or type(error).__name__
    text = f"{error.filename}: {what}." if error.filename else f"{what}."
    return f"{text} Look at who may read and write it." if isinstance(error, PermissionError) else text


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
