"""What is shown of a training while it runs; `companion.training` fills it in."""

from typing import Any

import traitlets

from companion.explore.attentive import AttentiveExplorer
from companion.explore.base import files


class TrainingCurves(AttentiveExplorer):
    """Curves of a training, progress, time left and a button to stop.

    Attributes
    ----------
    stop_requested : bool
        Whether the learner pressed the button.
    points : dict
        For "loss" and each metric of training: [epochs so far, mean since the last point], ...
    history : list of dict
        The logs of each epoch, those of validation with "val_" before their name.
    """

    _esm, _css = files(__file__)

    running = traitlets.Bool(False).tag(sync=True)
    stop_requested = traitlets.Bool(False).tag(sync=True)
    epochs = traitlets.Int(1).tag(sync=True)
    epoch = traitlets.Int(0, help="that is under way, from 0").tag(sync=True)
    share = traitlets.Float(0.0, help="of the work that is done, 0 to 1").tag(sync=True)
    left = traitlets.Float(None, allow_none=True, help="seconds, if known").tag(sync=True)
    points = traitlets.Dict().tag(sync=True)
    history: traitlets.List[Any] = traitlets.List().tag(sync=True)
    summary = traitlets.Unicode("", help="one line at the end").tag(sync=True)

    def asked(self, what: str) -> None:
        """Stop after the running batch."""
        self.stop_requested = self.stop_requested or what == "stop"

    def begin(self, epochs: int) -> None:
        """A training of so many epochs begins."""
        self._fresh: dict[str, list[list[float]]] = {}
        self.points, self.history = {}, []
        self.epoch, self.share, self.left, self.summary = 0, 0.0, None, ""
        self.epochs, self.stop_requested, self.running = epochs, False, True

    def add_point(self, epochs: float, means: dict[str, float]) -> None:
        """A point of each curve; the next `report` shows it."""
        for name, value in means.items():
            self._fresh.setdefault(name, []).append([epochs, value])

    def report(self, epoch: int, share: float, left: float | None) -> None:
        """Show how far it is."""
        self.epoch, self.share, self.left = epoch, share, left
        self.points = {name: list(points) for name, points in self._fresh.items()}

    def add_epoch(self, logs: dict[str, float]) -> None:
        """Show the numbers of an epoch."""
        self.history = [*self.history, logs]

    def end(self, share: float, seconds: float, stopped: bool) -> None:
        """Show that the training is over."""
        self.report(self.epoch, share, None)
        done = f"Stopped after {share * self.epochs:.1f} of {_epochs(self.epochs)}" if stopped else _epochs(self.epochs)
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in (self.history or [{}])[-1].items())
        self.summary = f"{done} in {seconds:.0f} s: {numbers}"
        self.running = False

    def describe(self) -> str:
        """The last numbers."""
        return self.summary or "Training curves"


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' if count != 1 else ''}"
