"""Where the notebooks of the course are, and how a test runs them."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]


def assignments() -> list[str]:
    """The ids of all assignments, e.g. ["02-convolution"]."""
    return sorted(path.parent.name for path in (ROOT / "solutions").glob("*/quiz.ipynb"))


def lessons() -> list[Path]:
    """The paths of all lesson notebooks, in order."""
    return sorted((ROOT / "lessons").glob("*.ipynb"))


def notebooks() -> list[Path]:
    """Every notebook of the course."""
    return [*lessons(), *sorted(ROOT.glob("solutions/*/*.ipynb")), *sorted(ROOT.glob("quizzes/*/*.ipynb"))]


def execute(path: Path, *, allow_errors: bool = False) -> NotebookNode:
    """The notebook at `path`, run from top to bottom in its own folder; the file stays as it is."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=1800,  # a cell that trains, on a slow machine
        startup_timeout=300,
        iopub_timeout=300,
        allow_errors=allow_errors,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


def errors(notebook: NotebookNode) -> dict[str, str]:
    """The ids of the cells that raised, each with the exception's name."""
    return {
        cell.id: output.ename
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }
