"""The predictions of the lessons: each closes when its explorer shows what was asked, and not before."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from companion import explore, questions
from companion.questions import prediction

LESSONS = sorted((Path(__file__).parents[2] / "lessons").glob("*.ipynb"))

# What the learner does in the explorer of each prediction that waits for one.
DONE = {
    "predict-coins": {"picture": "coins"},
    "predict-below": {"placed": 784},
    "predict-designs": {"alike": False},
    "predict-neuron": {"height": 224, "width": 224, "channels": 3},
    "predict-shuffle-mlp": {"accuracy": {"mlp": 0.96}},
    "predict-shuffle-cnn": {"accuracy": {"mlp": 0.96}},
    "01-why-not-mlp predict-shift": {"shift": {"mlp": [1.0]}, "column": 4},
    "predict-blur": {"kernel": np.full((3, 3), 1 / 9).tolist()},
    "predict-stack": {"row": 3, "column": 5},
    "predict-non-winner": {"kind": "average"},
    "predict-empty-window": {"numbers": [[2] * 6] * 6},
    "predict-lost": {"rebuild": "spread"},
}


def predictions():
    """The lesson, the cell and the source of each."""
    found = []
    for path in LESSONS:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith("predict("):
                found.append(pytest.param(path.stem, cell["id"], source, id=f"{path.stem} {cell['id']}"))
    return found


def made_in(lesson, name):
    """The explorer of that class as the lesson makes it first."""
    cells = json.loads((LESSONS[0].parent / f"{lesson}.ipynb").read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return eval(next(source for source in sources if source.startswith(f"explore.{name}(")), {"explore": explore})


def test_every_lesson_ends_in_a_tally():
    for path in LESSONS:
        sources = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
        assert "tally()" in sources[-5:], path.name


@pytest.mark.parametrize(("lesson", "cell", "source"), predictions())
def test_a_prediction_closes_when_it_should(lesson, cell, source, monkeypatch):
    monkeypatch.setattr(prediction, "_shown", {})
    question = eval(source, {"predict": questions.predict})
    done = DONE.get(cell) or DONE.get(f"{lesson} {cell}")
    assert (question._when is None) == (done is None), "name here what the learner does"
    if done is None:
        return
    explorer = made_in(lesson, question._when[0])
    question.state = {"picked": question.spec["right"], "locked": True}
    question.look(explorer)
    assert "closed" not in question.state
    for name, value in done.items():
        explorer.set_trait(name, value)
    assert question.state["closed"] is True


@pytest.mark.parametrize(("lesson", "cell", "source"), predictions())
def test_what_tempts_is_said_in_other_words_than_what_comes(lesson, cell, source):
    arguments = {
        each.arg: ast.literal_eval(each.value)
        for each in ast.parse(source).body[0].value.keywords
        if each.arg != "when"
    }
    whys = [value[1] for value in arguments.values() if isinstance(value, tuple)]
    texts = [*whys, arguments["came"], arguments["then"]]
    assert len({*texts}) == len(texts)
    assert all(text.endswith((".", "?", ".)")) for text in texts)
