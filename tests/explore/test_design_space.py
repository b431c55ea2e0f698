"""DesignSpace and ParameterCalculator as Python sees them: arguments, state and plain text."""

import pytest

from companion.explore import DesignSpace, ParameterCalculator


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"deepest": 9}, "deepest must be a whole number from 1 to 8, not 9"),
        ({"deepest": True}, "deepest must be .* not True"),
        ({"inputs": 0}, "inputs must be a whole number of at least 1, not 0"),
        ({"budget": -1}, "budget must be .* not -1"),
        ({"narrowest": 20}, "two of 8, 16, .*, not 20 and 512"),
        ({"narrowest": 64, "widest": 32}, "the smaller one first, not 64 and 32"),
        ({"activations": []}, r"one or more of relu, .*, not \[\]"),
        ({"activations": ["softmax"]}, "not \\['softmax'\\]"),
        ({"widths": []}, "widths must be a list of 1 to 4 whole numbers"),
        ({"widths": [8] * 5}, "1 to 4 whole numbers"),
        ({"widths": [64, 2048]}, "from 1 to 1024"),
        ({"widths": "64"}, "not '64'"),
    ],
)
def test_design_space_names_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DesignSpace(**arguments)


def test_design_space_says_its_network() -> None:
    assert "784 - 128 - 64 - 10 neurons, 109,386 parameters" in repr(DesignSpace())
    assert "784 - 128 - 128 - 10" in repr(DesignSpace(widths=[128, 64], alike=True))


def test_design_space_starts_from_a_state_or_says_what_is_wrong_with_it() -> None:
    blank = DesignSpace(answer="answer_1", state=None)
    assert (blank.widths, blank.problem) == ([128, 64], "")
    given = DesignSpace(answer="answer_1", state=[16, 256, 32])
    assert (given.widths, given.functions, given.problem) == ([16, 256, 32], ["relu"] * 3, "")
    for slip in ([64, 0], "64", [[64]], 64, [64.0], [True]):
        mistaken = DesignSpace(answer="answer_1", state=slip)
        assert mistaken.widths == [128, 64]
        assert mistaken.problem.startswith("answer_1 must be a list of 1 to 4 whole numbers")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"height": 0}, "height must be a whole number from 1 to 512, not 0"),
        ({"width": 513}, "width must be .* not 513"),
        ({"channels": 3.0}, "channels must be .* not 3.0"),
        ({"units": True}, "units must be .* not True"),
        ({"kernel": 12}, "kernel must be a whole number from 1 to 11, not 12"),
        ({"picture": "dog"}, "dog"),
    ],
)
def test_parameter_calculator_names_what_is_wrong(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ParameterCalculator(**arguments)


def test_parameter_calculator_says_what_both_layers_cost() -> None:
    said = repr(ParameterCalculator(height=224, width=224, channels=3, units=1000))
    assert "a dense layer of 1000 neurons has 150,529,000 parameters" in said
    assert "1000 kernels of 3 x 3 has 28,000" in said
