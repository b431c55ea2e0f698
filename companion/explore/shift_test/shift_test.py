"""The explorer of shifts: what an MLP and a CNN say of a digit as it leaves its place."""

from typing import Any, ClassVar

import numpy as np
import traitlets

from companion import data
from companion.explore.base import files
from companion.explore.digits.models import SHIFTS, SIDE, Settings, Trained, shifted
from companion.explore.digits.training import SHELF, DigitTraining, picture_of
from companion.explore.traits import Whole

_PER_CLASS = 12  # test pictures to choose from, of each digit
_FIRST = 4  # of them, a 4: on it the models do about as well as on the average


class ShiftTest(DigitTraining):
    """Drag a digit, and watch the class probabilities of an MLP and a CNN that learned from centred digits.

    The page computes both forward passes. The models are those that PixelShuffle trained in this kernel, as soon as it
    did; otherwise a button trains them, in a process of its own.

    Parameters
    ----------
    seed : int
        Of the training, 0 to 9999.
    images : int
        Number of training pictures, 64 to 60000.
    epochs : int
        How often each of them is used, 1 to 20.

    Attributes
    ----------
    index : int
        The picture that is shown, of those sent to the page, 0 to 120; 120 is the learner's own digit.
    drawing : bytes
        The learner's own digit, 28 x 28 grey levels; empty if there is none.
    row, column : int
        By how many pixels it is moved down and right, -10 to 10.
    shift : dict
        When trained: the mean probability of the right class at each shift, as `run` returns it.

    Raises
    ------
    ArgumentError
        If a number is out of range.
    DataUnavailable
        If MNIST isn't there and no source answers.
    """

    _esm, _css = files(__file__)
    results: ClassVar[tuple[str, ...]] = (*DigitTraining.results, "shift", "mlp_weights", "cnn_weights", "layers")

    digits = traitlets.Bytes(help="pictures of 28 x 28 bytes").tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    index = Whole(0, 0, 10 * _PER_CLASS).tag(sync=True)
    row = Whole(0, -SHIFTS[-1], SHIFTS[-1]).tag(sync=True)
    column = Whole(0, -SHIFTS[-1], SHIFTS[-1]).tag(sync=True)
    layers = traitlets.Dict(help='of "mlp" and "cnn"').tag(sync=True)
    mlp_weights = traitlets.Bytes(help="float32").tag(sync=True)
    cnn_weights = traitlets.Bytes(help="float32").tag(sync=True)
    shift = traitlets.Dict().tag(sync=True)

    def __init__(self, seed: int = 0, images: int = 20_000, epochs: int = 2) -> None:
        settings = Settings(seed, images, epochs, arrangements=("straight",))
        _, (pictures, labels) = data.mnist()
        chosen = np.sort(np.concatenate([np.flatnonzero(labels == digit)[:_PER_CLASS] for digit in range(10)]))
        super().__init__(settings, digits=pictures[chosen].tobytes(), labels=labels[chosen].tobytes(), index=_FIRST)
        self._watch_what_is_shown()
        SHELF.observe(self._take_from_shelf, "trained")
        self._take_from_shelf()

    def run(self) -> dict[str, list[float]]:
        """Train both models here and now.

        Returns
        -------
        dict
            For "mlp" and "cnn": the mean probability of the right class, 0 to 1, over 200 test pictures moved left,
            right, up and down by 0, 1, ... 10 pixels.
        """
        return dict(self._train_here().shift)

    def describe(self) -> str:
        """The mean probabilities once the models are trained."""
        found = "; ".join(
            f"{name} " + ", ".join(f"{values[pixels]:.2f} at {pixels}" for pixels in (0, 2, 4, 8))
            for name, values in self.shift.items()
        )
        return f"ShiftTest explorer, probability of the right class by pixels of shift: {found or 'not trained yet'}"

    @traitlets.observe("index", "row", "column", "drawing")
    def _watch_what_is_shown(self, _: Any = None) -> None:
        pictures = [*np.frombuffer(self.digits, np.uint8).reshape(-1, SIDE, SIDE), picture_of(self.drawing)]
        self.watch(shifted(pictures[self.index][np.newaxis], self.row, self.column))

    def _take_from_shelf(self, _: Any = None) -> None:
        if SHELF.trained:
            self.show(SHELF.trained)

    def show(self, trained: Trained) -> None:
        """Send the networks to the page, and what shifts do to them."""
        networks = {kind: trained.networks[f"{kind}_straight"] for kind in ("mlp", "cnn")}
        self.shift = trained.shift
        self.mlp_weights, self.cnn_weights = (network.weights for network in networks.values())
        # Last, since the page waits for it.
        self.layers = {name: network.layers for name, network in networks.items()}
        self.keep(self.results)
