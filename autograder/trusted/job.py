"""What the engine and the process that runs the tests say to each other, over a `frames.Channel`.

The engine sends one Job, and `{"ok": True}` when it has started the student's process. All else comes from the process:
messages, told apart by `say`. Each may bring news of cells that were run since the last one.
"""

from typing import Any, Literal, NotRequired, TypedDict, final

import numpy as np

Kind = Literal["student", "course", "test"]


class JobCell(TypedDict):
    """A code cell of the notebook to grade."""

    index: int  # among the code cells
    kind: Kind  # whose it is: the student's to write, the course's to be run as it is, a test
    source: str
    points: float  # of a test
    position: int  # among the code cells of the instructor's notebook
    level: int  # of a test, a `Level`


class Job(TypedDict):
    """A notebook to grade."""

    cells: list[JobCell]
    skip: list[int]  # indices of tests that are not to be run
    hollow: bool  # whether the tests get values with nothing in them
    theirs: list[str]  # names of the course's that the tests are to take from the student's process
    template: list[str | None]  # of the instructor's notebook, as Plan has it
    answers: list[tuple[int, str]]
    helpers: list[tuple[int, str]]
    own: list[str]
    secret: str
    files: dict[str, np.ndarray]  # bytes, beside the student's notebook
    course_files: dict[str, np.ndarray]
    limits: dict[str, Any]  # of `Limits`
    tensorflow: bool  # whether the notebook's text speaks of it
    run_all: bool  # whether a person wants to see what the cells put out, tests or not


class Output(TypedDict):
    """What a cell put out: a stream or a result has a `text`, an error its class's `name` and a `message`."""

    output_type: Literal["stream", "execute_result", "error"]
    text: NotRequired[str]
    name: NotRequired[str]
    message: NotRequired[str]


def error_output(name: str, message: str) -> Output:
    """What a cell that failed put out."""
    return {"output_type": "error", "name": name, "message": message}


def time_up(seconds: float) -> Output:
    """What a cell put out that took longer than it may."""
    return error_output("CellTimeoutError", f"this took longer than {seconds:g} seconds")


@final
class Ran(TypedDict):
    """A cell that was run."""

    index: int
    outputs: list[Output]


@final
class Tested(TypedDict):
    """A test that was run."""

    index: int
    outputs: list[Output]
    score: float
    last: str  # what its last line's value is: "number", "nothing", "object", or "" where that says nothing
    empty: list[int]  # which of the values that it got, in their order, have nothing in them
    limit: str  # what it asked for and could not get, though it may be there
    said: list[str]  # the special methods of the student's own that decided what objects are to each other
    lacked: str  # a line of the student's that could not be run when it asked for something
    raised: list[str]  # the names of the exceptions that it got from the student's code, caught or not
    given: list[str]  # values of the course's that it reads and that are others in the student's process
    changed: bool  # whether a function changed what the test gave it, or gave that back, and the test could not see it


class Begin(TypedDict):
    """A test begins."""

    say: Literal["begin"]
    cells: list[Ran | Tested]
    index: int


class News(TypedDict):
    """There is much to tell."""

    say: Literal["cells"]
    cells: list[Ran | Tested]


class StartStudent(TypedDict):
    """The student's process is needed."""

    say: Literal["sandbox"]
    cells: list[Ran | Tested]


class Done(TypedDict):
    """All is run."""

    say: Literal["done"]
    cells: list[Ran | Tested]
    ended: str  # why the student's process ended, if it did
    review: list[str]  # what a person should look at


class NeedsTensorFlow(TypedDict):
    """A process that has imported TensorFlow should go on."""

    say: Literal["tensorflow"]


class Lost(TypedDict):
    """The sandbox or the tests' own folder broke; nobody's answer is to blame."""

    say: Literal["lost"]
    reason: str


class Broke(TypedDict):
    """This process itself did, or somebody found that it had."""

    say: Literal["broke"]
    reason: str
    took_long: NotRequired[bool]


Message = Begin | News | StartStudent | Done | NeedsTensorFlow | Lost | Broke
