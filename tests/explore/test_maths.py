"""The explorers' mathematics in JavaScript equals NumPy's and Keras's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from companion import layers
from companion.explore.presets import PRESETS

CONVOLVE = """
return data.map(({ x, height, width, kernel, size, options }) => {
  const map = conv.conv2d(x, height, width, kernel, size, options);
  const pixels = new Float64Array(size * size);
  const sums = [];
  for (let row = 0; row < map.height; row += 1) {
    for (let column = 0; column < map.width; column += 1) {
      conv.windowPixels(x, height, width, size, options, row, column, pixels);
      sums.push(pixels.reduce((total, pixel, tap) => total + pixel * kernel[tap], 0));
    }
  }
  return { ...map, sums };
});
"""


def cases(count: int = 60) -> list[dict[str, Any]]:
    """Random pictures, kernels and ways to slide; those with output and a few without."""
    random = np.random.default_rng(2)
    made = []
    for _ in range(count):
        height, width = (int(n) for n in random.integers(3, 14, 2))
        size = int(random.choice([1, 3, 5]))
        made.append(
            {
                "x": random.normal(size=height * width).tolist(),
                "height": height,
                "width": width,
                "kernel": (random.normal(size=size * size) * random.integers(0, 2, size * size)).tolist(),
                "size": size,
                "options": {
                    "padding": int(random.integers(0, 5)),
                    "stride": int(random.integers(1, 5)),
                    "dilation": int(random.integers(1, 5)),
                },
            }
        )
    return made


def fits(case: dict[str, Any]) -> bool:
    span = case["options"]["dilation"] * (case["size"] - 1) + 1
    return min(case["height"], case["width"]) + 2 * case["options"]["padding"] >= span


def square(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    return np.reshape(case["x"], (case["height"], case["width"])), np.reshape(case["kernel"], (case["size"],) * 2)


@pytest.fixture(scope="module")
def answers(node: Callable[..., Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    asked = cases()
    return list(zip(asked, node(CONVOLVE, asked, conv="conv2d.js"), strict=True))


def test_conv2d_equals_numpy(answers: list) -> None:
    for case, got in answers:
        if fits(case):
            x, kernel = square(case)
            expected = layers.conv2d(x, kernel, **case["options"])
            assert (got["height"], got["width"]) == expected.shape, case["options"]
            np.testing.assert_allclose(np.reshape(got["values"], expected.shape), expected, atol=1e-12)


def test_no_window_fits_means_no_pixels(answers: list) -> None:
    without = [(case, got) for case, got in answers if not fits(case)]
    assert without, "the random cases should hold some without output"
    for _, got in without:
        assert got["values"] == []


def test_each_pixel_is_the_sum_shown_for_its_window(answers: list) -> None:
    for _, got in answers:
        np.testing.assert_allclose(got["values"], got["sums"], atol=1e-12)


@pytest.mark.slow
def test_conv2d_equals_keras(answers: list) -> None:
    import keras

    # Keras takes stride or dilation above 1, not both.
    chosen = [
        (case, got)
        for case, got in answers
        if fits(case) and 1 in (case["options"]["stride"], case["options"]["dilation"])
    ]
    for case, got in chosen[:12]:
        x, kernel = square(case)
        padding, stride, dilation = case["options"].values()
        padded = np.pad(x, padding)[None, :, :, None]
        expected = keras.ops.conv(
            padded, kernel[:, :, None, None], strides=stride, dilation_rate=dilation, padding="valid"
        )
        np.testing.assert_allclose(np.reshape(got["values"], expected.shape), np.asarray(expected), atol=1e-6)


def test_the_flipped_kernel_makes_it_a_convolution(node: Callable[..., Any]) -> None:
    case = next(case for case in cases() if case["size"] == 3)
    got = node("return conv.flipped(data);", case["kernel"], conv="conv2d.js")
    np.testing.assert_array_equal(np.reshape(got, (3, 3)), np.rot90(square(case)[1], 2))


def test_resizing_a_kernel_keeps_its_middle(node: Callable[..., Any]) -> None:
    kernel = np.arange(1.0, 10).reshape(3, 3)
    larger, smaller = node(
        "return [conv.resized(data, 3, 5), conv.resized(data, 3, 1)];", kernel.ravel().tolist(), conv="conv2d.js"
    )
    np.testing.assert_array_equal(np.reshape(larger, (5, 5)), np.pad(kernel, 1))
    assert smaller == [5]


def test_a_shrunk_picture_holds_the_means(node: Callable[..., Any]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (16, 16))
    got = node("return conv.shrunk(data, 16, 4);", picture.ravel().tolist(), conv="conv2d.js")
    np.testing.assert_allclose(np.reshape(got, (4, 4)), picture.reshape(4, 4, 4, 4).mean(axis=(1, 3)), atol=0.5)


# ------------------------------------------------------------------------------------------------- descent


def problem(padding: int = 1, stride: int = 1, dilation: int = 1) -> dict[str, Any]:
    """A random picture and the target that Sobel's kernel makes of it."""
    x = np.random.default_rng(5).random((11, 9))
    options = {"padding": padding, "stride": stride, "dilation": dilation}
    target = layers.conv2d(x, PRESETS["vertical edges"].kernels[3].astype(float), **options)
    return {
        "picture": x.ravel().tolist(), "height": 11, "width": 9, "size": 3,
        "options": options, "target": target.ravel().tolist(),
    }  # fmt: skip


@pytest.mark.parametrize(("padding", "stride", "dilation"), [(0, 1, 1), (1, 1, 1), (2, 2, 1), (2, 1, 2), (3, 3, 2)])
def test_gradient_equals_numerical_differences(
    node: Callable[..., Any], padding: int, stride: int, dilation: int
) -> None:
    setting = problem(padding, stride, dilation)
    kernel = np.random.default_rng(1).normal(size=9)
    nudge = 1e-5
    points = [kernel.tolist(), *(kernel + sign * nudge * unit for unit in np.eye(9) for sign in (1, -1))]
    got = node(
        "return data.points.map((kernel) => descent.evaluate(data.problem, kernel));",
        {"problem": setting, "points": [list(point) for point in points]},
        descent="descent.js",
    )
    losses = np.array([one["loss"] for one in got[1:]]).reshape(9, 2)
    np.testing.assert_allclose(got[0]["gradient"], (losses[:, 0] - losses[:, 1]) / (2 * nudge), rtol=1e-5, atol=1e-8)


def test_loss_is_the_mean_squared_error(node: Callable[..., Any]) -> None:
    setting = problem()
    kernel = np.random.default_rng(1).normal(size=9)
    got = node("return descent.evaluate(data[0], data[1]);", [setting, kernel.tolist()], descent="descent.js")
    x = np.reshape(setting["picture"], (11, 9))
    error = layers.conv2d(x, kernel.reshape(3, 3), padding=1).ravel() - setting["target"]
    assert got["loss"] == pytest.approx(np.mean(error**2))
    np.testing.assert_allclose(got["error"], error, atol=1e-12)


def test_curvature_is_the_hessians_largest_eigenvalue(node: Callable[..., Any]) -> None:
    setting = problem(padding=0)
    x = np.reshape(setting["picture"], (11, 9))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3)).reshape(-1, 9)
    expected = np.linalg.eigvalsh(2 * windows.T @ windows / len(windows))[-1]
    assert node("return descent.curvature(data);", setting, descent="descent.js") == pytest.approx(expected, rel=1e-6)


DESCEND = """
const rate = data.relative / descent.curvature(data.problem);
let kernel = new Float64Array(9);
for (let round = 0; round < data.steps; round += 1) {
  kernel = descent.step(kernel, descent.evaluate(data.problem, kernel).gradient, rate);
}
return { kernel, loss: descent.evaluate(data.problem, kernel).loss };
"""


@pytest.mark.parametrize("relative", [1, 1.9])
def test_descent_finds_the_kernel(node: Callable[..., Any], relative: float) -> None:
    got = node(DESCEND, {"problem": problem(), "relative": relative, "steps": 3000}, descent="descent.js")
    np.testing.assert_allclose(np.reshape(got["kernel"], (3, 3)), PRESETS["vertical edges"].kernels[3], atol=1e-3)


def test_descent_diverges_above_twice_the_inverse_curvature(node: Callable[..., Any]) -> None:
    setting = problem()
    start = np.mean(np.square(setting["target"]))
    assert (
        node(DESCEND, {"problem": setting, "relative": 2.1, "steps": 300}, descent="descent.js")["loss"] > 1000 * start
    )


# ------------------------------------------------------------------------------------------------- literals


def test_a_matrix_is_written_as_python_reads_it(node: Callable[..., Any]) -> None:
    kernel = [1, 0, -1, 2.5, 0, -2, 1e-7, 0.125, -3]
    literal = node("return matrix.matrixLiteral(data, 3);", kernel, matrix="matrix.js")
    assert literal == "[[1, 0, -1], [2.5, 0, -2], [0, 0.125, -3]]"


@pytest.mark.parametrize(
    ("literal", "values"),
    [
        ("[[1, 0], [-2.5, 3]]", [1, 0, -2.5, 3]),
        ("[ [1.,0] , [.5, 3,], ]", [1, 0, 0.5, 3]),
        ("None", None),
        ("[[1, 0], [2]]", None),
        ("[[1, 0, 2, 3]]", None),
        ("[[1, 0], [2, x]]", None),
        ("[[1, 0], [2, ]]", None),
        ("[[1, 0], [2, 3]] + 1", None),
        ("", None),
    ],
)
def test_a_matrix_is_read_or_refused(node: Callable[..., Any], literal: str, values: list[float] | None) -> None:
    assert node("return matrix.parseMatrix(data, 2);", literal, matrix="matrix.js") == values
