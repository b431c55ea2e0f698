"""The engine that the attacks are tried on: the real one, warm for the whole run."""

import os
from collections.abc import Callable, Iterator

import pytest

from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from autograder.sandbox.host import why_not
from tests.attacks.attack import HASTY, Attack
from tests.autograder import handed_in


@pytest.fixture(scope="session")
def sandboxed() -> None:
    """Skips where students' code can't be shut in, but never in CI."""
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must have a sandbox: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def grader(sandboxed: None) -> Iterator[Grader]:
    """The engine with little memory and disk, and with time enough on a slow and busy machine."""
    with Grader(Limits(cell=60, total=300, memory=512 << 20, disk=32 << 20)) as grader:
        yield grader


@pytest.fixture
def limited(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> Callable[[Limits], Grader]:
    """The same warm engine with other limits for one test: they are set for each submission, so nothing starts anew."""

    def limit(limits: Limits) -> Grader:
        monkeypatch.setattr(grader, "_limits", limits)
        return grader

    return limit


@pytest.fixture
def attack(grader: Grader) -> Attack:
    """Grades one submission of an assignment made of the given cells."""
    return attack_on(grader)


@pytest.fixture
def hasty_attack(limited: Callable[[Limits], Grader]) -> Attack:
    """The same with little time, for what takes all of it."""
    return attack_on(limited(Limits(cell=HASTY, total=6 * HASTY, memory=512 << 20, disk=32 << 20)))


def attack_on(grader: Grader) -> Attack:
    def run(cells, answers, *extra, files=None):
        form = handed_in.assignment(*cells)
        return grader.grade(form, handed_in.released(form), handed_in.submission(form, answers, *extra, files=files))

    return run
