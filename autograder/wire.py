"""How values cross between a student's process and the grader's: as plain data, by copy, within limits.

A frame is two lengths, a msgpack header and raw buffers. The header holds Python's plain values; what msgpack has no
form for is one of the extensions below, and the numbers of an array lie in a buffer, under a data type from a list.
Nothing here can carry code. Any frame that breaks a rule raises Violation, and the session with its sender is over.
"""

import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgpack
import numpy as np

DTYPES = tuple(np.dtype(code).newbyteorder("<").str for code in "?bBhHiIqQefdFD")

_COMPLEX, _BIG_INT, _TUPLE, _SET, _FROZENSET, _RANGE, _ARRAY, _SCALAR, _TEXTS, _OBJECT = range(1, 11)
_AHEAD = 16 << 10  # bytes that are read at once: most messages are smaller
_PREFIX = struct.Struct("<II")
_LENGTH = struct.Struct("<Q")


class Violation(Exception):  # noqa: N818 - the sender's fault, not an error of this program
    """The other side sent something that is no message of ours."""


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
        size, count = _PREFIX.unpack(self._read(_PREFIX.size, deadline))
        if size > self.caps.header or count > self.caps.buffers:
            raise Violation("a message is too large")
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
    packer = _Packer(wrap, caps)
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


class _Packer:
    def __init__(self, wrap: Callable[[Any], Foreign | None], caps: Caps) -> None:
        self.buffers: list[bytes] = []
        self._wrap = wrap
        self._caps = caps
        self._depth = 0

    def pack(self, value: Any) -> bytes:
        self._depth += 1
        if self._depth > self._caps.depth:
            raise Uncrossable("The value is nested too deep to hand over.")
        try:
            return msgpack.packb(value, default=self._extend, strict_types=True)
        except (ValueError, OverflowError, RecursionError, UnicodeError) as error:
            raise Uncrossable(f"The value can't be handed over: {error}"[:200]) from None
        finally:
            self._depth -= 1

    def _extend(self, value: Any) -> Any:  # noqa: PLR0912 - one line for each kind of value
        foreign = self._wrap(value)
        if foreign is not None:
            return self._nested(_OBJECT, [foreign.kind, foreign.content])
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
                return msgpack.ExtType(_COMPLEX, struct.pack("<dd", value.real, value.imag))
            case str():
                return str.__str__(value)
            case bytes() | bytearray():
                return bytes(value)
            case tuple():
                return self._nested(_TUPLE, list(value))
            case list():
                return list(value)
            case dict():
                return dict(value)
            case set():
                return self._nested(_SET, list(value))
            case frozenset():
                return self._nested(_FROZENSET, list(value))
            case range():
                # Short on the wire, but endless for a test that makes a list of it.
                if _length(value.start, value.stop, value.step) > self._caps.items:
                    raise Uncrossable("The range is too long to hand over.")
                return self._nested(_RANGE, [value.start, value.stop, value.step])
        raise Uncrossable(f"A value of type {type(value).__name__} can't be handed over: it is no plain data.")

    def _nested(self, code: int, content: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, self.pack(content))

    def _integer(self, value: int) -> Any:
        if -(1 << 63) <= value < 1 << 64:
            return value
        size = value.bit_length() // 8 + 1
        if size > self._caps.integer:
            raise Uncrossable("The number has too many digits to hand over.")
        return msgpack.ExtType(_BIG_INT, value.to_bytes(size, "little", signed=True))

    def _numpy_scalar(self, value: np.generic) -> Any:
        if isinstance(value, str | bytes):
            return str(value) if isinstance(value, str) else bytes(value)
        dtype = _portable(value.dtype)
        return self._nested(_SCALAR, [dtype.str, np.asarray(value, dtype).tobytes()])

    def _array(self, value: np.ndarray) -> msgpack.ExtType:
        if value.dtype.kind in "US":
            return self._nested(_TEXTS, [list(value.shape), value.astype("U").ravel().tolist()])
        dtype = _portable(value.dtype)
        self.buffers.append(np.asarray(value, dtype).tobytes())
        return self._nested(_ARRAY, [len(self.buffers) - 1, dtype.str, list(value.shape)])


class _Unpacker:
    def __init__(self, buffers: list[bytearray], unwrap: Callable[[Foreign], Any], caps: Caps) -> None:
        self.used = 0
        self._buffers = buffers
        self._unwrap = unwrap
        self._caps = caps
        self._items = 0

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
        self._items += len(value)
        if self._items > self._caps.items:
            raise Violation("a message holds too many values")
        for child in value if isinstance(value, list) else (*value.keys(), *value.values()):
            if type(child) in (list, dict, msgpack.Timestamp):
                self._measure(child, depth + 1)

    def _extension(self, code: int, content: bytes, depth: int) -> Any:
        if depth > self._caps.depth:
            raise Violation("a message is nested too deep")
        if code == _COMPLEX:
            return complex(*struct.unpack("<dd", content)) if len(content) == 16 else _refuse("complex number")
        if code == _BIG_INT:
            return (
                int.from_bytes(content, "little", signed=True)
                if len(content) <= self._caps.integer
                else _refuse("number")
            )
        fields = self.unpack(content, depth)
        if type(fields) is not list:
            _refuse("extension")
        if code == _TUPLE:
            return tuple(fields)
        if code in (_SET, _FROZENSET):
            if len(fields) > self._caps.keys:
                _refuse("set")
            return set(fields) if code == _SET else frozenset(fields)
        return self._fixed(code, fields)

    def _fixed(self, code: int, fields: list[Any]) -> Any:
        """Extensions with a fixed number of fields."""
        match code, fields:
            case (10, [str(kind), content]):
                return self._unwrap(Foreign(kind, content))
            case (6, [int(start), int(stop), int(step)]) if step and _length(start, stop, step) <= self._caps.items:
                return range(start, stop, step)
            case (7, [int(index), str(dtype), list(shape)]):
                return self._array(index, dtype, shape)
            case (8, [str(dtype), bytes(data)]) if dtype in DTYPES and len(data) == np.dtype(dtype).itemsize:
                return _array(bytearray(data), dtype, ())[()]
            case (9, [list(shape), list(texts)]) if all(type(text) is str for text in texts):
                _check_shape(shape, len(texts))
                if sum(map(len, texts)) and max(map(len, texts)) * len(texts) > self._caps.header:
                    _refuse("array of texts")
                return np.array(texts, dtype="U").reshape(shape)
        return _refuse("extension")

    def _array(self, index: int, dtype: str, shape: list[Any]) -> np.ndarray:
        # Each buffer is used once and in order, so that one buffer can't stand for a thousand arrays.
        if index != self.used or index >= len(self._buffers) or dtype not in DTYPES:
            _refuse("array")
        self.used += 1
        data = self._buffers[index]
        size, rest = divmod(len(data), np.dtype(dtype).itemsize)
        if rest:
            _refuse("array")
        _check_shape(shape, size)
        return _array(data, dtype, tuple(shape))


def _length(start: int, stop: int, step: int) -> int:
    return max(0, -(-(stop - start) // step))  # len() fails for the longest ranges


def _array(data: bytearray, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    if dtype == "|b1":  # a truth value that is neither 0 nor 1 would compare oddly
        return (np.frombuffer(data, "|u1") != 0).reshape(shape)
    return np.frombuffer(data, dtype).reshape(shape)


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
