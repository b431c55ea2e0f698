"""A look at everything that grading needs: what is there, and what to do about what is not."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import CourseError, counted, shown

if TYPE_CHECKING:  # loaded where they are needed: the first lines come at once, and also when nbgrader is missing
    from autograder.course.course import Course

_SQLITE = "sqlite:///"
_PACKAGES = ("nbgrader", "nbconvert", "nbclient", "ipykernel", "SQLAlchemy")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `ok` False asks for action, None is for information."""

    what: str
    ok: bool | None
    text: str


def examine(find: "Callable[[], Course | None]") -> Iterator[Finding]:
    """Look at the installation, and then at the course that `find` returns, if any; each finding comes at once.

    Where a package is missing, it ends with the packages.
    """
    yield Finding("Python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")
    packages = [_package(name) for name in _PACKAGES]
    yield from packages
    if not all(package.ok for package in packages):
        return
    yield _kernel()
    yield _sandbox()
    course = find()
    if course is None:
        yield Finding("course", False, "no course here or above: go to the course's folder, or use --course")
        return
    yield from _folders(course)
    yield _gradebook(course)
    yield _exchange(course)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}")


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    kernels = KernelSpecManager().find_kernel_specs()
    return Finding("kernel", "python3" in kernels, ", ".join(sorted(kernels)) or "none: pip install ipykernel")


def _sandbox() -> Finding:
    from autograder.engines import why_no_sandbox

    reason = why_no_sandbox()
    without = "Without it, grade only classes that you trust, with --unsandboxed"
    return Finding("sandbox", not reason, f"{reason} {without}" if reason else f"works ({shutil.which('bwrap')})")


def _folders(course: "Course") -> Iterator[Finding]:
    from autograder.course.course import CONFIG
    from autograder.course.standing import stale

    config = course.root / CONFIG
    yield Finding("course", True, f"{course.root} ({CONFIG if config.is_file() else 'nbgrader default folders'})")
    names = course.assignments()
    yield Finding("source", bool(names), f"{course.source('x').parent}: {', '.join(names) or 'no assignment yet'}")
    for path in _unreadable(course.source("x").parent):
        yield Finding("source", False, f"{path} can't be read: look at who may read it")
    for reason in dict.fromkeys(filter(None, map(why_not_writable, _written(course)))):
        yield Finding("folders", False, reason)
    for text in stale(course, names):
        yield Finding("grades", False, text)
    for name in names:
        released = any(course.release(name).glob("*.ipynb"))
        text = "released" if released else f"not released: autograder release {name}"
        yield Finding(name, released, f"{text}; {len(course.students(name))} handed in")


def _unreadable(folder: Path) -> list[Path]:
    """The assignments' folders and notebooks that can't be read; a search passes them over without a word."""
    folders = [folder, *sorted(folder.glob("*/"))] if folder.is_dir() else []
    shut = [each for each in folders if not os.access(each, os.R_OK | os.X_OK)]
    notebooks = [path for each in folders if each not in shut for path in sorted(each.glob("*.ipynb"))]
    return shut + [path for path in notebooks if not os.access(path, os.R_OK)]


def _written(course: "Course") -> list[Path]:
    """The folders that the commands write to; SQLite puts files of its own beside the gradebook."""
    steps = (course.submitted, course.autograded, course.result, course.feedback)
    gradebook = [Path(course.db_url.removeprefix(_SQLITE)).parent] if course.db_url.startswith(_SQLITE) else []
    return [*gradebook, *(step("x", "x").parents[1] for step in steps)]


def why_not_writable(folder: Path) -> str:
    """Why nothing can be written into a folder, or why it can't be made; empty when it can."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{shown(there, 300)} is no folder: move it away"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{shown(there, 300)} may not be written: look at who may write it"
    return ""


def check_writable(folder: Path) -> None:
    """Raise CourseError, with what to do, when nothing can be written into a folder."""
    if reason := why_not_writable(folder):
        raise CourseError(f"{reason}.")


def _gradebook(course: "Course") -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    url = course.db_url
    try:
        with course.gradebook() as gradebook:
            return Finding("gradebook", True, f"{url}: {counted(len(gradebook.students), 'student')}")
    except CourseError as error:
        return Finding("gradebook", False, str(error))
    except (SQLAlchemyError, OSError) as error:
        return Finding(
            "gradebook", False, f"{url} can't be opened ({type(error).__name__}): check the path and its rights"
        )


def _exchange(course: "Course") -> Finding:
    from nbgrader.exchange.default import Exchange
    from nbgrader.utils import check_directory

    root = Exchange(coursedir=course.directory(), parent=course.app).root
    usable = check_directory(root, write=True, execute=True)
    return Finding(
        "exchange", None, f"{root}" if usable else f"{root} is not there or not writable: collect from files"
    )
