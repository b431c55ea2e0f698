"""The student's side: runs the cells of one notebook and hands over what the tests ask for, as plain data.

Nothing here is a safeguard: the student's code may change all of it. What holds it is outside the process, and what
it sends is checked by the receiver.
"""

import ast
import builtins
import contextlib
import io
import itertools
import linecache
import os
import signal
import socket
import sys
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from autograder import keras_models, wire
from autograder.sandbox.magics import split_last, to_python

_REPEAT = 0.25  # seconds after which a cell that swallowed the interruption gets another
_MESSAGE = 500  # characters
_MOST_ARGUMENTS = 10  # of an exception
_SIMPLE = (str, int, float, bool, type(None))
_PLAIN = (np.ndarray, np.generic, tuple, list, dict, set, frozenset, range, int, float, complex, str, bytes)


class TimeUp(BaseException):
    """The cell's time is over; no Exception, so that `except Exception` lets it pass."""


class Student:
    """One notebook's namespace, and what has been handed over of it."""

    def __init__(self, output: int) -> None:
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names = vars(module)
        self.names["__builtins__"] = builtins
        self.handed: list[Any] = []
        self._output = output
        self._cells = 0
        sys.path.insert(0, os.getcwd())
        vars(builtins).setdefault("display", lambda *values, **_: print(*values))
        vars(builtins).setdefault("get_ipython", lambda: None)

    def wrap(self, value: Any) -> wire.Foreign | None:
        """What is not plain, as data: models by configuration and weights, functions by a number."""
        if isinstance(value, _PLAIN):
            return None
        if keras_models.is_model(value):
            return wire.Foreign("model", [self._handle(value), *keras_models.describe(value)])
        if keras_models.is_tensor(value):
            return wire.Foreign("tensor", np.asarray(value))
        if isinstance(value, types.ModuleType):
            return wire.Foreign("module", value.__name__)
        if isinstance(value, Iterator):
            return wire.Foreign("iterator", self._handle(value))
        if isinstance(value, type) and issubclass(value, BaseException):
            return wire.Foreign("exception", [value.__name__, _builtin_name(value)])
        if callable(value):
            return wire.Foreign("function", [self._handle(value), str(getattr(value, "__name__", "function"))[:100]])
        return None

    def unwrap(self, foreign: wire.Foreign) -> Any:
        """What a test passes on: the student's own objects by their numbers, a test's model as data."""
        if foreign.kind == "own":
            return self.handed[foreign.content]
        if foreign.kind == "model":
            return keras_models.load(*foreign.content)
        if foreign.kind == "tensor":
            return keras_models.tensor(foreign.content)
        raise wire.Violation(f"unknown kind {foreign.kind}")

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what one request asks, and say how it went; an exception of the student's code is an answer too."""
        out = _Output(self._output)
        try:
            with _printing_to(out), _time_limit(request["seconds"]):
                value = getattr(self, f"do_{request['do']}")(*request["with"])
            reply: dict[str, Any] = {"ok": True, "value": value}
        except BaseException as error:
            signal.setitimer(signal.ITIMER_REAL, 0)
            reply = {"ok": False, **_describe(error)}
        return {"n": request["n"], **reply, "out": out.text()}

    def do_files(self, files: dict[str, bytes]) -> None:
        """Lay the submission's files into the folder."""
        for name, data in files.items():
            path = Path(name)
            if path.is_absolute() or ".." in path.parts:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def do_run(self, source: str) -> None:
        """Run a cell."""
        filename = self._file(source)
        try:
            code = compile(source, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            source = to_python(source)
            code = compile(source, filename, "exec", dont_inherit=True)
        exec(code, self.names)

    def do_test(self, source: str) -> Any:
        """Run a test cell; returns the value of its last line if it is a number."""
        source = to_python(source)
        filename = self._file(source)
        tree = ast.parse(source, filename)
        last = split_last(tree, source)
        exec(compile(tree, filename, "exec", dont_inherit=True), self.names)
        value = eval(compile(last, filename, "eval", dont_inherit=True), self.names) if last else None
        return value if type(value) in (int, float) or isinstance(value, np.integer | np.floating) else None

    def _file(self, source: str) -> str:
        """A name for a cell, under which a traceback finds its lines."""
        self._cells += 1
        filename = f"<cell {self._cells}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        return filename

    def do_fetch(self, name: str) -> Any:
        """The value of a name."""
        if name not in self.names:
            raise NameError(f"name {name!r} is not defined")
        return self.names[name]

    def do_call(self, handle: int, positional: list[Any], named: dict[str, Any]) -> Any:
        """The result of a function that was handed over."""
        return self.handed[handle](*positional, **named)

    def do_take(self, handle: int) -> list[Any]:
        """The next value of an iterator that was handed over, in a list; an empty list at its end."""
        return list(itertools.islice(self.handed[handle], 1))

    def do_delete(self, name: str) -> None:
        """Remove a name, as a test's `del` does in a notebook."""
        del self.names[name]

    def do_bind(self, name: str, handle: int) -> None:
        """Give a name back what it, or another one, stood for."""
        self.names[name] = self.handed[handle]

    def _handle(self, value: Any) -> int:
        for number, known in enumerate(self.handed):
            if known is value:
                return number
        self.handed.append(value)
        return len(self.handed) - 1


def serve(sock: socket.socket, limits: dict[str, Any]) -> None:
    """Answer requests until the other side hangs up."""
    student = Student(limits["output"])
    channel = wire.Channel(sock, student.wrap, student.unwrap)
    signal.signal(signal.SIGALRM, _interrupt)
    while True:
        try:
            request = channel.receive()
        except wire.Closed:
            return
        reply = student.answer(request)
        try:
            channel.send(reply)
        except (wire.Uncrossable, Exception) as error:
            if isinstance(error, wire.Closed):
                return
            channel.send({"n": request["n"], "ok": False, **_describe(error), "out": reply["out"]})


class _Output(io.RawIOBase):
    """Keeps the first `cap` bytes of what is printed and drops the rest at once."""

    def __init__(self, cap: int) -> None:
        self._kept = bytearray()
        self._cap = cap
        self._dropped = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        data = bytes(data)
        room = max(0, self._cap - len(self._kept))
        self._kept += data[:room]
        self._dropped += len(data) - min(room, len(data))
        return len(data)

    def text(self) -> str:
        text = self._kept.decode("utf-8", "replace")
        return text + (f"\n[{self._dropped} more bytes were printed]" if self._dropped else "")


@contextlib.contextmanager
def _printing_to(out: _Output) -> Iterator[None]:
    stream = io.TextIOWrapper(out, encoding="utf-8", errors="replace", write_through=True)  # type: ignore[type-var]
    sys.stdout = sys.stderr = stream
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            stream.detach()
        sys.stdout = sys.stderr = _nowhere()  # for threads that go on printing


@cache
def _nowhere() -> TextIO:
    return open(os.devnull, "w")


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _interrupt(number: int, frame: Any) -> None:
    raise TimeUp


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception as its nearest built-in class, its own class's name, what it says, and the line of the cell."""
    if isinstance(error, TimeUp):
        return {"error": "TimeUp", "name": "TimeUp", "arguments": [], "line": 0}
    try:
        message = str(error)[:_MESSAGE]
    except BaseException:
        message = ""
    message = message.encode("utf-8", "replace").decode()
    if isinstance(error, wire.Uncrossable):
        return {"error": "Uncrossable", "name": "TypeError", "arguments": [message], "line": 0}
    kind = _builtin_name(type(error))
    return {
        "error": kind,
        "name": type(error).__name__[:100],
        "arguments": _arguments(error, kind, message),
        "line": _line_number(error),
    }


def _arguments(error: BaseException, kind: str, message: str) -> list[Any]:
    """What an exception of the built-in class `kind` is made with, so that it says the same; at worst the message."""
    given = list(error.args[:_MOST_ARGUMENTS])
    with contextlib.suppress(BaseException):
        if all(type(value) in _SIMPLE for value in given) and str(getattr(builtins, kind)(*given)) == message:
            return given
    return [message]


def _builtin_name(kind: type[BaseException]) -> str:
    """The nearest built-in class that is an Exception: SystemExit and its like become an ordinary error."""
    for base in kind.__mro__:
        if base.__module__ == "builtins" and issubclass(base, Exception):
            return base.__name__
    return "RuntimeError"


def _line_number(error: BaseException) -> int:
    """The line of the cell in which the exception arose, 0 when it arose elsewhere."""
    found, place = 0, error.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename.startswith("<cell "):
            found = place.tb_lineno
        place = place.tb_next
    return found
