"""From what came back about a submission's notebooks to its result."""

import json
from collections.abc import Mapping
from typing import Any

from autograder.engines.run import Run
from autograder.engines.submitted import nothing
from autograder.notebook.cells import Cell, named_cells, text_of, write_compactly
from autograder.notebook.messages import learner_messages
from autograder.notebook.rebuild import Rebuilt
from autograder.notebook.role import role_of
from autograder.results import Assignment, CellResult, NotebookResult, Result, State, Submission
from autograder.trusted.job import Output, error_output


def make_result(
    assignment: Assignment,
    released: Mapping[str, bytes],
    submission: Submission,
    rebuilt: Mapping[str, Rebuilt],
    left: Mapping[str, str],
    runs: list[Run],
    marks: list[str],
    renamed: list[str],
) -> Result:
    """The result of a submission; `left` are notebooks that could not be run, `marks` stand before other reasons."""
    results = {name: nothing(name, assignment.notebooks[name]) for name in left}
    reasons, review = [*marks, *left.values(), *renamed], list[str]()
    for (name, notebook), run in zip(rebuilt.items(), runs, strict=True):
        result, doubts = _notebook_result(name, notebook, run, named_cells(released[name]))
        results[name] = result
        reasons += (
            [f"the student's process ended: {run.ended}; what needed it afterwards scores 0"] if run.ended else []
        )
        reasons += [f"{test}: {why}: please score it" for test, why in doubts.items()]
        reasons += _slow_cells(result)
        reasons += [*notebook.remarks, *notebook.repairs, *notebook.review, *run.review]
        review += [*notebook.review, *run.review]
    waiting = bool(review) or any(cell.score is None for result in results.values() for cell in result.cells)
    if left or any(run.ended for run in runs):
        state = State.FAILED
    elif waiting:
        state = State.NEEDS_REVIEW
    else:
        repaired = renamed or any(notebook.repairs for notebook in rebuilt.values())
        state = State.REPAIRED if repaired else State.GRADED
    in_order = tuple(results[name] for name in assignment.notebooks)
    return Result(submission.student, assignment.name, state, tuple(reasons), in_order, tuple(review))


def _notebook_result(
    name: str, rebuilt: Rebuilt, run: Run, visible: Mapping[str, Cell]
) -> tuple[NotebookResult, dict[str, str]]:
    """The notebook with its outputs and scores; and the ids of tests that a person has to score, with the reasons."""
    content = json.loads(rebuilt.notebook)
    scores: list[CellResult] = []
    doubts: dict[str, str] = {}
    index = -1
    for cell in content["cells"]:
        is_code = cell["cell_type"] == "code"
        index += is_code
        role = role_of(cell)
        if is_code:
            cell["outputs"] = [_output(output, index + 1) for output in run.outputs.get(index, [])]
            cell["execution_count"] = index + 1 if index in run.outputs else None
        if not role.is_graded:
            continue
        grade_id, points = role.grade_id, role.points or 0.0
        if role.is_manual or not is_code:
            scores.append(CellResult(grade_id, points, 0.0 if grade_id in rebuilt.unanswered else None))
        elif index in run.doubts:
            doubts[grade_id] = run.doubts[index]
            scores.append(CellResult(grade_id, points, None))
        elif index in run.scores:
            messages = learner_messages(
                text_of(cell), cell["outputs"], visible[grade_id].source if grade_id in visible else ""
            )
            scores.append(CellResult(grade_id, points, run.scores[index], messages))
        else:  # no record that it was run is no pass
            cell["outputs"] = [_output(error_output("NotRunError", "not run"), index + 1)]
            doubts[grade_id] = "it was not run"
            scores.append(CellResult(grade_id, points, None))
    return NotebookResult(name, tuple(scores), rebuilt.unanswered, write_compactly(content)), doubts


def _slow_cells(result: NotebookResult) -> list[str]:
    """Which cells took too long, as sentences."""
    slow = []
    for cell in json.loads(result.graded)["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error" and output["ename"] == "CellTimeoutError":
                where = role_of(cell).grade_id or "a cell of the student's own"
                slow.append(f"{where}: {output['evalue']}, and was stopped")
    return slow


def _output(output: Output, count: int) -> dict[str, Any]:
    """An output as the notebook format has it."""
    match output:
        case {"output_type": "stream", "text": printed}:
            return {"output_type": "stream", "name": "stdout", "text": printed}
        case {"output_type": "execute_result", "text": shown}:
            data = {"text/plain": shown}
            return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
        case {"name": name, "message": message}:
            return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}
    raise ValueError(f"unknown output {output}")
