"""From what was handed in to what is graded: the instructor's locked cells with the student's answers between them.

Locked cells (questions, tests) come whole from the instructor's copy, metadata and tags too. Of the student stay the
text of the known answer cells and the student's own extra cells, in the student's order. The rest goes.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograder import notebooks
from autograder.errors import OtherNotebookError
from autograder.notebooks import Cell


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to grade, what had to be put right (sentences), and the answer cells that are as released."""

    notebook: bytes
    repairs: tuple[str, ...]
    unanswered: tuple[str, ...]


def rebuild(graded_form: bytes, released: bytes, submitted: bytes) -> Rebuilt:
    """Build the notebook to grade.

    `graded_form` is the instructor's notebook with answers cleared and hidden tests in place, `released` the same as
    the students got it: where the two differ otherwise, the instructor changed it since, and that is no repair.

    Raises an UnreadableNotebookError when `submitted` is no notebook, or not this one.
    """
    template = json.loads(graded_form)
    known = {name: cell for cell in template["cells"] if (name := _grade_id(cell))}
    visible = {cell.grade_id: cell for cell in notebooks.read_cells(released) if cell.grade_id}
    cells = notebooks.read_cells(submitted)
    ids = _recognise(cells, known)
    if known and not any(ids):
        raise OtherNotebookError(
            "None of the assignment's cells is in this notebook. Is it another notebook? Hand in the quiz itself."
        )
    chosen = _choose_copies(cells, ids, known)
    repairs = _describe_repairs(cells, ids, known, visible)
    placed = [
        (ids[n], _known_cell(known[grade_id], cell) if (grade_id := ids[n]) else _own_cell(cell))
        for n, cell in enumerate(cells)
        if ids[n] is None or n in chosen
    ]
    _put_back_missing(placed, known)
    template["cells"] = [cell for _, cell in placed]
    _name_cells(template["cells"])
    unanswered = [name for name, cell in placed if name and _is_answer(cell) and cell["source"] == _text(known[name])]
    return Rebuilt(notebooks.write_compactly(template), tuple(repairs), tuple(unanswered))


def _recognise(cells: list[Cell], known: dict[str, Any]) -> list[str | None]:
    """For each cell the grade id that it stands for; tools that lose metadata often keep the cell's own id."""
    named = {cell.grade_id for cell in cells}
    ids: list[str | None] = []
    for cell in cells:
        name = cell.grade_id if cell.nbgrader else (cell.id if cell.id not in named else None)
        ids.append(name if name in known else None)
    return ids


def _choose_copies(cells: list[Cell], ids: list[str | None], known: dict[str, Any]) -> set[int]:
    """The one copy of each known cell that counts: the last; of an answer cell the last that was filled in anew.

    A plain copy of an answer counts at the first one's place: what comes between may need it.
    """
    chosen: dict[str, int] = {}
    for n, name in enumerate(ids):
        if name is None:
            continue
        known_texts = {_text(known[name]), cells[chosen[name]].source} if name in chosen else set()
        if not (_is_answer(known[name]) and cells[n].source in known_texts):
            chosen[name] = n
    return set(chosen.values())


def _describe_repairs(
    cells: list[Cell], ids: list[str | None], known: dict[str, Any], visible: dict[str, Cell]
) -> list[str]:
    repairs = []
    counts = Counter(filter(None, ids))
    repairs += [f"{name}: {count} copies, one was kept" for name, count in counts.items() if count > 1]
    repairs += [f"{name}: missing, put back" for name in known if name not in counts and name in visible]
    repairs += [
        f"{cell.grade_id}: not a cell of this assignment, kept as the student's own"
        for cell, name in zip(cells, ids, strict=True)
        if cell.grade_id and name is None and cell.grade_id not in visible
    ]
    for cell, name in zip(cells, ids, strict=True):
        if name and name in visible:
            changes = protected_changes(cell, visible[name])
            repairs += [f"{name}: {changes} changed, restored"] if changes else []
    return list(dict.fromkeys(repairs))


def protected_changes(cell: Cell, original: Cell) -> str:
    """Which protected parts of a known cell differ from the released one, in words."""
    changes = []
    if cell.type != original.type:
        changes.append("type")
    if cell.nbgrader and _settings(cell) != _settings(original):
        changes.append("points or other nbgrader settings")
    elif not cell.nbgrader:
        changes.append("nbgrader settings")
    if not original.nbgrader.get("solution") and cell.source.rstrip() != original.source.rstrip():
        changes.append("text")
    if cell.metadata.get("tags", []) != original.metadata.get("tags", []):
        changes.append("tags")
    return " and ".join(changes)


def _settings(cell: Cell) -> tuple[Any, ...]:
    """What nbgrader goes by in a cell's metadata; its versions write the same in more or fewer fields."""
    grade, solution, task, locked = (bool(cell.nbgrader.get(key)) for key in ("grade", "solution", "task", "locked"))
    points = str(cell.nbgrader.get("points")).removesuffix(".0") if grade or task else ""
    return grade, solution, task, not solution and (grade or locked), points


def _known_cell(template: dict[str, Any], cell: Cell) -> dict[str, Any]:
    """The instructor's cell, with the student's text where it is an answer cell."""
    if not _is_answer(template):
        return template | {"source": _text(template)}
    result = template | {"source": cell.source}
    if template["cell_type"] == "markdown" and cell.attachments:
        result["attachments"] = dict(cell.attachments)
    return result


def _own_cell(cell: Cell) -> dict[str, Any]:
    result: dict[str, Any] = {"cell_type": cell.type, "metadata": {}, "source": cell.source}
    return result | ({"outputs": [], "execution_count": None} if cell.type == "code" else {})


def _put_back_missing(placed: list[tuple[str | None, dict[str, Any]]], known: dict[str, Any]) -> None:
    """Insert each missing cell right behind the one that it follows in the instructor's copy."""
    before: str | None = None
    for name, template in known.items():
        names = [placed_name for placed_name, _ in placed]
        if name not in names:
            position = names.index(before) + 1 if before else 0
            placed.insert(position, (name, template | {"source": _text(template)}))
        before = name


def _name_cells(cells: Iterable[dict[str, Any]]) -> None:
    for n, cell in enumerate(cells):
        cell["id"] = cell.get("id") or f"own-cell-{n}"


def _grade_id(cell: dict[str, Any]) -> str | None:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _is_answer(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"]["nbgrader"].get("solution"))


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
