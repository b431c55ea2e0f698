"""An assignment as its source makes it: what learners get, and the graded form that grading starts from."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions, SaveCells
from sqlalchemy.exc import OperationalError

from autograder.course.course import Course, captured, scratch_gradebook
from autograder.errors import SourceError, UnreadableNotebookError, shown, visible
from autograder.notebook.cells import named_cells, read_cells, text_of, write_compactly, write_notebook
from autograder.notebook.rebuild import protected_changes
from autograder.notebook.role import role_of
from autograder.results import Assignment, Submission

_HIDING = (ClearHiddenTests, ClearMarkScheme)
_NO_LETTERS = "+*?[]"  # nbgrader parts names by the first, and looks for others by the rest
_LONGEST_NAME = 200  # bytes, so that file systems take names made of it

_KEPT_METADATA = ("kernelspec", "language_info")


def check_name(assignment: str) -> None:
    """Raise SourceError where an assignment's name can't be used: nbgrader or a file system would fail on it."""
    reason = ""
    if found := [letter for letter in assignment if letter in _NO_LETTERS or visible(letter) != letter]:
        reason = f"{shown(repr(found[0]))} can't stand in the name of an assignment"
    elif assignment != assignment.strip():
        reason = "the name of an assignment can't begin or end with a blank"
    elif len(assignment.encode("utf-8", "replace")) > _LONGEST_NAME:
        reason = "the name of the assignment is too long"
    if reason:
        raise SourceError(f"'{shown(assignment)}' can't be released: {reason}. Rename its folder.")


def released_files(course: Course, assignment: str) -> dict[str, bytes]:
    """What learners get, as path -> bytes, made from the source without touching the course."""
    return _generate(course, assignment, hide=True)


def load_assignment(course: Course, assignment: str) -> tuple[Assignment, dict[str, bytes]]:
    """The graded form of an assignment, and its released notebooks (name -> bytes)."""
    form = graded_form(course, assignment)
    released = _generate(course, assignment, hide=True)
    return form, {name: released[f"{name}.ipynb"] for name in form.notebooks}


def graded_form(course: Course, assignment: str) -> Assignment:
    """The form of an assignment that grading starts from: answers cleared, hidden tests in place."""
    graded = _generate(course, assignment, hide=False)
    names = {path: path.removesuffix(".ipynb") for path in graded if path.endswith(".ipynb") and "/" not in path}
    return Assignment(
        name=assignment,
        notebooks={name: graded[path] for path, name in names.items()},
        files={path: data for path, data in graded.items() if path not in names},
        solutions=_solved(course, assignment),
    )


def solution(course: Course, assignment: str) -> Submission:
    """The instructor's own notebooks, as if they had been handed in."""
    notebooks = {f"{name}.ipynb": data for name, data in _solved(course, assignment).items()}
    return Submission("solution", assignment, notebooks)


def _solved(course: Course, assignment: str) -> dict[str, bytes]:
    """The instructor's notebooks by name, as somebody would have answered: without the marks around the answers."""
    step = ClearSolutions(config=course.app.config)
    marks = (step.begin_solution_delimeter, step.end_solution_delimeter)
    return {path.stem: _without_marks(path.read_bytes(), marks) for path in course.source(assignment).glob("*.ipynb")}


def _without_marks(notebook: bytes, marks: tuple[str, ...]) -> bytes:
    """The notebook without the lines that hold a mark: a cell magic, or a cell that is indented, must come first."""
    try:
        content = json.loads(notebook)
        for cell in content["cells"]:
            lines = text_of(cell).splitlines(keepends=True)
            cell["source"] = "".join(line for line in lines if not any(mark in line for mark in marks))
    except (ValueError, TypeError, KeyError, AttributeError):  # what is wrong with it, others say
        return notebook
    return write_compactly(content)


def handed_out(course: Course, assignment: str, released: Mapping[str, bytes]) -> dict[str, bytes]:
    """The notebooks as learners have them: from the release folder; of one that can't be read there, `released`."""
    return {name: _last_release(course.release(assignment) / f"{name}.ipynb") or released[name] for name in released}


def _last_release(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        read_cells(data)
    except (OSError, UnreadableNotebookError):
        return None
    return data


def changed_cells(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[str]:
    """The grade ids of the cells that differ in what learners may not change, or are on one side only."""
    return [name for notebook in now for name in _changed_cells(before[notebook], now[notebook])]


def _changed_cells(before: bytes, now: bytes) -> list[str]:
    old, new = named_cells(before), named_cells(now)
    return [
        name for name in {**old, **new} if name not in old or name not in new or protected_changes(old[name], new[name])
    ]


def _generate(course: Course, assignment: str, *, hide: bool) -> dict[str, bytes]:
    """Run nbgrader's GenerateAssignment into a temporary folder, with a temporary gradebook."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        left_out = [*([] if hide else _HIDING), SaveCells]
        db_url = scratch_gradebook(folder / "gradebook.db")
        directory = course.directory(assignment, release_directory=str(folder / "out"), db_url=db_url)
        converter = GenerateAssignment(coursedir=directory, parent=course.app, force=True)
        converter.preprocessors = [step for step in converter.preprocessors if not _is_one_of(step, left_out)]
        with captured(course.app.log) as log:
            try:
                converter.start()
            except (Exception, SystemExit) as error:
                if reason := _not_the_sources(error, log):
                    raise reason from None
                raise SourceError(_fault(course, assignment, log, error)) from error
        made = Path(directory.format_path(directory.release_directory, ".", assignment))
        return {
            str(path.relative_to(made)): normalised(path.read_bytes()) if path.suffix == ".ipynb" else path.read_bytes()
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }


def _not_the_sources(error: BaseException, log: list[str]) -> Exception | None:
    """What the gradebook or the disk had to say, if that is why nbgrader gave up; some of it is only in its log."""
    if isinstance(error.__context__, OperationalError | OSError):
        return error.__context__
    text = "\n".join(log)
    if found := re.search(r"\(\w+\.OperationalError\) (.+)", text):
        return OperationalError("", None, Exception(found[1]))
    if found := re.search(r"^OSError: \[Errno (\d+)\] (.+)", text, re.MULTILINE):
        return OSError(int(found[1]), found[2])
    return None


def normalised(notebook: bytes) -> bytes:
    """The notebook without outputs, execution counts and editor's leavings, with fixed cell ids: the same each time."""
    content: dict[str, Any] = json.loads(notebook)
    content["nbformat_minor"] = max(5, content["nbformat_minor"])
    content["metadata"] = {key: content["metadata"][key] for key in _KEPT_METADATA if key in content["metadata"]}
    taken: set[str] = set()
    for n, cell in enumerate(content["cells"]):
        for key in ("execution", "ExecuteTime", "collapsed", "trusted", "scrolled"):
            cell["metadata"].pop(key, None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        cell["id"] = _cell_id(cell, n, taken)
        taken.add(cell["id"])
    return write_notebook(nbformat.from_dict(content))


def _cell_id(cell: dict[str, Any], n: int, taken: set[str]) -> str:
    """The cell's own id where the source fixed one; nbformat gives others random ones, so name those by place."""
    grade_id = role_of(cell).grade_id
    fixed = cell.get("id", "")
    random = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?", fixed)
    wanted = fixed if fixed and not random else re.sub(r"[^\w-]", "-", grade_id)[:64] or f"cell-{n}"
    return wanted if wanted not in taken else f"{wanted[:56]}-{n}"


def _is_one_of(step: Any, steps: Iterable[type]) -> bool:
    """Whether a preprocessor, named or itself, is one of some."""
    name = step if isinstance(step, str) else step.__name__
    return name.rpartition(".")[2] in {each.__name__ for each in steps}


def _fault(course: Course, assignment: str, log: list[str], error: BaseException) -> str:
    text = next((line for entry in log for line in reversed(entry.strip().splitlines()) if "Error" in line), str(error))
    return f"{_place(course, assignment)}: {shown(text, 1000)}"


def _place(course: Course, assignment: str) -> str:
    return shown(course.source(assignment), 1000)
