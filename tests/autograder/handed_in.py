"""Small assignments and submissions for tests of the grading engine, made without nbgrader."""

import json
import re
from dataclasses import replace
from typing import Any

from autograder.notebook.cells import write_notebook
from autograder.results import Assignment, Result, Submission

NAME = "quiz"
_HIDDEN = re.compile(r"^### BEGIN HIDDEN TESTS\n.*?^### END HIDDEN TESTS\n?", re.DOTALL | re.MULTILINE)


def cell(grade_id: str, source: str, kind: str = "code", tags: tuple[str, ...] = (), **settings: Any) -> dict[str, Any]:
    """A notebook cell with nbgrader's metadata."""
    meta = {"grade_id": grade_id, "grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
    metadata: dict[str, Any] = {"nbgrader": meta | settings}
    if tags:
        metadata["tags"] = list(tags)
    result = {"cell_type": kind, "id": grade_id, "metadata": metadata, "source": source}
    return result | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def given(grade_id: str, source: str) -> dict[str, Any]:
    """A locked cell of the course's."""
    return cell(grade_id, source)


def answer(
    grade_id: str, source: str = "# YOUR CODE HERE\nraise NotImplementedError()", **settings: Any
) -> dict[str, Any]:
    """An answer cell as it is handed out."""
    return cell(grade_id, source, solution=True, locked=False, **settings)


def test(grade_id: str, source: str, points: float = 1, tags: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: PT028
    """A test cell; a hidden part stands between nbgrader's marks."""
    return cell(grade_id, source, tags=tags, grade=True, points=points)


test.__test__ = False  # type: ignore[attr-defined]


def own(source: str, **metadata: Any) -> dict[str, Any]:
    """A cell that the student added."""
    return {
        "cell_type": "code",
        "id": "x",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def notebook(*cells: dict[str, Any]) -> bytes:
    """A notebook of these cells."""
    return write_notebook({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def assignment(*cells: dict[str, Any], files: dict[str, bytes] | None = None) -> Assignment:
    """An assignment of one notebook."""
    return Assignment(NAME, {NAME: notebook(*cells)}, files or {})


def with_solution(form: Assignment, answers: dict[str, str]) -> Assignment:
    """The assignment with the instructor's own answers."""
    content = json.loads(form.notebooks[NAME])
    for part in content["cells"]:
        part["source"] = answers.get(part["metadata"]["nbgrader"]["grade_id"], _text(part))
    return replace(form, solutions={NAME: write_notebook(content)})


def released(form: Assignment) -> dict[str, bytes]:
    """Its notebook without the hidden tests."""
    content = json.loads(form.notebooks[NAME])
    for part in content["cells"]:
        part["source"] = _HIDDEN.sub("", _text(part))
    return {NAME: write_notebook(content)}


def submission(form: Assignment, answers: dict[str, str], *extra: dict[str, Any], files: Any = None) -> Submission:
    """The released notebook with answers filled in, and extra cells in front."""
    content = json.loads(released(form)[NAME])
    for part in content["cells"]:
        part["source"] = answers.get(part["metadata"]["nbgrader"]["grade_id"], _text(part))
    content["cells"] = [*extra, *content["cells"]]
    return Submission("alice", NAME, {f"{NAME}.ipynb": write_notebook(content), **(files or {})})


def scores(result: Result) -> list[float | None]:
    """The scores of a result's only notebook, in order."""
    [only] = result.notebooks
    return [part.score for part in only.cells]


def outputs(result: Result) -> list[list[dict[str, Any]]]:
    """The outputs of the graded notebook's code cells."""
    return [part["outputs"] for part in json.loads(result.notebooks[0].graded)["cells"] if part["cell_type"] == "code"]


def _text(part: dict[str, Any]) -> str:
    source = part["source"]
    return source if isinstance(source, str) else "".join(source)
