"""Disturb a batch at random moments in every way that we know, and compare every grade with an undisturbed run.

    python benchmarks/faults.py                       # 200 submissions of 02-convolution, as long as it takes
    python benchmarks/faults.py --submissions 60 --seed 7

Method. The command `autograder grade` runs on a copy of a class. At random moments a process of a random kind gets
SIGKILL: a worker, a warm process of the sandbox, a student's own process, the one that watches over it, one of the
trusted tests, or the command itself. Or the command is interrupted as from the keyboard, or a rival is started that
grades the same assignment, which has to be refused. A command that ended is given again, as a person would. Once,
another program holds the gradebook for 30 seconds. It ends when a command has ended by itself with everything graded,
and prints what was done and what came out. Exit code 1 when any grade or state differs.
"""

import argparse
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

from nbgrader.api import Grade

from autograder.course.assignment import load_assignment
from autograder.course.course import CONFIG, Course
from autograder.course.entries import read_entry
from autograder.demo.learners import sample_class
from autograder.grade.run import grade

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.autograder.processes import KINDS, descendants, gone, kill_one

_LOCKED = 30.0  # seconds
_PRESENCE = 2.0  # seconds in which a process of some kind shows up
_PATIENCE = 30.0  # seconds for a command to end when it is told to
_ENDS = {"command": signal.SIGKILL, "interrupt": signal.SIGINT}
_FAULTS = [*KINDS, *KINDS, *_ENDS, "rival"]


def main() -> None:
    """Run both batches and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="02-convolution")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-faults-") as folder:
        calm = make_class(Path(folder) / "calm", options.assignment, options.submissions)
        shutil.copytree(calm.root, Path(folder) / "rough")
        rough = Course(Path(folder) / "rough")
        grade(calm, options.assignment)
        print(f"{options.submissions} submissions were graded undisturbed. Now with faults (seed {options.seed}) ...")
        done, left = disturb(rough, options.assignment, Random(options.seed))
        expected = grades(calm, options.assignment)
        found = grades(rough, options.assignment)
        differing = sorted({*expected} ^ {*found}, key=str)
        same = not differing and len(found) == len(expected)
    print("faults: " + ", ".join(f"{count} {kind}" for kind, count in sorted(done.items())))
    print(f"commands that left a process behind: {left}")
    print("every grade is there once and as it should be" if same else "GRADES DIFFER")
    for each in differing[:20]:
        print(f"  {'undisturbed' if each in expected else 'with faults'}: {each}")
    sys.exit(0 if same and not left else 1)


def make_class(root: Path, assignment: str, count: int) -> Course:
    """A course of one assignment of this repository's, in which so many have handed in, of all sorts."""
    here = Course(Path(__file__).parents[1])
    source = here.source(assignment)
    shutil.copytree(source, root / source.relative_to(here.root))
    shutil.copy(here.root / CONFIG, root)
    course = Course(root)
    texts = {path.stem: path.read_bytes() for path in source.glob("*.ipynb")}
    learners = sample_class(texts, load_assignment(course, assignment)[1])
    for n in range(count):
        folder = course.submitted(assignment, f"student-{n:04}")
        folder.mkdir(parents=True)
        for name, data in learners[n % len(learners)].notebooks.items():
            (folder / f"{name}.ipynb").write_bytes(data)
    return course


def disturb(course: Course, assignment: str, random: Random) -> tuple[Counter[str], int]:
    """Grade with faults until a command ends by itself; returns what was done, and how many left a process behind."""
    done: Counter[str] = Counter()
    left = 0
    command = [sys.executable, "-m", "autograder.cli", "grade", assignment, "--course", str(course.root)]
    while True:
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.choice([0, 0, random.uniform(0, 3)]))  # sometimes while it starts
        while wait_for_more(course, assignment, running, random):
            kind = "lock" if not done["lock"] and random.random() < 0.1 else random.choice(_FAULTS)
            below = descendants(running.pid)
            done[kind] += inflict(kind, course, running, random)
            if kind in _ENDS:
                running.wait(_PATIENCE)
                left += not gone(below)
        if running.wait() == 0:
            return done, left


def inflict(kind: str, course: Course, running: subprocess.Popen[bytes], random: Random) -> bool:
    """One fault; whether it could be had."""
    if kind == "lock":
        return hold(course)
    if kind == "rival":
        rival = subprocess.run(running.args, capture_output=True, text=True, check=False)
        return rival.returncode == 1 and "Another" in rival.stderr
    if kind in _ENDS:
        running.send_signal(_ENDS[kind])
        return True
    until = time.monotonic() + _PRESENCE
    while running.poll() is None and time.monotonic() < until:
        if kill_one(running.pid, kind, random):
            return True
    return False


def wait_for_more(course: Course, assignment: str, running: subprocess.Popen[bytes], random: Random) -> bool:
    """Wait until a few more are graded, or sometimes only for a moment; False when the command ends before."""
    enough = finished(course, assignment) + random.choice([0, random.randint(1, 8)])
    while finished(course, assignment) < enough:
        if running.poll() is not None:
            return False
        time.sleep(0.02)
    time.sleep(random.uniform(0, 0.2))
    return running.poll() is None


def finished(course: Course, assignment: str) -> int:
    """How many results are written down."""
    return len(list(course.result(assignment, "x").parents[1].glob(f"*/{assignment}.json")))


def hold(course: Course) -> bool:
    """Keep every other program out of the gradebook for a while; False when there is none yet."""
    path = Path(course.db_url.removeprefix("sqlite:///"))
    if not path.exists():
        return False
    with closing(sqlite3.connect(path, timeout=30)) as database:
        database.execute("BEGIN EXCLUSIVE")
        print(f"  the gradebook is locked for {_LOCKED:g} seconds")
        time.sleep(_LOCKED)
    return True


def grades(course: Course, assignment: str) -> list[tuple[object, ...]]:
    """All grades in the gradebook, and the state of each submission."""
    with course.gradebook() as gradebook:
        found = [
            (each.student.id, each.name, each.auto_score, each.needs_manual_grade) for each in gradebook.db.query(Grade)
        ]
    entries = [(student, read_entry(course, assignment, student)) for student in course.students(assignment)]
    return [*found, *((student, entry and entry.state, entry and entry.reasons) for student, entry in entries)]


if __name__ == "__main__":
    main()
