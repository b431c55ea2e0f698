"""How far a test cell is kept from the student's code: the levels, from the strictest to the one that nbgrader has."""

from enum import IntEnum


class Level(IntEnum):
    """What a test takes from the student, and what it lets the student's code do."""

    APART = 0
    """Plain data crosses, by copy; nothing that the student's code does to what it is given comes back."""
    WRITTEN_BACK = 1
    """So too; what the student's functions change of their arguments is changed in the test; its seeds are theirs."""
    HANDLES = 2
    """So too; and objects without a plain form are asked where they are, and the test's own functions can be called."""
    WITH_STUDENT = 3
    """The test runs in the student's process, inside the sandbox, where the student's code can read and change it."""

    @property
    def tag(self) -> str:
        """The tag of a test cell that fixes this level."""
        return _TAGS[self]


_TAGS = {
    Level.APART: "run-apart",
    Level.WRITTEN_BACK: "run-apart-written-back",
    Level.HANDLES: "run-apart-with-handles",
    Level.WITH_STUDENT: "run-with-student",
}
