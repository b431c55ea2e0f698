"""The engine that shuts students' code in and runs the tests elsewhere: bytes in, a result out, nothing kept.

Student's cells run in a process inside bubblewrap, test cells in a trusted process that gets plain data from there.
Both are forked for each notebook from warm processes, which this module starts when they are first needed.
"""

import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from autograder.engines import not_run
from autograder.engines.doubts import Reference, doubt, is_content, is_odd, test_roles
from autograder.engines.plan import Plan, make_job, make_plan
from autograder.engines.probe import Levels, Probed, probe
from autograder.engines.run import MARGIN, Conversation, InfrastructureError, Outcome, Run
from autograder.engines.submitted import failed, rebuild_all
from autograder.engines.verdict import make_result
from autograder.errors import UnreadableNotebookError
from autograder.limits import Limits
from autograder.notebook.cells import code_cells, text_of
from autograder.notebook.rebuild import Rebuilt, rebuild
from autograder.results import Assignment, Result, State, Submission
from autograder.sandbox.host import ENVIRONMENT, Sandbox, SandboxError, course_packages, why_not
from autograder.trusted.job import Job, error_output, time_up
from autograder.trusted.level import Level
from autograder.trusted.session import Session
from autograder.wire import frames
from autograder.wire.forks import ForkServer, ForkServerError

_HEAVY = ("tensorflow", "keras")
_STUDENTS_ENVIRONMENT = ("HOME", "USER", "LANG", "MPLCONFIGDIR", "PYTHONDONTWRITEBYTECODE")
_ATTEMPTS = 2
_BROKE = "it broke the process that runs the tests, twice"
_FAULTS = (ForkServerError, InfrastructureError, frames.Closed)
_UNSANDBOXED = "the student's code ran without a sandbox, as the person who graded"

_SOLUTION = Submission("solution", "", {})


class SandboxEngine:
    """Grades submissions of one assignment; a context manager, since it keeps warm processes meanwhile."""

    def __init__(
        self,
        assignment: Assignment,
        released: Mapping[str, bytes],
        limits: Limits = Limits(),  # noqa: B008
        *,
        unsandboxed: bool = False,
    ) -> None:
        self._assignment = assignment
        self._released = released
        self._grader = Grader(limits, unsandboxed=unsandboxed)

    def __enter__(self) -> "SandboxEngine":
        return self

    def __exit__(self, *exception: object) -> None:
        self._grader.close()

    def grade(self, submission: Submission) -> Result:
        """The result of one submission; whatever is in it, this returns and does not raise."""
        return self._grader.grade(self._assignment, self._released, submission)


class Grader:
    """Warm processes, and the pure function from an assignment and a submission to a result.

    Raises SandboxError where there is no sandbox to be had, unless `unsandboxed`: then every result says so.
    """

    def __init__(self, limits: Limits = Limits(), *, unsandboxed: bool = False) -> None:  # noqa: B008
        reason = "" if unsandboxed else why_not()
        if reason:
            raise SandboxError(f"{reason} Grading goes on without a sandbox only with --unsandboxed.")
        self._limits = limits
        self._unsandboxed = unsandboxed
        self._packages = course_packages()
        self._sandboxes: dict[frozenset[str], Sandbox] = {}
        self._evaluators: dict[frozenset[str], ForkServer] = {}
        self._plans: dict[bytes, Plan] = {}
        self._probed: dict[bytes, Probed] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # for the warm processes' plans

    def grade(self, assignment: Assignment, released: Mapping[str, bytes], submission: Submission) -> Result:
        """The result of one submission; `released` holds the notebooks as learners got them."""
        marks = [_UNSANDBOXED] if self._unsandboxed else []
        renamed: list[str] = []
        if submission.fault:
            return failed(assignment, submission, *marks, submission.fault)
        rebuilt, left = rebuild_all(assignment, released, submission, renamed)
        if left and not rebuilt:
            return failed(assignment, submission, *marks, *left.values(), *renamed)
        runs = []
        try:
            for name, notebook in rebuilt.items():
                probed = self.probed(assignment, name)
                levels = probed.levels if probed else {}
                run = self._run(assignment, name, notebook, submission, levels)
                self._look_again(assignment, name, notebook, submission, probed, run)
                self._look_closer(notebook, run, probed)
                runs.append(run)
        except _FAULTS as error:
            return Result(submission.student, assignment.name, State.NOT_RUN, (*marks, str(error)))
        return make_result(assignment, released, submission, rebuilt, left, runs, marks, renamed)

    def close(self) -> None:
        """End the warm processes."""
        for sandbox in self._sandboxes.values():
            sandbox.close()
        for evaluator in self._evaluators.values():
            evaluator.close()
        self._sandboxes.clear()
        self._evaluators.clear()
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> "Grader":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run(
        self,
        assignment: Assignment,
        name: str,
        rebuilt: Rebuilt,
        submission: Submission,
        levels: Levels,
        *,
        hollow: bool = False,
        theirs: Iterable[str] = (),
    ) -> Run:
        """Run one notebook. A test that ends the process which runs it costs the others nothing: they are run anew.

        What takes too long scores 0; what breaks that process twice is for a person to score.
        """
        plan = self._plan(assignment, name)
        job = make_job(plan, rebuilt, assignment, submission, self._limits, levels, hollow=hollow, theirs=theirs)
        left_out: dict[int, Outcome] = {}
        broken: set[int] = set()
        last_moment = time.monotonic() + 2 * self._limits.total + MARGIN
        while True:
            run = self._run_patiently({**job, "skip": sorted(left_out)}, plan)
            index = run.stopped_at
            if index is None or time.monotonic() > last_moment:
                break
            if run.took_long:
                left_out[index] = Outcome(time_up(self._limits.cell), 0.0)
            elif index in broken:
                left_out[index] = Outcome(error_output("NotRunError", _BROKE), None)
            broken.add(index)
        for index, outcome in left_out.items():
            run.leave_out(index, outcome)
        run.doubts = not_run.doubts(job["cells"], run) | run.doubts
        return run

    def _run_patiently(self, job: Job, plan: Plan) -> Run:
        """Run a job; what breaks on our side is tried again once."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                return self._attempt(job, plan)
            except _FAULTS:
                self.close()  # start anew, whichever of the warm processes it was
                if not left:
                    raise
        raise AssertionError

    def _look_again(
        self,
        assignment: Assignment,
        name: str,
        rebuilt: Rebuilt,
        submission: Submission,
        probed: Probed | None,
        run: Run,
    ) -> None:
        """Run tests once more that could not see what the student's code has changed of the test's or the course's.

        This time they see it, as in nbgrader. A lower score counts, so that nobody gains by it, and a higher one is for
        a person to give.
        """
        roles = test_roles(rebuilt) if run.changed or run.given else {}
        levels, reference = (probed.levels, probed.reference) if probed else ({}, Reference())
        changed = {index for index in run.changed if roles[index].grade_id not in self._plan(assignment, name).fixed}
        given = {
            index: theirs
            for index, found in run.given.items()
            if (theirs := set(found) - set(reference.given.get(roles[index].grade_id, ())))
        }
        if not changed and not given:
            return
        seeing = {**levels, **{roles[index].grade_id: Level.WRITTEN_BACK for index in changed}}
        theirs = set().union(*given.values())
        second = self._run(assignment, name, rebuilt, submission, seeing, theirs=theirs)
        for index in changed | given.keys():
            before, after = run.scores[index], second.scores.get(index, run.scores[index])
            if after < before:
                run.take(second, index)
            elif after > before and index in given:
                run.doubts[index] = (
                    f"the student's code has changed {', '.join(sorted(given[index]))}, which is the course's"
                )

    def _look_closer(self, rebuilt: Rebuilt, run: Run, probed: Probed | None) -> None:
        """Leave to a person what may have got points for nothing, or lost them through a limit of the grader's."""
        reference, failed = (probed.reference, probed.failed) if probed else (None, {})
        doubtful = [index for index in run.scores if failed or index in run.limits or is_odd(run, index)]
        roles = test_roles(rebuilt) if doubtful else {}
        for index in doubtful:
            name = roles[index].grade_id
            if name in failed:
                run.doubts[index] = f"the instructor's own solution fails it too ({failed[name]})"
            elif index in run.limits and not is_content(run, index, roles[index], reference):
                run.doubts[index] = f"it asked for what can't be handed over ({run.limits[index]})"
            elif is_odd(run, index) and (why := doubt(run, index, name, reference)):
                run.doubts[index] = why

    def probed(self, assignment: Assignment, name: str) -> Probed | None:
        """What the solution has shown about the tests of one notebook; None where no solution is known."""
        if name in assignment.probed:
            return assignment.probed[name]
        if name not in assignment.solutions or not self._plan(assignment, name).is_solved:
            return None
        key = _key(assignment, name)
        if key not in self._probed:
            self._probed[key] = Probed({})
            with contextlib.suppress(UnreadableNotebookError):
                self._probed[key] = self._probe(assignment, name)
        return self._probed[key]

    def _probe(self, assignment: Assignment, name: str) -> Probed:
        rebuilt = self._solved(assignment, name)
        return probe(
            lambda levels: self._run(assignment, name, rebuilt, _SOLUTION, levels),
            {index: text_of(cell) for index, cell in enumerate(code_cells(json.loads(rebuilt.notebook)))},
            test_roles(rebuilt),
            self._plan(assignment, name).fixed,
        )

    def _solved(self, assignment: Assignment, name: str) -> Rebuilt:
        form = assignment.notebooks[name]
        return rebuild(form, form, assignment.solutions[name])

    def content_with_nothing(self, assignment: Assignment, name: str) -> list[str]:
        """The ids of the tests that pass when they get the solution's values with nothing in them.

        Raises an UnreadableNotebookError for a solution that can't be read, and what the warm processes raise.
        """
        rebuilt, probed = self._solved(assignment, name), self.probed(assignment, name)
        run = self._run(assignment, name, rebuilt, _SOLUTION, probed.levels if probed else {}, hollow=True)
        self._look_closer(rebuilt, run, probed)
        roles = test_roles(rebuilt).items()
        return [role.grade_id for index, role in roles if index in run.doubts and run.empty.get(index)]

    def _attempt(self, job: Job, plan: Plan) -> Run:
        heavy = plan.needed_tensorflow and job["tensorflow"]
        if heavy:  # both imports at once
            self._sandbox(plan, heavy=True)
            self._evaluator(plan, heavy=True).wait_ready()
        with contextlib.ExitStack() as stack:
            ours, theirs = _pair(stack)
            talk, students_talk = _pair(stack)
            lifeline, students_lifeline = _pair(stack)
            early = plan.needed_student
            if early:  # it gets ready while the first tests run
                self._spawn(plan, job, students_talk, students_lifeline)
            pid = self._evaluator(plan, heavy=heavy).fork({}, [theirs.fileno(), talk.fileno(), lifeline.fileno()])
            for end in (theirs, talk, lifeline):
                end.close()
            conversation = Conversation(frames.Channel(ours), pid, self._limits)
            conversation.channel.send(job)
            for message in conversation:
                if message["say"] == "sandbox":
                    if not early:
                        self._spawn(plan, job, students_talk, students_lifeline)
                    conversation.channel.send({"ok": True})
                elif message["say"] == "tensorflow":
                    plan.needed_tensorflow = True
                    return self._attempt(job, plan)
            return conversation.run

    def _spawn(self, plan: Plan, job: Job, talk: socket.socket, lifeline: socket.socket) -> None:
        self._sandbox(plan, heavy=job["tensorflow"]).spawn(talk, lifeline, self._limits)
        talk.close()
        lifeline.close()
        plan.needed_student = True

    def _plan(self, assignment: Assignment, name: str) -> Plan:
        key = _key(assignment, name)
        if key not in self._plans:
            self._plans[key] = make_plan(assignment.notebooks[name], assignment.solutions.get(name))
        return self._plans[key]

    def _sandbox(self, plan: Plan, *, heavy: bool) -> Sandbox:
        modules = frozenset(_with_heavy(plan.student_modules, heavy))
        if modules not in self._sandboxes:
            self._sandboxes[modules] = Sandbox(modules, self._packages, unsandboxed=self._unsandboxed)
        return self._sandboxes[modules]

    def _evaluator(self, plan: Plan, *, heavy: bool) -> ForkServer:
        modules = frozenset(_with_heavy(plan.test_modules, heavy))
        if modules not in self._evaluators:
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True)
            path = Path(self._folder.name, f"plan-{len(self._evaluators)}.json")
            cells = [source for source in (*plan.template, *plan.tests) if source is not None]
            path.write_text(json.dumps({"modules": sorted(modules), "cells": cells, "tests": plan.tests}))
            environment = {name: value for name, value in ENVIRONMENT.items() if name not in _STUDENTS_ENVIRONMENT}
            command = [sys.executable, "-P", "-m", "autograder.trusted.evaluate", str(path)]
            self._evaluators[modules] = ForkServer(command, env={**os.environ, **environment})
        return self._evaluators[modules]


def try_out(sandbox: Sandbox) -> None:
    """Have a student's process set up and ended. Raises ForkServerError or SessionLostError when that fails."""
    with contextlib.ExitStack() as stack:
        talk, students_talk = _pair(stack)
        lifeline, students_lifeline = _pair(stack)

        def start() -> tuple[socket.socket, socket.socket]:
            sandbox.spawn(students_talk, students_lifeline, Limits())
            students_talk.close()
            students_lifeline.close()
            return talk, lifeline

        session = Session(start)
        session.open(MARGIN)
        session.files({})


def _key(assignment: Assignment, name: str) -> bytes:
    """What tells one assignment's notebook from another's."""
    return sha256(assignment.notebooks[name] + b"\0" + assignment.solutions.get(name, b"")).digest()


def _with_heavy(modules: set[str], heavy: bool) -> set[str]:
    light = {name for name in modules if not name.startswith(_HEAVY)}
    return {*light, *_HEAVY} if heavy else light


def _pair(stack: contextlib.ExitStack) -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    stack.callback(ours.close)
    stack.callback(theirs.close)
    return ours, theirs
