"""From an assignment's source to what learners get, and to the graded form that grading starts from."""

import ast
import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import compute_checksum

from autograder.course.assignment import check_name, graded_form, load_assignment, released_files, solution
from autograder.course.course import Course
from autograder.course.patience import patiently
from autograder.course.questions import Wish, register
from autograder.course.releases import keep_release
from autograder.engines.levels import looser, said
from autograder.engines.probe import Probed
from autograder.engines.sandbox import Grader
from autograder.errors import SourceError, listed, shown
from autograder.notebook.cells import read_cells
from autograder.release.crossing import content_with_nothing, shortfalls
from autograder.release.lint import Finding, lint
from autograder.results import Assignment

_MOST_NAMED = 5  # files in one sentence


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


def release(
    course: Course,
    assignment: str,
    tell: Callable[[str], None] = lambda text: None,
    *,
    overwrite: bool = False,
    wish: Wish | None = None,
) -> Released:
    """Make the release of an assignment anew and enter its questions into the gradebook.

    The same source always gives the same bytes. A copy of this release and of the one before is kept, so that hand-ins
    of that one are known. `tell` gets a sentence when the gradebook has to be waited for, and
    what became of its cells where submissions were graded. Raises SourceError, changing nothing, when the source has
    faults, and, unless `overwrite`, when somebody has worked in the release folder, as learners do who have the whole
    course; CourseError where cells are gone that hold what a person gave, unless the `wish` says what to do, and where
    cells with grades change while a batch is under way; CannotRecordError when the gradebook can't be written.
    """
    course.check_assignment(assignment)
    check_name(assignment)
    warnings = check_source(course, assignment)
    files = released_files(course, assignment)
    folder = course.release(assignment)
    if not overwrite:
        _check_nobody_worked_in(folder, files)
    form = graded_form(course, assignment)
    for text in patiently(lambda: register(course, form, wish, course.only_grader), tell):
        tell(text)
    keep_release(course, assignment, _given_so_far(folder, form.notebooks))
    keep_release(course, assignment, {name: files[f"{name}.ipynb"] for name in form.notebooks})
    points = [points for path, data in files.items() if path.endswith(".ipynb") for points in _points(data)]
    return Released(folder, _write(folder, files), tuple(warnings), len(points), sum(points))


def check_source(course: Course, assignment: str) -> list[Finding]:
    """The lint's warnings about the source; raises SourceError when it finds faults."""
    findings = lint(course.source(assignment), course.app.config)
    faults = [finding for finding in findings if finding.fault]
    if faults:
        lines = "\n".join(f"  {finding}" for finding in faults)
        raise SourceError(f"{shown(course.source(assignment), 1000)} can't be released:\n{lines}")
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


def check_solution(course: Course, assignment: str, grader: Grader) -> tuple[list[Finding], str]:
    """Grade the instructor's own solution.

    Returns what to say about each test cell in which it does not get all points, and a sentence on how far the tests
    are kept from learners' code.
    """
    form, released = load_assignment(course, assignment)
    found = shortfalls(grader, form, released, solution(course, assignment))
    found += content_with_nothing(grader, form) if all(cell for _, cell, _ in found) else []
    findings = [
        Finding(notebook or assignment, f"cell {cell}" if cell else "", text, fault=False)
        for notebook, cell, text in found
    ]
    return findings, said(_probed(grader, form))


def check_strict(course: Course, assignment: str, grader: Grader) -> None:
    """Raise SourceError, naming them, if there are tests that can't run apart from learners' code."""
    probed = _probed(grader, load_assignment(course, assignment)[0])
    if looser(probed):
        raise SourceError(f"{shown(assignment)} is not released: with --strict all tests run apart. {said(probed)}")


def _probed(grader: Grader, form: Assignment) -> dict[str, Probed]:
    return {name: found for name in form.notebooks if (found := grader.probed(form, name))}


def _points(released: bytes) -> list[float]:
    """The points of each graded cell."""
    return [cell.role.points or 0.0 for cell in read_cells(released) if cell.role.is_graded]


def _check_nobody_worked_in(folder: Path, files: Mapping[str, bytes]) -> None:
    """Raise SourceError for files that are no release's, and would be overwritten or removed."""
    theirs = [
        name
        for name, path in _files_in(folder).items()
        if ".ipynb_checkpoints" not in path.parts
        and (_is_worked_in(path) if path.suffix == ".ipynb" else name not in files)
    ]
    if theirs:
        raise SourceError(
            f"Somebody has worked in {folder}: {listed([*map(shown, theirs)], _MOST_NAMED)} would be lost. Move it "
            "elsewhere, or add --overwrite."
        )


def _given_so_far(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The notebooks of the release that is about to be replaced, but for those in which somebody has worked."""
    paths = {name: folder / f"{name}.ipynb" for name in names}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file() and not _is_worked_in(path)}


def _files_in(folder: Path) -> dict[str, Path]:
    """The files below a folder, by their path in it."""
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _is_worked_in(path: Path) -> bool:
    """Whether a notebook is other than it was released: an answer or a graded cell was changed, or a cell was run."""
    try:
        cells = nbformat.reads(path.read_text("utf-8"), as_version=4).cells
    except Exception:  # whatever it is, it is no release
        return True
    return any(cell.get("outputs") or cell.get("execution_count") or _is_changed(cell) for cell in cells)


def _is_changed(cell: NotebookNode) -> bool:
    """Whether a cell's text is not the one that nbgrader's checksum in it was made of."""
    known = cell.metadata.get("nbgrader", {}).get("checksum")
    return known is not None and known != compute_checksum(cell)


def _write(folder: Path, files: dict[str, bytes]) -> tuple[str, ...]:
    """Make `folder` hold exactly `files`; return what changed."""
    old = _files_in(folder)
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
