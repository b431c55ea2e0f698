"""Grading all submissions of an assignment; a bad one never stops the rest, and an interruption loses nothing."""

import contextlib
import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from autograder.batch import Batch, WorkerProcess, WorkersError
from autograder.course import Course
from autograder.engines import DEFAULT, Setup, check, check_language, open_engine
from autograder.errors import AutograderError, CourseError
from autograder.intake import read_submission
from autograder.record import (
    CannotRecordError,
    Entry,
    Recorder,
    error_text,
    forget_entry,
    is_no_room,
    no_room,
    patiently,
    read_entry,
)
from autograder.release import changed_cells, check_gradeable, handed_out, load_assignment, solution
from autograder.results import Result, State, Submission
from autograder.scratch import scratch_folder
from autograder.standing import Standing, read_standings

_MOST_NAMED = 10  # cells or students in one sentence

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


class StoppedError(AutograderError):
    """The batch was stopped before its end; the message says why, what is kept and how to go on."""


@dataclass(frozen=True)
class Outcome:
    """What a `grade` run did with one submission; `skipped` when it was graded before and is unchanged."""

    entry: Entry
    skipped: bool
    standing: Standing = field(default_factory=Standing)  # by the gradebook, after the run

    @property
    def state(self) -> State:
        """What to call it: a person has to look where the gradebook says so."""
        return State.NOT_RUN if self.entry.state is State.NOT_RUN else self.standing.state(self.entry)

    @property
    def score(self) -> float | None:
        """The points that count; None when it was not run."""
        return None if self.entry.state is State.NOT_RUN else self.standing.score

    @property
    def why(self) -> list[str]:
        """What there is to say about it, as sentences."""
        known = [] if self.entry.state is State.NOT_RUN else self.standing.reasons()
        return list(dict.fromkeys([*self.entry.reasons, *self.entry.replaced, *known]))


def grade(
    course: Course,
    assignment: str,
    *,
    engine: str = DEFAULT,
    workers: int | None = None,
    force: bool = False,
    unsandboxed: bool = False,
    time_limit: float | None = None,
    students: Iterable[str] = (),
    progress: Progress = lambda student, done, total: None,
    tell: Tell = lambda text: None,
) -> list[Outcome]:
    """Grade an assignment's submissions and record each result as it comes; returns the outcomes by student.

    A submission that was graded before with the same source and engine is skipped unless `force`; so a batch that was
    interrupted goes on where it stopped. `workers` is the number of processes (default: one a core); `time_limit` the
    seconds for one cell, in place of the course's. `progress` is called once at the beginning and then after each
    submission with the student, how many are done, and how many there are; one that is skipped counts as none, and has
    no name. `tell` gets sentences about what is waited for, and about the source.

    Raises CourseError for an unknown assignment or student and where there is no sandbox, SourceError when the source
    is not sound, StoppedError when the batch could not go on or was interrupted from the keyboard.
    """
    course.check_assignment(assignment)
    chosen = _chosen_students(course, assignment, list(students))
    limits = course.limits(time_limit)
    outcomes: dict[str, Outcome] = {}
    with _calm_end(outcomes, chosen), course.only_grader(), scratch_folder() as scratch:
        with ThreadPoolExecutor(1) as aside:
            possible = aside.submit(check, engine, unsandboxed=unsandboxed)  # starts a sandbox, for a try
            check_gradeable(course, assignment, tell)
            form, released = patiently(lambda: load_assignment(course, assignment, register=True), tell)
            possible.result()
        check_language(engine, form)
        theirs = _handed_out(course, assignment, released, tell)
        setup = Setup(engine, course.root, form, theirs, limits, unsandboxed)
        run = _Run(course, setup, outcomes, _without_skipped(progress, len(chosen)))
        progress("", 0, len(chosen))
        if force:
            for student in chosen:
                forget_entry(course, assignment, student)
        with Recorder(course, form, setup.label, force=force, tell=tell) as recorder:
            start = partial(WorkerProcess, partial(open_engine, setup), str(scratch))
            batch = Batch(start, _processes(workers, chosen), run.read, tell, solution(course, assignment))
            with contextlib.closing(batch.run(chosen)) as results:
                for submission, result in results:
                    run.keep(recorder, submission, result)
        now = patiently(lambda: read_standings(course, assignment), tell)
    return [replace(outcomes[student], standing=now.get(student, Standing())) for student in chosen]


def _handed_out(course: Course, assignment: str, released: Mapping[str, bytes], tell: Tell) -> dict[str, bytes]:
    """What learners were given; says so where the source makes something else by now."""
    theirs = handed_out(course, assignment, released)
    changed = changed_cells(theirs, released)
    if changed:
        more = f" and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
        tell(
            f"The source of {assignment} has changed since it was released (cells "
            f"{', '.join(changed[:_MOST_NAMED])}{more}): differences there are not the learners' doing."
        )
    return theirs


def _without_skipped(progress: Progress, total: int) -> Callable[[Outcome], None]:
    """What to call with each outcome: skipping takes no time, so it would spoil what a rate says of the rest."""
    done, left = 0, total

    def finished(outcome: Outcome) -> None:
        nonlocal done, left
        done, left = (done, left - 1) if outcome.skipped else (done + 1, left)
        progress("" if outcome.skipped else outcome.entry.student, done, left)

    return finished


class _Run:
    """One batch: which submissions are to be graded, and what became of each."""

    def __init__(
        self, course: Course, setup: Setup, outcomes: dict[str, Outcome], finished: Callable[[Outcome], None]
    ) -> None:
        self._course = course
        self._setup = setup
        self._against = setup.assignment.digest()
        self._outcomes = outcomes
        self._finished = finished

    def read(self, student: str) -> Submission | None:
        """The student's submission; None when it is graded already."""
        try:
            submission = read_submission(self._course, self._setup.assignment.name, student)
        except OSError as error:
            self._not_run(student, f"The submission can't be read ({error_text(error)}).")
            return None
        entry = read_entry(self._course, self._setup.assignment.name, student)
        if entry is None or not self._is_current(entry, submission):
            return submission
        self._note(Outcome(entry, skipped=True))
        return None

    def keep(self, recorder: Recorder, submission: Submission, result: Result) -> None:
        """Have a result written down. Raises CannotRecordError when no result can be."""
        if submission.note:
            result = replace(result, reasons=(*result.reasons, submission.note))
        try:
            entry = recorder.record(submission, result)
        except CannotRecordError:
            raise
        except Exception as error:  # this one can't be written, another perhaps can
            reason = f"The result could not be written down ({error_text(error)}). Grade again when that is mended."
            self._not_run(result.student, reason)
        else:
            self._note(Outcome(entry, skipped=False))

    def _not_run(self, student: str, reason: str) -> None:
        name, label = self._setup.assignment.name, self._setup.label
        self._note(Outcome(Entry(student, name, State.NOT_RUN, (reason,), 0, 0, label, "", ""), skipped=False))

    def _note(self, outcome: Outcome) -> None:
        self._outcomes[outcome.entry.student] = outcome
        self._finished(outcome)

    def _is_current(self, entry: Entry, submission: Submission) -> bool:
        known = (entry.submission, entry.against, entry.engine)
        return entry.state is not State.NOT_RUN and known == (submission.digest(), self._against, self._setup.label)


@contextlib.contextmanager
def _calm_end(outcomes: dict[str, Outcome], chosen: list[str]) -> Iterator[None]:
    """Turn what ends a batch early into a sentence that says how to go on."""
    try:
        yield
    except (KeyboardInterrupt, CannotRecordError, WorkersError, OSError) as error:
        if isinstance(error, OSError) and not is_no_room(error):
            raise
        why = "Stopped." if isinstance(error, KeyboardInterrupt) else str(error)
        why = no_room(error) if isinstance(error, OSError) else why
        raise StoppedError(
            f"{why} {len(outcomes)} of {len(chosen)} are done, and what is done is kept. "
            "Give the command again, without --force, to go on with the rest."
        ) from None


def _processes(wanted: int | None, students: list[str]) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(wanted or cores, len(students)))


def _chosen_students(course: Course, assignment: str, wanted: list[str]) -> list[str]:
    there = course.students(assignment)
    unknown = sorted(set(wanted) - set(there))
    if not there:
        raise CourseError(f"Nobody has handed in {assignment} yet. Collect submissions first: `autograder collect`.")
    if unknown:
        raise CourseError(
            f"{', '.join(unknown)} handed in nothing for {assignment}. {_near(assignment, unknown, there)}"
        )
    return list(dict.fromkeys(wanted)) or there


def _near(assignment: str, unknown: list[str], there: list[str]) -> str:
    """Who could be meant; of a class that a person can look through, everybody."""
    near = [found for name in unknown for found in difflib.get_close_matches(name, there, n=1)]
    if near:
        return f"Did you mean {', '.join(dict.fromkeys(near))}?"
    if len(there) <= _MOST_NAMED:
        return f"These did: {', '.join(there)}."
    return f"{len(there)} students did: `autograder export {assignment}` names them."
