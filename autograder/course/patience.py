"""Waiting for a gradebook that another program holds, and saying so where nothing can be written down."""

import errno
import sqlite3
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from autograder.errors import AutograderError

_PATIENCE = 75.0  # seconds that a locked gradebook is waited for


_PAUSE = 0.5  # seconds between tries


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


_T = TypeVar("_T")


class CannotRecordError(AutograderError):
    """Nothing can be written down at present, whichever submission it is; the message says what to mend."""


def patiently(action: Callable[[], _T], tell: Callable[[str], None]) -> _T:
    """What `action` returns; while another program holds the gradebook, wait and try again.

    Raises CannotRecordError when it is held for over a minute, or when there is no room on the disk.
    """
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        try:
            return action()
        except (OSError, OperationalError, sqlite3.OperationalError) as error:
            if is_no_room(error):
                raise CannotRecordError(no_room(error)) from None
            if not _is_locked(error):
                raise
            if time.monotonic() > deadline:
                raise CannotRecordError(
                    f"Another program has held the gradebook for more than {_PATIENCE:.0f} seconds. Close it."
                ) from None
            if not told:
                tell("Another program holds the gradebook (the formgrader, perhaps). Waiting for it ...")
                told = True
            time.sleep(_PAUSE)


def no_room(error: Exception) -> str:
    """What to say about a full disk."""
    return (
        f"There is no room on the disk ({error_text(error)}). Make some where the course lies, and where temporary "
        f"files do ({tempfile.gettempdir()})."
    )


def is_no_room(error: Exception) -> bool:
    """Whether it says that a disk is full, or a file as large as it may be."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return "disk is full" in error_text(error) or "disk I/O error" in error_text(error)


def error_text(error: Exception) -> str:
    """An error in a few words, without SQL."""
    return f"{type(error).__name__}: {getattr(error, 'orig', error)}"


def _is_locked(error: Exception) -> bool:
    return isinstance(error, OperationalError) and "locked" in error_text(error)
