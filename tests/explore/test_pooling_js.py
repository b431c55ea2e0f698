"""The browser's pooling and its measure of small shifts equal NumPy's and Keras's."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from companion import layers

Node = Callable[..., Any]

POOL = """return data.map(({ x, height, width, options }) => {
  const map = js.pool2d(x, height, width, options);
  const gradient = map.values.map((_, index) => 1 + index);
  return { ...map, back: js.poolGradient(map, gradient, height, width, options) };
});"""


def cases() -> list[dict[str, Any]]:
    """Small pictures with many equal numbers, and every way to lay windows on them."""
    random = np.random.default_rng(31)
    made = []
    for kind, window, stride, padding in product(["max", "average"], [1, 2, 3, 5], [1, 2, 3, 4], ["valid", "same"]):
        height, width = (int(n) for n in random.integers(5, 10, 2))
        made.append(
            {
                "x": random.integers(-4, 5, height * width).tolist(),
                "height": height,
                "width": width,
                "options": {"kind": kind, "window": window, "stride": stride, "padding": padding},
            }
        )
    return made


@pytest.fixture(scope="module")
def answers(node: Node) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    asked = cases()
    return list(zip(asked, node(POOL, asked, js="pooling.js"), strict=True))


def picture(case: dict[str, Any]) -> np.ndarray:
    return np.reshape(case["x"], (case["height"], case["width"])).astype(float)


def test_maps_equal_numpy(answers: list) -> None:
    for case, got in answers:
        expected = layers.pool2d(picture(case), **case["options"])
        assert (got["height"], got["width"]) == expected.shape, case["options"]
        np.testing.assert_allclose(np.reshape(got["values"], expected.shape), expected, atol=1e-12)


def test_the_winner_holds_the_windows_number(answers: list) -> None:
    for case, got in answers:
        if case["options"]["kind"] == "average":
            assert got["winners"] is None
        else:
            assert [case["x"][winner] for winner in got["winners"]] == got["values"]


@pytest.mark.slow
def test_maps_and_gradients_equal_keras(answers: list) -> None:
    import keras
    import tensorflow as tf

    names = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    for case, got in answers:
        options = case["options"]
        layer = names[options["kind"]](options["window"], strides=options["stride"], padding=options["padding"])
        x = tf.constant(picture(case)[np.newaxis, :, :, np.newaxis], tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        weights = np.arange(1.0, 1 + len(got["values"])).reshape(y.shape)
        back = tape.gradient(y, x, output_gradients=tf.constant(weights, tf.float32))
        np.testing.assert_allclose(got["values"], np.ravel(y), rtol=1e-6)
        np.testing.assert_allclose(got["back"], np.ravel(back), rtol=1e-5, err_msg=str(options))


def test_no_window_fits_means_no_numbers(node: Node) -> None:
    options = {"kind": "max", "window": 3, "stride": 1, "padding": "valid"}
    case = {"x": [1, 2, 3, 4], "height": 2, "width": 2, "options": options}
    [got] = node(POOL, [case], js="pooling.js")
    assert (got["values"], got["height"], got["back"]) == ([], 0, [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("size", "window", "stride", "padding", "expected"),
    [(7, 2, 2, "valid", [6]), (7, 3, 3, "valid", [6]), (7, 2, 3, "valid", [2, 5, 6]), (8, 2, 2, "valid", []),
     (7, 2, 2, "same", []), (7, 1, 3, "same", [1, 2, 4, 5])],
)  # fmt: skip
def test_pixels_that_no_window_reaches(node: Node, size: int, window: int, stride: int, padding: str, expected) -> None:
    options = {"window": window, "stride": stride, "padding": padding}
    assert node("return js.uncovered(data[0], data[1]);", [size, options], js="pooling.js") == expected


def test_a_pixel_is_part_of_the_windows_that_cover_it(node: Node, answers: list) -> None:
    body = """return data.map(({ x, height, width, options }) => {
      const map = js.pool2d(x, height, width, options);
      const over = (row, column) => js.windowsOver(row, column, map, height, width, options).length;
      return x.map((_, pixel) => over(Math.floor(pixel / width), pixel % width));
    });"""
    asked = [case for case, _ in answers if case["options"]["kind"] == "average"]
    for case, counts in zip(asked, node(body, asked, js="pooling.js"), strict=True):
        got = next(got for other, got in answers if other is case)
        # With a gradient of ones, average pooling hands each pixel a share for each of its windows.
        touched = np.array(got["back"]) > 0
        np.testing.assert_array_equal(np.array(counts) > 0, touched)


REBUILD = """const { x, side, window } = data;
  const of = (kind) => js.pool2d(x, side, side, { kind, window, stride: window, padding: "valid" });
  const options = { window, stride: window, padding: "valid" };
  const rebuilt = { average: js.unpool(of("average"), side, side, options, false),
    spread: js.unpool(of("max"), side, side, options, false), placed: js.unpool(of("max"), side, side, options, true) };
  return { ...rebuilt, error: js.rootMeanSquare(x, rebuilt.average) };"""


def test_rebuilding_puts_numbers_back_where_they_came_from(node: Node) -> None:
    x = np.random.default_rng(5).random((6, 6))
    got = node(REBUILD, {"x": x.ravel().tolist(), "side": 6, "window": 3}, js="pooling.js")
    ones = np.ones((3, 3))
    average, largest = layers.pool2d(x, 3, kind="average"), layers.pool2d(x, 3)
    np.testing.assert_allclose(np.reshape(got["average"], (6, 6)), np.kron(average, ones))
    np.testing.assert_allclose(np.reshape(got["spread"], (6, 6)), np.kron(largest, ones))
    np.testing.assert_allclose(np.reshape(got["placed"], (6, 6)), np.where(x == np.kron(largest, ones), x, 0))
    assert got["error"] == pytest.approx(np.sqrt(np.mean((x - np.kron(average, ones)) ** 2)))


# ------------------------------------------------------------------------------------------------- small shifts

SHIFT = """const scene = { pixels: Float64Array.from(data.pixels), side: data.side, margin: data.margin };
  const maps = data.shifts.map((shift) => js.shrinkMap(js.featureMap(scene, shift, data.kernel), data.window));
  return maps.map((now, index) => Object.fromEntries(Object.keys(now).map((way) => {
    const step = way === "none" ? 1 : data.window;
    return [way, { ...now[way], change: js.change(maps[0][way], now[way]),
      best: js.bestMove(maps[0][way], now[way], data.shifts[index], step) }];
  })));"""
SHIFTS = [0, 1, 2, 4, -4]


def every_nth(values: np.ndarray, step: int) -> np.ndarray:
    rows, columns = (size // step for size in values.shape)
    return values[::step, ::step][:rows, :columns]


WAYS = {
    "none": lambda values, window: values,
    "max": layers.pool2d,
    "average": lambda values, window: layers.pool2d(values, window, kind="average"),
    "strided": every_nth,
}  # fmt: skip


@pytest.fixture(scope="module", params=[2, 3])
def shifted(node: Node, request: pytest.FixtureRequest) -> tuple[int, np.ndarray, list[float], list[dict]]:
    """The window, a scene of 22 x 22 pixels with a margin of 5, a kernel, and what came out for each shift."""
    random = np.random.default_rng(8)
    scene, kernel = random.random((22, 22)), random.normal(size=9).tolist()
    data = {"pixels": scene.ravel().tolist(), "side": 22, "margin": 5, "kernel": kernel, "window": request.param}
    return request.param, scene, kernel, node(SHIFT, data | {"shifts": SHIFTS}, js="shifts.js")


def feature_map(scene: np.ndarray, shift: int, kernel: list[float]) -> np.ndarray:
    seen = scene[4:18, 4 - shift : 18 - shift]
    return np.maximum(layers.conv2d(seen, np.reshape(kernel, (3, 3))), 0)


def test_shifted_maps_equal_numpy(shifted: tuple) -> None:
    window, scene, kernel, results = shifted
    for shift, result in zip(SHIFTS, results, strict=True):
        for way, reduce in WAYS.items():
            expected = reduce(feature_map(scene, shift, kernel), window)
            got = np.reshape(result[way]["values"], (result[way]["height"], result[way]["width"]))
            np.testing.assert_allclose(got, expected, atol=1e-12)
            before = reduce(feature_map(scene, 0, kernel), window)
            change = np.abs(expected - before).sum() / (expected + before).sum()
            assert result[way]["change"] == pytest.approx(change)


def test_a_move_by_whole_windows_leaves_a_moved_copy_and_others_do_not(shifted: tuple) -> None:
    window, _, _, results = shifted
    for shift, result in zip(SHIFTS, results, strict=True):
        for way in WAYS:
            step = 1 if way == "none" else window
            left = result[way]["best"]["left"]
            if shift % step == 0:
                assert left == pytest.approx(0, abs=1e-12)
                assert result[way]["best"]["places"] == shift // step
            else:
                assert left > 0.001


def test_maps_without_anything_do_not_differ(node: Node) -> None:
    empty = {"values": [0, 0, 0, 0], "height": 2, "width": 2}
    assert node("return js.change(data, data);", empty, js="shifts.js") == 0
