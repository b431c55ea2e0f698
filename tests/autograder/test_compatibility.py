"""The same course graded by nbgrader and here, cell by cell; docs/compatibility.md lists every difference."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.collect.intake import read_submission
from autograder.course.assignment import load_assignment
from autograder.course.course import Course
from autograder.course.entries import read_entry
from autograder.engines.sandbox import Grader
from autograder.errors import CourseError, SourceError
from autograder.grade.run import grade
from autograder.results import State
from autograder.trusted.level import Level
from tests.autograder import stock
from tests.autograder.compatibility_course import (
    GUIDE,
    RECORDED,
    REFUSED,
    build,
    cells_of,
    constructs,
    digest,
    recorded,
    shipped,
)

MORE_THAN_PLAIN_DATA = "Tests that take more than plain data from the student"
_ROW = re.compile(r"^\| (?P<case>.+?) \| (?P<stock>.+?) \| (?P<here>.+?) \| .+ \|$", re.MULTILINE)


class Graded(NamedTuple):
    """What nbgrader and this grader made of assignments, and which submissions nbgrader refused."""

    stock: dict[stock.Key, stock.Mark]
    here: dict[stock.Key, stock.Mark]
    refused: set[tuple[str, str]]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    return build(tmp_path_factory.mktemp("compatibility") / "here")


@pytest.fixture(scope="module")
def quick(course, sandboxed) -> Graded:
    return grade_twice(course, ("ps1",), ("constructs",))


@pytest.fixture(scope="module")
def rest(course, sandboxed) -> Graded:
    for assignment in RECORDED:
        grade(course, assignment, workers=1)
    _, theirs, refused = recorded()
    return Graded(theirs, marks_here(course, RECORDED), refused)


# nbgrader ships old notebooks too.
pytestmark = pytest.mark.filterwarnings("ignore:Cell is missing an id field")

QUICK, REST = (pytest.mark.xdist_group(f"compatibility: {part}") for part in ("quick", "rest"))
BOTH = pytest.mark.parametrize("part", [pytest.param("quick", marks=QUICK), pytest.param("rest", marks=REST)])


def grade_twice(course: Course, *assignments: tuple[str, ...]) -> Graded:
    """Grade assignments here, and meanwhile with nbgrader: in a process and a copy of the course for each tuple."""
    made = shutil.ignore_patterns("gradebook.db", "autograded", "results")
    copies = [course.root.with_name(f"stock-{'-'.join(each)}") for each in assignments]
    for folder in copies:
        shutil.copytree(course.root, folder, ignore=made)
    running = [stock.start(folder, each) for folder, each in zip(copies, assignments, strict=True)]
    for assignment in chain(*assignments):
        grade(course, assignment, workers=1)
    refused = set().union(*map(stock.refused, running))
    theirs = {key: mark for folder in copies for key, mark in stock.marks(folder).items()}
    return Graded(theirs, marks_here(course, chain(*assignments)), refused)


def marks_here(course: Course, assignments: Iterable[str]) -> dict[stock.Key, stock.Mark]:
    """What was given here in these assignments."""
    wanted = set(assignments)
    return {key: mark for key, mark in stock.marks(course.root).items() if key.assignment in wanted}


def listed(root: Path, section: str = "") -> dict[str, tuple[str, str]]:
    """The differences that docs/compatibility.md lists: names of cases, what nbgrader gives, what is given here."""
    found = {}
    _, _, text = (root / "docs" / "compatibility.md").read_text("utf-8").partition(f"## {section}")
    for row in _ROW.finditer(text.partition("\n## ")[0] if section else text):
        for case in re.findall(r"`([^`]+)`", row["case"].rpartition(": ")[2]):
            assert case not in found, f"{case} is listed twice"
            found[case] = (row["stock"], row["here"])
    return found


def differences(graded: Graded) -> Iterator[tuple[str, tuple[str, str]]]:
    """The differences that there are, in the same form."""
    for assignment, student in graded.refused:
        scores = [mark.score for key, mark in graded.here.items() if key[:2] == (assignment, student)]
        yield student, ("not graded", "graded" if any(scores) else "0")
    for key in graded.stock.keys() | graded.here.keys():
        if (key.assignment, key.student) not in graded.refused:
            case = key.cell if key.assignment == "constructs" else f"{key.student}/{key.cell}"
            theirs, ours = graded.stock[key], graded.here[key]
            if theirs != ours:
                yield case, (said(theirs, ours), said(ours, theirs))


def said(mark: stock.Mark, other: stock.Mark) -> str:
    """A mark in the words of the list; with its comment where comments differ."""
    score = f"{mark.score:g}" if isinstance(mark.score, float) else mark.score
    return score if mark.comment == other.comment else f"{score} {mark.comment}".strip() or "no comment"


@BOTH
@pytest.mark.slow
def test_scores_are_nbgraders_but_for_the_listed_differences(part, root, request):
    graded = request.getfixturevalue(part)
    found = dict(differences(graded))
    seen = {key.cell if key.assignment == "constructs" else key.student for key in graded.stock | graded.here}
    expected = {case: value for case, value in listed(root).items() if case.partition("/")[0] in seen}
    assert {case: value for case, value in found.items() if expected.get(case) != value} == {}
    assert set(expected) - set(found) == set(), "listed, and yet the same"


@QUICK
@pytest.mark.slow
def test_the_tag_gives_nbgraders_scores_to_tests_that_take_more_than_plain_data(quick, course, root):
    form, released = load_assignment(course, "constructs")
    content = json.loads(form.notebooks["constructs"])
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = [Level.WITH_STUDENT.tag]
    tagged = replace(form, notebooks={"constructs": json.dumps(content).encode()})
    with Grader() as grader:
        result = grader.grade(tagged, released, read_submission(course, "constructs", "solver"))
    theirs = {key.cell: mark.score for key, mark in quick.stock.items() if key.assignment == "constructs"}
    differ = {cell.id for cell in result.notebooks[0].cells if cell.score != theirs[cell.id]}
    names = {name for name, _, _ in constructs()}
    assert differ == names & listed(root).keys() - listed(root, MORE_THAN_PLAIN_DATA).keys()


@BOTH
@pytest.mark.slow
def test_the_maximum_scores_are_the_same(part, request):
    graded = request.getfixturevalue(part)
    assert {key: mark.points for key, mark in graded.here.items()} == {
        key: mark.points for key, mark in graded.stock.items()
    }


def test_what_is_recorded_of_nbgrader_is_of_this_course(course):
    assert recorded()[0] == digest(course.root), "renew it: python -m tests.autograder.compatibility_course"


@QUICK
@pytest.mark.slow
def test_times_of_handing_in_are_the_same(quick, course):
    here, theirs = stock.times(course.root, "ps1"), stock.times(course.root.with_name("stock-ps1"), "ps1")
    assert here == theirs
    assert here["bitdiddle"] != here["hacker"]


@QUICK
@pytest.mark.slow
def test_a_missing_notebook_is_named_and_the_other_one_keeps_its_points(quick, course):
    entry = read_entry(course, "ps1", "half")
    assert (entry.state, entry.score, entry.points) == (State.FAILED, 1.0, 13.0)
    assert entry.reasons[0] == "problem2.ipynb is missing"


@pytest.mark.parametrize("name", REFUSED)
def test_sources_that_nbgrader_refuses_are_refused_here(name, tmp_path):
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    shutil.copy(shipped(name), folder)
    with pytest.raises(SourceError):
        load_assignment(Course(tmp_path), "ps1")


def test_no_gradeable_notebook_that_ships_is_left_out(course):
    """Gradeable: with a graded cell or a task. In: with the same text in the course, or among those refused."""
    used = [*course.root.glob("source/*/*.ipynb"), *course.root.glob("submitted/*/*/*.ipynb")]
    compared = {content(path.read_bytes()) for path in used if path.parent.name != "damaged"}
    compared |= {content(shipped(name).read_bytes()) for name in REFUSED}
    folders = [GUIDE / "source", GUIDE / "submitted", GUIDE / "downloaded", stock.NBGRADER / "tests"]
    gradeable = [path for folder in folders for path in folder.rglob("*.ipynb") if is_gradeable(path)]
    assert len(gradeable) > 50
    assert [str(path) for path in gradeable if content(path.read_bytes()) not in compared] == []


def is_gradeable(path: Path) -> bool:
    settings = [cell["metadata"].get("nbgrader", {}) for cell in cells_of(path.read_bytes())]
    return any(each.get("grade") or each.get("task") for each in settings)


def content(data: bytes) -> tuple[Any, ...]:
    """What of a notebook bears on scores: types, texts and names of its cells."""
    cells = [
        (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("nbgrader", {}).get("grade_id"))
        for cell in cells_of(data)
    ]
    return tuple(cells)


def test_every_construct_has_a_name_of_its_own():
    names = [name for name, _, _ in constructs()]
    assert len(names) == len(set(names)) > 150


def test_every_listed_case_is_one_of_the_cases(course, root):
    students = {path.name for path in (course.root / "submitted").iterdir()}
    known = students | {name for name, _, _ in constructs()}
    assert {case.partition("/")[0] for case in listed(root)} <= known


def test_a_notebook_in_another_language_is_not_graded_and_costs_nothing(tmp_path):
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    text = (GUIDE / "source" / "ps1" / "problem1.ipynb").read_text("utf-8")
    (folder / "quiz.ipynb").write_text(text.replace('"language": "python"', '"language": "R"'))
    shutil.copytree(folder, tmp_path / "submitted" / "ada" / "ps1")
    with pytest.raises(CourseError, match=r"quiz.ipynb is in R[\s\S]*--engine nbgrader"):
        grade(Course(tmp_path), "ps1")


QUICKSTART = """
import subprocess
from nbgrader.apps import QuickStartApp
run = subprocess.call  # its `nbgrader db` commands write a gradebook outside of the course, and take ten seconds
subprocess.call = lambda command, **settings: 0 if "db" in command else run(command, **settings)
QuickStartApp.launch_instance(argv=["course101"])
"""


@pytest.mark.slow
def test_the_course_that_nbgrader_quickstart_makes_is_graded_as_it_is(tmp_path, sandboxed, monkeypatch):
    subprocess.run([sys.executable, "-c", QUICKSTART], cwd=tmp_path, check=True, capture_output=True)
    course = tmp_path / "course101"
    assert sorted(path.name for path in course.iterdir()) == ["nbgrader_config.py", "source"]
    shutil.copytree(GUIDE / "submitted", course / "submitted")
    monkeypatch.chdir(course)
    done = CliRunner().invoke(app, ["grade", "ps1"])
    assert done.exit_code == 0, done.output
    assert "2 submissions: 2 needs review." in done.output
    scores = {key[1:]: mark.score for key, mark in stock.marks(course).items() if key.cell == "correct_squares"}
    assert scores == {
        ("bitdiddle", "problem1", "correct_squares"): 0.0,
        ("hacker", "problem1", "correct_squares"): 1.0,
    }
