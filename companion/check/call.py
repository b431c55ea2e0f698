"""A call of a learner's function, its right result and what it gave, as text and as tables side by side."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from companion.check.parts import FEW, Comparison, Part, compared, part_of

_LONGEST = 9  # digits of an integer that is written as it is


@dataclass(frozen=True)
class Call:
    """A call with its arguments, the right result, and what the learner's function returned, if anything.

    `item` is what arrays of three axes hold along `axis`, such as pictures or channels.
    """

    text: str
    arguments: Mapping[str, np.ndarray]
    right: np.ndarray
    result: Any = None
    item: str = "picture"
    axis: int = 0

    @cached_property
    def comparison(self) -> Comparison | None:
        """The right result beside the learner's; None unless both are arrays of numbers."""
        if not isinstance(self.result, np.ndarray) or self.result.dtype.kind not in "biuf":
            return None
        return compared(self.right, np.asarray(self.result), self.item, self.axis)

    @property
    def is_large(self) -> bool:
        """Whether the arguments are too many numbers to compute with by hand."""
        return any(array.size > FEW or array.ndim > 3 for array in self.arguments.values())

    def _shapes(self) -> str:
        return " and ".join(f"{name} of shape {array.shape}" for name, array in self.arguments.items())

    # -------------------------------------------------------------------------------------------- as text

    def __str__(self) -> str:
        pair = self.comparison
        if self.is_large:
            lines = [f"{self.text} with {self._shapes()}"]
            if pair and pair.right and pair.yours:
                lines += [f"should give\n{_grid(pair.right)}", f"and yours gave\n{_grid(pair.yours)}", pair.cut]
        else:
            lines = [f"{name} =\n{array}" for name, array in self.arguments.items()]
            lines.append(f"{self.text} should give\n{self.right}")
            if pair and self.result.size <= FEW:
                lines.append(f"and yours gave\n{self.result}")
        return "\n".join(filter(None, [*lines, pair.remark if pair else ""]))

    # -------------------------------------------------------------------------------------------- as HTML

    def html(self) -> str:
        """Return the same with tables, the right result and the learner's side by side."""
        pair = self.comparison
        call = f"<code>{html.escape(self.text)}</code>"
        if self.is_large:
            given = f"<p>For {call} with {self._shapes()}</p>"
        else:
            given = f"{_side_by_side(self._given(pair.index if pair else 0))}<p>For {call}</p>"
        if pair:
            tables = [
                _table("expected", self.right.shape, pair.right, pair.differs),
                _table("yours", self.result.shape, pair.yours, pair.differs),
            ]
            legend = " They are bold, in a frame." if pair.differs is not None else ""
            return f"{given}{_side_by_side(tables)}<p>{pair.remark}{legend} {pair.cut}</p>"
        if self.is_large:
            return given
        expected = _table("expected", self.right.shape, part_of(self.right, axis=self.axis))
        return given + _side_by_side([expected])

    def _given(self, index: int) -> list[str]:
        tables = []
        for name, array in self.arguments.items():
            caption = f"{name}[{index}]" if array.ndim == 3 and len(array) > 1 else name
            tables.append(_table(caption, None, part_of(array, index)))
        return tables


def _side_by_side(tables: Sequence[str]) -> str:
    return f'<div class="cc-check-row">{"".join(tables)}</div>'


def _table(caption: str, shape: tuple[int, ...] | None, part: Part | None, differs: np.ndarray | None = None) -> str:
    """Return a part of an array with its row and column numbers; `differs` says which numbers are marked."""
    title = html.escape(caption) + (f" <span>shape {shape}</span>" if shape is not None else "")
    if part is None:
        return f'<p class="cc-check-none">{title}</p>'
    rows, columns = part.numbers.shape
    corner = "" if part.is_line else "<td></td>"
    head = "".join(f'<th scope="col">{part.left + column}</th>' for column in range(columns))
    body = ""
    for row in range(rows):
        label = "" if part.is_line else f'<th scope="row">{part.top + row}</th>'
        cells = (
            _cell(part.numbers[row, column], differs is not None and differs[row, column]) for column in range(columns)
        )
        body += f"<tr>{label}{''.join(cells)}</tr>"
    return f"<table><caption>{title}</caption><thead><tr>{corner}{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(number: np.generic, differs: bool) -> str:
    text = _written(number)
    if not differs:
        return f"<td>{text}</td>"
    unseen = '<span class="cc-check-unseen"> differs</span>'
    return f'<td class="cc-check-differs"><strong>{text}</strong>{unseen}</td>'


def _grid(part: Part) -> str:
    """Return a part of an array as aligned text, with no more figures than a table has."""
    texts = [[_written(number) for number in row] for row in part.numbers]
    width = max(len(text) for row in texts for text in row)
    return "\n".join("  ".join(text.rjust(width) for text in row) for row in texts)


def _written(number: np.generic) -> str:
    """Return a number short enough for a cell, and exact enough that what differs looks different."""
    text = str(number)
    if number.dtype.kind == "b" or (number.dtype.kind in "iu" and len(text) <= _LONGEST):
        return text
    return f"{float(number):.5g}"
