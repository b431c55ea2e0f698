"""A limit on the time that some work of this process may take."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

_AGAIN = 0.25  # seconds after which one who swallowed the interruption gets another


@contextlib.contextmanager
def time_limit(seconds: float, error: type[BaseException]) -> Iterator[threading.Event]:
    """Raise `error` in here when `seconds` are over; not at once while one call into a library of C runs.

    The event is set then, for a library may make another error of it. Only a main thread can be interrupted, and not on
    Windows: elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield threading.Event()
        return
    is_over = threading.Event()

    def interrupt(number: int, frame: Any) -> None:
        is_over.set()
        raise error

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN)
    try:
        yield is_over
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
