"""Reading a handed-in archive or folder into memory, and refusing what no honest submission holds."""

import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from autograder.errors import IntakeError

MOST_FILES = 1000
MOST_BYTES = 100_000_000
_ARCHIVES = {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"}
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git", ".DS_Store"}


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of a zip, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, absolute paths, `..`, archives in it, encryption, two files of one name, more than MOST_FILES files,
    more than MOST_BYTES bytes unpacked, damage.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_count(len(entries))
            _check_size(sum(entry.file_size for entry in entries))
            for entry in entries:
                _check_entry(entry)
            return _read_entries(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise IntakeError(f"The zip file is damaged or not one ({error}). Pack and hand it in again.") from None


def holds_several(path: Path) -> bool:
    """Whether a zip is a collection of submissions, as learning platforms make them: zips in it, or many folders."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [
                PurePosixPath(name) for name in archive.namelist() if not _LEFT_OUT & set(PurePosixPath(name).parts)
            ]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return False  # reading it says what is wrong
    if any(file.suffix == ".ipynb" and len(file.parts) == 1 for file in files):
        return False
    folders = {file.parts[0] for file in files if file.suffix == ".ipynb"}
    return len(folders) > 1 or any(file.suffix.lower() in _ARCHIVES for file in files)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, pipes and devices, archives in it, more than MOST_FILES files, more than MOST_BYTES bytes.
    """
    found: dict[str, Path] = {}
    size = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in (*folders, *files):
            path = Path(parent) / name
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise IntakeError(f"{path.relative_to(folder)} is a link or no plain file. Hand in the file itself.")
            if stat.S_ISREG(mode) and name not in _LEFT_OUT:
                relative = path.relative_to(folder).as_posix()
                _check_path(relative)
                found[relative] = path
                size += path.stat().st_size
                _check_count(len(found))
                _check_size(size)
    return {name: found[name].read_bytes() for name in sorted(found)}


def _check_entry(entry: zipfile.ZipInfo) -> None:
    # The name as it stands in the file: zipfile would quietly mend some of what is refused here.
    _check_path(entry.orig_filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise IntakeError(f"{entry.filename} is a link. Pack the file itself.")
    if entry.flag_bits & 0x1:
        raise IntakeError("The zip file asks for a password. Pack it without one.")


def _read_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in entries:
        if _LEFT_OUT & set(PurePosixPath(entry.filename).parts):
            continue
        if entry.filename in files:
            raise IntakeError(f"Two files in it are called {entry.filename}.")
        with archive.open(entry) as file:
            files[entry.filename] = file.read(entry.file_size + 1)
        if len(files[entry.filename]) > entry.file_size:
            raise IntakeError(f"{entry.filename} is larger than the zip file says.")
    return files


def _check_path(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in path.parts[0]:
        raise IntakeError(f"{name!r:.80} leads out of the submission. Pack the assignment's own folder only.")
    if path.suffix.lower() in _ARCHIVES:
        raise IntakeError(f"{name} is an archive in the submission. Pack its files instead.")


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise IntakeError(f"It holds more than {MOST_FILES} files. Hand in the notebook and what it needs only.")


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise IntakeError(
            f"It is larger than {MOST_BYTES // 1_000_000} MB. Hand in the notebook and what it needs only."
        )
