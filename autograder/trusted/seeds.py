"""Numbers that tests and students' functions draw: the same at each grading, and nobody's to foretell.

Where nothing is seeded, an answer that draws numbers would have other ones each time, and a test that nearly all of
them pass would fail now and then. So generators are seeded here before each test, and in the student's process before
its first cell, with numbers that only those can tell who know the instructor's notebook. A seed that a test sets goes
to the student's process too: in one process, its functions would draw from that.
"""

import functools
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from autograder.trusted.comparisons import NOTEBOOK_FILES, TEST_FILE
from autograder.trusted.level import Level
from autograder.wire.protocol import SEEDED

_LARGEST = 2**31 - 1  # that each of the generators takes


class Seeds:
    """The seeds of one notebook's tests; `secret` is what no learner knows."""

    def __init__(self, secret: str = "") -> None:
        self._secret = secret
        self._test = ""
        self._generators: dict[str, Callable[[Any], None]] = {}  # by module, those that are loaded
        self._set: dict[str, Any] = {}  # by module, what the test has set and the student's process has not heard of

    def watch(self) -> None:
        """Be told of each seed that is set in this process, for the modules that are loaded now."""
        for module, name in SEEDED.items():
            if module in sys.modules:
                self._generators[module] = getattr(sys.modules[module], name)
                setattr(sys.modules[module], name, self._told(module, self._generators[module]))

    def begin(self, test: str) -> None:
        """A test begins, with this source."""
        self._test = test
        for seed in self._generators.values():
            seed(self._own(test))
        self._set.clear()

    def of_a_student(self) -> dict[str, int]:
        """What to seed in a student's process before its first cell, by module."""
        return dict.fromkeys(SEEDED, self._own("the student's process"))

    def take(self, level: Level) -> dict[str, int]:
        """What to seed there now, by module, in this order; each seed that a test sets is told once.

        A test that runs apart asks for no more than that the student's numbers are the same each time. So the seed
        itself, from which one could foretell what the test draws, is kept from the student; a looser level tells it.
        """
        taken = {
            module: seed if level > Level.APART and _is_plain(seed) else self._own(self._test, repr(seed))
            for module, seed in self._set.items()
        }
        self._set.clear()
        return taken

    def _own(self, *texts: str) -> int:
        """A seed, always the same one for these texts."""
        known = "\0".join([self._secret, *texts]).encode("utf-8", "replace")
        return int.from_bytes(sha256(known).digest()[:4]) & _LARGEST

    def _told(self, module: str, seed: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(seed)
        def telling(*values: Any, **named: Any) -> Any:
            result = seed(*values, **named)
            given = [*values, *named.values()]
            if given and given[0] is not None and _is_in_a_test():
                self._set.pop(module, None)
                self._set[module] = given[0]
            return result

        return telling


def _is_plain(seed: Any) -> bool:
    return type(seed) is int and 0 <= seed <= _LARGEST


def _is_in_a_test() -> bool:
    """Whether a test runs, and not a cell of the course's: that has been run in the student's process too."""
    frame = sys._getframe(1)
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename in NOTEBOOK_FILES:
            return frame.f_code.co_filename == TEST_FILE
    return False
