"""System calls that a student's process may not make, refused by a seccomp filter that it can't take off.

Namespaces don't cover everything: keys of the kernel are inherited by every process that is forked here, virtual
sockets reach the host of a virtual machine, some memory counts towards no limit, and sessions get processor time.
"""

import ctypes
import errno
import os
import platform
import struct

_SECCOMP_MODE_FILTER = 2
_PR_SET_SECCOMP = 22  # refused too: in its strict mode an end looks as if somebody outside had killed the process
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # operations of the kernel's packet filter
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # where they stand in what the filter looks at
_X32 = 0x40000000  # calls from this number on are the same ones once more

_FAMILIES = (1, 2, 10)  # of sockets: local ones, IPv4 and IPv6, which lead nowhere in an empty namespace

# Of each machine: its number for the kernel, `prctl`, `socket`, and what is refused:
# memory that no limit counts: shmget, msgget, semget, memfd_create, memfd_secret
# keys: add_key, request_key, keyctl
# looking at others and at the kernel: ptrace, syslog, process_vm_readv, process_vm_writev, kcmp, perf_event_open
# parts of the kernel that had many holes: bpf, userfaultfd, io_uring_setup
# a share of the processors for each of many children: setsid; and seccomp
_X86 = (29, 68, 64, 319, 447, 248, 249, 250, 101, 103, 310, 311, 312, 298, 321, 323, 425, 112, 317)
_ARM = (194, 186, 190, 279, 447, 217, 218, 219, 117, 116, 270, 271, 272, 241, 280, 282, 425, 157, 277)
_MACHINES = {"x86_64": (0xC000003E, 157, 41, _X86), "aarch64": (0xC00000B7, 167, 198, _ARM)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse() -> None:
    """Refuse these calls to the caller and its children, for good; it must have given up new privileges before.

    On other machines than x86-64 and 64-bit ARM nothing is refused. Raises OSError.
    """
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    instructions = b"".join(_filter(*known))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _filter(machine: int, prctl: int, socket: int, refused: tuple[int, ...]) -> list[bytes]:
    """The instructions, one after the other; where a test fails, the next `no` of them are passed over."""
    program = [
        _step(_LOAD, _MACHINE),
        _step(_EQUAL, machine, yes=1),  # another one's calls, such as those of 32-bit programs, have other numbers
        _step(_RETURN, _ERROR | errno.ENOSYS),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, no=1),
        _step(_RETURN, _ERROR | errno.ENOSYS),
    ]
    for number in refused:
        program += [_step(_EQUAL, number, no=1), _step(_RETURN, _ERROR | errno.ENOSYS)]
    program += [_step(_EQUAL, prctl, no=4), _step(_LOAD, _FIRST_ARGUMENT)]
    program += [_step(_EQUAL, _PR_SET_SECCOMP, no=1), _step(_RETURN, _ERROR | errno.EPERM), _step(_RETURN, _ALLOW)]
    program += [_step(_EQUAL, socket, no=len(_FAMILIES) + 2), _step(_LOAD, _FIRST_ARGUMENT)]
    program += [_step(_EQUAL, family, yes=len(_FAMILIES) - place) for place, family in enumerate(_FAMILIES)]
    return [*program, _step(_RETURN, _ERROR | errno.EAFNOSUPPORT), _step(_RETURN, _ALLOW)]


def _step(operation: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", operation, yes, no, value)
