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

from autograder import models, wire
from autograder.sandbox.watchdog import NOT_SET_UP

_GRACE = 2.0  # seconds in which an interrupted call may still answer
_TEXT = 600  # characters of a message
_MODULES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "tf": "tensorflow", "nn": "tensorflow.nn"}
_PLAIN_MODULES = {
    "math",
    "random",
    "itertools",
    "functools",
    "collections",
    "numpy",
    "keras",
    "tensorflow",
    "statistics",
}
_KNOWN_EXCEPTIONS = {kind.__name__: kind for kind in (np.linalg.LinAlgError, np.exceptions.AxisError)}
_MAX_EXCEPTIONS = 100
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


class Session:
    """One student's process, started by `start` when it is first needed.

    `start` returns the two sockets, or raises SessionLostError.
    """

    def __init__(self, start: Callable[[], tuple[socket.socket, socket.socket]]) -> None:
        self.ended = ""  # why it is over; empty while it goes on
        self.lost = ""  # why the sandbox is, if it broke
        self.refusals = 0  # how often a test asked and got no answer
        self.deadline = time.monotonic()  # of the cell that runs
        self._start = start
        self._end = math.inf
        self._channel: wire.Channel | None = None
        self._lifeline: socket.socket | None = None
        self._count = 0
        self._exceptions: dict[str, type[Exception]] = {}
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

    def run(self, source: str, seconds: float) -> tuple[Any, str]:
        """Run a cell; returns its last line's number, if it is one, and what it printed.

        Raises what the cell raised, with `printed` set to what it printed before.
        """
        self.allow(seconds)
        return self._ask("run", source)

    def fetch(self, name: str) -> Any:
        """The value of a name. Raises NameError when there is none."""
        value = self._request("fetch", name)
        if isinstance(value, _Module):
            if _MODULES.get(name, name if name in _PLAIN_MODULES else None) != value.name:
                raise wire.Uncrossable(
                    f"{name} is a module in the student's notebook; the test has to import it itself."
                )
            return __import__(value.name, fromlist=["*"])
        return value

    def call(self, handle: int, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The result of a function."""
        return self._request("call", handle, list(positional), named)

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
        return self._ask(do, *arguments)[0]

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
        kind, message = reply["error"], reply["message"]
        if kind == "TimeUp":
            error: BaseException = CallTimeUpError("it took longer than it may")
        elif kind == "Uncrossable":
            error = wire.Uncrossable(message)
        else:
            error = self._exception(kind, reply["name"], message)
        error.printed = reply["out"]  # type: ignore[attr-defined]
        raise error

    def _exception(self, kind: str, name: str, message: str) -> Exception:
        known = _builtin_exception(kind) if name == kind else self._exception_class(name, kind)
        try:
            return known(message)
        except TypeError:  # UnicodeDecodeError and its like want more than a message
            return next(base for base in known.__mro__ if base in (ValueError, Exception))(message)

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
        if word in ("", NOT_SET_UP):
            self.lost = "the sandbox ended without a word"
            raise SessionLostError(self.lost)
        return _VERDICTS.get(word, f"it ended itself ({word})")

    def _wrap(self, value: Any) -> wire.Foreign | None:
        if isinstance(value, StudentFunction):
            return wire.Foreign("own", value.handle)
        if id(value) in self._own:
            return wire.Foreign("own", self._own[id(value)][1])
        if models.is_model(value):
            return wire.Foreign("model", models.describe(value))
        return wire.Foreign("tensor", value.numpy()) if models.is_tensor(value) else None

    def _unwrap(self, foreign: wire.Foreign) -> Any:
        match foreign.kind, foreign.content:
            case "function", [int(handle), str(name)]:
                return StudentFunction(self, handle, name[:100])
            case "module", str(name):
                return _Module(name)
            case "exception", [str(name), str(kind)]:
                return self._exception_class(name[:100], kind)
            case "model", [int(handle), str(config), list(weights)] if _are_arrays(weights):
                model = models.rebuild(config, weights)
                self._own[id(model)] = (model, handle)
                return model
            case "tensor", content if _are_arrays([content]):
                return models.tensor(content)
        raise wire.Violation("an object of an unknown kind")


class _Module:
    def __init__(self, name: str) -> None:
        self.name = name


_OK = {"n": int, "ok": bool, "value": object, "out": str}
_FAILED = {"n": int, "ok": bool, "error": str, "name": str, "message": str, "out": str}


def _checked(reply: Any, count: int) -> dict[str, Any]:
    """The reply, if it is of the form that an answer to request number `count` has. Raises Violation."""
    if type(reply) is not dict or type(reply.get("ok")) is not bool:
        raise wire.Violation("no answer")
    form = _OK if reply["ok"] else _FAILED
    if set(reply) != set(form) or not all(isinstance(reply[key], kind) for key, kind in form.items()):
        raise wire.Violation("an answer of the wrong form")
    if reply["n"] != count:
        raise wire.Violation("an answer to another question")
    for key in ("message", "name"):
        if key in reply:
            reply[key] = reply[key][:_TEXT]
    return reply


def _builtin_exception(name: str) -> type[Exception]:
    kind = getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else RuntimeError


def _are_arrays(values: list[Any]) -> bool:
    return all(isinstance(value, np.ndarray) for value in values)
