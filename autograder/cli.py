"""The instructor's commands. Exit codes: 0 all well, 1 something was refused or could not be done, 2 wrong usage."""

import atexit
import contextlib
import gc
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.engines import DEFAULT, names
from autograder.errors import AutograderError, counted, listed, os_text, shown
from autograder.results import State
from autograder.terminal import Terminal, line, safe

if TYPE_CHECKING:
    from autograder.grade.run import Outcome

MOST_ROWS = 40  # of a table; of a larger class only what asks for attention is shown
_LEVELS = 2000  # letters of what is said about the levels of tests
_MOST_REASONS = 20  # of a submission, which may have a thousand cells that were put right

# With it jsonschema, which nbgrader imports, builds a parser of IRIs: seconds at each start, and nothing here has any.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    help="Release, collect and grade the assignments of an nbgrader course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Terminal(highlight=False, emoji=False)
err = Terminal(stderr=True, highlight=False, emoji=False)

CourseOption = Annotated[
    Path | None, typer.Option("--course", help="The course's folder; by default the one that you are in.")
]
RenamedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--renamed",
        metavar="OLD=NEW",
        help="A cell that only has another grade id now; what was given for it stays. Can be given several times.",
    ),
]
DropOption = Annotated[
    bool,
    typer.Option(
        "--drop-by-hand",
        help="Of cells that are gone from the source, scores and comments given by hand may go too.",
    ),
]
AssignmentArgument = Annotated[str, typer.Argument(help="The assignment, for example 02-convolution.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"autograder {version('cnn-companion')}")
        raise typer.Exit()


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of all commands."""
    warnings.filterwarnings("ignore", category=SyntaxWarning)  # they quote submissions, which Python parses here too


@app.command()
def release(
    assignment: Annotated[str | None, typer.Argument(help="The assignment; or use --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Release all assignments.")] = False,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Grade the solution too: it should get all points.")
    ] = True,
    strict: Annotated[
        bool, typer.Option("--strict", help="Release only if every test can run apart from the learners' code.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also where somebody has worked in the release: that work is lost.")
    ] = False,
    renamed: RenamedOption = None,
    drop_by_hand: DropOption = False,
    course: CourseOption = None,
) -> None:
    """Make what learners get from an assignment's source.

    Answers and hidden tests are taken out, the questions are entered into the gradebook: where submissions were graded
    and the source has other cells now, scores and comments move along, after a copy of the gradebook was made. The same
    source always gives the same files. A source with faults (doubled grade ids, missing points, open markers) is
    refused, with each named.
    Then the source's own answers are graded: a test that does not give them all points is named, with what to do; and
    it is said how far the tests are kept from the learners' code.
    """
    from autograder.course.standing import stale
    from autograder.engines import why_no_sandbox
    from autograder.engines.sandbox import Grader
    from autograder.release.make import check_solution, check_strict
    from autograder.release.make import release as make

    with _faults(), contextlib.ExitStack() as stack:
        found = _course(course)
        if bool(assignment) == every:
            raise typer.BadParameter("Name one assignment, or use --all.")
        if every and renamed:
            raise typer.BadParameter("--renamed goes with one assignment, not with --all.")
        chosen = found.assignments() if every else [found.check_assignment(assignment or "")]
        reason = why_no_sandbox() if check else ""
        if reason:
            _advise(f"the solutions were not tried, since there is no sandbox: {reason}")
        grader = stack.enter_context(Grader(found.limits())) if check and not reason else None
        for name in chosen:
            if strict and grader:
                check_strict(found, name, grader)
            made = make(found, name, _advise, overwrite=overwrite, wish=_wish(renamed, drop_by_hand))
            for warning in made.warnings:
                _advise(warning)
            changed = ", ".join(made.changed) if made.changed else "unchanged"
            out.print(f"Released {line(name)} into {line(made.folder)}: {line(changed)}", soft_wrap=True)
            out.print(f"It has {counted(made.questions, 'question')}, {made.points:g} points in all.")
            shortfalls, levels = check_solution(found, name, grader) if grader else ([], "")
            for shortfall in shortfalls:
                _advise(shortfall)
            if levels:
                out.print(line(levels, _LEVELS), soft_wrap=True)
            for text in stale(found, [name]):
                _advise(text)


@app.command()
def collect(
    paths: Annotated[list[Path] | None, typer.Argument(help="Packed files, notebooks, folders of them.")] = None,
    assignment: Annotated[str | None, typer.Option(help="Which assignment, where the files don't say.")] = None,
    student: Annotated[str | None, typer.Option(help="Whose it is; wins over what the file says.")] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file of the class: columns id (the name here), name, email, and others for what a learning "
            "platform calls each person, names or numbers with ; between. It is kept for the next time."
        ),
    ] = None,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Take in the rest where some are nobody's in the roster.")
    ] = False,
    course: CourseOption = None,
) -> None:
    """Take in submissions: files made by `companion submit`, bare notebooks, folders; without PATHS the exchange.

    Each is checked first; what is refused is named with the reason, stays where it is, and does not stop the rest. A
    newer submission by the same student replaces the first, which is kept in the history; where two that differ claim
    one name and come from two folders, both are refused until --student says whose each is.

    Whose it is, names of files and folders say as Canvas, Moodle, Blackboard, Brightspace, Gradescope, ILIAS, Google
    and GitHub Classroom write them. A roster turns them into the names in this course; what is nobody's in it is named
    before anything is written.
    """
    from autograder.collect.intake import collect as take
    from autograder.collect.intake import collect_exchange
    from autograder.collect.roster import read_roster, remember
    from autograder.collect.store import Intake

    with _faults():
        found = _course(course)
        if assignment:
            found.check_assignment(assignment)
        known = read_roster(roster or found.roster) if roster or found.roster.is_file() else None
        reports = (
            take(found, paths, assignment=assignment, student=student, roster=known, skip_unknown=skip_unknown)
            if paths
            else collect_exchange(found, assignment, known)
        )
        waiting = [each for each in reports if each.outcome is Intake.WAITING]
        if known and roster and not waiting:
            remember(known, found.roster)
            out.print(
                f"Kept the roster, {counted(len(known.people), 'student')}, in {line(found.roster)}.", soft_wrap=True
            )
    taken = [each for each in reports if each.outcome not in (Intake.REFUSED, Intake.IGNORED, Intake.WAITING)]
    table = Table(title="Collected")
    for heading in ("Submission", "Student", "Assignment", "What became of it"):
        table.add_column(heading, overflow="fold")
    for each in taken:
        outcome = ", ".join(filter(None, (each.outcome, each.note)))
        table.add_row(*map(line, (each.name, each.student, each.assignment, outcome)))
    out.print(table if taken else "Nothing was collected.")
    ignored = [line(each.name) for each in reports if each.outcome is Intake.IGNORED]
    if ignored:
        out.print(f"Ignored, since they are no submissions: {listed(ignored, MOST_ROWS)}", soft_wrap=True)
    refused = [each for each in reports if each.outcome is Intake.REFUSED]
    for each in refused:
        out.print(f"[red]refused[/] {line(each.path)}: {line(each.note)}", soft_wrap=True)
    if waiting:
        out.print(
            f"Nothing was written: the other {len(waiting)} wait until the roster is complete, or for --skip-unknown.",
            soft_wrap=True,
        )
    if refused or waiting:
        raise typer.Exit(1)


@app.command()
def grade(
    assignment: AssignmentArgument,
    engine: Annotated[str, typer.Option(help=f"How to grade: {', '.join(names())}.")] = DEFAULT,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Submissions graded at the same time; by default one for each core.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force/--resume",
            help="Grade everything again, over scores given by hand too; or only what is new, changed or left over.",
        ),
    ] = False,
    unsandboxed: Annotated[
        bool, typer.Option("--unsandboxed", help="Run submissions as you, without a sandbox. Every result says so.")
    ] = False,
    time_limit: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Seconds for one cell, ten times that for a submission; by default the course's `c.Execute.timeout`.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Grade only if every test can run apart from the learners' code.")
    ] = False,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given several times.")] = None,
    seen: Annotated[
        bool,
        typer.Option(
            "--seen",
            help="Grade nothing: note that you have looked at what the rows of these students (--student) ask for.",
        ),
    ] = False,
    renamed: RenamedOption = None,
    drop_by_hand: DropOption = False,
    course: CourseOption = None,
) -> None:
    """Grade all submissions of an assignment and record the results in nbgrader's gradebook.

    Each result is written down as it comes: after an interruption, give the command again. What was graded before and
    is unchanged is not run again; where the gradebook no longer says what was recorded (a student removed, an older
    copy put back, a due date or an extension changed), that is recorded again, and the table says what was otherwise. A
    score or comment that a person gave stays; with --force a new score replaces one given by hand, and the table shows
    both.

    `needs review` ends where a person has seen to it. A cell that waits is scored in the formgrader. For a reason that
    goes with no such cell, look, correct scores there if need be, and give --seen with --student: the row is `graded`
    then, also when it is graded again, until there is another hand-in, another source or another reason.

    Where the source has other cells than what was graded, the gradebook is moved to these, after a copy of it was made
    beside it. Nothing is done as long as scores or comments given by hand would go: see --renamed and --drop-by-hand.

    The engine `sandbox` shuts every submission in and runs the tests outside of it, each as far apart from the
    learners' code as the instructor's own solution allows; --strict allows only quite apart. The engine `nbgrader` is
    nbgrader's own, without a sandbox, for comparison: submissions run as you, so use it for classes that you trust.
    """
    if seen:
        _mark_seen(course, assignment, student or [], force=force)
        return
    with _faults(), _progress("Grading") as (progress, tell):
        found = _course(course)
        from autograder.grade.run import grade as run

        outcomes = run(
            found,
            assignment,
            engine=engine,
            workers=workers,
            force=force,
            unsandboxed=unsandboxed,
            time_limit=time_limit,
            strict=strict,
            students=student or (),
            wish=_wish(renamed, drop_by_hand),
            progress=progress,
            tell=tell,
        )
    for each in _graded(assignment, outcomes):
        out.print(each, soft_wrap=isinstance(each, str))
    if any(outcome.state is State.NOT_RUN for outcome in outcomes):
        err.print("Some were not run, through no fault of theirs. Give the command again to grade those.")
        raise typer.Exit(1)


def _mark_seen(course: Path | None, assignment: str, students: list[str], *, force: bool) -> None:
    if not students:
        raise typer.BadParameter("Say whose: it goes with --student.", param_hint="--seen")
    if force:
        raise typer.BadParameter("It grades nothing: give --force first, read the rows, and look.", param_hint="--seen")
    with _faults():
        found = _course(course)
        from autograder.grade.seen import seen

        outcomes = seen(found, assignment, students)
    out.print(_graded_table(assignment, outcomes))


def _wish(renamed: list[str] | None, drop_by_hand: bool):  # type: ignore[no-untyped-def]
    from autograder.course.questions import Wish

    pairs = [text.partition("=") for text in renamed or ()]
    if odd := [text for text, (old, _, new) in zip(renamed or (), pairs, strict=True) if not (old and new)]:
        raise typer.BadParameter(f"{odd[0]!r} is not OLD=NEW, two grade ids.", param_hint="--renamed")
    return Wish({old: new for old, _, new in pairs}, drop_by_hand)


def _graded(assignment: str, outcomes: "list[Outcome]") -> "Iterator[Table | str]":
    """What to print of a run: a row for each submission, of a large class only for those to look at, and a summary."""
    rows = outcomes if len(outcomes) <= MOST_ROWS else [each for each in outcomes if _is_to_be_looked_at(each)]
    if rows:
        yield _graded_table(assignment, rows)
    states = Counter(str(each.state) for each in outcomes)
    yield f"{counted(len(outcomes), 'submission')}: {', '.join(f'{n} {state}' for state, n in states.items())}."
    if skipped := sum(each.skipped for each in outcomes):
        yield f"{skipped} of these {'is' if skipped == 1 else 'are'} unchanged since graded before, and not run again."
    if again := sum(each.skipped and bool(each.changed) for each in outcomes):
        yield f"{again} of those {'was' if again == 1 else 'were'} recorded again: the gradebook said something else."
    scores = [each.score for each in outcomes if each.score is not None]
    if len(scores) > 1:
        yield (
            f"Of {max(each.entry.points for each in outcomes):g} points: mean {mean(scores):.2f}, median "
            f"{median(scores):g}, lowest {min(scores):g}, highest {max(scores):g}."
        )
    if len(rows) < len(outcomes):
        which = "Listed are only those to look at." if rows else "None needs a look."
        yield f"{which} Everybody's score: autograder export {line(assignment)}"


def _is_to_be_looked_at(outcome: "Outcome") -> bool:
    return outcome.state is not State.GRADED or bool(outcome.entry.replaced or outcome.changed)


def _recorded_again(outcome: "Outcome") -> str:
    return ", and recorded again" if outcome.changed else ""


def _graded_table(assignment: str, outcomes: "list[Outcome]") -> Table:
    table = Table("Student", "State", title=line(assignment))
    table.add_column("Score", justify="right")
    table.add_column("Why")
    for each in outcomes:
        reasons = [*each.why, *([f"unchanged since it was graded{_recorded_again(each)}"] if each.skipped else [])]
        why = listed([shown(reason, 500) for reason in reasons], _MOST_REASONS, "; ")
        score = "" if each.score is None else f"{each.score:g} / {each.entry.points:g}"
        table.add_row(*map(line, (each.entry.student, each.state, score)), safe(why))
    return table


@app.command()
def feedback(
    assignment: AssignmentArgument,
    student: Annotated[list[str] | None, typer.Option(help="Only this student; can be given several times.")] = None,
    course: CourseOption = None,
) -> None:
    """Write one HTML page a graded notebook: the learner's own text, scores, and what each check says.

    Hidden tests and code from tracebacks are not in it, and nothing that a submission printed can run in a browser.
    """
    from autograder.course.standing import stale
    from autograder.doctor import check_writable
    from autograder.feedback.write import feedback as write

    with _faults():
        found = _course(course)
        found.check_assignment(assignment)
        for name in student or found.students(assignment):
            check_writable(found.feedback(assignment, name))
        with _progress("Writing") as (progress, _):
            written = write(found, assignment, student, progress, _advise)
        for text in stale(found, [assignment]):
            _advise(text)
    made = [each for each in written if not each.fault]
    where = line(written[0].folder.parent.parent)
    out.print(f"Feedback for {counted(len(made), 'student')} is in {where}.", soft_wrap=True)
    for each in written:
        if each.fault:
            out.print(f"[red]no page[/] for {line(each.student)}: {line(each.fault)}", soft_wrap=True)
    if len(made) < len(written):
        raise typer.Exit(1)


@app.command()
def export(
    assignment: Annotated[str | None, typer.Argument(help="Only this assignment; by default all.")] = None,
    fmt: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
    to: Annotated[Path | None, typer.Option(help="The file to write; by default the table is printed.")] = None,
    course: CourseOption = None,
) -> None:
    """Write the grades as a table: student, assignment, score, maximum, state, time (UTC), minutes late."""
    from autograder.course.export import encoded, save
    from autograder.course.export import export as write
    from autograder.course.standing import stale

    with _faults():
        found = _course(course)
        to_read = to is None and _is_terminal()
        text = write(found, fmt, assignment, to_read=to_read)
        for each in stale(found, [assignment] if assignment else found.assignments()):
            _advise(each)
        if to is None:
            typer.echo(text if to_read else encoded(text), nl=False)
        else:
            save(text, to)
            out.print(f"Wrote {line(to)}.")


@app.command()
def demo(
    assignment: Annotated[str | None, typer.Argument(help="The assignment; by default the first.")] = None,
    to: Annotated[Path | None, typer.Option(help="A new folder to keep the class in, for a look at it.")] = None,
    course: CourseOption = None,
) -> None:
    """Play an instructor's whole cycle with a sample class, apart from your own, and print the gradebook.

    The learners are made from the assignment's own source: one knows everything, one half, one nothing, and so on. The
    real class, its submissions and its gradebook are not touched.
    """
    from autograder.demo.play import play

    with _faults():
        play(_course(course), assignment, out, to)


@app.command()
def doctor(course: CourseOption = None) -> None:
    """Look at everything that grading needs and say what to do about what is missing."""
    from autograder.doctor import examine

    def find():  # type: ignore[no-untyped-def]
        with contextlib.suppress(AutograderError):
            return _course(course)

    words = {True: "[green]OK   [/]", False: "[red]to do[/]", None: "note "}
    well = True
    for finding in examine(find):
        well = well and finding.ok is not False
        out.print(f"{words[finding.ok]}  {line(finding.what)}: {line(finding.text, 10_000)}", soft_wrap=True)
    if not well:
        raise typer.Exit(1)


def _course(folder: Path | None):  # type: ignore[no-untyped-def]
    # nbgrader imports jsonschema, which with this package builds grammars for a second; no notebook needs its check.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    gc.disable()  # an import makes many objects and hardly any garbage
    from autograder.course.course import Course  # nbgrader takes a second to import: not for --help

    gc.enable()
    gc.freeze()
    atexit.register(gc.freeze)  # or the interpreter would look through all of them once more at its end
    return Course.find(folder)


def _is_terminal() -> bool:
    """Whether a person reads what is printed; a file or a program gets it exactly as it is."""
    return sys.stdout.isatty()


def _advise(text: object) -> None:
    err.print(f"[yellow]advice[/] {line(text)}", soft_wrap=True)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Print a foreseeable fault and end with exit code 1."""
    try:
        yield
    except (AutograderError, OSError) as error:
        text = os_text(error) if isinstance(error, OSError) else str(error)
        err.print(safe(text), style="red", soft_wrap=True)
        raise typer.Exit(1) from None


@contextlib.contextmanager
def _progress(title: str) -> Iterator[tuple[Callable[[str, int, int], None], Callable[[str], None]]]:
    """A progress bar: functions to call after each step, and with a sentence to show above the bar."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, _Rate(), TimeRemainingColumn(), console=err, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def step(name: str, done: int, total: int) -> None:
            last = f" (last: {line(name, 80)})" if name else ""
            bar.update(task, description=f"{title}{last}", completed=done, total=total)

        yield step, lambda text: err.print(safe(text), soft_wrap=True)


class _Rate(ProgressColumn):
    """How many are done in a second, or how many seconds one takes."""

    def render(self, task: Task) -> str:
        speed = task.finished_speed or task.speed
        if not speed:
            return ""
        return f"{speed:.1f} a second" if speed >= 1 else f"{1 / speed:.1f} s each"


if __name__ == "__main__":
    app()
