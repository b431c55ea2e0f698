"""Training a model in a lesson: live curves, progress, time left, a button to stop, and a seed.

Importing this module imports Keras.
"""

import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

import keras
from IPython.core.getipython import get_ipython
from IPython.display import display

from companion.clock import Clock
from companion.explore.training_curves import TrainingCurves

_POINTS = 200  # of a training curve, at most
_POINT_EVERY = 20  # batches, while their number is not known
_EARLY = (1, 2, 5, 10)  # batches of the first epoch with a point of their own: most happens in the beginning

Logs = dict[str, float] | None


def fit(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    epochs: int,
    batch_size: int | None = None,
    validation: Any = None,
    seed: int = 0,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a compiled model with `LiveCurves`, its random numbers (order of examples, dropout) from `seed`.

    Training goes on from the weights that the model has. For the same result again, build the model again too, after
    `keras.utils.set_random_seed`.

    Parameters
    ----------
    x, y, batch_size
        As `model.fit` takes them.
    epochs
        How often the examples are gone through.
    validation
        What is tested at the end of each epoch, as `model.fit` takes `validation_data`: (x, y) or a data set.
    callbacks
        More of them.

    Returns
    -------
    keras.callbacks.History
        As from `model.fit`; of a stopped training, up to there.
    """
    keras.utils.set_random_seed(seed)
    return model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        callbacks=[LiveCurves(), *callbacks],
        verbose=0,
    )


class LiveCurves(keras.callbacks.Callback):
    """Shows how a training goes: ``model.fit(..., verbose=0, callbacks=[LiveCurves()])``.

    In a notebook: curves of the loss and of the first metric, progress, time left, and a button that stops training
    after the running batch. Interrupting the kernel (Ctrl+C in a terminal) stops it in the same way; a second interrupt
    raises KeyboardInterrupt. At the end one line is printed; without a front end that is all.

    Attributes
    ----------
    view : TrainingCurves
        What is shown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.view = TrainingCurves()
        self._asked_to_stop = False

    def on_train_begin(self, logs: Logs = None) -> None:
        """Show the view."""
        self._asked_to_stop = False
        self._clock = Clock()
        self._last_point = 0  # batches of this epoch up to there
        self._before: tuple[float, dict[str, float]] = 0.0, {}  # examples of this epoch up to there, and their means
        self._epochs, self._batches = self.params["epochs"], self.params["steps"]
        self._epoch, self._share = 0, 0.0
        self.view.begin(self._epochs)
        if _has_front_end():
            display(self.view)
        self._give_back_interrupts = _on_interrupt(self._stop)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Count batches anew."""
        self._epoch = epoch
        self._last_point, self._before = 0, (0.0, {})

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Add a point now and then; stop if the learner asked for it."""
        done, means = batch + 1, logs or {}
        batches = self._batches or self.params["steps"]
        every = max(batches * self._epochs // _POINTS, 1) if batches else _POINT_EVERY
        early = self._epoch == 0 and done in _EARLY
        if early or done - self._last_point >= every or done == batches:
            self._last_point = done
            self.view.add_point(self._epoch + done / (batches or done), self._since_last_point(done, means))
        self._share = (self._epoch + (done / batches if batches else 0)) / self._epochs
        if self._clock.due() or early:
            self.view.report(self._epoch, self._share, self._clock.left(self._share))
        if self.view.stop_requested or self._asked_to_stop:
            self._stop()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Add the epoch's numbers."""
        self._batches = self._batches or self._last_point
        self.view.add_epoch({name: float(value) for name, value in (logs or {}).items()})

    def on_train_end(self, logs: Logs = None) -> None:
        """Print the last numbers."""
        self._give_back_interrupts()
        self.view.end(self._share, self._clock.elapsed, stopped=self.model.stop_training)
        print(self.view.describe())

    def _stop(self) -> None:
        self._asked_to_stop = True
        self.model.stop_training = True

    def _since_last_point(self, done: int, means: dict[str, float]) -> dict[str, float]:
        """The mean of the logs over the examples since the last point: Keras gives it over those of the epoch so far.

        An epoch's last batch may hold fewer examples than others; Keras's own mean of the loss counts them.
        """
        examples = next((float(each.count) for each in self.model.metrics if each.name == "loss"), float(done))
        earlier, old = self._before
        self._before = examples, {name: float(value) for name, value in means.items()}
        return {
            name: (value * examples - old.get(name, 0.0) * earlier) / (examples - earlier)
            for name, value in self._before[1].items()
        }


def _has_front_end() -> bool:
    """Whether somebody looks on: a notebook that is run by a program can't be asked for input."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and getattr(kernel, "_allow_stdin", True)


def _on_interrupt(stop: Callable[[], None]) -> Callable[[], None]:
    """Let the next interrupt call `stop`, and one after it do what it did before. Returns what takes that back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None  # Python takes signals in the main thread only
    before = signal.getsignal(signal.SIGINT)

    def take(*_: Any) -> None:
        give_back()
        stop()

    def give_back() -> None:
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, take)
    return give_back
