"""Taking in what was handed in: packed files, bare notebooks, folders, the nbgrader exchange.

Everything is read into memory and checked before the course is touched. What is refused is left where it is and the
rest goes on; an earlier submission is moved to the history, never deleted.
"""

import contextlib
import difflib
import itertools
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect

from autograder.collect.archives import holds_several, read_file, read_folder, read_zip
from autograder.collect.layout import NOTEBOOK, as_notebooks, is_notebook, unfolded
from autograder.collect.people import Mark, twins
from autograder.collect.roster import NotInRosterError, Roster
from autograder.collect.store import (
    MANIFEST,
    HandedIn,
    Intake,
    is_configuration,
    origin_of,
    outcome_of,
    own_notebooks,
    put,
    read_submission,
    settle,
    timestamp_of,
    wanted_files,
)
from autograder.collect.whose import Candidate, clean, is_taken, mark_of, names_in, notebook_names, whose
from autograder.course.course import Course, captured
from autograder.course.times import parse_time, shown_time
from autograder.errors import AutograderError, CourseError, IntakeError, UnreadableNotebookError, listed, shown
from autograder.notebook.cells import read_cells
from autograder.results import Submission

_MOST_BESIDE = 10_000  # files and folders in one folder that are each taken for a submission
_DEEPEST = 20  # folders below the one that was given in which submissions are looked for
_LONGEST_MANIFEST = 2_000_000  # bytes; that of 1000 files with long names has half of it
_LONGEST_FIELD = 200  # characters of a name or time in it


@dataclass(frozen=True)
class Report:
    """One line of the report on a `collect` run; `name` is the path as seen from the folder that was given."""

    path: str
    outcome: Intake
    student: str = ""
    assignment: str = ""
    note: str = ""
    name: str = ""


class _Claim(NamedTuple):
    """That what lies in one place is a student's submission; `origin` is a platform's folder, else the folder."""

    student: str
    assignment: str
    digest: str
    origin: str
    name: str
    settled: bool  # it was collected by an earlier run
    attempt: bool  # a platform says whose it is, and it is known which of that person's is the newer


def collect(
    course: Course,
    paths: Iterable[Path],
    *,
    assignment: str | None = None,
    student: str | None = None,
    roster: Roster | None = None,
    skip_unknown: bool = False,
) -> list[Report]:
    """Take in files and folders; `assignment` and `student` say whose a bare notebook or a folder is.

    One report for each submission found, in order; none of them can stop the others. `student` is for one submission of
    an assignment: where several are found, all of these are refused. It also wins over the name in a packed file, which
    `assignment` does not. Refused too is what claims a student's name from two folders with different content; of two
    files in one folder the newer one counts, and a person has to look.

    With a `roster` everything has to be somebody's in it: otherwise nothing is written, unless `skip_unknown`.
    """
    every = [found for path in paths for found in _candidates(course, path)]
    claims, strangers = _claims(course, every, assignment, student, roster)
    if strangers and not skip_unknown:
        return [strangers.get(found.path) or _waiting(found) for found in every]
    there = {name: course.students(name) for name in {claim.assignment for claim in claims}}
    return [_take(course, found, assignment, student, roster, claims, there) for found in every]


def collect_exchange(course: Course, assignment: str | None = None, roster: Roster | None = None) -> list[Report]:
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
            reports += [
                _take_inbound(course, name, *found, inbound.check_owner, roster) for found in sorted(inbound.found)
            ]
    return reports


class _Inbound(ExchangeCollect):
    """Finds what nbgrader would collect, and copies nothing: nbgrader's copy follows links and stops at a large one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.found: list[tuple[str, Path]] = []  # student and folder

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        self.found.append((Path(dest).parent.name, Path(src)))


def _take(
    course: Course,
    found: Candidate,
    assignment: str | None,
    student: str | None,
    roster: Roster | None,
    claims: list[_Claim],
    there: Mapping[str, list[str]],
) -> Report:
    """Check and store one submission; whatever is wrong with it becomes its report."""
    if _is_something_else(found):
        return Report(str(found.path), Intake.IGNORED, name=found.name)
    try:
        handed_in = _read(course, found, assignment, student, roster)
        if student:
            _check_only_one(handed_in.submission.assignment, claims)
        else:
            handed_in = handed_in.doubted(_check_rivals(course, found, handed_in, claims))
        handed_in = handed_in.noted(
            _twins_remark(course, handed_in.submission, there[handed_in.submission.assignment], claims)
        )
        return replace(_store(course, handed_in, str(found.path), settled=bool(student)), name=found.name)
    except (AutograderError, OSError) as error:
        return Report(str(found.path), Intake.REFUSED, note=_in_words(error), name=found.name)


def _is_something_else(found: Candidate) -> bool:
    return bool(found.depth) and found.path.is_file() and not is_taken(found.path)


def _waiting(found: Candidate) -> Report:
    outcome = Intake.IGNORED if _is_something_else(found) else Intake.WAITING
    return Report(str(found.path), outcome, name=found.name)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f" ({shown(error.filename)})" if error.filename else ""
        return f"It can't be taken in: {error.strerror}{where}."
    return str(error)


def _claims(
    course: Course, every: list[Candidate], assignment: str | None, student: str | None, roster: Roster | None
) -> tuple[list[_Claim], dict[Path, Report]]:
    """Whose each readable one is said to be; and reports on those that are nobody's in the roster, by path."""
    claims = []
    strangers = {}
    for found in every:
        try:
            handed_in = _read(course, found, assignment, student, roster)
            settled = outcome_of(course, handed_in.submission)[0] in (Intake.KNOWN, Intake.SUPERSEDED)
            claims.append(_claim(found, handed_in, settled=settled))
        except NotInRosterError as error:
            strangers[found.path] = Report(str(found.path), Intake.REFUSED, note=str(error), name=found.name)
        except (AutograderError, OSError):
            continue  # which is said when it is taken
    return claims, strangers


def _claim(found: Candidate, handed_in: HandedIn, *, settled: bool) -> _Claim:
    submission, _, origin, attempt = handed_in
    place = origin or str(found.path.parent)
    return _Claim(
        submission.student,
        submission.assignment,
        submission.digest(),
        place,
        found.name,
        settled,
        bool(origin) and attempt,
    )


def _check_only_one(assignment: str, claims: list[_Claim]) -> None:
    several = sum(claim.assignment == assignment for claim in claims)
    if several > 1:
        raise IntakeError(
            f"{several} submissions of {assignment} were found, and --student is for one. Give the file or folder of "
            "that one."
        )


def _check_rivals(course: Course, found: Candidate, handed_in: HandedIn, claims: list[_Claim]) -> str:
    """Refuse what has the name of another one that came from elsewhere: nobody but a person knows whose it is.

    Computers' login names are often the same (`root`, `student`), and `companion submit` takes them for a name. What
    an earlier run collected is settled. Of those that came from the same folder the newer one counts; comes back why a
    person has to look at it, if so.
    """
    submission = handed_in.submission
    mine = _claim(found, handed_in, settled=False)
    same = [claim for claim in [*claims, *_placed(course, submission)] if claim[:2] == mine[:2]]
    others = sorted(
        {f"'{shown(each.origin, 300)}'" for each in same if each.origin != mine.origin and each.digest != mine.digest}
    )
    if others and not all(claim.settled for claim in same):
        raise IntakeError(
            f"Another submission has the name {submission.student} too, with other content: {listed(others)}. "
            "Neither replaces the other. If they are different learners', collect each alone and say whose it is with "
            "--student, or give a --roster; if they are one learner's, collect the one that counts with --student "
            f"{submission.student}."
        )
    new = [claim for claim in same if not claim.settled and claim.origin == mine.origin]
    if len({claim.digest for claim in new}) < 2 or all(claim.attempt for claim in new):
        return ""
    files = listed([*map(shown, sorted({claim.name for claim in new}))])
    return (
        f"{len(new)} files came in one folder under this name with other content ({files}), and the newer one counts: "
        "please look whose they are"
    )


def _placed(course: Course, submission: Submission) -> list[_Claim]:
    """The claim of the submission that is in place, where it came from a learning platform's folder."""
    origin = origin_of(course, submission.assignment, submission.student)
    if not origin:
        return []
    there = read_submission(course, submission.assignment, submission.student)
    if there.fault:
        return []  # what can't be graded may be replaced
    return [_Claim(there.student, there.assignment, there.digest(), origin, "", settled=True, attempt=True)]


def _twins_remark(course: Course, submission: Submission, there: list[str], claims: list[_Claim]) -> str:
    """A word for the report on names that few people tell apart. Raises IntakeError where the file system does not."""
    claimed = [claim.student for claim in claims if claim.assignment == submission.assignment]
    found = twins(submission.student, [*there, *claimed])
    if not found:
        return ""
    place = course.submitted(submission.assignment, submission.student)
    if place.exists() and submission.student not in course.students(submission.assignment):
        raise IntakeError(
            f"'{shown(found[0])}' handed in too, and this computer keeps one folder for that name and "
            f"'{shown(submission.student)}'. Say whose it is with --student."
        )
    others = listed([f"'{shown(each)}'" for each in found])
    return f"there is also {others}, who differs in capital letters or joiners only"


def _candidates(course: Course, given: Path) -> Iterator[Candidate]:
    for path in _paths_below(given, notebook_names(course)):
        inside = path.relative_to(given)
        yield Candidate(path, str(inside) if inside.parts else path.name, len(inside.parts))


def _paths_below(path: Path, known: Set[str], depth: int = 0) -> Iterator[Path]:
    """The submissions below a path: packed files, single notebooks, and folders that hold a notebook of a known name.

    A folder of notebooks with other names, such as `ada.ipynb`, is taken for many people's. Files of other kinds beside
    them come too, to be reported. What holds too much to be a class's is one submission, which reading refuses.
    """
    # What may not be listed is handed on too: reading it says so. (`Path.is_dir` raises where `os.path.isdir` doesn't.)
    if not os.path.isdir(path) or os.path.islink(path) or not os.access(path, os.R_OK | os.X_OK):
        yield path
        return
    inside = sorted(itertools.islice(path.iterdir(), _MOST_BESIDE + 1))
    too_much = depth >= _DEEPEST or len(inside) > _MOST_BESIDE
    inside = [entry for entry in inside if not entry.name.startswith((".", "__"))]
    likely = any(entry.is_dir() or is_taken(entry) for entry in inside)
    if too_much or not likely or any(_called(entry) in known for entry in inside):
        yield path
        return
    for entry in inside:
        yield from _paths_below(entry, known, depth + 1)


def _called(path: Path) -> str:
    """The name of a file as the submission will have it."""
    return next(iter(as_notebooks({path.name: b""})))


def _read(
    course: Course, found: Candidate, assignment: str | None, student: str | None, roster: Roster | None
) -> HandedIn:
    path = found.path
    files, names = _read_files(path)
    written = _written(files, path)
    mark = mark_of(course, found)
    assignments = course.assignments()
    top = assignment or _named_assignment(assignments, [*names, *names_in(mark)])
    files = unfolded(as_notebooks(files), notebook_names(course), top, is_configuration)
    manifest = _manifest(files)
    _check_notebook(files)
    _check_packed_as(manifest.get("assignment"), assignment)
    name = assignment or manifest.get("assignment")
    if not (name or mark):
        _check_levels(course, found, names, roster)
    names += reversed(PurePosixPath(found.name).parts[:-1])  # the folders that it lies in, below the one that was given
    name = course.check_assignment(name or _guess_assignment(course, files, [*names, *names_in(mark)]))
    packed_as = unicodedata.normalize("NFC", manifest.get("student", ""))
    if not (student or packed_as):
        _check_not_the_courses_own(course, path)
    who, word = whose(course, found, name, names, packed_as, mark, student, roster)
    if is_notebook(path.name) and path.is_file():
        files = _rename_single(course, name, files)
    when, note = _when(course, manifest.get("time"), files, written, mark)
    wanted, left_out = wanted_files(course, name, files)
    _check_notebook(wanted, left_out)
    odd = "; ".join(filter(None, (note, _changed(files, manifest.get("files")), left_out)))
    submission = Submission(who, name, wanted, when, note=odd, doubt=_lost_notebooks(files, wanted))
    attempt = "time" in manifest or (mark is not None and bool(mark.rest or mark.time))
    return HandedIn(submission, word, clean(mark.origin) if mark else "", attempt)


def _lost_notebooks(files: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> str:
    """Why a person has to look, where one of two notebooks with nearly the same name was left out."""
    lost = [name for name in files if name.endswith(NOTEBOOK) and name not in wanted and _marks([files[name]])]
    others = [name for name in lost if files[name] not in wanted.values()]
    return f"{listed([*map(shown, others)])} was left out, and is a notebook too: please look" if others else ""


def _check_notebook(files: Iterable[str], left_out: str = "") -> None:
    if not any(name.endswith(NOTEBOOK) for name in files):
        raise IntakeError(f"There is no notebook in it{f' beside what is {left_out}' if left_out else ''}.")


def _check_packed_as(said: str | None, wanted: str | None) -> None:
    if said and wanted and said != wanted:
        raise IntakeError(
            f"It was packed as '{shown(said)}', not as {wanted}. Collect it without --assignment; if it is {wanted} "
            "all the same, unpack it and collect the notebook in it."
        )


def _check_not_the_courses_own(course: Course, path: Path) -> None:
    """Refuse a notebook of the course itself: a name found there would be no learner's."""
    for kind, folder in (("release", course.release), ("release", course.releases), ("source", course.source)):
        if any(path.resolve().is_relative_to(folder(name).resolve()) for name in course.assignments()):
            raise IntakeError(
                f"That is the course's own {kind} folder, not what a learner handed in. If somebody worked in it, say "
                "whose it is with --student."
            )


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
        return read_zip(path), [path.stem]
    if is_notebook(path.name):
        return {path.name: read_file(path)}, [Path(_called(path)).stem, path.parent.name]
    raise IntakeError("Only .zip files, .ipynb notebooks and folders can be collected.")


def _check_levels(course: Course, found: Candidate, names: list[str], roster: Roster | None) -> None:
    """Refuse a folder STUDENT/ASSIGNMENT of an assignment that does not exist: its name is nobody's name.

    Raises CourseError with the nearest name.
    """
    known = course.assignments()
    if _named_assignment(known, names) or (roster and any(name in roster.people for name in names)):
        return
    if found.path.is_dir() and found.depth > 1:
        course.check_assignment(found.path.name)
    for part in (part for name in names for part in name.split(".")):
        if _resembles_assignment(known, part):
            course.check_assignment(part)


def _resembles_assignment(known: list[str], name: str) -> bool:
    """Whether it is nearly an assignment's name, or numbered as one: `09-nope` where there is `02-convolution`."""
    number = re.match(r"\d+[-_](?=[^\W\d_])", name)  # `21-4711` is a student's number
    numbered = number and any(re.match(r"\d" * (len(number[0]) - 1) + number[0][-1], each) for each in known)
    return bool(numbered or difflib.get_close_matches(name, known, n=1, cutoff=0.8))


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of a file made by `companion submit`; empty for others. Only what has the right type is believed."""
    data = files.get(MANIFEST, b"{}")
    try:
        if len(data) > _LONGEST_MANIFEST:
            raise ValueError("too long")
        saved = json.loads(data)
    except (ValueError, RecursionError):
        raise IntakeError(f"{MANIFEST} in it can't be read. Ask for it to be packed again.") from None
    if not isinstance(saved, dict):
        return {}
    for key in ("assignment", "student", "time"):
        if len(str(saved.get(key, ""))) > _LONGEST_FIELD:
            raise IntakeError(f"{MANIFEST} in it has an endless {key}. Ask for it to be packed again.")
    return {key: value for key, value in saved.items() if isinstance(value, dict if key == "files" else str)}


def _changed(files: dict[str, bytes], checksums: Mapping[str, object] | None) -> str:
    """A word for the report on files that are not those of the receipt."""
    given = checksums or {}
    others = [name for name in files if name in given and sha256(files[name]).hexdigest() != given[name]]
    if not others:
        return ""
    what = "is not the file" if len(others) == 1 else "are not the files"
    return f"{listed([*map(shown, others)])} {what} of the receipt (changed after packing)"


def _named_assignment(known: list[str], names: list[str]) -> str:
    """The assignment that one of the names holds; empty when none does."""
    for name in sorted(known, key=len, reverse=True):
        if any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", given) for given in names):
            return name
    return ""


def _guess_assignment(course: Course, files: dict[str, bytes], names: list[str]) -> str:
    """By a name that is an assignment's, else by the cells: the assignment with the largest share of them in common."""
    known = course.assignments()
    if named := _named_assignment(known, names):
        return named
    handed_in = _marks(data for path, data in files.items() if path.endswith(NOTEBOOK))
    if not handed_in and (fault := _first_unreadable(files)):
        raise IntakeError(f"{fault} To take it in as it is, say which assignment it is with --assignment.")
    shares = {name: _share(handed_in, _source_marks(course, name)) for name in known}
    best = max(shares.values(), default=0)
    likely = [name for name, share in shares.items() if share == best]
    if not best or len(likely) > 1:
        raise IntakeError("It can't be told which assignment this is. Say so with --assignment.")
    return likely[0]


def _rename_single(course: Course, assignment: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """A bare notebook is usually named after its student; the assignment knows it by its own name."""
    wanted = sorted(own_notebooks(course, assignment))
    (data,) = files.values()
    return {wanted[0]: data} if len(wanted) == 1 else files


def _when(
    course: Course, claimed: str | None, files: Mapping[str, bytes], written: datetime | None, mark: Mark | None
) -> tuple[datetime, str]:
    """When it was handed in, in UTC, never later than now, and a word on it where it is not certain.

    By the manifest, nbgrader's timestamp, what a platform wrote into the name, or when the file was `written`.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    text, word = claimed or timestamp_of(files), ""
    if not text and mark and mark.time:
        text = f"{mark.time} {course.zone if '/' in course.zone else ''}".strip()
        word = f"handed in at {shown(mark.time)} by its name, which was read as a time in {course.zone}"
    stamp, supposed = parse_time(text, course.zone) if text else (written, "")
    if stamp is None:
        return now, "its time can't be read, so the time of collecting stands"
    if stamp > now:
        return now, "its time lies ahead, so the time of collecting stands"
    return stamp, "; ".join(filter(None, (word, supposed)))


def _written(files: Iterable[str], path: Path) -> datetime | None:
    """When the newest of the files was written; a folder's own time does not change when a file in it does."""
    places = [path / name for name in files] if path.is_dir() else [path]
    try:  # a path may stand in a file's name, with backslashes
        newest = max(place.lstat().st_mtime for place in [each for each in places if os.path.lexists(each)] or [path])
        return datetime.fromtimestamp(newest, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _unreadable_remark(files: Mapping[str, bytes], student: str) -> str:
    """A word for the report when a notebook can't be read; it is collected all the same, for it was handed in."""
    fault = _first_unreadable(files)
    return f"but unreadable: {fault} It scores 0 until {student} hands it in again." if fault else ""


def _first_unreadable(files: Mapping[str, bytes]) -> str:
    """What is wrong with the first notebook that can't be read, as a sentence; empty when all can."""
    for name, data in sorted(files.items()):
        if name.endswith(NOTEBOOK):
            try:
                read_cells(data)
            except UnreadableNotebookError as error:
                # The first sentence says what is wrong; what follows is advice for the learner.
                return f"{shown(name)}: {str(error).split('. ')[0].rstrip('.')}."
    return ""


def _store(course: Course, handed_in: HandedIn, path: str, *, settled: bool = False) -> Report:
    """Put a submission in place, or in the history when a newer one is there; of a `settled` one a person said it."""
    submission = handed_in.submission
    outcome, current = outcome_of(course, submission)
    if outcome not in (Intake.KNOWN, Intake.SUPERSEDED):
        put(course, handed_in, outcome, current)
    elif settled and outcome is Intake.KNOWN:
        settle(course, submission.assignment, submission.student)
    doubt = submission.doubt if outcome not in (Intake.KNOWN, Intake.SUPERSEDED) else ""
    remarks = (_timing_remark(outcome, submission, current), submission.note, doubt, handed_in.remark)
    return Report(path, outcome, submission.student, submission.assignment, "; ".join(filter(None, remarks)))


def _timing_remark(outcome: Intake, submission: Submission, current: datetime | None) -> str:
    """A word for the report: how old the one that counts is, or that this one counts and can't be read."""
    if outcome is Intake.SUPERSEDED:
        return f"which is of {shown_time(current)}"
    if outcome is Intake.OLDER:
        return f"it is of {shown_time(submission.timestamp)}, the one collected of {shown_time(current)}"
    return _unreadable_remark(submission.files, submission.student)


def _take_inbound(
    course: Course, assignment: str, student: str, folder: Path, check_owner: bool, roster: Roster | None
) -> Report:
    try:
        handed_in = _read(course, Candidate(folder, folder.name, 0), assignment, student, roster)
        handed_in = handed_in.noted(_owner_remark(folder, student) if check_owner else "")
        return _store(course, handed_in, f"exchange: {student}")
    except (AutograderError, OSError) as error:
        return Report(f"exchange: {student}", Intake.REFUSED, note=_in_words(error))


def _owner_remark(folder: Path, student: str) -> str:
    """A word for the report on a folder that somebody else laid into the exchange, where everybody may write."""
    try:
        owner = folder.owner()
    except KeyError:
        owner = "nobody that this machine knows"
    return "" if owner == student else f"its folder belongs to {owner}, not to {student}"


def _source_marks(course: Course, assignment: str) -> set[tuple[str, str]]:
    return _marks(path.read_bytes() for path in course.source(assignment).glob("*.ipynb"))


def _marks(notebooks: Iterable[bytes]) -> set[tuple[str, str]]:
    """What tells one assignment from another: its grade ids, which may repeat in all of them, and the cells' texts."""
    marks = set()
    for data in notebooks:
        with contextlib.suppress(UnreadableNotebookError):
            cells = read_cells(data)
            marks |= {("id", cell.role.grade_id) for cell in cells if cell.role.grade_id}
            marks |= {("text", cell.source.strip()) for cell in cells}
    return marks


def _share(some: set[tuple[str, str]], others: set[tuple[str, str]]) -> float:
    """How much of two notebooks' marks they have in common, 0 to 1; 0 also where they share no grade id."""
    common = some & others
    return len(common) / len(some | others) if any(kind == "id" for kind, _ in common) else 0
