"""Reading a handed-in archive or folder into memory, and refusing what no honest submission holds."""

import contextlib
import errno
import io
import itertools
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from autograder.errors import IntakeError, shown, visible

MOST_FILES = 1000  # folders count too
MOST_BYTES = 100_000_000
_ARCHIVES = {".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar"}
_NAME = 200  # bytes of a folder's or file's name, so that any file system takes it
_PATH = 1000  # bytes of a path below the submission's folder
# Bytes of a zip's list of its files, in which an entry has a path, often once more in its notes, and a comment.
_LISTING = 2500 * MOST_FILES
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others may ask for gigabytes of memory
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", "__macosx", ".git", ".ds_store"}
_LEFT_OUT |= {"thumbs.db", "ehthumbs.db", "desktop.ini"}  # what Windows lays beside files
_APPLES = "._"  # begins what macOS lays beside files
_PACKED = ".submission.zip"  # what `companion submit` leaves beside the notebook
# What zipfile raises on bytes that are no zip.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, ValueError, OverflowError)
# What Windows takes for a device, whatever follows the first dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9])\s*(\..*)?")


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of a zip, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, absolute paths, `..`, archives in it, encryption, unusual compression, odd names, two files of one
    name, more than MOST_FILES files and folders, more than MOST_BYTES bytes packed or unpacked, damage.
    """
    try:
        with _open_zip(path) as archive:
            entries = archive.infolist()
            _check_count(len(entries))
            _check_size(sum(entry.file_size for entry in entries))
            for entry in entries:
                _check_entry(entry)
            return _read_entries(archive, [entry for entry in entries if not _is_folder(entry)])
    except _DAMAGE as error:
        text = shown(error)  # it may quote a name of 64 kB
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the file's beginning
            raise
        text = "a file's place in it is wrong"
    raise IntakeError(f"The zip file is damaged or not one ({text}). Pack and hand it in again.")


def holds_several(path: Path) -> bool:
    """Whether a zip is a collection of submissions, as learning platforms make them: zips in it, or many folders."""
    try:
        with _open_zip(path) as archive:
            paths = [PurePosixPath(_with_slashes(name)) for name in archive.namelist()]
            files = [path for path in paths if not any(map(_is_left_out, path.parts))]
    except (*_DAMAGE, IntakeError):
        return False  # reading it says what is wrong
    notebooks = [file for file in files if file.suffix.lower() == ".ipynb"]
    if any(len(file.parts) == 1 for file in notebooks):
        return False
    folders = {file.parts[0] for file in notebooks}
    return len(folders) > 1 or any(file.suffix.lower() in _ARCHIVES for file in files)


def read_file(path: Path) -> bytes:
    """The content of a plain file; raises IntakeError for links, pipes, devices and more than MOST_BYTES bytes."""
    return _read_plain(path, path.name, None)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder, path -> content; raises IntakeError with the reason when it is refused.

    Refused: links, pipes and devices, archives in it, odd names, more than MOST_FILES files and folders, more than
    MOST_BYTES bytes.
    """
    found: dict[str, bytes] = {}
    size = 0
    with contextlib.closing(_walk(folder)) as walk:
        for path, name, place in walk:
            _check_no_archive(path)
            if path in found:
                raise IntakeError(f"Two files in it are called '{shown(path)}'. Rename one.")
            found[path] = _read_plain(name, path, place)
            size += len(found[path])
            _check_size(size)
    return dict(sorted(found.items()))


def portable(files: Mapping[str, bytes], taken: Collection[str]) -> tuple[dict[str, bytes], list[str], list[str]]:
    """The files that any system can keep beside one another; the names that some can't have; and the twins' names.

    A twin is a path that some systems take for another one, or for the folder of another one: it differs in capital
    letters, or in how accents are written. The paths in `taken` come first, then those that sort first.
    """
    claimed: dict[str, tuple[str, bool]] = {}
    for name in taken:
        _claim(claimed, name)
    kept: dict[str, bytes] = {}
    impossible, twins = [], []
    for name in sorted(files):
        if name not in taken and any(map(_is_impossible, name.split("/"))):
            impossible.append(name)
        elif _claim(claimed, name):
            kept[name] = files[name]
        else:
            twins.append(name)
    return kept, impossible, twins


@lru_cache(maxsize=10_000)  # the same folders stand in many paths
def simplified(name: str) -> str:
    """A name as programs look for it that mind neither capital letters, nor wide letters, nor dots at its end."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).rstrip(". ")


def _claim(claimed: dict[str, tuple[str, bool]], path: str) -> bool:
    """Enter a path and its folders as taken, as some systems read them; False when one is another's already."""
    steps = {}
    folded = spelled = ""
    parts = path.split("/")
    for n, part in enumerate(parts, 1):
        folded, spelled = f"{folded}/{_folded(part)}", f"{spelled}/{part}"
        steps[folded] = (spelled, n == len(parts))
    if any(claimed.get(key, value) != value for key, value in steps.items()):
        return False
    claimed.update(steps)
    return True


@lru_cache(maxsize=10_000)
def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_impossible(name: str) -> bool:
    """Whether Windows can't have a file or folder of that name, or gives it another one."""
    return name != name.rstrip().rstrip(".") or _DEVICE.fullmatch(simplified(name)) is not None


def _walk(folder: Path) -> Generator[tuple[str, str, int]]:
    """The files below a folder: path, name, and the descriptor of the folder that each is in."""
    # By descriptors: whoever owns the folder can't put a link in a file's place between the look and the reading.
    waiting = [""]
    seen = 0
    while waiting:
        parent = waiting.pop()
        with _opened(folder, parent) as place:
            names = _names(place)
            seen += len(names)
            _check_count(seen)
            for name in (name for name in names if not _is_left_out(name) and not name.endswith(_PACKED)):
                path = f"{parent}{name}"
                if stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
                    _check_path(path)
                    waiting.append(f"{path}/")
                else:
                    path = _with_slashes(path)  # in a name, where a zip from Windows was unpacked elsewhere
                    _check_path(path)
                    yield path, name, place


@contextlib.contextmanager
def _opened(folder: Path, inside: str) -> Iterator[int]:
    """The descriptor of a folder inside of another, on a way without links. Raises IntakeError where one is."""
    place = _open_folder(folder, folder.name, None)
    try:
        for name in inside.split("/")[:-1]:
            above, place = place, _open_folder(name, name, place)
            os.close(above)
        yield place
    finally:
        os.close(place)


def _open_folder(path: str | Path, name: str, place: int | None) -> int:
    if not os.access(path, os.R_OK | os.X_OK, dir_fd=place):
        raise _denied(path, name, place)
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _not_plain(name) from None
        raise


def _names(place: int) -> list[str]:
    """The names in a folder, sorted; of more than there may be only so many that it shows."""
    with os.scandir(place) as entries:
        return sorted(entry.name for entry in itertools.islice(entries, MOST_FILES + 1))


def _read_plain(path: str | Path, name: str, place: int | None) -> bytes:
    with os.fdopen(_open_plain(path, name, place), "rb") as file:
        data = file.read(MOST_BYTES + 1)
    _check_size(len(data))
    return data


def _open_plain(path: str | Path, name: str, place: int | None) -> int:
    """The descriptor of a plain file. Raises IntakeError for anything else, and waits for no pipe's other end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    except PermissionError:
        raise _denied(path, name, place) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise _not_plain(name) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_plain(name)
    return descriptor


def _not_plain(name: str) -> IntakeError:
    return IntakeError(f"'{shown(name)}' is a link or no plain file. Hand in the file itself.")


def _denied(path: str | Path, name: str, place: int | None) -> PermissionError:
    """The error that says what may not be read, and whose it is."""
    import pwd  # not on Windows

    user = os.stat(path, dir_fd=place, follow_symlinks=False).st_uid
    try:
        owner = pwd.getpwuid(user).pw_name
    except KeyError:
        owner = f"user {user}, whom this machine doesn't know"
    return PermissionError(f"{shown(name)} may not be read: it belongs to {owner}. Have it opened to you (chmod).")


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return _with_slashes(entry.filename).endswith("/")  # `ZipInfo.is_dir` fails on an empty name before Python 3.12


def _with_slashes(path: str) -> str:
    """A path as it is meant: programs on Windows part folders by backslashes."""
    return path.replace("\\", "/")


def _is_left_out(name: str) -> bool:
    """Whether no learner made the file or folder: programs lay it there."""
    return name.casefold() in _LEFT_OUT or name.startswith(_APPLES)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    # The name as it stands in the file: zipfile would quietly mend some of what is refused here.
    name = _with_slashes(entry.orig_filename)
    if not _is_folder(entry):
        _check_path(name)
        _check_no_archive(name)
    elif set(PurePosixPath(name).parts) - {"/"}:  # some programs enter the top folder, as `./` or `/`
        _check_path(name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise IntakeError(f"'{shown(entry.filename)}' is a link. Pack the file itself.")
    if entry.compress_type not in _METHODS:
        raise IntakeError(f"'{shown(entry.filename)}' is packed in an unusual way. Pack it as an ordinary zip.")
    if entry.flag_bits & 0x1:
        raise IntakeError("The zip file asks for a password. Pack it without one.")


def _read_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for entry in entries:
        path = PurePosixPath(_with_slashes(entry.filename))  # which `./quiz.ipynb` is the same for
        if any(map(_is_left_out, path.parts)):
            continue
        if str(path) in files:
            raise IntakeError(f"Two files in it are called '{shown(path)}'. Pack the folder anew.")
        with archive.open(entry) as file:
            files[str(path)] = file.read(entry.file_size + 1)
        if len(files[str(path)]) > entry.file_size:
            raise IntakeError(f"'{shown(path)}' is larger than the zip file says. Pack the folder anew.")
    for name in _folders(files) & files.keys():
        raise IntakeError(f"'{shown(name)}' is a file and a folder in it. Pack the folder anew.")
    return files


def _folders(paths: Iterable[str]) -> set[str]:
    """The folders that the paths lead through."""
    found: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


def _check_path(name: str) -> None:
    path = PurePosixPath(name)
    # What is not visible comes first: half a pair of surrogates has no bytes.
    if not path.parts or visible(name) != name or len(name.encode()) > _PATH or _longest(path) > _NAME:
        raise IntakeError(
            f"'{shown(name)}' is no name for a file here: too long, or with characters that can't be shown. Rename it."
        )
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0]:
        raise IntakeError(f"'{shown(name)}' leads out of the submission. Pack the assignment's own folder only.")


def _longest(path: PurePosixPath) -> int:
    return max(len(part.encode()) for part in path.parts)


def _check_no_archive(name: str) -> None:
    if PurePosixPath(name).suffix.lower() in _ARCHIVES:
        raise IntakeError(f"'{shown(name)}' is an archive in the submission. Pack its files instead.")


class _Sparing(io.FileIO):
    """A zip file of which no more than `most` bytes are read in one go, as zipfile reads the list of the files."""

    most = _LISTING

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.most:  # a list of a million files would take gigabytes
            _check_count(MOST_FILES + 1)
        return super().read(size) or b""


@contextlib.contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with _Sparing(_open_plain(path, path.name, None), "rb") as file:
        _check_size(os.fstat(file.fileno()).st_size)
        archive = zipfile.ZipFile(file)
        file.most = MOST_BYTES
        yield archive


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise IntakeError(
            f"It holds more than {MOST_FILES} files and folders. Hand in the notebook and what it needs only."
        )


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise IntakeError(
            f"It is larger than {MOST_BYTES // 1_000_000} MB. Hand in the notebook and what it needs only."
        )
