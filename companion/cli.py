"""The learner's commands: `companion lab` opens the course, `data` fetches its data, `submit` packs an assignment."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="CNN Companion: a course on convolutional networks, in JupyterLab.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def fail(message: str) -> typer.Exit:
    """Print a message to standard error and return the exception that ends the command with exit code 1."""
    typer.echo(message, err=True)
    return typer.Exit(1)


def course_root(start: Path | None = None) -> Path:
    """Return the course folder: the nearest one upwards from `start` (the working directory) with lessons and quizzes.

    Raises
    ------
    typer.Exit
        If there is none; what to do has been printed.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "lessons").is_dir() and (folder / "quizzes").is_dir():
            return folder
    raise fail(
        f"The course is not here: neither {start} nor a folder above it holds both `lessons` and `quizzes`.\n"
        "Go to the folder of the course first (cd path/to/cnn-companion), then give the command again."
    )


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    browser: Annotated[bool, typer.Option(help="Open a browser; without it, the address is only printed.")] = True,
    port: Annotated[int | None, typer.Option(help="The port to use; if it is taken, the next free one.")] = None,
    instructor: Annotated[bool, typer.Option("--instructor", help="Show nbgrader's panels, too.")] = False,
) -> None:
    """Open the course in JupyterLab, on its first page. Further options go to JupyterLab as they are."""
    root = course_root()
    pages = sorted((root / "lessons").glob("*.ipynb"))
    if not pages:
        raise fail(f"{root / 'lessons'} holds no notebook. Fetch the course again, or unpack it again.")
    page = pages[0].relative_to(root).as_posix()
    arguments = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{page}"]
    arguments += ["--Application.log_level=WARN", *_as_root(), *context.args]
    if port is not None:
        arguments.append(f"--ServerApp.port={port}")
    if not browser:
        arguments.append("--no-browser")
    typer.echo(f"The course is in {root}. JupyterLab opens {page}; press Ctrl+C here to stop it.")
    os.chdir(root)  # nbgrader's extensions look for their settings here
    # A terminal in JupyterLab finds `companion`, whether or not the environment was activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [*map(str, _settings(instructor)), os.environ.get("JUPYTER_CONFIG_PATH")])
    )

    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(arguments)


def _settings(instructor: bool) -> list[Path]:
    """Return the folders with JupyterLab's settings: no question about news, and for learners no panels of nbgrader's.

    What they hand in with stays where there is an nbgrader exchange.
    """
    from companion.submit import has_exchange

    folder = Path(__file__).parent / "lab_config"
    quiet = [] if instructor else ["learner"] if has_exchange() else ["learner", "no_exchange"]
    return [folder / name for name in ("everybody", *quiet)]


def _as_root() -> list[str]:
    """Return what JupyterLab wants to hear before it runs as root, as people do in containers."""
    return ["--ServerApp.allow_root=True"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@app.command()
def data() -> None:
    """Fetch MNIST and the sample pictures, once; quick when all is there."""
    from companion.data import DataUnavailable, fetch

    try:
        folder = fetch()
    except DataUnavailable as error:
        raise fail(str(error)) from error
    typer.echo(f"The course's data is in {folder}.")


@app.command()
def submit(
    assignment: Annotated[str, typer.Argument(help="Which assignment, for example 02-convolution.")],
    name: Annotated[
        str | None,
        typer.Option("--as", help="Your name in the class; else that of the last time, at first your login name."),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="The file or folder to write to; by default the current one.")] = None,
) -> None:
    """Pack an assignment into one file to hand in, and print a receipt. Says first what is still unanswered."""
    from companion.submit import SubmitError, exchange_note, own_name, pack, remember_name

    root = course_root()
    name = own_name() if name is None else name
    try:
        packed = pack(root / "quizzes", assignment, name, to)
    except SubmitError as error:
        raise fail(str(error)) from error
    remember_name(name)
    if packed.unanswered:
        missing = ", ".join(packed.unanswered)
        typer.echo(f"Still unanswered in the saved notebook: {missing}.\nYou can answer, save and submit again.\n")
    if packed.failed:
        typer.echo(f"A test failed when it last ran, of {', '.join(packed.failed)}. You can submit again.\n")
    if packed.twins:
        typer.echo(
            f"These hold the same questions: {', '.join(packed.twins)}. Only one of them counts: move the others out "
            "of the folder and submit again.\n"
        )
    typer.echo(
        f"Packed. Hand in this file: {packed.path}\n\n{packed.receipt}SHA-256 of the packed file: {packed.checksum}"
    )
    note = exchange_note(root / "quizzes" / assignment)
    if note:
        typer.echo(f"\n{note}")
