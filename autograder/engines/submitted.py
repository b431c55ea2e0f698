"""What every engine does with a submission before it runs anything."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from autograder import notebooks
from autograder.errors import UnreadableNotebookError
from autograder.rebuild import Rebuilt, rebuild
from autograder.results import Assignment, CellResult, NotebookResult, Result, State, Submission


def rebuild_all(
    assignment: Assignment, released: Mapping[str, bytes], submission: Submission, reasons: list[str]
) -> tuple[dict[str, Rebuilt], dict[str, str]]:
    """The notebooks to grade, and the reasons why the others can't be graded, both by name.

    What was taken for what is added to `reasons`.
    """
    given = _match_names(submission.files, assignment.notebooks, reasons)
    rebuilt, left = {}, {}
    for name, graded_form in assignment.notebooks.items():
        if name not in given:
            left[name] = f"{name}.ipynb is missing"
            continue
        try:
            rebuilt[name] = rebuild(graded_form, released[name], given[name])
        except UnreadableNotebookError as error:
            left[name] = f"{name}.ipynb: {error}"
    if left and not given.keys() & assignment.notebooks.keys():
        reasons.append(f"the submission holds: {', '.join(sorted(submission.files)) or 'nothing'}"[:200])
    return rebuilt, left


def _match_names(files: Mapping[str, bytes], wanted: Mapping[str, bytes], reasons: list[str]) -> dict[str, bytes]:
    """The submitted notebooks by the assignment's names; a single renamed one is taken for the single missing one."""
    given = {
        path[: -len(".ipynb")]: data for path, data in files.items() if path.endswith(".ipynb") and "/" not in path
    }
    missing = [name for name in wanted if name not in given]
    others = [name for name in given if name not in wanted]
    if len(missing) == len(others) == 1:
        reasons.append(f"{others[0]}.ipynb was taken for {missing[0]}.ipynb")
        given[missing[0]] = given[others[0]]
    return given


def beside(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, bytes]:
    """The submission's files that go beside the notebooks: none in the place of one of the course's, or of a folder."""
    taken = {*assignment.files, *(f"{name}.ipynb" for name in assignment.notebooks)}
    folders = {str(parent) for path in taken for parent in PurePosixPath(path).parents}
    return {
        path: data
        for path, data in files.items()
        if not path.endswith(".ipynb")
        and path not in taken | folders
        and not any(str(parent) in taken or str(parent) in files for parent in PurePosixPath(path).parents)
    }


def failed(assignment: Assignment, submission: Submission, *reasons: str) -> Result:
    """The result of a submission that can't be run."""
    results = tuple(nothing(name, data) for name, data in assignment.notebooks.items())
    return Result(submission.student, assignment.name, State.FAILED, reasons, results)


def nothing(name: str, graded_form: bytes) -> NotebookResult:
    """The result of a notebook that can't be run: every cell 0, in the blank notebook."""
    cells = tuple(
        CellResult(cell.grade_id or "", float(cell.nbgrader["points"]), 0.0)
        for cell in notebooks.read_cells(graded_form)
        if cell.nbgrader.get("grade") or cell.nbgrader.get("task")
    )
    return NotebookResult(name, cells, (), notebooks.write(json.loads(graded_form)))
