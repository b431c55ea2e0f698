"""Kill parts of a batch at random moments, lock its gradebook, and compare every grade with an undisturbed run.

    python benchmarks/faults.py                       # 200 submissions of 02-convolution, as long as it takes
    python benchmarks/faults.py --submissions 60 --seed 7

Method. The command `autograder grade` runs on a copy of a class. At random moments a process of a random kind gets
SIGKILL: a worker, a warm process of the sandbox, one of the trusted tests, or the command itself, which is then
given again, as a person would. Once, another program holds the gradebook for 30 seconds. It ends when a command has
ended by itself, and prints what was killed and what came out. Exit code 1 when any grade differs.
"""

import argparse
import shutil
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

from autograder.course import Course
from autograder.grade import grade

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.batch import make_class
from tests.autograder.processes import KINDS, descendants, gone, kill_one

_LOCKED = 30.0  # seconds


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
        killed, left = disturb(rough, options.assignment, Random(options.seed))
        expected, found = set(grades(calm)), grades(rough)
        differing = sorted(expected ^ set(found), key=str)
        same = not differing and len(found) == len(expected)
    print("killed: " + ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items())))
    print(f"processes left behind by a killed command: {left}")
    print("every grade is there once and as it should be" if same else "GRADES DIFFER")
    for each in differing[:20]:
        print(f"  {'undisturbed' if each in expected else 'with faults'}: {each}")
    sys.exit(0 if same and not left else 1)


def disturb(course: Course, assignment: str, random: Random) -> tuple[Counter[str], int]:
    """Grade with faults until a command ends by itself; returns what was killed, and how many processes outlived it."""
    killed: Counter[str] = Counter()
    left, locked = 0, False
    command = [sys.executable, "-m", "autograder.cli", "grade", assignment, "--course", str(course.root)]
    while True:
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while wait_for_more(course, assignment, running, random):
            kind = random.choice([*KINDS, *KINDS, "command"])
            if not locked and random.random() < 0.1:
                locked = hold(course)
            elif kind == "command":
                below = descendants(running.pid)
                running.kill()
                running.wait()
                killed[kind] += 1
                left += not gone(below)
                break
            else:
                killed[kind] += kill_one(running.pid, kind, random)
        if running.wait() == 0:
            return killed, left


def wait_for_more(course: Course, assignment: str, running: subprocess.Popen[bytes], random: Random) -> bool:
    """Wait until a few more are graded, and a moment; False when the command ends before."""
    enough = finished(course, assignment) + random.randint(1, 15)
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


def grades(course: Course) -> list[tuple[str, str, float | None, bool]]:
    """All grades in the gradebook, sorted."""
    with course.gradebook() as gradebook:
        found = gradebook.db.query(Grade)
        return sorted((each.student.id, each.name, each.auto_score, each.needs_manual_grade) for each in found)


if __name__ == "__main__":
    main()
