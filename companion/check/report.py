"""What every check does: it calls a learner's function case by case, and tells the first thing that is wrong."""

import html
import inspect
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found.

    Attributes
    ----------
    right
        What the passed checks were about.
    total
        How many checks there are.
    failed, problem, example
        What the first failed check was about, what is wrong in plain words, and the call with its numbers; else "".
    """

    right: tuple[str, ...]
    total: int
    failed: str = ""
    problem: str = ""
    example: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return len(self.right) == self.total

    def __repr__(self) -> str:
        lines = [self._headline(), *(f"  ✓ right: {name}" for name in self.right)]
        lines += [f"  ○ not yet: {self.failed}"] if self.failed else []
        return "\n".join(filter(None, [*lines, self.problem, self.example]))

    def _repr_html_(self) -> str:
        items = [f"✓ right: {name}" for name in self.right] + ([f"○ not yet: {self.failed}"] if self.failed else [])
        rows = "".join(f"<li>{html.escape(item)}</li>" for item in items)
        return (
            f"<p><strong>{self._headline()}</strong></p>"
            f'<ul style="list-style: none; padding-left: 1em">{rows}</ul>'
            + (f"<p>{_with_code(self.problem)}</p><pre>{html.escape(self.example)}</pre>" if self.problem else "")
        )

    def _headline(self) -> str:
        if self.passed:
            return f"All {self.total} checks are right. Well done!"
        return f"{len(self.right)} of {self.total} checks are right."


def _with_code(text: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def report(function: Callable[..., Any], cases: Sequence[Any], find: Callable[..., tuple[str, Any]]) -> Report:
    """Go through the cases until `find(function, case)` gives a problem, with the result that the function returned."""
    right: list[str] = []
    for case in cases:
        problem, result = find(function, case)
        if problem:
            example = case.example(result) if callable(function) else ""
            return Report(tuple(right), len(cases), failed=case.about, problem=problem, example=example)
        right.append(case.about)
    return Report(tuple(right), len(cases))


def call_problem(
    function: Callable[..., Any], arguments: Sequence[Any], options: dict[str, Any], call: str, first_line: str
) -> str:
    """Return why the learner's function can't be called with these; `call` and `first_line` are how it should look."""
    if not callable(function):  # a learner may give anything
        name = call.partition("(")[0]  # type: ignore[unreachable]
        return f"Give the function itself, without calling it: check.{name}({name})."
    try:
        inspect.signature(function).bind(*arguments, **options)
    except (TypeError, ValueError) as error:
        return f"It cannot be called as {call} ({error}). Its first line has to be: def {first_line}:"
    return ""


def attempt(
    function: Callable[..., Any], arguments: Sequence[Any], options: dict[str, Any], hint: str
) -> tuple[str, Any]:
    """Call the learner's function; return what went wrong, "" if nothing, and what it gave."""
    try:
        return "", function(*arguments, **options)
    except NotImplementedError:
        return "This isn't written yet: put your code in place of `raise NotImplementedError()`.", None
    except KeyboardInterrupt:
        return "Stopped: your function had not finished. Is there a loop that never ends?", None
    except Exception as error:  # whatever a learner's code does
        reason = " ".join(str(error).split())
        return f"It stopped with {type(error).__name__}{_line(function, error)}: {reason}. {hint}", None


def type_problem(result: Any, advice: str = "") -> str:
    """Return why a result is no array of numbers, with the advice that helps there; "" if it is one."""
    if result is None:
        return "It returned nothing (None). Does it end with a `return`?"
    if not isinstance(result, np.ndarray):
        return f"It returned a {type(result).__name__}, not a NumPy array. {advice}".rstrip()
    if result.dtype.kind not in "biuf":
        return f"It returned an array of {result.dtype}, not of numbers. {advice}".rstrip()
    return ""


def kept_problem(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> str:
    """Return which argument the function has changed; "" if none."""
    for name, array in before.items():
        if not np.array_equal(array, after[name]):
            return f"The result is right, but {name} was changed on the way. Work on a copy: {name} = {name}.copy()."
    return ""


def is_same(result: np.ndarray, other: np.ndarray | None) -> bool:
    """Return whether two arrays have the same shape and numbers, rounding aside; nothing equals None."""
    return other is not None and result.shape == other.shape and np.allclose(result, other, rtol=1e-4, atol=1e-5)


def _line(function: Callable[..., Any], error: Exception) -> str:
    """Return where in the learner's function the error arose, e.g. " in line 3, `total = x + y`"."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    return f" in line {own[-1].lineno}, `{own[-1].line}`" if own else ""
