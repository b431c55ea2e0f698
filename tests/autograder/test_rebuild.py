import json

import pytest

from autograder import errors, notebooks
from autograder.notebooks import read_cells
from autograder.rebuild import rebuild


@pytest.fixture
def again(graded_form, released):
    """rebuild() of the tiny quiz after `change` did something to the parsed submission."""

    def run(change=lambda cells: None):
        content = json.loads(released)
        change(content["cells"])
        return rebuild(graded_form, released, json.dumps(content).encode())

    return run


def named(cells, name):
    return next(cell for cell in cells if cell["id"] == name)


def sources(rebuilt):
    return {cell.id: cell.source for cell in read_cells(rebuilt.notebook)}


def as_stored(notebook):
    return json.loads(notebooks.write(json.loads(notebook)))


def test_an_untouched_notebook_needs_no_repair_and_has_no_answers(again, graded_form):
    rebuilt = again()
    assert rebuilt.repairs == ()
    assert rebuilt.unanswered == ("answer-1", "answer-2")
    assert as_stored(rebuilt.notebook)["cells"] == json.loads(graded_form)["cells"]


def test_answers_and_own_cells_stay_and_hidden_tests_come_back(again):
    def change(cells):
        named(cells, "answer-1")["source"] = 'answer_1 = "A"'
        cells.insert(2, {"cell_type": "code", "metadata": {"tags": ["x"]}, "source": ["a = 1\n", "b = 2"]})

    rebuilt = again(change)
    assert rebuilt.repairs == ()
    assert rebuilt.unanswered == ("answer-2",)
    texts = sources(rebuilt)
    assert texts["answer-1"] == 'answer_1 = "A"'
    assert list(texts.values())[2] == "a = 1\nb = 2"
    assert "HIDDEN TESTS" in texts["test-1"]


@pytest.mark.parametrize(
    ("change", "repair"),
    [
        (lambda cells: cells.remove(named(cells, "test-2")), "test-2: missing, put back"),
        (lambda cells: cells.remove(named(cells, "question-1")), "question-1: missing, put back"),
        (lambda cells: named(cells, "test-1").update(source="1"), "test-1: text changed, restored"),
        (lambda cells: named(cells, "test-1").update(cell_type="markdown"), "test-1: type changed, restored"),
        (
            lambda cells: named(cells, "test-1")["metadata"].update(tags=["skip-execution"]),
            "test-1: tags changed, restored",
        ),
        (
            lambda cells: named(cells, "test-1")["metadata"]["nbgrader"].update(points=100),
            "test-1: points or other nbgrader settings changed, restored",
        ),
        (
            lambda cells: named(cells, "test-1")["metadata"]["nbgrader"].update(grade=False, locked=False),
            "test-1: points or other nbgrader settings changed, restored",
        ),
        (lambda cells: cells.append(named(cells, "test-1")), "test-1: 2 copies, one was kept"),
    ],
)
def test_locked_cells_are_restored_whole(again, graded_form, change, repair):
    rebuilt = again(change)
    assert repair in rebuilt.repairs
    original = {cell["id"]: cell for cell in json.loads(graded_form)["cells"]}
    assert {cell["id"]: cell for cell in as_stored(rebuilt.notebook)["cells"]} == original


def test_of_copies_of_an_answer_the_filled_one_counts_wherever_it_stands(again):
    for position in (0, 5):

        def change(cells, position=position):
            cells.insert(position, named(cells, "answer-1") | {"source": 'answer_1 = "B"'})

        rebuilt = again(change)
        assert sources(rebuilt)["answer-1"] == 'answer_1 = "B"'
        assert len(sources(rebuilt)) == 5


def test_a_renamed_answer_still_runs_before_its_test(again):
    def change(cells):
        answer = named(cells, "answer-1")
        answer["source"] = 'answer_1 = "B"'
        answer["metadata"]["nbgrader"]["grade_id"] = "mine"

    texts = list(sources(again(change)).values())
    assert texts.index('answer_1 = ""\nprint(answer_1)') < texts.index('answer_1 = "B"') < 3


def test_cells_that_lost_their_metadata_are_known_by_their_id(again):
    rebuilt = again(lambda cells: [each.update(metadata={}) for each in cells])
    assert len(sources(rebuilt)) == 5
    assert "HIDDEN TESTS" in sources(rebuilt)["test-1"]


def test_old_formats_and_unknown_kernels_are_read(graded_form, released):
    content = json.loads(released) | {"nbformat_minor": 2, "metadata": {"kernelspec": {"name": "my-env"}}}
    for each in content["cells"]:
        del each["id"]
    rebuilt = rebuild(graded_form, released, json.dumps(content).encode())
    assert rebuilt.repairs == ()
    assert json.loads(rebuilt.notebook)["metadata"]["kernelspec"]["name"] == "python3"


def test_the_result_depends_on_the_bytes_alone(again):
    assert again().notebook == again().notebook


def test_parts_that_are_no_cells_are_left_out(again, graded_form):
    junk = [None, 7, "text", [], {}, {"cell_type": "code", "source": 3}, {"cell_type": "heading", "source": "x"}]
    rebuilt = again(lambda cells: cells.extend(junk))
    assert as_stored(rebuilt.notebook)["cells"] == json.loads(graded_form)["cells"]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", errors.EmptyNotebookError, "0 bytes"),
        (b" \n", errors.EmptyNotebookError, "white space"),
        (b'{"cells": [{"cell_type": "co', errors.TruncatedNotebookError, "breaks off"),
        (b"PK\x03\x04\xff\xfe", errors.NotJsonError, "UTF-8"),
        (b"<html></html>", errors.NotJsonError, "not JSON"),
        (b'{"a": 1,}', errors.NotJsonError, "not JSON"),
        (b"[" * 100_000, errors.NotJsonError, "nested too deep"),
        (b'{"nbformat": 4, "cells": ' + b"9" * 10_000 + b"}", errors.NotJsonError, "endless number"),
        (b"[1, 2]", errors.NotebookFormatError, "no notebook"),
        (b'{"nbformat": 4}', errors.NotebookFormatError, "no list of cells"),
        (b'{"nbformat": 99, "cells": []}', errors.NotebookFormatError, "99"),
        (b'{"nbformat": 3, "worksheets": 5}', errors.NotebookFormatError, "old format"),
        (b'{"nbformat": 4, "cells": []}', errors.OtherNotebookError, "another notebook"),
    ],
)
def test_what_can_not_be_read_has_a_named_error(graded_form, released, data, error, message):
    with pytest.raises(error, match=message):
        rebuild(graded_form, released, data)
