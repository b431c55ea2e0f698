"""Answers that are nothing, tried on this course's own quizzes: a test that one of them passes checks nothing."""

import ast
import json

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.course import Course
from autograder.engines.sandbox import Grader
from autograder.notebook import names
from autograder.notebook.cells import read_cells
from autograder.results import Assignment, Submission
from tests.attacks.test_attacks import ROOT

NOTHING = [
    "[]",  # NumPy's comparisons with an empty array are true of all its elements
    "__import__('numpy').zeros(0)",
    "__import__('numpy').zeros((0, 0))",
    "float('nan')",
    "None",
    "True",
    "''",
    "next(iter(()))",  # StopIteration ends a loop over results as if all had been seen
    "(lambda *given, **named: True)",
]


def answered(form: Assignment, course: Course, value: str) -> Submission:
    """The assignment with each function returning `value`, and each other answer set to it."""
    files = {}
    for name, data in form.notebooks.items():
        source = (course.source(form.name) / f"{name}.ipynb").read_bytes()
        solutions = {cell.role.grade_id: cell.source for cell in read_cells(source) if cell.role.is_answer}
        content = json.loads(data)
        for cell in content["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if cell["cell_type"] == "code" and grade_id in solutions:
                cell["source"] = "\n".join(nothing(names.parse(solutions[grade_id]), value))
        files[f"{name}.ipynb"] = json.dumps(content).encode()
    return Submission("nobody", form.name, files)


def nothing(tree: ast.Module, value: str) -> list[str]:
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return [
        f"def {name}(*given, **named): return {value}" if name in functions else f"{name} = (lambda: {value})()"
        for name in sorted(names.top_level(tree))
    ]


@pytest.mark.parametrize("assignment", Course(ROOT).assignments())
def test_nothing_is_worth_nothing(assignment: str, grader: Grader):
    course = Course(ROOT)
    form, released = load_assignment(course, assignment)
    given_away = {}
    for value in NOTHING:
        result = grader.grade(form, released, answered(form, course, value))
        assert result.notebooks, result.reasons
        points = {cell.id: cell.score for notebook in result.notebooks for cell in notebook.cells if cell.score}
        given_away |= {value: points} if points else {}
    assert given_away == {}
