"""What crosses between processes: everything plain comes out as it went in, and nothing else comes out at all."""

import contextlib
import pickle
import socket
import struct
import threading

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import wire

SMALL = wire.Caps(header=1000, frame=2000, total=5000, buffers=3, items=50, keys=10, depth=5)


def unframe(frame: bytes) -> tuple[bytes, list[bytearray]]:
    size, count = struct.unpack("<II", frame[:8])
    header, place, buffers = frame[8 : 8 + size], 8 + size, []
    for _ in range(count):
        (length,) = struct.unpack("<Q", frame[place : place + 8])
        buffers.append(bytearray(frame[place + 8 : place + 8 + length]))
        place += 8 + length
    return header, buffers


def there_and_back(value):
    return wire.unpack(*unframe(wire.pack(value)))


def unpack(message, buffers=(), caps=SMALL):
    return wire.unpack(msgpack.packb(message), [bytearray(part) for part in buffers], caps=caps)


def extension(code, *fields):
    return msgpack.ExtType(code, msgpack.packb(list(fields)))


keys = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.floats(allow_nan=False))
plain = st.recursive(
    st.one_of(keys, st.floats(allow_nan=False), st.complex_numbers(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner, inner), st.dictionaries(keys, inner), st.sets(keys), st.frozensets(keys)
    ),
    max_leaves=20,
)


@given(plain)
@settings(max_examples=150)
def test_plain_values_arrive_as_they_were(value):
    arrived = there_and_back(value)
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("dtype", [*wire.DTYPES, ">f4", ">i8"])
def test_arrays_and_scalars_keep_type_and_shape(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    arrived = there_and_back([array, array[0, 1], np.zeros((0, 3), dtype)])
    assert arrived[0].dtype == array.dtype.newbyteorder("=")
    assert arrived[2].shape == (0, 3)
    np.testing.assert_array_equal(arrived[0], array)
    assert type(arrived[1]) is array.dtype.newbyteorder("=").type
    assert arrived[1] == array[0, 1]
    arrived[0][0] = 1  # a copy that may be written to


def test_texts_ranges_and_big_numbers():
    for value in (range(1, 9, 2), 2**70, -(2**70)):
        assert there_and_back(value) == value
    np.testing.assert_array_equal(there_and_back(np.array([["a"], ["bc"]])), [["a"], ["bc"]])


def test_subclasses_arrive_as_the_plain_type():
    class Mine(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    assert there_and_back([Mine(3)]) == [3]
    assert type(there_and_back(Mine(3))) is int


loop: list = []
loop.append(loop)


@pytest.mark.parametrize(
    "value",
    [object(), len, np.array([object()]), loop, 1 << 100_000, "\ud800", np.datetime64("now")],
    ids=["object", "function", "objects", "loop", "number", "surrogate", "date"],
)
def test_what_is_not_plain_does_not_leave(value):
    with pytest.raises(wire.Uncrossable):
        wire.pack(value)


@given(st.binary(max_size=300), st.lists(st.binary(max_size=40), max_size=3))
@settings(max_examples=300)
def test_any_bytes_are_a_message_or_a_violation(header, buffers):
    with contextlib.suppress(wire.Violation):
        wire.unpack(header, [bytearray(part) for part in buffers], caps=SMALL)


@given(plain, st.data())
@settings(max_examples=150)
def test_a_damaged_message_is_a_message_or_a_violation(value, data):
    header = bytearray(unframe(wire.pack([value, np.arange(3.0)]))[0])
    place = data.draw(st.integers(0, len(header) - 1))
    header[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(wire.Violation):
        wire.unpack(header, [bytearray(24)])


@pytest.mark.parametrize(
    ("message", "buffers"),
    [
        (extension(7, 0, "<f8", [2]), [b"x" * 8]),  # not as long as its shape says
        (extension(7, 0, "<f8", [-1]), [b""]),
        (extension(7, 0, "<f8", [1 << 40, 0]), [b""]),
        (extension(7, 0, "|O8", [1]), [b"x" * 8]),
        (extension(7, 1, "<f8", [1]), [b"x" * 8, b"x" * 8]),  # out of order
        ([extension(7, 0, "<f8", [1]), extension(7, 0, "<f8", [1])], [b"x" * 8]),  # used twice
        (1, [b"unused"]),
        (extension(8, "|V8", b"x" * 8), []),
        (extension(9, [3], ["a"]), []),
        (extension(6, 0, 1, 0), []),
        (extension(99, 1), []),
        (extension(10, 5, 1), []),
        (msgpack.ExtType(1, b"short"), []),
        ([0] * 51, []),
        ({str(n): n for n in range(11)}, []),
        (extension(4, *range(11)), []),
        ([[[[[[[]]]]]]], []),
        (msgpack.Timestamp(0), []),
        (pickle.dumps(print), [b"unused"]),
    ],
)
def test_each_rule_has_its_violation(message, buffers):
    with pytest.raises(wire.Violation):
        unpack(message, buffers)


def test_a_truth_value_is_0_or_1():
    arrived = unpack(extension(7, 0, "|b1", [3]), [bytes([0, 1, 2])])
    assert arrived.view(np.uint8).tolist() == [0, 1, 1]


def exchange(data: bytes, caps: wire.Caps, seconds: float = 300.0):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=lambda: (theirs.sendall(data), theirs.shutdown(socket.SHUT_WR)))
        sender.start()
        try:
            return wire.Channel(ours, caps=caps).receive(seconds)
        finally:
            sender.join()


def test_channels_hold_to_the_caps_before_they_read():
    assert exchange(wire.pack([1, np.arange(3)]), SMALL)[0] == 1
    for data in (
        struct.pack("<II", 1 << 30, 0),
        struct.pack("<II", 1, 1 << 30),
        struct.pack("<II", 1, 1) + b"\xc0" + struct.pack("<Q", 1 << 60),
    ):
        with pytest.raises(wire.Violation, match="too large"):
            exchange(data, SMALL)
    with pytest.raises(wire.Closed):
        exchange(b"\x01", SMALL)


def test_a_session_has_a_total():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = wire.Channel(ours, caps=SMALL)
        frame = wire.pack(bytes(900))
        for _ in range(5):
            theirs.sendall(frame)
            channel.receive(300)
        theirs.sendall(frame)
        with pytest.raises(wire.Violation, match="session"):
            channel.receive(300)


def test_a_silent_sender_is_waited_for_no_longer_than_asked():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\x01")
        with pytest.raises(TimeoutError):
            wire.Channel(ours).receive(0.05)


def test_objects_cross_only_by_agreement():
    class Thing:
        pass

    frame = wire.pack([Thing()], lambda value: wire.Foreign("thing", 7) if isinstance(value, Thing) else None)
    assert wire.unpack(*unframe(frame), unwrap=lambda foreign: (foreign.kind, foreign.content)) == [("thing", 7)]
