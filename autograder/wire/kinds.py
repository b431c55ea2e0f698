"""Values of Python's and NumPy's own classes that are more than plain: each as a name of its kind and plain content.

Both ways are data: `plain` takes a value apart, `value` makes one of what somebody sent, of which nothing is believed.
Classes are told apart exactly: a subclass may behave in ways of its own, so it is none of these kinds.
"""

import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import keyword
import pathlib
import random
import re
import types
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.wire import tables

Content = list[Any]
Kind = tuple[str, Callable[[Any], Content], Callable[..., Any]]  # its name, what takes apart, what puts together

OF_KEYS = ("keys", "items")  # kinds whose list becomes a dict's keys

_MOST_DIGITS = 5000
_MOST_FIELDS = 100
_TYPES = (
    *(bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice, object, type),
    *(type(None), np.ndarray, np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32),
    *(np.uint64, np.float16, np.float32, np.float64, np.complex64, np.complex128, np.str_, np.datetime64),
    *(np.timedelta64, collections.Counter, collections.OrderedDict, collections.defaultdict, collections.deque),
    *(datetime.date, datetime.time, datetime.datetime, datetime.timedelta, decimal.Decimal, fractions.Fraction),
)
_ASKED_ABOUT = (  # classes of objects that have no plain form, so that a test can ask of what class such a one is
    *(pathlib.Path, pathlib.PosixPath, pathlib.PurePath, pathlib.PurePosixPath, re.Match, re.Pattern, enum.Enum),
    *(functools.partial, io.StringIO, io.BytesIO, io.TextIOWrapper, random.Random, types.GeneratorType),
    *(types.FunctionType, types.MethodType, types.ModuleType, types.SimpleNamespace, np.random.Generator),
)
_TYPE_NAMES = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in (*_TYPES, *_ASKED_ABOUT)}
_TYPE_OF = {kind: name for name, kind in _TYPE_NAMES.items()}
_DTYPE = re.compile(r"[<>|][?biufcmMSU]\d{1,4}(\[\w{1,8}\])?")
_SINGLE = {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}


class NoSuchValueError(ValueError):
    """What somebody sent makes no value of the kind that it claims to be."""


def plain(value: Any) -> tuple[str, Content] | None:
    """The name of a value's kind, and what it is made of; None for any other value."""
    known = _KINDS.get(type(value))
    if known:
        return known[0], known[1](value)
    if isinstance(value, type):
        return ("type", [_TYPE_OF[value]]) if value in _TYPE_OF else None
    if isinstance(value, np.dtype):
        return ("dtype", [value.str]) if _DTYPE.fullmatch(value.str) else None
    if is_named_tuple(value):
        return "named tuple", [type(value).__name__, list(type(value)._fields), list(value)]
    return tables.plain(value)


def value(name: str, content: Content) -> Any:
    """The value of a kind. Raises NoSuchValueError when the content makes none."""
    make = _MAKERS.get(name)
    if make is None:
        raise NoSuchValueError(name)
    try:
        return make(*content)
    except Exception as error:
        raise NoSuchValueError(f"{name}: {error}"[:200]) from None


def is_known(value: Any) -> bool:
    """Whether it is of one of the kinds."""
    if isinstance(value, type):
        return value in _TYPE_OF
    return type(value) in _KINDS or isinstance(value, np.dtype) or tables.is_table(value)


def is_named_tuple(value: Any) -> bool:
    """Whether it is of a class made by `namedtuple` or `NamedTuple`."""
    kind = type(value)
    return kind.__bases__ == (tuple,) and isinstance(getattr(kind, "_fields", None), tuple)


def _kinds() -> dict[type, Kind]:
    """The kinds by their exact classes."""
    empty: dict[Any, Any] = {}
    return {
        collections.Counter: ("Counter", lambda it: [dict(it)], collections.Counter),
        collections.OrderedDict: ("OrderedDict", lambda it: [dict(it)], collections.OrderedDict),
        collections.defaultdict: ("defaultdict", lambda it: [it.default_factory, dict(it)], collections.defaultdict),
        collections.deque: ("deque", lambda it: [list(it), it.maxlen], collections.deque),
        type(empty.keys()): ("keys", lambda it: [list(it)], lambda keys: dict.fromkeys(keys).keys()),
        type(empty.values()): ("values", lambda it: [list(it)], lambda values: dict(enumerate(values)).values()),
        type(empty.items()): ("items", lambda it: [[list(pair) for pair in it]], lambda pairs: dict(pairs).items()),
        types.MappingProxyType: ("mapping", lambda it: [dict(it)], types.MappingProxyType),
        types.SimpleNamespace: ("namespace", lambda it: [vars(it)], lambda names: types.SimpleNamespace(**names)),
        datetime.date: ("date", lambda it: [it.year, it.month, it.day], datetime.date),
        datetime.time: ("time", lambda it: [*_clock(it), it.tzinfo, it.fold], _time),
        datetime.datetime: (
            "datetime",
            lambda it: [it.year, it.month, it.day, *_clock(it), it.tzinfo, it.fold],
            _datetime,
        ),
        datetime.timedelta: ("timedelta", lambda it: [it.days, it.seconds, it.microseconds], datetime.timedelta),
        datetime.timezone: ("timezone", lambda it: list(it.__getinitargs__()), datetime.timezone),
        zoneinfo.ZoneInfo: ("zone", lambda it: [it.key], zoneinfo.ZoneInfo),
        decimal.Decimal: ("Decimal", lambda it: [_digits(it)], _decimal),
        fractions.Fraction: ("Fraction", lambda it: [it.numerator, it.denominator], fractions.Fraction),
        uuid.UUID: ("UUID", lambda it: [it.hex], uuid.UUID),
        # A path that is only a name: what lies there is the student's, and in another folder.
        pathlib.PosixPath: ("path", lambda it: [str(it)], pathlib.PurePosixPath),
        pathlib.PurePosixPath: ("path", lambda it: [str(it)], pathlib.PurePosixPath),
        slice: ("slice", lambda it: [it.start, it.stop, it.step], slice),
        type(Ellipsis): ("single", lambda it: ["Ellipsis"], _SINGLE.__getitem__),
        type(NotImplemented): ("single", lambda it: ["NotImplemented"], _SINGLE.__getitem__),
        np.ma.MaskedArray: ("masked", lambda it: [it.data, np.ma.getmaskarray(it), it.fill_value], _masked),
        np.matrix: ("matrix", lambda it: [np.asarray(it)], np.asmatrix),
    }


def _clock(it: datetime.time | datetime.datetime) -> list[int]:
    return [it.hour, it.minute, it.second, it.microsecond]


def _time(*fields: Any) -> datetime.time:
    hour, minute, second, microsecond, zone, fold = fields
    return datetime.time(hour, minute, second, microsecond, _zone(zone), fold=fold)


def _datetime(*fields: Any) -> datetime.datetime:
    year, month, day, hour, minute, second, microsecond, zone, fold = fields
    return datetime.datetime(year, month, day, hour, minute, second, microsecond, _zone(zone), fold=fold)


def _zone(zone: Any) -> datetime.tzinfo | None:
    """A zone whose offsets are data: one of the student's own would be asked again and again."""
    if zone is not None and not isinstance(zone, datetime.timezone | zoneinfo.ZoneInfo):
        raise TypeError("no zone")
    return zone


def _digits(number: decimal.Decimal) -> str:
    if len(text := str(number)) > _MOST_DIGITS:
        raise ValueError("it has too many digits")
    return text


def _decimal(text: str) -> decimal.Decimal:
    if len(text) > _MOST_DIGITS:
        raise ValueError("too long")
    return decimal.Decimal(text)


def _masked(data: np.ndarray, mask: np.ndarray, fill: Any) -> Any:
    return np.ma.MaskedArray(data, mask=mask, fill_value=fill)


def _dtype(text: str) -> np.dtype:
    if not _DTYPE.fullmatch(text):
        raise ValueError("no type")
    return np.dtype(text)


def _named_tuple(name: str, fields: list[str], values: list[Any]) -> Any:
    return _named_tuple_class(name, tuple(fields))(*values)


@functools.lru_cache(maxsize=100)
def _named_tuple_class(name: str, fields: tuple[str, ...]) -> Any:
    words = (name, *fields)
    if len(fields) > _MOST_FIELDS or not all(
        type(word) is str and len(word) < 100 and word.isidentifier() and not keyword.iskeyword(word) for word in words
    ):
        raise ValueError("no names")
    return collections.namedtuple(name, fields)


_KINDS = _kinds()
_MAKERS: dict[str, Callable[..., Any]] = {
    **{name: make for name, _, make in _KINDS.values()},
    **tables.makers(),
    "type": _TYPE_NAMES.__getitem__,
    "dtype": _dtype,
    "named tuple": _named_tuple,
}
