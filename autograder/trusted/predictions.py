"""Asking a model that is not to be believed: in an order and in company of the grader's choosing, and again to compare.

Inputs and predictions are arrays or tensors, or lists, tuples and dicts of such; their first axis counts the rows.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograder.wire import keras_values
from autograder.wire.keras_training import Refuse

_MOST_AGAIN = 64  # rows that are asked for a second time
_MOST_BYTES = 200 << 20  # of inputs
# How near two answers must be: as a part of the largest number in them, for whole and half precision; and at all.
_CLOSE, _CLOSE_IN_HALF, _NOTHING = 1e-3, 5e-2, 1e-6


def by_row(ask: Callable[[Any], Any], x: Any, refuse: Refuse, *, twice: bool = True) -> Any:
    """The predictions for `x`: `ask` is called with all rows in some order, and with some of them in another.

    Calls `refuse` where the two differ, or where predictions are not one for each row, or not finite numbers.
    """
    count = _row_count(x)
    chance = np.random.default_rng()
    order = chance.permutation(count) if count else None
    values = _checked(ask(_taken(x, order)), count, refuse)
    placed = _taken(values, None if order is None else np.argsort(order))
    if twice:
        some = chance.permutation(count)[: _fewer(count, chance)] if count else None
        again = _checked(ask(_taken(x, some)), None if some is None else len(some), refuse)
        if not _agree(_taken(placed, some), again):
            refuse("asked twice for the same inputs, among others, it gave other predictions")
    return placed


def _checked(answers: Any, count: int | None, refuse: Refuse) -> Any:
    for value in parts(answers):
        _check(value, count, refuse)
    return answers


def _check(value: Any, count: int | None, refuse: Refuse) -> None:
    if not isinstance(value, np.ndarray) and not keras_values.is_tensor(value):
        refuse("its predictions are no arrays or tensors")
    array = value if isinstance(value, np.ndarray) else value.numpy()
    if count is not None and array.shape[:1] != (count,):
        refuse(f"it was given {count} rows and gave predictions of shape {array.shape}")
    if array.size == 0:
        refuse("its predictions are empty")
    if array.dtype.kind not in "biufcV" or not np.isfinite(array.astype(np.complex128)).all():
        refuse("its predictions are not all finite numbers")


def holds_arrays(inputs: Any) -> bool:
    """Whether inputs are arrays or tensors, or some of them in lists, tuples and dicts; not a list of numbers."""
    return all(isinstance(part, np.ndarray) or keras_values.is_tensor(part) for part in parts(inputs))


def parts(values: Any) -> Iterator[Any]:
    """The arrays or tensors themselves, one by one."""
    if isinstance(values, list | tuple):
        yield from itertools.chain.from_iterable(map(parts, values))
    elif isinstance(values, dict):
        yield from itertools.chain.from_iterable(map(parts, values.values()))
    else:
        yield values


def mapped(change: Callable[[Any], Any], values: Any) -> Any:
    """The same lists, tuples and dicts of changed arrays or tensors."""
    if isinstance(values, list | tuple):
        return type(values)([mapped(change, value) for value in values])
    return {key: mapped(change, value) for key, value in values.items()} if isinstance(values, dict) else change(values)


def _row_count(x: Any) -> int | None:
    """How many rows inputs have; None where they have no common number of them."""
    counts = {np.shape(part)[:1] for part in parts(x)}
    only = next(iter(counts), ()) if len(counts) == 1 else ()
    return only[0] if only and only[0] else None


def _fewer(count: int, chance: np.random.Generator) -> int:
    """A number of rows that is not all of them, where there are several, nor too much to ask for again."""
    most = max(min(count - 1, _MOST_AGAIN), 1)
    return int(chance.integers(max(most // 2, 1), most + 1))


def _taken(x: Any, rows: Any) -> Any:
    return x if rows is None else mapped(lambda part: _row_wise(part, rows), x)


def _row_wise(part: Any, rows: np.ndarray) -> Any:
    taken = np.asarray(part)[rows]
    return taken if isinstance(part, np.ndarray) else keras_values.tensor(taken)


def _agree(first: Any, second: Any) -> bool:
    pairs = list(itertools.zip_longest(parts(first), parts(second)))
    return all(one is not None and other is not None and _is_close(one, other) for one, other in pairs)


def _is_close(one: Any, other: Any) -> bool:
    first, second = np.asarray(one), np.asarray(other)
    if first.shape != second.shape:
        return False
    near = _CLOSE_IN_HALF if first.dtype.itemsize < 4 and first.dtype.kind in "fV" else _CLOSE
    first, second = first.astype(np.complex128), second.astype(np.complex128)
    return bool(np.abs(first - second).max() <= near * np.abs(first).max() + _NOTHING)


def collected(x: Any, steps: int | None, refuse: Refuse) -> tuple[Any, Any, Any]:
    """Inputs as arrays; and labels and weights, where `x` is a data set that holds them too."""
    if holds_arrays(x):
        return mapped(np.asarray, x), None, None
    if isinstance(x, list | tuple | dict | int | float | str) or x is None:
        refuse("it is given what is no array")
    import keras

    batches, size = [], 0
    for batch in itertools.islice(_batches(x), steps):
        groups = keras.utils.unpack_x_y_sample_weight(batch)
        batches.append([None if group is None else mapped(np.asarray, group) for group in groups])
        size += sum(part.nbytes for group in batches[-1] if group is not None for part in parts(group))
        if size > _MOST_BYTES:
            refuse("it is given more than can be handed over")
    if not batches:
        refuse("it is given no data")
    x, y, weight = (_joined(list(group)) for group in zip(*batches, strict=True))
    return x, y, weight


def _batches(data: Any) -> Iterable[Any]:
    """The batches of a data set of TensorFlow's or Keras's, or of a generator."""
    if hasattr(data, "__getitem__") and not hasattr(data, "__iter__"):
        return (data[place] for place in range(len(data)))
    return data


def _joined(batches: list[Any]) -> Any:
    first = batches[0]
    if first is None:
        return None
    if isinstance(first, list | tuple):
        return type(first)([_joined(list(group)) for group in zip(*batches, strict=True)])
    if isinstance(first, dict):
        return {name: _joined([batch[name] for batch in batches]) for name in first}
    return np.concatenate(batches)
