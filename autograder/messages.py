"""What a learner may read about a graded cell: lines of the cell's own checks, and no other text of its outputs.

Outputs of a test cell are made in a process that also ran the student's code, and an error's message may hold expected
values. So a line is passed on only when it is put together from texts that the instructor wrote into the test cell.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.checks import NOT_YET, REASONS, RIGHT
from autograder.lint import parse

_LONGEST = 2000  # characters of a line; checks print much shorter ones

_ERRORS = {
    "NotImplementedError": "The answer is still as it was handed out.",
    "NoAnswer": "There is no answer yet, or it is not of the form asked for.",
    "CellTimeoutError": "This took too long and was stopped.",
    "TotalTimeoutError": "The notebook took too long as a whole and was stopped here.",
    "StuckKernelError": "Python was busy with code before this point and could not be stopped.",
    "DeadKernelError": "Python ended before this point, so it could not be checked.",
    "NameError": "A name that the answer should define does not exist.",
    "AssertionError": "The result is not the one asked for.",
}


def learner_messages(source: str, outputs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The lines that a learner may read about a test cell, from the instructor's `source` and the run's `outputs`."""
    allowed = _allowed_line(source)
    lines: list[str] = []
    for output in outputs:
        if output["output_type"] == "stream" and output.get("name") == "stdout":
            lines += [line for line in _text(output["text"]).splitlines() if len(line) <= _LONGEST]
    kept = [line for line in lines if allowed.fullmatch(line)]
    errors = [str(output.get("ename", "")) for output in outputs if output["output_type"] == "error"]
    kept += [f"{NOT_YET}: {_error_text(name)}" for name in errors[:1]]
    return tuple(kept)


def _allowed_line(source: str) -> re.Pattern[str]:
    """`right` or `not yet`, followed by texts of the cell's own source or of the checks' fixed reasons."""
    nodes = list(ast.walk(tree)) if (tree := parse(source)) else []
    texts = {re.escape(node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts |= {_f_string(node) for node in nodes if isinstance(node, ast.JoinedStr)}
    texts |= set(map(re.escape, REASONS))
    alternatives = "|".join(sorted(filter(str.strip, texts), key=len, reverse=True))
    return re.compile(rf"(?:{RIGHT}|{NOT_YET})(?:: (?:{alternatives}))*+")


def _f_string(node: ast.JoinedStr) -> str:
    """A pattern for what an f-string of the test cell makes; its values may be short words and numbers."""
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    return "".join(re.escape(part) if isinstance(part, str) else r"[\w.,()\- ]{0,40}" for part in parts)


def _error_text(name: str) -> str:
    if name in _ERRORS:
        return _ERRORS[name]
    return f"The code raised {name}." if name.isidentifier() and len(name) < 60 else "The code raised an error."


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)
