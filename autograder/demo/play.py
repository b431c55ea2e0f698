"""`autograder demo`: an instructor's whole cycle with a sample class, in a folder of its own."""

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.collect.intake import collect
from autograder.course.assignment import load_assignment
from autograder.course.course import CONFIG, Course
from autograder.course.entries import Entry
from autograder.course.export import Row, rows
from autograder.demo.learners import KINDS, OTHER, Learner, question_kinds, sample_class
from autograder.engines import why_no_sandbox
from autograder.errors import CourseError
from autograder.feedback.write import feedback
from autograder.grade.run import Progress, grade
from autograder.grade.scratch import scratch_folder
from autograder.release.make import release
from autograder.terminal import line, safe

AUTOTESTS = "autotests.yml"  # nbgrader's name for it


@dataclass(frozen=True)
class Line:
    """One learner's line of the demo's gradebook; `groups` maps kinds of question to points."""

    learner: Learner
    entry: Entry
    row: Row
    groups: Mapping[str, float]


def play(course: Course, assignment: str | None, out: Console, to: Path | None = None) -> list[Line]:
    """Release, hand in, collect, grade, give feedback and print the gradebook; says each step while it does it.

    `to` is a folder to keep the class in; without it, everything is thrown away at the end. Raises CourseError where
    that folder holds something.
    """
    name = course.check_assignment(assignment) if assignment else _first(course)
    if to and to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise CourseError(f"{to} is there already. Name a new folder with --to.")
    with contextlib.ExitStack() as stack:
        scratch = to or stack.enter_context(scratch_folder())
        scratch.mkdir(parents=True, exist_ok=True)
        copy = _copy(course, name, scratch)
        out.print(f"A sample class takes [b]{line(name)}[/] in a folder of its own; your own class is not touched.\n")
        out.print("[b]release[/]   taking answers and hidden tests out of the source ...")
        made = release(copy, name)
        learners = sample_class(_sources(copy, name), load_assignment(copy, name)[1])
        out.print(f"[b]submit[/]    {len(learners)} learners pack what they have ...")
        packed = [_pack(copy, name, learner, made.folder, scratch / "inbox") for learner in learners]
        out.print("[b]collect[/]   taking in the packed files ...")
        reports = collect(copy, [packed[0].parent])
        out.print(f"          {len(reports)} submissions")
        for report in reports:
            if report.note:
                out.print(f"          {line(report.student)}: collected, {line(report.note)}")
        out.print("[b]grade[/]     running every notebook with the hidden tests (a few seconds each) ...")
        unsandboxed = bool(why_no_sandbox())
        if unsandboxed:
            out.print("          there is no sandbox here; this class is made up and harmless, so it runs without one")
        outcomes = grade(copy, name, unsandboxed=unsandboxed, progress=_progress(out))
        out.print("[b]feedback[/]  writing a page for each learner ...")
        pages = [written.folder for written in feedback(copy, name)]
        out.print("[b]export[/]    reading the gradebook ...\n")
        entries = {outcome.entry.student: outcome.entry for outcome in outcomes}
        standing = {row.student: row for row in rows(copy, name)}
        groups = _groups(copy, name)
        lines = [
            Line(each, entries[each.name], standing[each.name], _points(copy, name, each.name)) for each in learners
        ]
        out.print(_table(name, lines, groups))
        for each in lines:
            why = "; ".join(map(line, (each.learner.about, *each.entry.reasons)))
            out.print(f"[b]{line(each.learner.name)}[/]: {why}")
        out.print(f"\n{len(pages)} feedback pages were written. {_whereabouts(copy, name, pages, to)}", soft_wrap=True)
        return lines


def _progress(out: Console) -> Progress:
    def step(student: str, done: int, total: int) -> None:
        if student:
            out.print(f"          {line(student)}")

    return step


def _whereabouts(copy: Course, assignment: str, pages: list[Path], to: Path | None) -> str:
    """Where the class is to be found."""
    if to is None:
        return "Everything was in a temporary folder and is gone again; keep it with --to FOLDER."
    return (
        f"Look at them in {line(pages[0].parent.parent)}. The submissions are in "
        f"{line(copy.submitted(assignment, 'x').parents[1])}, the gradebook is {line(copy.db_url)}."
    )


def _first(course: Course) -> str:
    names = course.assignments()
    if not names:
        raise CourseError(f"There is no assignment in {course.source('x').parent} yet, so there is nothing to play.")
    return names[0]


def _copy(course: Course, assignment: str, folder: Path) -> Course:
    """A course in `folder` with the same settings, the one assignment's source, and what lies beside assignments."""
    root = folder / "course"
    root.mkdir()
    source = course.source(assignment)
    place = root / source.relative_to(course.root)
    shutil.copytree(source, place)
    settings = [course.root / name for name in (CONFIG, AUTOTESTS)]
    for path in filter(Path.is_file, settings):
        shutil.copy(path, root)
    for path in filter(Path.is_file, source.parent.iterdir()):  # a header for all notebooks, for example
        shutil.copy(path, place.parent)
    return Course(root)


def _sources(course: Course, assignment: str) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(course.source(assignment).glob("*.ipynb"))}


def _pack(course: Course, assignment: str, learner: Learner, released: Path, inbox: Path) -> Path:
    """Pack a learner's notebooks as `companion submit` does; it refuses the broken one, so that is put in by hand."""
    from companion.submit import SubmitError, pack

    desk = course.root.parent / "desks" / learner.name
    shutil.copytree(released, desk / assignment)
    for name, data in learner.notebooks.items():
        (desk / assignment / f"{name}.ipynb").write_bytes(data)
    inbox.mkdir(exist_ok=True)
    try:
        return pack(desk, assignment, learner.name, inbox).path
    except SubmitError:
        return Path(shutil.make_archive(str(inbox / f"{assignment}.{learner.name}"), "zip", desk / assignment))


def _groups(course: Course, assignment: str) -> dict[str, float]:
    """The points that can be had in each kind of question that occurs."""
    with course.gradebook() as gradebook:
        parts = gradebook.find_assignment(assignment).notebooks
        cells = [cell for notebook in parts for cell in (*notebook.grade_cells, *notebook.task_cells)]
        worth = {cell.name: float(cell.max_score) for cell in cells}
    kinds = _kinds(course, assignment)
    order = [kind for kind in (*KINDS.values(), OTHER) if kind in kinds.values()]
    return {kind: sum(points for cell, points in worth.items() if kinds[cell] == kind) for kind in order}


def _points(course: Course, assignment: str, student: str) -> dict[str, float]:
    """A student's points by kind of question, from the gradebook."""
    kinds = _kinds(course, assignment)
    total: dict[str, float] = dict.fromkeys(kinds.values(), 0.0)
    with course.gradebook() as gradebook:
        for notebook in gradebook.find_submission(assignment, student).notebooks:
            for mark in notebook.grades:
                total[kinds[mark.name]] += float(mark.score)
    return total


def _kinds(course: Course, assignment: str) -> dict[str, str]:
    return {cell: kind for data in _sources(course, assignment).values() for cell, kind in question_kinds(data).items()}


def _table(assignment: str, lines: list[Line], groups: Mapping[str, float]) -> Table:
    table = Table("Learner", title=f"Gradebook of {line(assignment)}")
    for kind, points in groups.items():
        table.add_column(f"{safe(kind)}\nof {points:g}", justify="right")
    table.add_column(f"total\nof {sum(groups.values()):g}", justify="right")
    table.add_column("state", no_wrap=True)
    for each in lines:
        scores = [f"{each.groups[kind]:g}" for kind in groups] + [f"{each.row.score:g}"]
        table.add_row(*map(line, (each.learner.name, *scores, each.row.state)))
    return table
