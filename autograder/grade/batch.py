"""Many submissions at once: worker processes that grade, and one loop that hands out the work.

A worker gets and gives plain data, and sees no gradebook. One that dies is replaced, and what it was grading is tried
again.
"""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
import warnings
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection, wait
from typing import Protocol

from autograder.engines import Engine
from autograder.errors import AutograderError, shown
from autograder.results import Result, State, Submission

Opening = Callable[[], AbstractContextManager[Engine]]  # opens an engine; must be picklable

_MOST_RUNS = 3  # of a submission whose runs fail through no fault of its own
_MOST_DEATHS = 2  # of workers over one submission
_MOST_FAILED_STARTS = 3  # of workers, one after the other
_MOST_FRUITLESS = 3  # submissions one after the other that could not be run; then the probe is
_PATIENCE = 3.0  # seconds for a worker to end by itself

_context = multiprocessing.get_context("spawn")


class WorkersError(AutograderError):
    """No submission can be graded at present, whosever it is; the message says why."""


class Worker(Protocol):
    """The parent's end of one worker."""

    connection: Connection
    """What it says: True once, when it is ready, or a text, why it can't be; then a result for each submission."""

    def give(self, submission: Submission) -> None:
        """Have it grade a submission."""
        ...

    def close(self, *, at_once: bool = False) -> str:
        """Have it end when it has cleaned up, or `at_once`, whatever it is doing; returns how it ended, in words."""
        ...


class WorkerProcess:
    """A worker in a process of its own, with an engine of its own.

    Its temporary files go into the folder `scratch`: a worker that is killed can't tidy up, but the parent can.
    """

    def __init__(self, opening: Opening, scratch: str) -> None:
        self.connection, theirs = _context.Pipe()
        self._process = _context.Process(target=work, args=(theirs, scratch), daemon=True)
        with _keyboard_ignored():  # Ctrl+C is for the parent, also while the worker starts
            self._process.start()
        theirs.close()
        self._send(opening)  # no argument: should the worker die while it starts, `start` would wait for ever

    def give(self, submission: Submission) -> None:
        """Have it grade a submission; that it is dead shows when its answer is read."""
        self._send(submission)

    def close(self, *, at_once: bool = False) -> str:
        """Have it end when it has cleaned up, or `at_once`, whatever it is doing; returns how it ended, in words."""
        self.connection.close()
        if at_once:
            self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def _send(self, content: object) -> None:
        with contextlib.suppress(OSError):
            self.connection.send(content)


def work(connection: Connection, scratch: str) -> None:
    """What a worker does: open the engine that comes first, grade what comes next, until the parent is gone."""
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()  # the terminal's signals are not for it, nor for what it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _leave)
    warnings.simplefilter("ignore", SyntaxWarning)  # they quote what learners wrote, on the terminal
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        opening: Opening = connection.recv()
        with opening() as engine:
            connection.send(True)
            with contextlib.suppress(EOFError, OSError):  # the parent hung up
                while True:
                    connection.send(_graded(engine, connection.recv()))
    except EOFError:
        return
    except (AutograderError, OSError) as error:
        with contextlib.suppress(OSError):
            connection.send(str(error))


def _graded(engine: Engine, submission: Submission) -> Result:
    """The engine's result; should it break against its promise, that is no student's fault."""
    try:
        return engine.grade(submission)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        return Result(submission.student, submission.assignment, State.NOT_RUN, (reason,))


class Batch:
    """Grades submissions with several workers, and says which fault was whose.

    `start` starts a worker, `read` gives the submission of a student, or None when there is nothing to do; it is called
    just before the submission is graded, so that no more of them are in memory than there are workers. The `probe` is a
    submission known to be good: when several can't be run, one after the other, and it can't either, nothing can.
    """

    def __init__(
        self,
        start: Callable[[], Worker],
        workers: int,
        read: Callable[[str], Submission | None],
        tell: Callable[[str], None] = lambda text: None,
        probe: Submission | None = None,
    ) -> None:
        self._start = start
        self._most = workers
        self._read = read
        self._tell = tell
        self._probe = probe
        self._probing = False
        self._fruitless: set[str] = set()
        self._jobs: dict[Worker, Submission | None] = {}
        self._ready: set[Worker] = set()
        self._waiting: deque[str] = deque()
        self._runs: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._failed_starts = 0

    def run(self, students: Iterable[str]) -> Generator[tuple[Submission, Result]]:
        """The results, as they come. Workers are ended when the iterator is closed. Raises WorkersError."""
        self._waiting.extend(students)
        try:
            while self._hand_out():
                for connection in wait([worker.connection for worker in self._jobs]):
                    worker = next(each for each in self._jobs if each.connection is connection)
                    finished = self._listen(worker)
                    if finished and (result := self._settle(*finished)):
                        self._hand_out()  # before the result is written down
                        yield finished[0], result
        finally:
            for worker, job in self._jobs.items():
                worker.close(at_once=job is not None)

    def _hand_out(self) -> bool:
        """Give every worker something to do, as far as there is; False when all is done."""
        idle = [worker for worker, job in self._jobs.items() if job is None]
        while (idle or len(self._jobs) < self._most) and (submission := self._next()):
            worker = idle.pop() if idle else self._start()
            self._jobs[worker] = submission
            worker.give(submission)
        return any(self._jobs.values())

    def _next(self) -> Submission | None:
        if self._probe and not self._probing and len(self._fruitless) >= _MOST_FRUITLESS:
            self._probing = True
            return self._probe
        while self._waiting:
            if submission := self._read(self._waiting.popleft()):
                return submission
        return None

    def _listen(self, worker: Worker) -> tuple[Submission, Result | str] | None:
        """A submission with its result, or with the way in which its worker died; None for other news."""
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if isinstance(message, str):
            raise WorkersError(message)
        if message is True:
            self._ready.add(worker)
            self._failed_starts = 0
            return None
        submission, self._jobs[worker] = self._jobs[worker], None
        assert submission
        return submission, message

    def _bury(self, worker: Worker) -> tuple[Submission, str] | None:
        submission, end = self._jobs.pop(worker), worker.close()
        if worker not in self._ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise WorkersError(
                    f"The processes that grade end while they start ({end}). Is there enough memory? Try --workers 1."
                )
            self._waiting.extend([submission.student] if submission else [])
            return None
        self._ready.discard(worker)
        return (submission, end) if submission else None

    def _settle(self, submission: Submission, outcome: Result | str) -> Result | None:
        """The result that stands; None when the submission is tried again, after the others. Raises WorkersError."""
        student = submission.student
        if self._learn(submission, outcome):
            return None
        if isinstance(outcome, Result):
            self._runs[student] += 1
            if outcome.state is not State.NOT_RUN or self._runs[student] >= _MOST_RUNS:
                return outcome
        else:
            self._deaths[student] += 1
            if self._deaths[student] >= _MOST_DEATHS:
                return _given_up(submission, outcome)
            who = shown(student)
            self._tell(f"The process that graded {who} ended ({outcome}). It is replaced, and {who} tried again.")
        self._waiting.append(student)
        return None

    def _learn(self, submission: Submission, outcome: Result | str) -> bool:
        """Take note of whether anything can be run here; True when this was the probe."""
        was_run = isinstance(outcome, Result) and outcome.state is not State.NOT_RUN
        if submission is not self._probe:
            self._fruitless = set() if was_run else self._fruitless | {submission.student}
            return False
        self._probing = False
        self._fruitless.clear()
        if not was_run:
            why = "; ".join(outcome.reasons) if isinstance(outcome, Result) else f"the process ended with {outcome}"
            raise WorkersError(
                f"Nothing can be graded here at present, not even the instructor's own solution: {shown(why, 500)}."
            )
        return True


def _given_up(submission: Submission, end: str) -> Result:
    reason = (
        f"the process that graded it ended {_MOST_DEATHS} times, the last time with {end}; "
        "where memory is short, use fewer --workers"
    )
    return Result(submission.student, submission.assignment, State.NOT_RUN, (reason,))


@contextlib.contextmanager
def _keyboard_ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(*signal_and_frame: object) -> None:
    raise SystemExit(0)


def _leave_with_parent() -> None:
    """End this process when the parent is gone, whatever it is doing; what it started ends with it."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
