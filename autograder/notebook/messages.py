"""What a learner may read about a graded cell: lines of the cell's own checks, and no other text of its outputs.

Outputs of a test cell are made in a process that also ran the student's code, and an error's message may hold expected
values. So a line is passed on only when it is put together from texts that the instructor wrote into the test cell.
"""

import ast
import builtins
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from autograder.checks import NOT_YET, RIGHT, is_blank
from autograder.notebook.cells import joined
from autograder.notebook.lines import taken_apart
from autograder.notebook.names import parse

_LONGEST = 2000  # characters of a line; checks print much shorter ones
_SHOWN = 40  # characters of a learner's value in a sentence

_ERRORS = {
    "NotImplementedError": "The answer is still as it was handed out.",
    "CellTimeoutError": "This took too long and was stopped.",
    "TotalTimeoutError": "The notebook took too long as a whole and was stopped here.",
    "StuckKernelError": "Python was busy with code before this point and could not be stopped.",
    "DeadKernelError": "Python ended before this point, so it could not be checked.",
    "NameError": "A name that the answer should define does not exist.",
    "AssertionError": "The result is not the one asked for.",
    "NotRunError": "This was not run.",
}
_NO_ANSWER = "There is no answer yet, or it is not of the form asked for"


@dataclass(frozen=True)
class Line:
    """What one check says: whether it is passed, and the texts that follow; `points` where its test cell gives them."""

    right: bool
    texts: tuple[str, ...]
    points: float | None = None

    def __str__(self) -> str:
        return ": ".join([RIGHT if self.right else NOT_YET, *self.texts])


def learner_messages(source: str, outputs: Iterable[Mapping[str, Any]], visible: str = "") -> tuple[str, ...]:
    """The lines that a learner may read about a test cell, from the instructor's `source` and the run's `outputs`.

    `visible` is the part of the source that stands in the released notebook too: its words are no secret.
    """
    return tuple(map(str, learner_lines(source, outputs, visible)))


def learner_lines(
    source: str,
    outputs: Iterable[Mapping[str, Any]],
    visible: str = "",
    given: Mapping[str, Any] = MappingProxyType({}),
) -> list[Line]:
    """The same, taken apart. `given` is what the learner's cells put into names, as far as their text tells."""
    printed: list[str] = []
    for output in outputs:
        if output["output_type"] == "stream" and output.get("name") == "stdout":
            printed += [line for line in joined(output["text"]).splitlines() if len(line) <= _LONGEST]
    points = _points(source)
    said = filter(None, (taken_apart(line, source) for line in printed))
    kept = [Line(right, texts, points.get(texts[0]) if texts else None) for right, texts in said]
    errors = [output for output in outputs if output["output_type"] == "error"]
    return kept + [Line(False, (_error_text(error, parse(visible), given),)) for error in errors[:1]]


@lru_cache(maxsize=1000)
def _points(source: str) -> dict[str, float]:
    """The points of each named check of a `Rubric`, where the test cell states them as a number."""
    found = {}
    for node in ast.walk(parse(source)):
        match node:
            case ast.With(
                items=[ast.withitem(context_expr=ast.Call(args=[ast.Constant(value=str(name)), *_]) as call)]
            ):
                stated = [each.value for each in call.keywords if each.arg == "points"]
                if stated and isinstance(stated[0], ast.Constant) and isinstance(stated[0].value, int | float):
                    found[name] = float(stated[0].value)
    return found


def _error_text(error: Mapping[str, Any], visible: ast.Module, given: Mapping[str, Any]) -> str:
    """What an error means; of its own message only what the released notebook says anyway."""
    name, message = str(error.get("ename", "")), str(error.get("evalue", ""))
    if name == "NoAnswer":
        return _no_answer(visible, given)
    if name == "AssertionError" and message in _texts(visible):
        return message
    if name == "NameError":
        for node in ast.walk(visible):
            if isinstance(node, ast.Name) and message == f"name '{node.id}' is not defined":
                return f"The name `{node.id}`, which the answer should define, does not exist."
    if name in _ERRORS:
        return _ERRORS[name]
    # A class that the student named could carry more than a name.
    return f"The code raised {name}." if hasattr(builtins, name) else "The code raised an error."


def _texts(visible: ast.Module) -> set[str]:
    nodes = (node for node in ast.walk(visible) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str) and node.value}


def _no_answer(visible: ast.Module, given: Mapping[str, Any]) -> str:
    """What to say when `companion.answered(name, value, letters, shape=...)` takes a value for no answer."""
    for node in ast.walk(visible):
        match node:
            case ast.Call(func=ast.Name(id="answered"), args=[_, value, *_]) as call:
                wanted = _wanted_form(call)
                name = value.id if isinstance(value, ast.Name) else ""
                if name not in given or not wanted:
                    return f"{_NO_ANSWER}: {wanted}." if wanted else f"{_NO_ANSWER}."
                value = given[name]
                found = "There is no answer yet" if is_blank(value) else f"The answer is {_described(value)}"
                return f"{found}. Asked for: {wanted}."
    return f"{_NO_ANSWER}."


def _wanted_form(call: ast.Call) -> str:
    match call:
        case ast.Call(args=[_, _, ast.Constant(value=str(letters))]):
            return f"capital letters from {', '.join(letters)} in quotes, without spaces"
        case ast.Call(keywords=[ast.keyword(arg="shape", value=shape)]):
            return f"rows of numbers, of shape {ast.unparse(shape)}"
        case ast.Call(args=[_, _], keywords=[]):
            return "a number, without quotes"
    return ""


def _described(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]} ..."
    kinds = {str: "text in quotes", bool: "a truth value", list: "a list", tuple: "a row in round brackets"}
    kind = kinds.get(type(value), "a number" if isinstance(value, int | float) else "")
    return f"{shown}, {kind}" if kind else shown
