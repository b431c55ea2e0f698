"""The releases that learners were given so far: a hand-in may be of an earlier one than that in the release folder."""

from collections.abc import Mapping

from autograder.course.assignment import changed_cells
from autograder.course.course import Course
from autograder.errors import UnreadableNotebookError
from autograder.notebook.cells import read_cells
from autograder.results import digest


def keep_release(course: Course, assignment: str, notebooks: Mapping[str, bytes]) -> None:
    """Keep a copy of what learners were given (name -> notebook), unless one that is the same to them is there."""
    kept = _kept(course, assignment)
    for name, data in notebooks.items():
        if all(changed_cells({name: each}, {name: data}) for each in kept.get(name, ())):
            path = course.releases(assignment) / digest({name: data})[:16] / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = path.with_suffix(".new")
            scratch.write_bytes(data)
            scratch.replace(path)


def earlier_releases(course: Course, assignment: str, now: Mapping[str, bytes]) -> dict[str, tuple[bytes, ...]]:
    """For each notebook of the release `now`, those of earlier releases in which cells were others."""
    kept = _kept(course, assignment)
    return {
        name: tuple(each for each in kept.get(name, ()) if changed_cells({name: each}, {name: data}))
        for name, data in now.items()
    }


def _kept(course: Course, assignment: str) -> dict[str, list[bytes]]:
    """All that were kept, by name; what can't be read is left out."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(course.releases(assignment).glob("*/*.ipynb")):
        try:
            data = path.read_bytes()
            read_cells(data)
        except (OSError, UnreadableNotebookError):
            continue
        found.setdefault(path.stem, []).append(data)
    return found
