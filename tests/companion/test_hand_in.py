"""The button that packs an assignment from inside its notebook."""

import getpass
import io
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from companion import submit
from companion.questions.hand_in import HandIn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assignment's folder with a notebook that has one blank answer."""
    cell = nbformat.v4.new_code_cell('answer_1 = ""', id="answer-1")
    cell.metadata = {"nbgrader": {"grade_id": "answer-1", "solution": True, "grade": False, "locked": False}}
    place = tmp_path / "quizzes" / "02-convolution"
    place.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), place / "quiz.ipynb")
    return place


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], list[bytes]]]:
    """What the widget sends to its view."""
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(HandIn, "send", lambda self, content, buffers=None: sent.append((content, buffers or [])))
    return sent


@pytest.fixture(autouse=True)
def _own_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def press(widget: HandIn, name: str, **more: bool) -> None:
    widget._handle_custom_msg({"name": name, **more}, [])


def test_the_name_of_the_last_file_is_remembered(folder: Path, replies: list) -> None:
    first = HandIn("02-convolution", folder)
    assert first.name == getpass.getuser()
    press(first, "ada")
    press(first, "a/b")
    assert HandIn("02-convolution", folder).name == first.name == submit.own_name() == "ada"


def test_a_second_name_is_asked_about(folder: Path, replies: list) -> None:
    widget = HandIn("02-convolution", folder)
    for name, more in (("ada", {}), ("ada", {}), ("root", {}), ("root", {"sure": True}), ("ada", {}), ("root", {})):
        press(widget, name, **more)
    assert [reply.get("others") for reply, _ in replies] == [None, None, ["ada"], None, None, None]
    assert submit.packed_names(folder, "02-convolution") == ["ada", "root"]


def test_the_button_packs_the_folder_and_names_what_is_open(folder: Path, replies: list) -> None:
    press(HandIn("02-convolution", folder), " ada ")
    [(reply, [data])] = replies
    assert reply["unanswered"] == ["answer-1"]
    assert reply["file"] == "02-convolution.ada.submission.zip"
    assert "ada" in reply["receipt"]
    assert (folder / reply["file"]).read_bytes() == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert set(archive.namelist()) == {"manifest.json", "quiz.ipynb", "receipt.txt"}
    press(HandIn("02-convolution", folder), "ada")  # a second time: the packed file is not packed again
    with zipfile.ZipFile(io.BytesIO(replies[1][1][0])) as archive:
        assert set(archive.namelist()) == {"manifest.json", "quiz.ipynb", "receipt.txt"}


@pytest.mark.parametrize(
    ("name", "problem"), [("", "The name is empty"), ("a/b", "can't be used"), ("ada lovelace", "Try ada.lovelace")]
)
def test_a_name_that_can_not_be_one_packs_nothing(folder: Path, replies: list, name: str, problem: str) -> None:
    press(HandIn("02-convolution", folder), name)
    [(reply, buffers)] = replies
    assert problem in reply["problem"]
    assert buffers == []
    assert not list(folder.glob("*.zip"))


def test_a_notebook_saved_half_way_packs_nothing(folder: Path, replies: list) -> None:
    (folder / "quiz.ipynb").write_text('{"cells": [')
    press(HandIn("02-convolution", folder), "ada")
    assert "not a whole notebook" in replies[0][0]["problem"]
    assert not list(folder.glob("*.zip"))


def test_without_a_widget_it_says_what_to_type(folder: Path) -> None:
    assert "companion submit 02-convolution" in repr(HandIn("02-convolution", folder))


def test_what_is_open_is_named_as_on_the_page(folder: Path, replies: list) -> None:
    notebook = nbformat.read(folder / "quiz.ipynb", as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("### Question 3 · 1 point\nWhat is it?\n\n# not this"))
    nbformat.write(notebook, folder / "quiz.ipynb")
    press(HandIn("02-convolution", folder), "ada")
    assert replies[0][0]["unanswered"] == ["Question 3"]
