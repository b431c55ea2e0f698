"""Pooling, SmallShifts and WhatIsLost as Python sees them: arguments, state and plain text."""

import numpy as np
import pytest

from companion import data, layers
from companion.explore import Pooling, SmallShifts, WhatIsLost

TARGETS = {"max": [[8, 6], [3, 9]], "average": [[5, 3], [3, 4.5]]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"numbers": np.zeros((9, 9))}, r"2 to 8 rows of as many numbers; the shape is \(9, 9\)"),
        ({"numbers": [[1, 2, 3], [4, 5, 6]]}, r"the shape is \(2, 3\)"),
        ({"numbers": [[1, 2], [3]]}, "2 to 8 rows of as many numbers"),
        ({"numbers": [[1, float("inf")], [3, 4]]}, "not a finite number"),
        ({"numbers": np.zeros((3, 3)), "window": 4}, "window is 4 pixels wide, but the image has only 3"),
        ({"targets": {"max": [[1]]}}, r"shape \(3, 3\); 'max' has \(1, 1\)"),
        ({"targets": {"global max": [[1]]}}, "A target belongs to"),
        ({"kind": "mean"}, 'kind must be "max", "average", "global max" or "global average", not \'mean\''),
        ({"padding": "full"}, 'padding must be "valid" or "same"'),
        ({"window": 6}, "window must be a whole number from 1 to 5, not 6"),
        ({"stride": 0}, "stride must be a whole number from 1 to 5, not 0"),
    ],
)
def test_pooling_names_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pooling(**arguments)


def test_pooling_says_the_layer_and_the_sizes() -> None:
    assert repr(Pooling(window=3, stride=2)) == (
        "<Pooling explorer: max pooling, window 3 x 3, stride 2, padding valid: 6 x 6 becomes 2 x 2>"
    )
    assert repr(Pooling(kind="global average")).endswith("global average pooling: 6 x 6 becomes 1 x 1>")


def test_the_stride_is_as_large_as_the_window_as_in_keras() -> None:
    assert Pooling(window=3).stride == 3


def test_a_state_is_where_the_learner_goes_on() -> None:
    state = [[8, 1], [2, 3]]
    explorer = Pooling(np.zeros((2, 2)), targets={"max": [[8]]}, answer="answer_9", state=state)
    assert (explorer.numbers, explorer.problem) == (state, "")


@pytest.mark.parametrize("slip", ["", [[1, 2, 3]], [[1], [2, 3]], "abc", [["a"] * 4] * 4, np.zeros((3, 3))])
def test_a_typing_slip_in_the_state_does_not_break_the_cell(slip: object) -> None:
    explorer = Pooling(np.zeros((4, 4)), targets=TARGETS, answer="answer_9", state=slip)
    assert explorer.problem == "answer_9 does not hold 4 rows of 4 numbers, so the input begins anew."
    assert explorer.numbers == np.zeros((4, 4)).tolist()


def test_a_digit_has_room_to_move_and_photos_bring_what_was_outside() -> None:
    explorer = SmallShifts()
    sizes = {scene["name"]: (scene["side"], scene["margin"]) for scene in explorer.scenes}
    assert sizes == {"cat": (146, 9), "coins": (146, 9), "brick": (146, 9), "digit": (62, 9)}
    assert len(explorer.pixels) == sum(side**2 for side, _ in sizes.values())
    digit = np.frombuffer(explorer.pixels[-62 * 62 :], np.uint8).reshape(62, 62)
    np.testing.assert_array_equal(digit[17:45, 17:45], data.picture("digit", size=28))
    assert digit.sum() == digit[17:45, 17:45].sum()


def test_the_shift_kernels_are_named_presets() -> None:
    assert SmallShifts().kernels["vertical edges"] == [-1, 0, 1, -2, 0, 2, -1, 0, 1]
    assert sum(SmallShifts().kernels["blur"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("explorer", "arguments", "message"),
    [
        (SmallShifts, {"window": 5}, "window must be a whole number from 2 to 4, not 5"),
        (SmallShifts, {"shift": 9}, "shift must be a whole number from -8 to 8, not 9"),
        (SmallShifts, {"picture": "dog"}, 'picture must be "cat", "coins", "brick" or "digit", not \'dog\''),
        (WhatIsLost, {"window": 3}, "window must be 1, 2, 4, 8, 16, 32, 64 or 128, not 3"),
        (WhatIsLost, {"picture": "dog"}, "no picture named 'dog'"),
    ],
)
def test_small_shifts_and_what_is_lost_name_what_is_wrong(explorer: type, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer(**arguments)


def test_what_is_lost_counts_what_is_kept() -> None:
    assert "windows of 8 x 8 keep 256 of 16,384 numbers" in repr(WhatIsLost(window=8))
    assert layers.pool2d(data.picture("cat"), 8).size == 256


def test_a_window_set_larger_than_the_input_is_told_as_the_page_takes_it() -> None:
    explorer = Pooling(numbers=[[1, 2], [3, 4]], window=2)
    explorer.window = 3
    assert "window 2 x 2" in repr(explorer)
