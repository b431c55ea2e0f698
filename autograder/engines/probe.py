"""How far each test cell can be kept from students' code, found with the instructor's own solution before anybody's.

The solution is graded like a submission, at the strictest level first. Tests that do not give it their points are tried
at the next one, and so on; the strictest level at which a test does is the test's, for everybody.
"""

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.engines.doubts import Reference, make_reference
from autograder.engines.run import Run
from autograder.notebook import names
from autograder.notebook.role import Role
from autograder.trusted.level import Level

_LOOSER = (Level.WRITTEN_BACK, Level.HANDLES, Level.WITH_STUDENT)
_OUT_OF_TIME = ("CellTimeoutError", "TotalTimeoutError")

Levels = Mapping[str, Level]


@dataclass(frozen=True)
class Probed:
    """What the solution has shown about the tests of one notebook, by grade id."""

    levels: Levels
    failed: Mapping[str, str] = field(default_factory=dict)  # tests that fail with the solution too, and how
    said: Mapping[str, list[str]] = field(default_factory=dict)  # special methods of the solution's that a test asked
    reference: Reference = field(default_factory=Reference)

    @classmethod
    def read(cls, saved: Mapping[str, Any]) -> "Probed":
        """What `asdict` and JSON made of one. Raises KeyError, TypeError or ValueError for anything else."""
        levels = {test: Level(level) for test, level in saved["levels"].items()}
        return cls(levels, saved["failed"], saved["said"], Reference(**saved["reference"]))


def probe(run: Callable[[Levels], Run], sources: Mapping[int, str], roles: Mapping[int, Role], fixed: Levels) -> Probed:
    """Find the levels; `run` runs the solution at given ones, and those that are `fixed` stay.

    `sources` are the solution's code cells by their indices, `roles` those of its tests. A test that ends in a number
    of its own, and so gives the solution a part of its points at every level, does what it means to do.
    """
    tests = _Tests(sources, roles, fixed)
    first = run(tests.levels)
    left = [name for name in tests.short(first) if name not in fixed and not tests.ran_out_of_time(first, name)]
    loosest = [name for name in left if tests.levels[name] is Level.WITH_STUDENT]
    left = [name for name in left if name not in loosest]
    for level in _LOOSER:
        left = tests.settle(run, left, level, set)
    left += loosest
    for those in (tests.that_set, tests.that_read, tests.all_before):
        left = tests.settle(run, left, Level.WITH_STUDENT, those)
    last = first if all(level is Level.APART for level in tests.levels.values()) else run(tests.levels)
    return Probed(
        levels=tests.levels,
        failed={name: why for name in tests.short(last) if (why := tests.error(last, name))},
        said={role.grade_id: said for index, role in roles.items() if (said := last.said.get(index))},
        reference=make_reference(last, roles),
    )


class _Tests:
    """The tests of a notebook by grade id, with the levels found so far."""

    def __init__(self, sources: Mapping[int, str], roles: Mapping[int, Role], fixed: Levels) -> None:
        self._trees = {index: names.parse(source) for index, source in sources.items()}
        self._places = {role.grade_id: index for index, role in roles.items()}
        self._points = {role.grade_id: role.points or 0.0 for role in roles.values()}
        self._fixed = fixed
        self.levels = {name: fixed.get(name, self._first(name)) for name in self._places}

    def _first(self, name: str) -> Level:
        """The level to begin with: a test of the student's own `sum` would get Python's if it ran apart."""
        place = self._places[name]
        before = (tree for index, tree in self._trees.items() if index < place and index not in self._places.values())
        own = {bound for tree in before for bound in names.rebound(tree, {})} & set(dir(builtins))
        return Level.WITH_STUDENT if own & names.loaded(self._trees[place]) else Level.APART

    def settle(
        self, run: Callable[[Levels], Run], left: list[str], level: Level, those: Callable[[list[str]], set[str]]
    ) -> list[str]:
        """Try the tests that are `left` at a level, and with them `those`; returns the ones that fail there too."""
        if not left:
            return []
        failing = set(self.short(run(self.levels | self._at(level, those(left)))))
        if passed := [name for name in left if name not in failing]:
            self.levels |= self._at(level, those(passed))
        return [name for name in left if name in failing]

    def short(self, run: Run) -> list[str]:
        """The tests that did not give all of their points."""
        return [name for name, index in self._places.items() if run.scores.get(index, 0.0) < self._points[name]]

    def error(self, run: Run, name: str) -> str:
        """The error in which a test ended; empty where it did not."""
        return next((f"{error}: {message}" for error, message in self._errors(run, name)), "")

    def ran_out_of_time(self, run: Run, name: str) -> bool:
        """Whether a test took too long, which it would at any level."""
        return any(error in _OUT_OF_TIME for error, _ in self._errors(run, name))

    def that_set(self, failing: list[str]) -> set[str]:
        """Tests that set what a failing one reads, or what the cells read that set that; with the failing ones."""
        return self._before(failing, lambda test, read: names.own_names(self._trees[test]) & read)

    def that_read(self, failing: list[str]) -> set[str]:
        """Tests that read such names, so that they may have changed what these stand for; with the failing ones."""
        ordinary = set(dir(builtins))
        return self._before(failing, lambda test, read: names.loaded(self._trees[test]) & read - ordinary)

    def all_before(self, failing: list[str]) -> set[str]:
        """All tests before the last of the failing ones; with these."""
        return self._before(failing, lambda test, read: True)

    def _at(self, level: Level, tests: Iterable[str]) -> dict[str, Level]:
        return {name: level for name in tests if name not in self._fixed}

    def _before(self, failing: list[str], concerns: Callable[[int, set[str]], object]) -> set[str]:
        found = set(failing)
        for failed in failing:
            read, place = self._read_by(self._places[failed]), self._places[failed]
            found |= {name for name, test in self._places.items() if test < place and concerns(test, read)}
        return found

    def _read_by(self, test: int) -> set[str]:
        """Names that a test reads, and those that the cells before it read which set them, and so on."""
        read = set(names.loaded(self._trees[test]))
        for index in sorted((index for index in self._trees if index < test), reverse=True):
            if names.top_level(self._trees[index]) & read:
                read |= names.loaded(self._trees[index])
        return read

    def _errors(self, run: Run, name: str) -> Iterator[tuple[str, str]]:
        outputs: Iterable[Mapping[str, str]] = run.outputs.get(self._places[name], ())  # type: ignore[assignment]
        return ((output["name"], output["message"]) for output in outputs if output["output_type"] == "error")
