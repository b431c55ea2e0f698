"""Changing a test's own values as the student's function has changed its copies of them."""

import collections
from typing import Any

import numpy as np

from autograder.wire.frames import Uncrossable

_SEQUENCES = (list, collections.deque, bytearray)
_DICTS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_MUTABLE = (*_SEQUENCES, *_DICTS, set, np.ndarray)


def may_change(values: Any) -> bool:
    """Whether there is something in an argument, or in a part of it, that a function could change."""
    if type(values) in (tuple, list):
        return type(values) is list or any(map(may_change, values))
    return type(values) in _MUTABLE


def write_back(old: Any, new: Any) -> Any:
    """Make `old`, where it can be changed, what `new` is; returns what stands for the value now.

    Parts that can be changed too, at the same place and of the same class, stay the same objects. Raises Uncrossable
    where an array became one of another shape.
    """
    if type(old) is not type(new) and not (type(old) is bytearray and type(new) is bytes):
        return new
    if type(old) is list or type(old) is collections.deque:
        parts = [write_back(*pair) for pair in zip(old, new)]  # noqa: B905 - as long as both are
        parts += list(new)[len(parts) :]
        old.clear()
        old.extend(parts)
    elif type(old) is tuple and len(old) == len(new):
        parts = [write_back(*pair) for pair in zip(old, new, strict=True)]
        return old if all(part is each for part, each in zip(parts, old, strict=True)) else tuple(parts)
    elif type(old) in _DICTS:
        entries = {key: write_back(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(entries)
    elif type(old) is set:
        old.clear()
        old.update(new)
    elif type(old) is bytearray:
        old[:] = new
    elif isinstance(old, np.ndarray):
        _write_array(old, new)
    else:
        return new
    return old


def _write_array(old: np.ndarray, new: np.ndarray) -> None:
    if old.shape != new.shape or old.dtype != new.dtype:
        raise Uncrossable("An array that was given became one of another shape or type, which can't be handed back.")
    if old.flags.writeable:
        old[...] = new
