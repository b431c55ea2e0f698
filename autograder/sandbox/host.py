"""The grader's end of the sandbox: starts warm processes inside bubblewrap and has students' processes forked there."""

import importlib.util
import json
import os
import shutil
import socket
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from autograder.errors import AutograderError
from autograder.limits import Limits
from autograder.sandbox.confine import DEVICES, HOME
from autograder.wire.forks import ForkServer

_ENGINE = "/engine"
_PROGRAMS = f"{_ENGINE}/bin"
_SITES = ("site-packages", "dist-packages")
_OWN = ("__init__.py", "limits.py", "wire", "sandbox")  # of this package, what runs inside
_UIDS = range(64_000, 65_000)  # whom root becomes; any that belong to nobody
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

    `packages` are Python packages and modules beside the interpreter's own that students' code may import (read-only);
    those of `modules`, which the course's own cells import, are too, wherever the grader's Python finds them.
    Raises SandboxError where there is no sandbox, unless `unsandboxed`.
    """

    def __init__(self, modules: Iterable[str], packages: Sequence[Path] = (), *, unsandboxed: bool = False) -> None:
        reason = "" if unsandboxed else why_not()
        if reason:
            raise SandboxError(reason)
        names = sorted(set(modules))
        places = {package.name: package for package in (*_elsewhere(names), *packages)}
        command = _plain_command if unsandboxed else _bwrap_command
        self._server = ForkServer(command(names, [*places.values()]), env=ENVIRONMENT | _plain_environment())

    def wait_ready(self) -> None:
        """Wait for the imports. Raises ForkServerError."""
        self._server.wait_ready()

    def spawn(self, talk: socket.socket, lifeline: socket.socket, limits: Limits) -> None:
        """Fork a student's process that speaks over `talk` and lives no longer than `lifeline`.

        Raises ForkServerError when the warm process is gone.
        """
        self._server.fork({"limits": asdict(limits)}, [talk.fileno(), lifeline.fileno()])

    @property
    def pid(self) -> int:
        """The process id of bubblewrap."""
        return self._server.pid

    def close(self) -> None:
        """End the warm process and all that it forked."""
        self._server.close()


def course_packages() -> list[Path]:
    """The learner's package of this course, where it lies outside the interpreter's own folders."""
    return _elsewhere(["companion"])


def _elsewhere(modules: Iterable[str]) -> list[Path]:
    """Packages and modules that the grader's Python finds beside its own folders: by PYTHONPATH, installed as editable.

    Each is seen by itself: what else is in its folder may be the course's solutions.
    """
    own = [
        Path(folder) for folder in (*_site_packages(), sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    ]
    names = {module.partition(":")[0].partition(".")[0] for module in modules} - {"autograder"}
    found = filter(None, map(_place, sorted(names)))
    return [place for place in found if not any(place.is_relative_to(folder) for folder in own)]


def _place(module: str) -> Path | None:
    """The folder of a package, or the file of a module; None where it has no place of its own."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.has_location:
        return None
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


def _plain_command(modules: list[str], packages: Sequence[Path]) -> list[str]:
    here = Path(__file__).parents[2]
    paths = [str(here), *sorted({str(package.parent) for package in packages}), *(path for path, _ in _package_paths())]
    return [_interpreter(), *_zygote(Path(__file__).with_name("zygote.py"), modules, paths, sandboxed=False)]


def _bwrap_command(modules: list[str], packages: Sequence[Path]) -> list[str]:
    binds, links = _system_binds()
    options = [*links, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--chdir", "/"]
    # Not at their own path: an environment in /tmp would be hidden by the student's own /tmp.
    site = {folder: f"/packages/{number}" for number, folder in enumerate(_site_packages())}
    paths = [
        "/course",
        *(path.replace(folder, place, 1) for path, folder in _package_paths() for place in [site[folder]]),
    ]
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
    for name in ("python", "python3"):
        options += ["--symlink", _interpreter(), f"{_PROGRAMS}/{name}"]
    programs = {"PATH": f"{_PROGRAMS}:/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(paths)}  # for what students start
    for name, value in (ENVIRONMENT | programs).items():
        options += ["--setenv", name, value]
    for device in DEVICES:  # not `--dev`: its folder and its terminals could be written to by one after the other
        options += ["--dev-bind", device, device]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        options += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
    options += ["--symlink", "/proc/self/fd", "/dev/fd", "--dir", "/dev/shm"]
    options += ["--proc", "/proc", "--tmpfs", "/tmp", "--dir", HOME, "--remount-ro", "/"]
    # Of what the kernel counts by user, such as pipes' memory, one worker's submissions take nothing from another's.
    uid = _UIDS[os.getpid() % len(_UIDS)]
    plan = {"bwrap": _bwrap(), "binds": binds, "options": options, "uid": uid}
    zygote = _zygote(Path(_ENGINE) / "autograder/sandbox/zygote.py", modules, [_ENGINE, *paths], sandboxed=True)
    launcher = str(Path(__file__).with_name("launch.py"))
    return [sys.executable, "-I", "-S", launcher, json.dumps(plan), _interpreter(), *zygote]


def _zygote(program: Path, modules: list[str], paths: list[str], *, sandboxed: bool) -> list[str]:
    plan = {"paths": paths, "modules": modules, "sandboxed": sandboxed}
    return ["-I", "-S", str(program), json.dumps(plan)]


def _system_binds() -> tuple[list[list[str]], list[str]]:
    """What the interpreter needs to start, its own files, the C library, the loader's cache; and the usual programs."""
    folders, options = {"/usr/lib", "/usr/lib64", "/usr/bin", "/etc/alternatives"}, []
    for name in ("/lib", "/lib64", "/bin"):
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
    return next((str(package.parent / ".cache") for package in packages if package.name == "companion"), "")


def _plain_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in (_DATA, "PATH") if name in os.environ}


@cache
def _bwrap() -> str | None:
    return shutil.which("bwrap")


def _interpreter() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _site_packages() -> list[str]:
    """The folders of the grader's packages: its environment's own, the system's or the user's where it sees them."""
    return list(dict.fromkeys(folder for _, folder in _package_paths()))


def _package_paths() -> list[tuple[str, str]]:
    """What of the grader's path for modules lies in such folders, in order, each with its folder."""
    found = []
    for path in dict.fromkeys([*sys.path, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]):
        folders = [each for each in (Path(path), *Path(path).parents) if each.name in _SITES]
        if folders and os.path.isdir(path):
            found.append((path, str(folders[-1])))
    return found
