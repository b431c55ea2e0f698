"""Unit 01: the lesson's prose states what its cells show, and its quiz gives the points that an answer deserves."""

import ast
import re
from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import nbformat
import numpy as np
import pytest

from companion import answered, arithmetic

from .notebooks import ROOT, execute

LESSON = ROOT / "lessons" / "01-why-not-mlp.ipynb"
SOURCE = ROOT / "solutions" / "01-why-not-mlp" / "quiz.ipynb"


# ---------------------------------------------------------------------------------------------- the lesson


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


# ------------------------------------------------------------------------------------------------ the quiz


def score(number: int, **answers: Any) -> float:
    """What the test cell of a question gives for these names, run as nbgrader runs it."""
    [source] = [cell.source for cell in nbformat.read(SOURCE, as_version=4).cells if cell.id == f"test-{number}"]
    *steps, last = ast.parse(source).body
    assert isinstance(last, ast.Expr)
    space = {"np": np, "answered": answered, **answers}
    try:
        exec(compile(ast.Module(steps, []), f"test-{number}", "exec"), space)
    except AssertionError:
        return 0.0
    return eval(compile(ast.Expression(last.value), f"test-{number}", "eval"), space)


@pytest.mark.parametrize(
    ("widths", "points"),
    [
        ([16, 256, 16], 1),
        ([16, 16, 256], 1),
        ([8, 512, 8], 1),
        ([8, 300, 20], 1),
        ([256, 16, 16], 0.5),
        ([64, 256, 8], 0.5),
        ([16, 16, 16], 0.5),
        ([128, 64, 32], 0),
        ([-300, 256, 10], 0),
        ([16, 256], 0),
        ([16, 256, 16, 16], 0),
        (None, 0),
        ("[16, 256, 16]", 0),
    ],
)
def test_a_network_gets_the_points_it_deserves(widths: Any, points: float) -> None:
    assert score(8, answer_8=widths) == points


def by_index(shuffled, order):
    return shuffled[:, np.argsort(order)]


def in_loops(shuffled, order):
    return [[row[list(order).index(i)] for i in range(len(order))] for row in shuffled]


def shuffled_again(shuffled, order):
    return shuffled[:, order]


def first_row_only(shuffled, order):
    straight = np.zeros(shuffled.shape)
    straight[0, order] = shuffled[0]
    return straight


def whole_numbers(shuffled, order):
    return by_index(shuffled, order).astype(int)


def not_at_all(*_, **__):
    raise NotImplementedError()


@pytest.mark.parametrize(
    ("unshuffle", "points"),
    [(by_index, 1), (in_loops, 1), (shuffled_again, 0), (first_row_only, 0.5), (whole_numbers, 0.5)],
)
def test_unshuffle_gets_the_points_it_deserves(unshuffle: Callable, points: float) -> None:
    assert score(12, unshuffle=unshuffle) == points


def affordable(widths, deepest, budget, inputs=784, outputs=10, *, depths=None, alike=False, strictly=False, bias=1):
    """The right function, and with other settings the mistakes that people make."""
    count = 0
    for depth in depths or range(1, deepest + 1):
        for hidden in product(widths, repeat=depth):
            if alike and len(set(hidden)) > 1:
                continue
            sizes = [inputs, *hidden, outputs]
            cost = sum((a + bias) * b for a, b in pairwise(sizes))
            count += cost < budget if strictly else cost <= budget
    return count


def fixed_ends(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, deepest, budget)


def two_layers_at_most(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, min(deepest, 2), budget, inputs, outputs)


def all_alike(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, deepest, budget, inputs, outputs, alike=True)


def only_the_deepest(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, deepest, budget, inputs, outputs, depths=[deepest])


def below_the_budget(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, deepest, budget, inputs, outputs, strictly=True)


def without_biases(widths, deepest, budget, inputs=784, outputs=10):
    return affordable(widths, deepest, budget, inputs, outputs, bias=0)


@pytest.mark.parametrize(
    ("function", "points"),
    [
        (affordable, 2),
        (fixed_ends, 1.5),
        (two_layers_at_most, 1),
        (all_alike, 0),
        (only_the_deepest, 0),
        (below_the_budget, 0),
        (without_biases, 0),
    ],
)
def test_affordable_gets_the_points_it_deserves(function: Callable, points: float) -> None:
    assert score(13, affordable=function) == points


@pytest.mark.parametrize(("number", "name"), [(12, "unshuffle"), (13, "affordable")])
def test_a_function_that_is_not_written_gets_nothing(number: int, name: str) -> None:
    with pytest.raises(NotImplementedError):
        score(number, **{name: not_at_all})


@pytest.mark.parametrize(("number", "letters", "points"), [(5, "AC", 1), (5, "A", 0.5), (5, "ABC", 0.5), (10, "BC", 0)])
def test_several_picks_get_a_share(number: int, letters: str, points: float) -> None:
    assert score(number, **{f"answer_{number}": letters}) == points


def test_the_keys_of_the_numbers_are_computed_right() -> None:
    layer = list(product(range(4), range(2)))
    networks = sum(len(list(product(layer, repeat=depth))) for depth in (1, 2, 3))
    below = int(np.ravel_multi_index((6, 9), (32, 32)))
    parameters = arithmetic.dense_parameters(96 * 96 * 3, 50)
    for number, key in [(2, networks), (4, below), (6, parameters)]:
        assert score(number, **{f"answer_{number}": key}) == 1
