"""What every notebook of the course looks like in git."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.course.notebooks import ROOT, assignments, lessons, notebooks

READABLE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|attachment:)([^)#]+)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", notebooks(), ids=name)
def test_a_notebook_has_no_outputs_and_readable_ids(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert READABLE_ID.fullmatch(cell.id), f"{cell.id!r} is not a readable id"
        assert not re.fullmatch(r"[0-9a-f]{6,}", cell.id), f"{cell.id!r} looks random"
        assert "attachments" not in cell
        if cell.cell_type == "code":
            assert cell.outputs == [], f"cell {cell.id} has outputs"
            assert cell.execution_count is None, f"cell {cell.id} has an execution count"
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", notebooks(), ids=name)
def test_a_notebook_is_written_as_jupyterlab_writes_it(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text == nbformat.writes(nbformat.read(path, as_version=4)) + "\n"


@pytest.mark.parametrize("path", notebooks(), ids=name)
def test_links_between_the_files_of_the_course_lead_somewhere(path: Path):
    # In a source notebook the links are those of its released copy, which lies at the same depth.
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for target in LINK.findall(cell.source):
                assert (path.parent / target).exists(), f"cell {cell.id} links to {target}, which does not exist"


@pytest.mark.parametrize("path", lessons(), ids=name)
def test_every_picture_in_a_lesson_has_a_text_alternative(path: Path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert "![](" not in cell.source, f"a picture in cell {cell.id} has no alt text"
            for tag in re.findall(r"<img[^>]*>", cell.source):
                assert re.search(r'alt="[^"]+"', tag), f"a picture in cell {cell.id} has no alt text"


@pytest.mark.parametrize("assignment", assignments())
def test_graded_cells_carry_their_grade_id_as_cell_id(assignment: str):
    notebook = nbformat.read(ROOT / "solutions" / assignment / "quiz.ipynb", as_version=4)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.grade_id == cell.id


def test_an_assignment_has_at_least_ten_questions_and_a_known_weight():
    points = {}
    for assignment in assignments():
        notebook = nbformat.read(ROOT / "solutions" / assignment / "quiz.ipynb", as_version=4)
        graded = [cell.metadata.nbgrader.points for cell in notebook.cells if cell.metadata.nbgrader.grade]
        assert 10 <= len(graded) <= 20
        points[assignment] = sum(graded)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for assignment, total in points.items():
        assert re.search(rf"\| {assignment} \|.*\| {total:g} \|", readme), (
            f"README states other points for {assignment}"
        )
