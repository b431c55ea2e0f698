"""Grade many submissions in one batch: does the rate hold, and does the memory of the command stay the same?

    python benchmarks/batch.py                        # 1,000 submissions of 02-convolution, a worker a core
    python benchmarks/batch.py --submissions 300 --workers 1

Method. A copy of the course in a temporary folder gets submissions that are in turn all right, half right and blank,
and `autograder.grade.run.grade` grades them as the command does, gradebook, notebooks and results included. The table
has the rate of each hundred, and the resident memory of the parent process (the only one that writes) after it. The
first few, while the workers warm up, are left out of the first hundred's rate.
"""

import argparse
import shutil
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from autograder.course.assignment import load_assignment
from autograder.course.course import CONFIG, Course
from autograder.grade.run import grade
from autograder.results import State

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.grading import make_submissions

ROOT = Path(__file__).parents[1]
_STEP = 100
_WARM_UP = 10  # submissions


def main() -> None:
    """Run the batch and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="02-convolution")
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-batch-") as folder:
        course = make_class(Path(folder) / "course", options.assignment, options.submissions)
        marks: list[tuple[int, float, float]] = []

        def note(student: str, done: int, total: int) -> None:
            if done in (_WARM_UP, total) or done % _STEP == 0:
                marks.append((done, time.perf_counter(), resident_megabytes()))

        outcomes = grade(course, options.assignment, workers=options.workers, progress=note)
    assert all(outcome.entry.state is State.GRADED for outcome in outcomes)
    report(marks)


def make_class(root: Path, assignment: str, count: int) -> Course:
    """A course of one assignment of this repository's, with so many submissions."""
    root.mkdir()
    shutil.copy(ROOT / CONFIG, root)
    here = Course(ROOT)
    source = here.source(assignment)
    shutil.copytree(source, root / source.relative_to(here.root))
    course = Course(root)
    _, released = load_assignment(course, assignment)
    for name, data in released.items():
        kinds = make_submissions((course.source(assignment) / f"{name}.ipynb").read_bytes(), data, 3)
        for n in range(count):
            path = course.submitted(assignment, f"student-{n:04}") / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(kinds[n % 3])
    return course


def resident_megabytes() -> float:
    """The memory that this process has in use."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) / 1024


def report(marks: list[tuple[int, float, float]]) -> None:
    """Print the rate and the memory of each stretch, and the first against the last."""
    stretches = [
        (end, (end - begin) / (then - before), memory)
        for (begin, before, _), (end, then, memory) in pairwise(marks[1:])  # the first mark is the start
    ]
    print("  until   per second   parent's memory")
    for end, rate, memory in stretches:
        print(f"  {end:5}   {rate:10.1f}   {memory:9.1f} MB")
    (_, first, memory), (_, last, memory_last) = stretches[0], stretches[-1]
    print(f"last to first: rate {last / first:.2f}, memory {memory_last / memory:.3f}")


if __name__ == "__main__":
    main()
