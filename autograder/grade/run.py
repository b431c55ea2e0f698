"""Grading all submissions of an assignment; a bad one never stops the rest, and an interruption loses nothing."""

import contextlib
import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from autograder.collect.store import read_submission
from autograder.course.assignment import changed_cells, handed_out, load_assignment, solution
from autograder.course.course import Course
from autograder.course.entries import Entry, forget_entry, read_entry
from autograder.course.patience import CannotRecordError, error_text, is_no_room, no_room, patiently
from autograder.course.questions import Wish, register
from autograder.course.releases import earlier_releases, keep_release
from autograder.course.standing import Standing, read_standings
from autograder.engines import DEFAULT, Setup, check, check_language, open_engine
from autograder.errors import AutograderError, CourseError, listed, shown
from autograder.grade.batch import Batch, WorkerProcess, WorkersError
from autograder.grade.levels import with_levels
from autograder.grade.record import Recorder
from autograder.grade.scratch import scratch_folder
from autograder.release.make import check_gradeable
from autograder.results import Result, State, Submission

_MOST_NAMED = 10  # cells or students in one sentence

Progress = Callable[[str, int, int], None]
Tell = Callable[[str], None]


class StoppedError(AutograderError):
    """The batch was stopped before its end; the message says why, what is kept and how to go on."""


@dataclass(frozen=True)
class Outcome:
    """What a `grade` run did with one submission; `skipped` when it was graded before and is unchanged.

    `changed` says why it was graded again all the same, or what the gradebook no longer said and was recorded again.
    """

    entry: Entry
    skipped: bool
    changed: tuple[str, ...] = ()
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
        reasons = [f"{text} (seen)" if text in self.entry.settled else text for text in self.entry.reasons]
        return list(dict.fromkeys([*reasons, *self.entry.replaced, *self.changed, *known]))


def grade(
    course: Course,
    assignment: str,
    *,
    engine: str = DEFAULT,
    workers: int | None = None,
    force: bool = False,
    unsandboxed: bool = False,
    time_limit: float | None = None,
    strict: bool = False,
    students: Iterable[str] = (),
    wish: Wish | None = None,
    progress: Progress = lambda student, done, total: None,
    tell: Tell = lambda text: None,
) -> list[Outcome]:
    """Grade an assignment's submissions and record each result as it comes; returns the outcomes by student.

    A submission that was graded before with the same source and engine is not run again unless `force`; so a batch that
    was interrupted goes on where it stopped. Where the gradebook no longer says what was recorded of it, that is
    recorded again. Of cells that are gone from the source, the `wish` says what is to become of what people gave them.
    `workers` is the number of processes (default: one a core); `time_limit` the
    seconds for one cell, in place of the course's. `progress` is called once at the beginning and then after each
    submission with the student, how many are done, and how many there are; one that is skipped counts as none, and has
    no name. `tell` gets sentences about what is waited for, about the source, and about the gradebook.

    With `strict` all tests have to run apart from the students' code.

    Raises CourseError for an unknown assignment or student, where there is no sandbox, for tests that are not strict
    enough, and where cells are gone that hold what people gave; SourceError when the source is not sound, StoppedError
    when the batch could not go on or was interrupted from the keyboard.
    """
    course.check_assignment(assignment)
    chosen = chosen_students(course, assignment, list(students))
    limits = course.limits(time_limit)
    outcomes: dict[str, Outcome] = {}
    with _calm_end(outcomes, chosen), course.only_grader(), scratch_folder() as scratch:
        with ThreadPoolExecutor(1) as aside:
            possible = aside.submit(check, engine, unsandboxed=unsandboxed)  # starts a sandbox, for a try
            check_gradeable(course, assignment, tell)
            form, released = patiently(lambda: load_assignment(course, assignment), tell)
            possible.result()
        check_language(engine, form)
        if engine == DEFAULT:
            form = with_levels(course, form, limits, unsandboxed=unsandboxed, strict=strict, tell=tell)
        for text in patiently(lambda: register(course, form, wish), tell):
            tell(text)
        theirs = _handed_out(course, assignment, released, tell)
        form = replace(form, earlier=earlier_releases(course, assignment, theirs))
        keep_release(course, assignment, theirs)
        setup = Setup(engine, course.root, form, theirs, limits, unsandboxed)
        progress("", 0, len(chosen))
        if force:
            for student in chosen:
                forget_entry(course, assignment, student)
        with Recorder(course, form, setup.label, force=force, tell=tell) as recorder:
            run = _Run(course, setup, recorder, outcomes, _without_skipped(progress, len(chosen)))
            start = partial(WorkerProcess, partial(open_engine, setup), str(scratch))
            batch = Batch(start, _processes(workers, chosen), run.read, tell, solution(course, assignment))
            with contextlib.closing(batch.run(chosen)) as results:
                for submission, result in results:
                    run.keep(submission, result)
            if run.lost:
                tell(_lost(course, assignment, [*run.lost], has_duedate=recorder.has_duedate))
        now = patiently(lambda: read_standings(course, assignment), tell)
    return [replace(outcomes[student], standing=now.get(student, Standing())) for student in chosen]


def _handed_out(course: Course, assignment: str, released: Mapping[str, bytes], tell: Tell) -> dict[str, bytes]:
    """What learners were given; says so where the source makes something else by now."""
    theirs = handed_out(course, assignment, released)
    changed = changed_cells(theirs, released)
    if changed:
        tell(
            f"The source of {shown(assignment)} has changed since it was released (cells "
            f"{listed([*map(shown, changed)], _MOST_NAMED)}): differences there are not the learners' doing."
        )
    return theirs


def _lost(course: Course, assignment: str, students: list[str], *, has_duedate: bool) -> str:
    """What to say of submissions of which the gradebook held nothing any more."""
    duedate = "" if has_duedate else " A due date is not in it either."
    return (
        f"The gradebook had lost {listed([*map(shown, students)], _MOST_NAMED)}: their scores are recorded again. "
        f"Scores, comments and extensions that people gave went with it.{duedate} If there is a copy of the gradebook, "
        "put it back and grade again. Who left the course is in it again, until the submission is moved away: "
        f"{shown(course.submitted(assignment, students[0]), 300)}, for example."
    )


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
        self,
        course: Course,
        setup: Setup,
        recorder: Recorder,
        outcomes: dict[str, Outcome],
        finished: Callable[[Outcome], None],
    ) -> None:
        self.lost: dict[str, None] = {}  # of whom the gradebook held nothing any more
        self._again: dict[str, tuple[str, ...]] = {}  # why what is unchanged is run again
        self._course = course
        self._setup = setup
        self._recorder = recorder
        self._against = setup.assignment.digest()
        self._outcomes = outcomes
        self._finished = finished

    def read(self, student: str) -> Submission | None:
        """The student's submission; None when its result is at hand. Raises CannotRecordError."""
        try:
            submission = read_submission(self._course, self._setup.assignment.name, student)
        except OSError as error:
            self._not_run(student, f"The submission can't be read ({error_text(error)}).")
            return None
        entry = read_entry(self._course, self._setup.assignment.name, student)
        if entry and entry.state is not State.NOT_RUN and not self._recorder.knows(student):
            self.lost[student] = None
        if entry is None or not self._is_current(entry, submission):
            return submission
        with self._noted_faults(student):
            found = self._recorder.bring_up_to_date(submission, entry)
            if found.entry is None:
                self._again[student] = found.changed
                return submission
            self._note(Outcome(found.entry, skipped=True, changed=found.changed))
        return None

    def keep(self, submission: Submission, result: Result) -> None:
        """Have a result written down. Raises CannotRecordError when no result can be."""
        result = replace(result, reasons=(*result.reasons, *filter(None, (submission.note, submission.doubt))))
        if submission.doubt:
            is_sound = result.state in (State.GRADED, State.REPAIRED)
            state = State.NEEDS_REVIEW if is_sound else result.state
            result = replace(result, state=state, review=(*result.review, submission.doubt))
        with self._noted_faults(result.student):
            entry = self._recorder.record(submission, result)
            self._note(Outcome(entry, skipped=False, changed=self._again.get(result.student, ())))

    @contextlib.contextmanager
    def _noted_faults(self, student: str) -> Iterator[None]:
        """Take note of a result that can't be written; another perhaps can."""
        try:
            yield
        except CannotRecordError:
            raise
        except Exception as error:
            why = str(error) if isinstance(error, AutograderError) else error_text(error)
            self._not_run(student, f"The result could not be written down ({why}). Grade again when that is mended.")

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


def chosen_students(course: Course, assignment: str, wanted: list[str]) -> list[str]:
    """The `wanted` students, by default all who handed in; raises CourseError for one who did not."""
    there = course.students(assignment)
    unknown = sorted(set(wanted) - set(there))
    if not there:
        raise CourseError(f"Nobody has handed in {assignment} yet. Collect submissions first: `autograder collect`.")
    if unknown:
        who = listed([*map(shown, unknown)], _MOST_NAMED)
        raise CourseError(f"{who} handed in nothing for {assignment}. {_near(assignment, unknown, there)}")
    return list(dict.fromkeys(wanted)) or there


def _near(assignment: str, unknown: list[str], there: list[str]) -> str:
    """Who could be meant; of a class that a person can look through, everybody."""
    near = [found for name in unknown for found in difflib.get_close_matches(name, there, n=1)]
    if near:
        return f"Did you mean {', '.join(map(shown, dict.fromkeys(near)))}?"
    if len(there) <= _MOST_NAMED:
        return f"These did: {', '.join(map(shown, there))}."
    return f"{len(there)} students did: `autograder export {assignment}` names them."
