"""Plausible answers to assignment 02 get the points that they deserve."""

import pytest

from tests.course.scoring import Quiz

QUIZ = Quiz("02-convolution")


@pytest.mark.parametrize(
    ("number", "answer", "points"),
    [(1, '"B"', 1), (1, '"A"', 0), (2, "160", 1), (2, "-160", 0), (5, "55.0", 1), (5, "56", 0), (8, "2432", 1),
     (6, '"ABD"', 1), (6, '"AB"', 0.67), (6, '"ABCD"', 0.67), (6, '"AC"', 0), (6, '"ABCDE"', 0.33),
     (11, '"BCE"', 1), (11, '"B"', 0.33), (11, '"AD"', 0), (12, "15", 1), (12, "7", 0)],
)  # fmt: skip
def test_choices_and_numbers(number: int, answer: str, points: float):
    assert QUIZ.score(number, f"answer_{number} = {answer}") == pytest.approx(points, abs=0.005)


@pytest.mark.parametrize(
    ("kernel", "points"),
    [
        ([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], 2),
        ([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], 0),  # turned round, as mathematical convolution does
        ([[0, 3, 0], [0, 0, 0], [0, -3, 0]], 1),  # right below the middle of the square, not beside it
        ([[1, 0, -1], [1, 0, -1], [1, 0, -1]], 0),  # the other two sides
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], 0),
        ([[1, 1], [-1, -1]], 0),
    ],
)
def test_a_kernel_for_the_target(kernel: list, points: float):
    assert QUIZ.score(13, f"answer_13 = {kernel}") == points


UNSEEN = """def unseen(size, kernel, stride, padding=0):
    left_over = size + 2 * padding - kernel
    {}"""
RAISE = "if left_over < 0: raise ValueError\n    "


@pytest.mark.parametrize(
    ("body", "points"),
    [
        (RAISE + "return max(0, left_over % stride - padding)", 2),
        ("return max(0, left_over % stride - padding)", 1.5),  # says nothing where no window fits
        (RAISE + "return left_over % stride if padding == 0 else 0", 1.5),  # padding makes up for all
        (RAISE + "return max(0, (size - kernel) % stride - padding)", 1.5),  # zeros on the left are forgotten
        (RAISE + "return float(max(0, left_over % stride - padding))", 1.5),  # no int
        (RAISE + "return left_over % stride", 0),  # counts zeros as pixels: an example fails
        ("return 0", 0),
    ],
)
def test_pixels_in_no_window(body: str, points: float):
    assert QUIZ.score(14, UNSEEN.format(body)) == points


CONV1D = """def conv1d(x, kernel, bias, stride=1):
    k, _, channels_out = kernel.shape
    maps = np.zeros(({positions}, channels_out))
    for position in range(len(maps)):
        start = position * stride
        maps[position] = {value}
    return maps"""
POSITIONS = "(len(x) - k) // stride + 1"
VALUE = "np.tensordot(x[start : start + k], kernel, axes=2) + bias"


@pytest.mark.parametrize(
    ("positions", "value", "points"),
    [
        (POSITIONS, VALUE, 2),
        (POSITIONS, VALUE.replace("kernel,", "kernel[::-1],"), 0),  # turned round
        (POSITIONS, VALUE.replace("bias", "bias[0]"), 1),  # one bias for all maps
        (POSITIONS, VALUE.replace("kernel,", "kernel[:, :, :1],"), 1),  # the first map again and again
        (POSITIONS, "(x[start : start + k, :1] * kernel[:, :1, 0]).sum() + bias", 0),  # one channel: an example fails
        (POSITIONS, VALUE.replace("start", "position"), 1.5),  # steps of one
        ("len(x) - k + 1", VALUE.replace("start", "position"), 0),  # no stride at all: an example fails
    ],
)
def test_a_convolution_along_one_axis(positions: str, value: str, points: float):
    assert QUIZ.score(15, CONV1D.format(positions=positions, value=value)) == points


@pytest.mark.parametrize("number", [14, 15])
def test_a_function_that_is_not_written_gets_nothing(number: int):
    name = {14: "unseen", 15: "conv1d"}[number]
    assert QUIZ.score(number, f"def {name}(*given, **named): raise NotImplementedError()") == 0
