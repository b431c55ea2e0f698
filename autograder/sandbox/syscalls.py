"""System calls that a student's process may not make, refused by a seccomp filter that it can't take off.

Namespaces don't cover everything: keys of the kernel are inherited by every process that is forked here, virtual
sockets reach the host of a virtual machine, some memory counts towards no limit, and sessions get processor time.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Mapping
from typing import NamedTuple

_SECCOMP_MODE_FILTER = 2
_PR_SET_SECCOMP = 22  # refused too: in its strict mode an end looks as if somebody outside had killed the process
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # operations of the kernel's packet filter
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24  # where they stand in what the filter looks at
_X32 = 0x40000000  # calls from this number on are the same ones once more

_FAMILIES = (1, 2, 10)  # of sockets: local ones, IPv4 and IPv6, which lead nowhere in an empty namespace
# What `fcntl` is asked for: to hold up, or to tell of, others that open the same file, and to mark one for all;
_FOR_OTHERS = (1024, 1026, 1036, 1038)  # F_SETLEASE, F_NOTIFY, F_SET_RW_HINT, F_SET_FILE_RW_HINT
# and to lock a part of one.
_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW


class _Machine(NamedTuple):
    """A machine's number for the kernel, and the numbers of its system calls.

    Those that are `refused`:
    memory that no limit counts: shmget, msgget, semget, memfd_create, memfd_secret, vmsplice
    keys: add_key, request_key, keyctl
    looking at others and at the kernel: ptrace, syslog, process_vm_readv, process_vm_writev, kcmp, perf_event_open
    parts of the kernel that had many holes: bpf, userfaultfd, io_uring_setup
    of which all processes share a fixed number: io_setup, inotify_init, inotify_init1, fanotify_init
    a share of the processors for each of many children: setsid; and seccomp
    """

    number: int
    prctl: int
    socket: int
    fcntl: int
    flock: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 157, 41, 72, 73,
        (29, 68, 64, 319, 447, 278, 248, 249, 250, 101, 103, 310, 311, 312, 298, 321, 323, 425,
         206, 253, 294, 300, 112, 317),
    ),
    "aarch64": _Machine(
        0xC00000B7, 167, 198, 25, 32,
        (194, 186, 190, 279, 447, 75, 217, 218, 219, 117, 116, 270, 271, 272, 241, 280, 282, 425,
         0, 26, 262, 157, 277),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse() -> None:
    """Refuse these calls to the caller and its children, for good; it must have given up new privileges before.

    On other machines than x86-64 and 64-bit ARM nothing is refused. Raises OSError.
    """
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    instructions = b"".join(_filter(known))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _filter(machine: _Machine) -> list[bytes]:
    """The instructions, one after the other; where a test fails, the next `no` of them are passed over."""
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, machine.number, yes=1),  # another one's calls, such as those of 32-bit programs, differ
        _step(_RETURN, _ERROR | errno.ENOSYS),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, no=1),
        _step(_RETURN, _ERROR | errno.ENOSYS),
    ]
    for number in machine.refused:
        program += [_step(_EQUAL, number, no=1), _step(_RETURN, _ERROR | errno.ENOSYS)]
    # A lock on a file that all submissions read would hold up others, or tell them something. To be told that one has
    # it does no harm: nobody else can see the files that a submission writes.
    program += [_step(_EQUAL, machine.flock, no=1), _step(_RETURN, _ERROR)]
    program += _answer(machine.prctl, _FIRST_ARGUMENT, {_PR_SET_SECCOMP: errno.EPERM})
    program += _answer(
        machine.fcntl, _SECOND_ARGUMENT, dict.fromkeys(_FOR_OTHERS, errno.EINVAL) | dict.fromkeys(_LOCKS, 0)
    )
    program += [_step(_EQUAL, machine.socket, no=len(_FAMILIES) + 2), _step(_LOAD, _FIRST_ARGUMENT)]
    program += [_step(_EQUAL, family, yes=len(_FAMILIES) - place) for place, family in enumerate(_FAMILIES)]
    return [*program, _step(_RETURN, _ERROR | errno.EAFNOSUPPORT), _step(_RETURN, _ALLOW)]


def _answer(call: int, place: int, errors: Mapping[int, int]) -> list[bytes]:
    """End a call, undone, with an error where the argument at `place` has one of the values; 0 is success."""
    tests = [part for value, error in errors.items() for part in _answer_one(value, error)]
    return [_step(_EQUAL, call, no=2 + len(tests)), _step(_LOAD, place), *tests, _step(_RETURN, _ALLOW)]


def _answer_one(value: int, error: int) -> list[bytes]:
    return [_step(_EQUAL, value, no=1), _step(_RETURN, _ERROR | error)]


def _step(operation: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", operation, yes, no, value)
