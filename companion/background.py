"""Runs a function of the course in a process of its own, so that a notebook's kernel stays free.

A thread would do less well: importing TensorFlow in it while a cell imports Keras can leave either half imported, and
the two would share random state and the interpreter's lock.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

_PROCESSES = multiprocessing.get_context("spawn")


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
    """

    def __init__(
        self,
        function: Callable[..., Iterable],
        *arguments: Any,
        on_message: Callable[[Any], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._stopped = False
        self._receiver, sender = _PROCESSES.Pipe(duplex=False)
        self._process = _PROCESSES.Process(target=_work, args=(sender, function, arguments), daemon=True)
        self._process.start()
        sender.close()  # the process holds the other copy: its end ends the messages
        Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """End the process now."""
        self._stopped = True
        self._process.kill()

    def _listen(self) -> None:
        problem = None
        try:
            while not isinstance(message := self._receiver.recv(), _Failure):
                self._on_message(message)
            problem = message.reason
        except (EOFError, OSError):  # the process is gone
            pass
        self._process.join()
        if self._process.exitcode:
            problem = (
                f"its process ended early (exit code {self._process.exitcode}); perhaps the computer ran out of "
                "memory: close what you don't need and start it again"
            )
        if not self._stopped:
            self._on_end(problem)


class _Failure:
    """Sent when the function raised an exception."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _work(sender: Connection, function: Callable[..., Iterable], arguments: tuple) -> None:
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
