"""What the trusted process asks of a student's, and what it gets back, over a `frames.Channel`.

The student's side is not to be believed: `session` checks that a reply has this form.
"""

from typing import Any, Literal, TypedDict

SIMPLE = (str, int, float, bool, type(None))  # classes of what an exception is made with, as it crosses
SEEDED = {
    "random": "seed",
    "numpy.random": "seed",
    "tensorflow._api.v2.random": "set_seed",
    "keras.utils": "set_random_seed",
}

Do = Literal[
    "files", "run", "test", "fetch", "is_still", "call", "call_told", "call_back", "take", "delete", "bind", "special",
    "signature", "get", "set", "unset", "dir", "class", "isinstance", "issubclass",
]  # fmt: skip


class Request(TypedDict):
    """One thing to do; `Student.do_*` says what each wants and gives."""

    n: int  # counts up, and the reply repeats it
    do: Do
    arguments: list[Any]
    seconds: float
    opaque: bool  # whether objects without a plain form are handed over by a number
    seeds: dict[str, int]  # by a module of SEEDED; what to seed before


class Callback(TypedDict):
    """The student's code calls a function of the test's, and waits for an Answer."""

    n: int
    call: int  # the function's number
    positional: list[Any]
    named: dict[str, Any]


class Answer(TypedDict):
    """What became of it: a value, or the name of a built-in class of exceptions and what one is made with."""

    value: Any
    error: str
    arguments: list[Any]


class Value(TypedDict):
    """It was done."""

    n: int
    ok: Literal[True]
    value: Any
    out: str  # what was printed meanwhile; at its head lines about what could not be run


class Raised(TypedDict):
    """The student's code raised an exception."""

    n: int
    ok: Literal[False]
    error: str  # the nearest built-in class, or "TimeUp" or "Uncrossable"
    name: str  # the exception's own class
    arguments: list[Any]
    line: int  # of the cell; 0 where it arose elsewhere
    out: str


Reply = Value | Raised
