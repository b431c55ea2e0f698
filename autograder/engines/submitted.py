"""What every engine does with a submission before it runs anything."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from autograder.errors import UnreadableNotebookError
from autograder.notebook.cells import read_cells, write_notebook
from autograder.notebook.choose import choose
from autograder.notebook.rebuild import Rebuilt
from autograder.results import Assignment, CellResult, NotebookResult, Result, State, Submission


def rebuild_all(
    assignment: Assignment, released: Mapping[str, bytes], submission: Submission, reasons: list[str]
) -> tuple[dict[str, Rebuilt], dict[str, str]]:
    """The notebooks to grade, and the reasons why the others can't be graded, both by name.

    What was taken for what is added to `reasons`.
    """
    wanted = {name: f"{name}.ipynb" for name in assignment.notebooks}
    given = {path: data for path, data in submission.files.items() if path.endswith(".ipynb")}
    others = {path: data for path, data in given.items() if path not in wanted.values()}
    missing = [path for path in wanted.values() if path not in given]
    rebuilt, left = {}, {}
    for name, path in wanted.items():
        candidates = {**({path: given[path]} if path in given else {}), **others}
        try:
            rebuilt[name], taken = choose(
                path,
                assignment.notebooks[name],
                released[name],
                candidates,
                sure=missing == [path],
                earlier=assignment.earlier.get(name, ()),
            )
            reasons += [taken] if taken else []
        except UnreadableNotebookError as error:
            left[name] = str(error)
    if left and not given:
        reasons.append(f"the submission holds: {', '.join(sorted(submission.files)) or 'nothing'}"[:200])
    return rebuilt, left


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
        CellResult(cell.role.grade_id, cell.role.points or 0.0, 0.0)
        for cell in read_cells(graded_form)
        if cell.role.is_graded
    )
    return NotebookResult(name, cells, (), write_notebook(json.loads(graded_form)))
