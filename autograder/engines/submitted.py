"""What every engine does with a submission before it runs anything."""

import json
from collections.abc import Mapping

from autograder import notebooks
from autograder.errors import UnreadableNotebookError
from autograder.model import Assignment, CellResult, NotebookResult, Result, State, Submission


def match_names(files: Mapping[str, bytes], wanted: Mapping[str, bytes], reasons: list[str]) -> dict[str, bytes]:
    """The submitted notebooks by the assignment's names; a single renamed one is taken for the single missing one.

    What was taken for what is added to `reasons`. Raises UnreadableNotebookError when a notebook is missing.
    """
    given = {
        path[: -len(".ipynb")]: data for path, data in files.items() if path.endswith(".ipynb") and "/" not in path
    }
    missing = [name for name in wanted if name not in given]
    others = [name for name in given if name not in wanted]
    if len(missing) == len(others) == 1:
        reasons.append(f"{others[0]}.ipynb was taken for {missing[0]}.ipynb")
        given[missing[0]] = given[others[0]]
    elif missing:
        there = ", ".join(sorted(files)) or "nothing"
        raise UnreadableNotebookError(f"{missing[0]}.ipynb is missing from the submission, which holds: {there:.200}.")
    return given


def failed(assignment: Assignment, submission: Submission, reason: str) -> Result:
    """The result of a submission that can't be run: every cell 0, in the blank notebook."""
    results = []
    for name, data in assignment.notebooks.items():
        cells = tuple(
            CellResult(cell.grade_id or "", float(cell.nbgrader["points"]), 0.0)
            for cell in notebooks.read_cells(data)
            if cell.nbgrader.get("grade") or cell.nbgrader.get("task")
        )
        results.append(NotebookResult(name, cells, (), notebooks.write(json.loads(data))))
    return Result(submission.student, assignment.name, State.FAILED, (reason,), tuple(results))
