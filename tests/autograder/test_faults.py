"""Faults in the middle of a batch with the real engine: afterwards every grade is as in an undisturbed run."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from random import Random

import pytest
from nbgrader.api import Grade, SubmittedAssignment

from autograder.course.entries import read_entry
from autograder.engines import DEFAULT
from autograder.grade import record
from autograder.grade.run import StoppedError, grade
from autograder.release.make import release
from autograder.results import State
from tests.autograder.processes import KINDS, descendants, gone, kill_one
from tests.autograder.tiny_course import QUIZ, Course, copy_course, make_course, solve

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]  # they share a graded class

STUDENTS = 24
ANSWERS = ['answer_1 = "B"', 'answer_1 = "A"', None]
PRODUCTS = ["return a * b", "return 0", None, "return a + b"]


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, released, sandboxed):
    """A course of 24 submissions of all sorts, not yet graded."""
    course = make_course(tmp_path_factory.mktemp("faults") / "course")
    release(course, QUIZ)
    for n in range(STUDENTS):
        folder = course.submitted(QUIZ, f"s{n:02}")
        folder.mkdir(parents=True)
        (folder / "quiz.ipynb").write_bytes(solve(released, ANSWERS[n % 3], PRODUCTS[n % 4]))
    return course


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    """Scores and states of a run without faults."""
    course = copy_course(handed_in, tmp_path_factory.mktemp("undisturbed") / "course")
    grade(course, QUIZ, workers=2)
    return standing(course)


@pytest.fixture
def course(handed_in, undisturbed, tmp_path):
    return copy_course(handed_in, tmp_path / "course")


def standing(course):
    """Student -> state, and the score of each cell; each exactly once in the gradebook."""
    with course.gradebook() as gradebook:
        rows = [(each.student.id, each.name, each.auto_score) for each in gradebook.db.query(Grade)]
        assert gradebook.db.query(SubmittedAssignment).count() == STUDENTS
    assert len(rows) == len({row[:2] for row in rows}) == STUDENTS * 2
    for student in {row[0] for row in rows}:
        assert (course.autograded(QUIZ, student) / "quiz.ipynb").is_file()
    return sorted(rows), [read_entry(course, QUIZ, student).state for student in course.students(QUIZ)]


def finished(course):
    return len(list(course.result(QUIZ, "x").parents[1].glob(f"*/{QUIZ}.json")))


@pytest.mark.parametrize("seed", [1])
def test_killed_processes_change_no_grade(course, undisturbed, seed):
    random = Random(seed)
    moments = range(2, STUDENTS - 2, 3)
    hit = []

    def disturb(student, done, total):
        for kind in random.sample(list(KINDS), len(KINDS)) if done in moments else ():
            if kind not in hit and kill_one(os.getpid(), kind, random):
                hit.append(kind)
                break

    outcomes = grade(course, QUIZ, workers=2, progress=disturb)
    assert {"worker", "evaluator", "zygote"} <= set(hit)  # of the others there may be none at those moments
    assert all(not outcome.skipped for outcome in outcomes)
    assert all(outcome.entry.state is not State.NOT_RUN for outcome in outcomes)
    assert standing(course) == undisturbed


def command(course):
    """`autograder grade` in a process group of its own, as a terminal starts it."""
    arguments = [sys.executable, "-m", "autograder.cli", "grade", QUIZ, "--workers", "2", "--course", str(course.root)]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_until(condition, seconds=600.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_the_whole_command_killed_leaves_no_process_and_goes_on_where_it_stopped(course, undisturbed):
    with command(course) as running:
        wait_until(lambda: finished(course) >= 5)
        below = descendants(running.pid)
        running.kill()
    assert any("zygote" in text for text in below.values())
    assert gone(below)
    kept = finished(course)
    outcomes = grade(course, QUIZ, workers=2)
    assert sum(outcome.skipped for outcome in outcomes) == kept >= 5
    assert standing(course) == undisturbed


def test_ctrl_c_ends_calmly_and_says_how_to_go_on(course, undisturbed, interruptible):
    with command(course) as running:
        wait_until(lambda: finished(course) >= 3)
        below = descendants(running.pid)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        _, said = running.communicate(timeout=600)
    assert running.returncode == 1
    assert "Give the command again" in said
    assert "Traceback" not in said
    assert gone(below)
    assert finished(course) >= 3
    grade(course, QUIZ, workers=2)
    assert standing(course) == undisturbed


def test_a_locked_gradebook_is_waited_for(course, undisturbed):
    freed = threading.Event()
    holder = []

    def hold():
        with closing(sqlite3.connect(course.db_url.removeprefix("sqlite:///"), timeout=300)) as database:
            database.execute("BEGIN EXCLUSIVE")
            holder[0].set()
            freed.wait(600)

    def lock(student, done, total):
        if done == 3 and not holder:
            holder.append(threading.Event())
            threading.Thread(target=hold).start()
            assert holder[0].wait(600)

    said = []
    grade(course, QUIZ, workers=2, progress=lock, tell=lambda text: (said.append(text), freed.set()))
    assert len(said) == 1
    assert "holds the gradebook" in said[0]
    assert standing(course) == undisturbed


def test_a_full_disk_stops_the_batch_and_it_goes_on_later(course, undisturbed, monkeypatch):
    whole = record._write_folder
    written = []

    def short(folder, files):
        if len(written) >= 6:
            whole(folder.with_name("half"), dict(list(files.items())[:1]))
            raise OSError(28, "No space left on device")
        written.append(folder)
        whole(folder, files)

    with monkeypatch.context() as patch:
        patch.setattr(record, "_write_folder", short)
        with pytest.raises(StoppedError, match=r"no room on the disk.*6 of 24 are done.*Give the command again"):
            grade(course, QUIZ, workers=2)
    outcomes = grade(course, QUIZ, workers=2)
    assert sum(outcome.skipped for outcome in outcomes) == 6
    assert standing(course) == undisturbed


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk can be made by root only")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)  # an error may still hold a file open


def fill_up(place, left=0):
    """Leave so many bytes free."""
    filler = place / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    os.truncate(filler, filler.stat().st_size - left)


def make_room(place):
    (place / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)


def test_a_small_disk_that_fills_up(handed_in, undisturbed, small_disk):
    course = copy_course(handed_in, small_disk / "course")

    def fill(student, done, total):
        if done == 4 and not (small_disk / "filler").exists():
            fill_up(small_disk)

    with pytest.raises(StoppedError, match="no room on the disk"):
        grade(course, QUIZ, workers=2, progress=fill)
    make_room(small_disk)
    outcomes = grade(course, QUIZ, workers=2)
    assert sum(outcome.skipped for outcome in outcomes) >= 4
    assert standing(course) == undisturbed


@pytest.mark.parametrize("left", [0, 16 << 10])
def test_a_disk_that_is_full_from_the_start(handed_in, undisturbed, small_disk, left):
    course = copy_course(handed_in, small_disk / "course")
    fill_up(small_disk, left)
    with pytest.raises(StoppedError, match=r"no room on the disk.*0 of 24 are done.*Give the command again"):
        grade(course, QUIZ, workers=2)
    make_room(small_disk)
    grade(course, QUIZ, workers=2)
    assert standing(course) == undisturbed


@pytest.mark.parametrize("left", [8 << 10, 64 << 10])
def test_no_room_for_temporary_files(course, undisturbed, small_disk, monkeypatch, left):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    fill_up(small_disk, left)
    with pytest.raises(
        StoppedError, match=r"no room on the disk.*temporary files do \(.*small.*Give the command again"
    ):
        grade(course, QUIZ, workers=2)
    make_room(small_disk)
    grade(course, QUIZ, workers=2)
    assert standing(course) == undisturbed


def test_force_that_was_interrupted_goes_on_without_it(course, undisturbed):
    grade(course, QUIZ, workers=2)

    def interrupt(student, done, total):
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(StoppedError, match="10 of 24"):
        grade(course, QUIZ, workers=2, force=True, progress=interrupt)
    outcomes = grade(course, QUIZ, workers=2)
    assert sum(outcome.skipped for outcome in outcomes) == 10
    assert standing(course) == undisturbed


def test_any_nbgrader_course_can_be_graded(handed_in, tmp_path, released, monkeypatch):
    """A course with nbgrader's default folders and without a configuration file, from inside of it."""
    root = tmp_path / "plain"
    for name, data in {
        f"source/{QUIZ}": (handed_in.source(QUIZ) / "quiz.ipynb").read_bytes(),
        f"submitted/ada/{QUIZ}": solve(released),
    }.items():
        (root / name).mkdir(parents=True)
        (root / name / "quiz.ipynb").write_bytes(data)
    monkeypatch.chdir(root)
    (outcome,) = grade(Course.find(), QUIZ, engine=DEFAULT)
    assert (outcome.entry.state, outcome.entry.score) == (State.GRADED, 4)
    assert (root / "gradebook.db").is_file()
    assert (root / "autograded" / "ada" / QUIZ / "quiz.ipynb").is_file()
