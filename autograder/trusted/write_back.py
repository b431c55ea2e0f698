"""Changing a test's own values as the student's function has changed its copies of them."""

import collections
import types
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from autograder.wire import frames, tables
from autograder.wire.frames import Uncrossable
from autograder.wire.protocol import SIMPLE

_SEQUENCES = (list, collections.deque, bytearray)
_DICTS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_ARRAYS = (np.ndarray, np.matrix, np.ma.MaskedArray)
_MUTABLE = (*_SEQUENCES, *_DICTS, *_ARRAYS, set, types.SimpleNamespace)


def may_change(values: Any) -> bool:
    """Whether there is something in an argument, or in a part of it, that a function could change."""
    if type(values) in (tuple, list):
        return type(values) is list or any(map(may_change, values))
    return type(values) in _MUTABLE or tables.may_change(values)


def write_back(old: Any, new: Any) -> Any:
    """Make `old`, where it can be changed, what `new` is; returns what stands for the value now.

    Parts that can be changed too, at the same place and of the same class, stay the same objects. Raises Uncrossable
    where an array became one of another shape.
    """
    return _Writing().write(old, new)


def write_back_call(given: list[Any], now: list[Any], result: Any) -> Any:
    """Make arguments what they are `now`. Returns the result; parts that it shares with them are the test's own."""
    writing = _Writing()
    writing.write(given, now)
    writing.owned(given)
    return writing.owned(result)


def parts(value: Any) -> list[Any]:
    """The lists and dicts in a value, itself among them, each once, always in the same order."""
    found: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if type(part) in (list, dict):
            if id(part) in found:
                continue
            found[id(part)] = part
        if type(part) in (list, tuple, dict):
            inner = part.values() if type(part) is dict else part
            waiting += [each for each in inner if type(each) in (list, tuple, dict)]
    return list(found.values())


def with_own(value: Any, own: Mapping[int, Any]) -> Any:
    """The value with others in the place of lists and dicts in it, by the ids of these."""
    return _Writing(own).owned(value) if own else value


class _Writing:
    """What came of one call being written back.

    Of the lists and dicts that came, which a message tells apart by themselves, each stands for one of the test's own,
    and no other does.
    """

    def __init__(self, own: Mapping[int, Any] = MappingProxyType({})) -> None:
        self._own = dict(own)  # id of one that came -> the test's own
        self._taken: set[int] = set()  # ids of these
        self._seen: set[int] = set()  # ids of what holds the test's own parts by now

    def write(self, old: Any, new: Any) -> Any:
        """As `write_back` says."""
        if type(new) in SIMPLE or (type(old) is not type(new) and not (type(old) is bytearray and type(new) is bytes)):
            return new
        if type(old) in (list, dict):
            if id(new) in self._own or id(old) in self._taken:
                return self._own.get(id(new), new)
            self._own[id(new)] = old
            self._taken.add(id(old))
        if type(old) is tuple:
            if len(old) != len(new):
                return new
            parts = [self.write(*pair) for pair in zip(old, new, strict=True)]
            return old if all(part is each for part, each in zip(parts, old, strict=True)) else tuple(parts)
        if not may_change(old):
            return new
        self._fill(old, new)
        return old

    def _fill(self, old: Any, new: Any) -> None:
        if type(old) is list or type(old) is collections.deque:
            parts = [self.write(*pair) for pair in zip(old, new)]  # noqa: B905 - as long as both are
            parts += list(new)[len(parts) :]
            old.clear()
            old.extend(parts)
        elif type(old) in _DICTS:
            entries = {key: self.write(old[key], value) if key in old else value for key, value in new.items()}
            old.clear()
            old.update(entries)
        elif type(old) is set:
            old.clear()
            old.update(new)
        elif type(old) is bytearray:
            old[:] = new
        elif type(old) is types.SimpleNamespace:
            self._fill(vars(old), vars(new))
        elif type(old) in _ARRAYS:
            _write_array(old, new)
        elif not _is_same(old, new):
            tables.become(old, new)

    def owned(self, value: Any) -> Any:
        """The same value with the test's own lists and dicts in the place of those that came for them."""
        if id(value) in self._own:
            return self._own[id(value)]
        if type(value) is tuple:
            parts = tuple(map(self.owned, value))
            return value if all(part is each for part, each in zip(parts, value, strict=True)) else parts
        if type(value) in (list, collections.deque, *_DICTS) and id(value) not in self._seen:
            self._seen.add(id(value))
            for place, part in [*(value.items() if isinstance(value, dict) else enumerate(value))]:
                if (own := self.owned(part)) is not part:
                    value[place] = own
        return value


def _write_array(old: np.ndarray, new: np.ndarray) -> None:
    if old.shape != new.shape or old.dtype != new.dtype:
        raise Uncrossable("An array that was given became one of another shape or type, which can't be handed back.")
    if old.flags.writeable:
        old[...] = new


def _is_same(old: Any, new: Any) -> bool:
    """Whether two tables are the same in all that crosses: then one keeps what does not."""
    try:
        return frames.pack(old) == frames.pack(new)
    except Uncrossable:
        return False
