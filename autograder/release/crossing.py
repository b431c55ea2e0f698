"""Test cells that would not run apart from the student's code, found before the release, and how to write them instead.

What the text tells is found by `advice`. The proof is `shortfalls`: the instructor's own solution, graded like any
submission, has to get all points.
"""

import ast
import builtins
import json
from collections.abc import Iterator, Mapping, Sequence

from autograder.engines.plan import fixed_level
from autograder.engines.sandbox import Grader
from autograder.notebook import names
from autograder.notebook.cells import Cell, code_cells, joined
from autograder.notebook.role import role_of
from autograder.results import Assignment, Submission

_APART = "so the test can't run quite apart from the learners' code"
_FOR_A_PERSON = "the tests used"  # in what the process that runs the tests says about names
_REMEDIES = {
    "Uncrossable": "Test functions that return plain values.",
    "CellTimeoutError": "Make it faster, or raise `c.Execute.timeout` in nbgrader_config.py.",
    "NotRunError": "Its test breaks the process that runs the tests.",
}


def advice(cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Pairs of a test cell's grade id and a sentence, for an instructor's source notebook."""
    code = [cell for cell in cells if cell.type == "code"]
    answers = [names.parse(cell.source) for cell in code if cell.role.is_answer]
    course = [names.parse(cell.source) for cell in code if not (cell.role.is_answer or cell.role.grade)]
    for cell in code:
        if cell.is_test and fixed_level(cell.metadata.get("tags", ())) is None:
            for text in _advice_on_test(names.parse(cell.source), answers, course):
                yield cell.role.grade_id, text


def shortfalls(
    grader: Grader, assignment: Assignment, released: Mapping[str, bytes], solution: Submission
) -> list[tuple[str, str, str]]:
    """Notebooks, test cells in which the instructor's own solution does not get all points, and a sentence on each."""
    result = grader.grade(assignment, released, solution)
    if not result.notebooks:
        return [("", "", f"the solution could not be graded: {'; '.join(result.reasons)}")]
    found = [
        ("", "", f"even the solution waits for a person: {why}.") for why in result.reasons if _FOR_A_PERSON in why
    ]
    for notebook in result.notebooks:
        errors = _errors(notebook.graded)
        for cell in notebook.cells:
            short = cell.score is not None and cell.score < cell.points
            if short or cell.id in errors:
                gets = f"the solution itself gets {cell.score or 0:g} of {cell.points:g} points."
                why = errors.get(cell.id, "; ".join(cell.messages))
                found.append((f"{notebook.name}.ipynb", cell.id, f"{gets} {why}".strip()))
    return found


def content_with_nothing(grader: Grader, assignment: Assignment) -> list[tuple[str, str, str]]:
    """Notebooks, test cells that an answer with nothing in it passes, and a sentence on each."""
    text = (
        "an answer with nothing in it (an empty array, list or text) passes: what gets points so waits for a person. "
        "Check shapes or lengths too, for example `assert np.shape(result) == (3, 4)`."
    )
    return [
        (f"{name}.ipynb", test, text)
        for name in assignment.solutions
        if name in assignment.notebooks
        for test in grader.content_with_nothing(assignment, name)
    ]


def _advice_on_test(test: ast.Module, answers: Sequence[ast.Module], course: Sequence[ast.Module]) -> Iterator[str]:
    students = {name for tree in answers for name in names.top_level(tree)} - names.own_names(test)
    read = names.loaded(test) & students
    classes = {node.name for tree in answers for node in tree.body if isinstance(node, ast.ClassDef)}
    for name in sorted(read & classes - _exceptions(answers)):
        yield f"objects of the class {name} have no plain form, {_APART}. Test functions that return plain values."
    for name in sorted(read & set(dir(builtins))):
        yield f"{name} is a name of Python's own, {_APART}. Ask for another name."
    for name in sorted(read & {name for tree in course for name in names.top_level(tree)}):
        yield f"{name} is set by a cell of the course and by the answer; tests use the course's. Use two names."
    for node in ast.walk(test):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in read:
                values = [*arguments, *(keyword.value for keyword in keywords)]
                if any(_is_function(value, test) for value in values):
                    yield f"{name} is given a function of the test's, {_APART}. Pass plain values."
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


def _errors(graded: bytes) -> dict[str, str]:
    """The errors in a graded notebook's test cells by grade id, with what to do about them."""
    errors = {}
    for cell in code_cells(json.loads(graded)):
        role = role_of(cell)
        for output in cell["outputs"]:
            if output["output_type"] == "error" and role.is_test:
                name, message = output["ename"], joined(output["evalue"])
                errors[role.grade_id] = f"{name}: {message} {_REMEDIES.get(name, '')}".strip()
    return errors
