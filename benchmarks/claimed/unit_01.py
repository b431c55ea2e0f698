"""What lesson 01 claims: shuffled pixels cost a CNN and not an MLP, and moved digits the other way round."""

from functools import cache
from itertools import product

import numpy as np

from benchmarks.claimed import Claim
from benchmarks.claimed.trained import put_weights, trained
from companion.explore import PixelShuffle, ShiftTest
from companion.explore.digits.models import SHIFTS, SIDE, cnn, mlp, probabilities, shifted

_LESSON = "01-why-not-mlp"


@cache
def _accuracy(seed: int) -> dict[str, float]:
    """The accuracies of all networks on the test pictures, in per cent."""
    return {name: 100 * value for name, value in PixelShuffle(seed=seed).run().items()}


def _shift(seed: int) -> dict[str, list[float]]:
    """The mean probability of the right class at 0, 1, ... 10 pixels of shift."""
    return trained(seed).shift


def _digits_that_fool(seed: int) -> int:
    """How many of the explorer's digits the CNN knows in the middle, and not with all of their ink elsewhere."""
    explorer = ShiftTest()
    digits = np.frombuffer(explorer.digits, np.uint8).reshape(-1, SIDE, SIDE, 1) / np.float32(255)
    model = put_weights(cnn(seed), trained(seed).networks["cnn_straight"].weights)
    labels = np.frombuffer(explorer.labels, np.uint8)
    known = probabilities(model, digits).argmax(axis=1) == labels
    return sum(
        bool((probabilities(model, _moved(digit)).argmax(axis=1) != label).any())
        for digit, label in zip(digits[known], labels[known], strict=True)
    )


def _moved(digit: np.ndarray) -> np.ndarray:
    """The digit at each place that the explorer can move it to and that all of its ink has room for."""
    rows, columns, _ = np.nonzero(digit)
    furthest = SHIFTS[-1]
    ways = [
        range(max(-furthest, -places.min()), min(furthest, SIDE - 1 - places.max()) + 1) for places in (rows, columns)
    ]
    return np.concatenate([shifted(digit[np.newaxis], *way) for way in product(*ways)])


def _error_ratio(seed: int) -> float:
    accuracy = _accuracy(seed)
    return (100 - accuracy["cnn_shuffled"]) / (100 - accuracy["cnn_straight"])


CLAIMS = [
    *(
        Claim(
            lesson=_LESSON,
            cell="shuffle-read",
            sentence="Straight or shuffled, it classifies about 96 % of the test digits correctly.",
            quantity=f"accuracy of the MLP on {how} pictures, %",
            measure=lambda seed, how=how: _accuracy(seed)[f"mlp_{how}"],
            at_least=95,
            at_most=97,
        )
        for how in ("straight", "shuffled")
    ),
    Claim(
        lesson=_LESSON,
        cell="shuffle-read",
        sentence="It is the best of the four on straight pictures, with about 97 %.",
        quantity="accuracy of the CNN on straight pictures, %",
        measure=lambda seed: _accuracy(seed)["cnn_straight"],
        at_least=96.5,
        at_most=98.5,
    ),
    Claim(
        lesson=_LESSON,
        cell="shuffle-read",
        sentence="It is the best of the four",
        quantity="accuracy of the CNN above that of the MLP on straight pictures, points",
        measure=lambda seed: _accuracy(seed)["cnn_straight"] - _accuracy(seed)["mlp_straight"],
        at_least=0,
    ),
    Claim(
        lesson=_LESSON,
        cell="shuffle-read",
        sentence="On shuffled ones it falls to about 90 %, below the MLP",
        quantity="accuracy of the CNN on shuffled pictures, %",
        measure=lambda seed: _accuracy(seed)["cnn_shuffled"],
        at_least=88,
        at_most=92,
    ),
    Claim(
        lesson=_LESSON,
        cell="shuffle-read",
        sentence="it makes three to five times as many errors as before",
        quantity="errors of the CNN, shuffled over straight",
        measure=_error_ratio,
        at_least=3,
        at_most=5,
    ),
    *(
        Claim(
            lesson=_LESSON,
            cell="shuffle-read",
            sentence="both are about where guessing is",
            quantity=f"accuracy of the {name.upper()} trained straight and tested shuffled, %",
            measure=lambda seed, name=name: _accuracy(seed)[f"{name}_straight_on_shuffled"],
            at_most=20,
        )
        for name in ("mlp", "cnn")
    ),
    Claim(
        lesson=_LESSON,
        cell="bias-word",
        sentence="the CNN above has about an eighth of the MLP's parameters",
        quantity="parameters of the CNN over those of the MLP",
        measure=lambda seed: cnn(seed).count_params() / mlp(seed).count_params(),
        at_least=0.115,
        at_most=0.135,
    ),
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="Moved by 4 pixels, the MLP gives the right class about 20 %",
        quantity="mean probability of the right class by the MLP, 4 pixels",
        measure=lambda seed: _shift(seed)["mlp"][4],
        at_least=0.12,
        at_most=0.3,
    ),
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="and the CNN still nearly 90 %.",
        quantity="mean probability of the right class by the CNN, 4 pixels",
        measure=lambda seed: _shift(seed)["cnn"][4],
        at_least=0.8,
        at_most=0.93,
    ),
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="Moved by 8 pixels, the MLP is down at about 10 %, no better than guessing.",
        quantity="mean probability of the right class by the MLP, 8 pixels",
        measure=lambda seed: _shift(seed)["mlp"][8],
        at_most=0.15,
    ),
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="The CNN is at about 70 %",
        quantity="mean probability of the right class by the CNN, 8 pixels",
        measure=lambda seed: _shift(seed)["cnn"][8],
        at_least=0.6,
        at_most=0.85,
    ),
    *(
        Claim(
            lesson=_LESSON,
            cell="shift-read",
            sentence=sentence,
            quantity=f"mean probability of the right class by the {name}, {pixels} pixels",
            measure=lambda seed, kind=kind, pixels=pixels: _shift(seed)[kind][pixels],
            at_least=least,
            at_most=most,
        )
        for kind, name, sentence, pixels, least, most in [
            ("flattened", "CNN with flattened maps", "is at about 50 % after 4 pixels", 4, 0.4, 0.6),
            ("flattened", "CNN with flattened maps", "and hardly better than the MLP after 8", 8, 0.08, 0.2),
            ("lenet", "remake of LeNet-5", "and others of that kind do no better", 4, 0.4, 0.6),
            ("lenet", "remake of LeNet-5", "and others of that kind do no better", 8, 0.08, 0.2),
            ("simple", "simple Keras CNN", "and others of that kind do no better", 4, 0.25, 0.5),
            ("simple", "simple Keras CNN", "and others of that kind do no better", 8, 0.08, 0.2),
        ]
    ),
    Claim(
        lesson=_LESSON,
        cell="shift-read",
        sentence="Find a digit and a shift that fool the CNN, too. All of the ink has to stay inside. There are some.",
        quantity="digits of 120 that the CNN takes for another one at some place",
        measure=_digits_that_fool,
        at_least=3,
    ),
]
