"""Foreign courses (foreign/): each cell has the score that nbgrader gives, or a person looks, and the row says why."""

from functools import cache
from typing import NamedTuple

import pytest

from autograder.course.entries import read_entry
from tests.autograder.foreign_course import assignments, autograded, build, students
from tests.autograder.stock import Key, Mark
from tests.autograder.twice import grade_twice

PARTS = {  # graded side by side, where there are processors for it
    "one": ("algorithms", "checks", "console", "functional", "hw1-basics", "magics", "stdlib", "tensor"),
    "two": ("files", "keras", "learning", "numerics", "oop", "plots", "wrangling"),
}

# Every cell whose score is another one than nbgrader's: nbgrader's, what is given here, and why.
KNOWN: dict[str, tuple[float | str, float | str, str]] = {}


class Row(NamedTuple):
    """A cell of a submission: what nbgrader gives, what is given here, and the submission's reasons."""

    stock: Mark
    here: Mark
    reasons: tuple[str, ...]

    @property
    def same(self) -> bool:
        return self.stock.score == self.here.score


@pytest.fixture(scope="module")
def graded(tmp_path_factory, sandboxed):
    @cache
    def graded(part: str) -> dict[str, Row]:
        course = build(tmp_path_factory.mktemp("foreign") / "here", PARTS[part])
        found = grade_twice(course, PARTS[part])
        assert found.refused == set()
        assert found.stock.keys() == found.here.keys()
        reasons = {key[:2]: read_entry(course, *key[:2]).reasons for key in found.here}
        return {_case(key): Row(mark, found.here[key], reasons[key[:2]]) for key, mark in found.stock.items()}

    return graded


def _case(key: Key) -> str:
    return f"{key.assignment}/{key.student}/{key.cell}"


def _given(row: Row) -> tuple[float | str, float | str]:
    return row.stock.score, row.here.score


EACH = pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.xdist_group(f"foreign: {part}")) for part in PARTS]
)


@EACH
@pytest.mark.slow
def test_scores_are_nbgraders_but_for_the_listed_cells(part, graded):
    found = {case: _given(row) for case, row in graded(part).items() if not row.same}
    known = {case: row[:2] for case, row in KNOWN.items() if case.partition("/")[0] in PARTS[part]}
    assert found == known


@EACH
@pytest.mark.slow
def test_a_cell_that_a_person_has_to_score_has_a_reason_that_names_it(part, graded):
    waiting = {case: row for case, row in graded(part).items() if not row.same and row.here.score == "person"}
    named = {case for case, row in waiting.items() if any(case.rpartition("/")[2] in each for each in row.reasons)}
    assert set(waiting) - named == set()


@EACH
@pytest.mark.slow
def test_nearly_all_cells_have_nbgraders_score(part, graded):
    rows = graded(part).values()
    assert sum(row.same for row in rows) >= 0.98 * len(rows)


def test_every_assignment_is_in_one_part():
    assert sorted(name for part in PARTS.values() for name in part) == assignments()


def test_there_are_as_many_tests_as_that_and_learners_of_every_kind():
    assert sum(len(autograded(name)) for name in assignments()) >= 150
    assert all(len(list(students(name))) > 1 for name in assignments())


def test_every_listed_cell_is_one_of_the_cells():
    cases = {
        f"{name}/{student}/{cell}"
        for name in assignments()
        for student, _, _ in students(name)
        for cell in autograded(name)
    }
    assert KNOWN.keys() <= cases
