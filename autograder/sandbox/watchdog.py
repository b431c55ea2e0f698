"""The process that stands beside one student's process: it confines it, watches it, and ends it with all it started."""

import contextlib
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.sandbox import confine

NOT_SET_UP = "not set up"
_TICK = 0.05  # seconds between looks; memory is summed every second look


def guard(job: dict[str, Any], fds: list[int], run: Callable[[socket.socket, dict[str, Any]], None]) -> None:
    """Fork the student's process, which runs `run(socket, limits)`, and stay until it has ended.

    `fds` are the student's socket and the lifeline. When the other end of the lifeline closes, everything is killed;
    when the student's process ends first, the lifeline gets one word about why.
    """
    talk, lifeline = fds
    limits = job["limits"]
    folder = "" if job["sandboxed"] else tempfile.mkdtemp(prefix="unsandboxed-")
    if job["sandboxed"]:
        confine.enter_namespaces()
    trouble, report = os.pipe()
    child = os.fork()
    if child == 0:
        _become_student(job, talk, report, folder, run)
    os.close(talk)
    os.close(report)
    verdict = _watch(child, lifeline, limits)
    if os.read(trouble, 1):  # said before any of the student's code ran
        verdict = NOT_SET_UP
    if folder:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.write(lifeline, verdict.encode())


def _become_student(
    job: dict[str, Any], talk: int, report: int, folder: str, run: Callable[[socket.socket, dict[str, Any]], None]
) -> NoReturn:
    try:
        os.setsid()
        if job["sandboxed"]:
            confine.mount_own_folders(job["limits"]["disk"])
        confine.close_all_but(talk, report)
        confine.limit_resources(job["limits"], sandboxed=job["sandboxed"])
        if job["sandboxed"]:
            confine.drop_privileges()
        os.chdir(folder or confine.HOME)
    except BaseException as error:
        os.write(2, f"the student's process could not be set up: {error}\n".encode())
        os.write(report, b"x")
        os._exit(1)
    try:
        confine.silence()
        os.close(report)
        run(socket.socket(fileno=talk), job["limits"])
    finally:
        os._exit(0)


def _watch(child: int, lifeline: int, limits: dict[str, Any]) -> str:
    """Wait for the end, or bring it about; returns one word for it."""
    deadline = time.monotonic() + limits["total"]
    warm = _anonymous(child)
    tick = 0
    while True:
        closed, _, _ = select.select([lifeline], [], [], _TICK)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"
        tick += 1
        if closed:
            return _kill(child, "released")
        if time.monotonic() > deadline:
            return _kill(child, "time")
        if tick % 2 == 0 and _too_large(child, warm, limits["memory"]):
            return _kill(child, "memory")


def _kill(child: int, word: str) -> str:
    """End process 1 of the namespace, and with it every process in there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return word


def _too_large(child: int, warm: int, limit: int) -> bool:
    """Whether the process tree's own memory is above the limit.

    The cheap figure counts pages that are still shared with the warm process, so the exact one decides.
    """
    tree = _tree(child)
    if sum(map(_anonymous, tree)) - warm <= limit:
        return False
    return sum(map(_private, tree)) > limit


def _tree(root: int) -> list[int]:
    """The process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for name in _listdir("/proc"):
        if name.isdigit() and (stat := _read(f"/proc/{name}/stat")):
            parent = int(stat.rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(name))
    tree, new = [root], [root]
    while new:
        new = [child for parent in new for child in parents.get(parent, [])]
        tree += new
    return tree


def _anonymous(pid: int) -> int:
    """Bytes of the process's memory that no file on a disk backs, shared with the warm process or not."""
    return _status(_read(f"/proc/{pid}/status"), ("RssAnon:", "RssShmem:"))


def _private(pid: int) -> int:
    """Bytes that the process shares with nobody; the upper bound where it hides them."""
    detail = _read(f"/proc/{pid}/smaps_rollup")
    return _status(detail, ("Private_Dirty:", "Private_Clean:")) if detail else _anonymous(pid)


def _status(text: str, names: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(names))


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def _listdir(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []
