"""Sample learners for the demo, made from an assignment's own source and release: no answer is written down here."""

import ast
import json
import re
import string
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.notebook.cells import read_cells, text_of
from autograder.notebook.names import parse
from autograder.notebook.role import role_of
from autograder.release.lint import CHECKS

_REGION = re.compile(r"^([ \t]*)[^\n]*BEGIN SOLUTION[^\n]*\n(.*?)^[^\n]*END SOLUTION[^\n]*$", re.DOTALL | re.MULTILINE)
_BREAKS_OFF = 0.6  # the share of the unreadable notebook that is kept

KINDS = {"choice": "single choice", "choices": "multiple choice", "number": "number", "rubric": "code"}
OTHER = "others"


@dataclass(frozen=True)
class Learner:
    """One sample learner: what they are like, and the notebooks that they hand in (name -> bytes)."""

    name: str
    about: str
    notebooks: Mapping[str, bytes]


def sample_class(sources: Mapping[str, bytes], released: Mapping[str, bytes]) -> list[Learner]:
    """Seven learners: all right, half right, blank, all wrong, crashing code, untidy notebook, unreadable file."""

    def made(name: str, about: str, fill: Callable[[int, str], str | None]) -> Learner:
        return Learner(name, about, {key: answered(sources[key], released[key], fill) for key in released})

    ada = made("ada", "answers everything right", lambda n, text: _solved(text))
    untidy = {key: _untidy(data) for key, data in ada.notebooks.items()}
    broken = {key: data[: int(len(data) * _BREAKS_OFF)] for key, data in ada.notebooks.items()}
    return [
        ada,
        made("ben", "answers every second question", lambda n, text: None if n % 2 else _solved(text)),
        made("cleo", "hands in the blank notebook", lambda n, text: None),
        made("dan", "answers everything wrong", lambda n, text: _REGION.sub(_wrong, text)),
        made("eva", "answers right, but her functions crash", lambda n, text: _REGION.sub(_crashing, text)),
        Learner("finn", "right, with a cell copied twice and a test deleted", untidy),
        Learner("gus", "hands in a file that breaks off", broken),
    ]


def answered(source: bytes, released: bytes, fill: Callable[[int, str], str | None]) -> bytes:
    """The released notebook with answers: `fill` gets the number and the source text of each answer cell.

    It returns the text to hand in, or None to leave the cell as it was released.
    """
    notebook = json.loads(released)
    solutions = {role_of(cell).grade_id: text_of(cell) for cell in json.loads(source)["cells"] if _is_answer(cell)}
    for number, cell in enumerate(filter(_is_answer, notebook["cells"])):
        text = fill(number, solutions[role_of(cell).grade_id])
        if text is not None:
            cell["source"] = text
    return json.dumps(notebook).encode()


def question_kinds(source: bytes) -> dict[str, str]:
    """For each graded cell of a source notebook the kind of its question, by the check that it calls."""
    graded = [cell for cell in read_cells(source) if cell.role.is_graded]
    return {cell.role.grade_id: _kind(cell.source) if cell.type == "code" else OTHER for cell in graded}


def _kind(text: str) -> str:
    called = {node.func.id for node in _calls(text) if isinstance(node.func, ast.Name)} & CHECKS
    return next((kind for check, kind in KINDS.items() if check in called), OTHER)


def _calls(text: str) -> list[ast.Call]:
    return [node for node in ast.walk(parse(text)) if isinstance(node, ast.Call)]


def _solved(text: str) -> str:
    return _REGION.sub(lambda match: match[2].rstrip("\n"), text)


def _wrong(match: re.Match[str]) -> str:
    """A region's answer turned wrong: another letter, another number, a function that returns nonsense."""
    return _replaced(match, _other_literal, 'return "nonsense"')


def _crashing(match: re.Match[str]) -> str:
    """A region's answer as it is, but with functions that raise an error."""
    return _replaced(match, lambda value: value, 'raise RuntimeError("this learner\'s code crashes")')


def _replaced(match: re.Match[str], literal: Callable[[Any], Any], body: str) -> str:
    tree = ast.parse(textwrap.dedent(match[2]))
    match tree.body:
        case [ast.Assign(targets=[ast.Name(id=name)], value=value)] if (found := _literal(value)) is not None:
            return f"{match[1]}{name} = {literal(found)!r}"
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return match[1] + body
    for function in functions:
        function.body = ast.parse(f"def f():\n    {body}").body[0].body  # type: ignore[attr-defined]
    return textwrap.indent("\n\n".join(map(ast.unparse, functions)), match[1])


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _other_literal(value: Any) -> Any:
    """A value of the same form that is surely another."""
    if isinstance(value, str):
        return next(letter for letter in string.ascii_uppercase if letter not in value)
    if isinstance(value, list | tuple):
        return [_other_literal(part) for part in value]
    return -3 * value - 7


def _untidy(notebook: bytes) -> bytes:
    """The notebook with its first answer cell copied twice and its last graded cell deleted, as far as it has such."""
    content = json.loads(notebook)
    cells = content["cells"]
    for n in [n for n, cell in enumerate(cells) if _is_answer(cell)][:1]:
        cells.insert(n + 1, cells[n])
    for n in [n for n, cell in enumerate(cells) if role_of(cell).is_graded][-1:]:
        del cells[n]
    return json.dumps(content).encode()


def _is_answer(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and role_of(cell).is_answer
