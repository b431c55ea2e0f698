"""Checks of functions of arrays whose right and wrong results are listed with each example."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from companion.check.call import Call
from companion.check.report import attempt, call_problem, is_same, kept_problem, type_problem


@dataclass(frozen=True)
class Example:
    """One call of a learner's function of arrays, what it should give, and what known mistakes give instead."""

    about: str
    name: str  # of the function
    arguments: dict[str, np.ndarray]
    right: np.ndarray
    mistakes: tuple[tuple[str, np.ndarray], ...]
    hint: str
    options: dict[str, Any] = field(default_factory=dict)
    signature: str = ""  # of the function, if the call doesn't show all of it

    def call_text(self) -> str:
        """Return the call as a learner would write it."""
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join([*self.arguments, *options])})"

    def example(self, result: Any = None) -> Call:
        """Return the call with its numbers, and what came out instead."""
        return Call(self.call_text(), self.arguments, self.right, result)


def array_problem(function: Callable[..., Any], case: Example) -> tuple[str, Any]:
    """Return what is wrong with the function in this case, "" if nothing, and what it gave, None if nothing."""
    copies = {name: array.copy() for name, array in case.arguments.items()}
    given = tuple(copies.values())
    call = case.call_text()
    if problem := call_problem(function, given, case.options, call, case.signature or call):
        return problem, None
    problem, result = attempt(function, given, case.options, case.hint)
    return problem or type_problem(result, case.hint) or _array_result_problem(case, result) or kept_problem(
        case.arguments, copies
    ), result


def _array_result_problem(case: Example, result: np.ndarray) -> str:
    if is_same(result, case.right):
        return ""
    for explanation, wrong in case.mistakes:
        if is_same(result, wrong):
            return explanation
    if result.shape != case.right.shape:
        return f"Its result has shape {result.shape}, and it should be {case.right.shape}. {case.hint}"
    return f"The shape is right, but not all the numbers are where they belong. {case.hint}"
