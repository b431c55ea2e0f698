"""What a learner may read about a graded cell: lines of the cell's own checks, and no other text of its outputs.

Outputs of a test cell are made in a process that also ran the student's code, and an error's message may hold expected
values. So a line is passed on only when it is put together from texts that the instructor wrote into the test cell.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from autograder.checks import NOT_YET, REASONS, RIGHT
from autograder.names import parse

_LONGEST = 2000  # characters of a line; checks print much shorter ones

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


def learner_messages(source: str, outputs: Iterable[Mapping[str, Any]], visible: str = "") -> tuple[str, ...]:
    """The lines that a learner may read about a test cell, from the instructor's `source` and the run's `outputs`.

    `visible` is the part of the source that stands in the released notebook too: its words are no secret.
    """
    allowed = _allowed_line(source)
    lines: list[str] = []
    for output in outputs:
        if output["output_type"] == "stream" and output.get("name") == "stdout":
            lines += [line for line in _text(output["text"]).splitlines() if len(line) <= _LONGEST]
    kept = [line for line in lines if allowed.fullmatch(line)]
    errors = [output for output in outputs if output["output_type"] == "error"]
    kept += [f"{NOT_YET}: {_error_text(error, parse(visible))}" for error in errors[:1]]
    return tuple(kept)


@lru_cache(maxsize=1000)  # the same test cells come with every submission
def _allowed_line(source: str) -> re.Pattern[str]:
    """`right` or `not yet`, followed by texts of the cell's own source or of the checks' fixed reasons."""
    nodes = list(ast.walk(parse(source)))
    texts = {re.escape(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts |= {_f_string(node) for node in nodes if isinstance(node, ast.JoinedStr)}
    texts |= set(map(re.escape, REASONS))
    alternatives = "|".join(sorted(filter(str.strip, texts), key=len, reverse=True))
    return re.compile(rf"(?:{RIGHT}|{NOT_YET})(?:: (?:{alternatives}))*+")


def _f_string(node: ast.JoinedStr) -> str:
    """A pattern for what an f-string of the test cell makes; its values may be short words and numbers."""
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    return "".join(re.escape(part) if isinstance(part, str) else r"[\w.,()\- ]{0,40}" for part in parts)


def _error_text(error: Mapping[str, Any], visible: ast.Module) -> str:
    """What an error means; of its own message only what the released notebook says anyway."""
    name, message = str(error.get("ename", "")), str(error.get("evalue", ""))
    if name == "NoAnswer":
        return f"{_NO_ANSWER}{_wanted_form(visible)}."
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


def _wanted_form(visible: ast.Module) -> str:
    """The form that `companion.answered(name, value, letters, shape=...)` asks for, as the end of a sentence."""
    for node in ast.walk(visible):
        match node:
            case ast.Call(func=ast.Name(id="answered"), args=[_, _, ast.Constant(value=str(letters))]):
                return f": capital letters from {', '.join(letters)} in quotes, without spaces"
            case ast.Call(func=ast.Name(id="answered"), keywords=[ast.keyword(arg="shape", value=shape)]):
                return f": rows of numbers, of shape {ast.unparse(shape)}"
            case ast.Call(func=ast.Name(id="answered"), args=[_, _]):
                return ": a number, without quotes"
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)
