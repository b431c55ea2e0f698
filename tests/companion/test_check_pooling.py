"""The checks of unit 03's exercises: a right answer, and mistakes that are named."""

import re

import numpy as np
import pytest

from companion import check, layers


def pool2d(x, window=2, stride=2, kind="max"):
    height = (x.shape[0] - window) // stride + 1
    width = (x.shape[1] - window) // stride + 1
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            part = x[i * stride : i * stride + window, j * stride : j * stride + window]
            output[i, j] = np.max(part) if kind == "max" else np.mean(part)
    return output


def by_the_course(x, window=2, stride=2, kind="max"):
    return layers.pool2d(x, window, stride=stride, kind=kind)


@pytest.mark.parametrize("function", [pool2d, by_the_course])
def test_right(function):
    report = check.pool2d(function)
    assert report.passed, report
    assert repr(report).startswith(f"All {report.total} checks are right")


def only_max(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, stride)


def only_average(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, stride, "average")


def of_the_argument(x, window=2, stride=2, kind="max"):
    return np.full(pool2d(x, window, stride).shape, np.max(window))


def smallest(x, window=2, stride=2, kind="max"):
    return -pool2d(-x, window, stride, kind)


def summed(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, stride, kind) * (1 if kind == "max" else window**2)


def transposed(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, stride, kind).T


def no_stride(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, 1, kind)


def stride_is_window(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, window, kind)


def windows_step_by_one(x, window=2, stride=2, kind="max"):
    rows, columns = pool2d(x, window, stride, kind).shape
    return pool2d(x, window, 1, kind)[:rows, :columns]


def rounded_up(x, window=2, stride=2, kind="max"):
    return layers.pool2d(x, window, stride=stride, kind=kind, padding="same")


def starts_from_zero(x, window=2, stride=2, kind="max"):
    return np.maximum(pool2d(x, window, stride, kind), 0)


def integers(x, window=2, stride=2, kind="max"):
    return pool2d(x, window, stride, kind).astype(x.dtype)


def only_square(x, window=2, stride=2, kind="max"):
    side = min(x.shape)
    return pool2d(x[:side, :side], window, stride, kind)


def always_two(x, window=2, stride=2, kind="max"):
    return pool2d(x, 2, stride, kind)


def changes_x(x, window=2, stride=2, kind="max"):
    result = pool2d(x, window, stride, kind)
    x[...] = 0
    return result


def not_written(x, window=2, stride=2, kind="max"):
    raise NotImplementedError()


def index_error(x, window=2, stride=2, kind="max"):
    return x[len(x)]


def nothing(x, window=2, stride=2, kind="max"):
    pool2d(x)


def no_kind(x, window=2, stride=2):
    return pool2d(x, window, stride)


@pytest.mark.parametrize(
    ("function", "about", "explanation"),
    [
        (only_max, 'kind="average"', "the average is asked for"),
        (only_average, "keeps the largest", "the largest number is asked for"),
        (of_the_argument, "largest number", "looks at the argument `window`"),
        (smallest, "keeps the largest", "smallest number"),
        (summed, 'kind="average"', "divide by how many"),
        (transposed, "keeps the largest", "Rows and columns of the result are swapped"),
        (no_stride, "keeps the largest", "stride makes no difference"),
        (stride_is_window, "stride=1", "jump by their own width"),
        (windows_step_by_one, "keeps the largest", "windows lie one pixel apart"),
        (rounded_up, "no window reaches", "round the number of windows down"),
        (starts_from_zero, "negative numbers", "not 0"),
        (integers, 'kind="average"', "fractions are lost"),
        (only_square, "wider than high", r"shape \(1, 1\), and it should be \(1, 3\)"),
        (always_two, "window=3", r"shape \(3, 3\), and it should be \(2, 2\)"),
        (changes_x, "keeps the largest", "x was changed on the way"),
        (not_written, "keeps the largest", "isn't written yet"),
        (index_error, "keeps the largest", r"stopped with IndexError in line \d+"),
        (nothing, "keeps the largest", r"returned nothing \(None\)"),
        (no_kind, 'kind="average"', r'cannot be called as pool2d\(x, kind=\'average\'\).*def pool2d\(x, window=2'),
        (None, "keeps the largest", "Give the function itself"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(function, about, explanation):
    report = check.pool2d(function)
    assert not report.passed
    assert about in report.failed
    assert re.search(explanation, report.problem), report.problem
    assert "\n" not in report.problem


def test_a_small_example_shows_the_call_and_both_results():
    report = check.pool2d(only_max)
    assert "pool2d(x, kind='average') should give\n[[2.5  0.75]" in report.example
    assert "and yours gave\n[[4. 2.]" in report.example


# The larger of two numbers, by relu

NO_TRACE = "Traceback"


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b, relu: relu(a - b) + b,
        lambda a, b, relu: b + relu(a - b),
        lambda a, b, relu: a + relu(b - a),
        lambda a, b, relu: relu(a + -b) - (0 - b),
        lambda a, b, relu: relu(relu(a - b)) + b,
    ],
)
def test_the_larger_one_by_relu(function):
    report = check.relu_max(function)
    assert report.passed, report


@pytest.mark.parametrize(
    ("function", "about", "explanation"),
    [
        (lambda a, b, relu: relu(a - b), "first one is larger", "b is still to be added"),
        (lambda a, b, relu: relu(a - b) + a, "first one is larger", "b is to be added to it, not a"),
        (lambda a, b, relu: relu(b - a) + b, "first one is larger", "smaller|not b"),
        (lambda a, b, relu: a - relu(a - b), "first one is larger", "smaller one"),
        (lambda a, b, relu: relu(a) + relu(b), "first one is larger", "where both are positive"),
        (lambda a, b, relu: relu(a - b) + relu(b), "both are negative", "b goes through relu, too"),
        (lambda a, b, relu: relu(np.maximum(a, b)), "both are negative", "comes out as 0"),
        (lambda a, b, relu: a, "second one is larger", "always the first"),
        (lambda a, b, relu: b, "first one is larger", "always the second"),
        (lambda a, b, relu: np.maximum(a, b), "alone", "no max, no comparison, no abs"),
        (lambda a, b, relu: (a + b + np.abs(a - b)) / 2, "alone", "no max, no comparison, no abs"),
        (lambda a, b, relu: np.where(a > b, a, b), "alone", "no max, no comparison, no abs"),
        (lambda a, b, relu: np.maximum(a - b, 0) + b, "alone", "the relu that is handed in"),
        (lambda a, b, relu: max(a, b), "alone", "no max, no comparison, no abs"),
        (lambda a, b, relu: None, "first one is larger", r"returned nothing \(None\)"),
        (lambda a, b, relu: "five", "first one is larger", "returned str"),
        (lambda a, b, relu: a * b, "first one is larger", "larger one should come out"),
        (lambda a, b: a, "first one is larger", r"cannot be called as relu_max\(a, b, relu\)"),
        (5, "first one is larger", "Give the function itself"),
    ],
)
def test_a_mistake_with_relu_is_explained(function, about, explanation):
    report = check.relu_max(function)
    assert not report.passed
    assert about in report.failed
    assert re.search(explanation, report.problem), report.problem
    assert NO_TRACE not in repr(report)


def test_relu_that_is_not_written_yet():
    def relu_max(a, b, relu):
        raise NotImplementedError()

    assert "isn't written yet" in check.relu_max(relu_max).problem
