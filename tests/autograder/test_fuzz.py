"""Submissions that no person would make: each has one result in a known state, and no batch stops for one."""

import copy
import json
import os
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autograder.collect.archives import holds_several, read_zip
from autograder.course.assignment import load_assignment
from autograder.course.course import Course
from autograder.demo.learners import answered
from autograder.engines.sandbox import Grader
from autograder.errors import IntakeError, UnreadableNotebookError
from autograder.grade.run import grade
from autograder.limits import Limits
from autograder.notebook import names
from autograder.notebook.cells import read_cells
from autograder.notebook.rebuild import rebuild
from autograder.results import Assignment, State, Submission
from tests.autograder.tiny_course import QUIZ, make_course, solve

ROOT = Path(__file__).parents[2]
UNIT = "02-convolution"
MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)

# The same examples each time where a change is judged by them.
SETTINGS = {"derandomize": "CI" in os.environ}
TOO_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


class Quiz:
    """An assignment, and what one student handed in."""

    def __init__(self, course: Course, name: str, right: int) -> None:
        self.form, self.released = load_assignment(course, name)
        source = (course.source(name) / "quiz.ipynb").read_bytes()
        self.template = self.form.notebooks["quiz"]
        self.blank = self.released["quiz"]
        self.known = {cell.role.grade_id: cell for cell in read_cells(self.template) if cell.role.grade_id}
        self.honest = answered(source, self.blank, lambda n, text: MARKS.sub("", text) if n < right else None)
        self.earned = literal_answers(self, self.honest)


@pytest.fixture(scope="module")
def quizzes(tmp_path_factory):
    tiny = make_course(tmp_path_factory.mktemp("fuzz") / "course")
    return [Quiz(tiny, QUIZ, 1), Quiz(Course(ROOT), UNIT, 9)]


# Mutations of a notebook


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["grade", "solution", "locked", "task", "points", "cell_type", "schema_version"])
TEXTS = st.sampled_from(["", "1", "answer_1 = 'B'", "%%bash\nls", "def product(", "\x00", "\ud800", "exit()"])
PLACES = st.integers(0, 200)


@st.composite
def mutated(draw, content, *, locked_only=False):
    """A copy of a notebook with some of its cells, or only of its locked ones, changed."""
    content = copy.deepcopy(content)
    cells = content["cells"]
    for _ in range(draw(st.integers(1, 6))):
        if not cells:
            break
        choice = [n for n, cell in enumerate(cells) if is_locked(cell)] if locked_only else range(len(cells))
        if not choice:
            break
        place = choice[draw(PLACES) % len(choice)]
        kind = draw(st.sampled_from(CHANGES if locked_only else [*CHANGES, *WILD]))
        kind(draw, cells, place)
    return content


def nbgrader(cell):
    """The cell's settings, empty where there are none any more."""
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return settings if isinstance(settings, dict) else {}


def is_locked(cell):
    return nbgrader(cell).get("locked") is True


def retype(draw, cells, place):
    cells[place]["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw", "heading", 3]))


def change_field(draw, cells, place):
    nbgrader(cells[place])[draw(FIELDS)] = draw(JSON)


def change_tags(draw, cells, place):
    if isinstance(cells[place].get("metadata"), dict):
        cells[place]["metadata"]["tags"] = draw(st.sampled_from([["skip-execution"], ["run-with-student"], "x", None]))


def replace_text(draw, cells, place):
    cells[place]["source"] = draw(TEXTS | st.lists(TEXTS, max_size=3) | JSON)


def duplicate(draw, cells, place):
    cells.insert(draw(PLACES) % (len(cells) + 1), copy.deepcopy(cells[place]))


def drop(draw, cells, place):
    del cells[place]


def rename(draw, cells, place):
    nbgrader(cells[place])["grade_id"] = draw(st.sampled_from(["test-1", "test-2", "answer-1", "new", ""]) | JSON)


def change_metadata(draw, cells, place):
    cells[place]["metadata"] = draw(JSON)


def change_part(draw, cells, place):
    key = draw(st.sampled_from(["id", "attachments", "outputs", "execution_count", "source", "cell_type", "new"]))
    cells[place][key] = draw(JSON)


def move(draw, cells, place):
    cells.insert(draw(PLACES) % len(cells), cells.pop(place))


def replace_cell(draw, cells, place):
    cells[place] = draw(JSON.filter(lambda value: isinstance(value, dict))) | {"metadata": {}}


CHANGES = [retype, change_field, change_tags, replace_text, duplicate, drop]
WILD = [rename, change_metadata, change_part, move, replace_cell]


@st.composite
def damaged(draw, data):
    """Bytes cut off or with others spliced in."""
    place = draw(st.integers(0, len(data)))
    end = draw(st.sampled_from([place, len(data), min(len(data), place + 10)]))
    return data[:place] + draw(st.binary(max_size=20)) + data[end:]


@st.composite
def handed_in(draw, data):
    """Any of these, as bytes."""
    if draw(st.booleans()):
        data = json.dumps(draw(mutated(json.loads(data)))).encode()
    return draw(damaged(data)) if draw(st.integers(0, 3)) == 0 else data


# What holds of each


def literal_answers(quiz, data):
    """The answers that are read from the text alone, as the engine reads them."""
    rebuilt = json.loads(rebuild(quiz.template, quiz.blank, data).notebook)
    trees = [names.parse(text(cell)) for cell in rebuilt["cells"] if cell["cell_type"] == "code"]
    students = [
        names.parse(text(cell)) for cell in rebuilt["cells"] if cell["cell_type"] == "code" and is_students(cell)
    ]
    return names.literals(students, trees)


def is_students(cell):
    settings = cell["metadata"].get("nbgrader")
    return not settings or settings["solution"]


def text(cell):
    return "".join(cell["source"])


def check_rebuilt(quiz, data):
    """Rebuild, and compare with the instructor's notebook; None when it is refused with a reason."""
    try:
        rebuilt = rebuild(quiz.template, quiz.blank, data)
    except UnreadableNotebookError:
        return None
    cells = read_cells(rebuilt.notebook)
    found = Counter(cell.role.grade_id for cell in cells if cell.role.is_known)
    assert found == Counter(quiz.known.keys())
    for cell in cells:
        if cell.role.is_known:
            original = quiz.known[cell.role.grade_id]
            assert (cell.type, cell.metadata, cell.id) == (original.type, original.metadata, original.id)
            if not cell.role.is_answer:
                assert cell.source == original.source
        else:
            assert cell.metadata == {}
    again = rebuild(quiz.template, quiz.blank, rebuilt.notebook)
    assert [cell.source for cell in read_cells(again.notebook)] == [cell.source for cell in cells]
    assert set(rebuilt.unanswered) <= set(quiz.known)
    return rebuilt


@settings(max_examples=150, suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
@pytest.mark.parametrize("which", [0, 1])
def test_any_notebook_is_rebuilt_or_refused_with_a_reason(quizzes, which, data):
    quiz = quizzes[which]
    given_in = data.draw(handed_in(quiz.honest))
    if check_rebuilt(quiz, given_in):
        assert isinstance(literal_answers(quiz, given_in), dict)


@settings(max_examples=75, suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
@pytest.mark.parametrize("which", [0, 1])
def test_what_is_done_to_locked_cells_changes_no_answer(quizzes, which, data):
    quiz = quizzes[which]
    content = data.draw(mutated(json.loads(quiz.honest), locked_only=True))
    rebuilt = check_rebuilt(quiz, json.dumps(content).encode())
    assert rebuilt
    answers = {name for name, cell in quiz.known.items() if cell.role.is_answer}
    before = {cell.role.grade_id: cell.source for cell in read_cells(quiz.honest) if cell.role.grade_id in answers}
    assert {
        cell.role.grade_id: cell.source for cell in read_cells(rebuilt.notebook) if cell.role.grade_id in answers
    } == before
    assert literal_answers(quiz, rebuilt.notebook) == quiz.earned


@settings(max_examples=300, **SETTINGS)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | JSON.map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_list_of_cells_or_refused(data):
    try:
        cells = read_cells(data)
    except UnreadableNotebookError:
        return
    assert all(isinstance(cell.source, str) for cell in cells)


@settings(max_examples=100, suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
def test_any_archive_is_read_or_refused(tmp_path, data):
    path = tmp_path / "x.zip"
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]))
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in data.draw(st.lists(st.text(min_size=1, max_size=10).filter(encodable), max_size=4, unique=True)):
            archive.writestr(name, data.draw(st.binary(max_size=30)))
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    assert holds_several(path) in (True, False)
    try:
        files = read_zip(path)
    except IntakeError:
        return
    assert all(not Path(name).is_absolute() and ".." not in Path(name).parts for name in files)


def encodable(name):
    """Whether zipfile writes an entry of this name: it cuts names at a null byte, and fails where nothing is left."""
    return not name.startswith("\0") and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in name)


# Through the sandbox


@pytest.fixture(scope="module")
def grader(sandboxed):
    with Grader(Limits(cell=30, total=90)) as grader:
        yield grader


def check_result(form: Assignment, result):
    points = {cell.role.grade_id: cell.role.points for cell in read_cells(form.notebooks["quiz"]) if cell.role.grade}
    assert result.state in set(State) - {State.NOT_RUN}, result.reasons
    [notebook] = result.notebooks
    assert {cell.id: cell.points for cell in notebook.cells} == points
    assert all(cell.score is None or 0 <= cell.score <= cell.points for cell in notebook.cells)
    assert (result.state is State.NEEDS_REVIEW) or all(cell.score is not None for cell in notebook.cells)


@settings(max_examples=25, suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
def test_any_submission_has_one_result(quizzes, grader, data):
    quiz = quizzes[0]
    given_in = data.draw(handed_in(quiz.honest))
    result = grader.grade(quiz.form, quiz.released, Submission("x", QUIZ, {"quiz.ipynb": given_in}))
    check_result(quiz.form, result)


@settings(max_examples=15, suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
def test_changes_to_locked_cells_earn_nothing(quizzes, grader, data):
    quiz = quizzes[0]
    honest = grader.grade(quiz.form, quiz.released, Submission("x", QUIZ, {"quiz.ipynb": quiz.honest}))
    assert honest.score == 1
    content = data.draw(mutated(json.loads(quiz.honest), locked_only=True))
    changed = Submission("x", QUIZ, {"quiz.ipynb": json.dumps(content).encode()})
    result = grader.grade(quiz.form, quiz.released, changed)
    check_result(quiz.form, result)
    assert result.score <= honest.score


@settings(max_examples=1, phases=[Phase.generate], suppress_health_check=TOO_SLOW, **SETTINGS)
@given(data=st.data())
def test_no_batch_stops(sandboxed, quizzes, tmp_path, data):
    course = make_course(tmp_path / "course")
    for n in range(20):
        folder = course.submitted(QUIZ, f"s{n:02}")
        folder.mkdir(parents=True)
        (folder / "quiz.ipynb").write_bytes(data.draw(handed_in(quizzes[0].honest)))
    honest = course.submitted(QUIZ, "z")
    honest.mkdir(parents=True)
    (honest / "quiz.ipynb").write_bytes(solve(quizzes[0].blank))
    entries = {outcome.entry.student: outcome.entry for outcome in grade(course, QUIZ, workers=1, time_limit=30)}
    assert sorted(entries) == course.students(QUIZ)
    assert all(entry.state is not State.NOT_RUN for entry in entries.values()), entries
    assert (entries["z"].state, entries["z"].score) == (State.GRADED, 4)
