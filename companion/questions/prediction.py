"""Predictions: a question to commit to before one looks, what came of it, and a tally at the end."""

from collections.abc import Callable
from typing import Any

from companion.questions.options import check_options, check_text, listing
from companion.questions.widget import Question
from companion.widgets import lasting

When = tuple[str, Callable[[Any], bool]]
_shown: dict[str, "Prediction"] = {}  # in this kernel, by the question: a cell that is run again takes the place
_tallies: list["Tally"] = []


def predict(
    question: str, /, *, right: str, came: str, then: str, when: When | None = None, **options: str | tuple[str, str]
) -> "Prediction":
    """Show a question to commit to before what it asks about is seen. Nothing is marked.

    Once that has come, the card says what was predicted, what came, and why another option tempts.

    Parameters
    ----------
    question
        What will happen?
    right
        The letter of what comes.
    came
        What came, and why.
    then
        What to do once the prediction is made, e.g. "Now run the next cell and look at the edges."
    when
        The name of an explorer's class and a condition on it, e.g. ``("ShiftTest", lambda test: test.columns == 4)``:
        what is asked has come when it holds after a change. Without it: when the next code cell has run.
    options
        Under each letter the option; for each one that does not come, a pair: the option and why it tempts.

    Raises
    ------
    ValueError
        If the question is malformed.
    """
    letters = check_options(options)
    if len(right) != 1 or right not in letters:
        raise ValueError(f"right is {right!r}, and it must be one of the options' letters {letters!r}")
    listed = [{"letter": letter, **_option(letter, option, right)} for letter, option in options.items()]
    spec = {
        "kind": "predict",
        "question": check_text(question, "the question"),
        "options": listed,
        "right": right,
        "came": check_text(came, "`came`"),
        "then": check_text(then, "`then`"),
    }
    return Prediction(spec, f"Predict first: {question}\n{listing(listed)}", when)


def tally() -> "Tally":
    """Show what was predicted in this notebook, and what came of it."""
    return Tally()


class Prediction(Question):
    """A prediction. Its state holds what is picked, and whether that is locked and then closed."""

    def __init__(self, spec: dict[str, Any], text: str, when: When | None) -> None:
        self._when = when
        super().__init__(spec, text)
        if not _shown:
            _follow_cells()
        _shown[spec["question"]] = self
        self.observe(lambda _: _count(), "state")
        _count()

    def look(self, widget: lasting.Lasting) -> None:
        """Close, if this widget shows now what was asked."""
        if self._when and self._is_waiting() and type(widget).__name__ == self._when[0] and self._when[1](widget):
            self.close_now()

    def cell_ran(self, cell: str) -> None:
        """Close, if that was the cell that shows what was asked."""
        if not self._when and self._is_waiting() and self._place and self._place.next_cell() == cell:
            self.close_now()

    def close_now(self) -> None:
        """Say what came."""
        self.state = {**self.state, "closed": True}
        self.keep(["state"])

    def row(self) -> dict[str, str]:
        """What the tally tells of it: what came is told only where it has come."""
        picked = self.state.get("picked", "") if self.state.get("locked") else ""
        came = self.spec["right"] if self.state.get("closed") else ""
        return {"question": self.spec["question"], "picked": picked, "came": came}

    def _is_waiting(self) -> bool:
        return bool(self.state.get("locked")) and not self.state.get("closed")


class Tally(Question):
    """All predictions of the notebook, counted anew whenever one of them changes."""

    def __init__(self) -> None:
        super().__init__({"kind": "tally"}, "Your predictions: JupyterLab shows them here.")
        _tallies[:] = [self]
        self.count()

    def is_kept_elsewhere(self) -> bool:
        """The predictions keep what it tells."""
        return True

    def count(self) -> None:
        """Tell of each prediction, in the order in which they were first shown."""
        self.state = {"rows": [each.row() for each in _shown.values()]}


def _count() -> None:
    for each in _tallies:
        each.count()


def _follow_cells() -> None:
    """Have the predictions told which cells have run."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell:
        shell.events.register("post_run_cell", _after_cell)


def _after_change(widget: lasting.Lasting) -> None:
    for each in list(_shown.values()):
        each.look(widget)


lasting.watchers.append(_after_change)


def _after_cell(result: Any) -> None:
    if result.success and getattr(result.info, "cell_id", None):
        for each in list(_shown.values()):
            each.cell_ran(result.info.cell_id)


def _option(letter: str, option: Any, right: str) -> dict[str, str]:
    if letter == right:
        return {"text": check_text(option, f"option {letter}"), "why": ""}
    if not isinstance(option, tuple) or len(option) != 2:
        raise ValueError(f'option {letter} must be a pair, the option and why it tempts: {letter}=("...", "...")')
    text, why = option
    return {"text": check_text(text, f"option {letter}"), "why": check_text(why, f"the why of option {letter}")}
