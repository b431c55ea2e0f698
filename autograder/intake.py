"""Taking in what was handed in: packed files, bare notebooks, folders, the nbgrader exchange.

Everything is read into memory and checked before the course is touched. What is refused is left where it is and the
rest goes on; an earlier submission is moved to the history, never deleted.
"""

import contextlib
import difflib
import json
import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from autograder.archives import holds_several, read_file, read_folder, read_zip
from autograder.course import CONFIG, Course, captured
from autograder.errors import AutograderError, CourseError, IntakeError, UnreadableNotebookError
from autograder.notebooks import read_cells
from autograder.results import Submission

MANIFEST = "manifest.json"
TIMESTAMP = "timestamp.txt"
_STUDENT = re.compile(r"\w[\w.@-]{0,127}")
_NOTE = "autograder-note.txt"  # in a submission's folder: what was odd about it
_IGNORED = {MANIFEST, "receipt.txt", TIMESTAMP, _NOTE}
_TAKEN = (".zip", ".ipynb")


class Intake(StrEnum):
    """What became of one handed-in thing."""

    COLLECTED = "collected"
    REPLACED = "collected, replaces an earlier one"
    KNOWN = "already collected"
    OLDER = "older than the one collected, kept in the history"
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Report:
    """One line of the report on a `collect` run; `name` is the path as seen from the folder that was given."""

    path: str
    outcome: Intake
    student: str = ""
    assignment: str = ""
    note: str = ""
    name: str = ""


class _Found(NamedTuple):
    """One submission's file or folder, and how many folders it lies below the one that was given."""

    path: Path
    name: str
    depth: int


def collect(
    course: Course, paths: Iterable[Path], *, assignment: str | None = None, student: str | None = None
) -> list[Report]:
    """Take in files and folders; `assignment` and `student` say whose a bare notebook or a folder is.

    One report for each submission found, in order; none of them can stop the others. `student` is for one submission of
    an assignment: where several are found, all of these are refused.
    """
    every = [found for path in paths for found in _found(course, path)]
    crowd = _crowded(course, every, assignment, student) if student else {}
    return [_take(course, found, assignment, student, crowd) for found in every]


def collect_exchange(course: Course, assignment: str | None = None) -> list[Report]:
    """Take in what lies in the nbgrader exchange, for one assignment or for all that have a source.

    Raises CourseError when no exchange can be used here.
    """
    wanted = [course.check_assignment(assignment)] if assignment else course.assignments()
    reports = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted:
            directory = course.directory(name, submitted_directory=scratch, db_url=course.db_url)
            course.prepare_gradebook()
            with captured(course.app.log):
                try:
                    inbound = _Inbound(coursedir=directory, parent=course.app)
                    inbound.start()
                except ExchangeError:
                    raise CourseError(
                        "There is no nbgrader exchange here that can be read. Give files or folders: "
                        "autograder collect PATH ..."
                    ) from None
            reports += [_take_inbound(course, name, *found, inbound.check_owner) for found in sorted(inbound.found)]
    return reports


class _Inbound(ExchangeCollect):
    """Finds what nbgrader would collect, and copies nothing: nbgrader's copy follows links and stops at a large one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.found: list[tuple[str, Path]] = []  # student and folder

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        self.found.append((Path(dest).parent.name, Path(src)))


def read_submission(course: Course, assignment: str, student: str) -> Submission:
    """The submission that counts for a student, as it lies in the course's submitted folder.

    A folder that can't be taken as it is (links, too much) makes a submission without files and with that fault.
    """
    try:
        files = read_folder(course.submitted(assignment, student))
    except IntakeError as error:
        return Submission(student, assignment, {}, fault=str(error))
    note = files.get(_NOTE, b"").decode("utf-8", "replace")
    return Submission(student, assignment, _wanted_files(files), _parse_time(_timestamp(files)), note=note)


def _take(
    course: Course, found: _Found, assignment: str | None, student: str | None, crowd: Mapping[str, int]
) -> Report:
    """Check and store one submission; whatever is wrong with it becomes its report."""
    if found.depth and found.path.is_file() and found.path.suffix.lower() not in _TAKEN:
        return Report(str(found.path), Intake.IGNORED, name=found.name)
    try:
        submission, note = _read(course, found, assignment, student)
        if crowd.get(submission.assignment, 0) > 1:
            raise IntakeError(
                f"{crowd[submission.assignment]} submissions of {submission.assignment} were found, and --student is "
                "for one. Give the file or folder of that one."
            )
        return replace(_store(course, submission, str(found.path), note), name=found.name)
    except (AutograderError, OSError) as error:
        return Report(str(found.path), Intake.REFUSED, note=str(error), name=found.name)


def _crowded(course: Course, every: list[_Found], assignment: str | None, student: str | None) -> Mapping[str, int]:
    """How many readable submissions of each assignment were found."""
    count: Counter[str] = Counter()
    for found in every:
        with contextlib.suppress(AutograderError, OSError):
            count[_read(course, found, assignment, student)[0].assignment] += 1
    return count


def _found(course: Course, given: Path) -> Iterator[_Found]:
    for path in _find(course, given):
        inside = path.relative_to(given)
        yield _Found(path, str(inside) if inside.parts else path.name, len(inside.parts))


def _find(course: Course, path: Path) -> Iterator[Path]:
    """The submissions below a path: packed files, single notebooks, and folders that hold a notebook of a known name.

    A folder of notebooks with other names, such as `ada.ipynb`, is taken for many people's. Files of other kinds beside
    them come too, to be reported.
    """
    if not path.is_dir() or path.is_symlink():
        yield path
        return
    inside = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "__")))
    likely = any(entry.is_dir() or entry.suffix.lower() in _TAKEN for entry in inside)
    if not likely or any(entry.name in _notebook_names(course) for entry in inside):
        yield path
        return
    for entry in inside:
        yield from _find(course, entry)


def _notebook_names(course: Course) -> set[str]:
    return {path.name for name in course.assignments() for path in course.source(name).glob("*.ipynb")}


def _read(course: Course, found: _Found, assignment: str | None, student: str | None) -> tuple[Submission, str]:
    path = found.path
    files, names = _read_files(path)
    manifest = _manifest(files)
    if not any(name.endswith(".ipynb") for name in files):
        raise IntakeError("There is no notebook in it.")
    name = assignment or manifest.get("assignment")
    if not name:
        _check_levels(course, found, names)
    name = course.check_assignment(name or _guess_assignment(course, files, names))
    who = _check_student(student or manifest.get("student") or _guess_student(course, name, names))
    if path.suffix.lower() == ".ipynb" and path.is_file():
        files = _rename_single(course, name, files)
    when, note = _when(manifest.get("time"), files, path)
    odd = "; ".join(filter(None, (note, _changed(files, manifest.get("files")))))
    submission = Submission(who, name, _wanted_files(files), when, note=odd)
    return submission, "; ".join(filter(None, (_unreadable(files, who), odd)))


def _read_files(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files of what was handed in, and the names that may say whose it is and of which assignment."""
    if path.is_symlink():
        raise IntakeError("It is a link. Hand in the file itself.")
    if not path.exists():
        raise IntakeError("There is no such file.")
    if path.is_dir():
        return read_folder(path), [path.name, path.parent.name]
    if path.suffix.lower() == ".zip":
        if holds_several(path):
            raise IntakeError("It holds several submissions. Unpack it, and give the folder to `autograder collect`.")
        return _without_top_folder(read_zip(path)), [path.stem]
    if path.suffix.lower() == ".ipynb":
        return {path.name: read_file(path)}, [path.stem, path.parent.name]
    raise IntakeError("Only .zip files, .ipynb notebooks and folders can be collected.")


def _check_levels(course: Course, found: _Found, names: list[str]) -> None:
    """Refuse a folder STUDENT/ASSIGNMENT of an assignment that does not exist: its name is nobody's name.

    Raises CourseError with the nearest name.
    """
    known = course.assignments()
    if _named_assignment(known, names):
        return
    if found.path.is_dir() and found.depth > 1:
        course.check_assignment(found.path.name)
    for part in (part for name in names for part in name.split(".")):
        if _resembles_assignment(known, part):
            course.check_assignment(part)


def _resembles_assignment(known: list[str], name: str) -> bool:
    """Whether it is nearly an assignment's name, or numbered as one: `09-nope` where there is `02-convolution`."""
    number = re.match(r"\d+[-_]", name)
    numbered = number and any(re.match(r"\d" * (len(number[0]) - 1) + number[0][-1], each) for each in known)
    return bool(numbered or difflib.get_close_matches(name, known, n=1, cutoff=0.8))


def _without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a zip that was made of a folder, without that folder's name before each."""
    tops = {name.split("/")[0] for name in files}
    if len(tops) == 1 and all("/" in name for name in files):
        return {name.split("/", 1)[1]: data for name, data in files.items()}
    return files


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of a file made by `companion submit`; empty for others. Only what has the right type is believed."""
    try:
        saved = json.loads(files.get(MANIFEST, b"{}"))
    except (ValueError, RecursionError):
        raise IntakeError(f"{MANIFEST} in it can't be read. Ask for it to be packed again.") from None
    if not isinstance(saved, dict):
        return {}
    return {key: value for key, value in saved.items() if isinstance(value, dict if key == "files" else str)}


def _changed(files: dict[str, bytes], checksums: Mapping[str, object] | None) -> str:
    """A word for the report on files that are not those of the receipt."""
    others = [
        name for name, given in (checksums or {}).items() if name in files and sha256(files[name]).hexdigest() != given
    ]
    return f"{', '.join(others)} is not the file of the receipt (it was changed after packing)" if others else ""


def _named_assignment(known: list[str], names: list[str]) -> str:
    """The assignment that one of the names holds; empty when none does."""
    for name in known:
        if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", given) for given in names):
            return name
    return ""


def _guess_assignment(course: Course, files: dict[str, bytes], names: list[str]) -> str:
    """By a name that is an assignment's, else by the cells: the assignment that shares most grade ids."""
    known = course.assignments()
    if named := _named_assignment(known, names):
        return named
    handed_in = set().union(*(_grade_ids(data) for path, data in files.items() if path.endswith(".ipynb")))
    shared = {name: len(handed_in & _source_ids(course, name)) for name in known}
    best = max(shared.values(), default=0)
    likely = [name for name, count in shared.items() if count == best]
    if not handed_in and (fault := _fault(files)):
        raise IntakeError(f"{fault} To take it in as it is, say which assignment it is with --assignment.")
    if not best or len(likely) > 1:
        raise IntakeError("It can't be told which assignment this is. Say so with --assignment.")
    return likely[0]


def _guess_student(course: Course, assignment: str, names: list[str]) -> str:
    """The first of the names that says more than the assignment does, such as `ada` in `02-convolution.ada.zip`."""
    notebooks = {Path(name).stem for name in _notebook_names(course)}
    for name in names:
        rest = re.sub(r"\(\d+\)", "", name).replace(assignment, "").removesuffix(".submission").strip(" ._-+()")
        if rest and rest not in notebooks:
            return rest
    return ""


def _check_student(name: str) -> str:
    name = unicodedata.normalize("NFC", name)  # as `companion submit` has it
    if not _STUDENT.fullmatch(name):
        raise IntakeError(
            f"{name!r:.60} can't be a student's name here (letters, digits and . _ - @ can). "
            "Say whose it is with --student."
        )
    return name


def _rename_single(course: Course, assignment: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """A bare notebook is usually named after its student; the assignment knows it by its own name."""
    wanted = sorted(path.name for path in course.source(assignment).glob("*.ipynb"))
    (data,) = files.values()
    return {wanted[0]: data} if len(wanted) == 1 else files


def _when(claimed: str | None, files: dict[str, bytes], path: Path) -> tuple[datetime, str]:
    """When it was handed in, in UTC, never later than now: by the manifest, nbgrader's timestamp, or the file."""
    now = datetime.now(UTC).replace(tzinfo=None)
    text = claimed or _timestamp(files)
    if not text:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None), ""
    stamp = _parse_time(text)
    if stamp is None:
        return now, "its time can't be read, so the time of collecting stands"
    return (stamp, "") if stamp <= now else (now, "its time lies ahead, so the time of collecting stands")


def _timestamp(files: dict[str, bytes]) -> str:
    return files.get(TIMESTAMP, b"").decode("utf-8", "replace").strip()


def _parse_time(text: str) -> datetime | None:
    """A time in UTC without tzinfo, as nbgrader keeps it; None when the text is none."""
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError):
        return None


def _unreadable(files: dict[str, bytes], student: str) -> str:
    """A word for the report when a notebook can't be read; it is collected all the same, for it was handed in."""
    fault = _fault(files)
    return f"but unreadable: {fault} It scores 0 until {student} hands it in again." if fault else ""


def _fault(files: dict[str, bytes]) -> str:
    """What is wrong with the first notebook that can't be read, as a sentence; empty when all can."""
    for name, data in sorted(files.items()):
        if name.endswith(".ipynb"):
            try:
                read_cells(data)
            except UnreadableNotebookError as error:
                # The first sentence says what is wrong; what follows is advice for the learner.
                return f"{name}: {str(error).split('. ')[0].rstrip('.')}."
    return ""


def _store(course: Course, submission: Submission, path: str, note: str) -> Report:
    """Put a submission in place, or in the history when a newer one is there."""
    place, history = (
        folder(submission.assignment, submission.student) for folder in (course.submitted, course.history)
    )
    outcome = Intake.COLLECTED
    if place.exists():
        current = read_submission(course, submission.assignment, submission.student)
        if current.digest() == submission.digest() or _in_history(history, submission):
            return Report(path, Intake.KNOWN, submission.student, submission.assignment, note)
        newer = current.timestamp is None or submission.timestamp is None or submission.timestamp > current.timestamp
        outcome = Intake.REPLACED if newer else Intake.OLDER
    place.parent.mkdir(parents=True, exist_ok=True)
    history.mkdir(parents=True, exist_ok=True)
    written = _write_new(history, submission)
    if outcome is Intake.REPLACED:
        place.rename(_free(history / _folder_name(current.timestamp)))
    written.rename(place if outcome is not Intake.OLDER else _free(history / _folder_name(submission.timestamp)))
    return Report(path, outcome, submission.student, submission.assignment, note)


def _write_new(history: Path, submission: Submission) -> Path:
    """The submission written whole beside its final place, so that moving it there takes one step."""
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=history))
    try:
        for name, data in submission.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        if submission.timestamp:
            (folder / TIMESTAMP).write_text(f"{submission.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC\n", "utf-8")
        if submission.note:
            (folder / _NOTE).write_text(submission.note, "utf-8")
        folder.chmod(0o755)
    except OSError:
        shutil.rmtree(folder)
        raise
    return folder


def _in_history(history: Path, submission: Submission) -> bool:
    """Whether this very submission, of the same time, is kept already."""
    folders = history.glob(f"{_folder_name(submission.timestamp)}*")
    return any(Submission("", "", _wanted_files(read_folder(f))).digest() == submission.digest() for f in folders)


def _folder_name(timestamp: datetime | None) -> str:
    return f"{timestamp:%Y-%m-%dT%H%M%S.%f}" if timestamp else "unknown-time"


def _free(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}-{n}") if n else path for n in range(10_000))
    return next(candidate for candidate in candidates if not candidate.exists())


def _take_inbound(course: Course, assignment: str, student: str, folder: Path, check_owner: bool) -> Report:
    try:
        submission, note = _read(course, _Found(folder, folder.name, 0), assignment, student)
        foreign = _foreign(folder, student) if check_owner else ""
        submission = replace(submission, note="; ".join(filter(None, (submission.note, foreign))))
        return _store(course, submission, f"exchange: {student}", "; ".join(filter(None, (note, foreign))))
    except (AutograderError, OSError) as error:
        return Report(f"exchange: {student}", Intake.REFUSED, note=str(error))


def _foreign(folder: Path, student: str) -> str:
    """A word for the report on a folder that somebody else laid into the exchange, where everybody may write."""
    try:
        owner = folder.owner()
    except KeyError:
        owner = "nobody that this machine knows"
    return "" if owner == student else f"its folder belongs to {owner}, not to {student}"


def _wanted_files(files: dict[str, bytes]) -> dict[str, bytes]:
    # A configuration is a program, which nbgrader and this package would run if somebody called them in that folder.
    return {name: data for name, data in files.items() if name not in _IGNORED and PurePosixPath(name).name != CONFIG}


def _source_ids(course: Course, assignment: str) -> set[str]:
    return set().union(*(_grade_ids(path.read_bytes()) for path in course.source(assignment).glob("*.ipynb")))


def _grade_ids(data: bytes) -> set[str]:
    try:
        return {cell.grade_id for cell in read_cells(data) if cell.grade_id}
    except UnreadableNotebookError:
        return set()
