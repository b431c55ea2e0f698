"""The trusted process that runs the test cells of one notebook; it asks the student's process only for data.

It is forked anew for each notebook. What a test prints, its score and its error go back to the engine cell by cell, so
that whatever happens later, what was finished counts.
"""

import ast
import builtins
import contextlib
import copy
import faulthandler
import gc
import io
import json
import math
import os
import re
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

from autograder.limits import Limits
from autograder.notebook import names
from autograder.time_limit import time_limit
from autograder.trusted import awaiting, comparisons
from autograder.trusted.handles import StudentFunction
from autograder.trusted.job import Job, JobCell, Message, Output, Ran, Tested, error_output, time_up
from autograder.trusted.level import Level
from autograder.trusted.seeds import Seeds
from autograder.trusted.session import CallTimeUpError, Session, SessionLostError, StudentEndedError
from autograder.trusted.write_back import may_change, parts, with_own
from autograder.wire import frames, magics
from autograder.wire.forks import serve
from autograder.wire.magics import MagicError, split_last

_NO_VALUE = ""  # of a last line that has none, or the student's own
_MOST_EMPTY = 1000  # values that are told of
_MUCH = 1 << 20  # characters
_EXTRA = 5.0  # seconds beyond a test's own time, in which the student's side is interrupted first
_TEXT = 2000  # characters of an error's message
_SMALL = 1 << 20  # bytes of a value of the course's that is compared with the student's
_MOST_VALUES = 100_000  # in an array or a table that is
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_MEMORY = 4 << 30  # bytes beyond what the warm process has
_STUCK = 5.0  # seconds of processor time after which a test that can't be interrupted ends the process


class NeedsTensorFlowError(BaseException):
    """The notebook uses TensorFlow, and its code is needed: a process that has imported TensorFlow should go on.

    No Exception, since no test is to catch it.
    """


class TestTimeUpError(KeyboardInterrupt):
    """A test's own code took too long."""

    __test__ = False


class Names(dict[str, Any]):
    """The globals of the test cells.

    A name that isn't there is looked for, in this order: among the course's own, among the student's literals, in the
    student's process. What was fetched is kept until the test ends. Nothing that a test sets reaches the student.
    """

    def __init__(self, job: Job, session: Session, catch_up: Callable[[], None]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins)
        template = [names.parse(source) if source is not None else None for source in job["template"]]
        trees = {cell["index"]: names.parse(cell["source"]) for cell in job["cells"]}
        students = [trees[cell["index"]] for cell in job["cells"] if cell["kind"] == "student"]
        for position, source in job["helpers"]:  # functions that answer cells hold, and students need not write
            template[position] = names.parse(source)
        unchanged = names.functions(tree for tree in template if tree)
        self.rebound = {name for tree in students for name in names.rebound(tree, unchanged)}
        self.used_given: set[str] = set()
        self.failed_given: dict[str, str] = {}  # names of the course's whose cell can't run here, and why
        self._given = names.given(template)
        for position, source in job["answers"]:  # what is visible of an answer cell is a proposal to the student
            self._given.add_imports(names.parse(source), position, set(job["own"]))
        self._literals = names.literals(students, list(trees.values()))
        self._session = session
        self._catch_up = catch_up
        self._tests = [
            (cell["position"], names.own_names(trees[cell["index"]]))
            for cell in job["cells"]
            if cell["kind"] == "test" and cell["level"] < Level.WITH_STUDENT
        ]
        self._own: set[str] = set()  # names that this test or one before it sets, whichever the student put first
        self._theirs = set(job["theirs"])
        self._as_given: dict[str, Any] = {}  # the course's values as they were before any test
        self._fetched: dict[str, Any] = {}
        self._parts: dict[str, list[Any]] = {}  # the lists and dicts in these, as they were fetched
        self._deleted: set[str] = set()
        self._position = 0
        self._ran: dict[int, frozenset[str]] = {}  # the course's cells that ran here, and what each bound
        self._failed: dict[int, str] = {}  # those that raised, and what

    def begin(self, test: ast.Module, position: int) -> None:
        """Get ready for a test cell that stands at `position` in the instructor's notebook."""
        self._own = {name for place, own in self._tests if place <= position for name in own}
        self._fetched.clear()
        self._parts.clear()
        for ran in list(self._ran):  # a later cell of the course may set the same names anew
            stale = frozenset(name for name in self._ran[ran] if self._cell_for(name, position) != ran)
            for name in stale:
                super().pop(name, None)
            self._ran[ran] -= stale
        self._position = position
        for name in names.class_names(test):
            if name not in self.keys() and not hasattr(builtins, name):
                with contextlib.suppress(KeyError):
                    self._fetched[name] = self[name]
                    super().__setitem__(name, self._fetched[name])

    def end(self, test: ast.Module) -> None:
        """Forget what the test fetched; what it imports is its own for later tests, even if it failed before that."""
        self._given.add_imports(test, self._position)
        for name, value in self._fetched.items():
            if super().get(name) is value:
                super().pop(name, None)

    def changed_given(self, test: ast.Module) -> list[str]:
        """The course's values that a test reads and that have become others in the student's process.

        Names that the student's code sets anew are told of elsewhere.
        """
        read = sorted((names.loaded(test) & self._as_given.keys()) - self.rebound)
        if read:
            self._catch_up()
        return [name for name in read if not self._session.is_still(name, self._as_given[name])]

    def out_of_reach(self, error: BaseException) -> str:
        """What the student's code failed for that it would have found in one process: a name that a test has set."""
        found = _UNDEFINED.fullmatch(str(error)) if isinstance(error, NameError) and hasattr(error, "line") else None
        if found and found[1] in self._own and found[1] in self.keys():
            return f"the student's code reads {found[1]}, which only a test sets"
        return ""

    def is_students(self, expression: ast.expr) -> bool:
        """Whether an expression's value comes straight from the student: a name or a call of a function of theirs."""
        target = expression.func if isinstance(expression, ast.Call) else expression
        if not isinstance(target, ast.Name) or target.id in self.keys():
            return isinstance(target, ast.Name) and type(self.get(target.id)) is StudentFunction
        return target.id in self._fetched

    def __missing__(self, name: str) -> Any:
        if name in self._fetched:
            return self._fetched[name]
        if name in self._deleted or (name.startswith("__") and name.endswith("__")):
            raise KeyError(name)
        if name in self._given and name not in self._theirs and self._bind_given(name):
            return self[name]
        if name in self._own or hasattr(builtins, name):
            raise KeyError(name)
        self._fetched[name] = self._from_student(name)
        return self._fetched[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a name, for tests such as `assert "answer" in globals()`."""
        try:
            self[name]  # type: ignore[index]
        except KeyError:
            return False
        except frames.Uncrossable:  # it is there, and can't be handed over
            return True
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, or `default`."""
        try:
            return self[name]
        except KeyError:
            return default

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._deleted and type(value) is StudentFunction:
            self._session.bind(name, value)
            self._deleted.discard(name)
        else:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name in self.keys() and name not in self._fetched:
            super().__delitem__(name)
        else:
            self[name]  # raises KeyError where there is nothing to delete
            self._fetched.pop(name)
            super().pop(name, None)
            self._catch_up()
            self._session.delete(name)
            self._deleted.add(name)

    def _bind_given(self, name: str) -> bool:
        """Run the import, or the course's cell, that binds `name`; False when there is none that can."""
        statement = self._given.import_for(name, self._position)
        if statement is not None:
            self.used_given.add(name)
            exec(compile(ast.Module([names.only(statement, name)], []), comparisons.COURSE_FILE, "exec"), self)
            return name in self.keys()
        position = self._cell_for(name, self._position)
        if position is None:
            return False
        if position not in self._ran:
            tree = self._given.trees[position]
            self._ran[position] = names.top_level(tree)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(tree, comparisons.COURSE_FILE, "exec"), self)
            except Exception as error:  # a file that is only beside the student's notebook, for example: then ask there
                self._failed[position] = f"{type(error).__name__}: {error}"[:_TEXT]
            for bound in self._ran[position] & self.keys():
                if _is_small_and_may_change(self[bound]):
                    self._as_given[bound] = copy.deepcopy(self[bound])
        if name in self.keys():
            self.used_given.add(name)
            return True
        if position in self._failed:
            self.failed_given[name] = self._failed[position]
        return False

    def _cell_for(self, name: str, position: int) -> int | None:
        return max((cell for cell in self._given.cells.get(name, ()) if cell < position), default=None)

    def _from_student(self, name: str) -> Any:
        if name in self._literals:
            return self._session.received(copy.deepcopy(self._literals[name]))
        try:
            self._catch_up()
            value, common = self._session.fetch(name)
        except NameError:
            raise KeyError(name) from None
        return self._one_with(name, value, common)

    def _one_with(self, name: str, value: Any, common: list[Any]) -> Any:
        """The value of a name; what it has in common with names that were fetched before is what these hold here.

        Meanwhile the test may have changed that. So each part is found by its place when it was fetched.
        """
        own: dict[int, Any] = {}
        for other, now in common:
            if other not in self._fetched:  # it was by an earlier test
                continue
            if now is None:
                self._parts[name] = self._parts[other]
                return self._fetched[other]
            theirs, mine = parts(now), self._parts[other]
            if len(theirs) == len(mine):
                own |= {id(each): held for each, held in zip(theirs, mine, strict=True) if type(each) is type(held)}
        self._parts[name] = [own.get(id(each), each) for each in parts(value)]
        return with_own(value, own)


class Notebook:
    """One notebook's cells, run in order: the student's when a test needs them, the tests here."""

    def __init__(self, job: Job, engine: frames.Channel, talk: socket.socket, lifeline: socket.socket) -> None:
        self._job = job
        self._engine = engine
        self._sockets = talk, lifeline
        self._limits = Limits(**job["limits"])
        self._end = time.monotonic() + self._limits.total
        seeds = Seeds(job["secret"])
        seeds.watch()
        self._session = Session(self._start_student, self._hear, seeds)
        self._session.hollow = job["hollow"]
        self._needs_tensorflow = False
        self._finished: list[Ran | Tested] = []  # cells that the engine has not heard of
        self._untold = 0  # characters of their outputs
        self._printed = io.StringIO()  # by the test that runs
        self._here = 0  # index of the test that runs
        self._next = 0  # index of the first cell that the student's process has not run
        self._names = Names(job, self._session, lambda: self._run_students(self._here))

    def run(self) -> None:
        """Run everything, and tell the engine cell by cell."""
        for cell in self._job["cells"]:
            if cell["kind"] == "test" and cell["index"] not in self._job["skip"]:
                self._here = cell["index"]
                self._say({"say": "begin", "cells": self._news(), "index": cell["index"]})
                self._tell(self._run_test(cell))
        if self._job["run_all"]:
            with contextlib.suppress(StudentEndedError):
                self._run_students(len(self._job["cells"]))
        notes = [
            f"{name} is the course's; the student's code sets it too, and the tests used the course's"
            for name in sorted(self._names.used_given & self._names.rebound)
        ]
        notes += [
            f"{name} is set by a cell of the course that can't run where the tests do ({why}), so the tests used what "
            "the student's process has under that name"
            for name, why in sorted(self._names.failed_given.items())
        ]
        self._say({"say": "done", "cells": self._news(), "ended": self._session.ended, "review": notes})
        self._session.close()

    def _start_student(self) -> tuple[socket.socket, socket.socket]:
        if self._job["tensorflow"] and "tensorflow" not in sys.modules:
            self._needs_tensorflow = True
            raise NeedsTensorFlowError
        self._say({"say": "sandbox", "cells": self._news()})
        self._engine.receive()  # it has been started
        return self._sockets

    def _run_students(self, before: int) -> None:
        """Have the student's process run all cells before one, tests apart. A test's clock stops meanwhile."""
        begun, deadline, refusals = time.monotonic(), self._session.deadline, self._session.refusals
        timer = signal.setitimer(signal.ITIMER_REAL, 0)
        if not self._session.started:
            self._session.open(self._limits.total)
            self._end += time.monotonic() - begun
            if self._job["files"]:
                self._session.files(self._job["files"])
        while self._next < before:
            cell = self._job["cells"][self._next]
            self._next += 1
            if cell["kind"] in ("student", "course"):
                self._tell({"index": cell["index"], "outputs": self._run_student_cell(cell["source"])})
        self._session.deadline = deadline + (time.monotonic() - begun)
        self._session.refusals = refusals  # a cell that took too long has refused this test nothing
        signal.setitimer(signal.ITIMER_REAL, *timer)

    def _run_student_cell(self, source: str) -> list[Output]:
        seconds = self._limits.cell
        try:
            return _stream(self._session.run(source, seconds), self._limits.output)
        except StudentEndedError as error:
            if self._session.ended:
                return [_error("DeadKernelError", f"the student's process ended: {self._session.ended}")]
            return [*_stream(getattr(error, "printed", ""), self._limits.output), time_up(seconds)]
        except Exception as error:
            shown = _stream(getattr(error, "printed", ""), self._limits.output)
            return [*shown, _error(type(error).__name__, _said(error))]

    def _run_test(self, cell: JobCell) -> Tested:
        if time.monotonic() >= self._end:
            return _tested(cell, 0.0, [_error("TotalTimeoutError", "the notebook's time was over")])
        self._session.begin(Level(cell["level"]), cell["source"], self._limits.cell)
        if cell["level"] == Level.WITH_STUDENT:
            return self._run_with_student(cell)
        refusals = self._session.refusals
        tree = names.parse(cell["source"])
        self._printed = printed = io.StringIO()
        value: float | str = _NO_VALUE
        error: BaseException | None = None
        is_over = threading.Event()
        signal.setitimer(signal.ITIMER_PROF, self._limits.cell + _EXTRA + _STUCK)
        try:
            test = _compiled(cell["source"])
            self._names.begin(tree, cell["position"])
            with (
                time_limit(self._limits.cell + _EXTRA, TestTimeUpError) as is_over,
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                value = self._execute(test)
        except (SessionLostError, NeedsTensorFlowError):
            raise
        except BaseException as raised:
            error = TestTimeUpError() if is_over.is_set() else raised
        finally:
            self._names.end(tree)
        self._check_engine()
        if self._session.refusals > refusals and error is None and type(value) is not float:
            ended = self._session.ended  # the test swallowed it: still no pass
            error = StudentEndedError(ended) if ended else CallTimeUpError("a call took too long")
        outcome = _outcome(cell, _clean(printed.getvalue(), self._limits.output), value, error, self._limits.cell)
        empty = [place for place, is_empty in enumerate(self._session.crossed) if is_empty]
        session = self._session
        limit = next(iter(session.limits), "")
        if not limit and outcome["score"] < cell["points"]:
            limit = self._behind_failure()
        told: Any = {"limit": limit, "said": sorted(session.said), "changed": session.changed}
        told["lacked"] = next(iter(session.lacked), "")
        told["raised"] = sorted({type(each).__name__ for each in session.raised})
        told["given"] = self._names.changed_given(tree) if error is None or isinstance(error, Exception) else []
        return {**outcome, "empty": empty[:_MOST_EMPTY], **told}

    def _behind_failure(self) -> str:
        """What a test that failed may have failed for, and would have found in one process; empty where nothing."""
        session = self._session
        out_of_reach = next(filter(None, map(self._names.out_of_reach, session.raised)), "")
        if not out_of_reach and session.plainly:
            return f"more than the content of a {session.plainly[0]}, a class of the student's own"
        return out_of_reach

    def _hear(self, printed: str) -> None:
        """Pass on what the student's function printed, where a test put a stream of its own to catch it."""
        if sys.stdout is not self._printed:
            sys.stdout.write(printed)

    def _check_engine(self) -> None:
        """Raise what a test's bare `except` may have swallowed: then its outcome says nothing."""
        if self._session.lost:
            raise SessionLostError(self._session.lost)
        if self._needs_tensorflow:
            raise NeedsTensorFlowError

    def _execute(self, test: "_Compiled") -> float | str:
        """Run a test cell; its last line's value, if that is a number of the test's own making, else what it is."""
        exec(test.body, self._names)
        if test.last is None or test.expression is None:
            return _NO_VALUE
        value = eval(test.last, self._names)
        last = test.expression.body
        return _NO_VALUE if self._names.is_students(last) or _is_an_assertion(last) else _worth(value)

    def _run_with_student(self, cell: JobCell) -> Tested:
        try:
            self._run_students(cell["index"])
            value, printed = self._session.test(cell["source"], self._limits.cell)
            worth = _worth(value)
        except SessionLostError:
            raise
        except BaseException as error:
            if isinstance(error, NeedsTensorFlowError):
                raise
            return _outcome(cell, "", _NO_VALUE, error, self._limits.cell)
        return _outcome(cell, _clean(printed, self._limits.output), worth, None, self._limits.cell)

    def _tell(self, cell: Ran | Tested) -> None:
        """Have the engine hear of a cell with the next message, or now where there is much to tell."""
        self._finished.append(cell)
        self._untold += sum(len(str(text)) for output in cell["outputs"] for text in output.values())
        if self._untold > _MUCH:
            self._say({"say": "cells", "cells": self._news()})

    def _news(self) -> list[Ran | Tested]:
        """What the engine has not heard of yet, which it does now."""
        news, self._finished, self._untold = self._finished, [], 0
        return news

    def _say(self, message: Message) -> None:
        self._engine.send(message)


@dataclass(frozen=True)
class _Compiled:
    """A test cell, ready to run; its last line apart where that is an expression."""

    body: CodeType
    last: CodeType | None
    expression: ast.Expression | None


@lru_cache(maxsize=1000)
def _compiled(source: str) -> _Compiled:
    tree = magics.parse(source)
    if line := magics.left(tree):
        raise MagicError(f"The line `{line[:80]}` is for IPython and can't be run where the tests are.")
    tree = awaiting.at_once(tree)
    last = split_last(tree, source)
    body = compile(tree, comparisons.TEST_FILE, "exec")
    return _Compiled(body, compile(last, comparisons.TEST_FILE, "eval") if last else None, last)


def _is_small_and_may_change(value: Any) -> bool:
    """Whether a value of the course's is data that a student's code may change in place, and soon compared."""
    if not may_change(value) or getattr(value, "size", 0) > _MOST_VALUES:
        return False
    try:
        return len(frames.pack(value)) < _SMALL
    except frames.Uncrossable:
        return False


def _outcome(cell: JobCell, printed: str, value: float | str, error: BaseException | None, limit: float) -> Tested:
    """Score and outputs of a test cell, as nbgrader defines the score: the last number, or all."""
    outputs = _stream(printed, len(printed) + 1)
    points = cell["points"]
    if error is not None:
        score = 0.0
        outputs.append(_error_output(error, limit))
    elif isinstance(value, str):
        score = points
    else:
        score = 0.0 if math.isnan(value) else min(max(value, 0.0), points)
        outputs.append({"output_type": "execute_result", "text": repr(score)})
        if math.isnan(value):
            outputs.insert(0, {"output_type": "stream", "text": "The score is not a number, so it counts 0.\n"})
    last = value if isinstance(value, str) else "number"
    return _tested(cell, score, outputs, "" if error is not None else last)


def _tested(cell: JobCell, score: float, outputs: list[Output], last: str = _NO_VALUE) -> Tested:
    return {
        "index": cell["index"],
        "outputs": outputs,
        "score": score,
        "last": last,
        "empty": [],
        "limit": "",
        "said": [],
        "lacked": "",
        "raised": [],
        "given": [],
        "changed": False,
    }


def _error_output(error: BaseException, limit: float) -> Output:
    if isinstance(error, StudentEndedError):
        took_long = type(error) is not StudentEndedError
        return time_up(limit) if took_long else _error("DeadKernelError", f"the student's process ended: {error}")
    if isinstance(error, TestTimeUpError):
        return time_up(limit)
    try:
        return _error(type(error).__name__, _said(error))
    except Exception:
        return _error(type(error).__name__, "")


def _said(error: BaseException) -> str:
    """An exception's message, with the line of the student's cell that it came from."""
    line = getattr(error, "line", 0)
    return f"{error} (line {line})" if line else str(error)


def _error(name: str, message: str) -> Output:
    return error_output(_clean(name, 100), _clean(message, _TEXT))


def _stream(text: str, cap: int) -> list[Output]:
    return [{"output_type": "stream", "text": _clean(text, cap)}] if text else []


def _clean(text: str, cap: int) -> str:
    """Text without escape codes and other control characters, cut."""
    return _CONTROL.sub("", text[:cap].replace("\r\n", "\n")).encode("utf-8", "replace").decode()


def _is_an_assertion(last: ast.expr) -> bool:
    """Whether a last line calls what raises or gives nothing, such as `np.testing.assert_equal(...)`."""
    match last:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name.startswith("assert") or name == "print"
    return False


def _worth(value: Any) -> float | str:
    """A score, if `value` is a number; a truth value is none, as in nbgrader. Of anything else what it is."""
    if type(value) in (int, float) or isinstance(value, np.integer | np.floating):
        with contextlib.suppress(OverflowError):
            return float(value)
        return math.inf if value > 0 else -math.inf
    return "nothing" if value is None or isinstance(value, bool | np.bool_) else "object"


def handle(_header: dict[str, Any], fds: list[int]) -> None:
    """One job, in a forked child: `fds` are the engine's socket, and the student's with its lifeline.

    However it ends, the engine hears of it: where it hears nothing, this process was killed.
    """
    engine, talk, lifeline = (socket.socket(fileno=fd) for fd in fds)
    # What a crash writes is no message, and so tells of it. A test may be deep in a library, where only a signal's own
    # action reaches it: for a model of the student's that takes hours to compute, for example.
    faulthandler.enable(engine.fileno(), all_threads=False)
    faulthandler.register(signal.SIGPROF, engine.fileno(), chain=True)
    gc.set_threshold(100_000)  # it does not live long
    channel = frames.Channel(engine)
    job: Job = channel.receive(30.0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    try:
        with tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as folder:
            os.chdir(folder)
            sys.path.insert(0, folder)  # modules that lie beside the course's notebook
            for name, data in job["course_files"].items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.tobytes())
            Notebook(job, channel, talk, lifeline).run()
        return
    except NeedsTensorFlowError:
        last: Message = {"say": "tensorflow"}
    except SessionLostError as error:
        last = {"say": "lost", "reason": str(error)}
    except OSError as error:
        last = {"say": "lost", "reason": f"the folder of the tests can't be written ({error})"}
    except Exception as error:
        last = {"say": "broke", "reason": f"{type(error).__name__}: {error}"[:_TEXT]}
    channel.send(last)


def main() -> None:
    """The warm process: its arguments are a file with a plan as JSON, and the control socket's number.

    The plan holds `modules` to import, and the texts of the instructor's cells: `cells`, among them the `tests`.
    """
    plan, control = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    vars(builtins).setdefault("display", lambda *values, **_: print(*values))
    comparisons.be_strict()
    magics.transformer()
    names.warm_up(plan["cells"])
    for source in plan["tests"]:
        with contextlib.suppress(SyntaxError, ValueError, MagicError):  # then the test itself fails by it
            _compiled(source)
    serve(socket.socket(fileno=control), plan["modules"], handle)


if __name__ == "__main__":
    main()
