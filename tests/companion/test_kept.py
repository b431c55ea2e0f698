"""What a learner did in a widget is there again when its cell is run again, and nothing else is."""

import json
import os
from types import SimpleNamespace

import pytest

from companion import checkpoint, predict
from companion.explore import Convolution, FindKernel, PixelShuffle, ShiftTest
from companion.explore.digits.models import Trained
from companion.explore.digits.training import SHELF
from companion.widgets import kept

CODE = (
    'predict("What comes?", right="B", A=("more", "It grew before."), B="less", then="Now look.", came="It shrinks.")'
)


class Kernel:
    """Stands in for the kernel of a notebook: which cell runs, and what is shown in it."""

    def __init__(self) -> None:
        self.runs = 0
        self.cell: str | None = "what-comes"
        self.code = CODE

    def get_parent(self) -> dict:
        return {
            "header": {"msg_id": str(self.runs)},
            "metadata": {"cellId": self.cell} if self.cell else {},
            "content": {"code": self.code},
        }

    def show(self, *widgets, cell="what-comes", code=CODE):
        """Run a cell that shows widgets."""
        self.runs, self.cell, self.code = self.runs + 1, cell, code
        for widget in widgets:
            widget._repr_mimebundle_()
        return widgets[0]


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    kernel, events = Kernel(), SimpleNamespace(register=lambda *_: None)
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: SimpleNamespace(kernel=kernel, events=events))
    (tmp_path / "lesson.ipynb").write_text("{}")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "lesson.ipynb"))
    forget()
    yield kernel
    forget()
    SHELF.trained = None


def forget():
    """As a kernel does that is restarted."""
    kept._remembered.clear()


def asked():
    return predict(
        "What comes?", right="B", A=("more", "It grew before."), B="less", then="Now look.", came="It shrinks."
    )


PICKED = {"picked": "B", "locked": True, "asked": True}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_prediction_is_there_when_its_cell_is_run_again(kernel, restarted):
    kernel.show(asked()).set_state({"state": PICKED})
    if restarted:
        forget()
    assert kernel.show(asked()).state == PICKED
    assert kernel.show(asked(), cell="another").state == {}
    assert kernel.show(asked(), code=CODE + " ").state == PICKED
    assert kernel.show(asked(), code="predict(...)").state == {}, "code that was changed starts anew"


def test_widgets_of_one_cell_are_told_apart(kernel):
    first, second = asked(), asked()
    kernel.show(first, second)
    second.set_state({"state": PICKED})
    again = [asked(), asked(), checkpoint("1 + 1?", right=2, why="so")]
    kernel.show(*again)
    assert [each.state for each in again] == [{}, PICKED, {}]


def test_an_explorer_keeps_what_the_page_has_set_and_nothing_that_python_has(kernel):
    explorer = kernel.show(Convolution())
    explorer.padding = 1
    explorer.set_state({"row": 5, "stride": 2})
    forget()
    again = kernel.show(Convolution())
    assert (again.row, again.stride, again.padding) == (5, 2, 0)


def test_what_no_trait_takes_any_more_is_passed_over(kernel, tmp_path):
    kernel.show(Convolution()).set_state({"row": 5})
    forget()
    [file] = tmp_path.glob(".companion/lesson/*.json")
    saved = json.loads(file.read_text())
    for values in ({"row": -3}, {"row": "five"}, {"gone": 1}, []):
        file.write_text(json.dumps({**saved, "values": values}))
        assert kernel.show(Convolution()).row == Convolution().row
        forget()
    file.write_text("{")
    assert kernel.show(Convolution()).row == Convolution().row


def test_a_graded_answer_is_in_its_cell_and_nowhere_else(kernel, tmp_path):
    kernel.show(FindKernel(answer="answer_9")).set_state({"weights": [[1, 0, 0]] * 3})
    assert list(tmp_path.glob(".companion/**/*.json")) == []


def test_a_copy_of_the_notebook_begins_where_it_was_copied(kernel, tmp_path, monkeypatch):
    kernel.show(asked()).set_state({"state": PICKED})
    forget()
    (tmp_path / "lesson-Copy1.ipynb").write_text("{}")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "lesson-Copy1.ipynb"))
    copied = kernel.show(asked())
    assert copied.state == PICKED
    copied.set_state({"state": {}})
    forget()
    assert kernel.show(asked()).state == {}
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "lesson.ipynb"))
    assert kernel.show(asked()).state == PICKED


def test_a_lesson_can_be_started_anew(kernel, tmp_path):
    kernel.show(asked()).set_state({"state": PICKED})
    (tmp_path / ".companion" / "other").mkdir()
    kept.start_anew()
    assert kernel.show(asked()).state == {}
    assert [path.name for path in (tmp_path / ".companion").iterdir()] == ["other"]


def test_where_nothing_can_be_written_the_kernel_remembers(kernel, tmp_path):
    (tmp_path / ".companion").write_text("in the way")
    kernel.show(asked()).set_state({"state": PICKED})
    assert kernel.show(asked()).state == PICKED


@pytest.mark.parametrize("name", ["", "no such.ipynb", "a console"])
def test_without_a_notebook_the_kernel_remembers(kernel, tmp_path, monkeypatch, name):
    monkeypatch.setenv("JPY_SESSION_NAME", name)
    kernel.show(asked()).set_state({"state": PICKED})
    assert kernel.show(asked()).state == PICKED
    assert os.listdir(tmp_path) == ["lesson.ipynb"]


def test_where_no_front_end_names_the_cell_nothing_is_kept(kernel, tmp_path):
    kernel.show(asked(), cell=None).set_state({"state": PICKED})
    assert kernel.show(asked(), cell=None).state == {}
    assert os.listdir(tmp_path) == ["lesson.ipynb"]


def test_what_was_trained_is_there_on_another_day(kernel):
    layers = {"mlp": [{"kind": "Flatten"}], "cnn": []}
    networks = {f"{name}_straight": SimpleNamespace(weights=bytes([1, 2, 255]), layers=layers[name]) for name in layers}
    trained = Trained({"mlp_straight": 0.9}, networks, {"mlp": [0.9] * 11, "cnn": [0.8] * 11})
    shuffle = kernel.show(PixelShuffle(), cell="train")
    kernel.show(ShiftTest(), cell="shift")
    shuffle.set_state({"seed": 7})
    shuffle.curves, shuffle.step = {"mlp_straight": [[0, 0.1], [5, 0.9]]}, 5
    shuffle._take(trained)
    shuffle._finish("")
    forget()
    SHELF.trained = None
    shuffle = kernel.show(PixelShuffle(), cell="train")
    assert (shuffle.seed, shuffle.step, shuffle.accuracy) == (7, 5, {"mlp_straight": 0.9})
    assert shuffle.curves == {"mlp_straight": [[0, 0.1], [5, 0.9]]}
    assert (shuffle.weights, list(shuffle.layers)) == (bytes([1, 2, 255] * 2), list(networks))
    shift = kernel.show(ShiftTest(), cell="shift")
    assert (shift.layers, shift.mlp_weights, shift.shift) == (layers, bytes([1, 2, 255]), trained.shift)
