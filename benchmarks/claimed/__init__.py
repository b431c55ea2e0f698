"""The empirical claims of the lessons: one module a unit, `unit_NN.py`, each with a list `CLAIMS`."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Claim:
    """One statement of a lesson that only an experiment can bear out.

    Attributes
    ----------
    lesson, cell
        The lesson's file name without its ending, and the id of the cell that makes the statement.
    sentence
        The statement as it stands in that cell, word for word; a part of a sentence will do.
    quantity
        What the number is, with its unit, e.g. "accuracy of the MLP on shuffled pictures, %".
    measure
        Runs the experiment with a seed and returns the number. Everything random in it follows from the seed. Several
        claims about one experiment share it by `functools.cache`.
    at_least, at_most
        The bounds that the statement implies, which every seed must keep.
    """

    lesson: str
    cell: str
    sentence: str
    quantity: str
    measure: Callable[[int], float]
    at_least: float = -math.inf
    at_most: float = math.inf

    def holds(self, values: Sequence[float]) -> bool:
        """Whether every value lies within the bounds; a NaN does not."""
        return all(self.at_least <= value <= self.at_most for value in values)


def all_claims() -> list[Claim]:
    """The claims of all units, in order."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("unit_*.py"))
    return [claim for module in modules for claim in import_module(f"{__name__}.{module}").CLAIMS]
