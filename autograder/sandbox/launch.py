"""Start bubblewrap, as an ordinary user in every case: root first puts its privileges down.

Run as a program with one argument, the plan as JSON: `bwrap` (path), `binds` ([[source, target], ...], read-only),
`options` (the rest of bubblewrap's arguments), `uid`. What follows it is the program to run inside, with arguments.
"""

import ctypes
import json
import os
import sys

_STAGE = "/tmp"
_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_SLAVE = 4096, 16384, 1 << 19


def main() -> None:
    """Replace this process by bubblewrap."""
    plan, command = json.loads(sys.argv[1]), sys.argv[2:]
    program = os.open(plan["bwrap"], os.O_RDONLY)  # after the change of user its path may be closed to us
    binds = plan["binds"]
    if os.geteuid() == 0:
        binds = _stage(binds)
        os.setgroups([])
        os.setresgid(plan["uid"], plan["uid"], plan["uid"])
        os.setresuid(plan["uid"], plan["uid"], plan["uid"])
    os.chdir("/")
    arguments = [word for source, target in binds for word in ("--ro-bind", source, target)]
    os.execve(program, ["bwrap", *arguments, *plan["options"], "--", *command], {})


def _stage(binds: list[list[str]]) -> list[list[str]]:
    """Bind the sources where any user can reach them, in a mount namespace of this process's own.

    Root's interpreter may lie in a folder that nobody else may enter, such as /root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.unshare(_CLONE_NEWNS))
    _checked(libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_SLAVE), None))
    sources = [os.open(source, os.O_PATH) for source, _ in binds]  # before the stage hides what lies under it
    _checked(libc.mount(b"tmpfs", _STAGE.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=755"))
    staged = []
    for number, (source, (_, target)) in enumerate(zip(sources, binds, strict=True)):
        place = f"{_STAGE}/{number}"
        origin = f"/proc/self/fd/{source}"
        if os.path.isdir(origin):
            os.mkdir(place, 0o755)
        else:
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
        _checked(libc.mount(origin.encode(), place.encode(), None, ctypes.c_ulong(_MS_BIND | _MS_REC), None))
        staged.append([place, target])
    return staged


def _checked(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"the sandbox can't be prepared: {os.strerror(number)}")


if __name__ == "__main__":
    main()
