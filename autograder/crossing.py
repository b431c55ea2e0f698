"""Test cells that would not run apart from the student's code, found before the release, and how to write them instead.

What the text tells is found by `advice`. The proof is `shortfalls`: the instructor's own solution, graded like any
submission, has to get all points.
"""

import ast
import builtins
import json
from collections.abc import Iterator, Mapping, Sequence

from autograder import names
from autograder.engines.sandbox import RUN_WITH_STUDENT, Grader
from autograder.notebooks import Cell
from autograder.results import Assignment, Submission

_MARK = f'or give the cell the tag "{RUN_WITH_STUDENT}", and it runs in the student\'s process, where it can be read'
_REMEDIES = {
    "Uncrossable": f"Test functions that return plain values, {_MARK}.",
    "CellTimeoutError": "Make it faster, or raise `c.Execute.timeout` in nbgrader_config.py.",
    "NotRunError": "Its test breaks the process that runs the tests.",
}


def advice(cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Pairs of a test cell's grade id and a sentence, for an instructor's source notebook."""
    answers = [names.parse(cell.source) for cell in cells if cell.type == "code" and cell.nbgrader.get("solution")]
    course = [names.parse(cell.source) for cell in cells if cell.type == "code" and not _is_graded(cell)]
    for cell in cells:
        is_test = cell.type == "code" and cell.nbgrader.get("grade") and not cell.nbgrader.get("solution")
        if is_test and RUN_WITH_STUDENT not in cell.metadata.get("tags", ()):
            for text in _advice_on_test(names.parse(cell.source), answers, course):
                yield cell.grade_id or "", text


def shortfalls(
    grader: Grader, assignment: Assignment, released: Mapping[str, bytes], solution: Submission
) -> list[tuple[str, str, str]]:
    """Notebooks, test cells in which the instructor's own solution does not get all points, and a sentence on each."""
    result = grader.grade(assignment, released, solution)
    if not result.notebooks:
        return [("", "", f"the solution could not be graded: {'; '.join(result.reasons)}")]
    found = []
    for notebook in result.notebooks:
        errors = _errors(notebook.graded)
        for cell in notebook.cells:
            short = cell.score is not None and cell.score < cell.points
            if short or cell.id in errors:
                gets = f"the solution itself gets {cell.score or 0:g} of {cell.points:g} points."
                why = errors.get(cell.id, "; ".join(cell.messages))
                found.append((f"{notebook.name}.ipynb", cell.id, f"{gets} {why}".strip()))
    return found


def _advice_on_test(test: ast.Module, answers: Sequence[ast.Module], course: Sequence[ast.Module]) -> Iterator[str]:
    students = {name for tree in answers for name in names.top_level(tree)} - names.own_names(test)
    read = names.loaded(test) & students
    classes = {node.name for tree in answers for node in tree.body if isinstance(node, ast.ClassDef)}
    for name in sorted(read & classes - _exceptions(answers)):
        yield f"objects of the student's class {name} can't cross. Test functions that return plain values, {_MARK}."
    for name in sorted(read & set(dir(builtins))):
        yield f"{name} means Python's own {name} here, never the student's. Ask for another name."
    for name in sorted(read & {name for tree in course for name in names.top_level(tree)}):
        yield f"{name} is set by a cell of the course and by the answer; tests use the course's. Use two names."
    for node in ast.walk(test):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in read:
                values = [*arguments, *(keyword.value for keyword in keywords)]
                if any(_is_function(value, test) for value in values):
                    yield f"{name} is given a function of the test's, which can't cross. Pass plain values, {_MARK}."
            case ast.ExceptHandler(type=None) | ast.ExceptHandler(type=ast.Name(id="BaseException")):
                yield "a bare `except` also catches the end of the student's process. Name what you expect."
    match test.body[-1:]:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name))] if name in read:
            yield f"its last line is a value of the student's ({name}), which is no score. End with your own."


def _is_function(value: ast.expr, test: ast.Module) -> bool:
    own = {node.name for node in test.body if isinstance(node, ast.FunctionDef)}
    return isinstance(value, ast.Lambda) or (isinstance(value, ast.Name) and value.id in own)


def _exceptions(answers: Sequence[ast.Module]) -> set[str]:
    """Classes that are named like exceptions: these can be expected by a test."""
    found = set()
    for tree in answers:
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                found |= {node.name} if any(base.endswith(("Error", "Exception")) for base in bases) else set()
    return found


def _is_graded(cell: Cell) -> bool:
    return bool(cell.nbgrader.get("solution") or cell.nbgrader.get("grade"))


def _errors(graded: bytes) -> dict[str, str]:
    """The errors in a graded notebook's test cells by grade id, with what to do about them."""
    errors = {}
    for cell in json.loads(graded)["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error" and settings.get("grade") and not settings.get("solution"):
                name, message = output["ename"], "".join(output["evalue"])
                errors[settings["grade_id"]] = f"{name}: {message} {_REMEDIES.get(name, '')}".strip()
    return errors
