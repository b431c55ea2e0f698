"""Grading all submissions of an assignment; a bad one never stops the rest, and an interruption loses nothing."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from autograder.release import load_assignment, solution
from autograder.results import Result, State, Submission
from autograder.scratch import scratch_folder

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


class StoppedError(AutograderError):
    """The batch was stopped before its end; the message says why, what is kept and how to go on."""


@dataclass(frozen=True)
class Outcome:
    """What a `grade` run did with one submission; `skipped` when it was graded before and is unchanged."""

    entry: Entry
    skipped: bool


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
    submission with the student, how many are done, and how many there are; `tell` gets sentences about what is waited
    for.

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
            form, released = patiently(lambda: load_assignment(course, assignment, register=True), tell)
            possible.result()
        check_language(engine, form)
        setup = Setup(engine, course.root, form, released, limits, unsandboxed)
        run = _Run(course, setup, outcomes, lambda student: progress(student, len(outcomes), len(chosen)))
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
    return [outcomes[student] for student in chosen]


class _Run:
    """One batch: which submissions are to be graded, and what became of each."""

    def __init__(
        self, course: Course, setup: Setup, outcomes: dict[str, Outcome], finished: Callable[[str], None]
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
        self._finished(outcome.entry.student)

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
    if unknown:
        raise CourseError(f"{', '.join(unknown)} handed in nothing for {assignment}. These did: {', '.join(there)}.")
    if not there:
        raise CourseError(f"Nobody has handed in {assignment} yet. Collect submissions first: `autograder collect`.")
    return list(dict.fromkeys(wanted)) or there
