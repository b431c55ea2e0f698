"""The trusted end of the conversation with a student's process: fetches values, calls functions, keeps the time.

Whatever the student's side does, each method here returns plain data, or raises what the student's code raised as an
ordinary exception, or ends the session.
"""

import builtins
import math
import socket
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder import keras_models, wire
from autograder.sandbox.watchdog import KILLED, NOT_SET_UP

_GRACE = 2.0  # seconds in which an interrupted call may still answer
_TEXT = 600  # characters of a message
_MODULES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "tf": "tensorflow", "nn": "tensorflow.nn"}
_KNOWN_EXCEPTIONS = {kind.__name__: kind for kind in (np.linalg.LinAlgError, np.exceptions.AxisError)}
_MAX_EXCEPTIONS = 100
_ENDS_OF_LOOPS = (StopIteration, StopAsyncIteration)
_LOST = {
    "": "the sandbox ended without a word",
    NOT_SET_UP: "the sandbox could not be set up",
    KILLED: "the student's process was killed from outside (by the system, if memory is short, or by a person)",
}
_VERDICTS = {"time": "the time for the whole submission was over", "memory": "it used more memory than it may"}


class StudentEndedError(SystemExit):
    """The student's process is gone, or no longer to be talked to.

    A SystemExit, so that a test's `except Exception` does not take it for what it expects, while a Rubric counts it as
    one failed check.
    """


class CallTimeUpError(StudentEndedError):
    """One call took all the time of its cell; the session goes on."""


class SessionLostError(BaseException):
    """The sandbox itself broke: not the student's fault, so nothing is to be scored."""


class StudentFunction:
    """A function in the student's process. Arguments and results cross by copy."""

    def __init__(self, session: "Session", handle: int, name: str) -> None:
        self._session = session
        self.handle = handle
        self.__name__ = name
        self.__qualname__ = name

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """The result of the call; raises what the student's code raises."""
        return self._session.call(self.handle, positional, named)


class StudentIterator:
    """An iterator or generator in the student's process. What it yields crosses one by one, when it is asked for."""

    def __init__(self, session: "Session", handle: int) -> None:
        self._session = session
        self.handle = handle

    def __iter__(self) -> "StudentIterator":
        return self

    def __next__(self) -> Any:
        for value in self._session.take(self.handle):
            return value
        raise StopIteration


class Session:
    """One student's process, started by `start` when it is first needed.

    `start` returns the two sockets, or raises SessionLostError; `hear` gets what is printed while a test asks.
    """

    def __init__(
        self, start: Callable[[], tuple[socket.socket, socket.socket]], hear: Callable[[str], None] = lambda text: None
    ) -> None:
        self.ended = ""  # why it is over; empty while it goes on
        self.lost = ""  # why the sandbox is, if it broke
        self.refusals = 0  # how often a test asked and got no answer
        self.deadline = time.monotonic()  # of the cell that runs
        self._start = start
        self._end = math.inf
        self._channel: wire.Channel | None = None
        self._lifeline: socket.socket | None = None
        self._count = 0
        self._hear = hear
        self._exceptions: dict[str, type[Exception]] = {}
        self._models = keras_models.Models()
        self._own: dict[int, tuple[Any, int]] = {}  # id of a rebuilt object -> itself and its handle

    @property
    def started(self) -> bool:
        """Whether there is a student's process."""
        return self._channel is not None

    def open(self, total: float) -> None:
        """Start the student's process, which gets `total` seconds for everything. Raises SessionLostError."""
        talk, self._lifeline = self._start()
        self._channel = wire.Channel(talk, self._wrap, self._unwrap)
        self._end = time.monotonic() + total

    def files(self, files: dict[str, bytes]) -> None:
        """Lay files into the student's folder."""
        self.allow(30.0)
        self._request("files", files)

    def run(self, source: str, seconds: float) -> str:
        """Run a cell; returns what it printed. Raises what the cell raised, with `printed` set to what it printed."""
        self.allow(seconds)
        return self._ask("run", source)[1]

    def test(self, source: str, seconds: float) -> tuple[Any, str]:
        """Run a test cell; returns its last line's number, if it is one, and what it printed. Raises as `run` does."""
        self.allow(seconds)
        return self._ask("test", source)

    def fetch(self, name: str) -> Any:
        """The value of a name. Raises NameError when there is none."""
        value = self._request("fetch", name)
        if isinstance(value, _Module):
            if _MODULES.get(name, name) != value.name:
                raise wire.Uncrossable(
                    f"{name} is a module in the student's notebook; the test has to import it itself."
                )
            return __import__(value.name, fromlist=["*"])
        return value

    def call(self, handle: int, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The result of a function."""
        return self._request("call", handle, list(positional), named)

    def take(self, handle: int) -> Any:
        """What an iterator yields next, in a list; an empty one at its end."""
        return self._request("take", handle)

    def delete(self, name: str) -> None:
        """Remove a name."""
        self._request("delete", name)

    def bind(self, name: str, function: StudentFunction) -> None:
        """Let a name stand for a function of the student's again."""
        self._request("bind", name, function.handle)

    def allow(self, seconds: float) -> None:
        """Give the cell that begins now so much time."""
        self.deadline = min(time.monotonic() + seconds, self._end)

    def close(self) -> None:
        """End the student's process."""
        for end in (self._channel, self._lifeline):
            if end:
                end.close()

    def _request(self, do: str, *arguments: Any) -> Any:
        try:
            value, printed = self._ask(do, *arguments)
        except Exception as error:
            self._hear(getattr(error, "printed", ""))
            raise
        self._hear(printed)
        return value

    def _ask(self, do: str, *arguments: Any) -> tuple[Any, str]:
        try:
            return self._exchange(do, arguments)
        except StudentEndedError:
            self.refusals += 1
            raise

    def _exchange(self, do: str, arguments: tuple[Any, ...]) -> tuple[Any, str]:
        if self.ended:
            raise StudentEndedError(self.ended)
        channel = self._channel
        assert channel, "open() comes first"
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise CallTimeUpError("no time was left")
        self._count += 1
        request = {"n": self._count, "do": do, "with": list(arguments), "seconds": seconds}
        try:
            channel.send(request, seconds + _GRACE)
            reply = channel.receive(seconds + _GRACE)
            return self._value(_checked(reply, self._count))
        except TimeoutError:
            self._finish("it could not be interrupted when its time was over")
        except wire.Closed:
            self._finish(self._verdict())
        except wire.Violation as error:
            self._finish(f"it sent something that is no answer ({error})")
        raise StudentEndedError(self.ended)

    def _value(self, reply: dict[str, Any]) -> tuple[Any, str]:
        if reply["ok"]:
            return reply["value"], reply["out"]
        kind, arguments = reply["error"], reply["arguments"]
        if kind == "TimeUp":
            error: BaseException = CallTimeUpError("it took longer than it may")
        elif kind == "Uncrossable":
            error = wire.Uncrossable(*arguments)
        else:
            error = self._exception(kind, reply["name"], arguments)
        error.printed, error.line = reply["out"], reply["line"]  # type: ignore[attr-defined]
        raise error

    def _exception(self, kind: str, name: str, arguments: list[Any]) -> Exception:
        known = _builtin_exception(kind) if name == kind else self._exception_class(name, kind)
        try:
            return known(*arguments)
        except TypeError:  # UnicodeDecodeError and its like want more than a message
            return next(base for base in known.__mro__ if base in (ValueError, Exception))(*arguments)

    def _exception_class(self, name: str, kind: str) -> type[Exception]:
        """A class for the student's own exception class, always the same for a name, so that a test can expect it."""
        if name in _KNOWN_EXCEPTIONS:
            return _KNOWN_EXCEPTIONS[name]
        if len(self._exceptions) >= _MAX_EXCEPTIONS or not name.isidentifier():
            return _builtin_exception(kind)
        return self._exceptions.setdefault(name, type(name, (_builtin_exception(kind),), {}))

    def _finish(self, reason: str) -> None:
        self.ended = reason
        self.close()

    def _verdict(self) -> str:
        """Why the process ended, from the one who watched it. Raises SessionLostError when nobody knows."""
        assert self._lifeline
        self._lifeline.settimeout(5.0)
        try:
            word = self._lifeline.recv(100).decode()
        except (OSError, UnicodeDecodeError):
            word = ""
        if word in _LOST:
            self.lost = _LOST[word]
            raise SessionLostError(self.lost)
        return _VERDICTS.get(word, f"it ended itself ({word})")

    def _wrap(self, value: Any) -> wire.Foreign | None:
        if isinstance(value, StudentFunction | StudentIterator):
            return wire.Foreign("own", value.handle)
        if id(value) in self._own:
            return wire.Foreign("own", self._own[id(value)][1])
        if keras_models.is_model(value):
            return wire.Foreign("model", keras_models.describe(value))
        return wire.Foreign("tensor", value.numpy()) if keras_models.is_tensor(value) else None

    def _unwrap(self, foreign: wire.Foreign) -> Any:
        match foreign.kind, foreign.content:
            case "function", [int(handle), str(name)]:
                return StudentFunction(self, handle, name[:100])
            case "iterator", int(handle):
                return StudentIterator(self, handle)
            case "module", str(name):
                return _Module(name)
            case "exception", [str(name), str(kind)]:
                return self._exception_class(name[:100], kind)
            case "model", [int(handle), str(config), list(weights)] if _are_arrays(weights):
                model = self._models.rebuild(handle, config, weights)
                self._own[id(model)] = (model, handle)
                return model
            case "tensor", content if _are_arrays([content]):
                return keras_models.tensor(content)
        raise wire.Violation("an object of an unknown kind")


class _Module:
    def __init__(self, name: str) -> None:
        self.name = name


_OK = {"n": int, "ok": bool, "value": object, "out": str}
_FAILED = {"n": int, "ok": bool, "error": str, "name": str, "arguments": list, "line": int, "out": str}
_SIMPLE = (str, int, float, bool, type(None))


def _checked(reply: Any, count: int) -> dict[str, Any]:
    """The reply, if it is of the form that an answer to request number `count` has. Raises Violation."""
    if type(reply) is not dict or type(reply.get("ok")) is not bool:
        raise wire.Violation("no answer")
    form = _OK if reply["ok"] else _FAILED
    if set(reply) != set(form) or not all(isinstance(reply[key], kind) for key, kind in form.items()):
        raise wire.Violation("an answer of the wrong form")
    if reply["n"] != count:
        raise wire.Violation("an answer to another question")
    if not reply["ok"]:
        if not all(type(value) in _SIMPLE for value in reply["arguments"]):
            raise wire.Violation("an answer of the wrong form")
        reply["arguments"] = [value[:_TEXT] if type(value) is str else value for value in reply["arguments"]]
        reply["name"] = reply["name"][:_TEXT]
    return reply


def _builtin_exception(name: str) -> type[Exception]:
    """The class; not those that would end a test's own loop in silence, as Python does it in generators (PEP 479)."""
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception) or issubclass(kind, _ENDS_OF_LOOPS):
        return RuntimeError
    return kind


def _are_arrays(values: list[Any]) -> bool:
    return all(isinstance(value, np.ndarray) for value in values)
