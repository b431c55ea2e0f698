"""Tests that failed, perhaps only since a line of the notebook could not be run here: a person has to score these.

What could not be run the student's process says itself, at the head of what a cell printed, and of what a function did
that a test calls: the test may catch the exception. If it lies, a person looks.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from autograder.engines.run import Run
from autograder.errors import shown
from autograder.notebook import names
from autograder.trusted.job import JobCell, Output
from autograder.wire import magics

_MISSING = {"NameError", "ImportError", "ModuleNotFoundError", "FileNotFoundError"}  # a line that ran would have helped
_LACKING = {"MagicError", "ModuleNotFoundError", "URLError", "gaierror"}  # by themselves, in a test
_FOR_A_LINE = "it failed, and a line of the notebook could not be run here: "
_LONGEST = 300  # characters


@dataclass
class _Lines:
    """Lines that could not be run, and what may depend on them."""

    names: dict[str, str] = field(default_factory=dict)  # a name -> the line that its value may depend on
    first: str = ""  # of the notebook
    magic: str = ""  # the first that may have bound names that don't stand in the notebook
    bound: set[str] = field(default_factory=lambda: set(dir(builtins)))  # names that stand in it

    def add(self, tree: ast.Module, outputs: Sequence[Output]) -> None:
        """Take in what became of a cell that is no test."""
        noted = next(_noted(outputs), "")
        self.first = self.first or noted
        self.magic = self.magic or (noted if noted.startswith("`%") else "")
        line = noted or _in_function(tree) or self.behind(tree, _errors(outputs))
        if line:
            self.names |= dict.fromkeys(names.top_level(tree) | names.changed_in_place(tree), line)
        else:
            for name in names.top_level(tree):
                self.names.pop(name, None)

    def behind(self, tree: ast.Module, errors: Set[str]) -> str:
        """The line that a cell may have failed for, with such errors; empty when there is none."""
        self.bound |= names.bound(tree)
        used = names.loaded(tree)
        by_name = next((self.names[name] for name in sorted(used) if name in self.names), "")
        by_magic = self.magic if used - self.bound else ""
        return by_name or by_magic or (self.first if errors & _MISSING else "")


def doubts(cells: Sequence[JobCell], run: Run) -> dict[int, str]:
    """The tests without all points that may have failed for want of something here, by index, and why."""
    outputs = {cell["index"]: run.outputs.get(cell["index"], []) for cell in cells}
    failed = {cell["index"] for cell in cells if run.scores.get(cell["index"], cell["points"]) < cell["points"]}
    if not failed:
        return {}
    found = {index: why for index in failed if (why := _lacking(outputs[index]))}
    if any(any(_noted(outputs[cell["index"]])) or _may_need_ipython(cell["source"]) for cell in cells):
        found |= _behind_lines(cells, outputs, run)
    found |= {index: _FOR_A_LINE + shown(line, _LONGEST) for index, line in run.lacked.items()}
    return {index: why for index, why in found.items() if index in failed}


def _behind_lines(cells: Sequence[JobCell], outputs: Mapping[int, Sequence[Output]], run: Run) -> dict[int, str]:
    """The tests that, if they failed, may have done so for a line of the notebook that could not be run."""
    lines = _Lines()
    found: dict[int, str] = {}
    for cell in cells:
        tree, put_out = names.parse(cell["source"]), outputs[cell["index"]]
        if cell["kind"] != "test":
            lines.add(tree, put_out)
        else:
            errors = _errors(put_out) | set(run.raised.get(cell["index"], ()))
            if line := next(_noted(put_out), "") or lines.behind(tree, errors):
                found[cell["index"]] = _FOR_A_LINE + line
    return found


def _may_need_ipython(source: str) -> bool:
    return any(sign in source for sign in ("!", "%", "get_ipython"))


def _in_function(tree: ast.Module) -> str:
    """One of IPython's lines in a function, which nobody hears of: a test calls it."""
    inner = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    line = next(filter(None, map(magics.left, inner)), "")
    return f"`{line}` (in a function, so nobody knows)" if line else ""


def _lacking(outputs: Sequence[Output]) -> str:
    """Why a test itself can't be run here."""
    messages = (output["message"] for output in outputs if output.get("name") in _LACKING)
    return shown(next(messages, "").rstrip("."), _LONGEST)


def _noted(outputs: Sequence[Output]) -> Iterator[str]:
    """The lines of a cell that could not be run."""
    lines, _ = magics.noted(outputs[0].get("text", "")) if outputs else ([], "")
    return (shown(line, _LONGEST) for line in lines)


def _errors(outputs: Sequence[Output]) -> set[str]:
    return {output["name"] for output in outputs if "name" in output}
