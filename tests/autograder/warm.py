"""Warm processes that outlive a batch, for tests of what is recorded and said of grades: each batch starts its own."""

import contextlib
import multiprocessing
import tempfile
from threading import Lock, Thread

from autograder.engines import DEFAULT, Setup
from autograder.engines.sandbox import Grader
from autograder.grade.batch import WorkerProcess
from autograder.limits import Limits

_place = tempfile.gettempdir()  # a batch's own goes with the batch


class Warm:
    """The graders of a test run, by limits and kind, each as good as new for the next submission."""

    def __init__(self) -> None:
        self._graders: dict[tuple[Limits, bool], Grader] = {}
        self._lock = Lock()

    def grader(self, limits: Limits, *, unsandboxed: bool = False) -> contextlib.nullcontext:
        """In place of a Grader's own context, which ends with the batch."""
        key = (limits, unsandboxed)
        if key not in self._graders:
            self._graders[key] = Grader(limits, unsandboxed=unsandboxed)
            self._graders[key]._folder = tempfile.TemporaryDirectory(dir=_place)
        return contextlib.nullcontext(self._graders[key])

    def worker(self, opening, scratch):
        """In place of a WorkerProcess: a thread that grades with a grader that is there."""
        (setup,) = opening.args
        return WorkerThread(self, setup) if setup.engine == DEFAULT else WorkerProcess(opening, scratch)

    def grade(self, setup: Setup, submission):
        """The result of a submission."""
        with self._lock, self.grader(setup.limits, unsandboxed=setup.unsandboxed) as grader:
            return grader.grade(setup.assignment, setup.released, submission)

    def close(self) -> None:
        for grader in self._graders.values():
            grader.close()


class WorkerThread:
    """A worker of `Batch` in this process."""

    def __init__(self, warm: Warm, setup: Setup) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        self._thread = Thread(target=self._work, args=(theirs, warm, setup))
        self._thread.start()

    def give(self, submission) -> None:
        self.connection.send(submission)

    def close(self, *, at_once: bool = False) -> str:
        self.connection.close()
        self._thread.join()
        return "exit code 0"

    @staticmethod
    def _work(connection, warm: Warm, setup: Setup) -> None:
        with connection, contextlib.suppress(EOFError, OSError):
            connection.send(True)
            while True:
                connection.send(warm.grade(setup, connection.recv()))
