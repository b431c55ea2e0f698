"""The student's side: runs the cells of one notebook and hands over what the tests ask for, as plain data.

Nothing here is a safeguard: the student's code may change all of it. What holds it is outside the process, and what
it sends is checked by the receiver.
"""

import builtins
import collections
import contextlib
import inspect
import io
import itertools
import linecache
import os
import signal
import socket
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from autograder.limits import Limits
from autograder.sandbox.notebook_shell import settled, shell
from autograder.wire import frames, keras_models, keras_values, kinds, named, specials, tables
from autograder.wire.protocol import SEEDED, SIMPLE, Callback, Raised, Reply, Request

_REPEAT = 0.25  # seconds after which a cell that swallowed the interruption gets another
_MESSAGE = 500  # characters
_MOST_COMPARED = 16 << 20  # bytes of an array that is compared with others
_SMALL = 100_000  # bytes of a value that goes along with one that has something in common with it
_MOST_IN_COMMON = 10  # names
_LONGEST_PATH = 2000  # bytes; `collect` takes no longer one
_HISTORY = ("In", "_ih")
_CELLS = ("run", "test")  # requests that run one
_MOST_ARGUMENTS = 10  # of an exception
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_COMMON = {"numpy", *sys.stdlib_module_names}
_printing: list[TextIO] = []  # where what is printed goes, of requests one within the other
_PLAIN_BASES = (tuple, list, dict, set, frozenset, int, float, complex, str, bytes)
_CHANGEABLE = (list, dict, set, bytearray, collections.deque, np.ndarray, types.SimpleNamespace)
_PLAIN = (np.ndarray, np.generic, tuple, list, dict, set, frozenset, range, int, float, complex, str, bytes)


class TimeUp(BaseException):
    """The cell's time is over; no Exception, so that `except Exception` lets it pass."""


class TestFunction:
    """A function of a test's that the student's code was given: it runs where the tests do."""

    __test__ = False

    def __init__(self, student: "Student", number: int) -> None:
        self._student = student
        self.number = number

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """The result; raises what the test's function raises."""
        return self._student.call_back(self.number, positional, named)


class _Fetched(NamedTuple):
    """A value that was fetched, as it was then."""

    value: Any
    parts: set[int]  # ids of the lists and dicts in it
    size: int  # bytes, as a message
    content: int  # a hash of that


class Student:
    """One notebook's namespace, and what has been handed over of it."""

    def __init__(self, output: int, sock: socket.socket) -> None:
        self.channel = frames.Channel(sock, self.wrap, self.unwrap)
        self._opaque = False  # whether objects without a plain form are handed over by a number
        self._request = 0  # the number of the one that is answered
        self._tests: dict[int, TestFunction] = {}
        self._shell = shell()
        self.names: dict[str, Any] = self._shell.user_ns
        self.handed: list[Any] = []
        self._fetched: dict[str, _Fetched] = {}  # by name
        self._numbers: dict[int, int] = {}  # id of what has been handed over -> its number
        self._output = output
        self._cells = 0
        sys.path.insert(0, os.getcwd())

    def wrap(self, value: Any) -> frames.Foreign | None:
        """What is not plain, as data: models by configuration and weights, functions by a number."""
        is_own = self._opaque and _is_own(type(value))
        if isinstance(value, TestFunction):
            return frames.Foreign("tests", value.number)
        if is_own and isinstance(value, _PLAIN):
            return self._object(value)
        if not self._opaque and _adds_to_a_plain_class(value):
            return frames.Foreign("plainly", [type(value).__name__[:100], _plainly(value)])
        if isinstance(value, _PLAIN) or (kinds.is_known(value) and not (self._opaque and isinstance(value, Path))):
            return None
        if keras_models.is_model(value):
            return frames.Foreign("model", [self._handle(value), *keras_models.offered(value)])
        if keras_models.is_layer(value):
            kind = type(value)
            return frames.Foreign("layer", [self._handle(value), kind.__name__, keras_models.nearest(kind)])
        if described := keras_values.describe(value):
            return frames.Foreign(*described)
        if isinstance(value, types.ModuleType):
            return frames.Foreign("module", value.__name__)
        if isinstance(value, Iterator) and not is_own:
            return frames.Foreign("iterator", self._handle(value))
        if isinstance(value, type) and issubclass(value, BaseException):
            return frames.Foreign("exception", [value.__name__, named.builtin_exception(value)])
        if isinstance(value, _FUNCTIONS) or (callable(value) and not self._opaque):
            name = str(getattr(value, "__name__", "function"))[:100]
            return frames.Foreign("function", [self._handle(value), name, isinstance(value, types.FunctionType)])
        return self._object(value) if self._opaque else None

    def _object(self, value: Any) -> frames.Foreign:
        """An object by a number, the name of its class, and the special methods that it has."""
        is_class = isinstance(value, type)
        name = value.__name__ if is_class else type(value).__name__
        return frames.Foreign("class" if is_class else "object", [self._handle(value), name, specials.of(type(value))])

    def unwrap(self, foreign: frames.Foreign) -> Any:
        """What a test passes on: the student's own objects by their numbers, a test's model as data."""
        if foreign.kind == "own":
            return self.handed[foreign.content]
        if foreign.kind == "named":
            return named.find(*foreign.content)
        if foreign.kind == "tests":
            return self._tests.setdefault(foreign.content, TestFunction(self, foreign.content))
        if foreign.kind == "model":
            return keras_models.load(*foreign.content)
        if foreign.kind in keras_values.KINDS:
            return keras_values.restore(foreign.kind, foreign.content)
        raise frames.Violation(f"unknown kind {foreign.kind}")

    def answer(self, request: Request) -> Reply:
        """Do what one request asks, and say how it went; an exception of the student's code is an answer too."""
        out = _Output(self._output)
        outer, self._request, self._opaque = self._request, request["n"], request["opaque"]
        try:
            with _printing_to(out), _time_limit(request["seconds"]):
                _seed(request["seeds"])
                value = self._done(request)
            reply: Reply = {"n": request["n"], "ok": True, "value": value, "out": ""}
        except BaseException as error:
            if not outer:
                signal.setitimer(signal.ITIMER_REAL, 0)
            reply = _raised(request, error)
        self._request = outer
        reply["out"] = self._shell.take_notes() + out.text()
        return reply

    def _done(self, request: Request) -> Any:
        """What comes of a request. What it fails for want of is noted, since a test may catch the exception."""
        try:
            return settled(getattr(self, f"do_{request['do']}")(*request["arguments"]))
        except Exception as error:
            if request["do"] not in _CELLS:  # which note it themselves, with the line as it was typed
                self._shell.note(error, _line(error))
            raise

    def reply(self, request: Request) -> None:
        """Answer one request. Raises Closed when nobody is there."""
        reply = self.answer(request)
        try:
            self.channel.send(reply)
        except (frames.Uncrossable, Exception) as error:
            if isinstance(error, frames.Closed):
                raise
            self.channel.send(_raised(request, error) | {"out": reply["out"]})

    def call_back(self, number: int, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The result of a test's function, which may meanwhile ask for things here."""
        call: Callback = {"n": self._request, "call": number, "positional": list(positional), "named": named}
        held = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])  # no message is left half read
        try:
            self.channel.send(call)
            while "do" in (message := self.channel.receive()):
                self.reply(message)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
        if message["error"]:
            raise getattr(builtins, message["error"])(*message["arguments"])
        return message["value"]

    def do_files(self, files: dict[str, bytes]) -> None:
        """Lay the submission's files into the folder."""
        for name, data in files.items():
            path = Path(name)
            if path.is_absolute() or ".." in path.parts or len(os.fsencode(name)) > _LONGEST_PATH:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def do_run(self, source: str) -> None:
        """Run a cell."""
        self._run(source)

    def do_test(self, source: str) -> Any:
        """Run a test cell; returns the value of its last line if it is a number."""
        value = self._run(source)
        return value if type(value) in (int, float) or isinstance(value, np.integer | np.floating) else None

    def _run(self, source: str) -> Any:
        try:
            return self._shell.run(source, self._file)
        except Exception as error:
            lines = ["", *source.split("\n"), ""]
            self._shell.note(error, lines[min(_line_number(error), len(lines) - 1)])
            raise

    def _file(self, text: str) -> str:
        """A name for a cell, under which a traceback finds its lines."""
        self._cells += 1
        filename = f"<cell {self._cells}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        return filename

    def do_fetch(self, name: str) -> list[Any]:
        """The value of a name; and names with which it has a list, a dict or all in common, each with its own value.

        These were fetched before and are as they were then. None stands for a value that is one and the same.
        """
        if name not in self.names:
            raise NameError(f"name {name!r} is not defined")
        value = self.names[name]
        if name in _HISTORY and type(value) is list:
            return [[*value, ""], []]  # the test that asks is the last
        parts, latest = _parts(value), reversed(self._fetched.items())
        common = [each for other, earlier in latest if (each := self._common(value, parts, other, earlier))]
        self._remember(name, value, parts)
        return [value, common[:_MOST_IN_COMMON]]

    def _remember(self, name: str, value: Any, parts: set[int]) -> None:
        self._fetched.pop(name, None)
        is_large = isinstance(value, np.ndarray) and value.nbytes > _MOST_COMPARED
        if (parts or _may_change(value)) and not is_large:
            size, content = self._digest(value)
            if size:
                self._fetched[name] = _Fetched(value, parts, size, content)

    def _common(self, value: Any, parts: set[int], name: str, earlier: _Fetched) -> list[Any] | None:
        """What a value has in common with that of a name which was fetched before."""
        is_same = earlier.value is value
        if not is_same and (earlier.size > _SMALL or earlier.parts.isdisjoint(parts)):
            return None
        if self._digest(earlier.value) != (earlier.size, earlier.content):
            return None
        return [name, None if is_same else earlier.value]

    def _digest(self, value: Any) -> tuple[int, int]:
        """Size and hash of a value as a message; 0 bytes where it has no plain form."""
        data = self._as_data([value])
        return len(data), hash(data)

    def do_is_still(self, name: str, value: Any) -> bool:
        """Whether a name stands for this value."""
        mine = self.names.get(name)
        return self._as_data([mine]) == self._as_data([value]) or (
            type(mine) is type(value) and (mine == value) is True
        )

    def do_call(self, handle: int, positional: list[Any], named: dict[str, Any]) -> Any:
        """The result of a function that was handed over."""
        return self.handed[handle](*positional, **named)

    def do_call_told(self, handle: int, positional: list[Any], named: dict[str, Any]) -> list[Any]:
        """So too; and whether an argument is another one afterwards, or is, or is a part of, the result."""
        given = [*positional, *named.values()]
        before = self._as_data(given)
        result = self.handed[handle](*positional, **named)
        is_shared = _place(result, given) is not None or not _parts(result).isdisjoint(_parts(given))
        return [result, is_shared or self._as_data(given) != before]

    def do_call_back(self, handle: int, positional: list[Any], named: dict[str, Any]) -> list[Any]:
        """So too; and what the arguments are afterwards, and which of them is itself the result."""
        given = [*positional, *named.values()]
        result = self.handed[handle](*positional, **named)
        return [result, given, _place(result, given)]

    def do_special(self, handle: int, name: str, arguments: list[Any]) -> Any:
        """What an object's special method says."""
        value = self.handed[handle]
        return getattr(type(value), f"__{name}__")(value, *arguments)

    def do_get(self, handle: int, name: str) -> Any:
        """An attribute."""
        return getattr(self.handed[handle], name)

    def do_set(self, handle: int, name: str, value: Any) -> None:
        """Set an attribute."""
        setattr(self.handed[handle], name, value)

    def do_unset(self, handle: int, name: str) -> None:
        """Delete an attribute."""
        delattr(self.handed[handle], name)

    def do_dir(self, handle: int) -> list[str]:
        """The names of the attributes."""
        return dir(self.handed[handle])

    def do_class(self, handle: int) -> list[Any]:
        """An object's class: where it is to be found, and itself."""
        kind = type(self.handed[handle])
        return [kind.__module__, kind.__qualname__, kind]

    def do_isinstance(self, value: Any, handle: int) -> bool:
        """Whether a value is of a class."""
        return isinstance(value, self.handed[handle])

    def do_issubclass(self, value: Any, handle: int) -> bool:
        """Whether a class is below another."""
        return issubclass(value, self.handed[handle])

    def do_signature(self, handle: int) -> list[list[Any]]:
        """The parameters of a function: name, kind, and the default value, where there is one, in a list."""
        parameters = inspect.signature(self.handed[handle]).parameters.values()
        return [
            [each.name, each.kind.name, [] if each.default is inspect.Parameter.empty else [each.default]]
            for each in parameters
        ]

    def do_take(self, handle: int) -> list[Any]:
        """The next value of an iterator that was handed over, in a list; an empty list at its end."""
        return list(itertools.islice(self.handed[handle], 1))

    def do_delete(self, name: str) -> None:
        """Remove a name, as a test's `del` does in a notebook."""
        del self.names[name]

    def do_bind(self, name: str, handle: int) -> None:
        """Give a name back what it, or another one, stood for."""
        self.names[name] = self.handed[handle]

    def _as_data(self, values: list[Any]) -> bytes:
        try:
            return frames.pack(values, self.wrap)
        except frames.Uncrossable:
            return b""

    def _handle(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self.handed))
        if number == len(self.handed):
            self.handed.append(value)  # and so it stays, and its id is no other's
        return number


def _adds_to_a_plain_class(value: Any) -> bool:
    """Whether a value is of a class of the student's own, or a package's, that is based on one of Python's."""
    return isinstance(value, _PLAIN_BASES) and _is_own(type(value)) and not kinds.is_named_tuple(value)


def _plainly(value: Any) -> Any:
    """The value without what its own class adds to Python's."""
    base = next(base for base in _PLAIN_BASES if isinstance(value, base))
    return str.__str__(value) if base is str else base(value)


def _place(result: Any, given: list[Any]) -> int | None:
    """Which of the arguments the result is, where one that can be changed is."""
    return next((n for n, each in enumerate(given) if each is result and _may_change(each)), None)


def _may_change(value: Any) -> bool:
    return isinstance(value, _CHANGEABLE) or tables.may_change(value)


def _parts(value: Any) -> set[int]:
    """The ids of the lists and dicts in a value, itself among them."""
    waiting, found = [value], set[int]()
    while waiting:
        part = waiting.pop()
        if type(part) in (list, dict):
            if id(part) in found:
                continue
            found.add(id(part))
        if type(part) in (list, dict, tuple):
            inner = part.values() if type(part) is dict else part
            waiting += [each for each in inner if type(each) in (list, dict, tuple)]
    return found


def _is_own(kind: type) -> bool:
    """Whether a class is neither Python's nor NumPy's."""
    return kind.__module__.partition(".")[0] not in _COMMON


def serve(sock: socket.socket, limits: Limits, begun: Callable[[], None]) -> None:
    """Answer requests until the other side hangs up; `begun` is called before the first that runs student's code."""
    student = Student(limits.output, sock)
    signal.signal(signal.SIGALRM, _interrupt)
    while True:
        try:
            request: Request = student.channel.receive()
            if request["do"] != "files":
                begun()
            student.reply(request)
        except frames.Closed:
            return


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
    outer = _printing[-1] if _printing else None
    _printing.append(stream)
    sys.stdout = sys.stderr = stream
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            stream.detach()
        _printing.pop()
        sys.stdout = sys.stderr = outer or _nowhere()  # for threads that go on printing


@cache
def _nowhere() -> TextIO:
    return open(os.devnull, "w")


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    outer = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _REPEAT)
    held = signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        signal.setitimer(signal.ITIMER_REAL, *outer)


def _interrupt(number: int, frame: Any) -> None:
    raise TimeUp


def _seed(seeds: dict[str, int]) -> None:
    """Seed generators, by their modules, as far as these are loaded."""
    for module, seed in seeds.items():
        if module in sys.modules:
            getattr(sys.modules[module], SEEDED[module])(seed)


def _raised(request: Request, error: BaseException) -> Raised:
    """What went wrong when `request` was done, as data."""
    reply: Raised = {"n": request["n"], "ok": False, "error": "", "name": "", "arguments": [], "line": 0, "out": ""}
    if isinstance(error, TimeUp):
        reply["error"] = reply["name"] = "TimeUp"
        return reply
    try:
        message = str(error)[:_MESSAGE]
    except BaseException:
        message = ""
    message = message.encode("utf-8", "replace").decode()
    if isinstance(error, frames.Uncrossable):
        reply["error"], reply["name"], reply["arguments"] = "Uncrossable", "TypeError", [message]
        return reply
    kind = named.builtin_exception(type(error))
    reply["error"], reply["name"] = kind, type(error).__name__[:100]
    reply["arguments"], reply["line"] = _arguments(error, kind, message), _line_number(error)
    return reply


def _arguments(error: BaseException, kind: str, message: str) -> list[Any]:
    """What an exception of the built-in class `kind` is made with, so that it says the same; at worst the message."""
    given = list(error.args[:_MOST_ARGUMENTS])
    with contextlib.suppress(BaseException):
        if all(type(value) in SIMPLE for value in given) and str(getattr(builtins, kind)(*given)) == message:
            return given
    return [message]


def _line_number(error: BaseException) -> int:
    """The line of the cell in which the exception arose, 0 when it arose elsewhere."""
    return _where(error)[1]


def _line(error: BaseException) -> str:
    """The text of that line."""
    return linecache.getline(*_where(error))


def _where(error: BaseException) -> tuple[str, int]:
    """The name of the cell in which the exception arose, and the line in it."""
    found, place = ("", 0), error.__traceback__
    while place:
        name = place.tb_frame.f_code.co_filename
        found = (name, place.tb_lineno) if name.startswith("<cell ") else found
        place = place.tb_next
    return found
