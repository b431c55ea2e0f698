"""Shutting the calling process in: namespaces, mounts, limits and privileges, through the C library.

Only the standard library is used here, since this runs before anything else is at hand.
"""

import contextlib
import ctypes
import itertools
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.limits import Limits

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_MS_RELATIME, _MS_STRICTATIME = 1 << 21, 1 << 24
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_STUDENT_ID = 1000

HOME = "/home/student"
KEYS = ("/proc/keys", "/proc/key-users")  # they list those of the user who grades
_NONE_OF = ("max_user_namespaces", "max_inotify_instances", "max_fanotify_groups")  # the second and third are shared
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def unshare(flags: int) -> None:
    """unshare(2)."""
    _checked(_libc().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    result = _libc().mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode() or None
    )
    _checked(result, f"mount {source} on {target}")


def enter_namespaces() -> None:
    """New namespaces for the caller and its children, all but the mounts; the student's id there is an ordinary one."""
    uid, gid = os.getuid(), os.getgid()
    _prctl(_PR_SET_DUMPABLE, 1)  # a change of user clears it, and then /proc/self can't be written
    unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_STUDENT_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_STUDENT_ID} {gid} 1")


def die_with_parent() -> None:
    """Have the kernel kill the caller when its parent ends; a student's code could undo that."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def mount_own_folders(disk: int) -> None:
    """An own /proc, and one file system in memory for all that may be written; the caller is process 1."""
    unshare(CLONE_NEWNS)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV)
    for name in _NONE_OF:
        with contextlib.suppress(FileNotFoundError):  # an older kernel doesn't count that
            Path("/proc/sys/user", name).write_text("0")
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk},nr_inodes=20000,mode=755")
    for name, target in (("home", HOME), ("shm", "/dev/shm"), ("tmp", "/tmp")):
        os.mkdir(f"/tmp/{name}")
        mount(f"/tmp/{name}", target, flags=MS_BIND)  # /tmp last: it hides the others
    for keys in filter(os.path.exists, KEYS):
        mount("/dev/null", keys, flags=MS_BIND)
        _make_read_only(keys)
    _make_read_only("/proc")  # parts of it are the whole system's
    for device in DEVICES:  # what is written to them goes on; their times are shared by everybody
        _make_read_only(device)
    socket.sethostname("sandbox")


def limit_resources(limits: Limits, *, sandboxed: bool) -> None:
    """Limits that children inherit; without a namespace, processes would be counted together with the user's own."""
    data = _data_size() + limits.memory + (256 << 20)
    for name, value in (
        ("RLIMIT_NPROC", limits.processes if sandboxed else resource.RLIM_INFINITY),
        ("RLIMIT_FSIZE", limits.disk),
        ("RLIMIT_CPU", int(limits.total) + 5),
        ("RLIMIT_NOFILE", 256),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_SIGPENDING", 4096),  # else one could use up what a user has
        ("RLIMIT_DATA", data),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            allowed = max(value, hard) if resource.RLIM_INFINITY in (value, hard) else min(value, hard)
            resource.setrlimit(kind, (allowed, allowed))


def drop_privileges() -> None:
    """No capability, none to be had again, and no gain from any program."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _prctl(_PR_CAPBSET_DROP, capability)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_libc().capset(header, (ctypes.c_uint32 * 6)()), "capset")


def close_all_but(*kept: int) -> None:
    """Close every descriptor but the standard three and `kept`."""
    edges = [2, *sorted(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0]]
    for low, high in itertools.pairwise(edges):
        os.closerange(low + 1, high)


def silence() -> None:
    """Let the standard three be nothing: they were the grader's."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    if null > 2:
        os.close(null)


def _make_read_only(path: str) -> None:
    mount("none", path, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | _mount_flags(path))


def _mount_flags(path: str) -> int:
    """The flags that a path is mounted with: who mounts it anew in a namespace may take none of them away."""
    flags = os.statvfs(path).f_flag
    kept = flags & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    if flags & os.ST_RELATIME:
        return kept | _MS_RELATIME
    return kept if flags & os.ST_NOATIME else kept | _MS_STRICTATIME


def _data_size() -> int:
    """Bytes that count towards RLIMIT_DATA already."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 1 << 30
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    _checked(_libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
