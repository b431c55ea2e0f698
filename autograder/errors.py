"""Faults that a person can do something about: each message says what was wrong, where, and what to do."""


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
