"""Grade the same submissions with nbgrader's own engine and with the sandbox's, side by side, and compare every score.

    python benchmarks/grading.py                      # assignment 02-convolution of this course, 20 submissions
    python benchmarks/grading.py 02-convolution --submissions 40 --stock 5

Prints, for each engine, the time to warm up (the first submission), the rate after that, and for the sandbox how near
it comes to its limit: the students' cells alone in a warm process. nbgrader is slow, so it gets fewer submissions.
"""

import argparse
import json
import re
import socket
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from autograder import names, wire
from autograder.course import Course
from autograder.engines import Setup, open_engine
from autograder.limits import Limits
from autograder.model import Assignment, Result, Submission
from autograder.notebooks import Cell, read_cells
from autograder.release import load_assignment
from autograder.sandbox.host import Sandbox, course_packages

ROOT = Path(__file__).parents[1]
_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)


def main() -> None:
    """Run the comparison and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="02-convolution")
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--stock", type=int, default=3, help="how many of them nbgrader grades too")
    options = parser.parse_args()
    course = Course.find(ROOT)
    form, released = load_assignment(course, options.assignment)
    submissions = make_submissions(course, form, released, options.submissions)

    results: dict[str, list[Result]] = {}
    print(f"{options.assignment}: {len(submissions)} submissions, {len(form.notebooks)} notebook(s) each, one worker")
    for name, count in (("nbgrader", options.stock), ("sandbox", len(submissions))):
        with open_engine(Setup(name, ROOT, form, released, Limits())) as engine:
            results[name], seconds = timed(engine.grade, submissions[:count])
        print(f"  {name:10} warm-up {seconds[0]:6.2f} s   then {rate(seconds[1:]):6.2f} per second")
    alone = cells_alone(submissions)
    print(f"  {'limit':10} students' cells alone   {rate(alone[1:]):6.2f} per second")
    sys.exit(compare(results["nbgrader"], results["sandbox"]))


def make_submissions(course: Course, form: Assignment, released: dict[str, bytes], count: int) -> list[Submission]:
    """In turn: the instructor's own solution, every second answer of it, nothing."""
    submissions = []
    for n in range(count):
        chosen: Callable[[int], bool] = [lambda i: True, lambda i: i % 2 == 0, lambda i: False][n % 3]
        files = {}
        for name, data in released.items():
            source = (course.source(form.name) / f"{name}.ipynb").read_bytes()
            solutions = {cell.grade_id: cell.source for cell in read_cells(source) if cell.nbgrader.get("solution")}
            content = json.loads(data)
            for i, cell in enumerate(content["cells"]):
                grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
                if grade_id in solutions and chosen(i):
                    cell["source"] = _MARKS.sub("", solutions[grade_id])
            files[f"{name}.ipynb"] = json.dumps(content).encode()
        submissions.append(Submission(f"student-{n}", form.name, files))
    return submissions


def timed(grade: Callable[[Submission], Result], submissions: list[Submission]) -> tuple[list[Result], list[float]]:
    """The results, and the seconds that each took."""
    results, seconds = [], []
    for submission in submissions:
        begun = time.perf_counter()
        results.append(grade(submission))
        seconds.append(time.perf_counter() - begun)
    return results, seconds


def cells_alone(submissions: list[Submission]) -> list[float]:
    """Seconds that it takes to run the students' cells, tests apart, each submission in a fork of a warm process."""
    sources = [
        [cell.source for data in submission.files.values() for cell in read_cells(data) if is_run(cell)]
        for submission in submissions
    ]
    modules = names.modules([names.parse(source) for source in sources[0]])
    sandbox, limits, seconds = Sandbox(modules, course_packages()), Limits(), []
    sandbox.wait_ready()
    for cells in sources:
        begun = time.perf_counter()
        talk, their_talk = socket.socketpair()
        lifeline, their_lifeline = socket.socketpair()
        with talk, lifeline, their_talk, their_lifeline:
            sandbox.spawn(their_talk, their_lifeline, limits)
            channel = wire.Channel(talk)
            for n, source in enumerate(cells):
                channel.send({"n": n, "do": "run", "with": [source], "seconds": limits.cell})
                channel.receive(limits.cell + 5)
        seconds.append(time.perf_counter() - begun)
    sandbox.close()
    return seconds


def is_run(cell: Cell) -> bool:
    """Whether a cell is code other than a test."""
    return cell.type == "code" and not (cell.nbgrader.get("grade") and not cell.nbgrader.get("solution"))


def rate(seconds: list[float]) -> float:
    """Submissions in a second."""
    return 1 / statistics.mean(seconds) if seconds else float("nan")


def compare(stock: list[Result], ours: list[Result]) -> int:
    """Print each cell on which the engines differ; returns how many there are."""
    different = 0
    for left, right in zip(stock, ours, strict=False):
        cells = [
            (a.id, a.score, b.score)
            for one, other in zip(left.notebooks, right.notebooks, strict=True)
            for a, b in zip(one.cells, other.cells, strict=True)
            if a.score != b.score
        ]
        for name, theirs, own in cells:
            print(f"  {left.student} {name}: nbgrader {theirs}, sandbox {own}")
        different += len(cells)
    print(f"  scores: {different} cells differ in {min(len(stock), len(ours))} submissions that both graded")
    return min(different, 1)


if __name__ == "__main__":
    main()
