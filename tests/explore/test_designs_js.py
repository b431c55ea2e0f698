"""The counts of DesignSpace and ParameterCalculator in the browser equal an enumeration, Python's and Keras's."""

from collections.abc import Callable
from itertools import pairwise, product
from typing import Any

import pytest

from companion import arithmetic

Node = Callable[..., Any]

WIDTHS = [16, 32, 64]


def test_widths_are_doublings_or_all_whole_numbers(node: Node) -> None:
    body = "return data.map((arguments_) => js.widthChoices(...arguments_));"
    doubled, single, every = node(body, [[16, 256, False], [64, 64, True], [8, 16, True]], js="designs.js")
    assert doubled == [16, 32, 64, 128, 256]
    assert single == [64]
    assert every == list(range(8, 17))


@pytest.mark.parametrize(("deepest", "activations"), [(1, 1), (3, 2), (4, 3)])
def test_counts_are_those_of_an_enumeration(node: Node, deepest: int, activations: int) -> None:
    body = """const counts = (alike) => js.designCounts(data.deepest, data.choices, alike).map(String);
    return { alike: counts(true), own: counts(false) };"""
    layer = list(product(WIDTHS, range(activations)))
    counts = node(body, {"deepest": deepest, "choices": len(layer)}, js="designs.js")
    listed = [len(list(product(layer, repeat=depth))) for depth in range(1, deepest + 1)]
    assert list(map(int, counts["own"])) == listed
    assert list(map(int, counts["alike"])) == [len(layer)] * deepest


def test_large_counts_are_exact(node: Node) -> None:
    counts = node("return js.designCounts(8, 4068, false).map(String);", None, js="designs.js")
    assert int(counts[-1]) == 4068**8


def test_parameters_equal_python_and_keras(node: Node) -> None:
    networks = [[784, 128, 10], [784, 300, 100, 10], [120_000, 1000, 10], [1, 1, 1]]
    body = (
        "return data.map(([inputs, ...rest]) => js.layerParameters(inputs, rest.slice(0, -1), rest[rest.length - 1]));"
    )
    counts = node(body, networks, js="designs.js")
    assert counts == [[arithmetic.dense_parameters(a, b) for a, b in pairwise(sizes)] for sizes in networks]
    import keras

    layers = [keras.Input((784,)), *(keras.layers.Dense(units) for units in (300, 100, 10))]
    assert sum(counts[1]) == keras.Sequential(layers).count_params()


def test_few_designs_are_all_there_and_many_are_drawn_from_all(node: Node) -> None:
    body = """return { few: js.someDesigns(3, data, false, 30), many: js.someDesigns(5, data, false, 40),
      again: js.someDesigns(5, data, false, 40), alike: js.someDesigns(4, data, true, 30),
      thinned: js.someDesigns(2, Array.from({ length: 500 }, (_, index) => index + 1), true, 5) };"""
    drawn = node(body, WIDTHS, js="designs.js")
    assert sorted(drawn["few"]) == sorted(map(list, product(WIDTHS, repeat=3)))
    assert len(drawn["many"]) == 40
    assert {len(widths) for widths in drawn["many"]} == {5}
    assert {width for widths in drawn["many"] for width in widths} == set(WIDTHS)
    assert drawn["many"] == drawn["again"]
    assert drawn["alike"] == [[width] * 4 for width in WIDTHS]
    assert [widths[0] for widths in drawn["thinned"]] == [1, 126, 251, 375, 500]


@pytest.mark.parametrize(("width", "choice"), [(1, 16), (22, 16), (23, 32), (64, 64), (4000, 64)])
def test_a_width_snaps_on_a_scale_of_doublings(node: Node, width: int, choice: int) -> None:
    nearest = node(
        "return js.nearestWidth(data.width, data.widths);", {"width": width, "widths": WIDTHS}, js="designs.js"
    )
    assert nearest == choice


@pytest.mark.parametrize(
    ("literal", "widths"),
    [
        ("[64, 32]", [64, 32]),
        (" [ 64,32, ] ", [64, 32]),
        ("[1024]", [1024]),
        ("[]", None),
        ("[0]", None),
        ("[1025]", None),
        ("[64, 32, 16, 8]", None),
        ("[64.0]", None),
        ("[-64]", None),
        ("64, 32", None),
        ('"[64]"', None),
        ("[[64], [32]]", None),
    ],
)
def test_the_cell_is_read_as_widths_or_not_at_all(node: Node, literal: str, widths: list[int] | None) -> None:
    assert node("return js.parseWidths(data, 3, 1024);", literal, js="designs.js") == widths


@pytest.mark.parametrize(
    ("count", "text"),
    [(111_150, "111,150"), (10**15 - 1, "999,999,999,999,999"), (18**13, "2.1 × 10¹⁶"), (4068**8, "7.5 × 10²⁸")],
)
def test_counts_are_written_in_full_or_as_a_power(node: Node, count: int, text: str) -> None:
    assert node("return js.countText(BigInt(data));", str(count), js="designs.js") == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "1 minute"),
        (72, "72 minutes"),
        (180, "3 hours"),
        (111_150, "77 days"),
        (11_668_193_550, "22,200 years"),
        (10**13, "19 million years"),
        (10**17, "14 times the age of the universe"),
    ],
)
def test_time_is_told_in_a_fitting_unit(node: Node, minutes: int, text: str) -> None:
    assert node("return js.minutesText(BigInt(data));", str(minutes), js="designs.js") == text


@pytest.mark.parametrize(
    ("parameters", "text"),
    [(150_529_000, "602 MB"), (7_680_064, "30.7 MB"), (1_792, "0.0072 MB"), (1_048_576_000, "4,194 MB")],
)
def test_memory_equals_python(node: Node, parameters: int, text: str) -> None:
    body = "return [js.megabytes(data), js.megabytesText(js.megabytes(data))];"
    size, said = node(body, parameters, js="memory.js")
    assert size == pytest.approx(arithmetic.megabytes(parameters))
    assert said == text


# ---------------------------------------------------------------------------------------------- the explorer's scene

SCENE = "../design_space/scene.js"
STATE = {
    "deepest": 3, "narrowest": 16, "widest": 64, "every": False, "activations": ["relu", "tanh"], "alike": False,
    "widths": [512, 20], "functions": ["elu", "tanh"],
}  # fmt: skip
DATA = {"inputs": 784, "outputs": 10, "budget": 0, "layers": 8, "width": 1024}


def ask(node: Node, body: str, **changes: object) -> Any:
    return node(body, {"state": STATE | changes, "data": DATA}, js=SCENE)


def test_a_network_is_brought_into_the_ranges(node: Node) -> None:
    body = "return js.fitted(data.state);"
    assert ask(node, body) == {"widths": [64, 16], "functions": ["relu", "tanh"]}
    assert ask(node, body, deepest=1) == {"widths": [64], "functions": ["relu"]}
    assert ask(node, body, alike=True) == {"widths": [64, 64], "functions": ["relu", "relu"]}


def test_layers_are_added_and_changed_one_by_one_or_alike(node: Node) -> None:
    body = "return [js.withDepth(data.state, 3), js.withDepth(data.state, 1), js.withEntry(data.state, [1, 2], 0, 9)];"
    more, less, entry = ask(node, body)
    assert more == {"widths": [512, 20, 20], "functions": ["elu", "tanh", "tanh"]}
    assert less == {"widths": [512], "functions": ["elu"]}
    assert entry == [9, 2]
    assert ask(node, body, alike=True)[2] == [9, 9]


@pytest.mark.parametrize(
    ("changes", "count", "how"),
    [
        ({}, "258 designs", "3 widths × 2 activations = 6 choices a layer; with 1 to 3 layers 6 + 6² + 6³"),
        ({"alike": True}, "18 designs", "3 depths × 3 widths × 2 activations"),
        (
            {"deepest": 1, "widest": 16, "activations": ["relu"]},
            "1 design",
            "1 width × 1 activation = 1 choices a layer; with 1 to 1 layers 1",
        ),
    ],
)
def test_the_count_in_words(node: Node, changes: dict, count: str, how: str) -> None:
    said = ask(node, "return js.totalWords(js.spaceOf(data.state, data.data));", **changes)
    assert (said["count"], said["how"]) == (count, how)


def test_a_network_in_words(node: Node) -> None:
    body = """const scene = js.spaceOf(data.state, { ...data.data, budget: 1000 });
    return js.networkWords({ ...scene, ...js.networkOf(scene, { widths: [32], functions: ["relu"] }) });"""
    assert ask(node, body).startswith(
        "This network: 784 – 32 – 10 neurons, 25,450 parameters, above the limit of 1,000. "
    )
