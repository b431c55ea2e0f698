"""Lesson 01: its prose states what its cells show."""

import ast
import re
from itertools import pairwise, product

import nbformat
import pytest

from companion import arithmetic
from tests.course.notebooks import ROOT, execute

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lesson 01")]  # they share a run of the lesson

LESSON = ROOT / "lessons" / "01-why-not-mlp.ipynb"


@pytest.fixture(scope="module")
def printed() -> str:
    """Everything that the lesson's cells print, as one text."""
    cells = [cell for cell in execute(LESSON).cells if cell.cell_type == "code"]
    return "\n".join(output.text for cell in cells for output in cell.outputs if output.output_type == "stream")


@pytest.fixture(scope="module")
def prose() -> str:
    """The lesson's markdown, as one text."""
    cells = nbformat.read(LESSON, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("number", ["784", "120,000", "150,528"])
def test_the_weights_of_a_neuron_are_stated_as_printed(number: str, prose: str, printed: str) -> None:
    assert number in prose
    assert f"= {number:>7} weights a neuron" in printed


def test_other_numbers_are_stated_as_printed(prose: str, printed: str) -> None:
    assert "takes 602 MB" in prose
    assert "602.1 MB" in printed
    straight, shuffled = re.findall(r"^(?:straight|shuffled): (\d\d\.\d\d%)", printed, re.MULTILINE)
    assert straight == shuffled, "the text says: the same to the last digit shown"
    small = [float(number) for number in re.findall(r"largest difference.* (\d+e-\d+)", printed)]
    assert len(small) == 2
    assert max(small) < 1e-10, "the text says: rounding"


def test_the_counts_of_designs_are_stated_as_printed(prose: str, printed: str) -> None:
    assert "4 × 6 × 3 = 72 networks" in prose
    layer = list(product(range(6), range(3)))
    up_to_four = sum(len(list(product(layer, repeat=depth))) for depth in range(1, 5))
    assert f"up to 4 hidden layers: {up_to_four:>14,} designs" in printed
    assert up_to_four > 100_000, "the right prediction"


def test_checkpoint_numbers_are_computed_right() -> None:
    right = {
        "checkpoint-network-parameters": arithmetic.dense_parameters(784, 100) + arithmetic.dense_parameters(100, 10),
        "checkpoint-memory": round(arithmetic.megabytes(arithmetic.dense_parameters(100 * 100 * 3, 500))),
        "checkpoint-layers": 784 * 128,
    }
    for cell in nbformat.read(LESSON, as_version=4).cells:
        if cell.id in right:
            [call] = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
            [value] = [ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "right"]
            assert value == right.pop(cell.id)
    assert right == {}


def test_the_two_networks_of_a_checkpoint_do_lie_side_by_side() -> None:
    def parameters(*sizes: int) -> int:
        return sum(arithmetic.dense_parameters(a, b) for a, b in pairwise(sizes))

    assert parameters(784, 128, 10) == pytest.approx(parameters(784, 64, 512, 32, 10), rel=0.02)
