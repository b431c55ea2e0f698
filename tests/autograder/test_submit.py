import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from companion.cli import app
from companion.submit import SubmitError, failed_tests, pack, unanswered
from tests.autograder.tiny_course import QUIZ, solve

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def root(tmp_path, released, monkeypatch):
    """A learner's course folder, which is the working directory."""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "quizzes" / QUIZ / ".ipynb_checkpoints").mkdir(parents=True)
    (tmp_path / "quizzes" / QUIZ / "quiz.ipynb").write_bytes(released)
    (tmp_path / "quizzes" / QUIZ / ".ipynb_checkpoints" / "quiz-checkpoint.ipynb").write_bytes(b"{")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_blank_and_answered_cells_are_told_apart(released):
    assert unanswered("quiz.ipynb", released) == ["answer-1", "answer-2"]
    assert unanswered("quiz.ipynb", solve(released, second=None)) == ["answer-2"]
    assert unanswered("quiz.ipynb", solve(released, "answer_1 = None")) == ["answer-1"]
    assert unanswered("quiz.ipynb", solve(released)) == []


STUB = {"ename": "NotImplementedError", "evalue": "", "traceback": ["# YOUR CODE HERE"]}
ERRORS = [
    ({"ename": "AssertionError", "evalue": ""}, True),
    ({"ename": "NoAnswer", "evalue": "answer_1 had no answer"}, False),
    (STUB, False),
    (STUB | {"evalue": "not yet"}, True),
]


@pytest.mark.parametrize(("error", "has_failed"), ERRORS)
def test_a_test_has_failed_where_it_says_more_than_that_there_is_no_answer(released, error, has_failed):
    def named(notebook):
        content = json.loads(notebook)
        for cell in content["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["outputs"] = [{"output_type": "error", **error}]
        return failed_tests(json.dumps(content).encode())

    assert named(solve(released)) == (["answer-1", "answer-2"] if has_failed else [])
    assert named(released) == []


def test_a_packed_file_holds_the_notebook_a_manifest_and_the_receipt(root):
    packed = pack(root / "quizzes", QUIZ, "ada", now=NOW)
    assert packed.path == root / f"{QUIZ}.ada.submission.zip"
    assert packed.checksum == sha256(packed.path.read_bytes()).hexdigest()
    with zipfile.ZipFile(packed.path) as archive:
        assert archive.namelist() == ["manifest.json", "quiz.ipynb", "receipt.txt"]
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("receipt.txt").decode() == packed.receipt
    notebook = (root / "quizzes" / QUIZ / "quiz.ipynb").read_bytes()
    assert manifest["files"] == {"quiz.ipynb": sha256(notebook).hexdigest()}
    assert (manifest["assignment"], manifest["student"]) == (QUIZ, "ada")
    assert manifest["time"] == "2026-03-01T09:30:00+00:00"
    first = packed.path.read_bytes()
    assert pack(root / "quizzes", QUIZ, "ada", now=NOW).path.read_bytes() == first


def test_a_notebook_saved_half_way_is_not_packed(root):
    path = root / "quizzes" / QUIZ / "quiz.ipynb"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SubmitError, match=r"quiz\.ipynb is not a whole notebook"):
        pack(root / "quizzes", QUIZ, "ada")
    assert not list(root.glob("*.zip"))


@pytest.mark.parametrize(
    ("assignment", "name", "message"),
    [("01-tinny", "ada", "Did you mean 01-tiny"), (QUIZ, "ada/..", "letters of any"), (QUIZ, "", "name is empty")],
)
def test_wrong_names_are_explained(root, assignment, name, message):
    with pytest.raises(SubmitError, match=message):
        pack(root / "quizzes", assignment, name)


def test_the_command_says_what_is_open_and_prints_the_receipt(root):
    result = CliRunner().invoke(app, ["submit", QUIZ, "--as", "ada"])
    assert result.exit_code == 0, result.output
    assert "Still unanswered in the saved notebook: answer-1, answer-2." in result.output
    assert f"{QUIZ}.ada.submission.zip" in result.output
    assert "SHA-256 of the packed file: " in result.output


def test_the_command_ends_with_a_message_and_code_1_on_a_fault(root):
    result = CliRunner().invoke(app, ["submit", "nothing-like-it", "--as", "ada"])
    assert result.exit_code == 1
    assert "There is no assignment" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Élodie Müller", "no spaces. Try Élodie.Müller"),
        ("-x", "must begin with a letter"),
        ("..", "must begin with a letter"),
        ("a" * 65, "too long"),
    ],
)
def test_a_name_that_can_not_be_used_is_told_what_is_wrong_with_it(root, name, message):
    with pytest.raises(SubmitError, match=message):
        pack(root / "quizzes", QUIZ, name)


def test_letters_of_any_alphabet_can_be_used_and_are_normalised(root):
    packed = pack(root / "quizzes", QUIZ, "E\u0301lodie")
    assert packed.path.name == f"{QUIZ}.\u00c9lodie.submission.zip"


def test_an_empty_name_is_not_the_login_name(root):
    result = CliRunner().invoke(app, ["submit", QUIZ, "--as", ""])
    assert result.exit_code == 1
    assert "The name is empty" in result.output


@pytest.mark.parametrize("end", ["\r\n", "\r", "  \n"])
def test_what_an_editor_did_to_the_ends_of_lines_is_no_answer(released, end):
    content = json.loads(released)
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", end)
    assert unanswered("quiz.ipynb", json.dumps(content).encode("utf-8-sig")) == ["answer-1", "answer-2"]


def test_a_second_notebook_with_the_same_questions_is_named(root, released):
    (root / "quizzes" / QUIZ / "quiz-Copy1.ipynb").write_bytes(solve(released))
    (root / "quizzes" / QUIZ / "scratch.ipynb").write_bytes(b'{"cells": [], "nbformat": 4}')
    result = CliRunner().invoke(app, ["submit", QUIZ, "--as", "ada"])
    assert "These hold the same questions: quiz-Copy1.ipynb, quiz.ipynb. Only one of them counts" in result.output
    (root / "quizzes" / QUIZ / "quiz-Copy1.ipynb").unlink()
    assert "same questions" not in CliRunner().invoke(app, ["submit", QUIZ, "--as", "ada"]).output
