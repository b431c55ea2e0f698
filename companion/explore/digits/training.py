"""What PixelShuffle and ShiftTest share: they train the digit models when the learner asks for it."""

from threading import RLock
from typing import Any, ClassVar

import numpy as np
import traitlets

from companion.background import Background, shared_bytes
from companion.errors import ArgumentError
from companion.explore.attentive import AttentiveExplorer
from companion.explore.digits.models import SIDE, Examples, Progress, Settings, Trained, train
from companion.explore.traits import Read


class Shelf(traitlets.HasTraits):
    """Where the models that were trained last are kept for the explorers of this kernel."""

    trained = traitlets.Instance(Trained, allow_none=True)


SHELF = Shelf()


def drawing(value: Any) -> bytes:
    """A digit of the learner's own: 28 x 28 bytes, or none.

    Raises
    ------
    ArgumentError
        If it has another size.
    """
    pixels = bytes(value)
    if len(pixels) not in (0, SIDE * SIDE):
        raise ArgumentError(f"A drawing has {SIDE} x {SIDE} bytes, not {len(pixels)}.")
    return pixels


def picture_of(pixels: bytes) -> np.ndarray:
    """A drawing as a picture, black if there is none: uint8 of shape (28, 28)."""
    return np.frombuffer(pixels or bytes(SIDE * SIDE), np.uint8).reshape(SIDE, SIDE)


class DigitTraining(AttentiveExplorer):
    """An explorer that trains the digit models in the background, when its page asks to "train", until "stop".

    All that is shown is kept in traits, so that a page that is closed and opened again shows it. Only one explorer of
    a kernel trains at a time; the next one ends it.
    """

    running = traitlets.Bool(False).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    steps = traitlets.Int(1, help="of each model").tag(sync=True)
    left = traitlets.Float(None, allow_none=True, help="seconds, if known").tag(sync=True)
    note = traitlets.Unicode("", help="how the last training ended, unless it was finished").tag(sync=True)
    curves = traitlets.Dict(help="name of a model: [step, accuracy on test pictures, 0 to 1], ...").tag(sync=True)

    drawing = Read(drawing, b"").tag(sync=True)
    batch = traitlets.Bytes(help="the pictures of the first step, 28 x 28 bytes each, while they wait").tag(sync=True)
    guesses = traitlets.Dict(help="name of a model: ten probabilities for each watched picture").tag(sync=True)

    results: ClassVar[tuple[str, ...]] = ("step", "curves", "guesses")
    watched_pictures: ClassVar[int] = 1

    _job: Background | None = None
    _one_at_a_time: ClassVar = RLock()
    _at_work: ClassVar["DigitTraining | None"] = None

    def __init__(self, settings: Settings, **traits: Any) -> None:
        self._settings = settings
        self._watched = shared_bytes(self.watched_pictures * SIDE * SIDE)
        super().__init__(steps=settings.steps, **traits)
        busy = DigitTraining._at_work
        # The cell was run again: nobody sees the old one any more. (Each explorer is of a class of its own.)
        if busy and type(busy).__qualname__ == type(self).__qualname__:
            busy.stop("Stopped: this explorer was made anew.")

    def start(self) -> None:
        """Train in the background; nothing if this explorer does already."""
        with self._one_at_a_time:
            if self._job:
                return
            if DigitTraining._at_work:
                DigitTraining._at_work.stop("Stopped: another explorer began to train.")
            DigitTraining._at_work = self
            self._begin()
            self._job = Background(
                train, self._settings, self._watched, on_message=self._take, on_end=self._end, lock=self._one_at_a_time
            )

    def stop(self, note: str = "Stopped.") -> None:
        """End the training; what is shown so far stays."""
        with self._one_at_a_time:
            if self._job:
                self._job.stop()
                self._finish(note)

    def asked(self, what: str) -> None:
        """Start or stop."""
        if what == "train":
            self.start()
        elif what == "stop":
            self.stop()

    def close(self) -> None:
        """End the training and take the explorer off the page.

        The collector of garbage calls it too, in any thread and at any moment: then nothing trains, and to wait for a
        thread that holds the lock, and perhaps waits for this one, would be for ever.
        """
        if self._job:
            self.stop()
        super().close()

    def _train_here(self) -> Trained:
        """Train in this process, and return when it is done."""
        self.stop()
        self._begin()
        for message in train(self._settings, self._watched):
            self._take(message)
        self._finish("")
        assert isinstance(message, Trained)
        return message

    def _begin(self) -> None:
        self.set_trait("curves", {})
        self.set_trait("guesses", {})
        self.batch = Examples(self._settings).first_batch().tobytes()
        self.step, self.steps, self.left, self.note, self.running = 0, self._settings.steps, None, "", True

    def _take(self, message: Progress | Trained) -> None:
        if isinstance(message, Trained):
            SHELF.trained = message
            self.show(message)
            return
        self.step, self.left = message.step, message.left
        if message.guesses:
            self.guesses = message.guesses
        if message.accuracy:
            self.curves = {
                name: [*self.curves.get(name, []), [message.step, value]] for name, value in message.accuracy.items()
            }

    def watch(self, pictures: np.ndarray) -> None:
        """Have the models guess these pictures while they train: uint8, `watched_pictures` of 28 x 28."""
        np.frombuffer(self._watched, np.uint8)[:] = np.ravel(pictures)

    def show(self, trained: Trained) -> None:
        """Show what came of the training."""
        raise NotImplementedError

    def _end(self, problem: str | None) -> None:
        self._finish(f"The training failed: {problem}." if problem else "")

    def _finish(self, note: str) -> None:
        self._job = None
        if DigitTraining._at_work is self:
            DigitTraining._at_work = None
        self.note, self.running, self.batch = note, False, b""
        self.keep(self.results)
