"""Nothing that a learner gets holds a hidden test, a solution or a graded key, in any encoding."""

import base64
import codecs
import hashlib
import json
import zlib
from collections.abc import Callable

import nbformat
import pytest

from tests.course import leaks
from tests.course.notebooks import ROOT, assignments

LEARNERS_FOLDERS = ["lessons", "quizzes", "companion"]
SECRET = 'assert unseen(size, kernel, stride) == by_hand(size, kernel, stride, 0)  # key="B"'


def source(assignment: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "solutions" / assignment / "quiz.ipynb", as_version=4)


def learners_files() -> dict[str, bytes]:
    paths = [path for folder in LEARNERS_FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    kept = [path for path in paths if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)]
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in kept}


@pytest.mark.parametrize("assignment", assignments())
def test_nothing_a_learner_gets_holds_a_secret(assignment: str):
    needles = leaks.secrets(source(assignment)) | leaks.hashes(source(assignment))
    assert len(needles) > 50
    found = {name: hit for name, data in learners_files().items() if (hit := leaks.find(data, needles))}
    assert found == {}


@pytest.mark.parametrize("assignment", assignments())
def test_a_graded_function_cannot_be_imported(assignment: str):
    package = b"\n".join(data for name, data in learners_files().items() if name.endswith(".py")).decode()
    for cell in source(assignment).cells:
        if cell.metadata.nbgrader.solution and "def " in cell.source:
            function = cell.source.split("def ")[1].split("(")[0]
            assert f"def {function}(" not in package


def in_base64(text: str) -> bytes:
    return b'key = "' + base64.b64encode(text.encode()) + b'"'


def in_json(text: str) -> bytes:
    return json.dumps({"source": ["first = 1\n", f"    {text}\n", "last = 2"]}).encode()


WRAPPINGS: list[Callable[[str], bytes]] = [
    str.encode,
    in_base64,
    in_json,
    lambda text: base64.urlsafe_b64encode(zlib.compress(text.encode())),
    lambda text: base64.b64encode(base64.b64encode(text.encode())),
    lambda text: text.encode().hex().encode(),
    lambda text: zlib.compress(text.encode()),
    lambda text: text[::-1].encode(),
    lambda text: codecs.encode(text, "rot13").encode(),
    lambda text: "".join(f"\\x{ord(letter):02x}" for letter in text).encode(),
]


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_the_search_sees_through_a_wrapping(wrap: Callable[[str], bytes]):
    [needle] = {leaks.squeeze(SECRET)}
    assert leaks.find(wrap(SECRET), {needle}) == {needle}
    assert leaks.find(wrap("nothing of interest stands here, honestly, but it is long enough"), {needle}) == set()


def test_the_search_sees_a_hashed_key():
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell('### BEGIN SOLUTION\nanswer_1 = "B"\n### END SOLUTION')]
    shipped = f'KEYS = {{"answer_1": "{hashlib.sha256(b"answer_1B").hexdigest()}"}}'.encode()
    assert leaks.find(shipped, leaks.hashes(notebook))
