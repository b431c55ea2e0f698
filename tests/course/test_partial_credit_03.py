"""Plausible answers to assignment 03 get the points that they deserve."""

import pytest

from tests.course.scoring import Quiz

QUIZ = Quiz("03-pooling")


@pytest.mark.parametrize(
    ("number", "answer", "points"),
    [(1, '"A"', 0), (1, '"B"', 1), (2, "16", 0), (2, "15.0", 1), (3, "25088", 0), (5, "8", 0), (5, "0", 1),
     (8, '"CE"', 1), (8, '"C"', 0.5), (8, '"BC"', 0), (8, '"BCE"', 0.5), (9, '"ADE"', 0.5), (9, '"AC"', 0)],
)  # fmt: skip
def test_choices_and_numbers(number: int, answer: str, points: float):
    assert QUIZ.score(number, f"answer_{number} = {answer}") == points


@pytest.mark.parametrize(
    ("numbers", "points"),
    [
        ([[8, 6, 6, 3], [4, 2, 2, 1], [3, 3, 9, 5], [3, 3, 3, 1]], 1),
        ([[2, 8, 0, 6], [2, 8, 6, 0], [3, 3, 0, 0], [3, 3, 9, 9]], 1),  # another right one
        ([[8, 0, 6, 0], [0, 0, 0, 0], [3, 0, 9, 0], [0, 0, 0, 0]], 0.5),  # the maxima alone
        ([[5, 5, 3, 3], [5, 5, 3, 3], [3, 3, 4.5, 4.5], [3, 3, 4.5, 4.5]], 0.5),  # the averages alone
        ([[8, 6, 3, 9], [5, 3, 3, 4.5], [0, 0, 0, 0], [0, 0, 0, 0]], 0),
    ],
)
def test_the_input_for_both_maps(numbers: list, points: float):
    assert QUIZ.score(10, f"answer_10 = {numbers}") == points


ROUTE = """def route_gradient(x, gradient, window):
    back = np.zeros(x.shape)
    for row in range(gradient.shape[0]):
        for column in range(gradient.shape[1]):
            part = slice(row * window, (row + 1) * window), slice(column * window, (column + 1) * window)
            %s
    return back"""


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ("w = x[part]; back[part][np.unravel_index(np.argmax(w), w.shape)] = gradient[row, column]", 2),
        ("back[part] = np.where(x[part] == x[part].max(), gradient[row, column], 0)", 1.5),  # all equals win
        ("w = x[part].copy(); w[0, 0] = max(w[0, 0], 0)\n"
         "            back[part][np.unravel_index(np.argmax(w), w.shape)] = gradient[row, column]", 1.5),
        ("w = x[row * 2 : row * 2 + 2, column * 2 : column * 2 + 2]\n"
         "            back[row * 2 + np.argmax(w) // 2, column * 2 + np.argmax(w) % 2] = gradient[row, column]", 1),
    ],
)  # fmt: skip
def test_the_way_back_through_max_pooling(body: str, points: float):
    assert QUIZ.score(11, ROUTE % body) == points


def test_average_instead_of_max_is_seen_at_once():
    average = (
        "def route_gradient(x, gradient, window):\n    return np.kron(gradient, np.ones((window,) * 2)) / window**2"
    )
    with pytest.raises(AssertionError, match="The 7 wins"):
        QUIZ.run(11, average)


@pytest.mark.parametrize(
    ("inner", "outer", "points"),
    [
        ([[1, -1], [0, 1], [0, -1]], [1, 1, -1], 2),
        ([[-1, 1], [1, 0], [-1, 0]], [1, 1, -1], 2),
        ([[1, -1], [-1, 1], [1, 1], [-1, -1]], [0.5, 0.5, 0.5, -0.5], 2),  # (a + b + |a - b|) / 2
        ([[1, -1], [0, 1]], [1, 1], 1),  # relu(a - b) + relu(b): wrong where b is negative
        ([[1, 0], [0, 1]], [1, 1], 0.5),  # relu(a) + relu(b): right if one is negative
        ([[1, -1]], [1], 0),
        ([[1, -1], [1, 0]], [1, 0], 0),
        ([[1, 0]], [1], 0.5),  # relu(a)
    ],
)
def test_the_larger_one_as_a_network(inner: list, outer: list, points: float):
    assert QUIZ.score(12, f"def max_network():\n    return np.array({inner}), np.array({outer})") == points
    assert QUIZ.score(12, f"def max_network():\n    return {inner}, {outer}") == points


def test_weights_of_another_shape_are_seen_at_once():
    with pytest.raises(AssertionError, match="a row of two weights"):
        QUIZ.run(12, "def max_network():\n    return np.ones((2, 3)), np.ones(3)")
