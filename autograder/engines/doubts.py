"""Points that a submission may have got for nothing, by comparison with the instructor's own solution.

A test may compare an empty answer with nothing and pass, or end in a value that is no number and so counts as passed.
Whether that is so in a test on purpose shows when the solution goes through it: where the solution hands over something
and the submission nothing, or the solution's last line is a number and the submission's is not, a person has to look.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.engines.run import Run
from autograder.notebook.cells import code_cells
from autograder.notebook.rebuild import Rebuilt
from autograder.notebook.role import Role, role_of

_NO_NUMBER = "its last line gives no number, and the solution's does"
_UNKNOWN_VALUE = "its last line gives neither a number nor nothing"
_EMPTY = "it got points, and a value that it asked for has nothing in it where the solution's has"


@dataclass(frozen=True)
class Reference:
    """What the solution made of the tests in which it got all points, by grade id."""

    last: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, list[int]] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)  # what could not be handed over, and need not be
    given: Mapping[str, list[str]] = field(default_factory=dict)  # values of the course's that it has changed


def test_roles(rebuilt: Rebuilt) -> dict[int, Role]:
    """The roles of a notebook's test cells, by their indices among its code cells."""
    roles = map(role_of, code_cells(json.loads(rebuilt.notebook)))
    return {index: role for index, role in enumerate(roles) if role.is_test}


def make_reference(run: Run, tests: Mapping[int, Role]) -> Reference:
    """The solution's run as a reference."""
    passed = [index for index, role in tests.items() if run.scores.get(index, 0.0) >= (role.points or 0.0)]
    return Reference(
        {tests[index].grade_id: run.last[index] for index in passed},
        {tests[index].grade_id: run.empty[index] for index in passed},
        {tests[index].grade_id: run.limits[index] for index in passed if index in run.limits},
        {tests[index].grade_id: run.given[index] for index in passed if index in run.given},
    )


def is_content(run: Run, index: int, role: Role, reference: Reference | None) -> bool:
    """Whether a test got its points without a value that could not be handed over, as it does with the solution."""
    return role.grade_id in (reference or Reference()).limits and run.scores[index] >= (role.points or 0.0)


def is_odd(run: Run, index: int) -> bool:
    """Whether a test gave points in a way that only the solution can tell to be right."""
    last, empty = run.last.get(index, ""), run.empty.get(index)
    return run.scores[index] > 0 and (last in ("nothing", "object") or bool(empty))


def doubt(run: Run, index: int, name: str, reference: Reference | None) -> str:
    """Why a person should score an odd test; empty where the solution is as odd, or there is none to compare with."""
    known = reference or Reference()
    if run.last[index] in ("nothing", "object"):
        if known.last.get(name) == "number":
            return _NO_NUMBER
        if name not in known.last and run.last[index] == "object":
            return _UNKNOWN_VALUE
    return _EMPTY if reference and not set(run.empty[index]) <= set(reference.empty.get(name, ())) else ""
