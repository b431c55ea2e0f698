"""The checks of what a learner does with an order of pixels: to pictures, and to the weights of a dense layer."""

from collections.abc import Callable
from typing import Any

import numpy as np

from companion.check.arrays import Example, array_problem
from companion.check.report import Report, report

_random = np.random.default_rng(7)


def shuffle(function: Callable[..., Any]) -> Report:
    """Check a learner's `shuffle(pictures, order)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes pictures of shape (n, height, width) and the order of their height * width pixels, and returns pictures of
        the same shape: pixel number i of each is pixel number order[i] of the straight one, counted row by row.
    """
    return report(function, _SHUFFLES, array_problem)


def twin_weights(function: Callable[..., Any]) -> Report:
    """Check a learner's `twin_weights(weights, order)`; never raises, whatever the function does.

    Parameters
    ----------
    function
        Takes the weights of a dense layer, of shape (inputs, units), and an order of the inputs, and returns the
        weights that give on `x[order]` what the layer gives on x.
    """
    return report(function, _TWINS, array_problem)


def _shuffle_example(about: str, pictures: np.ndarray, order: np.ndarray) -> Example:
    flat = pictures.reshape(len(pictures), -1)
    each_its_own = np.stack([picture[np.roll(order, shift)] for shift, picture in enumerate(flat)])
    return Example(
        about=about,
        name="shuffle",
        arguments={"pictures": pictures, "order": order},
        right=flat[:, order].reshape(pictures.shape),
        mistakes=(
            ("The pixels are still where they were: take the flattened pixels in the given order.", pictures),
            (
                "This is the way back: pixel number i of the result should be pixel number order[i] of the picture, "
                "and yours has pixel number i in place order[i].",
                flat[:, np.argsort(order)].reshape(pictures.shape),
            ),
            ("The pixels are in the right order; give each picture its rows and columns back.", flat[:, order]),
            (
                "Every picture needs the same order; yours differs from picture to picture.",
                each_its_own.reshape(pictures.shape),
            ),
        ),
        hint="Flatten each picture with reshape(len(pictures), -1), take the columns in that order, and reshape back.",
    )


def _twin_example(about: str, weights: np.ndarray, order: np.ndarray) -> Example:
    rows, columns = weights.shape
    mistakes = [
        ("These are the weights as they were: each has to go where its pixel went.", weights),
        (
            "This is the way back: input number i of the twin is input number order[i] of the old layer, and takes its "
            "weights; yours gave the weights of input i to place order[i].",
            weights[np.argsort(order)],
        ),
        (
            "A row belongs to an input, a column to a neuron: the rows are to be moved, not turned into columns.",
            weights[order].T,
        ),
    ]
    if rows == columns:
        mistakes.append(
            ("You moved the columns, which belong to the neurons. The inputs are the rows.", weights[:, order])
        )
    return Example(
        about=about,
        name="twin_weights",
        arguments={"weights": weights, "order": order},
        right=weights[order],
        mistakes=tuple(mistakes),
        hint="weights[j] is the row of input j. Which row does input number i of the twin need?",
    )


_SHUFFLES = [
    _shuffle_example("one picture of 2 x 2 pixels", np.array([[[1, 2], [3, 4]]]), np.array([2, 0, 1, 3])),
    _shuffle_example(
        "several pictures, all in the same order", np.arange(1, 13).reshape(3, 2, 2), np.array([3, 0, 2, 1])
    ),
    _shuffle_example(
        "a picture that is wider than high", np.arange(10, 16).reshape(1, 2, 3), np.array([4, 2, 5, 0, 3, 1])
    ),
    _shuffle_example(
        "100 pictures of 28 x 28 pixels", _random.integers(0, 256, size=(100, 28, 28)), _random.permutation(784)
    ),
]

_TWINS = [
    _twin_example("one neuron with four inputs", np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([2, 0, 3, 1])),
    _twin_example("as many neurons as inputs", np.array([[1, -1, 2], [2, 0, 5], [0, 3, 4]]), np.array([1, 2, 0])),
    _twin_example("784 inputs and 128 neurons", _random.normal(size=(784, 128)), _random.permutation(784)),
]
