"""The explorer of the design space: how many plain networks there are, and where one of them lies among all."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import traitlets

from companion import arithmetic
from companion.explore.base import Explorer, files

MOST_LAYERS = 8
WIDTHS = tuple(2**power for power in range(3, 11))
ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu")
_START = (128, 64)


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
    ValueError
        If a number is outside its range, or there is nothing to choose from.
    """

    _esm, _css = files(__file__)

    inputs = traitlets.Int(784, min=1).tag(sync=True)
    outputs = traitlets.Int(10, min=1).tag(sync=True)
    deepest = traitlets.Int(4, min=1, max=MOST_LAYERS).tag(sync=True)
    narrowest = traitlets.Enum(WIDTHS, 16).tag(sync=True)
    widest = traitlets.Enum(WIDTHS, 512).tag(sync=True)
    every = traitlets.Bool(False).tag(sync=True)
    activations = traitlets.List(traitlets.Enum(ACTIVATIONS), minlen=1).tag(sync=True)
    alike = traitlets.Bool(True).tag(sync=True)
    widths = traitlets.List(traitlets.Int(min=1, max=WIDTHS[-1]), minlen=1, maxlen=MOST_LAYERS).tag(sync=True)
    functions = traitlets.List(traitlets.Enum(ACTIVATIONS), minlen=1, maxlen=MOST_LAYERS).tag(sync=True)
    budget = traitlets.Int(0, min=0, help="0: none").tag(sync=True)
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
        for name, value, most in [
            ("deepest", deepest, MOST_LAYERS),
            ("inputs", inputs, None),
            ("outputs", outputs, None),
        ]:
            _check_whole(name, value, most)
        if not (narrowest in WIDTHS and widest in WIDTHS and narrowest <= widest):
            raise ValueError(
                f"narrowest and widest must be two of {', '.join(map(str, WIDTHS))}, the smaller one first, "
                f"not {narrowest!r} and {widest!r}."
            )
        if not activations or not set(activations) <= set(ACTIVATIONS):
            raise ValueError(f"activations must be one or more of {', '.join(ACTIVATIONS)}, not {activations!r}.")
        if budget is not None:
            _check_whole("budget", budget)
        if trouble := _trouble(widths, deepest):
            raise ValueError(f"widths {trouble}")
        start, problem = _start(state, list(widths), deepest, answer)
        if alike:
            start = [start[0]] * len(start)
        super().__init__(
            inputs=inputs,
            outputs=outputs,
            deepest=deepest,
            narrowest=narrowest,
            widest=widest,
            every=every,
            activations=[name for name in ACTIVATIONS if name in activations],
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


def _start(state: Any, widths: list[int], deepest: int, answer: str | None) -> tuple[list[int], str]:
    """The widths to begin with, and what is wrong with `state` if it is none: a typing slip must not break the cell."""
    if state is None:
        return widths, ""
    if trouble := _trouble(state, deepest):
        return widths, f"{answer or 'state'} {trouble} The network below starts from {widths} instead."
    return list(state), ""


def _trouble(widths: Any, deepest: int) -> str:
    """What is wrong with the widths of a network, as the end of a sentence; "" if nothing is."""
    right = (
        isinstance(widths, Sequence)
        and 1 <= len(widths) <= deepest
        and all(type(width) is int and 1 <= width <= WIDTHS[-1] for width in widths)
    )
    if right:
        return ""
    return f"must be a list of 1 to {deepest} whole numbers from 1 to {WIDTHS[-1]}, such as [128, 64], not {widths!r}."


def _check_whole(name: str, value: object, most: int | None = None) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or (most is not None and value > most):
        wanted = "of at least 1" if most is None else f"from 1 to {most}"
        raise ValueError(f"{name} must be a whole number {wanted}, not {value!r}.")
