"""A look at everything that grading needs: what is there, and what to do about what is not."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded where they are needed: the first lines come at once, and also when nbgrader is missing
    from autograder.course import Course

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


def counted(students: int) -> str:
    """`1 student`, `2 students`."""
    return f"{students} student{'' if students == 1 else 's'}"


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
    from autograder.course import CONFIG

    config = course.root / CONFIG
    yield Finding("course", True, f"{course.root} ({CONFIG if config.is_file() else 'nbgrader default folders'})")
    names = course.assignments()
    yield Finding("source", bool(names), f"{course.source('x').parent}: {', '.join(names) or 'no assignment yet'}")
    for name in names:
        released = any(course.release(name).glob("*.ipynb"))
        text = "released" if released else f"not released: autograder release {name}"
        yield Finding(name, released, f"{text}; {len(course.students(name))} handed in")


def _gradebook(course: "Course") -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    url = course.db_url
    try:
        with course.gradebook() as gradebook:
            return Finding("gradebook", True, f"{url}: {counted(len(gradebook.students))}")
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
