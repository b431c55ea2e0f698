"""Where submissions lie in the course: putting them in place, the history of earlier ones, and reading them again."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from autograder.collect.archives import portable, read_file, read_folder, simplified
from autograder.collect.layout import as_notebooks
from autograder.course.course import Course
from autograder.course.entries import forget_entry
from autograder.course.times import parse_time
from autograder.errors import IntakeError, listed, shown
from autograder.results import Submission

MANIFEST = "manifest.json"
TIMESTAMP = "timestamp.txt"
_NOTE = "autograder-note.txt"  # in a submission's folder: what was odd about it
_DOUBT = "autograder-doubt.txt"  # in a submission's folder: why a person has to look at it
_ORIGIN = "autograder-origin.txt"  # in a submission's folder: the learning platform's folder that it came in
_OURS = {TIMESTAMP, _NOTE, _DOUBT, _ORIGIN}  # what this module writes beside a submission's files
_IGNORED = {MANIFEST, "receipt.txt", *_OURS}
# Programs that nbgrader, Jupyter or IPython run when somebody calls them in that folder, and settings of theirs.
_CONFIGURATION = re.compile(
    r"(nbgrader|jupyter_.+)_config\.(py|json)|(jupyter|ipython|ipython_kernel)_config\..+|.+_config\.d"
    r"|\.jupyter|\.ipython"
)
_LONGEST_TIME = 100  # bytes
_LONGEST_NOTE = 1000  # characters


class Intake(StrEnum):
    """What became of one handed-in thing."""

    COLLECTED = "collected"
    REPLACED = "collected, replaces an earlier one"
    KNOWN = "already collected"
    SUPERSEDED = "superseded by a newer one"
    OLDER = "older than the one collected, kept in the history"
    REFUSED = "refused"
    IGNORED = "ignored"
    WAITING = "not taken in yet"  # since something else is nobody's in the roster


class HandedIn(NamedTuple):
    """A submission, a word for the report on whose it is, and the learning platform's folder that it came in.

    `attempt` says that its time tells which of one person's is the newer one.
    """

    submission: Submission
    remark: str
    origin: str
    attempt: bool

    def noted(self, word: str) -> "HandedIn":
        """The same with a word more on what is odd about it."""
        note = "; ".join(filter(None, (self.submission.note, word)))
        return self._replace(submission=replace(self.submission, note=note))

    def doubted(self, why: str) -> "HandedIn":
        """The same with a reason more why a person has to look at it, if there is one."""
        doubt = "; ".join(filter(None, (self.submission.doubt, why)))
        return self._replace(submission=replace(self.submission, doubt=doubt))


def read_submission(course: Course, assignment: str, student: str) -> Submission:
    """The submission that counts for a student, as it lies in the course's submitted folder.

    A folder that can't be taken as it is (links, too much) makes a submission without files and with that fault.
    """
    try:
        files = as_notebooks(read_folder(course.submitted(assignment, student)))
    except IntakeError as error:
        return Submission(student, assignment, {}, fault=str(error))
    note, doubt = (shown(files.get(name, b"").decode("utf-8", "replace"), _LONGEST_NOTE) for name in (_NOTE, _DOUBT))
    wanted, left_out = wanted_files(course, assignment, files)  # something is left out of what was laid there by hand
    odd = "; ".join(filter(None, (note, left_out)))
    time, supposed = parse_time(timestamp_of(files), course.zone)
    odd = "; ".join(filter(None, (odd, supposed if supposed not in odd else "")))
    return Submission(student, assignment, wanted, time, note=odd, doubt=doubt)


def origin_of(course: Course, assignment: str, student: str) -> str:
    """The learning platform's folder that the submission in place came in; empty when it came from none."""
    try:
        return read_file(course.submitted(assignment, student) / _ORIGIN).decode("utf-8", "replace")
    except (IntakeError, OSError):
        return ""


def settle(course: Course, assignment: str, student: str) -> None:
    """Note that a person has said whose the submission in place is, so that there is no doubt about it any more."""
    (course.submitted(assignment, student) / _DOUBT).unlink(missing_ok=True)
    forget_entry(course, assignment, student)


def outcome_of(course: Course, submission: Submission) -> tuple[Intake, datetime | None]:
    """What becomes of a submission, and the time of the one that is in place."""
    whose = submission.assignment, submission.student
    if not course.submitted(*whose).exists():
        return Intake.COLLECTED, None
    current = read_submission(course, *whose)
    if current.digest() == submission.digest():
        return Intake.KNOWN, current.timestamp
    if _in_history(course, submission):
        return Intake.SUPERSEDED, current.timestamp
    # Of two with the same time, that collected later counts: most files tell only when they were copied.
    older = current.timestamp and submission.timestamp and submission.timestamp < current.timestamp
    return Intake.OLDER if older else Intake.REPLACED, current.timestamp


def put(course: Course, handed_in: HandedIn, outcome: Intake, current: datetime | None) -> None:
    """Put a submission in place; an earlier one goes to the history, and so does this one where it is the older."""
    submission = handed_in.submission
    place, history = (
        folder(submission.assignment, submission.student) for folder in (course.submitted, course.history)
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    history.mkdir(parents=True, exist_ok=True)
    written = _write_new(history, handed_in)
    if outcome is Intake.REPLACED:
        place.rename(_free_path(history / _folder_name(current)))
    written.rename(place if outcome is not Intake.OLDER else _free_path(history / _folder_name(submission.timestamp)))


def _write_new(history: Path, handed_in: HandedIn) -> Path:
    """The submission written whole beside its final place, so that moving it there takes one step."""
    submission = handed_in.submission
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=history))
    try:
        for name, data in submission.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        if submission.timestamp:
            (folder / TIMESTAMP).write_text(f"{submission.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC\n", "utf-8")
        for name, text in ((_NOTE, submission.note), (_DOUBT, submission.doubt)):
            if text:
                (folder / name).write_text(text, "utf-8")
        if handed_in.origin:
            (folder / _ORIGIN).write_text(handed_in.origin, "utf-8")
        folder.chmod(0o755)
    except OSError:
        shutil.rmtree(folder)
        raise
    return folder


def _in_history(course: Course, submission: Submission) -> bool:
    """Whether this very submission, of the same time, is kept already."""
    history = course.history(submission.assignment, submission.student)
    folders = history.glob(f"{_folder_name(submission.timestamp)}*")
    kept = (wanted_files(course, submission.assignment, as_notebooks(read_folder(folder)))[0] for folder in folders)
    return any(replace(submission, files=files).digest() == submission.digest() for files in kept)


def _folder_name(timestamp: datetime | None) -> str:
    return f"{timestamp:%Y-%m-%dT%H%M%S.%f}" if timestamp else "unknown-time"


def _free_path(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}-{n}") if n else path for n in range(10_000))
    return next(candidate for candidate in candidates if not candidate.exists())


def wanted_files(course: Course, assignment: str, files: Mapping[str, bytes]) -> tuple[dict[str, bytes], str]:
    """The files that make a submission, and a word for the report on those that are left out of it."""
    configuration = [name for name in files if any(map(is_configuration, name.split("/")))]
    passed_over = {*_IGNORED, *configuration}
    rest = {name: data for name, data in files.items() if name not in passed_over}
    wanted, impossible, twins = portable(rest, _OURS | (own_notebooks(course, assignment) & rest.keys()))
    reasons = (
        (configuration, "configuration is no part of a submission"),
        (impossible, "not every system can have such a name"),
        (twins, "not every system can tell the name from another's in it"),
    )
    words = [f"left out: {listed([*map(shown, names)])} ({reason})" for names, reason in reasons if names]
    return wanted, "; ".join(words)


def is_configuration(name: str) -> bool:
    """Whether a file or folder of that name holds settings of nbgrader's, Jupyter's or IPython's."""
    return _CONFIGURATION.fullmatch(simplified(name)) is not None


def own_notebooks(course: Course, assignment: str) -> set[str]:
    """The names of an assignment's notebooks."""
    return {path.name for path in course.source(assignment).glob("*.ipynb")}


def timestamp_of(files: Mapping[str, bytes]) -> str:
    """What nbgrader's file with the time says; empty where there is none."""
    return files.get(TIMESTAMP, b"")[:_LONGEST_TIME].decode("utf-8", "replace").strip()
