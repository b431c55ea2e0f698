"""Bounds and choices stand once, in the traits: docstrings, messages and the page agree with them."""

import inspect
import re

import numpy as np
import pytest

from companion import explore
from companion.errors import ArgumentError
from companion.explore.traits import OneOf, Whole, either

CLASSES = [getattr(explore, name) for name in explore.EXPLORERS]
ENTRY = re.compile(r"^(?P<names>[a-z_, ]+) : [^\n]*\n(?P<text>(?:    .+\n|\n)*)", re.MULTILINE)


def described(explorer: type, name: str) -> str:
    """What the docstring says of a parameter or attribute, or of both; "" if nothing."""
    entries = ENTRY.finditer(f"{inspect.getdoc(explorer)}\n")
    return " ".join(" ".join(found["text"].split()) for found in entries if name in found["names"].split(", "))


def limited(kind: type) -> list:
    """Each trait of `kind` of each explorer."""
    return [
        pytest.param(explorer, name, trait, id=f"{explorer.__name__}.{name}")
        for explorer in CLASSES
        for name, trait in explorer.class_traits().items()
        if isinstance(trait, kind)
    ]


@pytest.mark.parametrize(("explorer", "name", "trait"), limited(Whole))
def test_a_docstring_gives_the_bounds_of_its_trait(explorer: type, name: str, trait: Whole) -> None:
    if trait.max is not None:
        assert f"{trait.min} to {trait.max}" in described(explorer, name)


@pytest.mark.parametrize(("explorer", "name", "trait"), limited(OneOf))
def test_a_docstring_names_the_choices_of_its_trait(explorer: type, name: str, trait: OneOf) -> None:
    said = set(re.findall(r'"[^"]*"|\d+', described(explorer, name)))
    if isinstance(trait.values[0], str):
        assert {f'"{choice}"' for choice in trait.values} <= said
    else:
        assert {str(min(trait.values)), str(max(trait.values))} <= said


@pytest.mark.parametrize(("explorer", "name", "trait"), limited(Whole))
def test_what_is_set_later_is_held_to_the_same_bounds_in_the_same_words(
    explorer: type, name: str, trait: Whole
) -> None:
    shown = explorer()
    before = getattr(shown, name)
    for value in (
        trait.min - 1,
        True,
        trait.min + 0.5,
        str(trait.min),
        *([] if trait.max is None else [trait.max + 1]),
    ):
        with pytest.raises(ArgumentError, match=rf"^{name} must be a whole number .*, not {value!r}\.$"):
            setattr(shown, name, value)
    assert getattr(shown, name) == before


@pytest.mark.parametrize(("explorer", "name", "trait"), limited(OneOf))
def test_what_is_set_later_is_one_of_the_choices(explorer: type, name: str, trait: OneOf) -> None:
    shown = explorer()
    for value in ("blue", True, [1], np.ones(2)):
        with pytest.raises(ArgumentError, match=rf"^{name} must be .* or .*, not "):
            setattr(shown, name, value)


@pytest.mark.parametrize(
    ("explorer", "name", "value", "message"),
    [
        (explore.ReceptiveField, "layers", [[12, 1, 1, 0]], "Layer 1: kernel must be a whole number from 1 to 11"),
        (explore.ReceptiveField, "layers", 3, "layers must be a list of"),
        (explore.Pooling, "numbers", [[1, 2]], "2 to 8 rows of as many numbers"),
        (explore.Convolution, "kernel", "edges", "There is no kernel named 'edges'"),
        (explore.DesignSpace, "widths", [0], "widths must be a list of 1 to 8 whole numbers"),
        (explore.DesignSpace, "activations", 3, "activations must be one or more of relu"),
    ],
)
def test_what_else_is_set_later_is_checked_too(explorer: type, name: str, value: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        setattr(explorer(), name, value)


def test_the_page_gets_the_bounds_and_the_choices() -> None:
    channels = explore.Channels()
    assert channels.get_state()["ranges"]["kernel"] == {"min": 1, "max": 7}
    assert channels.get_state()["choices"] == {"size": [28, 32, 64, 128, 224]}
    assert "row" not in channels.ranges, "how far it goes depends on the layer"
    assert explore.Pooling().ranges["side"] == {"min": 2, "max": 8}
    assert explore.ReceptiveField().ranges["stride"] == {"min": 1, "max": 8}


def test_whole_numbers_of_numpy_are_taken() -> None:
    explorer = explore.Channels(kernel=np.int64(5), size=np.int32(32))
    assert (explorer.kernel, type(explorer.kernel), type(explorer.size)) == (5, int, int)


def test_choices_in_words() -> None:
    assert [either([1]), either([1, 2]), either(["a", "b", "c"])] == ["1", "1 or 2", '"a", "b" or "c"']
