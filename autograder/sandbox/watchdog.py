"""The process that stands beside one student's process: it confines it, watches it, and ends it with all it started."""

import contextlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from autograder.limits import Limits
from autograder.sandbox import confine, syscalls

NOT_SET_UP = "not set up"
KILLED = "killed"  # by somebody outside of the sandbox
_MOST_BUSY = 4  # threads at once
_SOCKET = 512 << 10  # bytes that the system may keep for one
_BEGUN = b"begun"
_TEXT = 300  # bytes about what went wrong
_TICK = 0.05  # seconds between looks; memory is summed every second look


Run = Callable[[socket.socket, Limits, Callable[[], None]], None]


def guard(limits: Limits, fds: list[int], run: Run, *, sandboxed: bool) -> None:
    """Fork the student's process, which runs `run(socket, limits, begun)`, and stay until it has ended.

    It calls `begun` right before any of the student's code runs: an end before that is no student's doing. `fds` are
    the student's socket and the lifeline. When the other end of the lifeline closes, everything is killed; when the
    student's process ends first, the lifeline gets one word about why, and after NOT_SET_UP what went wrong.
    """
    talk, lifeline = fds
    folder = "" if sandboxed else tempfile.mkdtemp(prefix="unsandboxed-")
    if sandboxed:
        confine.enter_namespaces()
    heard, report = os.pipe()
    child = os.fork()
    if child == 0:
        _become_student(limits, talk, report, folder, run)
    os.close(talk)
    os.close(report)
    verdict = _watch(child, lifeline, limits, sandboxed=sandboxed)
    begun = os.read(heard, _TEXT)
    if begun != _BEGUN and (begun or verdict != KILLED):
        verdict = f"{NOT_SET_UP}: {begun.decode(errors='replace') or verdict}"
    if folder:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.write(lifeline, verdict.encode())


def _become_student(limits: Limits, talk: int, report: int, folder: str, run: Run) -> NoReturn:
    """Run the student's side, in a sandbox unless there is a folder for it."""
    sandboxed = not folder
    before = [report]  # empty when the student's code runs

    def begun() -> None:
        while before:
            os.write(before[0], _BEGUN)
            os.close(before.pop())

    try:
        os.setsid()
        confine.die_with_parent()  # unwatched, it would have no limits
        if sandboxed:
            confine.mount_own_folders(limits.disk)
        confine.close_all_but(talk, report)
        confine.limit_resources(limits, sandboxed=sandboxed)
        if sandboxed:
            confine.drop_privileges()
            syscalls.refuse()
        os.chdir(folder or confine.HOME)
        confine.silence()
        run(socket.socket(fileno=talk), limits, begun)
    except BaseException as error:
        for place in before:
            os.write(place, f"{type(error).__name__}: {error}".encode()[:_TEXT])
    finally:
        os._exit(0)


def _watch(child: int, lifeline: int, limits: Limits, *, sandboxed: bool) -> str:
    """Wait for the end, or bring it about; returns one word for it."""
    deadline = time.monotonic() + limits.total
    warm, resident = _anonymous(child), _resident(child)
    seconds = limits.total  # of processor time
    tick = 0
    while True:
        closed, _, _ = select.select([lifeline], [], [], _TICK)
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            return _word(status, used, replace(limits, total=seconds), resident, sandboxed=sandboxed)
        tick += 1
        if sandboxed:
            seconds = min(seconds, _processor_limit(child))
            if tick % 10 == 0:
                _put_behind(child)
        if closed:
            return _kill(child, "released")
        if time.monotonic() > deadline:
            return _kill(child, "time")
        if tick % 2 == 0 and _too_large(child, warm, limits.memory, _sockets(child) if sandboxed else 0):
            return _kill(child, "memory")


def _processor_limit(child: int) -> int:
    """Seconds of processor time after which the system ends the process, which it may have lowered itself."""
    try:
        hard = resource.prlimit(child, resource.RLIMIT_CPU)[1]
    except OSError:
        return sys.maxsize
    return hard if hard != resource.RLIM_INFINITY else sys.maxsize


def _put_behind(child: int) -> None:
    """Let a process tree that keeps many threads busy run only when no other wants the processors.

    Else it could use up the time of other students' cells. No thread can get out of that class again by itself.
    """
    tasks = [(pid, task) for pid in _tree(child) for task in _listdir(f"/proc/{pid}/task")]
    states = [_read(f"/proc/{pid}/task/{task}/stat").rpartition(")")[2].split()[:1] for pid, task in tasks]
    if states.count(["R"]) > _MOST_BUSY:
        for _, task in tasks:
            with contextlib.suppress(OSError):
                os.sched_setscheduler(int(task), os.SCHED_IDLE, os.sched_param(0))


def _word(status: int, used: resource.struct_rusage, limits: Limits, resident: int, *, sandboxed: bool) -> str:
    """One word for an end that this process did not bring about.

    Process 1 of a namespace gets no SIGKILL from within it. So it came from outside: from the system, for a limit that
    was passed between two looks, or else from somebody who had reasons of their own.
    """
    if not os.WIFSIGNALED(status):
        return f"exit {os.WEXITSTATUS(status)}"
    if os.WTERMSIG(status) != signal.SIGKILL or not sandboxed:
        return f"signal {os.WTERMSIG(status)}"
    if used.ru_utime + used.ru_stime >= limits.total - 1:  # the system counts in its own way
        return "time"
    return "memory" if used.ru_maxrss * 1024 - resident > limits.memory else KILLED


def _kill(child: int, word: str) -> str:
    """End process 1 of the namespace, and with it every process in there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return word


def _too_large(child: int, warm: int, limit: int, sockets: int) -> bool:
    """Whether the process tree's own memory is above the limit.

    The cheap figure counts pages once for each process that shares them, so the exact one decides.
    """
    tree = _tree(child)
    limit += warm - _SOCKET * sockets
    return sum(map(_anonymous, tree)) > limit and sum(map(_share, tree)) > limit


def _sockets(pid: int) -> int:
    """How many there are in the process's own network."""
    return int(_read(f"/proc/{pid}/net/sockstat").partition("used ")[2].split("\n")[0] or 0)


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
    """Bytes of the process's memory that no file on a disk backs, shared with the warm process or not.

    The tables that say where its pages are count too: to read a terabyte of nothing takes gigabytes of them.
    """
    return _status(_read(f"/proc/{pid}/status"), ("RssAnon:", "RssShmem:", "VmPTE:"))


def _resident(pid: int) -> int:
    """Bytes of the process's memory, files on a disk among them."""
    return _status(_read(f"/proc/{pid}/status"), ("VmRSS:",))


def _share(pid: int) -> int:
    """The same, but of a page that n processes share 1/n; the upper bound where the kernel does not tell."""
    own = _status(_read(f"/proc/{pid}/smaps_rollup"), ("Pss_Anon:", "Pss_Shmem:"))
    return own + _status(_read(f"/proc/{pid}/status"), ("VmPTE:",)) if own else _anonymous(pid)


def _status(text: str, names: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(names))


def _read(path: str) -> str:
    try:
        with open(path, errors="replace") as file:  # a process may call itself anything
            return file.read()
    except OSError:
        return ""


def _listdir(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []
