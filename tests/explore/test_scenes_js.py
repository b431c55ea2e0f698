"""What Channels and ReceptiveField work out from their state: what is corrected, and their words."""

from collections.abc import Callable
from typing import Any

import pytest

Node = Callable[..., Any]
CHANNELS = "../channels/scene.js"
FIELDS = "../receptive_field/scene.js"

LAYER = {
    "channels_in": 3, "channels_out": 8, "kernel": 3, "padding": 0, "stride": 1, "size": 8, "channel": 1, "row": 2,
    "column": 3,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------- Channels


def test_position_and_channel_stay_in_a_smaller_output(node: Node) -> None:
    states = [LAYER, LAYER | {"row": 55, "channel": 9}, LAYER | {"kernel": 7, "padding": 1, "stride": 2}]
    assert node("return data.map(js.correct);", states, js=CHANNELS) == [
        {"channel": 1, "row": 2, "column": 3},
        {"channel": 8, "row": 5, "column": 3},
        {"channel": 1, "row": 1, "column": 1},
    ]


SCENE = """const pixels = Uint8Array.from({ length: 3 * 16 * 16 }, (_, index) => (index * 37) % 256);
const input = js.inputOf(pixels, data.size, data.channels_in);
const scene = js.layerOf(data, input.planes);
Object.assign(scene, js.channelOf(scene, data.channel - 1));
Object.assign(scene, js.positionOf(scene, data.row, data.column));
"""


@pytest.mark.parametrize("channels", [1, 3, 8])
def test_the_sums_of_the_slices_add_up_to_the_map(node: Node, channels: int) -> None:
    at = "scene.map[data.row * scene.outSize + data.column]"
    body = f"{SCENE} return [scene.sums, scene.filter.bias, {at}, scene.names];"
    sums, bias, value, names = node(body, LAYER | {"channels_in": channels, "channel": 6}, js=CHANNELS)
    assert len(names) == channels
    assert sum(sums["channels"]) + bias == pytest.approx(sums["total"])
    assert value == pytest.approx(sums["total"], abs=1e-5)


def test_the_position_in_words(node: Node) -> None:
    body = """return js.positionWords({
      channel: 2, filter: { name: "blur", bias: -0.125 }, names: ["red", "green", "blue"],
      sums: { channels: [-0.5, 1.25, -2], rest: 0, total: -1.375 }, row: 4, column: 5 });"""
    assert node(body, None, js=CHANNELS) == (
        "Output channel 3, blur, at row 4, column 5: −0.50 (red) + 1.25 (green) − 2.00 (blue) − 0.13 (bias) = −1.38"
    )


def test_many_channels_are_summed_up_in_words(node: Node) -> None:
    body = """const names = Array.from({ length: 16 }, (_, index) => `channel ${index + 1}`);
    return [js.visibleRows(4), js.visibleRows(16), js.positionWords({
      channel: 0, filter: { name: "random weights", bias: 0.5 }, names,
      sums: { channels: names.map(() => 1), rest: 13, total: 16.5 }, row: 0, column: 0 })];"""
    few, many, words = node(body, None, js=CHANNELS)
    assert (few, many) == ([0, 1, 2, 3], [0, 1, "rest", 15])
    assert "1.00 (channel 1) + 1.00 (channel 2) + 13.00 (13 more) + 1.00 (channel 16) + 0.50 (bias) = 16.50" in words


def test_how_many_channels_there_are_to_choose_from(node: Node) -> None:
    assert node("return data.map((channelsOut) => js.choiceWords({ channelsOut }));", [1, 8], js=CHANNELS) == [
        "The one output channel",
        "All 8 output channels: choose one",
    ]


# ---------------------------------------------------------------------------------------------- ReceptiveField

STACK = {"layers": [[3, 1, 1, 1], [3, 2, 1, 1]], "size": 32, "row": -1, "column": 40, "counts": False}


def test_a_position_beyond_the_output_comes_back_and_a_negative_one_is_the_middle(node: Node) -> None:
    assert node("return js.correct(data);", STACK, js=FIELDS) == {"row": 7, "column": 15}
    assert node("return js.correct(data);", STACK | {"layers": [[11, 1, 1, 0]] * 4}, js=FIELDS) == {
        "row": 0,
        "column": 1,
    }


def test_a_field_in_words(node: Node) -> None:
    body = """const scene = js.stackOf(data);
    return [[7, 8], [0, 0]].map(([row, column]) => (
      js.positionWords({ ...scene, ...js.positionOf(scene, row, column) })));"""
    inside, edge = node(body, STACK, js=FIELDS)
    assert inside == (
        "Output row 7, column 8 (of 16 × 16) sees 5 × 5 pixels: rows 12 to 16, columns 14 to 18 of 32 × 32. "
        "One step of the output is 2 pixels of the picture."
    )
    assert ". Part of it lies in the padding, outside of the picture. " in edge


def test_why_a_stack_gives_no_output(node: Node) -> None:
    body = "return js.problemWords(js.stackOf(data), 10);"
    assert node(body, STACK, js=FIELDS) == ""
    assert node(body, STACK | {"layers": [[11, 8, 1, 0], [5, 1, 2, 0]]}, js=FIELDS) == (
        "Layer 2 gives no output: its kernel of 5 with dilation 2 spans 9 positions, but only 3 arrive. Give it a "
        "smaller kernel or dilation or a padding of at least 3, or use smaller strides before it or a larger picture. "
        "What you see ends after layer 1."
    )
    assert "its kernel spans 11 positions, but only 8 + 2 × 1 = 10 arrive" in node(
        body, STACK | {"size": 8, "layers": [[11, 1, 1, 1]]}, js=FIELDS
    )


def test_the_output_around_a_pixel_and_the_preset_of_a_stack(node: Node) -> None:
    body = """const scene = js.stackOf(data);
    return [0, 15, 31, 99].map((pixel) => js.outputAround(scene, pixel)).concat(
      js.PRESETS.map(({ layers }) => js.presetOf(layers)),
      js.presetOf(data.layers));"""
    assert node(body, STACK, js=FIELDS) == [0, 8, 16, 50, "0", "1", "2", "3", "4", "5", ""]
