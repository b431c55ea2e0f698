"""Runs a function of the course in a process of its own, so that a notebook's kernel stays free.

A thread would do less well: importing TensorFlow in it while a cell imports Keras can leave either half imported, and
the two would share random state and the interpreter's lock.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from threading import RLock, Thread
from typing import Any

_PROCESSES = multiprocessing.get_context("spawn")


def shared_bytes(count: int) -> Any:
    """A buffer of so many bytes, 0 at first: given to `Background` as an argument, both processes see what is in it."""
    return _PROCESSES.RawArray("B", count)


class Background:
    """`function(*arguments)` in a process of its own, begun at once.

    Parameters
    ----------
    function
        Defined at the top of a module; yields what can be pickled.
    arguments
        Picklable too.
    on_message
        Gets each object that the function yields, in a thread.
    on_end
        Called in that thread when the function has come to its end: with None, or with what went wrong. Not called
        after `stop`.
    lock
        Held during `on_message` and `on_end`; `stop` takes it too. Code that calls `stop` while it holds a lock that
        those two need gives that one here: of two locks, each thread could hold the one that the other waits for.
    """

    def __init__(
        self,
        function: Callable[..., Iterable[Any]],
        *arguments: Any,
        on_message: Callable[[Any], None],
        on_end: Callable[[str | None], None],
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._lock = lock or RLock()
        self._stopped = False
        self._receiver, sender = _PROCESSES.Pipe(duplex=False)
        self._process = _PROCESSES.Process(target=_work, args=(sender, function, arguments), daemon=True)
        self._process.start()
        sender.close()  # the process holds the other copy: its end ends the messages
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def stop(self) -> None:
        """End the process now; nothing is delivered any more, not even what it has sent already."""
        self._stopped = True
        self._process.kill()
        with self._lock:  # until what is being delivered has arrived
            pass

    def _listen(self) -> None:
        problem = None
        try:
            while not isinstance(message := self._receiver.recv(), _Failure):
                self._deliver(self._on_message, message)
            problem = message.reason
        except (EOFError, OSError):  # the process is gone
            pass
        self._process.join()
        if self._process.exitcode:
            problem = (
                f"its process ended early (exit code {self._process.exitcode}); perhaps the computer ran out of "
                "memory: close what you don't need and start it again"
            )
        self._deliver(self._on_end, problem)

    def _deliver(self, callback: Callable[[Any], None], message: Any) -> None:
        with self._lock:
            if not self._stopped:
                callback(message)


class _Failure:
    """Sent when the function raised an exception."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _work(sender: Connection, function: Callable[..., Iterable[Any]], arguments: tuple[Any, ...]) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the kernel, for a cell, reaches this process too
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # the kernel would show them in some cell's output
        os.dup2(nothing, stream)
    if hasattr(os, "nice"):
        os.nice(5)  # the browser, on the same two cores, goes first
    try:
        for message in function(*arguments):
            sender.send(message)
    except BrokenPipeError:
        pass  # the kernel is gone
    except Exception as error:
        sender.send(_Failure(f"{type(error).__name__}: {error}"))
