"""The notebooks run from top to bottom, as a learner or an instructor runs them."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograder.course.assignment import released_files
from autograder.course.course import Course
from tests.course.notebooks import ROOT, assignments, errors, execute, lessons


@pytest.mark.slow
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_a_lesson_runs_without_an_error(path: Path):
    notebook = execute(path)
    assert errors(notebook) == {}
    noise = [
        (cell.id, output.text)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert noise == [], "a lesson prints no warnings"


@pytest.mark.parametrize("assignment", assignments())
def test_the_solution_gets_full_points(assignment: str):
    notebook = execute(ROOT / "solutions" / assignment / "quiz.ipynb")
    graded = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade]
    assert graded
    for cell in graded:
        score, points = determine_grade(cell)
        assert score == points, f"{cell.id} gives {score} of {points}"


@pytest.mark.parametrize("assignment", assignments())
def test_the_released_quiz_fails_exactly_in_the_unanswered_questions(assignment: str):
    notebook = execute(ROOT / "quizzes" / assignment / "quiz.ipynb", allow_errors=True)
    graded = {cell.id for cell in notebook.cells if cell.metadata.nbgrader.grade}
    assert set(errors(notebook)) == graded


def left_over(path: Path) -> bool:
    """Whether trying out a quiz in place made this file; git ignores it."""
    return ".ipynb_checkpoints" in path.parts or path.name.endswith(".submission.zip")


@pytest.mark.parametrize("assignment", assignments())
def test_the_released_quiz_is_what_release_makes_of_the_solution(assignment: str):
    folder = ROOT / "quizzes" / assignment
    kept = [path for path in folder.rglob("*") if path.is_file() and not left_over(path)]
    in_git = {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}
    assert in_git == released_files(Course(ROOT), assignment), "run `make release`"


@pytest.mark.parametrize("assignment", assignments())
def test_a_released_answer_cell_holds_a_blank_answer(assignment: str):
    solution = nbformat.read(ROOT / "solutions" / assignment / "quiz.ipynb", as_version=4)
    released = nbformat.read(ROOT / "quizzes" / assignment / "quiz.ipynb", as_version=4)
    assert [cell.id for cell in solution.cells] == [cell.id for cell in released.cells]
    for cell in released.cells:
        if cell.metadata.nbgrader.solution:
            first = cell.source.splitlines()[0]
            assert first.endswith((' = ""', " = None")) or "raise NotImplementedError()" in cell.source
