"""Which of several cells with one name counts, as where a cell was copied, or split in two."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.errors import shown
from autograder.notebook import names
from autograder.notebook.cells import Cell, bare, text_of
from autograder.notebook.role import role_of
from autograder.wire.magics import MagicError


@dataclass(frozen=True)
class Settled:
    """The place and the text of the one that counts, and the places of those that stay as the student's own cells."""

    place: int
    text: str
    own: frozenset[int] = frozenset()
    repair: str = ""  # what was put right, as a sentence
    review: str = ""  # why a person has to look at it, as a sentence


def settle(name: str, places: Sequence[int], cells: Sequence[Cell], original: Mapping[str, Any]) -> Settled:
    """Decide between the `cells` at some `places` that all claim to be the instructor's cell `original`.

    Of a locked cell any will do. Of an answer those count that were filled in: one, wherever it stands; several that
    stand together and make one piece of Python, or of text, as one. Of others that differ the last counts, the rest
    stays where it is and runs as it did for the student, and a person has to look.
    """
    copies = f"{shown(name)}: {len(places)} copies"
    blank = bare(text_of(original))
    if not role_of(original).is_answer:
        return Settled(places[-1], cells[places[-1]].source, repair=f"{copies}, one was kept")
    typed = [place for place in places if cells[place].type == original["cell_type"]]
    filled = _filled(typed or places, cells, blank)
    notes = frozenset(_filled(set(places) - {*typed}, cells, blank)) if typed else frozenset()  # of another type
    if len(filled) < 2:
        place = filled[0] if filled else _first_whole(typed or places, cells, blank)
        return Settled(place, cells[place].source, notes, repair=f"{copies}, one was kept")
    if _is_together(filled, cells, {*places}) and _is_one_piece([cells[place].source for place in filled], original):
        text = _between(original).join(cells[place].source.strip("\n") for place in filled)
        return Settled(filled[0], text, notes, repair=f"{shown(name)}: in {len(filled)} parts, joined")
    *rest, last = filled
    return Settled(
        last,
        cells[last].source,
        notes | {*rest},
        review=f"{copies} that differ; the last counts, and each runs where it stood: please look",
    )


def _filled(places: Sequence[int] | set[int], cells: Sequence[Cell], blank: str) -> list[int]:
    """The places of the cells with a text of the student's, each text once."""
    firsts: dict[str, int] = {}
    for place in sorted(places):
        firsts.setdefault(bare(cells[place].source), place)
    return [place for text, place in firsts.items() if text not in ("", blank)]


def _first_whole(places: Sequence[int], cells: Sequence[Cell], blank: str) -> int:
    return next((place for place in places if bare(cells[place].source) == blank), places[0])


def _is_together(filled: list[int], cells: Sequence[Cell], copies: set[int]) -> bool:
    """Whether nothing but copies and empty cells stands between the first and the last."""
    between = range(filled[0], filled[-1])
    return all(place in copies or not cells[place].source.strip() for place in between)


def _between(original: Mapping[str, Any]) -> str:
    return "\n" if original["cell_type"] == "code" else "\n\n"


def _is_one_piece(parts: list[str], original: Mapping[str, Any]) -> bool:
    """Whether parts can be run as one: none sets anew what another sets, or needs what only a later one sets."""
    if original["cell_type"] != "code":
        return True
    if any(part.lstrip().startswith("%%") for part in parts):  # it would be about the other parts too, or none
        return False
    trees = [tree for part in parts if (tree := _parsed(part))]
    # Of a function that was cut through, no part is Python by itself.
    return _parsed("\n".join(parts)) is not None and (len(trees) < len(parts) or not _contradict(trees))


def _parsed(source: str) -> ast.Module | None:
    try:
        return names.parse_strictly(source)
    except (SyntaxError, MagicError):
        return None


def _contradict(trees: list[ast.Module]) -> bool:
    bound: set[str] = set()
    used: set[str] = set()
    for n, tree in enumerate(trees):
        binds = names.rebound(tree, {})
        ends_here = any(isinstance(statement, ast.Raise | ast.Assert) for statement in tree.body)
        if binds & (bound | used) or (ends_here and n < len(trees) - 1):
            return True
        bound |= binds
        used |= _used(tree)
    return False


def _used(tree: ast.Module) -> set[str]:
    """The names that statements read when they run, but for those in functions and classes."""
    deferred = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {
        node.id
        for statement in tree.body
        if not isinstance(statement, deferred)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
