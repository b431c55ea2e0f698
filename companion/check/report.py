"""What every check does: it calls a learner's function case by case, and explains the first thing that is wrong."""

import html
import inspect
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from companion.check.call import Call
from companion.check.parts import differing

STOPPED = "Stopped: your function had not finished. Is there a loop that never ends?"  # then no other case is tried


_STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")


@dataclass(frozen=True, repr=False)
class Report:
    """What a check found.

    Attributes
    ----------
    outcomes
        What each check was about, and whether it is right.
    problem, shown
        Of the first failed check: what is wrong in plain words, and the call with its numbers; else "".
    """

    outcomes: tuple[tuple[str, bool], ...]
    problem: str = ""
    shown: Call | str = ""

    @property
    def right(self) -> tuple[str, ...]:
        """What the passed checks were about."""
        return tuple(about for about, is_right in self.outcomes if is_right)

    @property
    def wrong(self) -> tuple[str, ...]:
        """What the failed checks were about."""
        return tuple(about for about, is_right in self.outcomes if not is_right)

    @property
    def failed(self) -> str:
        """What the first failed check was about, which is explained; "" if none failed."""
        return self.wrong[0] if self.wrong else ""

    @property
    def total(self) -> int:
        """How many checks there are."""
        return len(self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether everything is right."""
        return not self.wrong

    @property
    def example(self) -> str:
        """The call of the first failed check with its numbers, as text; else ""."""
        return str(self.shown)

    def __repr__(self) -> str:
        lines = [self._headline(), *(f"  {line}" for line in self._lines()), self._first(), self.problem, self.example]
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{html.escape(line)}</li>" for line in self._lines())
        parts = [f"<p><strong>{self._headline()}</strong></p>", f"<ul>{rows}</ul>"]
        if self.problem:
            first = f"<strong>{html.escape(self._first())}</strong> " if self._first() else ""
            parts.append(f"<p>{first}{_with_code(self.problem)}</p>")
        if isinstance(self.shown, Call):
            parts += [self.shown.html()]
        elif self.shown:
            parts += [f"<p>{html.escape(self.shown)}</p>"]
        return f'<style>{_STYLE}</style><div class="cc-check">{"".join(parts)}</div>'

    def _headline(self) -> str:
        if self.passed:
            return f"All {self.total} checks are right. Well done!"
        return f"{len(self.right)} of {self.total} checks are right."

    def _lines(self) -> list[str]:
        return [f"✓ right: {about}" if is_right else f"○ not yet: {about}" for about, is_right in self.outcomes]

    def _first(self) -> str:
        """Return which of several failed checks is explained."""
        return f"Begin with “{self.failed}”." if len(self.wrong) > 1 else ""


def _with_code(text: str) -> str:
    """Return a text as HTML, what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def report(function: Callable[..., Any], cases: Sequence[Any], find: Callable[..., tuple[str, Any]]) -> Report:
    """Go through the cases: `find(function, case)` gives what is wrong, "" if nothing, and what was returned."""
    outcomes: list[tuple[str, bool]] = []
    explained: tuple[str, Call | str] = ("", "")
    for case in cases:
        problem, result = (STOPPED, None) if explained[0] == STOPPED else find(function, case)
        outcomes.append((case.about, not problem))
        if problem and not explained[0]:
            explained = problem, case.example(result) if callable(function) else ""
    return Report(tuple(outcomes), *explained)


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
        return STOPPED, None
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
    return other is not None and result.shape == other.shape and not differing(result, other).any()


def _line(function: Callable[..., Any], error: Exception) -> str:
    """Return where in the learner's function the error arose, e.g. " in line 3, `total = x + y`"."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    return f" in line {own[-1].lineno}, `{own[-1].line}`" if own else ""
