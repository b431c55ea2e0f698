"""The trusted end of the conversation with a student's process: fetches values, calls functions, keeps the time.

Whatever the student's side does, each method here returns plain data, or raises what the student's code raised as an
ordinary exception, or ends the session.
"""

import builtins
import contextlib
import inspect
import math
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeGuard, cast

import numpy as np

from autograder.sandbox.watchdog import KILLED, NOT_SET_UP
from autograder.trusted import comparisons, handles
from autograder.trusted.callbacks import THE_TEST_IS_OVER, TestFunctions, raised
from autograder.trusted.handles import StudentFunction, StudentIterator
from autograder.trusted.level import Level
from autograder.trusted.seeds import Seeds
from autograder.trusted.student_model import stand_in
from autograder.trusted.write_back import may_change, write_back_call
from autograder.wire import frames, keras_models, keras_values, magics, named, specials
from autograder.wire.protocol import SIMPLE, Callback, Do, Reply, Request

_GRACE = 2.0  # seconds in which an interrupted call may still answer
_TEXT = 600  # characters of a message
_MODULES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "tf": "tensorflow", "nn": "tensorflow.nn"}
_KNOWN_EXCEPTIONS = {kind.__name__: kind for kind in (np.linalg.LinAlgError, np.exceptions.AxisError)}
_MAX_EXCEPTIONS = 100
_DEEPEST = 50  # calls of a test's functions by the student's, and of those by these, one within the other
_ENDS_OF_LOOPS = (StopIteration, StopAsyncIteration)
_BEFORE_THE_TEST = ("files", "run")  # requests that are answered as if there were none yet
_LOST = {
    "": "the sandbox ended without a word",
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


class Session:
    """One student's process, started by `start` when it is first needed.

    `start` returns the two sockets, or raises SessionLostError; `hear` gets what is printed while a test asks.
    """

    def __init__(
        self,
        start: Callable[[], tuple[socket.socket, socket.socket]],
        hear: Callable[[str], None] = lambda text: None,
        seeds: Seeds | None = None,
    ) -> None:
        self.ended = ""  # why it is over; empty while it goes on
        self.lost = ""  # why the sandbox is, if it broke
        self.refusals = 0  # how often a test asked and got no answer
        self.level = Level.APART  # of the test that runs
        self.limits: list[str] = []  # what a test asked for and could not get, though it may be there
        self.changed = False  # whether a function changed or gave back what a test gave it, which that can't see
        self.plainly: list[str] = []  # classes of the student's own of which a test got only what Python's class has
        self.lacked: list[str] = []  # lines of the student's that could not be run when the test asked for something
        self.raised: list[Exception] = []  # what it got from the student's code, caught or not
        self.said: set[str] = set()  # special methods of the student's own that decided what objects are to each other
        self.hollow = False  # whether all values lose what is in them, to see which tests are content with that
        self.crossed: list[bool] = []  # of each value that a test got, whether there is nothing in it
        self.deadline = time.monotonic()  # of the cell that runs
        self._seeds = seeds or Seeds()
        self._start = start
        self._end = math.inf
        self._channel: frames.Channel | None = None
        self._lifeline: socket.socket | None = None
        self._count = 0
        self._hear = hear
        self._exceptions: dict[str, type[Exception]] = {}
        self._models = keras_models.Models(self.refuse)
        self._own: dict[int, tuple[Any, int]] = {}  # id of a rebuilt object -> itself and its handle
        self._handles: dict[int, Any] = {}  # what stands for the objects, by their numbers
        self._functions = TestFunctions()
        self._depth = 0  # of calls back and forth

    @property
    def started(self) -> bool:
        """Whether there is a student's process."""
        return self._channel is not None

    def open(self, total: float) -> None:
        """Start the student's process, which gets `total` seconds for everything. Raises SessionLostError."""
        talk, self._lifeline = self._start()
        self._channel = frames.Channel(talk, self._wrap, self._unwrap)
        self._end = time.monotonic() + total

    def files(self, files: Mapping[str, np.ndarray]) -> None:
        """Lay files, by name, into the student's folder, before any of the student's code. Raises SessionLostError.

        Their bytes are arrays of uint8.
        """
        self.allow(30.0)
        try:
            self._request("files", files)
        except (Exception, StudentEndedError) as error:
            self.lost = f"the submission's files could not be laid into the sandbox ({error})"
            raise SessionLostError(self.lost) from None

    def begin(self, level: Level, test: str, seconds: float) -> None:
        """A test begins, with its source; it has so much time."""
        self.level = level
        self._seeds.begin(test)
        self.crossed.clear()
        self.limits.clear()
        self.said.clear()
        self.plainly.clear()
        self.lacked = []
        self.raised = []
        self.changed = False
        self._functions.forget()
        self.allow(seconds)

    def run(self, source: str, seconds: float) -> str:
        """Run a cell; returns what it printed. Raises what the cell raised, with `printed` set to what it printed."""
        self.allow(seconds)
        return self._ask("run", source)[1]

    def test(self, source: str, seconds: float) -> tuple[Any, str]:
        """Run a test cell; returns its last line's number, if it is one, and what it printed. Raises as `run` does."""
        self.allow(seconds)
        return self._ask("test", source)

    def fetch(self, name: str) -> tuple[Any, list[Any]]:
        """The value of a name, and what it has in common with others, as `Student.do_fetch` says.

        Raises NameError when there is none.
        """
        match self._request("fetch", name):
            case [value, list(common)] if all(map(_is_named, common)):
                return self._fetched(name, self.received(value)), common
        self._finish("it sent something that is no answer (no value of a name)")
        raise StudentEndedError(self.ended)

    def _fetched(self, name: str, value: Any) -> Any:
        if type(value) is _Module:  # isinstance() would ask a handle for its class
            if _MODULES.get(name, name) != value.name:
                raise frames.Uncrossable(
                    f"{name} is a module in the student's notebook; the test has to import it itself."
                )
            return __import__(value.name, fromlist=["*"])
        return value

    def is_still(self, name: str, value: Any) -> bool:
        """Whether a name stands for this value in the student's process; so too where that can't be told."""
        refusals = self.refusals
        try:
            return self._ask("is_still", name, value)[0] is not False
        except (Exception, StudentEndedError):
            return True
        finally:
            self.refusals = refusals

    def call(self, handle: int, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """The result of a function, which may change its arguments where the test's level says so."""
        given = [*positional, *named.values()]
        if not any(map(may_change, given)):
            return self.received(self._request("call", handle, list(positional), named))
        if self.level < Level.WRITTEN_BACK:
            result, changed = self._request("call_told", handle, list(positional), named)
            self.changed |= changed is True
            return self.received(result)
        result, now, place = self._request("call_back", handle, list(positional), named)
        if len(now) == len(given):
            result = write_back_call(given, now, result)
        return self.received(given[place] if type(place) is int and 0 <= place < len(given) else result)

    def special(self, handle: int, name: str, arguments: tuple[Any, ...]) -> Any:
        """What an object's special method says."""
        if name in specials.ORDER or name in specials.ARITHMETIC:
            self.said.add(name)
        return self.received(self._request("special", handle, name, list(arguments)))

    def ask(self, do: Do, *arguments: Any) -> Any:
        """What else there is to ask of an object."""
        return self.received(self._request(do, *arguments))

    def told(self, do: Do, *arguments: Any) -> Any:
        """What a model's stand-in asks: it does not count among the values that a test got."""
        return self._request(do, *arguments)

    def refuse(self, why: str) -> NoReturn:
        """Raise Uncrossable for what a test asked for and can't get."""
        self.limits.append(why[:_TEXT])
        raise frames.Uncrossable(why[:_TEXT])

    def signature(self, handle: int) -> inspect.Signature:
        """The parameters of a function. Raises AttributeError where it has none that can be told."""
        try:
            parts = self._request("signature", handle)
            return inspect.Signature([_parameter(*part) for part in parts])
        except (TypeError, ValueError):
            raise AttributeError("__signature__") from None

    def take(self, handle: int) -> list[Any]:
        """What an iterator yields next, in a list; an empty one at its end."""
        return [self.received(value) for value in self._request("take", handle)]

    def delete(self, name: str) -> None:
        """Remove a name."""
        self._request("delete", name)

    def bind(self, name: str, function: StudentFunction) -> None:
        """Let a name stand for a function of the student's again."""
        self._request("bind", name, handles.number(function))

    def allow(self, seconds: float) -> None:
        """Give the cell that begins now so much time."""
        self.deadline = min(time.monotonic() + seconds, self._end)

    def close(self) -> None:
        """End the student's process."""
        for end in (self._channel, self._lifeline):
            if end:
                end.close()

    def received(self, value: Any) -> Any:
        """A value as a test gets it; whether there is nothing in it is remembered."""
        value = comparisons.emptied(value) if self.hollow else value
        self.crossed.append(comparisons.holds_nothing(value))
        return comparisons.guarded(value) if self.crossed[-1] else value

    def _request(self, do: Do, *arguments: Any) -> Any:
        try:
            value, printed = self._ask(do, *arguments)
        except Exception as error:
            if isinstance(error, frames.Uncrossable):
                self.limits.append(str(error))
            self.raised += [error] if len(self.raised) < _MAX_EXCEPTIONS else []
            self._hear_all(getattr(error, "printed", ""))
            raise
        self._hear_all(printed)
        return value

    def _hear_all(self, printed: str) -> None:
        """Pass on what was printed, and remember what could not be run."""
        lacked, printed = magics.noted(printed)
        self.lacked = self.lacked or lacked
        self._hear(printed)

    def _ask(self, do: Do, *arguments: Any) -> tuple[Any, str]:
        try:
            return self._exchange(do, arguments)
        except StudentEndedError:
            self.refusals += 1
            raise

    def _exchange(self, do: Do, arguments: tuple[Any, ...]) -> tuple[Any, str]:
        if self.ended:
            raise StudentEndedError(self.ended)
        channel = self._channel
        assert channel, "open() comes first"
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise CallTimeUpError("no time was left")
        self._count += 1
        count = self._count
        request: Request = {
            "n": count,
            "do": do,
            "arguments": list(arguments),
            "seconds": seconds,
            "opaque": self.level >= Level.HANDLES,
            "seeds": self._to_seed(do),
        }
        try:
            channel.send(request, seconds + _GRACE)
            return self._value(_checked(self._reply(channel, count), count))
        except TimeoutError:
            self._finish("it could not be interrupted when its time was over")
        except frames.Closed:
            self._finish(self._verdict())
        except frames.Violation as error:
            self._finish(f"it sent something that is no answer ({error})")
        raise StudentEndedError(self.ended)

    def _to_seed(self, do: Do) -> dict[str, int]:
        """What the student's process is to seed before it does this."""
        if self._count == 1:
            return self._seeds.of_a_student()
        return {} if do in _BEFORE_THE_TEST else self._seeds.take(self.level)

    def _reply(self, channel: frames.Channel, count: int) -> Any:
        """The reply to a request; until it comes, the student's code may call the test's functions.

        What ends the test in one of them is raised when the reply is there, so that the two sides stay in step.
        """
        ending: BaseException | None = None
        last_moment = self.deadline + _GRACE
        while True:
            left = last_moment - time.monotonic()
            if left <= 0:
                raise TimeoutError
            message = channel.receive(left)
            if not _is_callback(message, count) or self.level < Level.HANDLES:
                if ending:
                    raise ending
                return message
            self._depth += 1
            try:
                answer = self._functions.answer(message, ended=ending is not None or self._depth > _DEEPEST)
                channel.send(answer, left)
            except frames.Uncrossable as error:
                self.limits.append(str(error))
                channel.send(raised(error), left)
            except (frames.Violation, TimeoutError):
                raise
            except BaseException as error:
                ending = error
                last_moment = time.monotonic() + _GRACE
                channel.send(THE_TEST_IS_OVER, left)
            finally:
                self._depth -= 1

    def _value(self, reply: Reply) -> tuple[Any, str]:
        if reply["ok"] is True:
            return reply["value"], reply["out"]
        kind, arguments = reply["error"], reply["arguments"]
        if kind == "TimeUp":
            error: BaseException = CallTimeUpError("it took longer than it may")
        elif kind == "Uncrossable":
            error = frames.Uncrossable(*arguments)
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
            word = self._lifeline.recv(_TEXT).decode()
        except (OSError, UnicodeDecodeError):
            word = ""
        if word.startswith(NOT_SET_UP):
            self.lost = f"the sandbox was {word}"
        elif word in _LOST:
            self.lost = _LOST[word]
        if self.lost:
            raise SessionLostError(self.lost)
        return _VERDICTS.get(word, f"it ended itself ({word})")

    def _wrap(self, value: Any) -> frames.Foreign | None:
        if handles.is_handle(value):
            return frames.Foreign("own", handles.number(value))
        if id(value) in self._own:
            return frames.Foreign("own", self._own[id(value)][1])
        if keras_models.is_model(value):
            return frames.Foreign("model", keras_models.describe(value))
        if (described := keras_values.describe(value)) and described[0] != "symbol":
            return frames.Foreign(*described)
        if found := named.describe(value):
            return frames.Foreign("named", found)
        if self.level >= Level.HANDLES and callable(value):
            return frames.Foreign("tests", self._functions.number(value))
        return None

    def _unwrap(self, foreign: frames.Foreign) -> Any:
        match foreign.kind, foreign.content:
            case "function", [int(handle), str(name), bool(is_function)]:
                return self._handle(handle, lambda: StudentFunction(self, handle, name[:100], is_function))
            case "tests", int(number) if number in self._functions:
                return self._functions[number]
            case "iterator", int(handle):
                return self._handle(handle, lambda: StudentIterator(self, handle))
            case "object" | "class" as kind, [int(handle), str(name), list(methods)] if self.level >= Level.HANDLES:
                of_class = kind == "class"
                return self._handle(handle, lambda: handles.handle(self, handle, name, methods, of_class=of_class))
            case "module", str(name):
                return _Module(name)
            case "plainly", [str(name), value]:
                self.plainly.append(name[:100])
                return value
            case "exception", [str(name), str(kind)]:
                return self._exception_class(name[:100], kind)
            case "model", [int(handle), str(config), list(weights), str(name), str(base), str(compiled), list(own)] if (
                _are_arrays(weights)
            ):
                return self._model(handle, config, weights, name, base, compiled, own)
            case "layer", [int(handle), str(name), str(base)]:
                return self._handle(handle, lambda: stand_in(self, handle, name, base))
            case kind, content if kind in keras_values.KINDS:
                return keras_values.restore(kind, content, self.refuse)
        raise frames.Violation("an object of an unknown kind")

    def _model(self, handle: int, config: str, weights: list[Any], *described: Any) -> Any:
        """A model made of what Keras has; or what stands for one that isn't."""
        name, base, compiled, own = described
        if config:
            with contextlib.suppress(frames.Uncrossable):
                model = self._models.rebuild(handle, config, weights, compiled)
                self._own[id(model)] = (model, handle)
                return model
        return self._handle(handle, lambda: stand_in(self, handle, name, base, compiled, own))

    def _handle(self, number: int, make: Callable[[], Any]) -> Any:
        """What stands for an object: always the same for one, so that a test can tell whether two are."""
        if number not in self._handles:
            self._handles[number] = make()
        return self._handles[number]


class _Module:
    def __init__(self, name: str) -> None:
        self.name = name


_OK = {"n": int, "ok": bool, "value": object, "out": str}  # protocol.Reply, with what to believe of it
_FAILED = {"n": int, "ok": bool, "error": str, "name": str, "arguments": list, "line": int, "out": str}
_CALLBACK = {"n", "call", "positional", "named"}
_KINDS_OF_PARAMETERS = {kind.name: kind for kind in inspect._ParameterKind}


def _is_callback(message: Any, count: int) -> TypeGuard[Callback]:
    """Whether it is a call of a test's function, made while request number `count` is answered."""
    return (
        type(message) is dict
        and set(message) == _CALLBACK
        and message["n"] == count
        and type(message["call"]) is int
        and type(message["positional"]) is list
        and type(message["named"]) is dict
        and all(type(name) is str for name in message["named"])
    )


def _parameter(name: str, kind: str, default: list[Any]) -> inspect.Parameter:
    """A parameter of a function; `default` holds its default value, if it has one."""
    value = default[0] if default else inspect.Parameter.empty
    return inspect.Parameter(name, _KINDS_OF_PARAMETERS.get(kind, inspect.Parameter.POSITIONAL_ONLY), default=value)


def _checked(reply: Any, count: int) -> Reply:
    """The reply, if it is of the form that an answer to request number `count` has. Raises Violation."""
    if type(reply) is not dict or type(reply.get("ok")) is not bool:
        raise frames.Violation("no answer")
    form = _OK if reply["ok"] else _FAILED
    if set(reply) != set(form) or not all(isinstance(reply[key], kind) for key, kind in form.items()):
        raise frames.Violation("an answer of the wrong form")
    if reply["n"] != count:
        raise frames.Violation("an answer to another question")
    if not reply["ok"]:
        if not all(type(value) in SIMPLE for value in reply["arguments"]):
            raise frames.Violation("an answer of the wrong form")
        reply["arguments"] = [value[:_TEXT] if type(value) is str else value for value in reply["arguments"]]
        reply["name"] = reply["name"][:_TEXT]
    return cast(Reply, reply)


def _builtin_exception(name: str) -> type[Exception]:
    """The class; not those that would end a test's own loop in silence, as Python does it in generators (PEP 479)."""
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception) or issubclass(kind, _ENDS_OF_LOOPS):
        return RuntimeError
    return kind


def _is_named(pair: Any) -> bool:
    return type(pair) is list and len(pair) == 2 and type(pair[0]) is str


def _are_arrays(values: list[Any]) -> bool:
    return all(isinstance(value, np.ndarray) for value in values)
