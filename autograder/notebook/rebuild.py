"""From what was handed in to what is graded: the instructor's locked cells with the student's answers between them.

Locked cells (questions, tests) come whole from the instructor's copy, metadata and tags too. Of the student stay the
text of the known answer cells and the student's own extra cells, in the student's order. The rest goes. Where two texts
could be the answer to one question, both stay and a person is asked to look.

A hand-in may be of an earlier release: then what differs from that one was the student's doing, and nothing else.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.errors import OtherNotebookError, listed, shown
from autograder.notebook.cells import Cell, bare, named_cells, read_cells, text_of, texts, write_compactly
from autograder.notebook.copies import Settled, settle
from autograder.notebook.role import Role, role_of

_MOST_NAMED = 10  # cells in one sentence


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to grade, what had to be put right (sentences), and the answer cells that are as released.

    `answers` are the texts of the other answer cells, to be compared; `review` says why a person has to look, if so.
    `remarks` say what is no repair and nothing to look at.
    """

    notebook: bytes
    repairs: tuple[str, ...]
    unanswered: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    review: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def rebuild(graded_form: bytes, released: bytes, submitted: bytes, earlier: Sequence[bytes] = ()) -> Rebuilt:
    """Build the notebook to grade.

    `graded_form` is the instructor's notebook with answers cleared and hidden tests in place, `released` the same as
    the students got it: where the two differ otherwise, the instructor changed it since, and that is no repair.
    Where a notebook fits one of the `earlier` releases better, the student is taken to have got that one.

    Raises an UnreadableNotebookError when `submitted` is no notebook, or not this one.
    """
    template = json.loads(graded_form)
    known = {name: cell for cell in template["cells"] if (name := role_of(cell).grade_id)}
    cells = read_cells(submitted)
    ids = _recognise(cells, known)
    if known and not any(ids):
        raise OtherNotebookError(
            "None of the assignment's cells is in this notebook. Is it another notebook? Hand in the quiz itself."
        )
    settled = _settle_copies(cells, ids, known)
    given, repairs = _fitting(released, earlier, cells, ids, known, settled)
    remark, look = _of_earlier(given, released, known) if given != released else ("", "")
    cells, ids = _keep_settled(cells, ids, settled)
    placed = [
        (name, _known_cell(known[name], cell) if name else _own_cell(cell))
        for name, cell in zip(ids, cells, strict=True)
    ]
    _put_back_missing(placed, known)
    answers = {name: bare(text_of(cell)) for name, cell in placed if name and role_of(cell).is_answer}
    blank = [name for name, text in answers.items() if text == bare(text_of(known[name]))]
    elsewhere = _perhaps_elsewhere(
        placed, [name for name in blank if role_of(known[name]).is_manual], ids, texts(given)
    )
    template["cells"] = [cell for _, cell in placed]
    _name_cells(template["cells"])
    return Rebuilt(
        write_compactly(template),
        tuple(repairs),
        unanswered=tuple(name for name in blank if name not in elsewhere),
        answers={name: text for name, text in answers.items() if name not in blank},
        review=(*filter(None, [look, *(each.review for each in settled.values())]), *elsewhere.values()),
        remarks=(remark,) if remark else (),
    )


def _recognise(cells: list[Cell], known: dict[str, Any]) -> list[str | None]:
    """For each cell the grade id that it stands for; tools that lose metadata often keep the cell's own id."""
    named = {cell.role.grade_id for cell in cells}
    ids: list[str | None] = []
    for cell in cells:
        name = cell.role.grade_id if cell.role.is_known else (cell.id if cell.id not in named else None)
        ids.append(name if name in known else None)
    return ids


def _settle_copies(cells: list[Cell], ids: list[str | None], known: dict[str, Any]) -> dict[str, Settled]:
    """For each cell that is there more than once, which copy counts."""
    places: dict[str, list[int]] = {}
    for n, name in enumerate(ids):
        if name is not None:
            places.setdefault(name, []).append(n)
    return {name: settle(name, where, cells, known[name]) for name, where in places.items() if len(where) > 1}


def _keep_settled(
    cells: list[Cell], ids: list[str | None], settled: Mapping[str, Settled]
) -> tuple[list[Cell], list[str | None]]:
    """The cells that stay, with one of each name."""
    kept: list[tuple[Cell, str | None]] = []
    for n, (cell, name) in enumerate(zip(cells, ids, strict=True)):
        choice = settled.get(name) if name else None
        if choice is None:
            kept.append((cell, name))
        elif n == choice.place:
            kept.append((replace(cell, source=choice.text), name))
        elif n in choice.own:
            kept.append((cell, None))
    return [cell for cell, _ in kept], [name for _, name in kept]


def _perhaps_elsewhere(
    placed: list[tuple[str | None, dict[str, Any]]],
    blank: list[str],
    ids: list[str | None],
    handed_out: frozenset[str],
) -> dict[str, str]:
    """Why a person has to look at a manual answer that is blank: the student's own cells may hold it.

    Of one that was left in its place these are the cells between the instructor's before and after it; of one that had
    to be put back, for it may have lost its metadata, they are all cells of the student's own.
    """
    own = [name is None and bool(text := bare(text_of(cell))) and text not in handed_out for name, cell in placed]
    places = {name: n for n, (name, _) in enumerate(placed) if name}
    found = {}
    for name in blank:
        if name not in ids and any(own):
            found[name] = f"{shown(name)}: missing, and perhaps in a cell of the student's own: please look"
        elif any(own[n] for n in _around(placed, places[name])):
            found[name] = f"{shown(name)}: blank, and the student's own cell beside it may hold the answer: please look"
    return found


def _around(placed: list[tuple[str | None, dict[str, Any]]], place: int) -> Iterator[int]:
    """The places next to one, up to the nearest cells of the instructor's."""
    for steps in (range(place - 1, -1, -1), range(place + 1, len(placed))):
        yield from itertools.takewhile(lambda n: placed[n][0] is None, steps)


def _fitting(
    released: bytes,
    earlier: Sequence[bytes],
    cells: list[Cell],
    ids: list[str | None],
    known: dict[str, Any],
    settled: Mapping[str, Settled],
) -> tuple[bytes, list[str]]:
    """The release that the student worked in, and the repairs by it: of those that fit best, the present one.

    One that lacks a cell which was handed in is none: of such a cell it could not tell whether it was changed.
    """
    there = {name for name in ids if name}
    best = released, _describe_repairs(cells, ids, known, named_cells(released), settled)
    for each in earlier:
        visible = named_cells(each)
        repairs = _describe_repairs(cells, ids, known, visible, settled)
        if there <= visible.keys() and len(repairs) < len(best[1]):
            best = each, repairs
    return best


def _of_earlier(given: bytes, released: bytes, known: dict[str, Any]) -> tuple[str, str]:
    """What to remark of a hand-in that is as an earlier release was; or, if that one asked less, why to look at it."""
    before, now = named_cells(given), named_cells(released)
    others = [name for name in now if name not in before or protected_changes(before[name], now[name])]
    others += [name for name in before if name not in now]
    remark = f"as in an earlier release, which differs in {listed([*map(shown, others)], _MOST_NAMED)}"
    roles = {name: role_of(cell) for name, cell in known.items() if name not in before}
    new = [shown(name) for name, role in roles.items() if role.is_answer or role.task]
    if not new:
        return remark, ""
    return "", f"{remark}, and did not ask for {listed(new, _MOST_NAMED)}: please look"


def _describe_repairs(
    cells: list[Cell],
    ids: list[str | None],
    known: dict[str, Any],
    visible: Mapping[str, Cell],
    settled: Mapping[str, Settled],
) -> list[str]:
    repairs = [each.repair for each in settled.values() if each.repair]
    there = {*ids}
    repairs += [f"{shown(name)}: missing, put back" for name in known if name not in there and name in visible]
    repairs += [
        f"{shown(cell.role.grade_id)}: not a cell of this assignment, kept as the student's own"
        for cell, name in zip(cells, ids, strict=True)
        if cell.role.grade_id and name is None and cell.role.grade_id not in visible
    ]
    for cell, name in zip(cells, ids, strict=True):
        if name and name in visible:
            changes = protected_changes(cell, visible[name])
            repairs += [f"{shown(name)}: {changes} changed, restored"] if changes else []
    return list(dict.fromkeys(repairs))


def protected_changes(cell: Cell, original: Cell) -> str:
    """Which protected parts of a known cell differ from the released one, in words."""
    changes = []
    if cell.type != original.type:
        changes.append("type")
    if not cell.role.is_known:
        changes.append("nbgrader settings")
    elif _settings(cell.role) != _settings(original.role):
        changes.append("points or other nbgrader settings")
    if not original.role.is_answer and bare(cell.source) != bare(original.source):
        changes.append("text")
    if cell.metadata.get("tags", []) != original.metadata.get("tags", []):
        changes.append("tags")
    return " and ".join(changes)


def _settings(role: Role) -> tuple[Any, ...]:
    """What nbgrader goes by."""
    return role.grade, role.solution, role.task, role.is_locked, role.points if role.is_graded else None


def _known_cell(template: dict[str, Any], cell: Cell) -> dict[str, Any]:
    """The instructor's cell, with the student's text where it is an answer cell."""
    if not role_of(template).is_answer:
        return template | {"source": text_of(template)}
    result = template | {"source": cell.source}
    if template["cell_type"] == "markdown" and cell.attachments:
        result["attachments"] = dict(cell.attachments)
    return result


def _own_cell(cell: Cell) -> dict[str, Any]:
    result: dict[str, Any] = {"cell_type": cell.type, "metadata": {}, "source": cell.source}
    if cell.type == "code":
        return result | {"outputs": [], "execution_count": None}
    return result | ({"attachments": dict(cell.attachments)} if cell.attachments else {})


def _put_back_missing(placed: list[tuple[str | None, dict[str, Any]]], known: dict[str, Any]) -> None:
    """Insert each missing cell right behind the one that it follows in the instructor's copy."""
    before: str | None = None
    for name, template in known.items():
        names = [placed_name for placed_name, _ in placed]
        if name not in names:
            position = names.index(before) + 1 if before else 0
            placed.insert(position, (name, template | {"source": text_of(template)}))
        before = name


def _name_cells(cells: Iterable[dict[str, Any]]) -> None:
    for n, cell in enumerate(cells):
        cell["id"] = cell.get("id") or f"own-cell-{n}"
