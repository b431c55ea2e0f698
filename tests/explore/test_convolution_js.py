"""What Convolution shows of a state: its words, and where its window lies."""

from collections.abc import Callable
from typing import Any

import pytest

Node = Callable[..., Any]
SCENE = "../convolution/scene.js"
EDGES = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
IDENTITY = {3: [0, 0, 0, 0, 1, 0, 0, 0, 0], 1: [1]}
PRESETS = [
    {"name": "identity", "description": "Copies.", "kernels": IDENTITY},
    {"name": "edges", "description": "Edges.", "kernels": {3: [-1, 0, 1, -2, 0, 2, -1, 0, 1]}},
]


def state(**changes: Any) -> dict[str, Any]:
    return {
        "size": 16, "padding": 0, "stride": 1, "dilation": 1, "mode": "cross-correlation", "kernel": EDGES,
        "row": 2, "column": 3, **changes,
    }  # fmt: skip


def ask(node: Node, body: str, data: Any) -> Any:
    return node(body, data, js=SCENE)


@pytest.mark.parametrize(
    ("changes", "formula", "remark", "tone"),
    [
        ({}, "= ⌊(16 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 14", "", "info"),
        (
            {"stride": 2},
            "= ⌊(16 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = ⌊6.5⌋ + 1 = 7",
            "The floor drops the last row and column of the padded picture: no window reaches them.",
            "info",
        ),
        (
            {"stride": 4, "padding": 1},
            "= ⌊(16 + 2·1 − 1·(3 − 1) − 1) / 4⌋ + 1 = ⌊3.75⌋ + 1 = 4",
            "The floor drops the last 3 rows and columns of the padded picture: no window reaches them.",
            "info",
        ),
        (
            {"kernel": [[1] * 5] * 5, "dilation": 4},
            "= ⌊(16 + 2·0 − 4·(5 − 1) − 1) / 1⌋ + 1 = 0",
            "No window fits: it spans 17 × 17 pixels, the padded picture only 16 × 16. "
            "Take more padding, less dilation or a smaller kernel. The greyed map is the last one.",
            "bad",
        ),
    ],
)
def test_the_size_in_words(node: Node, changes: dict, formula: str, remark: str, tone: str) -> None:
    body = "return [js.sizeFormula(data), js.sizeRemark(data)];"
    assert ask(node, body, state(**changes)) == [formula, {"text": remark, "tone": tone}]


def test_the_window_comes_back_into_a_smaller_map(node: Node) -> None:
    body = "return data.map(js.correct);"
    assert ask(node, body, [state(), state(row=40, column=-1), state(kernel=[[1] * 5] * 5, dilation=4, row=40)]) == [
        {"row": 2, "column": 3},
        {"row": 13, "column": 0},
        {},
    ]


def test_a_scene_without_output_keeps_the_last_map(node: Node) -> None:
    body = """const pixels = new Uint8Array(256).fill(10);
    const before = js.sceneOf(data, pixels, "auto");
    const after = js.sceneOf({ ...data, dilation: 8 }, pixels, "auto", before);
    const first = js.sceneOf({ ...data, dilation: 8 }, pixels, "auto");
    return [before.isEmpty, after.isEmpty, after.map.width, js.mapCaption(after), first.map.width];"""
    assert ask(node, body, state()) == [False, True, 14, "Feature map, 14 × 14 pixels", 0]


def test_the_kernel_is_turned_for_convolution_and_its_sum_chooses_the_colours(node: Node) -> None:
    body = """const pixels = Uint8Array.from({ length: 256 }, (_, index) => index);
    return data.map(([state, colours]) => {
      const scene = js.sceneOf(state, pixels, colours);
      return [Array.from(scene.applied), scene.range.table, js.scaleWords(scene)];
    });"""
    turned = state(mode="convolution")
    ones = state(kernel=[[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    zeros = state(kernel=[[0] * 3] * 3)
    got = ask(node, body, [[turned, "auto"], [ones, "auto"], [ones, "signed"], [zeros, "auto"]])
    assert got[0] == [[1, 0, -1, 2, 0, -2, 1, 0, -1], "diverging", ["−8", "0", "8"]]
    assert got[1][1:] == ["grey", ["0", "", "255"]]
    assert got[2][1:] == ["diverging", ["−238", "0", "238"]]
    assert got[3][1:] == ["diverging", ["", "0", ""]]


def test_a_window_and_its_words(node: Node) -> None:
    body = """const pixels = Uint8Array.from({ length: 256 }, (_, index) => index % 16);
    const scene = js.sceneOf(data, pixels, "auto");
    const at = js.windowOf(scene, 2, 3);
    return [Array.from(at.patch), js.windowWords(at), js.windowAround(scene, 0, 0.5),
      js.placeUnder(scene, 0.5, 0.999)];"""
    assert ask(node, body, state()) == [[3, 4, 5] * 3, "row 2, column 3: 8", [7, -1], [14, 7]]


def test_another_size_keeps_the_preset_and_never_leaves_only_zeros(node: Node) -> None:
    body = """return [js.presetOf(data.presets, data.edges)?.name, js.presetOf(data.presets, [[2]])?.name ?? null,
      js.kernelAt(data.presets, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1), js.kernelAt(data.presets, data.edges, 1),
      js.kernelWords(data.presets, data.edges), js.kernelWords(data.presets, [[-2]])];"""
    identity = {"weights": [1], "lost": False}
    assert ask(node, body, {"presets": PRESETS, "edges": EDGES}) == [
        "edges", None, identity, {"weights": [1], "lost": True}, "Edges. The weights sum to 0.",
        "Your own kernel. The weights sum to −2.",
    ]  # fmt: skip


def test_captions(node: Node) -> None:
    body = "return data.map(js.inputCaption);"
    scenes = [{"size": 16, "padding": 0, "padded": 16}, {"size": 16, "padding": 2, "padded": 20}]
    assert ask(node, body, scenes) == ["Input, 16 × 16 pixels", "Input, 16 × 16; with its zeros 20 × 20 pixels"]
