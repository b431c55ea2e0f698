"""The browser's arithmetic and its convolution over channels equal Python's, and the published numbers."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from companion import arithmetic, layers

Node = Callable[..., Any]

VGG_BLOCKS = (2, 2, 3, 3, 3)
VGG16 = [layer for convolutions in VGG_BLOCKS for layer in [(3, 1)] * convolutions + [(2, 2)]]
ALEXNET = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
LENET = [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]


def as_objects(stack: list[tuple[int, ...]]) -> list[dict[str, int]]:
    return [dict(zip(("kernel", "stride", "dilation", "padding"), layer, strict=False)) for layer in stack]


def test_output_size_and_work_equal_python(node: Node) -> None:
    grid = list(product([1, 5, 28, 64, 224], [1, 2, 3, 7], [0, 1, 3], [1, 2, 4], [1, 3]))
    expected = []
    for size, kernel, padding, stride, dilation in grid:
        options = {"padding": padding, "stride": stride, "dilation": dilation}
        if arithmetic.span(kernel, dilation) > size + 2 * padding:
            expected.append([0, 0])
            continue
        work = arithmetic.conv2d_multiply_adds(size, kernel, 3, 8, **options)
        expected.append([arithmetic.output_size(size, kernel, **options), work])
    assert [0, 0] in expected
    body = """return data.map(([size, kernel, padding, stride, dilation]) => {
      const options = { padding, stride, dilation };
      return [js.outputSize(size, kernel, options), js.conv2dMultiplyAdds(size, kernel, 3, 8, options)];
    });"""
    assert node(body, grid, js="arithmetic.js") == expected


def test_parameters_equal_python(node: Node) -> None:
    grid = list(product([1, 3, 7], [1, 3, 64], [1, 8, 64], [True, False]))
    body = """return data.map(([kernel, channelsIn, channelsOut, bias]) => [
      js.conv2dParameters(kernel, channelsIn, channelsOut, bias), js.denseParameters(channelsIn, channelsOut, bias),
      js.denseMultiplyAdds(channelsIn, channelsOut)]);"""
    expected = [
        [
            arithmetic.conv2d_parameters(kernel, channels_in, channels_out, bias),
            arithmetic.dense_parameters(channels_in, channels_out, bias),
            arithmetic.dense_multiply_adds(channels_in, channels_out),
        ]
        for kernel, channels_in, channels_out, bias in grid
    ]
    assert node(body, grid, js="arithmetic.js") == expected


def test_receptive_fields_equal_python_and_the_papers(node: Node) -> None:
    lenet = [LENET[:depth] for depth in range(1, 6)]
    dilated = [[(3, 1, 1), (3, 2, 2), (5, 1, 4)], [(2, 2)] * 8]
    stacks = [VGG16, ALEXNET, *lenet, *dilated]
    body = "return data.map((layers) => js.stackLevels(1000, layers).levels.at(-1).field);"
    fields = node(body, [as_objects(stack) for stack in stacks], js="arithmetic.js")
    assert fields[:7] == [212, 195, 5, 6, 14, 16, 32]
    assert fields == [arithmetic.receptive_field(stack) for stack in stacks]


def test_levels_end_before_the_layer_without_output(node: Node) -> None:
    stack = as_objects([(5, 1), (2, 2), (9, 1, 2), (3, 1)])
    result = node("return js.stackLevels(data.size, data.layers);", {"size": 20, "layers": stack}, js="arithmetic.js")
    assert result["failed"] == 2
    assert [level["size"] for level in result["levels"]] == [20, 16, 8]


@pytest.mark.parametrize(
    "stack",
    [
        [(3, 1, 1, 1), (3, 1, 1, 1), (3, 2, 1, 1)],
        [(3, 1, 1, 1), (3, 1, 2, 2), (3, 1, 4, 4)],
        [(5, 1), (2, 2), (5, 1), (2, 2)],
        [(2, 3, 1, 2), (4, 1, 2, 0)],
    ],
)
def test_what_is_seen_is_what_moves_the_output(node: Node, stack: list[tuple[int, ...]]) -> None:
    """Counted against a convolution by kernels of ones: the response to one lit pixel is its number of paths."""
    size = 24
    body = """const { levels } = js.stackLevels(data.size, data.layers);
    const top = levels[levels.length - 1];
    return Array.from({ length: top.size }, (_, position) => ({
      ...js.seen(top, position), ...js.pathCounts(levels, data.layers, position)[0] }));"""
    seen = node(body, {"size": size, "layers": as_objects(stack)}, js="arithmetic.js")
    paths = np.eye(size)  # row: lit pixel, column: position
    for kernel, stride, *rest in stack:
        dilation, padding = (*rest, *(1, 0)[len(rest) :])
        padded = np.pad(paths, ((0, 0), (padding, padding)))
        outputs = (padded.shape[1] - dilation * (kernel - 1) - 1) // stride + 1
        paths = sum(padded[:, tap * dilation :][:, : (outputs - 1) * stride + 1 : stride] for tap in range(kernel))
    assert paths.shape[1] == len(seen)
    for position, view in enumerate(seen):
        first = view["first"]
        found = {
            first + index: count for index, count in enumerate(view["counts"]) if count and 0 <= first + index < size
        }
        assert found == {int(pixel): paths[pixel, position] for pixel in np.flatnonzero(paths[:, position])}


def test_spans_are_what_the_layers_reach_without_padding(node: Node) -> None:
    body = """const { levels } = js.stackLevels(32, data);
    return [js.seen(levels[4], 0), js.seen(levels[4], 4), js.centre(levels[4], 2)];"""
    first, last, middle = node(body, as_objects(LENET[:4]), js="arithmetic.js")
    assert (first, last, middle) == ({"first": 0, "last": 15}, {"first": 16, "last": 31}, 15.5)


@pytest.mark.parametrize(
    ("channels", "size", "padding", "stride"), [(1, 3, 0, 1), (3, 3, 1, 2), (3, 1, 0, 1), (5, 4, 2, 3)]
)
def test_feature_maps_equal_numpy(node: Node, channels: int, size: int, padding: int, stride: int) -> None:
    random = np.random.default_rng(3)
    side = 11
    planes = random.random((channels, side, side)).astype(np.float32)
    body = """const filters = js.filterBank(data.planes.length, 6, data.size);
    const planes = js.padPlanes(data.planes.map((plane) => Float32Array.from(plane)), data.side, data.padding);
    const side = data.side + 2 * data.padding;
    const everywhere = js.spread(data.outputs, data.outputs);
    const edge = (data.outputs - 1) * data.stride;
    return { filters, maps: filters.map((filter) => js.featureMap(planes, side, filter, data.stride, everywhere)),
      last: filters.map((filter) => filter.bias + planes.reduce(
        (sum, plane, index) => sum + js.windowSum(plane, side, filter.slices[index], data.size, edge, edge), 0)) };"""
    outputs = arithmetic.output_size(side, size, padding=padding, stride=stride)
    data = {"planes": planes.reshape(channels, -1).tolist(), "side": side, "size": size}
    result = node(body, data | {"padding": padding, "stride": stride, "outputs": outputs}, js="channels.js")
    kernel = (
        np.array([one["slices"] for one in result["filters"]]).reshape(6, channels, size, size).transpose(2, 3, 1, 0)
    )
    bias = np.array([one["bias"] for one in result["filters"]])
    expected = layers.conv2d(np.moveaxis(planes, 0, -1), kernel, padding=padding, stride=stride) + bias
    maps = np.array(result["maps"]).reshape(6, outputs, outputs)
    np.testing.assert_allclose(np.moveaxis(maps, 0, -1), expected, atol=1e-5)
    np.testing.assert_allclose(result["last"], expected[-1, -1], atol=1e-5)


def test_kernels_stay_when_channels_are_added(node: Node) -> None:
    few, many = node("return [js.filterBank(3, 10, 3), js.filterBank(3, 64, 3)];", None, js="channels.js")
    assert few == many[:10]
    weights = np.array([one["slices"] for one in many[8:]])
    assert abs(weights.std() - np.sqrt(2 / 27)) < 0.02


@pytest.mark.parametrize("to", [24, 12, 7])
def test_shrinking_keeps_the_average(node: Node, to: int) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (24, 24, 3))
    planes = np.array(node(f"return js.shrink(data, 24, {to}, 3);", pixels.ravel().tolist(), js="channels.js"))
    np.testing.assert_allclose(planes.mean(axis=1), pixels.mean(axis=(0, 1)) / 255, atol=1e-5)
    if 24 % to == 0:
        blocks = pixels.reshape(to, 24 // to, to, 24 // to, 3).mean(axis=(1, 3)) / 255
        np.testing.assert_allclose(planes.reshape(3, to, to), np.moveaxis(blocks, -1, 0), atol=1e-5)
