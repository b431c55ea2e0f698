"""A prediction is closed when what it asks about has come, and counted in the tally."""

from types import SimpleNamespace

import nbformat
import pytest

from companion import explore
from companion.questions import predict, prediction, tally
from companion.widgets import kept

PICKED = {"picked": "A", "locked": True, "asked": True}
AVERAGE = ("Pooling", lambda shown: shown.kind == "average")


@pytest.fixture(autouse=True)
def _nothing_was_shown(monkeypatch):
    monkeypatch.setattr(prediction, "_shown", {})
    monkeypatch.setattr(prediction, "_tallies", [])


def asked(question="What comes?", **more):
    return predict(question, right="B", A=("more", "It grew."), B="less", then="Now look.", came="It shrinks.", **more)


def test_the_plain_text_keeps_what_comes_to_itself():
    assert repr(asked()).splitlines() == ["Predict first: What comes?", "  ( ) A  more", "  ( ) B  less"]


WRONG = [{"then": ""}, {"came": ""}, {"B": ""}, {"b": "less"}, {"A": "more"}, {"A": ("more", "")}]


@pytest.mark.parametrize("wrong", [*WRONG, *({"right": right} for right in ("C", "", "AB"))])
def test_a_malformed_prediction_is_the_authors_error(wrong):
    right = {"right": "B", "A": ("more", "It grew."), "B": "less", "then": "Now look.", "came": "It shrinks."}
    with pytest.raises(ValueError, match=r"then|came|option|right"):
        predict("What will happen?", **right | wrong)


# ---------------------------------------------------------------------------------------------- closing


def test_it_closes_once_an_explorer_shows_what_was_asked():
    question, pooling = asked(when=AVERAGE), explore.Pooling()
    pooling.kind = "average"
    assert question.state == {}, "nothing was predicted yet"
    question.state = PICKED
    pooling.row = 1
    assert question.state == PICKED | {"closed": True}
    assert asked(when=AVERAGE).state == {}


def test_other_explorers_and_other_changes_leave_it_open():
    question, pooling = asked(when=AVERAGE), explore.Pooling()
    question.state = PICKED
    pooling.stride = 1
    explore.Convolution().stride = 2
    assert question.state == PICKED


@pytest.fixture
def notebook(tmp_path):
    """A notebook with a prediction in cell a; the next cell with code that one sees is d."""
    cells = [nbformat.v4.new_code_cell("predict()", id="a"), nbformat.v4.new_markdown_cell("text", id="b")]
    cells += [nbformat.v4.new_code_cell("checkpoint()", id="c", metadata={"jupyter": {"source_hidden": True}})]
    cells += [nbformat.v4.new_code_cell("1", id="d"), nbformat.v4.new_code_cell("2", id="e")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    return tmp_path / "lesson.ipynb"


def ran(cell, *, success=True):
    prediction._after_cell(SimpleNamespace(success=success, info=SimpleNamespace(cell_id=cell)))


def test_it_closes_when_the_next_cell_has_run(notebook):
    question = asked()
    question._place = kept.Place(notebook, "a", "Prediction 0", "code")
    question.state = PICKED
    for cell in ("a", "c", "e"):
        ran(cell)
    ran("d", success=False)
    assert question.state == PICKED
    ran("d")
    assert question.state == PICKED | {"closed": True}
    assert kept.Place(notebook, "a", "Prediction 0", "code").get()["state"] == question.state, "and that is kept"


@pytest.mark.parametrize("damage", ["gone", "torn", "another"])
def test_where_the_next_cell_is_not_known_it_stays_open(notebook, damage):
    question = asked()
    question._place = kept.Place(notebook, "x" if damage == "another" else "a", "Prediction 0", "code")
    question.state = PICKED
    if damage == "gone":
        notebook.unlink()
    elif damage == "torn":
        notebook.write_text(notebook.read_text()[:-20])
    ran("d")
    assert question.state == PICKED


# ---------------------------------------------------------------------------------------------- the tally


def test_the_tally_follows_the_predictions_and_tells_only_what_has_come():
    first, shown = asked("First?"), tally()
    second = asked("Second?")
    assert [row["picked"] for row in shown.state["rows"]] == ["", ""]
    first.state = PICKED
    second.state = PICKED
    second.close_now()
    assert shown.state["rows"] == [
        {"question": "First?", "picked": "A", "came": ""},
        {"question": "Second?", "picked": "A", "came": "B"},
    ]
    asked("First?")
    assert [row["picked"] for row in shown.state["rows"]] == ["", "A"], "a cell that is run again takes the place"
    assert tally().state == shown.state
