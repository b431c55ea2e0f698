"""A temporary folder that outlives no command for long: what a killed one left behind, the next one removes."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PREFIX = "autograder-scratch-"
_YOUNGEST = 60.0  # seconds: a younger folder may belong to a command that has not locked it yet


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder for the time being, in which this process puts all its temporary files."""
    _sweep(Path(tempfile.gettempdir()))
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder, _locked(folder):
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def _sweep(place: Path) -> None:
    """Remove folders of this user's that no living process has locked."""
    if fcntl is None:  # on Windows
        return  # type: ignore[unreachable]
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.lstat()
            if about.st_uid == os.geteuid() and time.time() - about.st_mtime > _YOUNGEST:
                with _locked(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: str | Path) -> Iterator[None]:
    """Hold a lock that ends with this process at the latest. Raises BlockingIOError when another process holds it."""
    if fcntl is None:
        yield  # type: ignore[unreachable]
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
