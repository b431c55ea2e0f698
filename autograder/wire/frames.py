"""How values cross between a student's process and the grader's: as plain data, by copy, within limits.

A frame is two lengths, a msgpack header and raw buffers. The header holds Python's plain values; what msgpack has no
form for is one of the extensions below, and the numbers of an array lie in a buffer, under a data type from a list.
Nothing here can carry code. Any frame that breaks a rule raises Violation, and the session with its sender is over.
"""

import math
import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import msgpack
import numpy as np

from autograder.wire import kinds

DTYPES = tuple(np.dtype(code).newbyteorder("<").str for code in "?bBhHiIqQefdFD")

_TIME = re.compile(r"<[mM]8(\[\d{0,4}[YMWDhmsunpfa]{1,2}\])?")
_FIELD = re.compile(rf"{'|'.join(map(re.escape, DTYPES))}|<U\d{{1,4}}|[|]S\d{{1,4}}|{_TIME.pattern}")
_MOST_FIELDS = 100  # of a record
_MOST_SHARED = 10  # lists and dicts in several places, one within the other
_AHEAD = 16 << 10  # bytes that are read at once: most messages are smaller
_PREFIX = struct.Struct("<II")
_LENGTH = struct.Struct("<Q")


class _Form(IntEnum):
    """The numbers under which msgpack's extensions stand for what it has no form for."""

    COMPLEX = 1
    BIG_INT = 2
    TUPLE = 3
    SET = 4
    FROZENSET = 5
    RANGE = 6
    ARRAY = 7
    SCALAR = 8
    TEXTS = 9
    OBJECT = 10
    KIND = 11
    OBJECTS = 12
    RECORDS = 13
    SHARED = 14


class Violation(Exception):  # noqa: N818 - the sender's fault, not an error of this program
    """The other side sent something that is no message of ours; `begin` is how it begins, if that tells."""

    begin = b""


class Closed(Violation):
    """The other side is gone."""


class Uncrossable(TypeError):  # noqa: N818 - a test sees it as the TypeError that it is
    """A value that has no plain form."""


@dataclass(frozen=True)
class Caps:
    """What one frame, and one session, may hold at most."""

    header: int = 8 << 20  # bytes
    frame: int = 256 << 20  # bytes, header and buffers together
    total: int = 1 << 30  # bytes received in a session
    buffers: int = 4096
    items: int = 1_000_000  # values in the header
    keys: int = 20_000  # entries of a dict or set: chosen keys that collide make more than these slow
    depth: int = 50
    integer: int = 4096  # bytes of a whole number


@dataclass(frozen=True)
class Foreign:
    """An object that crosses under a name of its kind: a handle to a function, a model as data."""

    kind: str
    content: Any


@dataclass
class Channel:
    """Messages over a stream socket.

    `wrap` turns an object that is not plain into a Foreign one, or returns None; `unwrap` does the reverse.
    """

    sock: socket.socket
    wrap: Callable[[Any], Foreign | None] = lambda value: None
    unwrap: Callable[[Foreign], Any] = lambda foreign: foreign
    caps: Caps = field(default_factory=Caps)
    _received: int = 0
    _ahead: bytearray = field(default_factory=bytearray)  # what came along with an earlier part

    def send(self, message: Any, seconds: float | None = None) -> None:
        """Send one message. Raises Uncrossable before anything is sent, Closed when nobody is there."""
        frame = pack(message, self.wrap, self.caps)
        try:
            self.sock.settimeout(seconds)
            self.sock.sendall(frame)
        except OSError as error:
            raise Closed(f"the connection ended: {error}") from None

    def receive(self, seconds: float | None = None) -> Any:
        """The next message. Raises TimeoutError after `seconds`, Closed at the end, Violation for a bad frame."""
        deadline = None if seconds is None else time.monotonic() + seconds
        prefix = bytes(self._read(_PREFIX.size, deadline))
        size, count = _PREFIX.unpack(prefix)
        if size > self.caps.header or count > self.caps.buffers:
            violation = Violation("a message is too large")
            violation.begin = prefix
            raise violation
        header = self._read(size, deadline)
        room = self.caps.frame - size
        buffers = []
        for _ in range(count):
            (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
            room -= length
            if room < 0:
                raise Violation("a message is too large")
            buffers.append(self._read(length, deadline))
        return unpack(header, buffers, self.unwrap, self.caps)

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def _read(self, size: int, deadline: float | None) -> bytearray:
        self._received += size
        if self._received > self.caps.total:
            raise Violation("more data than a session may send")
        if size <= len(self._ahead):
            data = self._ahead[:size]
            del self._ahead[:size]
            return data
        room = max(size, _AHEAD)
        data = self._ahead + bytearray(room - len(self._ahead))
        view, got = memoryview(data), len(self._ahead)
        while got < size:
            if deadline is not None and (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            self.sock.settimeout(None if deadline is None else left)
            try:
                count = self.sock.recv_into(view[got:])
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed(f"the connection ended: {error}") from None
            if not count:
                raise Closed("the connection ended")
            got += count
        view.release()
        self._ahead = data[size:got]
        del data[size:]
        return data


def pack(message: Any, wrap: Callable[[Any], Foreign | None] = lambda value: None, caps: Caps = Caps()) -> bytes:
    """One frame. Raises Uncrossable for a value without a plain form, or one that is too large or nested too deep."""
    packer = _Packer(wrap, caps, {})
    header = packer.pack(message)
    if packer.shared:
        packer = _Packer(wrap, caps, packer.shared)
        header = packer.pack(message)
    size = len(header) + sum(len(buffer) for buffer in packer.buffers)
    if len(header) > caps.header or size > caps.frame or len(packer.buffers) > caps.buffers:
        raise Uncrossable("The value is too large to hand over.")
    parts = [_PREFIX.pack(len(header), len(packer.buffers)), header]
    for buffer in packer.buffers:
        parts += [_LENGTH.pack(len(buffer)), buffer]
    return b"".join(parts)


def unpack(
    header: bytes | bytearray,
    buffers: list[bytearray],
    unwrap: Callable[[Foreign], Any] = lambda foreign: foreign,
    caps: Caps = Caps(),
) -> Any:
    """The message of a frame. Raises Violation for anything that `pack` would not have made."""
    unpacker = _Unpacker(buffers, unwrap, caps)
    message = unpacker.unpack(header, 0)
    if unpacker.used != len(buffers):
        raise Violation("a message holds data that it does not use")
    return message


@dataclass(frozen=True)
class _Shared:
    """A list or dict that a message holds in several places."""

    content: Any


class _Packer:
    """Packs one message; `known` are the lists and dicts, by id, that an earlier attempt found in several places."""

    def __init__(self, wrap: Callable[[Any], Foreign | None], caps: Caps, known: dict[int, Any]) -> None:
        self.buffers: list[bytes] = []
        self.shared: dict[int, Any] = {}
        self._known_shared = known
        self._seen: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id of a shared one that was packed -> its place among these
        self._heights: list[int] = []  # of these: how many of them are one within the other
        self._inside = 0  # the greatest height in what is being packed
        self._wrap = wrap
        self._caps = caps
        self._depth = 0
        self._items = 0

    def pack(self, value: Any) -> bytes:
        self._depth += 1
        try:
            self._measure(value, self._depth - 1)
            return msgpack.packb(self._marked(value), default=self._extend, strict_types=True)
        except (ValueError, OverflowError, RecursionError, UnicodeError) as error:
            raise Uncrossable(f"The value can't be handed over: {error}"[:200]) from None
        finally:
            self._depth -= 1

    def _measure(self, value: Any, depth: int, *, again: bool = False) -> None:
        """Refuse what the receiver would refuse: that ends a session, and an honest sender is to go on.

        What stands in several places is noted on the way, but for what is in a part that does.
        """
        if depth > self._caps.depth:
            raise Uncrossable("The value is nested too deep to hand over.")
        if type(value) is not list and type(value) is not dict:
            return
        if id(value) in self._seen and not again and not self._known_shared:
            self.shared[id(value)] = value
            again = True
        self._seen[id(value)] = value
        self._items += len(value)
        if self._items > self._caps.items or (type(value) is dict and len(value) > self._caps.keys):
            raise Uncrossable("The value has too many parts to hand over.")
        for child in value if isinstance(value, list) else (*value.keys(), *value.values()):
            if type(child) is list or type(child) is dict:
                self._measure(child, depth + 1, again=again)

    def _measured(self, value: Any) -> Any:
        self._measure(value, self._depth - 1)
        return self._marked(value)

    def _marked(self, value: Any) -> Any:
        """A list or dict with marks in the place of the parts that are shared; they are no more than `depth` deep."""
        if not self._known_shared or type(value) not in (list, dict):
            return value
        if type(value) is list:
            return [*map(self._mark, value)]
        return {key: self._mark(child) for key, child in value.items()}

    def _mark(self, part: Any) -> Any:
        return _Shared(part) if id(part) in self._known_shared else self._marked(part)

    def _share(self, content: Any) -> msgpack.ExtType:
        """A shared list or dict: itself in the first place, in the others its number."""
        if id(content) in self._numbers:
            number = self._numbers[id(content)]
            self._inside = max(self._inside, self._heights[number])
            return msgpack.ExtType(_Form.SHARED, msgpack.packb([number]))
        outer, self._inside, items = self._inside, 0, self._items
        packed = self._nested(_Form.SHARED, [content.copy()])
        height, self._items = self._inside + 1, items
        if height > _MOST_SHARED:
            raise Uncrossable("The value has too many parts within parts that are shared.")
        self._numbers[id(content)] = len(self._heights)
        self._heights.append(height)
        self._inside = max(outer, height)
        return packed

    def _keys(self, values: list[Any]) -> list[Any]:
        if len(values) > self._caps.keys:
            raise Uncrossable("The value has too many parts to hand over.")
        return values

    def _extend(self, value: Any) -> Any:  # noqa: PLR0912 - one line for each kind of value
        if type(value) is _Shared:
            return self._share(value.content)
        foreign = self._wrap(value)
        if foreign is not None:
            return self._nested(_Form.OBJECT, [foreign.kind, foreign.content])
        known = self._known(value)
        if known is not None:
            name, content = known
            return self._nested(_Form.KIND, [name, [*map(self._keys, content)] if name in kinds.OF_KEYS else content])
        match value:
            case np.generic():
                return self._numpy_scalar(value)
            case np.ndarray():
                return self._array(value)
            case int():
                return self._integer(int(value))
            case float():
                return float(value)
            case complex():
                return msgpack.ExtType(_Form.COMPLEX, struct.pack("<dd", value.real, value.imag))
            case str():
                return str.__str__(value)
            case bytes() | bytearray():
                return bytes(value)
            case tuple():
                return self._nested(_Form.TUPLE, list(value))
            case list():
                return self._measured(list(value))
            case dict():
                return self._measured(dict(value))
            case set():
                return self._nested(_Form.SET, self._keys(list(value)))
            case frozenset():
                return self._nested(_Form.FROZENSET, self._keys(list(value)))
            case range():
                # Short on the wire, but endless for a test that makes a list of it.
                if _length(value.start, value.stop, value.step) > self._caps.items:
                    raise Uncrossable("The range is too long to hand over.")
                return self._nested(_Form.RANGE, [value.start, value.stop, value.step])
        raise Uncrossable(f"A value of type {type(value).__name__} can't be handed over: it is no plain data.")

    def _known(self, value: Any) -> tuple[str, list[Any]] | None:
        try:
            return kinds.plain(value)
        except Exception as error:
            raise Uncrossable(f"A value of type {type(value).__name__} can't be handed over: {error}"[:200]) from None

    def _nested(self, code: int, content: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, self.pack(content))

    def _integer(self, value: int) -> Any:
        if -(1 << 63) <= value < 1 << 64:
            return value
        size = value.bit_length() // 8 + 1
        if size > self._caps.integer:
            raise Uncrossable("The number has too many digits to hand over.")
        return msgpack.ExtType(_Form.BIG_INT, value.to_bytes(size, "little", signed=True))

    def _numpy_scalar(self, value: np.generic) -> Any:
        if isinstance(value, str | bytes):
            return str(value) if isinstance(value, str) else bytes(value)
        if isinstance(value, np.void) or value.dtype.kind in "mM":
            return self._nested(_Form.RECORDS, self._records(np.asarray(value)))
        dtype = _portable(value.dtype)
        return self._nested(_Form.SCALAR, [dtype.str, np.asarray(value, dtype).tobytes()])

    def _array(self, value: np.ndarray) -> msgpack.ExtType:
        if value.dtype.kind in "US":
            return self._nested(_Form.TEXTS, [list(value.shape), value.astype("U").ravel().tolist()])
        if value.dtype.kind == "O":
            return self._nested(_Form.OBJECTS, [list(value.shape), list(value.ravel())])
        if value.dtype.kind in "VmM":
            return self._nested(_Form.RECORDS, self._records(value))
        dtype = _portable(value.dtype)
        self.buffers.append(np.asarray(value, dtype).tobytes())
        return self._nested(_Form.ARRAY, [len(self.buffers) - 1, dtype.str, list(value.shape)])

    def _records(self, value: np.ndarray) -> list[Any]:
        fields = _fields(value.dtype)
        self.buffers.append(np.asarray(value, np.dtype(fields)).tobytes())
        return [len(self.buffers) - 1, fields, list(value.shape)]


class _Unpacker:
    def __init__(self, buffers: list[bytearray], unwrap: Callable[[Foreign], Any], caps: Caps) -> None:
        self.used = 0
        self._buffers = buffers
        self._unwrap = unwrap
        self._caps = caps
        self._items = 0
        self._shared: list[tuple[Any, int]] = []  # lists and dicts that stand in several places, with their heights
        self._sizes: dict[int, int] = {}  # id of one of these -> how many values it holds
        self._inside = 0  # the greatest height in what is being unpacked

    def unpack(self, data: bytes | bytearray, depth: int) -> Any:
        caps = self._caps
        try:
            value = msgpack.unpackb(
                data,
                ext_hook=lambda code, content: self._extension(code, content, depth + 1),
                strict_map_key=False,
                max_array_len=caps.items,
                max_map_len=caps.keys,
                max_ext_len=caps.header,
            )
        except (Violation, Uncrossable):
            raise
        except (ValueError, TypeError, OverflowError, RecursionError, UnicodeError, msgpack.UnpackException) as error:
            raise Violation(f"a message can't be read: {error}"[:200]) from None
        self._measure(value, depth)
        return value

    def _measure(self, value: Any, depth: int) -> None:
        """Count what is in `value`; extensions inside it were measured when they were read."""
        if depth > self._caps.depth:
            raise Violation("a message is nested too deep")
        if type(value) is msgpack.Timestamp:  # the one extension that msgpack reads by itself
            _refuse("extension")
        if type(value) is not list and type(value) is not dict:
            return
        size = self._sizes.get(id(value))
        self._items += len(value) if size is None else size
        if self._items > self._caps.items:
            raise Violation("a message holds too many values")
        if size is not None:
            return
        for child in value if isinstance(value, list) else (*value.keys(), *value.values()):
            if type(child) in (list, dict, msgpack.Timestamp):
                self._measure(child, depth + 1)

    def _extension(self, code: int, content: bytes, depth: int) -> Any:
        if depth > self._caps.depth:
            raise Violation("a message is nested too deep")
        if code == _Form.COMPLEX:
            return complex(*struct.unpack("<dd", content)) if len(content) == 16 else _refuse("complex number")
        if code == _Form.BIG_INT:
            return (
                int.from_bytes(content, "little", signed=True)
                if len(content) <= self._caps.integer
                else _refuse("number")
            )
        if code == _Form.SHARED:
            return self._share(content, depth)
        fields = self.unpack(content, depth)
        if type(fields) is not list:
            _refuse("extension")
        if code == _Form.TUPLE:
            return tuple(fields)
        if code in (_Form.SET, _Form.FROZENSET):
            if len(fields) > self._caps.keys:
                _refuse("set")
            return set(fields) if code == _Form.SET else frozenset(fields)
        return self._fixed(code, fields)

    def _share(self, content: bytes, depth: int) -> Any:
        """A list or dict that stands in several places. Where it stands it is counted, each time as a whole."""
        outer, self._inside, items = self._inside, 0, self._items
        fields = self.unpack(content, depth)
        size, self._items = self._items - items - 1, items
        match fields:
            case [int(number)] if 0 <= number < len(self._shared):
                value, height = self._shared[number]
            case [list() | dict() as value] if self._inside < _MOST_SHARED and id(value) not in self._sizes:
                height = self._inside + 1
                self._shared.append((value, height))
                self._sizes[id(value)] = size
            case _:
                return _refuse("part that is shared")
        self._inside = max(outer, height)
        return value

    def _fixed(self, code: int, fields: list[Any]) -> Any:
        """Extensions with a fixed number of fields."""
        match code, fields:
            case (_Form.OBJECT, [str(kind), content]):
                return self._unwrap(Foreign(kind, content))
            case (_Form.RANGE, [int(start), int(stop), int(step)]) if (
                step and _length(start, stop, step) <= self._caps.items
            ):
                return range(start, stop, step)
            case (_Form.ARRAY, [int(index), str(dtype), list(shape)]):
                return self._array(index, dtype, shape)
            case (_Form.SCALAR, [str(dtype), bytes(data)]) if dtype in DTYPES and len(data) == np.dtype(dtype).itemsize:
                return _array(bytearray(data), np.dtype(dtype), [])[()]
            case (_Form.TEXTS, [list(shape), list(texts)]) if all(type(text) is str for text in texts):
                _check_shape(shape, len(texts))
                if sum(map(len, texts)) and max(map(len, texts)) * len(texts) > self._caps.header:
                    _refuse("array of texts")
                return np.array(texts, dtype="U").reshape(shape)
            case (_Form.KIND, [str(name), list(parts)]):
                return self._kind(name, parts)
            case (_Form.OBJECTS, [list(shape), list(values)]):
                _check_shape(shape, len(values))
                return _objects(values).reshape(shape)
            case (_Form.RECORDS, [int(index), fields, list(shape)]):
                form = _records_dtype(fields)
                records = _array(self._buffer(index, form.itemsize), form, shape)
                return records if shape else records[()]
        return _refuse("extension")

    def _kind(self, name: str, parts: list[Any]) -> Any:
        if name in kinds.OF_KEYS and any(isinstance(part, list) and len(part) > self._caps.keys for part in parts):
            _refuse("view of a dict")
        try:
            return kinds.value(name, parts)
        except kinds.NoSuchValueError as error:
            return _refuse(f"value ({error})")

    def _array(self, index: int, dtype: str, shape: list[Any]) -> np.ndarray:
        if dtype not in DTYPES:
            _refuse("array")
        return _array(self._buffer(index, np.dtype(dtype).itemsize), np.dtype(dtype), shape)

    def _buffer(self, index: int, item: int) -> bytearray:
        # Each buffer is used once and in order, so that one buffer can't stand for a thousand arrays.
        if index != self.used or index >= len(self._buffers) or len(self._buffers[index]) % item:
            _refuse("array")
        self.used += 1
        return self._buffers[index]


def _length(start: int, stop: int, step: int) -> int:
    return max(0, -(-(stop - start) // step))  # len() fails for the longest ranges


def _array(data: bytearray, dtype: np.dtype, shape: list[Any]) -> np.ndarray:
    _check_shape(shape, len(data) // dtype.itemsize)
    made = np.frombuffer(data, dtype).reshape(shape)
    # A truth value that is neither 0 nor 1 would compare oddly.
    for part in [made] if dtype.names is None else [made[name] for name in dtype.names]:
        if part.dtype.kind == "b":
            part[...] = part.view("|u1") != 0
    return made


def _objects(values: list[Any]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):  # NumPy would make lists among them rows
        made[place] = value
    return made


def _fields(dtype: np.dtype) -> Any:
    """A data type of times, or of records, as data: a text, or a list of [name, text]."""
    if dtype.kind in "mM":
        return dtype.newbyteorder("<").str
    if dtype.names is None:
        raise Uncrossable(f"An array of type {dtype} can't be handed over; numbers and truth values can.")
    return [(name, _field(dtype[name])) for name in dtype.names]


def _field(dtype: np.dtype) -> str:
    portable = dtype.newbyteorder("<") if dtype.kind in "biufcmMU" else dtype
    if not _FIELD.fullmatch(portable.str):
        raise Uncrossable(f"Records with a field of type {dtype} can't be handed over.")
    return portable.str


def _records_dtype(fields: Any) -> np.dtype:
    """The data type that `_fields` has described."""
    match fields:
        case str(text) if _TIME.fullmatch(text):
            return np.dtype(text)
        case list(pairs) if 0 < len(pairs) <= _MOST_FIELDS and all(map(_is_field, pairs)):
            try:
                return np.dtype([(name, text) for name, text in pairs])
            except (TypeError, ValueError):
                pass
    return _refuse("type of records")


def _is_field(pair: Any) -> bool:
    match pair:
        case (str(), str(text)):
            return _FIELD.fullmatch(text) is not None
    return False


def _check_shape(shape: list[Any], size: int) -> None:
    sound = len(shape) <= 32 and all(type(length) is int and 0 <= length < 1 << 31 for length in shape)
    if not sound or math.prod(shape) != size:
        _refuse("shape")


def _portable(dtype: np.dtype) -> np.dtype:
    """The little-endian form of a data type on the list."""
    portable = dtype.newbyteorder("<") if dtype.kind in "biufc" else dtype
    if portable.str not in DTYPES:
        raise Uncrossable(f"An array of type {dtype} can't be handed over; numbers and truth values can.")
    return portable


def _refuse(what: str) -> Any:
    raise Violation(f"a message holds a bad {what}")
