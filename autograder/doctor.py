"""A look at everything that grading needs: what is there, and what to do about what is not."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from jupyter_client.kernelspec import KernelSpecManager
from nbgrader.exchange.default import Exchange
from nbgrader.utils import check_directory
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import CONFIG, Course

_PACKAGES = ("nbgrader", "nbconvert", "nbclient", "ipykernel", "SQLAlchemy")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `ok` False asks for action, None is for information."""

    what: str
    ok: bool | None
    text: str


def examine(course: Course | None) -> Iterator[Finding]:
    """Look at the installation, and at the course when there is one."""
    yield Finding("Python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {sys.executable}")
    yield from map(_package, _PACKAGES)
    kernels = KernelSpecManager().find_kernel_specs()
    yield Finding("kernel", "python3" in kernels, ", ".join(sorted(kernels)) or "none: pip install ipykernel")
    yield _bubblewrap()
    if course is None:
        yield Finding("course", False, f"no {CONFIG} here or above: go to the course's folder, or use --course")
        return
    yield from _folders(course)
    yield _gradebook(course)
    yield _exchange(course)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}")


def _bubblewrap() -> Finding:
    path = shutil.which("bwrap")
    text = f"found at {path}" if path else "not found (Debian: apt install bubblewrap)"
    return Finding(
        "bubblewrap", None, f"{text}; the engine `nbgrader` does not use it, so grade only classes you trust"
    )


def _folders(course: Course) -> Iterator[Finding]:
    config = course.root / CONFIG
    yield Finding("course", True, f"{course.root} ({CONFIG if config.is_file() else 'nbgrader default folders'})")
    names = course.assignments()
    yield Finding("source", bool(names), f"{course.source('x').parent}: {', '.join(names) or 'no assignment yet'}")
    for name in names:
        released = any(course.release(name).glob("*.ipynb"))
        students = len(course.students(name))
        text = "released" if released else f"not released: autograder release {name}"
        yield Finding(name, released, f"{text}; {students} handed in")


def _gradebook(course: Course) -> Finding:
    url = course.db_url
    try:
        with course.gradebook() as gradebook:
            return Finding("gradebook", True, f"{url}: {len(gradebook.students)} students")
    except (SQLAlchemyError, OSError) as error:
        return Finding(
            "gradebook", False, f"{url} can't be opened ({type(error).__name__}): check the path and its rights"
        )


def _exchange(course: Course) -> Finding:
    root = Exchange(coursedir=course.directory(), parent=course.app).root
    usable = check_directory(root, write=True, execute=True)
    return Finding(
        "exchange", None, f"{root}" if usable else f"{root} is not there or not writable: collect from files"
    )
