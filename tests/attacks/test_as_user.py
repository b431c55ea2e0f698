"""The same attacks, graded by an ordinary user: run again in a process that has put root's privileges down."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
USER = 64322
LEFT_OUT = (Path(__file__).name, "test_rows.py")


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="the tests run as an ordinary user already")
@pytest.mark.parametrize("part", ["slow", "not slow"])  # the slow ones share TensorFlow, whose import is dear
def test_all_rows_hold_for_an_ordinary_user(sandboxed, part):
    folder = tempfile.mkdtemp(prefix="user-")  # pytest closes its own temporary folders to other users
    os.chown(folder, USER, USER)
    environment = {**os.environ, "HOME": folder, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    options = ["-x", "-m", part, "-p", "no:cacheprovider", "--basetemp", f"{folder}/pytest"]
    options += [f"--ignore={HERE / name}" for name in LEFT_OUT]
    command = [sys.executable, __file__, "-m", "pytest", HERE, *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    shutil.rmtree(folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def become_user() -> None:
    """Put root's privileges down; an interpreter below a closed folder such as /root is opened to us alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x00020000) == 0
    assert libc.mount(b"none", b"/", None, ctypes.c_ulong(16384 | 1 << 18), None) == 0
    for folder in (os.path.realpath(sys.base_prefix), sys.prefix, str(ROOT)):
        closed = [parent for parent in Path(folder).parents if not parent.stat().st_mode & 1]
        if closed:
            source = os.open(folder, os.O_PATH)
            assert libc.mount(b"tmpfs", str(closed[-1]).encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=755") == 0
            os.makedirs(folder)
            origin = f"/proc/self/fd/{source}".encode()
            assert libc.mount(origin, folder.encode(), None, ctypes.c_ulong(4096 | 16384), None) == 0
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


if __name__ == "__main__":
    become_user()
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
