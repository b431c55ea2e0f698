"""How far the tests of an assignment are kept from students' code, in sentences for the instructor."""

from collections.abc import Mapping

from autograder.engines.probe import Probed
from autograder.errors import listed, shown
from autograder.trusted.level import Level

_MOST_NAMED = 10  # tests in one sentence
_IN_WORDS = {
    Level.WRITTEN_BACK: "changed arguments come back",
    Level.HANDLES: "objects are asked where they are",
    Level.WITH_STUDENT: "in one process",
}


def said(probed: Mapping[str, Probed]) -> str:
    """How many tests run at which level, and how to make that stricter, in one or two sentences."""
    others = looser(probed)
    count = sum(len(each.levels) for each in probed.values())
    if not others:
        return f"All tests ({count}) run apart from the learners' code." if count else ""
    apart = count - sum(map(len, others.values()))
    parts = [
        f"{_IN_WORDS[level]}: {listed([*map(shown, tests)], _MOST_NAMED)}" for level, tests in sorted(others.items())
    ]
    return (
        f"How far tests are kept from the learners' code: {apart} of {count} quite apart; {'; '.join(parts)}. These "
        "are the strictest ways in which the solution passes; docs/attacks.md says what each gives up. A test that "
        "takes only plain values from functions runs apart, and --strict allows no other."
    )


def failures(probed: Mapping[str, Probed]) -> list[str]:
    """Which tests the solution does not pass, in sentences."""
    return [
        f"{shown(name)}.ipynb, {shown(test)}: the instructor's own solution fails it too, so a person has to score it "
        f"for everybody. {shown(why, 300)}"
        for name, each in probed.items()
        for test, why in each.failed.items()
    ]


def looser(probed: Mapping[str, Probed]) -> dict[Level, list[str]]:
    """The tests that don't run apart, by their level."""
    found: dict[Level, list[str]] = {}
    for each in probed.values():
        for test, level in each.levels.items():
            if level is not Level.APART:
                found.setdefault(level, []).append(test)
    return found
