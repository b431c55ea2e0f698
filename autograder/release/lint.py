"""What would go wrong in grading, found in an assignment's source before it is released."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config

from autograder.engines.plan import fixed_level
from autograder.errors import UnreadableNotebookError, shown
from autograder.notebook.cells import Cell, read_cells
from autograder.notebook.names import parse, parse_strictly
from autograder.release.crossing import advice
from autograder.wire.magics import MagicError, left

CHECKS = {"choice", "choices", "number", "rubric"}
_PRINTED = {"capsys", "redirect_stdout", "capture_output", "StringIO"}
_LONGEST = 1000  # characters of a finding's text, which may quote an error
_IPYTHON = "Write it in Python, and it can run apart from the learners' code."
_INSIDE = {"getsource", "getsourcelines", "get_ipython", "In", "Out", "_ih", "_oh"}


@dataclass(frozen=True)
class Finding:
    """One thing that the lint has to say; a fault stops the release, the rest is advice."""

    notebook: str
    cell: str
    text: str
    fault: bool = True

    def __str__(self) -> str:
        where = ", ".join(map(shown, filter(None, (self.notebook, self.cell))))
        return f"{where}: {shown(self.text, _LONGEST)}"


@dataclass(frozen=True)
class _Markers:
    solution: tuple[str, str]
    hidden: tuple[str, str]


def lint(folder: Path, config: Config | None = None) -> list[Finding]:
    """Everything to say about the notebooks in an assignment's source folder."""
    solutions, hidden = ClearSolutions(config=config), ClearHiddenTests(config=config)
    markers = _Markers(
        (solutions.begin_solution_delimeter, solutions.end_solution_delimeter),
        (hidden.begin_test_delimeter, hidden.end_test_delimeter),
    )
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.ipynb")):
        findings += _text_twins(path)
        try:
            cells = read_cells(path.read_bytes())
        except UnreadableNotebookError as error:
            findings.append(Finding(path.name, "", str(error)))
            continue
        findings += _lint_notebook(path.name, cells, markers)
        findings += [Finding(path.name, cell, text, fault=False) for cell, text in advice(cells)]
        findings += _unmarked_answers(path.name, cells, markers)
    return findings


def visible_part(source: str, markers: tuple[str, str]) -> str:
    """A test cell's text without its hidden regions."""
    begin, end = markers
    kept, hidden = [], False
    for line in source.split("\n"):
        if begin in line:
            hidden = True
        elif end in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


def _text_twins(path: Path) -> Iterator[Finding]:
    for suffix in (".py", ".md"):
        if path.with_suffix(suffix).exists():
            twin = path.with_suffix(suffix).name
            yield Finding(path.name, "", f"{twin} beside it holds the answers and would be released. Move it away.")


def _lint_notebook(name: str, cells: list[Cell], markers: _Markers) -> Iterator[Finding]:
    seen: set[str] = set()
    student_names = {n for cell in cells if cell.is_code_answer for n in _defined(cell)}
    for number, cell in enumerate(cells, 1):
        grade_id = cell.role.grade_id
        where = f"cell {grade_id or number}"
        if grade_id in seen:
            yield Finding(name, where, "another cell has the same grade id. Give each its own.")
        seen |= {grade_id} if grade_id else set()
        for text in _structure_faults(cell, markers):
            yield Finding(name, where, text)
        if cell.is_test:
            try:
                tree = parse_strictly(cell.source)
            except SyntaxError as error:
                place = f", line {error.lineno}" if error.lineno else ""
                yield Finding(name, where, f"its code does not parse as Python ({error.msg}{place}).")
                continue
            except MagicError as error:
                yield Finding(name, where, f"{error} {_IPYTHON}", fault=False)
                continue
            if line := left(tree):
                if fixed_level(cell.metadata.get("tags", ())) is None:
                    text = f"The line `{shown(line)}` is for IPython and can't be run where the tests are. {_IPYTHON}"
                    yield Finding(name, where, text, fault=False)
                continue
            for text in _points_faults(cell, tree):
                yield Finding(name, where, text)
            for text in _trusting(tree, student_names):
                yield Finding(name, where, text, fault=False)


def _structure_faults(cell: Cell, markers: _Markers) -> Iterator[str]:
    role = cell.role
    if (role.is_graded or role.is_answer or role.locked) and not role.grade_id:
        yield "it is an nbgrader cell without a grade id."
    if role.is_graded and not _is_points(cell.metadata["nbgrader"].get("points")):
        yield "a graded cell needs its points: a number, 0 or more."
    for what, (begin, end) in (("solution", markers.solution), ("hidden tests", markers.hidden)):
        yield from _marker_faults(cell.source, what, begin, end)
    if markers.solution[0] in cell.source and not role.is_answer:
        yield "it has a solution region, but is no solution cell."
    if markers.hidden[0] in cell.source and not role.grade:
        yield "it has hidden tests, but is no test cell, so they would be released as text."
    if cell.is_test and not visible_part(cell.source, markers.hidden).strip():
        yield "nothing of it is visible to the learner. Begin with a check that the answer is there, or a comment."


def _unmarked_answers(name: str, cells: list[Cell], markers: _Markers) -> Iterator[Finding]:
    """Answers that a test follows and that have no region: nbgrader clears all of such a cell, the question too.

    What a person scores is often written so on purpose.
    """
    begin, end = markers.solution
    last_test = max((n for n, cell in enumerate(cells) if cell.is_test), default=-1)
    for cell in cells[: last_test + 1]:
        is_tested = cell.is_code_answer and not cell.role.is_manual
        if is_tested and _code(cell.source) and begin not in cell.source:
            text = (
                "it has no solution region, so learners get none of its text. Write "
                f"### {begin} and ### {end} around what they are to find themselves."
            )
            yield Finding(name, f"cell {cell.role.grade_id}", text, fault=False)


def _code(source: str) -> list[str]:
    """The lines with code."""
    return [line for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]


def _marker_faults(source: str, what: str, begin: str, end: str) -> Iterator[str]:
    inside = False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                yield f"a {what} region begins inside another. Close the first with {end!r}."
            inside = True
        elif end in line:
            if not inside:
                yield f"{end!r} without {begin!r} before it."
            inside = False
    if inside:
        yield f"{begin!r} without {end!r} after it."


def _points_faults(cell: Cell, tree: ast.Module) -> Iterator[str]:
    """The points of the checks in a test cell must be the cell's points, where they can be read off."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in CHECKS]
    loops = any(isinstance(node, ast.For | ast.While | ast.comprehension | ast.FunctionDef) for node in ast.walk(tree))
    points = [_literal(keyword(call, "points"), 1) for call in calls]
    if not calls or loops or None in points:
        return
    total, worth = sum(points), cell.role.points
    if worth is not None and abs(total - worth) > 1e-9:
        yield f"it is worth {worth:g} points, but its checks give up to {total:g}."


def _trusting(tree: ast.Module, student_names: set[str]) -> Iterator[str]:
    """Habits that let a submission decide its own score, or that can't cross to a trusted process."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        name = _name(node)
        if name in _PRINTED:
            found["it believes what the student's code prints. Call a function and check what it returns."] = None
        elif name in _INSIDE:
            found[f"it looks inside the student's code ({name}). Check what the code returns."] = None
        elif name == "history" and isinstance(node, ast.Attribute):
            found["it believes a training history. Predict held-out data and score that."] = None
        elif isinstance(node, ast.Global):
            found["`global` can't be used in a test cell. Pass values to functions and return them."] = None
        elif isinstance(node, ast.ClassDef):
            inner = {_name(part) for statement in node.body for part in ast.walk(statement)} & student_names
            for used in sorted(n for n in inner if n):
                found[f"the class {node.name} uses the student's {used}. Take it into a variable before it."] = None
    yield from found


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument of a call."""
    return next((argument.value for argument in call.keywords if argument.arg == name), None)


def _literal(node: ast.expr | None, default: float) -> Any:
    if node is None:
        return default
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _defined(cell: Cell) -> set[str]:
    names = set()
    for node in parse(cell.source).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _is_points(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < float("inf")
