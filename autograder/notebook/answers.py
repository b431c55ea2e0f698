"""What a learner answered, as far as the text of the cell tells it: nothing is run.

It suits cells that put one literal into a name and show it, as `ask("answer_1", answer_1, A="...", B="...")` does: any
call with texts under single capital letters offers options, and a `unit` is a number's unit.
"""

import ast
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.checks import is_blank
from autograder.notebook.names import literal, parse

_MOST_NUMBERS = 400  # in a table; a longer answer is shown as code
_LONGEST = 2000  # characters of a value, and
_LONGEST_NUMBER = 40  # of one in a table


@dataclass(frozen=True)
class Answer:
    """One value that a cell holds, in a form to be shown: `picks`, `rows` or else `text`; none of them for a blank."""

    text: str = ""
    unit: str = ""
    picks: tuple[tuple[str, str], ...] = ()  # letters and texts of the options that were picked
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def blank(self) -> bool:
        """Whether nothing was answered."""
        return not (self.text or self.picks or self.rows)


def values(source: str) -> dict[str, Any]:
    """The names into which a cell puts literals."""
    return {name: value for statement in parse(source).body for name, value in _assigned(statement)}


def answer(source: str) -> Answer | None:
    """The answer of a cell that holds one literal and shows it; None for a cell that holds more, such as a comment."""
    body = parse(source).body
    if not body or len(body) > 2 or _has_comment(source):
        return None
    assigned = _assigned(body[0])
    shown = [statement.value for statement in body[1:] if isinstance(statement, ast.Expr)]
    if len(assigned) != 1 or len(shown) != len(body) - 1:
        return None
    [(_, value)] = assigned
    return _answer(value, shown[0] if shown else None)


def _assigned(statement: ast.stmt) -> list[tuple[str, Any]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            try:
                return [(name, literal(value))]
            except ValueError:
                return []
    return []


def _has_comment(source: str) -> bool:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return True
    return any(token.type == tokenize.COMMENT for token in tokens)


def _answer(value: Any, call: ast.expr | None) -> Answer | None:
    if is_blank(value):
        return Answer()
    texts = _texts(call)
    if any(len(text) > _LONGEST for text in texts.values()):
        return None
    options = {name: text for name, text in texts.items() if len(name) == 1 and name.isupper()}
    if isinstance(value, str) and options and set(value) <= set(options):
        return Answer(picks=tuple((letter, options[letter]) for letter in sorted(set(value))))
    try:
        rows = _rows(value)
        shown = "" if rows else repr(value)
    except ValueError:  # an int of thousands of digits
        return None
    if len(shown) > _LONGEST:
        return None
    return Answer(text=shown, rows=rows, unit=texts.get("unit", "") if isinstance(value, int | float) else "")


def _texts(call: ast.expr | None) -> Mapping[str, str]:
    """The texts that a call gets by keyword."""
    if not isinstance(call, ast.Call):
        return {}
    return {
        each.arg: each.value.value
        for each in call.keywords
        if each.arg and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
    }


def _rows(value: Any) -> tuple[tuple[str, ...], ...]:
    """A list of numbers as one row, a list of such lists as several; empty for anything else."""
    lists = value if isinstance(value, list) and value and all(isinstance(row, list) for row in value) else [value]
    rows = [row for row in lists if isinstance(row, list) and row and all(type(each) in (int, float) for each in row)]
    if len(rows) < len(lists) or sum(map(len, rows)) > _MOST_NUMBERS:
        return ()
    texts = tuple(tuple(f"{each:g}" if isinstance(each, float) else str(each) for each in row) for row in rows)
    return texts if all(len(text) <= _LONGEST_NUMBER for row in texts for text in row) else ()
