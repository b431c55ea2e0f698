"""What lesson 00 claims about the networks that it shows and trains."""

import contextlib
import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.claimed import Claim
from companion import data, toys, zoo

_LESSON = "00-welcome"
_CATS = {"tabby cat", "a cat having a striped coat", "Persian cat", "Siamese cat", "Egyptian Mau"}


def _quietly(train: Callable[[int], Any], seed: int) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return train(seed)


@cache
def _number_reader(seed: int) -> Any:
    return _quietly(toys.number_reader, seed)


@cache
def _face_detector(seed: int) -> Any:
    return _quietly(toys.face_detector, seed)


def _cat_lost(seed: int) -> float:
    """The probability of all kinds of cats that is lost by turning a piece of the cat's picture upside down, in %."""
    draw = np.random.default_rng(seed)
    side = int(draw.integers(340, 401))
    row, column = draw.integers(0, 401 - side, 2)
    picture = data.picture("cat", size=400, colour=True)[row : row + side, column : column + side]
    upright, turned = (
        sum(probability for name, probability in zoo.classify(shown, top=1000) if name in _CATS)
        for shown in (picture, picture[::-1])
    )
    return 100 * (upright - turned)


def _digits(seed: int) -> float:
    _, (images, labels) = data.mnist()
    outputs = _number_reader(seed).predict(images[..., np.newaxis] / np.float32(255), batch_size=1000, verbose=0)
    return 100 * float((outputs.argmax(axis=1) == labels).mean())


def _numbers(seed: int) -> float:
    numbers = [toys.number_picture(digits=5, seed=number) for number in range(1000 * seed, 1000 * seed + 300)]
    model = _number_reader(seed)
    return 100 * float(np.mean([toys.read_number(model, picture)[0] == number for picture, number in numbers]))


def _in_their_quarters(seed: int) -> float:
    """As in the lesson, with the four photos in another order: how many of three names are found in their quarter."""
    photos = {"cat": "tabby cat", "coffee": "espresso", "camera": "tripod", "coins": None}
    order = np.random.default_rng(seed).permutation([*photos])
    quarters = [data.picture(str(name), size=200, colour=True) for name in order]
    collage = np.vstack([np.hstack(quarters[:2]), np.hstack(quarters[2:])])
    found = 0
    for place, photo in enumerate(order):
        if photos[photo]:
            evidence = zoo.class_map(collage, photos[photo])
            row, column = np.unravel_index(evidence.argmax(), evidence.shape)
            found += (2 * row // evidence.shape[0], 2 * column // evidence.shape[1]) == divmod(place, 2)
    return found


def _errors_near_borders(seed: int) -> float:
    """The share of wrong pixels within 12 pixels of a border, in times of the share elsewhere."""
    scene, truth = toys.texture_scene()
    decided = toys.segment(_quietly(toys.texture_reader, seed), scene)
    near = toys.near_border(truth, 12)
    wrong = decided != truth
    inside = decided >= 0
    return float(wrong[inside & near].mean() / wrong[inside & ~near].mean())


CLAIMS = [
    Claim(
        lesson=_LESSON,
        cell="predict-upside-down",
        sentence="a cat, but less surely, or another animal altogether",
        quantity="probability of cats lost by turning the picture over, % points",
        measure=_cat_lost,
        at_least=10,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-numbers",
        sentence="About 97 of 100 single digits are read correctly.",
        quantity="single digits of MNIST's test set that are right, %",
        measure=_digits,
        at_least=95.5,
        at_most=98.5,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-numbers",
        sentence="about 80",
        quantity="numbers of five digits that are right, %",
        measure=_numbers,
        at_least=75,
        at_most=91,
    ),
    Claim(
        lesson=_LESSON,
        cell="where-read",
        sentence="Each name lights up in its own quarter.",
        quantity="names of three that are strongest in their own quarter",
        measure=_in_their_quarters,
        at_least=3,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-borders",
        sentence="along the borders between two surfaces",
        quantity="share of wrong pixels near a border, in times of that elsewhere",
        measure=_errors_near_borders,
        at_least=2,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-grass",
        sentence="In the test, the network made hardly a mistake.",
        quantity="test windows that the face detector gets right, %",
        measure=lambda seed: 100 * _face_detector(seed)[1],
        at_least=90,
    ),
    Claim(
        lesson=_LESSON,
        cell="predict-grass",
        sentence="in most of them",
        quantity="windows of the grass in which it sees a face, %",
        measure=lambda seed: 100 * toys.false_alarms(_face_detector(seed)[0], data.picture("grass")),
        at_least=50,
    ),
]
