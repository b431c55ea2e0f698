"""What the process that runs a notebook's tests says about it, collected."""

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.limits import Limits
from autograder.trusted.job import Message, NeedsTensorFlow, Output, Ran, StartStudent, Tested
from autograder.wire import frames

MARGIN = 60.0  # seconds beyond the limits after which that process is taken for stuck
_CRASH = b"Fatal"  # what faulthandler writes begins with it when a process dies; on a signal of its own it does not


class InfrastructureError(Exception):
    """Something on our side broke; the submission is to be graded again."""


@dataclass
class Run:
    """What came back about one notebook; its code cells are told apart by their indices."""

    outputs: dict[int, list[Output]] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    last: dict[int, str] = field(default_factory=dict)  # of each test, what its last line's value is
    empty: dict[int, list[int]] = field(default_factory=dict)  # which of the values that it got have nothing in them
    doubts: dict[int, str] = field(default_factory=dict)  # tests that a person has to score, and why
    ended: str = ""
    review: tuple[str, ...] = ()
    limits: dict[int, str] = field(default_factory=dict)  # what a test asked for and could not get
    given: dict[int, list[str]] = field(default_factory=dict)  # values of the course's that are others in the student's
    changed: set[int] = field(default_factory=set)  # tests apart whose arguments were changed, or given back
    lacked: dict[int, str] = field(default_factory=dict)  # lines that could not be run when a test asked for something
    raised: dict[int, list[str]] = field(default_factory=dict)  # exceptions of the student's code that a test got
    said: dict[int, list[str]] = field(default_factory=dict)  # special methods of the student's that tests relied on
    stopped_at: int | None = None  # index of the test during which the process ended
    took_long: bool = False  # whether it ended since that test took too long

    def take(self, other: "Run", index: int) -> None:
        """Take what another run says of a test."""
        self.outputs[index] = other.outputs[index]
        self.scores[index] = other.scores[index]
        self.last[index], self.empty[index] = other.last[index], other.empty[index]
        for mine, theirs in ((self.limits, other.limits), (self.doubts, other.doubts)):
            mine.pop(index, None)
            if index in theirs:
                mine[index] = theirs[index]

    def leave_out(self, index: int, outcome: "Outcome") -> None:
        """Note what became of a test that was not run again."""
        self.outputs[index] = [outcome.output]
        self.scores.pop(index, None)
        if outcome.score is None:
            self.doubts[index] = outcome.output["message"]
        else:
            self.scores[index] = outcome.score


@dataclass(frozen=True)
class Outcome:
    """What became of a test that ended the process that ran it."""

    output: Output
    score: float | None  # None where a person has to score it


class Conversation:
    """The messages of one process that runs tests, collected into a run."""

    def __init__(self, channel: frames.Channel, pid: int, limits: Limits) -> None:
        self.channel = channel
        self.run = Run()
        self._pid = pid
        self._limits = limits
        self._testing: int | None = None

    def __iter__(self) -> Iterator[StartStudent | NeedsTensorFlow]:
        """Requests that the engine has to answer; ends when the notebook is done. Raises InfrastructureError."""
        while True:
            message = self._next()
            if message["say"] == "broke":
                if self._testing is None:
                    raise InfrastructureError(f"the process that runs the tests broke: {message['reason']}")
                self.run.stopped_at = self._testing
                self.run.took_long = message.get("took_long", False)
                return
            if message["say"] == "lost":
                raise InfrastructureError(message["reason"])
            if message["say"] == "tensorflow":
                yield message
                return
            self._collect(message["cells"])
            if message["say"] == "begin":
                self._testing = message["index"]
            elif message["say"] == "sandbox":
                yield message
            elif message["say"] == "done":
                self.run.ended, self.run.review = message["ended"], tuple(message["review"])
                return

    def _next(self) -> Message:
        try:
            message: Message = self.channel.receive(self._limits.total + self._limits.cell + MARGIN)
        except frames.Closed:
            raise InfrastructureError("the process that runs the tests was killed") from None
        except (frames.Violation, TimeoutError) as error:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            if isinstance(error, TimeoutError):
                return {"say": "broke", "reason": "it is stuck", "took_long": True}
            took_long = bool(error.begin) and not error.begin.startswith(_CRASH)
            return {"say": "broke", "reason": "it crashed", "took_long": took_long}
        return message

    def _collect(self, cells: Iterable[Ran | Tested]) -> None:
        for cell in cells:
            index = cell["index"]
            self.run.outputs[index] = cell["outputs"]
            if "score" in cell:
                self.run.scores[index] = cell["score"]
                self.run.last[index] = cell["last"]
                self.run.empty[index] = cell["empty"]
                self.run.said[index] = cell["said"]
                self.run.raised[index] = cell["raised"]
                if cell["lacked"]:
                    self.run.lacked[index] = cell["lacked"]
                if cell["given"]:
                    self.run.given[index] = cell["given"]
                if cell["changed"]:
                    self.run.changed.add(index)
                if cell["limit"]:
                    self.run.limits[index] = cell["limit"]
