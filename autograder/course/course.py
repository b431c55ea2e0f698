"""A course as nbgrader's configuration describes it: where its folders and its gradebook are."""

import contextlib
import difflib
import logging
import os
import re
import sqlite3
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from nbgrader.preprocessors import Execute
from sqlalchemy.exc import DatabaseError, SAWarning
from tornado.log import app_log

from autograder.errors import CourseError, shown
from autograder.limits import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

CONFIG = "nbgrader_config.py"
_CELLS = 10  # a whole submission may take as long as so many cells at their limit

# What the database says of a gradebook that can't be used, and what to do.
_GRADEBOOK_FAULTS = {
    "not a database|malformed": "Put a copy of it back. Or move it away and grade again: what is at hand is recorded "
    "again, but nothing that people gave.",
    "readonly|unable to open": "Look at who may write it, and its folder.",
    "no such (column|table)": "Where an older nbgrader made it, keep a copy and run `nbgrader db upgrade`.",
}

# nbgrader 0.9 fills new submissions in an order that SQLAlchemy 2.1 remarks on; what it writes is right.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")
# nbgrader prints each error of the gradebook with its traceback, before it raises it.
app_log.setLevel(logging.CRITICAL)


class Course:
    """One course folder. Every folder name comes from nbgrader's configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.app = _load_app(self.root)
        self.settings = self.directory()
        self.db_url = self._absolute(self.settings.db_url)
        self.zone: str = Exchange(parent=self.app).timezone  # in which the course's clocks show times
        self.roster = self.root / self._beside_submitted("roster.csv")

    @classmethod
    def find(cls, start: Path | None = None) -> "Course":
        """The course that `start` (default: the current folder) lies in.

        Raises CourseError when neither it nor a folder above it has an nbgrader_config.py, nor nbgrader's `source/`.
        """
        start = (start or Path.cwd()).resolve()
        if not start.is_dir():
            raise CourseError(f"{start} is no folder. Name the folder of the course with --course.")
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return cls(folder)
        if (start / "source").is_dir():
            return cls(start)
        raise CourseError(f"There is no {CONFIG} in {start} or above it. Go to the course's folder, or use --course.")

    def directory(self, assignment: str = "", student: str = "*", **settings: Any) -> CourseDirectory:
        """nbgrader's object for the course's folders, aimed at one assignment."""
        directory = CourseDirectory(parent=self.app, root=str(self.root))
        directory.root = str(self.root)
        directory.assignment_id, directory.student_id = assignment, student
        for name, value in settings.items():
            setattr(directory, name, value)
        return directory

    def source(self, assignment: str) -> Path:
        """The folder of an assignment's source."""
        return self._path(self.settings.source_directory, ".", assignment)

    def release(self, assignment: str) -> Path:
        """The folder of an assignment as learners get it."""
        return self._path(self.settings.release_directory, ".", assignment)

    def submitted(self, assignment: str, student: str) -> Path:
        """The folder of the submission that counts."""
        return self._path(self.settings.submitted_directory, student, assignment)

    def autograded(self, assignment: str, student: str) -> Path:
        """The folder of the graded notebooks."""
        return self._path(self.settings.autograded_directory, student, assignment)

    def feedback(self, assignment: str, student: str) -> Path:
        """The folder of the feedback pages."""
        return self._path(self.settings.feedback_directory, student, assignment)

    def history(self, assignment: str, student: str) -> Path:
        """The folder that keeps earlier submissions, beside the submitted ones."""
        return self._path(self._beside_submitted("history"), student, assignment)

    def result(self, assignment: str, student: str) -> Path:
        """The file with the state and the reasons of a grading, beside the submissions."""
        path = self._path(self._beside_submitted("results"), student, assignment)
        return path.with_name(path.name + ".json")

    def seen(self, assignment: str, student: str) -> Path:
        """The file with the reasons for a look of which a person said to have looked, beside the submissions."""
        path = self._path(self._beside_submitted("seen"), student, assignment)
        return path.with_name(path.name + ".json")

    def releases(self, assignment: str) -> Path:
        """The folder with copies of all releases of an assignment that are known of, beside the submissions."""
        return self._path(self._beside_submitted("release_history"), ".", assignment)

    def levels(self, assignment: str) -> Path:
        """The file that says how far the assignment's tests are kept from students' code."""
        path = self._path(self._beside_submitted("levels"), ".", assignment)
        return path.with_name(path.name + ".json")

    def assignments(self) -> list[str]:
        """The assignments that have a notebook in their source folder, sorted."""
        folders = self.source("x").parent
        return sorted({path.parent.name for path in folders.glob("*/*.ipynb") if path.parent.name[0] != "."})

    def check_assignment(self, name: str) -> str:
        """Return `name`; raises CourseError, with the nearest known name, when there is no such assignment."""
        known = self.assignments()
        if name in known:
            return name
        near = [each for each in known if each.startswith(name)] if name else []
        near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.3)
        there = ", ".join(map(shown, known)) or "none yet"
        hint = f"Did you mean {shown(near[0])}?" if near else f"There are: {there}."
        raise CourseError(f"There is no assignment '{shown(name)}' in {self.source('x').parent}. {hint}")

    def students(self, assignment: str) -> list[str]:
        """The students who handed in an assignment, sorted."""
        pattern = Path(self.submitted(assignment, "*")).relative_to(self.root)
        index = self.submitted(assignment, "STUDENT").parts.index("STUDENT")
        return sorted(path.parts[index] for path in self.root.glob(str(pattern)) if path.is_dir())

    def limits(self, seconds: float | None = None) -> Limits:
        """The limits by which to grade: `seconds` for one cell, or what the course says as `c.Execute.timeout`."""
        cell = seconds or Execute(parent=self.app).timeout or 0
        return Limits(cell=cell, total=_CELLS * cell) if cell > 0 else Limits()

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """nbgrader's gradebook, opened; the folder of a SQLite file is made when it isn't there.

        Raises CourseError for one that is damaged, may not be written or is of another version.
        """
        self.prepare_gradebook()
        try:
            with _Gradebook(self.db_url, self.settings.course_id or "default_course") as gradebook:
                yield gradebook
        except DatabaseError as error:
            advice = next((text for words, text in _GRADEBOOK_FAULTS.items() if re.search(words, str(error.orig))), "")
            if not advice:
                raise
            raise CourseError(f"The gradebook {self.db_url} can't be used ({error.orig}). {advice}") from None

    def prepare_gradebook(self) -> None:
        """Make the folder in which SQLite will put the gradebook."""
        _put_scripts_on_path()
        if self.db_url.startswith("sqlite:///"):
            Path(self.db_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def only_grader(self) -> Iterator[None]:
        """Make sure that one command at a time writes grades. Raises CourseError when another is at it."""
        path = self.result("x", "x").parents[1] / ".lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            if fcntl:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise CourseError(
                        "Another `autograder grade` is writing grades in this course. Wait for it."
                    ) from None
            yield

    def _path(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.settings.format_path(step, student, assignment))

    def _beside_submitted(self, name: str) -> str:
        return str(PurePosixPath(self.settings.submitted_directory).parent / name)

    def _absolute(self, db_url: str) -> str:
        """nbgrader reads a relative SQLite path from the current folder; here it is always the course's."""
        path = db_url.removeprefix("sqlite:///")
        return f"sqlite:///{self.root / path}" if path != db_url and path and path != ":memory:" else db_url


class _Gradebook(Gradebook):
    """nbgrader's gradebook, which gives the database back also when it can't be opened."""

    def __init__(self, *arguments: str) -> None:
        try:
            super().__init__(*arguments)
        except DatabaseError:
            self.close()
            raise


def scratch_gradebook(path: Path) -> str:
    """The URL of a new SQLite gradebook that is thrown away later.

    nbgrader asks the slow `alembic` for a version only where the database has no table yet; a scratch one needs none.
    """
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE scratch (x)")
    return f"sqlite:///{path}"


def _put_scripts_on_path() -> None:
    """nbgrader calls `alembic` by name: it must be found also where the environment was not activated."""
    scripts = sysconfig.get_path("scripts")
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])


def _load_app(root: Path) -> NbGrader:
    """nbgrader's application object with the configuration that the stock commands would read in `root`."""
    app = NbGrader(log_level=logging.CRITICAL)
    app.log = _quiet_log()
    app.raise_config_file_errors = True
    try:
        with contextlib.chdir(root):
            app.load_config_file(suppress_errors=False)
    except Exception as error:  # a configuration file is a program: anything may happen in it
        raise CourseError(f"{root / CONFIG} can't be read: {type(error).__name__}: {shown(error, 500)}") from error
    return app


def _quiet_log() -> logging.Logger:
    log = logging.getLogger("autograder.nbgrader")
    log.propagate = False
    log.setLevel(logging.WARNING)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return log


def last_error(log: list[str]) -> str:
    """The last line in nbgrader's log that names an exception; empty when none does."""
    lines = [line for entry in log for line in entry.strip().splitlines() if re.search("Error|MissingEntry", line)]
    return lines[-1] if lines else ""


@contextlib.contextmanager
def captured(log: logging.Logger) -> Iterator[list[str]]:
    """The warnings and errors that nbgrader logs meanwhile."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Handler(logging.WARNING)
    log.addHandler(handler)
    try:
        yield lines
    finally:
        log.removeHandler(handler)
