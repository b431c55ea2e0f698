"""Channels and ReceptiveField as Python sees them: arguments, state and plain text."""

import pytest

from companion.explore import Channels, ReceptiveField


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels_in": 0}, "channels_in must be a whole number from 1 to 64, not 0"),
        ({"channels_out": 65}, "channels_out must be .* not 65"),
        ({"kernel": 3.0}, "kernel must be .* not 3.0"),
        ({"stride": True}, "stride must be .* not True"),
        ({"size": 50}, "28, 32, 64, 128 or 224, not 50"),
        ({"picture": "dog"}, "dog"),
    ],
)
def test_channels_names_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Channels(**arguments)


def test_channels_starts_in_the_middle_and_counts_its_parameters() -> None:
    explorer = Channels(channels_in=3, channels_out=8, kernel=3, padding=1, stride=2, size=64)
    assert (explorer.row, explorer.column) == (15, 15)
    assert "224 parameters" in repr(explorer)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": []}, "1 to 8 layers, not 0"),
        ({"layers": [(3, 1)] * 9}, "1 to 8 layers, not 9"),
        ({"layers": [(3, 1), (3,)]}, r"Layer 2 must be \(kernel, stride"),
        ({"layers": [3, 1]}, "Layer 1 must be"),
        ({"layers": [(3, 0)]}, "Layer 1: stride must be a whole number from 1 to 8, not 0"),
        ({"layers": [(12, 1)]}, "Layer 1: kernel must be"),
        ({"size": 224}, "32, 64 or 128, not 224"),
        ({"picture": "dog"}, "dog"),
    ],
)
def test_receptive_field_names_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReceptiveField(**arguments)


def test_receptive_field_completes_its_layers() -> None:
    explorer = ReceptiveField(layers=[(5, 1), (2, 2, 1), (3, 1, 2, 2)])
    assert explorer.layers == [[5, 1, 1, 0], [2, 2, 1, 0], [3, 1, 2, 2]]
    assert "3 x 3 dilation 2 padding 2: an output sees 14 x 14 pixels" in repr(explorer)
