"""Tables of pandas and sparse arrays of SciPy as plain data; neither is imported before one of them is there.

A column is an array of NumPy's, or the parts of one of pandas' own kinds. Classes are told apart exactly.
"""

import importlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np

_NUMPY = "biufcmM"  # kinds of data types whose arrays cross as they are
_INDEXES = ("Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex")
_WITH_GAPS = re.compile(r"U?Int(8|16|32|64)|Float(32|64)|boolean")
_SPARSE = tuple(f"{form}_{kind}" for form in ("csr", "csc", "coo") for kind in ("array", "matrix"))


def is_table(value: Any) -> bool:
    """Whether it is of one of the kinds."""
    kind = type(value)
    package, _, _ = kind.__module__.partition(".")
    names = {"pandas": (*_INDEXES, *_TAKE_APART), "scipy": _SPARSE}.get(package, ())
    return kind.__name__ in names


def may_change(value: Any) -> bool:
    """Whether it is one that can be changed in place."""
    return is_table(value) and type(value).__name__ in ("DataFrame", "Series", *_SPARSE)


def become(old: Any, new: Any) -> None:
    """Make one that can be changed what another one of its class is, with its kinds of columns, its index, its size."""
    notes = getattr(old, "attrs", None)  # of pandas', which don't cross
    type(old).__init__(old, new)
    if notes:
        old.attrs = notes


def plain(value: Any) -> tuple[str, list[Any]] | None:
    """The name of a table's kind, and what it is made of; None for any other value."""
    name = type(value).__name__
    if not is_table(value):
        return None
    if name in _SPARSE:
        parts = value.tocoo()
        return f"scipy {name}", [parts.data, parts.row, parts.col, list(value.shape)]
    return f"pandas {name}", _TAKE_APART.get(name, _index)(value)


def makers() -> dict[str, Callable[..., Any]]:
    """What puts tables together, by the names of their kinds."""
    return {
        "pandas DataFrame": _make_frame,
        "pandas Series": _make_series,
        "pandas Timestamp": lambda nanoseconds, zone: _pandas().Timestamp(nanoseconds, tz=zone),
        "pandas Timedelta": lambda nanoseconds: _pandas().Timedelta(nanoseconds),
        "pandas NAType": lambda: _pandas().NA,
        "pandas NaTType": lambda: _pandas().NaT,
        **{f"pandas {name}": _make_index for name in _INDEXES},
        **{f"scipy {name}": _sparse_maker(name) for name in _SPARSE},
    }


def _pandas() -> Any:
    return importlib.import_module("pandas")


# ------------------------------------------------------------------------------------------ apart


def _frame(frame: Any) -> list[Any]:
    columns = [_values(frame.iloc[:, place].array) for place in range(frame.shape[1])]
    return [_index(frame.index), _index(frame.columns), columns]


def _series(series: Any) -> list[Any]:
    return [_index(series.index), series.name, _values(series.array)]


def _index(index: Any) -> list[Any]:
    if type(index).__name__ == "RangeIndex":
        return ["range", [index.start, index.stop, index.step], index.name]
    if type(index).__name__ == "MultiIndex":
        return ["levels", [_values(index.get_level_values(n).array) for n in range(index.nlevels)], list(index.names)]
    return ["values", _values(index.array), index.name, getattr(index, "freqstr", None)]


def _values(array: Any) -> list[Any]:
    """An array of pandas': how it is stored, and its parts."""
    name = str(array.dtype)
    if name == "category":
        return ["category", np.asarray(array.codes), _values(array.categories.array), bool(array.ordered)]
    if hasattr(array, "_mask"):  # whole numbers and truth values with gaps
        gaps = np.asarray(array.isna())
        return ["gaps", name, array.to_numpy(dtype=array.dtype.numpy_dtype, na_value=0), gaps]
    if getattr(array.dtype, "tz", None) is not None:
        return ["zone", np.asarray(array.tz_convert("UTC").tz_localize(None)), str(array.dtype.tz)]
    numbers = np.asarray(array)
    if numbers.dtype.kind in _NUMPY and array.dtype.kind in _NUMPY:
        return ["array", numbers]
    texts = "" if name == "object" else name
    return ["objects", [None if value is _pandas().NA else value for value in array], texts]


_TAKE_APART: dict[str, Callable[[Any], list[Any]]] = {
    "DataFrame": _frame,
    "Series": _series,
    "Timestamp": lambda it: [it.value, None if it.tz is None else str(it.tz)],
    "Timedelta": lambda it: [it.value],
    "NAType": lambda it: [],
    "NaTType": lambda it: [],
}


# ------------------------------------------------------------------------------------------ together


def _make_frame(index: list[Any], columns: list[Any], parts: list[Any]) -> Any:
    pandas = _pandas()
    made = {place: pandas.Series(_array(part)) for place, part in enumerate(parts)}
    frame = pandas.DataFrame(made, index=None if made else range(0))
    rows = _make_index(*index)
    if not made:
        frame = pandas.DataFrame(index=rows)
    frame.index, frame.columns = rows, _make_index(*columns)
    return frame


def _make_series(index: list[Any], name: Any, part: list[Any]) -> Any:
    return _pandas().Series(_array(part), index=_make_index(*index), name=name)


def _make_index(how: str, parts: Any, name: Any, step: str | None = None) -> Any:
    pandas = _pandas()
    if how == "range":
        return pandas.RangeIndex(*parts, name=name)
    if how == "levels":
        return pandas.MultiIndex.from_arrays([_array(part) for part in parts], names=name)
    index = pandas.Index(_array(parts), name=name)
    return index if step is None else type(index)(index, freq=step)


def _array(part: list[Any]) -> Any:
    pandas = _pandas()
    match part:
        case ["array", np.ndarray() as numbers]:
            return numbers
        case ["objects", list(values), str(texts)] if texts in ("", "str", "string"):
            objects = np.empty(len(values), dtype=object)
            objects[:] = values
            return pandas.array(objects, dtype=texts or object)
        case ["category", np.ndarray() as codes, list(categories), bool(ordered)]:
            return pandas.Categorical.from_codes(codes, categories=_array(categories), ordered=ordered)
        case ["gaps", str(name), np.ndarray() as numbers, np.ndarray() as gaps] if _WITH_GAPS.fullmatch(name):
            values = pandas.array(numbers, dtype=name)
            values[gaps] = pandas.NA
            return values
        case ["zone", np.ndarray() as times, str(zone)]:
            return pandas.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone).array
    raise ValueError("no column")


def _sparse_maker(name: str) -> Callable[..., Any]:
    def make(data: np.ndarray, rows: np.ndarray, columns: np.ndarray, shape: list[int]) -> Any:
        sparse = importlib.import_module("scipy.sparse")
        coordinates = sparse.coo_array((data, (rows, columns)), shape=tuple(shape))
        return getattr(sparse, name)(coordinates)

    return make
