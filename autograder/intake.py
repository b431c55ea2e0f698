"""Taking in what was handed in: packed files, bare notebooks, folders, the nbgrader exchange.

Everything is read into memory and checked before the course is touched. What is refused is left where it is and the
rest goes on; an earlier submission is moved to the history, never deleted.
"""

import contextlib
import difflib
import json
import os
import re
import shutil
import tempfile
import unicodedata
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
_ORIGIN = "autograder-origin.txt"  # in a submission's folder: the learning platform's folder that it came in
_IGNORED = {MANIFEST, "receipt.txt", TIMESTAMP, _NOTE, _ORIGIN}
# Moodle's folder or file of one person: `Ada Lovelace_1234_assignsubmission_file_`.
_PLATFORM = re.compile(r"(?P<person>.+)_\d+_assignsubmission_(file|onlinetext)_?")
_TAKEN = (".zip", ".ipynb")


class Intake(StrEnum):
    """What became of one handed-in thing."""

    COLLECTED = "collected"
    REPLACED = "collected, replaces an earlier one"
    KNOWN = "already collected"
    SUPERSEDED = "superseded by a newer one"
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


class _HandedIn(NamedTuple):
    """A submission, a word for the report on whose it is, and the learning platform's folder that it came in."""

    submission: Submission
    remark: str
    origin: str


class _Claim(NamedTuple):
    """That what lies in one place is a student's submission; `origin` is a platform's folder, else the folder."""

    student: str
    assignment: str
    digest: str
    origin: str
    settled: bool  # it was collected by an earlier run


def collect(
    course: Course, paths: Iterable[Path], *, assignment: str | None = None, student: str | None = None
) -> list[Report]:
    """Take in files and folders; `assignment` and `student` say whose a bare notebook or a folder is.

    One report for each submission found, in order; none of them can stop the others. `student` is for one submission of
    an assignment: where several are found, all of these are refused. It also wins over the name in a packed file, which
    `assignment` does not. Refused too is what claims a student's name from two folders with different content; of two
    files in one folder the newer one counts.
    """
    every = [found for path in paths for found in _found(course, path)]
    claims = _claims(course, every, assignment, student)
    return [_take(course, found, assignment, student, claims) for found in every]


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


def _take(course: Course, found: _Found, assignment: str | None, student: str | None, claims: list[_Claim]) -> Report:
    """Check and store one submission; whatever is wrong with it becomes its report."""
    if found.depth and found.path.is_file() and found.path.suffix.lower() not in _TAKEN:
        return Report(str(found.path), Intake.IGNORED, name=found.name)
    try:
        handed_in = _read(course, found, assignment, student)
        if student:
            _check_only_one(handed_in.submission.assignment, claims)
        else:
            _check_rivals(course, found, handed_in, claims)
        return replace(_store(course, handed_in, str(found.path)), name=found.name)
    except (AutograderError, OSError) as error:
        return Report(str(found.path), Intake.REFUSED, note=_in_words(error), name=found.name)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"It can't be taken in: {error.strerror} ({error.filename})."
    return str(error)


def _claims(course: Course, every: list[_Found], assignment: str | None, student: str | None) -> list[_Claim]:
    """Whose each readable one is said to be."""
    claims = []
    for found in every:
        with contextlib.suppress(AutograderError, OSError):
            submission, _, origin = _read(course, found, assignment, student)
            settled = _outcome(course, submission)[0] in (Intake.KNOWN, Intake.SUPERSEDED)
            claims.append(_claim(submission, origin or str(found.path.parent), settled))
    return claims


def _claim(submission: Submission, origin: str, settled: bool) -> _Claim:
    return _Claim(submission.student, submission.assignment, submission.digest(), origin, settled)


def _check_only_one(assignment: str, claims: list[_Claim]) -> None:
    several = sum(claim.assignment == assignment for claim in claims)
    if several > 1:
        raise IntakeError(
            f"{several} submissions of {assignment} were found, and --student is for one. Give the file or folder of "
            "that one."
        )


def _check_rivals(course: Course, found: _Found, handed_in: _HandedIn, claims: list[_Claim]) -> None:
    """Refuse what has the name of another one that came from elsewhere: nobody but a person knows whose it is.

    Computers' login names are often the same (`root`, `student`), and `companion submit` takes them for a name. What
    an earlier run collected is settled.
    """
    submission, _, origin = handed_in
    mine = _claim(submission, origin or str(found.path.parent), settled=False)
    same = [claim for claim in [*claims, *_placed(course, submission)] if claim[:2] == mine[:2]]
    others = sorted(
        {f"{claim.origin!r:.300}" for claim in same if claim.origin != mine.origin and claim.digest != mine.digest}
    )
    if others and not all(claim.settled for claim in same):
        raise IntakeError(
            f"Another submission has the name {submission.student} too, with other content: {', '.join(others)}. "
            "Neither replaces the other. If they are different learners', collect each alone and say whose it is with "
            f"--student; if they are one learner's, collect the one that counts with --student {submission.student}."
        )


def _placed(course: Course, submission: Submission) -> list[_Claim]:
    """The claim of the submission that is in place, where it came from a learning platform's folder."""
    try:
        files = read_folder(course.submitted(submission.assignment, submission.student))
    except (IntakeError, FileNotFoundError):
        return []  # what can't be graded may be replaced
    origin = files.get(_ORIGIN, b"").decode("utf-8", "replace")
    return [_claim(replace(submission, files=_wanted_files(files)), origin, settled=True)] if origin else []


def _found(course: Course, given: Path) -> Iterator[_Found]:
    for path in _find(course, given):
        inside = path.relative_to(given)
        yield _Found(path, str(inside) if inside.parts else path.name, len(inside.parts))


def _find(course: Course, path: Path) -> Iterator[Path]:
    """The submissions below a path: packed files, single notebooks, and folders that hold a notebook of a known name.

    A folder of notebooks with other names, such as `ada.ipynb`, is taken for many people's. Files of other kinds beside
    them come too, to be reported.
    """
    # What may not be listed is handed on too: reading it says so. (`Path.is_dir` raises where `os.path.isdir` doesn't.)
    if not os.path.isdir(path) or os.path.islink(path) or not os.access(path, os.R_OK | os.X_OK):
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


def _read(course: Course, found: _Found, assignment: str | None, student: str | None) -> _HandedIn:
    path = found.path
    files, names = _read_files(path)
    manifest = _manifest(files)
    if not any(name.endswith(".ipynb") for name in files):
        raise IntakeError("There is no notebook in it.")
    _check_packed_as(manifest.get("assignment"), assignment)
    name = assignment or manifest.get("assignment")
    if not name:
        _check_levels(course, found, names)
    names += reversed(PurePosixPath(found.name).parts[:-1])  # the folders that it lies in, below the one that was given
    name = course.check_assignment(name or _guess_assignment(course, files, names))
    packed_as = unicodedata.normalize("NFC", manifest.get("student", ""))
    if not (student or packed_as):
        _check_not_the_courses_own(course, path)
    who = _check_student(student or packed_as or _guess_student(course, name, names, alone=_is_alone(found)))
    if path.suffix.lower() == ".ipynb" and path.is_file():
        files = _rename_single(course, name, files)
    when, note = _when(manifest.get("time"), files, path)
    odd = "; ".join(filter(None, (note, _changed(files, manifest.get("files")))))
    origin = _origin(path)
    submission = Submission(who, name, _wanted_files(files), when, note=odd)
    return _HandedIn(submission, _remark(who, packed_as, _person(origin)), origin)


def _check_packed_as(said: str | None, wanted: str | None) -> None:
    if said and wanted and said != wanted:
        raise IntakeError(
            f"It was packed as {said!r:.60}, not as {wanted}. Collect it without --assignment; if it is {wanted} all "
            "the same, unpack it and collect the notebook in it."
        )


def _check_not_the_courses_own(course: Course, path: Path) -> None:
    """Refuse a notebook of the course itself: a name found there would be no learner's."""
    for kind, folder in (("release", course.release), ("source", course.source)):
        if any(path.resolve().is_relative_to(folder(name).resolve()) for name in course.assignments()):
            raise IntakeError(
                f"That is the course's own {kind} folder, not what a learner handed in. If somebody worked in it, say "
                "whose it is with --student."
            )


def _origin(path: Path) -> str:
    """The name that a learning platform gave to one person's folder or file; empty where there is none."""
    matches = map(_PLATFORM.match, reversed(path.absolute().parts))
    name = next((match[0] for match in matches if match), "")
    return unicodedata.normalize("NFC", name).encode("utf-8", "replace").decode()


def _person(name: str) -> str:
    """Whose it is by a learning platform's name for a folder or file; empty when that is none."""
    match = _PLATFORM.match(name)
    return match["person"] if match else ""


def _remark(who: str, packed_as: str, person: str) -> str:
    """A word for the report where a packed file, or the folder it came in, says another name."""
    packed = f"though it was packed as {packed_as!r:.60}" if packed_as and packed_as != who else ""
    one, other = _plain(person), _plain(who)
    folder = f"its folder says {person!r:.80}" if one not in other and other not in one else ""
    return "; ".join(filter(None, (packed, folder)))


def _plain(name: str) -> str:
    """The letters and digits of a name, small and without accents, since login names have none."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", name))).casefold()


def _is_alone(found: _Found) -> bool:
    """Whether it is the only file in a folder that may be one learner's, which the folder that was given is not."""
    if found.depth == 1 or not found.path.is_file():
        return False
    return sum(entry.suffix.lower() in _TAKEN for entry in found.path.parent.iterdir()) == 1


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
    """By a name that is an assignment's, else by the cells: the assignment with the largest share of them in common."""
    known = course.assignments()
    if named := _named_assignment(known, names):
        return named
    handed_in = _marks(data for path, data in files.items() if path.endswith(".ipynb"))
    if not handed_in and (fault := _fault(files)):
        raise IntakeError(f"{fault} To take it in as it is, say which assignment it is with --assignment.")
    shares = {name: _share(handed_in, _source_marks(course, name)) for name in known}
    best = max(shares.values(), default=0)
    likely = [name for name, share in shares.items() if share == best]
    if not best or len(likely) > 1:
        raise IntakeError("It can't be told which assignment this is. Say so with --assignment.")
    return likely[0]


def _guess_student(course: Course, assignment: str, names: list[str], *, alone: bool) -> str:
    """The first of the names that says more than the assignment does, such as `ada` in `02-convolution.ada.zip`.

    A file `alone` in its folder may be called anything: where that can't be a student's name, the folder's may be.
    """
    notebooks = {Path(name).stem for name in _notebook_names(course)}
    rests = [rest for name in names if (rest := _without(assignment, name)) and rest not in notebooks]
    possible = [rest for rest in rests if alone and _STUDENT.fullmatch(unicodedata.normalize("NFC", rest))]
    return next(iter(possible + rests), "")


def _without(assignment: str, name: str) -> str:
    """What a file's or folder's name says beside the assignment: the person's name at best."""
    rest = re.sub(r"\(\d+\)", "", name).replace(assignment, "").removesuffix(".submission")
    return _person(name) or rest.strip(" ._-+()")


def _check_student(name: str) -> str:
    name = unicodedata.normalize("NFC", name)  # as `companion submit` has it
    if not name:
        raise IntakeError("It can't be told whose this is. Say so with --student.")
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
    stamp = _parse_time(text) if text else _written(files, path)
    if stamp is None:
        return now, "its time can't be read, so the time of collecting stands"
    return (stamp, "") if stamp <= now else (now, "its time lies ahead, so the time of collecting stands")


def _written(files: Iterable[str], path: Path) -> datetime | None:
    """When the newest of the files was written; a folder's own time does not change when a file in it does."""
    places = [path / name for name in files] if path.is_dir() else [path]
    try:
        newest = max(place.lstat().st_mtime for place in places)
        return datetime.fromtimestamp(newest, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _timestamp(files: dict[str, bytes]) -> str:
    return files.get(TIMESTAMP, b"").decode("utf-8", "replace").strip()


def _parse_time(text: str) -> datetime | None:
    """A time in UTC without tzinfo, as nbgrader keeps it; None when the text is none."""
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError):
        return None


def _unreadable(files: Mapping[str, bytes], student: str) -> str:
    """A word for the report when a notebook can't be read; it is collected all the same, for it was handed in."""
    fault = _fault(files)
    return f"but unreadable: {fault} It scores 0 until {student} hands it in again." if fault else ""


def _fault(files: Mapping[str, bytes]) -> str:
    """What is wrong with the first notebook that can't be read, as a sentence; empty when all can."""
    for name, data in sorted(files.items()):
        if name.endswith(".ipynb"):
            try:
                read_cells(data)
            except UnreadableNotebookError as error:
                # The first sentence says what is wrong; what follows is advice for the learner.
                return f"{name}: {str(error).split('. ')[0].rstrip('.')}."
    return ""


def _store(course: Course, handed_in: _HandedIn, path: str) -> Report:
    """Put a submission in place, or in the history when a newer one is there."""
    submission = handed_in.submission
    outcome, current = _outcome(course, submission)
    if outcome not in (Intake.KNOWN, Intake.SUPERSEDED):
        _put(course, handed_in, outcome, current)
    remarks = (_standing(outcome, submission, current), submission.note, handed_in.remark)
    return Report(path, outcome, submission.student, submission.assignment, "; ".join(filter(None, remarks)))


def _outcome(course: Course, submission: Submission) -> tuple[Intake, datetime | None]:
    """What becomes of a submission, and the time of the one that is in place."""
    whose = submission.assignment, submission.student
    if not course.submitted(*whose).exists():
        return Intake.COLLECTED, None
    current = read_submission(course, *whose)
    if current.digest() == submission.digest():
        return Intake.KNOWN, current.timestamp
    if _in_history(course.history(*whose), submission):
        return Intake.SUPERSEDED, current.timestamp
    # Of two with the same time, that collected later counts: most files tell only when they were copied.
    older = current.timestamp and submission.timestamp and submission.timestamp < current.timestamp
    return Intake.OLDER if older else Intake.REPLACED, current.timestamp


def _standing(outcome: Intake, submission: Submission, current: datetime | None) -> str:
    """A word for the report: how old the one that counts is, or that this one counts and can't be read."""
    if outcome is Intake.SUPERSEDED:
        return f"which is of {_minute(current)}"
    if outcome is Intake.OLDER:
        return f"it is of {_minute(submission.timestamp)}, the one collected of {_minute(current)}"
    return _unreadable(submission.files, submission.student)


def _minute(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "an unknown time"


def _put(course: Course, handed_in: _HandedIn, outcome: Intake, current: datetime | None) -> None:
    submission = handed_in.submission
    place, history = (
        folder(submission.assignment, submission.student) for folder in (course.submitted, course.history)
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    history.mkdir(parents=True, exist_ok=True)
    written = _write_new(history, handed_in)
    if outcome is Intake.REPLACED:
        place.rename(_free(history / _folder_name(current)))
    written.rename(place if outcome is not Intake.OLDER else _free(history / _folder_name(submission.timestamp)))


def _write_new(history: Path, handed_in: _HandedIn) -> Path:
    """The submission written whole beside its final place, so that moving it there takes one step."""
    submission = handed_in.submission
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=history))
    try:
        for name, data in submission.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        if submission.timestamp:
            (folder / TIMESTAMP).write_text(f"{submission.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC\n", "utf-8")
        if submission.note:
            (folder / _NOTE).write_text(submission.note, "utf-8")
        if handed_in.origin:
            (folder / _ORIGIN).write_text(handed_in.origin, "utf-8")
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
        handed_in = _read(course, _Found(folder, folder.name, 0), assignment, student)
        foreign = _foreign(folder, student) if check_owner else ""
        note = "; ".join(filter(None, (handed_in.submission.note, foreign)))
        handed_in = handed_in._replace(submission=replace(handed_in.submission, note=note))
        return _store(course, handed_in, f"exchange: {student}")
    except (AutograderError, OSError) as error:
        return Report(f"exchange: {student}", Intake.REFUSED, note=_in_words(error))


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


def _source_marks(course: Course, assignment: str) -> set[tuple[str, str]]:
    return _marks(path.read_bytes() for path in course.source(assignment).glob("*.ipynb"))


def _marks(notebooks: Iterable[bytes]) -> set[tuple[str, str]]:
    """What tells one assignment from another: its grade ids, which may repeat in all of them, and the cells' texts."""
    marks = set()
    for data in notebooks:
        with contextlib.suppress(UnreadableNotebookError):
            cells = read_cells(data)
            marks |= {("id", cell.grade_id) for cell in cells if cell.grade_id}
            marks |= {("text", cell.source.strip()) for cell in cells}
    return marks


def _share(some: set[tuple[str, str]], others: set[tuple[str, str]]) -> float:
    """How much of two notebooks' marks they have in common, 0 to 1; 0 also where they share no grade id."""
    common = some & others
    return len(common) / len(some | others) if any(kind == "id" for kind, _ in common) else 0
