"""The type of the fixture that tries an attack."""

from typing import Any, Protocol

from autograder.results import Result

HASTY = 5  # seconds for a cell where an attack takes all of them


class Attack(Protocol):
    """Grades one submission of an assignment made of `cells`, with `answers` filled in and `extra` cells in front."""

    def __call__(self, cells: list[Any], answers: dict[str, str], *extra: Any, files: Any = None) -> Result: ...
