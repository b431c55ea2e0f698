"""The explorer of the design space: how many plain networks there are, and where one of them lies among all."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import traitlets

from companion import arithmetic
from companion.errors import ArgumentError
from companion.explore.base import Explorer, files
from companion.explore.traits import OneOf, Read, Whole, resumed

MOST_LAYERS = 8
WIDTHS = tuple(2**power for power in range(3, 11))
ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu")
_START = (128, 64)


def _widths(value: Any, most: int = MOST_LAYERS) -> list[int]:
    """The widths of the 1 to `most` hidden layers of a network."""
    right = (
        isinstance(value, Sequence)
        and 1 <= len(value) <= most
        and all(type(width) is int and 1 <= width <= WIDTHS[-1] for width in value)
    )
    if not right:
        raise ArgumentError(_not_widths("widths", value, most))
    return list(value)


def _not_widths(name: str, value: Any, most: int) -> str:
    return (
        f"{name} must be a list of 1 to {most} whole numbers from 1 to {WIDTHS[-1]}, such as [128, 64], not {value!r}."
    )


def _activations(value: Any) -> list[str]:
    """The activations to choose from, in the order of ACTIVATIONS."""
    if not isinstance(value, Sequence) or not value or not all(name in ACTIVATIONS for name in value):
        raise ArgumentError(f"activations must be one or more of {', '.join(ACTIVATIONS)}, not {value!r}.")
    return [name for name in ACTIVATIONS if name in value]


class DesignSpace(Explorer):
    """Plain networks, one dense layer after the other: count the designs, and build one of them.

    Parameters
    ----------
    widths : list of int
        Neurons of each hidden layer of the network to begin with.
    deepest : int
        The largest number of hidden layers to choose from, 1 to 8.
    narrowest, widest : int
        The smallest and the largest width to choose from: 8, 16, 32 and so on up to 1024; what lies between them are
        the doublings.
    every : bool
        Whether every whole number between them can be chosen, and not the doublings alone.
    activations : list of str
        The activations to choose from, of "relu", "tanh", "sigmoid" and "elu".
    alike : bool
        Whether all hidden layers of a network have the same width and activation; else each chooses its own.
    inputs, outputs : int
        Numbers that go into the network and come out of it: 784 and 10 for MNIST.
    budget : int, optional
        A number of parameters that is drawn as a limit.
    answer : str, optional
        Name of the variable in this cell whose line `name = [128, 64]` (the widths) is kept up to date.
    state : list of int, optional
        The widths to begin with, usually that variable's value; `widths` if None.

    Attributes
    ----------
    widths : list of int
        Neurons of each hidden layer of the learner's network.
    functions : list of str
        The activation of each hidden layer.

    Every other parameter but `answer` and `state` is an attribute too, and follows what the learner sets.

    Raises
    ------
    ArgumentError
        If a number is outside its range, or there is nothing to choose from.
    """

    _esm, _css = files(__file__)
    other_choices: ClassVar = {"activation": ACTIVATIONS}

    inputs = Whole(784, 1).tag(sync=True)
    outputs = Whole(10, 1).tag(sync=True)
    deepest = Whole(4, 1, MOST_LAYERS).tag(sync=True)
    narrowest = OneOf(WIDTHS, 16).tag(sync=True)
    widest = OneOf(WIDTHS, 512).tag(sync=True)
    every = traitlets.Bool(False).tag(sync=True)
    activations = Read(_activations).tag(sync=True)
    alike = traitlets.Bool(True).tag(sync=True)
    widths = Read(_widths).tag(sync=True)
    functions = traitlets.List(traitlets.Enum(ACTIVATIONS), minlen=1, maxlen=MOST_LAYERS).tag(sync=True)
    budget = Whole(0, 0).tag(sync=True)  # 0: none
    answer = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        widths: Sequence[int] = _START,
        deepest: int = 4,
        narrowest: int = 16,
        widest: int = 512,
        every: bool = False,
        activations: Sequence[str] = ("relu", "tanh", "sigmoid"),
        alike: bool = False,
        inputs: int = 784,
        outputs: int = 10,
        budget: int | None = None,
        answer: str | None = None,
        state: Any = None,
    ) -> None:
        self.check(deepest=deepest, activations=activations)
        if not (narrowest in WIDTHS and widest in WIDTHS and narrowest <= widest):
            raise ArgumentError(
                f"narrowest and widest must be two of {', '.join(map(str, WIDTHS))}, the smaller one first, "
                f"not {narrowest!r} and {widest!r}."
            )
        start = _widths(widths, deepest)
        trouble = _not_widths(answer or "state", state, deepest)
        start, problem = resumed(
            state, partial(_widths, most=deepest), start, f"{trouble} The network below starts from {start} instead."
        )
        if alike:
            start = [start[0]] * len(start)
        super().__init__(
            inputs=inputs,
            outputs=outputs,
            deepest=deepest,
            narrowest=narrowest,
            widest=widest,
            every=every,
            activations=activations,
            alike=alike,
            widths=start,
            functions=[activations[0]] * len(start),
            budget=budget or 0,
            answer=answer or "",
            problem=problem,
        )

    def describe(self) -> str:
        """The network, and its number of parameters."""
        sizes = [self.inputs, *self.widths, self.outputs]
        count = sum(arithmetic.dense_parameters(before, after) for before, after in pairwise(sizes))
        return f"Design space explorer: a network of {' - '.join(map(str, sizes))} neurons, {count:,} parameters"
