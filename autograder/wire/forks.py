"""Warm processes that have imported what is slow to import, and fork a child for each job."""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

_LONGEST_JOB = 1 << 16


class ForkServerError(Exception):
    """A warm process did not start, or is gone."""


class ForkServer:
    """The parent's end of one warm process.

    `command` is started with the number of its control socket as last argument; it runs `serve`.
    """

    def __init__(self, command: Sequence[str], *, keep: Iterable[int] = (), env: dict[str, str] | None = None) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._ready = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        try:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=(theirs.fileno(), *keep),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,  # a pipe that nobody reads would fill up and stop it
                env=env,
            )
        finally:
            theirs.close()

    def wait_ready(self, seconds: float = 120.0) -> dict[str, Any]:
        """Wait until it has imported everything. Raises ForkServerError with what it wrote when it could not start."""
        if self._ready:
            return {}
        answer = self._answer(seconds)
        self._ready = True
        return answer

    def fork(self, job: dict[str, Any], fds: Sequence[int]) -> int:
        """Have a child forked for `job`, which gets copies of the descriptors; returns its process id there."""
        self.wait_ready()
        try:
            socket.send_fds(self._control, [json.dumps(job).encode()], list(fds))
        except OSError as error:
            raise ForkServerError(f"A warm process is gone ({error}).") from None
        return int(self._answer(30.0)["pid"])

    def close(self) -> None:
        """End the process and its children in namespaces."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def _answer(self, seconds: float) -> dict[str, Any]:
        readable, _, _ = select.select([self._control], [], [], seconds)
        line = b""
        if readable:
            with contextlib.suppress(OSError):
                line = self._control.recv(_LONGEST_JOB)
        if not line:
            self._process.kill()
            self._log.seek(0)
            text = self._log.read().decode(errors="replace")
            raise ForkServerError(f"A warm process ended or did not answer. {_last_lines(text)}".strip())
        answer = json.loads(line)
        if "error" in answer:
            raise ForkServerError(answer["error"])
        return answer


def serve(control: socket.socket, modules: Iterable[str], handle: Callable[[dict[str, Any], list[int]], None]) -> None:
    """Import `modules`, then fork a child for each job until the parent hangs up; runs in the warm process.

    `modules` are named as "module" or "module:attribute". One that can't be imported is left to those who import it.
    One that starts threads can't be kept warm, since a forked child would not have them: the parent is told its name.
    """
    begun = time.monotonic()
    missing = {}
    for name in modules:
        try:
            _load(name)
        except Exception as error:
            missing[name] = f"{type(error).__name__}: {error}"[:300]
        if _threads() > 1:
            _say(control, {"error": f"The module {name} starts threads when it is imported.", "module": name})
            return
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    _say(control, {"ready": True, "seconds": time.monotonic() - begun, "missing": missing})
    while True:
        data, fds, _, _ = socket.recv_fds(control, _LONGEST_JOB, 8)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _run(handle, json.loads(data), fds)
        for fd in fds:
            os.close(fd)
        _say(control, {"pid": pid})


def _run(handle: Callable[[dict[str, Any], list[int]], None], job: dict[str, Any], fds: list[int]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        handle(job, fds)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _load(name: str) -> None:
    module, _, attribute = name.partition(":")
    loaded = importlib.import_module(module)
    if attribute and attribute != "*" and not hasattr(loaded, attribute):
        importlib.import_module(f"{module}.{attribute}")


def _say(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(message).encode())


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1  # no Linux: nothing is warm there but NumPy


def _last_lines(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:])[-500:]
