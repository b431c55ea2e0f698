"""The processes of a batch, as /proc shows them."""

import contextlib
import os
import signal
import time
from pathlib import Path

# What each kind of process has in its command line, and how many processes above it have the same one: forked from it.
KINDS = {
    "worker": ("multiprocessing.spawn", (0,)),
    "evaluator": ("autograder.trusted.evaluate", (0, 1)),
    "zygote": ("sandbox/zygote.py", (0,)),
    "watchdog": ("sandbox/zygote.py", (1,)),
    "student": ("sandbox/zygote.py", (2,)),
}


def descendants(root):
    """Process id -> command line of all that descend from `root`."""
    return {pid: command for pid, (command, _) in _tree(root).items()}


def kill_one(root, kind, random):
    """SIGKILL one process of that kind below `root`, if there is one; returns whether there was."""
    pids = sorted(of_kind(root, kind))
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(pids), signal.SIGKILL)
    return bool(pids)


def of_kind(root, kind):
    """The ids of the processes of that kind below `root`."""
    text, generations = KINDS[kind]
    tree = _tree(root)
    return {
        pid
        for pid, (command, _) in tree.items()
        if text in command
        and _generation(tree, pid) in generations
        and not (command.startswith("bwrap") and generations != (0,))
    }


def _generation(tree, pid):
    """How many processes above this one run the same command."""
    command, parent = tree[pid]
    return 1 + _generation(tree, parent) if tree.get(parent, ("",))[0] == command else 0


def _tree(root):
    """Process id -> command line and parent of `root` and all that descend from it."""
    commands, parents, children = {}, {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text(errors="replace")  # a process may call itself anything
            pid, parent = int(folder.name), int(stat.rpartition(")")[2].split()[1])
            commands[pid] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            children.setdefault(parent, []).append(pid)
            parents[pid] = parent
    found, new = [], [root]
    while new:
        new = [child for parent in new for child in children.get(parent, ())]
        found += new
    return {pid: (commands[pid], parents[pid]) for pid in found if commands[pid]}


def gone(pids, seconds=300.0):
    """Whether all these processes are gone after at most so many seconds."""
    deadline = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(_runs(pid) for pid in pids)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
