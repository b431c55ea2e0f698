"""Grade the same submissions with nbgrader as shipped and with this autograder, side by side, and compare every score.

    python benchmarks/grading.py numpy                     # multiple choice and NumPy, 40 submissions
    python benchmarks/grading.py lenet --submissions 12    # each trains LeNet for one short epoch of ten steps
    python benchmarks/grading.py choice --submissions 1    # a batch of one

Both run as their commands, `nbgrader autograde` and `autograder grade`, each in a course of its own; when each graded
notebook was written tells the rates. Two processes of nbgrader get half of the class each, in two courses, so that they
don't wait for each other's gradebook. The limit is the students' cells alone, in forks of a warm process in a sandbox.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.limits import Limits
from autograder.notebook import names
from autograder.notebook.cells import Cell, read_cells
from autograder.sandbox.host import Sandbox, course_packages
from autograder.wire import frames

SOURCES = Path(__file__).with_name("assignments")
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}  # nbgrader calls alembic by name
_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "benchmark"\n'


@dataclass(frozen=True)
class Run:
    """One system's run over all submissions: seconds to the first graded notebooks, rate after that, seconds in all."""

    name: str
    workers: int
    warm_up: float
    rate: float  # submissions in a second
    wall: float


def main() -> None:
    """Run the comparison and print its table."""
    kinds = sorted(path.stem for path in SOURCES.glob("*.ipynb"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("assignment", nargs="?", default="numpy", choices=kinds)
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--stock", type=int, help="how many of them nbgrader grades too; by default all")
    parser.add_argument("--workers", type=int, default=2, help="how many at the same time, beside a run with one")
    options = parser.parse_args()
    kind, count = options.assignment, options.submissions
    counts = [1] if count == 1 else sorted({1, options.workers})
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        root = Path(folder)
        released = release(root / "release", kind)
        source = (SOURCES / f"{kind}.ipynb").read_bytes()
        submissions = make_submissions(source, released, count, all_right=kind == "lenet")
        print(f"{kind}: {count} submissions of {len(read_cells(released))} cells")
        print(f"  {'':24}{'warm-up':>10}{'then':>16}{'all in all':>14}")
        stock = [run_stock(root, kind, submissions[: options.stock], workers) for workers in counts]
        ours = [run_ours(root, kind, submissions, workers) for workers in counts]
        limits = [run_limit(submissions, workers) for workers in counts]
        print_ratios(stock, ours, limits)
        sys.exit(compare(root, kind, len(submissions[: options.stock])))


def make_course(folder: Path, kind: str, submissions: list[bytes], first: int = 0) -> Path:
    """A course with one assignment, released, and these submissions."""
    source = folder / "source" / kind / "quiz.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes((SOURCES / f"{kind}.ipynb").read_bytes())
    (folder / "nbgrader_config.py").write_text(_CONFIG)
    for number, data in enumerate(submissions, first):
        path = folder / "submitted" / f"student-{number:03}" / kind / "quiz.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    command(folder, "nbgrader", "generate_assignment", kind)
    return folder


def release(folder: Path, kind: str) -> bytes:
    """The notebook as learners get it."""
    return (make_course(folder, kind, []) / "release" / kind / "quiz.ipynb").read_bytes()


def make_submissions(source: bytes, released: bytes, count: int, *, all_right: bool = False) -> list[bytes]:
    """In turn: the instructor's own solution, every second answer of it, nothing; or the solution always."""
    solutions = {cell.role.grade_id: cell.source for cell in read_cells(source) if cell.role.is_answer}
    submissions = []
    for number in range(count):
        content, seen = json.loads(released), 0
        for cell in content["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if grade_id in solutions:
                seen += 1
                if all_right or number % 3 == 0 or (number % 3 == 1 and seen % 2):
                    cell["source"] = _MARKS.sub("", solutions[grade_id])
        submissions.append(json.dumps(content).encode())
    return submissions


def run_stock(root: Path, kind: str, submissions: list[bytes], processes: int) -> Run:
    """nbgrader as shipped, in so many processes."""
    share = -(-len(submissions) // processes)
    starts = range(0, len(submissions), share)
    courses = [
        make_course(root / f"stock-{processes}-{first}", kind, submissions[first : first + share], first)
        for first in starts
    ]
    begun = time.time()
    running = [
        subprocess.Popen(
            [BIN / "nbgrader", "autograde", kind, "--quiet"], cwd=each, env=ENVIRONMENT, stderr=subprocess.DEVNULL
        )
        for each in courses
    ]
    for process in running:
        process.wait()
    return finished("nbgrader autograde", processes, begun, courses)


def run_ours(root: Path, kind: str, submissions: list[bytes], workers: int) -> Run:
    """This project's command, with so many workers."""
    course = make_course(root / f"ours-{workers}", kind, submissions)
    begun = time.time()
    command(course, "autograder", "grade", kind, "--workers", str(workers))
    return finished("autograder grade", workers, begun, [course])


def finished(name: str, workers: int, begun: float, courses: list[Path]) -> Run:
    """What the times at which the graded notebooks were written tell."""
    wall = time.time() - begun
    written = sorted(path.stat().st_mtime for course in courses for path in course.glob("autograded/*/*/*.ipynb"))
    return shown(name, workers, written[min(workers, len(written)) - 1] - begun, written[workers - 1 :], wall)


def shown(name: str, workers: int, warm_up: float, times: list[float], wall: float) -> Run:
    """Print a line of the table; `times` begin with the end of the warm-up."""
    rate = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else float("nan")
    print(f"  {name:19} x {workers:<2}{warm_up:8.2f} s{rate:10.2f} per s{wall:12.2f} s", flush=True)
    return Run(name, workers, warm_up, rate, wall)


def run_limit(submissions: list[bytes], processes: int) -> Run:
    """The students' cells alone, each submission in a fork of a warm process."""
    begun = time.time()
    shares = [submissions[n::processes] for n in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        ends = sorted(end for times in pool.map(cells_alone, shares) for end in times)
    return shown("students' cells", processes, ends[processes - 1] - begun, ends[processes - 1 :], time.time() - begun)


def cells_alone(submissions: list[bytes]) -> list[float]:
    """The times at which each submission's cells, tests apart, had run."""
    sources = [[cell.source for cell in read_cells(data) if is_run(cell)] for data in submissions]
    modules = names.modules([names.parse(source) for source in sources[0]])
    sandbox, limits, ends = Sandbox(modules, course_packages()), Limits(), []
    sandbox.wait_ready()
    for cells in sources:
        talk, their_talk = socket.socketpair()
        lifeline, their_lifeline = socket.socketpair()
        with talk, lifeline, their_talk, their_lifeline:
            sandbox.spawn(their_talk, their_lifeline, limits)
            channel = frames.Channel(talk)
            for n, source in enumerate(cells):
                channel.send({"n": n, "do": "run", "arguments": [source], "seconds": limits.cell})
                channel.receive(limits.cell + 5)
        ends.append(time.time())
    sandbox.close()
    return ends


def is_run(cell: Cell) -> bool:
    """Whether a cell is code other than a test."""
    return cell.type == "code" and not cell.role.is_test


def print_ratios(stock: list[Run], ours: list[Run], limits: list[Run]) -> None:
    """How many times stock's rate, and which share of the limit's."""
    for theirs, own, limit in zip(stock, ours, limits, strict=True):
        print(
            f"  x {own.workers}: {own.rate / theirs.rate:6.1f} times nbgrader x {theirs.workers}, "
            f"{own.rate / stock[0].rate:.1f} times nbgrader as shipped (one after the other), "
            f"{own.rate / limit.rate:.0%} of the limit; all in all {theirs.wall / own.wall:.1f} times nbgrader"
        )


def compare(root: Path, kind: str, count: int) -> int:
    """Print each cell on which the two differ; returns 1 if there is one."""
    theirs = {key: value for folder in root.glob("stock-1-*") for key, value in scores(folder, kind).items()}
    different = 0
    for folder in sorted(root.glob("ours-*")):
        own = scores(folder, kind)
        for key in sorted(theirs):
            if theirs[key] != own.get(key):
                print(f"  {folder.name} {key}: nbgrader {theirs[key]}, here {own.get(key)}")
                different += 1
    print(f"  scores: of {len(theirs)} cells in {count} submissions that both graded, {different} differ")
    return min(different, 1)


def scores(course: Path, kind: str) -> dict[tuple[str, str], float | None]:
    """The automatic score of each cell of each student in a course's gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "benchmark") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(kind)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def command(folder: Path, program: str, *arguments: str) -> None:
    """Run one of the environment's programs quietly; what it wrote is shown when it fails."""
    done = subprocess.run(
        [BIN / program, *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
