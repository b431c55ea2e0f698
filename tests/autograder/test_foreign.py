"""Foreign courses (foreign/): each cell has the score that nbgrader gives, or a person looks, and the row says why."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import pytest

from autograder.collect.store import read_submission
from autograder.course.assignment import load_assignment
from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from tests.autograder.foreign_course import assignments, autograded, build, by_nbgrader, digest, recorded, students

PARTS = {  # graded side by side, where there are processors for it
    "one": ("algorithms", "checks", "console", "files", "functional", "hw1-basics", "keras", "magics"),
    "two": ("learning", "numerics", "oop", "plots", "stdlib", "tensor", "wrangling"),
}
PATIENT = Limits(cell=120.0, total=600.0)  # a slow machine is no reason for another score
AGAIN = "checks"  # what nbgrader gives now is compared with what is recorded

_STDERR = "a report or a warning on stderr is no failure"
_READS = "the learner's function reads a name of the test's, not its parameter"
_HIDES = "a name of the learner's own hides one of Python's from nbgrader's test: sum = 0, list = [...]"

# Every cell whose score is another one than nbgrader's: nbgrader's, what is given here, and why.
KNOWN: dict[str, tuple[float | str, float | str, str]] = {
    "algorithms/lou/graph-test": (2.0, "person", _READS),
    "algorithms/lou/graph-defaultdict": (0.0, "person", _READS),
    "checks/amy/matrix-main": (0.0, 1.0, _STDERR),
    "checks/solver/matrix-main": (0.0, 1.0, _STDERR),
    "hw1-basics/ana/q9-test": (0.0, 0.5, _HIDES),
    "hw1-basics/dee/q2-a": (0.0, 0.5, _HIDES),
    "hw1-basics/dee/q9-test": (0.0, 0.5, _HIDES),
    "numerics/solver/poisson-test": (0.0, 1.0, _STDERR),
    "plots/rex/hist-test": (
        0.0,
        "person",
        "three values where the test takes two, and one of them can't be handed over",
    ),
    "plots/sam/scatter-count": (0.0, 1.0, _STDERR),
    "plots/solver/scatter-count": (0.0, 1.0, _STDERR),
    "wrangling/max/log-users": (1.0, "person", "the solution's class has a plain form, and the learner's has none"),
}


class Row(NamedTuple):
    """A cell of a submission: what nbgrader gives, what is given here, and the submission's reasons."""

    stock: float | str
    here: float | str
    reasons: tuple[str, ...]

    @property
    def same(self) -> bool:
        return self.stock == self.here


@pytest.fixture(scope="module")
def graded(tmp_path_factory, sandboxed) -> Iterator[Callable[[str], dict[str, Row]]]:
    with Grader(PATIENT) as grader:

        @cache
        def graded(part: str) -> dict[str, Row]:
            course = build(tmp_path_factory.mktemp("foreign") / "course", PARTS[part])
            return dict(row for name in PARTS[part] for row in rows(grader, course, name))

        yield graded


def rows(grader: Grader, course, name: str) -> Iterator[tuple[str, Row]]:
    """Grade the submissions of an assignment here, and put nbgrader's scores beside."""
    theirs = recorded()[name]["scores"]
    form, released = load_assignment(course, name)
    found = {notebook: grader.probed(form, notebook) for notebook in form.notebooks}
    form = replace(form, probed={notebook: each for notebook, each in found.items() if each})
    for student, _, _ in students(name):
        result = grader.grade(form, released, read_submission(course, name, student))
        here = {cell.id: cell.score for each in result.notebooks for cell in each.cells}
        assert here.keys() == theirs[student].keys()
        for cell, score in here.items():
            yield (
                f"{name}/{student}/{cell}",
                Row(theirs[student][cell], "person" if score is None else score, result.reasons),
            )


EACH = pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.xdist_group(f"foreign: {part}")) for part in PARTS]
)


@EACH
@pytest.mark.slow
def test_scores_are_nbgraders_but_for_the_listed_cells(part, graded):
    found = {case: (row.stock, row.here) for case, row in graded(part).items() if not row.same}
    assert found == {case: row[:2] for case, row in KNOWN.items() if case.partition("/")[0] in PARTS[part]}


@EACH
@pytest.mark.slow
def test_a_cell_that_only_here_a_person_has_to_score_has_a_reason_that_names_it(part, graded):
    waiting = {case: row for case, row in graded(part).items() if not row.same and row.here == "person"}
    named = {case for case, row in waiting.items() if any(case.rpartition("/")[2] in each for each in row.reasons)}
    assert set(waiting) == named


@EACH
@pytest.mark.slow
def test_nearly_all_cells_have_nbgraders_score(part, graded):
    rows = graded(part).values()
    assert sum(row.same for row in rows) >= 0.98 * len(rows)


@pytest.mark.slow
def test_what_is_recorded_is_what_nbgrader_gives(tmp_path):
    assert by_nbgrader(tmp_path, AGAIN) == recorded()[AGAIN]["scores"]


def test_what_nbgrader_gives_is_recorded_of_all_as_they_are_now():
    """Otherwise: `python -m tests.autograder.foreign_course`."""
    assert {name: each["of"] for name, each in recorded().items()} == {name: digest(name) for name in assignments()}


def test_every_assignment_is_in_one_part():
    assert sorted(name for part in PARTS.values() for name in part) == assignments()


def test_there_are_many_tests_and_learners_of_every_kind():
    assert sum(len(autograded(name)) for name in assignments()) > 200
    assert all(len(list(students(name))) > 1 for name in assignments())


def test_every_listed_cell_is_one_of_the_cells():
    cases = {
        f"{name}/{student}/{cell}"
        for name in assignments()
        for student, _, _ in students(name)
        for cell in autograded(name)
    }
    assert cases >= KNOWN.keys()
