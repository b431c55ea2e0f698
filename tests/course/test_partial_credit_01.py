"""Plausible answers to assignment 01 get the points that they deserve."""

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from companion import arithmetic
from tests.course.scoring import Quiz

QUIZ = Quiz("01-why-not-mlp")


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
    assert QUIZ.score(8, answer_8=widths) == points


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
    assert QUIZ.score(12, unshuffle=unshuffle) == points


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
    assert QUIZ.score(13, affordable=function) == points


@pytest.mark.parametrize(("number", "name"), [(12, "unshuffle"), (13, "affordable")])
def test_a_function_that_is_not_written_gets_nothing(number: int, name: str) -> None:
    assert QUIZ.score(number, **{name: not_at_all}) == 0


@pytest.mark.parametrize(("number", "letters", "points"), [(5, "AC", 1), (5, "A", 0.5), (5, "ABC", 0.5), (10, "BC", 0)])
def test_several_picks_get_a_share(number: int, letters: str, points: float) -> None:
    assert QUIZ.score(number, **{f"answer_{number}": letters}) == points


def test_the_keys_of_the_numbers_are_computed_right() -> None:
    layer = list(product(range(4), range(2)))
    networks = sum(len(list(product(layer, repeat=depth))) for depth in (1, 2, 3))
    below = int(np.ravel_multi_index((6, 9), (32, 32)))
    parameters = arithmetic.dense_parameters(96 * 96 * 3, 50)
    for number, key in [(2, networks), (4, below), (6, parameters)]:
        assert QUIZ.score(number, **{f"answer_{number}": key}) == 1
