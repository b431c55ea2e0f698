"""The explorer of shuffled pixels: what an MLP and a CNN make of pictures whose neighbourhoods are gone."""

from typing import Any, ClassVar

import numpy as np
import traitlets

from companion.explore.base import files
from companion.explore.digits.models import SEEDS, Settings, Trained, permutation, ten_digits
from companion.explore.digits.training import DigitTraining, picture_of
from companion.explore.traits import Whole


class PixelShuffle(DigitTraining):
    """The same permutation for the pixels of every picture; an MLP and a CNN learn straight and shuffled digits.

    The four models are trained when the learner presses the button, in a process of their own, from the same pictures
    in the same order.

    Parameters
    ----------
    seed : int
        Of the permutation, the pictures, their order and the initial weights, 0 to 9999.
    images : int
        Number of training pictures, 64 to 60000.
    epochs : int
        How often each of them is used, 1 to 20.

    Attributes
    ----------
    seed : int
        Setting another one forgets what was trained.
    digit : int
        The digit that is shown, 0 to 10; 10 is the learner's own.
    drawing : bytes
        The learner's own digit, 28 x 28 grey levels; empty if there is none.
    accuracy : dict
        When trained: on all test pictures, 0 to 1, as `run` returns it.

    Raises
    ------
    ArgumentError
        If a number is out of range.
    DataUnavailable
        If MNIST isn't there and no source answers.
    """

    _esm, _css = files(__file__)
    results: ClassVar[tuple[str, ...]] = (*DigitTraining.results, "accuracy", "weights", "layers")
    watched_pictures: ClassVar[int] = 11

    seed = Whole(0, *SEEDS).tag(sync=True)
    digits = traitlets.Bytes(help="ten pictures of 28 x 28 bytes").tag(sync=True)
    order = traitlets.Bytes(help="uint16: where each pixel of a shuffled picture comes from").tag(sync=True)
    accuracy = traitlets.Dict().tag(sync=True)
    digit = Whole(3, 0, 10).tag(sync=True)
    weights = traitlets.Bytes(help="float32, of one network after the other").tag(sync=True)
    layers = traitlets.Dict(help='of each network by name ("mlp_straight")').tag(sync=True)

    def __init__(self, seed: int = 0, images: int = 20_000, epochs: int = 2) -> None:
        settings = Settings(seed=seed, images=images, epochs=epochs)
        super().__init__(settings, seed=seed, digits=ten_digits().tobytes(), order=_order(seed))
        self._watch_all()

    def run(self) -> dict[str, float]:
        """Train all four here and now.

        Returns
        -------
        dict
            Accuracy on all test pictures, 0 to 1: "mlp_straight", "mlp_shuffled", "cnn_straight" and "cnn_shuffled" on
            pictures arranged as in their training; "mlp_straight_on_shuffled" and "cnn_straight_on_shuffled" of those
            trained straight on shuffled pictures.
        """
        return dict(self._train_here().accuracy)

    def describe(self) -> str:
        """The accuracy of each model once it is trained."""
        found = ", ".join(f"{name} {value:.1%}" for name, value in self.accuracy.items()) or "not trained yet"
        return f"PixelShuffle explorer, seed {self.seed}: {found}"

    def show(self, trained: Trained) -> None:
        """Send the networks to the page, and show the accuracies."""
        self.accuracy = trained.accuracy
        self.weights = b"".join(network.weights for network in trained.networks.values())
        # Last, since the page waits for it.
        self.layers = {name: network.layers for name, network in trained.networks.items()}

    def _begin(self) -> None:
        self._forget()
        super()._begin()

    @traitlets.observe("drawing")
    def _watch_all(self, _: Any = None) -> None:
        self.watch(np.concatenate([ten_digits(), [picture_of(self.drawing)]]))

    @traitlets.observe("seed")
    def _reseed(self, change: Any) -> None:
        if change.new == self._settings.seed:
            return
        self.stop()
        self._settings = Settings(change.new, self._settings.images, self._settings.epochs)
        self._forget()
        self.curves, self.guesses, self.step, self.note, self.order = {}, {}, 0, "", _order(change.new)

    def _forget(self) -> None:
        self.layers = {}  # first, since the page reads the others with it
        self.accuracy, self.weights = {}, b""


def _order(seed: int) -> bytes:
    return permutation(seed).astype(np.dtype("<u2")).tobytes()
