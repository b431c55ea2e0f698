"""The points that an answer gets from the test cell of its question, run as nbgrader runs it."""

import ast
from typing import Any

import nbformat

from tests.course.notebooks import ROOT


class Quiz:
    """The questions of one assignment, as their source has them."""

    def __init__(self, assignment: str) -> None:
        notebook = nbformat.read(ROOT / "solutions" / assignment / "quiz.ipynb", as_version=4)
        self.cells = {cell.id: cell.source for cell in notebook.cells}

    def score(self, number: int, code: str = "", **names: Any) -> float:
        """The points for a learner's code, or for names as it would set them; 0 where an example fails."""
        try:
            return self.run(number, code, **names)
        except (AssertionError, NotImplementedError):
            return 0.0

    def run(self, number: int, code: str = "", **names: Any) -> float:
        """The same, but what the test cell raises is raised."""
        space: dict[str, Any] = {}
        for source in (self.cells["setup"], self.cells.get(f"given-{number}", ""), code):
            exec(source, space)
        space |= names
        *steps, last = ast.parse(self.cells[f"test-{number}"]).body
        assert isinstance(last, ast.Expr), "the last line of a test cell gives the points"
        exec(compile(ast.Module(steps, []), f"test-{number}", "exec"), space)
        return eval(compile(ast.Expression(last.value), f"test-{number}", "eval"), space)
