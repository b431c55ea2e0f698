"""Reading a handed-in archive or folder into memory, and refusing what no honest submission holds."""

import errno
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from autograder.errors import IntakeError

MOST_FILES = 1000
MOST_BYTES = 100_000_000
_ARCHIVES = {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"}
_NAME = 200  # bytes of a folder's or file's name, so that any file system takes it
_NOT_PLAIN = "{!a:.80} is a link or no plain file. Hand in the file itself."
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others may ask for gigabytes of memory
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git", ".DS_Store"}
_PACKED = ".submission.zip"  # what `companion submit` leaves beside the notebook
# What zipfile raises on bytes that are no zip.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, OverflowError)


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of a zip, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, absolute paths, `..`, archives in it, encryption, unusual compression, odd names, two files of one
    name, more than MOST_FILES files, more than MOST_BYTES bytes packed or unpacked, damage.
    """
    try:
        with _open_zip(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_count(len(entries))
            _check_size(sum(entry.file_size for entry in entries))
            for entry in entries:
                _check_entry(entry)
            return _read_entries(archive, entries)
    except _DAMAGE as error:
        raise IntakeError(f"The zip file is damaged or not one ({error}). Pack and hand it in again.") from None


def holds_several(path: Path) -> bool:
    """Whether a zip is a collection of submissions, as learning platforms make them: zips in it, or many folders."""
    try:
        with _open_zip(path) as archive:
            files = [
                PurePosixPath(name) for name in archive.namelist() if not _LEFT_OUT & set(PurePosixPath(name).parts)
            ]
    except (*_DAMAGE, IntakeError):
        return False  # reading it says what is wrong
    if any(file.suffix == ".ipynb" and len(file.parts) == 1 for file in files):
        return False
    folders = {file.parts[0] for file in files if file.suffix == ".ipynb"}
    return len(folders) > 1 or any(file.suffix.lower() in _ARCHIVES for file in files)


def read_file(path: Path) -> bytes:
    """The content of a plain file; raises IntakeError for links, pipes, devices and more than MOST_BYTES bytes."""
    return _read_plain(path, path.name, None)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, pipes and devices, archives in it, odd names, more than MOST_FILES files or MOST_BYTES bytes.
    """
    found: dict[str, bytes] = {}
    size = 0
    if not os.access(folder, os.R_OK | os.X_OK):
        raise _denied(folder, folder.name, None)
    # By descriptors: whoever owns the folder can't put a link in a file's place between the look and the reading.
    for parent, folders, files, place in os.fwalk(folder):
        for name in folders:
            if stat.S_ISLNK(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
                raise IntakeError(_NOT_PLAIN.format(name))
            if not os.access(name, os.R_OK | os.X_OK, dir_fd=place):  # fwalk would pass over it
                raise _denied(name, name, place)
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in sorted(set(files) - _LEFT_OUT):
            if name.endswith(_PACKED):
                continue
            relative = (Path(parent) / name).relative_to(folder).as_posix()
            _check_path(relative)
            _check_count(len(found) + 1)
            found[relative] = _read_plain(name, relative, place)
            size += len(found[relative])
            _check_size(size)
    return dict(sorted(found.items()))


def _read_plain(path: str | Path, name: str, place: int | None) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    except PermissionError:
        raise _denied(path, name, place) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise IntakeError(_NOT_PLAIN.format(name)) from None
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise IntakeError(_NOT_PLAIN.format(name))
        data = file.read(MOST_BYTES + 1)
    _check_size(len(data))
    return data


def _denied(path: str | Path, name: str, place: int | None) -> PermissionError:
    """The error that says what may not be read, and whose it is."""
    import pwd  # not on Windows

    user = os.stat(path, dir_fd=place, follow_symlinks=False).st_uid
    try:
        owner = pwd.getpwuid(user).pw_name
    except KeyError:
        owner = f"user {user}, whom this machine doesn't know"
    return PermissionError(f"{name} may not be read: it belongs to {owner}. Have it opened to you (chmod).")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    # The name as it stands in the file: zipfile would quietly mend some of what is refused here.
    _check_path(entry.orig_filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise IntakeError(f"{entry.filename} is a link. Pack the file itself.")
    if entry.compress_type not in _METHODS:
        raise IntakeError(f"{entry.filename} is packed in an unusual way. Pack it as an ordinary zip.")
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
    if not path.parts or not name.isprintable() or any(len(part.encode()) > _NAME for part in path.parts):
        raise IntakeError(f"{name!a:.80} is no name for a file here: too long, or with characters that can't be shown.")
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in path.parts[0]:
        raise IntakeError(f"{name!r:.80} leads out of the submission. Pack the assignment's own folder only.")
    if path.suffix.lower() in _ARCHIVES:
        raise IntakeError(f"{name} is an archive in the submission. Pack its files instead.")


def _open_zip(path: Path) -> zipfile.ZipFile:
    _check_size(path.stat().st_size)  # before zipfile reads a directory of a million entries into memory
    try:
        return zipfile.ZipFile(path)
    except PermissionError:
        raise _denied(path, path.name, None) from None


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise IntakeError(f"It holds more than {MOST_FILES} files. Hand in the notebook and what it needs only.")


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise IntakeError(
            f"It is larger than {MOST_BYTES // 1_000_000} MB. Hand in the notebook and what it needs only."
        )
