"""The grader's end of the sandbox: starts warm processes inside bubblewrap and has students' processes forked there."""

import importlib.util
import json
import os
import shutil
import socket
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from autograder.errors import AutograderError
from autograder.forks import ForkServer
from autograder.limits import Limits
from autograder.sandbox.confine import HOME

_ENGINE = "/engine"
_OWN = ("__init__.py", "forks.py", "wire.py", "keras_models.py", "sandbox")  # of this package, what runs inside
_UID = 64321  # whom root becomes; any number that belongs to nobody
_DATA = "CNN_COMPANION_DATA"

ENVIRONMENT = {
    "HOME": HOME,
    "USER": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "NBGRADER_EXECUTION": "autograde",  # by which cells know that they are graded
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
}


class SandboxError(AutograderError):
    """There is no sandbox to be had here; the message says why and what to do."""


def why_not() -> str:
    """Why students' code can't be shut in on this machine; empty when it can."""
    if sys.platform != "linux":
        return f"Students' code can be shut in on Linux only, and this is {sys.platform}."
    if not _bwrap():
        return "bubblewrap is missing. Install it: `apt install bubblewrap` (Debian, Ubuntu)."
    return ""


class Sandbox:
    """A warm process with certain modules imported, and the students' processes that it forks.

    `packages` are folders of Python packages beside the interpreter's own that students' code may import (read-only).
    Raises SandboxError where there is no sandbox, unless `unsandboxed`.
    """

    def __init__(self, modules: Iterable[str], packages: Sequence[Path] = (), *, unsandboxed: bool = False) -> None:
        reason = "" if unsandboxed else why_not()
        if reason:
            raise SandboxError(reason)
        command = _plain_command if unsandboxed else _bwrap_command
        self._server = ForkServer(command(sorted(set(modules)), packages), env=ENVIRONMENT | _plain_environment())

    def wait_ready(self) -> None:
        """Wait for the imports. Raises ForkServerError."""
        self._server.wait_ready()

    def spawn(self, talk: socket.socket, lifeline: socket.socket, limits: Limits) -> None:
        """Fork a student's process that speaks over `talk` and lives no longer than `lifeline`.

        Raises ForkServerError when the warm process is gone.
        """
        self._server.fork({"limits": limits.as_dict()}, [talk.fileno(), lifeline.fileno()])

    @property
    def pid(self) -> int:
        """The process id of bubblewrap."""
        return self._server.pid

    def close(self) -> None:
        """End the warm process and all that it forked."""
        self._server.close()


def course_packages() -> list[Path]:
    """The learner's package of this course, where it lies outside the interpreter's own folders."""
    spec = importlib.util.find_spec("companion")
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent
    return [] if folder.parent in map(Path, _site_packages()) else [folder]


def _plain_command(modules: list[str], packages: Sequence[Path]) -> list[str]:
    here = Path(__file__).parents[2]
    paths = [str(here), *sorted({str(package.parent) for package in packages}), *_site_packages()]
    return [_interpreter(), *_zygote(Path(__file__).with_name("zygote.py"), modules, paths, sandboxed=False)]


def _bwrap_command(modules: list[str], packages: Sequence[Path]) -> list[str]:
    binds, links = _system_binds()
    options = [*links, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--chdir", "/"]
    # Not at their own path: an environment in /tmp would be hidden by the student's own /tmp.
    site = {folder: f"/packages/{number}" for number, folder in enumerate(_site_packages())}
    binds += [[folder, place] for folder, place in site.items()]
    own = Path(__file__).parents[1]
    binds += [[str(own / name), f"{_ENGINE}/autograder/{name}"] for name in _OWN]
    binds += [[str(package), f"/course/{package.name}"] for package in packages]
    data = os.environ.get(_DATA) or _course_data(packages)
    if data and Path(data).is_dir():
        binds.append([str(Path(data).resolve()), "/course/data"])
        options += ["--setenv", _DATA, "/course/data"]
    for folder, place in site.items():  # an installed grader is of no use inside
        if (Path(folder) / "autograder").is_dir():
            options += ["--tmpfs", f"{place}/autograder"]
    for name, value in ENVIRONMENT.items():
        options += ["--setenv", name, value]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", HOME, "--remount-ro", "/"]
    plan = {"bwrap": _bwrap(), "binds": binds, "options": options, "uid": _UID}
    paths = [_ENGINE, "/course", *site.values()]
    zygote = _zygote(Path(_ENGINE) / "autograder/sandbox/zygote.py", modules, paths, sandboxed=True)
    launcher = str(Path(__file__).with_name("launch.py"))
    return [sys.executable, "-I", "-S", launcher, json.dumps(plan), _interpreter(), *zygote]


def _zygote(program: Path, modules: list[str], paths: list[str], *, sandboxed: bool) -> list[str]:
    plan = {"paths": paths, "modules": modules, "sandboxed": sandboxed}
    return ["-I", "-S", str(program), json.dumps(plan)]


def _system_binds() -> tuple[list[list[str]], list[str]]:
    """What the interpreter needs to start: its own files, the C library, the loader's cache."""
    folders, options = {"/usr/lib", "/usr/lib64"}, []
    for name in ("/lib", "/lib64"):
        if os.path.islink(name):
            options += ["--symlink", os.readlink(name), name]
        else:
            folders.add(name)
    base = os.path.realpath(sys.base_prefix)
    if base in ("/usr", "/usr/local"):
        folders |= {f"{base}/lib", _interpreter()}
    else:
        folders.add(base)
    folders.add("/etc/ld.so.cache")
    return [[path, path] for path in sorted(folders) if os.path.exists(path)], options


def _course_data(packages: Sequence[Path]) -> str:
    """The data sets that the learner's package keeps in the course's folder, if it does."""
    return next((str(package.parent / ".cache") for package in packages), "")


def _plain_environment() -> dict[str, str]:
    return {_DATA: os.environ[_DATA]} if _DATA in os.environ else {}


@cache
def _bwrap() -> str | None:
    return shutil.which("bwrap")


def _interpreter() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _site_packages() -> list[str]:
    return sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
