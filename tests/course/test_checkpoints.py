"""The checkpoints of the lessons: who misses one twice is given a hint, which is not the answer."""

import re

import nbformat
import pytest

from companion import questions
from companion.questions.widget import Question
from tests.course.notebooks import lessons


def checkpoints() -> list[object]:
    """The source of each."""
    return [
        pytest.param(cell.source, id=f"{path.stem} {cell.id}")
        for path in lessons()
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and re.search(r"^checkpoint\(", cell.source, re.MULTILINE)
    ]


def spec_of(source: str) -> dict:
    call = source[source.index("checkpoint(") :]
    question = eval(call, {"checkpoint": questions.checkpoint})
    assert isinstance(question, Question)
    return question.spec


@pytest.mark.parametrize("source", checkpoints())
def test_it_has_a_hint_that_is_not_the_answer(source: str) -> None:
    spec = spec_of(source)
    hint = spec["hint"]
    assert 20 < len(hint) < 160
    if spec["kind"] == "checkpoint-number":
        numbers = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", hint)]
        assert spec["right"] not in numbers
    else:
        rights = [option["text"] for option in spec["options"] if option["letter"] in spec["right"]]
        assert not any(text.lower().rstrip(".") in hint.lower() for text in rights)
