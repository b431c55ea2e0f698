"""The test's own functions, called by the student's: with plain data or what stands for objects, and so answered."""

from collections.abc import Callable
from typing import Any

from autograder.wire.named import builtin_exception
from autograder.wire.protocol import Answer, Callback

_MOST_LETTERS = 500


class TestFunctions:
    """The functions that were handed to the student's process, by their numbers."""

    __test__ = False

    def __init__(self) -> None:
        self._functions: dict[int, Callable[..., Any]] = {}
        self._count = 0

    def forget(self) -> None:
        """Let none of them be called any more: their test is over."""
        self._functions.clear()

    def number(self, function: Callable[..., Any]) -> int:
        """The number under which the student's code can call a function, until the test is over."""
        for number, known in self._functions.items():
            if known is function:
                return number
        self._count += 1
        self._functions[self._count] = function
        return self._count

    def __contains__(self, number: int) -> bool:
        return number in self._functions

    def __getitem__(self, number: int) -> Callable[..., Any]:
        return self._functions[number]

    def answer(self, call: Callback, *, ended: bool) -> Answer:
        """Call a function, unless the test has `ended`, and say what came of it; an exception is an answer too."""
        if ended or call["call"] not in self._functions:
            return THE_TEST_IS_OVER
        try:
            value = self._functions[call["call"]](*call["positional"], **call["named"])
        except Exception as error:
            return raised(error)
        return {"value": value, "error": "", "arguments": []}


def raised(error: Exception) -> Answer:
    """The answer of a function that raised an exception."""
    try:
        message = str(error)[:_MOST_LETTERS]
    except Exception:
        message = ""
    return {"value": None, "error": builtin_exception(type(error)), "arguments": [message]}


THE_TEST_IS_OVER = raised(RuntimeError("the test is over"))
