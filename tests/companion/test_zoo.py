"""SqueezeNet: its numbers, what it says to the sample pictures, and what it refuses."""

import numpy as np
import pytest

from companion import data, zoo


def test_its_parameters_are_those_of_the_architecture() -> None:
    model = zoo.squeezenet()
    fires = [(64, 16, 64), (128, 16, 64), (128, 32, 128), (256, 32, 128)]
    fires += [(256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256)]
    expected = (27 + 1) * 64 + (512 + 1) * 1000
    expected += sum((came + 1) * s + (s + 1) * e + (9 * s + 1) * e for came, s, e in fires)
    assert model.count_params() == expected == 1_235_496
    assert zoo.squeezenet() is model


@pytest.mark.parametrize(
    ("name", "likeliest", "at_least"),
    [("cat", "tabby cat", 0.3), ("coffee", "espresso", 0.9), ("camera", "tripod", 0.8), ("coins", "golf ball", 0.7)],
)
def test_what_it_says_to_sample_pictures(name: str, likeliest: str, at_least: float) -> None:
    guesses = zoo.classify(data.picture(name, size=227, colour=True))
    assert len(guesses) == 5
    assert guesses[0][0] == likeliest
    assert guesses[0][1] > at_least
    probabilities = [probability for _, probability in guesses]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1 + 1e-6


def test_a_grey_picture_of_any_size_is_taken() -> None:
    assert zoo.classify(data.picture("camera", size=300), top=1)[0][0] == "tripod"


def test_all_probabilities_add_up_to_one() -> None:
    guesses = zoo.classify(data.picture("retina", size=227, colour=True), top=1000)
    assert sum(probability for _, probability in guesses) == pytest.approx(1, abs=1e-4)


def test_evidence_lies_where_the_thing_is() -> None:
    scene = np.zeros((256, 512, 3), dtype=np.uint8)
    scene[:, 256:] = data.picture("coffee", size=256, colour=True)
    evidence = zoo.class_map(scene, "espresso")
    height, width = evidence.shape
    assert (height, width) == (15, 31)
    assert np.unravel_index(evidence.argmax(), evidence.shape)[1] > width / 2
    assert evidence.min() >= 0


def test_the_average_of_a_class_map_decides_the_probability() -> None:
    picture = data.picture("coffee", size=227, colour=True)
    espresso, cup = (zoo.class_map(picture, name).mean() for name in ("espresso", "tea cup"))
    probabilities = dict(zoo.classify(picture))
    assert np.log(probabilities["espresso"] / probabilities["tea cup"]) == pytest.approx(espresso - cup, abs=1e-3)


@pytest.mark.parametrize(
    ("picture", "problem"),
    [
        (np.zeros((50, 50, 3)), "dtype float64"),
        (np.zeros((50, 50, 4), dtype=np.uint8), r"shape \(50, 50, 4\)"),
        (np.zeros((20, 90), dtype=np.uint8), "20 x 90 pixels; SqueezeNet needs 35 x 35"),
    ],
)
def test_what_is_no_picture_is_named(picture: np.ndarray, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        zoo.classify(picture)


def test_an_unknown_class_is_named_with_near_ones() -> None:
    picture = data.picture("cat", size=227)
    with pytest.raises(ValueError, match=r"called 'tabby'\. Did you mean 'tabby cat'"):
        zoo.class_map(picture, "tabby")
    with pytest.raises(ValueError, match=r"called 'unicorn'\. `data\.imagenet_names\(\)` lists them"):
        zoo.class_map(picture, "unicorn")


def test_the_smallest_picture_has_a_map() -> None:
    assert zoo.class_map(np.zeros((35, 35), dtype=np.uint8), "espresso").shape == (1, 1)
