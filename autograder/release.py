"""From an assignment's source to what learners get, and to the graded form that grading starts from."""

import ast
import json
import re
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions, SaveCells
from sqlalchemy.exc import OperationalError

from autograder import notebooks
from autograder.course import Course, captured, scratch_gradebook
from autograder.crossing import shortfalls
from autograder.engines.sandbox import Grader
from autograder.errors import SourceError, UnreadableNotebookError
from autograder.lint import Finding, lint
from autograder.rebuild import protected_changes
from autograder.record import patiently
from autograder.results import Assignment, Submission

_HIDING = (ClearHiddenTests, ClearMarkScheme)
_KEPT_METADATA = ("kernelspec", "language_info")


class ClearAnswers(ClearSolutions):
    """Clears solutions; a region that holds only `NAME = literal` becomes `NAME = ""` (text) or `NAME = None` (others).

    So an answer cell still runs when it is blank. Every other region becomes nbgrader's usual stub.
    """

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        cleared = language == "python" and cell.cell_type == "code" and self._clear_literals(cell)
        return super()._replace_solution_region(cell, language) or cleared

    def _clear_literals(self, cell: NotebookNode) -> bool:
        begin, end = re.escape(self.begin_solution_delimeter), re.escape(self.end_solution_delimeter)
        region = re.compile(rf"^([ \t]*)[^\n]*{begin}[^\n]*\n(.*?)^[^\n]*{end}[^\n]*$", re.DOTALL | re.MULTILINE)
        before = cell.source
        cell.source = region.sub(lambda match: _blank(match[1], match[2]) or match[0], before)
        return cell.source != before


def _blank(indent: str, body: str) -> str | None:
    """The blank form of a region that is one `NAME = literal`; None for any other region."""
    try:
        statements = ast.parse(textwrap.dedent(body)).body
        match statements:
            case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
                literal = ast.literal_eval(value)
            case _:
                return None
    except (SyntaxError, ValueError):
        return None
    return f'{indent}{name} = ""' if isinstance(literal, str) else f"{indent}{name} = None"


@dataclass(frozen=True)
class Released:
    """What `release` did: the files that changed in the release folder, the lint's warnings, what there is to get."""

    folder: Path
    changed: tuple[str, ...]
    warnings: tuple[Finding, ...]
    questions: int  # graded cells
    points: float


def release(course: Course, assignment: str, tell: Callable[[str], None] = lambda text: None) -> Released:
    """Make the release of an assignment anew and enter its questions into the gradebook.

    The same source always gives the same bytes. `tell` gets a sentence when the gradebook has to be waited for. Raises
    SourceError, changing nothing, when the source has faults, CannotRecordError when the gradebook can't be written.
    """
    course.check_assignment(assignment)
    warnings = check_source(course, assignment)
    patiently(lambda: register(course, assignment), tell)
    files = released_files(course, assignment)
    points = [points for path, data in files.items() if path.endswith(".ipynb") for points in _points(data)]
    folder = course.release(assignment)
    return Released(folder, _write(folder, files), tuple(warnings), len(points), sum(points))


def check_source(course: Course, assignment: str) -> list[Finding]:
    """The lint's warnings about the source; raises SourceError when it finds faults."""
    findings = lint(course.source(assignment), course.app.config)
    faults = [finding for finding in findings if finding.fault]
    if faults:
        listed = "\n".join(f"  {finding}" for finding in faults)
        raise SourceError(f"{course.source(assignment)} can't be released:\n{listed}")
    return [finding for finding in findings if not finding.fault]


def check_gradeable(course: Course, assignment: str, tell: Callable[[str], None]) -> None:
    """Raise SourceError for a source that `release` refuses, before submissions get scores from it.

    A course that nbgrader releases by itself is graded as nbgrader would, and nbgrader accepts some of these faults:
    there `tell` gets them. What nbgrader refuses too, load_assignment does.
    """
    try:
        check_source(course, assignment)
    except SourceError as error:
        if _releases_with_ours(course):
            raise
        tell(f"`autograder release` would refuse this source. It is graded as nbgrader would.\n{error}")


def _releases_with_ours(course: Course) -> bool:
    """Whether the course's configuration names a step of this package for its releases."""
    steps = GenerateAssignment(coursedir=course.settings, parent=course.app).preprocessors
    return any((step if isinstance(step, str) else step.__module__).startswith("autograder.") for step in steps)


def check_solution(course: Course, assignment: str, grader: Grader) -> list[Finding]:
    """Grade the instructor's own solution; what to say about each test cell in which it does not get all points."""
    form, released = load_assignment(course, assignment)
    return [
        Finding(notebook or assignment, f"cell {cell}" if cell else "", text, fault=False)
        for notebook, cell, text in shortfalls(grader, form, released, solution(course, assignment))
    ]


def released_files(course: Course, assignment: str) -> dict[str, bytes]:
    """What learners get, as path -> bytes, made from the source without touching the course."""
    return _generate(course, assignment, hide=True)


def load_assignment(course: Course, assignment: str, *, register: bool = False) -> tuple[Assignment, dict[str, bytes]]:
    """The graded form of an assignment, and its released notebooks (name -> bytes).

    With `register`, its questions and points are entered into the course's gradebook too, or brought up to date.
    """
    if register:
        course.prepare_gradebook()
    form = graded_form(course, assignment)
    released = _generate(course, assignment, hide=True, db_url=course.db_url if register else None)
    return form, {name: released[f"{name}.ipynb"] for name in form.notebooks}


def graded_form(course: Course, assignment: str) -> Assignment:
    """The form of an assignment that grading starts from: answers cleared, hidden tests in place."""
    graded = _generate(course, assignment, hide=False)
    names = {path: path.removesuffix(".ipynb") for path in graded if path.endswith(".ipynb") and "/" not in path}
    return Assignment(
        name=assignment,
        notebooks={name: graded[path] for path, name in names.items()},
        files={path: data for path, data in graded.items() if path not in names},
    )


def handed_out(course: Course, assignment: str, released: Mapping[str, bytes]) -> dict[str, bytes]:
    """The notebooks as learners have them: from the release folder; of one that can't be read there, `released`."""
    return {name: _last_release(course.release(assignment) / f"{name}.ipynb") or released[name] for name in released}


def _last_release(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        notebooks.read_cells(data)
    except (OSError, UnreadableNotebookError):
        return None
    return data


def changed_cells(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[str]:
    """The grade ids of the cells that differ in what learners may not change, or are on one side only."""
    return [name for notebook in now for name in _changed_cells(before[notebook], now[notebook])]


def _changed_cells(before: bytes, now: bytes) -> list[str]:
    old, new = ({cell.grade_id: cell for cell in notebooks.read_cells(data) if cell.grade_id} for data in (before, now))
    return [
        name for name in {**old, **new} if name not in old or name not in new or protected_changes(old[name], new[name])
    ]


def solution(course: Course, assignment: str) -> Submission:
    """The instructor's own notebooks, as if they had been handed in."""
    notebooks = {path.name: path.read_bytes() for path in course.source(assignment).glob("*.ipynb")}
    return Submission("solution", assignment, notebooks)


def register(course: Course, assignment: str) -> None:
    """Enter the assignment's questions and points into the course's gradebook, or bring them up to date."""
    course.prepare_gradebook()
    _generate(course, assignment, hide=True, db_url=course.db_url)


def _generate(course: Course, assignment: str, *, hide: bool, db_url: str | None = None) -> dict[str, bytes]:
    """Run nbgrader's GenerateAssignment into a temporary folder; without `db_url` with a temporary gradebook too."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        left_out = [*([] if hide else _HIDING), *([] if db_url else [SaveCells])]
        db_url = db_url or scratch_gradebook(folder / "gradebook.db")
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
    return notebooks.write(nbformat.from_dict(content))


def _cell_id(cell: dict[str, Any], n: int, taken: set[str]) -> str:
    """The cell's own id where the source fixed one; nbformat gives others random ones, so name those by place."""
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
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
    if "submissions associated" in text:
        text = (
            "Submissions were already graded, and its graded cells are no longer the same. Put the cells back, or "
            f"remove the assignment from the gradebook (`nbgrader db assignment remove {assignment} --force`), "
            "release it, and grade again."
        )
    return f"{course.source(assignment)}: {text}"


def _points(released: bytes) -> list[float]:
    """The points of each graded cell."""
    cells = notebooks.read_cells(released)
    return [float(cell.nbgrader["points"]) for cell in cells if cell.nbgrader.get("grade") or cell.nbgrader.get("task")]


def _write(folder: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    """Make `folder` hold exactly `files`; return what changed."""
    old = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    changed = [name for name, data in files.items() if name not in old or old[name].read_bytes() != data]
    for name in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    gone = [name for name in old if name not in files and ".ipynb_checkpoints" not in name]
    for name in gone:
        old[name].unlink()
    for empty in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(empty.iterdir()):
            shutil.rmtree(empty)
    return tuple(changed + gone)
