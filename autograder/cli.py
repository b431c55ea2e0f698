"""The instructor's commands. Exit codes: 0 all well, 1 something was refused or could not be done, 2 wrong usage."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.engines import DEFAULT, names
from autograder.errors import AutograderError

app = typer.Typer(
    help="Release, collect and grade the assignments of an nbgrader course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

CourseOption = Annotated[
    Path | None, typer.Option("--course", help="The course's folder; by default the one that you are in.")
]
AssignmentArgument = Annotated[str, typer.Argument(help="The assignment, for example 02-convolution.")]


@app.command()
def release(
    assignment: Annotated[str | None, typer.Argument(help="The assignment; or use --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Release all assignments.")] = False,
    course: CourseOption = None,
) -> None:
    """Make what learners get from an assignment's source.

    Answers and hidden tests are taken out, the questions are entered into the gradebook. The same source always gives
    the same files. A source with faults (doubled grade ids, missing points, open markers) is refused, with each named.
    """
    from autograder.release import release as make

    with _faults():
        found = _course(course)
        if bool(assignment) == every:
            raise typer.BadParameter("Name one assignment, or use --all.")
        for name in found.assignments() if every else [assignment or ""]:
            made = make(found, name)
            for warning in made.warnings:
                err.print(f"[yellow]advice[/] {escape(str(warning))}")
            changed = ", ".join(made.changed) if made.changed else "unchanged"
            out.print(f"Released {escape(name)} into {escape(str(made.folder))}: {escape(changed)}", soft_wrap=True)


@app.command()
def collect(
    paths: Annotated[list[Path] | None, typer.Argument(help="Packed files, notebooks, folders of them.")] = None,
    assignment: Annotated[str | None, typer.Option(help="Which assignment, where the files don't say.")] = None,
    student: Annotated[str | None, typer.Option(help="Whose it is, where the file doesn't say.")] = None,
    course: CourseOption = None,
) -> None:
    """Take in submissions: files made by `companion submit`, bare notebooks, folders; without PATHS the exchange.

    Each is checked first; what is refused is named with the reason, stays where it is, and does not stop the rest. A
    second submission by the same student replaces the first, which is kept in the history.
    """
    from autograder.intake import Intake, collect_exchange
    from autograder.intake import collect as take

    with _faults():
        found = _course(course)
        if assignment:
            found.check_assignment(assignment)
        reports = (
            take(found, paths, assignment=assignment, student=student) if paths else collect_exchange(found, assignment)
        )
    table = Table("Submission", "Student", "Assignment", "What became of it", title="Collected")
    for each in reports:
        text = f"{each.outcome}: {each.note}" if each.note else str(each.outcome)
        table.add_row(*map(escape, (Path(each.path).name, each.student, each.assignment, text)))
    out.print(table if reports else "There was nothing to collect.")
    if any(each.outcome is Intake.REFUSED for each in reports):
        raise typer.Exit(1)


@app.command()
def grade(
    assignment: AssignmentArgument,
    engine: Annotated[str, typer.Option(help=f"How to grade: {', '.join(names())}.")] = DEFAULT,
    force: Annotated[bool, typer.Option(help="Grade again what is unchanged since it was graded.")] = False,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given several times.")] = None,
    course: CourseOption = None,
) -> None:
    """Grade all submissions of an assignment and record the results in nbgrader's gradebook.

    A submission that was graded before and is unchanged is skipped. A score that a person gave is never changed. The
    engine `nbgrader` runs submissions without a sandbox, as the user who grades: use it for classes that you trust.
    """
    from autograder.grade import grade as run
    from autograder.model import State

    with _faults(), _progress("Grading") as progress:
        found = _course(course)
        outcomes = run(found, assignment, engine=engine, force=force, students=student or (), progress=progress)
    table = Table("Student", "State", title=f"{assignment}, engine {engine}")
    table.add_column("Score", justify="right")
    table.add_column("Why")
    for outcome in outcomes:
        entry = outcome.entry
        why = "unchanged since it was graded" if outcome.skipped else "; ".join(entry.reasons)
        score = "" if entry.state is State.NOT_RUN else f"{entry.score:g} / {entry.points:g}"
        table.add_row(*map(escape, (entry.student, entry.state, score, why)))
    out.print(table)
    if any(outcome.entry.state is State.NOT_RUN for outcome in outcomes):
        err.print("Some were not run, through no fault of theirs. Give the command again to grade those.")
        raise typer.Exit(1)


@app.command()
def feedback(
    assignment: AssignmentArgument,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given several times.")] = None,
    course: CourseOption = None,
) -> None:
    """Write one HTML page a graded notebook: the learner's own text, scores, and what each check says.

    Hidden tests and code from tracebacks are not in it, and nothing that a submission printed can run in a browser.
    """
    from autograder.feedback import feedback as write

    with _faults():
        folders = write(_course(course), assignment, student)
    out.print(f"Feedback for {len(folders)} students is in {escape(str(folders[0].parent.parent))}.", soft_wrap=True)


@app.command()
def export(
    assignment: Annotated[str | None, typer.Argument(help="Only this assignment; by default all.")] = None,
    fmt: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
    to: Annotated[Path | None, typer.Option(help="The file to write; by default the table is printed.")] = None,
    course: CourseOption = None,
) -> None:
    """Write the grades as a table: student, assignment, score, maximum, state, time of handing in (UTC)."""
    from autograder.export import export as write

    with _faults():
        text = write(_course(course), fmt, assignment)
        if to is None:
            typer.echo(text, nl=False)
        else:
            to.write_text(text, "utf-8")
            out.print(f"Wrote {escape(str(to))}.")


@app.command()
def demo(
    assignment: Annotated[str | None, typer.Argument(help="The assignment; by default the first.")] = None,
    course: CourseOption = None,
) -> None:
    """Play an instructor's whole cycle with a sample class, in a temporary folder, and print the gradebook.

    The learners are made from the assignment's own source: one knows everything, one half, one nothing, and so on. The
    real class, its submissions and its gradebook are not touched.
    """
    from autograder.demo import play

    with _faults():
        play(_course(course), assignment, out)


@app.command()
def doctor(course: CourseOption = None) -> None:
    """Look at everything that grading needs and say what to do about what is missing."""
    from autograder.doctor import examine

    found = None
    with contextlib.suppress(AutograderError):
        found = _course(course)
    words = {True: "[green]OK   [/]", False: "[red]to do[/]", None: "note "}
    well = True
    for finding in examine(found):
        well = well and finding.ok is not False
        out.print(f"{words[finding.ok]}  {escape(finding.what)}: {escape(finding.text)}", soft_wrap=True)
    if not well:
        raise typer.Exit(1)


def _course(folder: Path | None):  # type: ignore[no-untyped-def]
    from autograder.course import Course  # nbgrader takes a second to import: not for --help

    return Course.find(folder)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Print a foreseeable fault and end with exit code 1."""
    try:
        yield
    except (AutograderError, OSError) as error:
        err.print(escape(str(error)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None


@contextlib.contextmanager
def _progress(title: str) -> Iterator:  # type: ignore[type-arg]
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True) as bar:
        task = bar.add_task(title)

        def step(student: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title} {escape(student)}", completed=done, total=total)

        yield step
