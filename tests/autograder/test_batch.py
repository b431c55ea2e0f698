"""The loop that hands out work, with workers that do as they are told, and the patience of the one who writes."""

import errno
import multiprocessing
from functools import partial
from multiprocessing import spawn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from autograder.course import patience
from autograder.course.patience import CannotRecordError, patiently
from autograder.grade.batch import Batch, WorkerProcess, WorkersError
from autograder.results import Result, State, Submission
from tests.autograder.breaking import BreakingEngine

GRADED, NOT_RUN, DEATH = "graded", "not run", "death"
PROBE = Submission("the solution", "quiz", {})


class ToldWorker:
    """A worker in this process: `does` is called with each student and says what happens."""

    def __init__(self, does, greeting=True):
        self.connection, self._theirs = multiprocessing.Pipe()
        self._does = does
        self.closed = False
        if greeting == DEATH:
            self._theirs.close()
        else:
            self._theirs.send(greeting)

    def give(self, submission):
        if self._theirs.closed:
            return
        what = self._does(submission.student)
        if what == DEATH:
            self._theirs.close()
        else:
            reasons = ("no room",) if what == NOT_RUN else ()
            self._theirs.send(Result(submission.student, submission.assignment, State(what), reasons))

    def close(self, *, at_once=False):
        self.closed = True
        self.connection.close()
        self._theirs.close()
        return "signal 9"


class Class:
    """A class whose submissions go as `fates` says: for a student the list of what happens, the last one for good."""

    def __init__(self, fates, workers=2, greetings=(), skipped=(), probe=None):
        self.workers, self.told, self.log = [], [], []
        self._fates = {name: list(fate) for name, fate in fates.items()} | {PROBE.student: list(probe or ())}
        self._students = list(fates)
        self._greetings = list(greetings)
        self._skipped = skipped
        self._in_hand = self.most_in_hand = 0
        self.batch = Batch(self._start, workers, self._read, self.told.append, PROBE if probe else None)

    def results(self):
        found = []
        for submission, result in self.batch.run(self._students):
            self._in_hand -= 1
            found.append((submission.student, str(result.state)))
            self.reasons = result.reasons
        return found

    def _start(self):
        self.workers.append(ToldWorker(self._does, self._greetings.pop(0) if self._greetings else True))
        return self.workers[-1]

    def _read(self, student):
        if student in self._skipped:
            return None
        self._in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self._in_hand)
        return Submission(student, "quiz", {})

    def _does(self, student):
        self.log.append(student)
        fate = self._fates[student]
        what = fate.pop(0) if len(fate) > 1 else fate[0]
        self._in_hand -= what != GRADED
        return what


def test_each_comes_back_once_and_workers_are_used_again():
    group = Class({f"s{n}": [GRADED] for n in range(20)}, workers=3)
    assert sorted(group.results()) == sorted((f"s{n}", GRADED) for n in range(20))
    assert len(group.workers) == 3
    assert all(worker.closed for worker in group.workers)


def test_submissions_are_read_only_when_a_worker_is_free():
    group = Class({f"s{n}": [GRADED] for n in range(50)}, workers=2)
    group.results()
    assert group.most_in_hand <= 2 + 1  # one more while a result is being written


def test_what_is_skipped_starts_no_worker():
    group = Class({"ada": [GRADED], "bob": [GRADED]}, skipped=("ada", "bob"))
    assert group.results() == []
    assert group.workers == []


def test_a_run_that_failed_is_tried_again_after_the_others():
    group = Class({"ada": [NOT_RUN, GRADED], "bob": [GRADED], "cleo": [GRADED]}, workers=1)
    assert sorted(group.results()) == [("ada", GRADED), ("bob", GRADED), ("cleo", GRADED)]
    assert group.log == ["ada", "bob", "cleo", "ada"]


def test_runs_that_keep_failing_end_as_not_run_and_stop_nobody():
    group = Class({"ada": [NOT_RUN], "bob": [GRADED]}, workers=1)
    assert group.results() == [("bob", GRADED), ("ada", NOT_RUN)]
    assert group.log.count("ada") == 3


def test_a_dead_worker_is_replaced_and_its_submission_tried_again():
    group = Class({"ada": [DEATH, GRADED], "bob": [GRADED], "cleo": [GRADED]}, workers=1)
    assert sorted(group.results()) == [("ada", GRADED), ("bob", GRADED), ("cleo", GRADED)]
    assert len(group.workers) == 2
    assert "ada ended (signal 9)" in group.told[0]


def test_a_submission_that_kills_two_workers_is_not_run():
    group = Class({"ada": [DEATH], "bob": [GRADED]}, workers=1)
    assert group.results() == [("bob", GRADED), ("ada", NOT_RUN)]
    assert "ended 2 times, the last time with signal 9" in group.reasons[0]
    assert group.log.count("ada") == 2


def test_a_worker_that_dies_while_it_starts_is_no_submissions_fault():
    group = Class({"ada": [GRADED]}, greetings=[DEATH, DEATH])
    assert group.results() == [("ada", GRADED)]
    assert group.told == []


def test_workers_that_never_start_stop_the_batch():
    group = Class({"ada": [GRADED], "bob": [GRADED]}, greetings=[DEATH] * 9)
    with pytest.raises(WorkersError, match="end while they start"):
        group.results()
    assert all(worker.closed for worker in group.workers)


def test_a_worker_that_refuses_stops_the_batch_with_its_reason():
    group = Class({"ada": [GRADED]}, greetings=["There is no sandbox."])
    with pytest.raises(WorkersError, match="There is no sandbox"):
        group.results()


def test_ending_early_ends_all_workers():
    group = Class({f"s{n}": [GRADED] for n in range(9)})
    results = group.batch.run([f"s{n}" for n in range(9)])
    next(results)
    results.close()
    assert all(worker.closed for worker in group.workers)


@pytest.mark.parametrize("end", [NOT_RUN, DEATH])
@pytest.mark.parametrize("workers", [1, 4])
def test_when_nothing_can_be_run_not_even_the_solution_the_batch_stops_soon(end, workers):
    group = Class({f"s{n}": [end] for n in range(50)}, workers, probe=[end])
    with pytest.raises(WorkersError, match=r"not even the instructor's own solution: (no room|.* signal 9)"):
        group.results()
    assert len(group.log) <= 3 + 2 * workers
    assert all(worker.closed for worker in group.workers)


def test_students_who_can_stop_their_own_runs_stop_nobody_elses():
    fates = {f"s{n}": [NOT_RUN] for n in range(9)} | {"bob": [GRADED]}
    group = Class(fates, workers=2, probe=[GRADED])
    assert sorted(group.results()) == sorted((name, fate[0]) for name, fate in fates.items())
    assert 1 <= group.log.count(PROBE.student) <= 9


def test_a_machine_that_breaks_in_the_middle_stops_the_batch_too():
    fates = {f"s{n:02}": [GRADED if n < 10 else NOT_RUN] for n in range(50)}
    group = Class(fates, workers=1, probe=[NOT_RUN])
    with pytest.raises(WorkersError, match="Nothing can be graded here"):
        group.results()
    assert group.log == [f"s{n:02}" for n in range(13)] + [PROBE.student]


@given(st.lists(st.lists(st.sampled_from([GRADED, NOT_RUN, DEATH]), min_size=1, max_size=5), max_size=12), st.data())
def test_whatever_happens_each_comes_back_once(fates, data):
    fates = {f"s{n}": fate for n, fate in enumerate(fates)}
    group = Class(fates, workers=data.draw(st.integers(1, 4)))
    found = group.results()
    assert sorted(name for name, _ in found) == sorted(fates)
    for name, state in found:
        before = fates[name][: fates[name].index(GRADED)] if GRADED in fates[name] else [NOT_RUN] * 3
        survived = before.count(DEATH) < 2 and before.count(NOT_RUN) < 3
        assert state == (GRADED if survived else NOT_RUN)


def locked(*_):
    raise OperationalError("INSERT ...", {}, Exception("database is locked"))


def test_a_locked_gradebook_is_waited_for_and_said_once(monkeypatch):
    monkeypatch.setattr(patience, "_PAUSE", 0)
    tries, told = [locked, locked, lambda: "written"], []

    def write():
        return tries.pop(0)()

    assert patiently(write, told.append) == "written"
    assert len(told) == 1
    assert "holds the gradebook" in told[0]


def test_a_gradebook_that_stays_locked_ends_the_batch_without_sql(monkeypatch):
    monkeypatch.setattr(patience, "_PATIENCE", 0)
    with pytest.raises(CannotRecordError, match="Another program") as caught:
        patiently(locked, lambda text: None)
    assert "INSERT" not in str(caught.value)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_ends_the_batch(number):
    def write():
        raise OSError(number, "No space left on device")

    with pytest.raises(CannotRecordError, match="no room on the disk"):
        patiently(write, lambda text: None)


def test_other_faults_of_writing_are_passed_on():
    def write():
        raise PermissionError

    with pytest.raises(PermissionError):
        patiently(write, lambda text: None)


def test_a_process_whose_engine_breaks_goes_on_and_one_that_ends_says_how(tmp_path):
    submissions = {"ada": Submission("ada", "quiz", {}), "bob": Submission("bob", "quiz", {"exit": b""})}
    batch = Batch(partial(WorkerProcess, BreakingEngine, str(tmp_path)), 1, submissions.get)
    found = {submission.student: result for submission, result in batch.run(submissions)}
    assert {result.state for result in found.values()} == {State.NOT_RUN}
    assert found["ada"].reasons == ("ValueError: an unforeseen case",)
    assert "exit code 3" in found["bob"].reasons[0]


def test_a_process_that_dies_while_it_starts_is_noticed_however_much_it_was_to_get(tmp_path, monkeypatch):
    monkeypatch.setattr(spawn, "get_executable", lambda: b"/bin/false")
    opening = partial(BreakingEngine, bytes(1 << 20))
    batch = Batch(partial(WorkerProcess, opening, str(tmp_path)), 1, lambda student: Submission(student, "quiz", {}))
    with pytest.raises(WorkersError, match="end while they start"):
        list(batch.run(["ada"]))
