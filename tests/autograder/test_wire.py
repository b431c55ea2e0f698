"""What crosses between processes: everything plain comes out as it went in, and nothing else comes out at all."""

import collections
import contextlib
import datetime
import decimal
import fractions
import pathlib
import pickle
import socket
import struct
import threading
import types
import uuid
import zoneinfo

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from autograder.wire import frames, kinds

SMALL = frames.Caps(header=1000, frame=2000, total=5000, buffers=3, items=50, keys=10, depth=5)


def unframe(frame: bytes) -> tuple[bytes, list[bytearray]]:
    size, count = struct.unpack("<II", frame[:8])
    header, place, buffers = frame[8 : 8 + size], 8 + size, []
    for _ in range(count):
        (length,) = struct.unpack("<Q", frame[place : place + 8])
        buffers.append(bytearray(frame[place + 8 : place + 8 + length]))
        place += 8 + length
    return header, buffers


def there_and_back(value):
    return frames.unpack(*unframe(frames.pack(value)))


def unpack(message, buffers=(), caps=SMALL):
    return frames.unpack(msgpack.packb(message), [bytearray(part) for part in buffers], caps=caps)


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


def _tables():
    frame = pd.DataFrame(
        {"n": [1, 2], "text": ["x", None], "part": [1.5, np.nan], "day": pd.to_datetime(["2020-01-01", "2021-05-06"])},
        index=["r", "s"],
    )
    every = frame.assign(
        kind=pd.Categorical(["u", "v"], ordered=True),
        gap=pd.array([1, None], dtype="Int64"),
        truth=pd.array([True, None], dtype="boolean"),
        word=pd.array(["q", None], dtype="string"),
        zone=pd.to_datetime(["2020-01-01", "2021-01-01"]).tz_localize("Europe/Berlin"),
        time=pd.to_timedelta([1, 2], unit="h"),
        thing=[[1], {"a": 2}],
    )
    empty = [pd.DataFrame(), pd.DataFrame(index=[1, 2]), pd.DataFrame(columns=["a"])]
    return [frame, frame.T, every, frame.set_index(["n", "text"]), pd.DataFrame([[1, 2]], columns=["x", "x"]), *empty]


def test_tables_arrive_as_they_were():
    for frame in _tables():
        pd.testing.assert_frame_equal(there_and_back(frame), frame)
        for name in frame.columns.unique():
            if isinstance(frame[name], pd.Series):
                pd.testing.assert_series_equal(there_and_back(frame[name]), frame[name])
    levels = pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"])
    for index in (pd.RangeIndex(3), pd.date_range("2020", periods=3), levels, pd.Index([1, 2], name="q")):
        pd.testing.assert_index_equal(there_and_back(index), index, check_freq=True)


def test_sparse_arrays_and_times_of_pandas_arrive_as_they_were():
    for matrix in (sparse.csr_matrix([[0, 1], [2, 0]]), sparse.csr_array([[0, 1]]), sparse.csc_array([[1.5, 0]])):
        arrived = there_and_back(matrix)
        assert type(arrived) is type(matrix)
        assert (arrived != matrix).nnz == 0
    for value in (pd.Timestamp("2020-01-01 12:00", tz="Europe/Berlin"), pd.Timedelta("1h"), pd.NaT, pd.NA):
        assert repr(there_and_back(value)) == repr(value)


Pair = collections.namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "value",
    [
        collections.Counter("aab"),
        collections.OrderedDict(b=1, a=[2]),
        collections.defaultdict(list, {1: [2]}),
        collections.deque([1, 2], 5),
        datetime.date(2020, 1, 2),
        datetime.time(1, 2, 3, 4, fold=1),
        datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC),
        datetime.datetime(2020, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        datetime.timedelta(1, 2, 3),
        decimal.Decimal("1.10"),
        fractions.Fraction(1, 3),
        uuid.UUID(int=4),
        pathlib.PurePosixPath("a/b.c"),
        slice(1, None, 2),
        types.SimpleNamespace(a=1, b=[2]),
        int,
        np.float32,
        np.dtype("<f4"),
        ...,
        np.datetime64("2020-01-01"),
        np.timedelta64(3, "s"),
    ],
    ids=repr,
)
def test_values_of_pythons_own_classes_arrive_as_they_were(value):
    arrived = there_and_back(value)
    assert type(arrived) is type(value)
    assert arrived == value
    assert repr(arrived) == repr(value)


def test_views_records_and_named_tuples_arrive_as_they_were():
    known = {"a": 1, "b": [2]}
    assert there_and_back(known.keys()) == known.keys()
    assert list(there_and_back(known.values())) == [1, [2]]
    assert there_and_back({"a": 1}.items()) == {"a": 1}.items()
    pair = there_and_back(Pair(1, [2]))
    assert (pair, pair.a, pair.b, type(pair).__name__) == (Pair(1, [2]), 1, [2], "Pair")
    records = np.array([(1, "x", 0.5)], dtype=[("n", int), ("text", "U3"), ("part", float)])
    np.testing.assert_array_equal(there_and_back(records), records)
    assert there_and_back(records[0])["text"] == "x"
    days = np.array([["2020-01-01", "NaT"]], dtype="datetime64[D]")
    np.testing.assert_array_equal(there_and_back(days), days)
    jagged = there_and_back(np.array([[1], [2, 3]], dtype=object))
    assert (jagged.dtype, jagged.tolist()) == (np.dtype(object), [[1], [2, 3]])
    masked = there_and_back(np.ma.masked_array([1, 2], mask=[0, 1]))
    assert (masked.sum(), masked.mask.tolist()) == (1, [False, True])
    assert there_and_back(pathlib.Path("a") / "b") == pathlib.Path("a/b")


@given(st.sampled_from(sorted(kinds._MAKERS)), st.lists(plain, max_size=4))
@settings(max_examples=300)
def test_any_content_of_a_kind_is_a_value_or_a_violation(name, content):
    with contextlib.suppress(frames.Violation, frames.Uncrossable):
        frames.unpack(*unframe(frames.pack(msgpack.ExtType(11, frames.pack([name, content])[8:]))))


@pytest.mark.parametrize("dtype", [*frames.DTYPES, ">f4", ">i8"])
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
    [object(), len, np.array([object()]), loop, 1 << 100_000, "\ud800"],
    ids=["object", "function", "objects", "loop", "number", "surrogate"],
)
def test_what_is_not_plain_does_not_leave(value):
    with pytest.raises(frames.Uncrossable):
        frames.pack(value)


@given(st.binary(max_size=300), st.lists(st.binary(max_size=40), max_size=3))
@settings(max_examples=300)
def test_any_bytes_are_a_message_or_a_violation(header, buffers):
    with contextlib.suppress(frames.Violation):
        frames.unpack(header, [bytearray(part) for part in buffers], caps=SMALL)


@given(plain, st.data())
@settings(max_examples=150)
def test_a_damaged_message_is_a_message_or_a_violation(value, data):
    header = bytearray(unframe(frames.pack([value, np.arange(3.0)]))[0])
    place = data.draw(st.integers(0, len(header) - 1))
    header[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(frames.Violation):
        frames.unpack(header, [bytearray(24)])


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
    with pytest.raises(frames.Violation):
        unpack(message, buffers)


@pytest.mark.parametrize(
    "value",
    [
        [0] * 60,
        [[0] * 30, [0] * 30],
        [[[[[[[0]]]]]]],
        ((((((0,),),),),),),
        {n: n for n in range(11)},
        {n: n for n in range(11)}.keys(),
        collections.Counter(range(11)),
        set(range(11)),
        frozenset(range(11)),
        decimal.Decimal("1" * 6000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_receiver_would_refuse_is_not_sent(value):
    with pytest.raises(frames.Uncrossable):
        frames.pack(value, caps=SMALL)


@given(plain)
def test_what_is_sent_is_received(value):
    with contextlib.suppress(frames.Uncrossable):
        frames.unpack(*unframe(frames.pack(value, caps=SMALL)), caps=SMALL)


def test_what_stands_in_several_places_is_one_object_there_too():
    row, empty = [0, 0], []
    inner = {"row": row}
    came = there_and_back({"grid": [row, row, [0, 0]], "pair": (row, inner), "inner": inner, "none": [empty, empty]})
    grid, pair = came["grid"], came["pair"]
    assert came == {"grid": [[0, 0]] * 3, "pair": ([0, 0], {"row": [0, 0]}), "inner": {"row": [0, 0]}, "none": [[], []]}
    assert grid[0] is grid[1] is pair[0] is came["inner"]["row"]
    assert pair[1] is came["inner"]
    assert came["none"][0] is came["none"][1]
    assert grid[2] is not grid[0]


@given(st.lists(plain, min_size=1, max_size=4), st.data())
def test_any_sharing_arrives_as_it_was_or_does_not_leave(parts, data):
    made = list(parts)
    for _ in range(data.draw(st.integers(0, 6))):
        chosen = data.draw(st.lists(st.sampled_from(range(len(made))), max_size=3))
        kind = data.draw(st.sampled_from([list, tuple, lambda them: dict(enumerate(them))]))
        made.append(kind([made[n] for n in chosen]))
    caps = data.draw(st.sampled_from([SMALL, frames.Caps()]))
    with contextlib.suppress(frames.Uncrossable):
        came = frames.unpack(*unframe(frames.pack(made, caps=caps)), caps=caps)
        assert came == made
        lists = [n for n, value in enumerate(made) if type(value) in (list, dict)]
        assert [[came[m] is came[n] for m in lists] for n in lists] == [
            [made[m] is made[n] for m in lists] for n in lists
        ]


def test_sharing_can_not_make_a_little_much_or_deep():
    much = [0] * 10
    for _ in range(9):
        much = [much] * 10
    with pytest.raises(frames.Uncrossable):
        frames.pack(much)
    deep = []
    for _ in range(12):
        deep = [deep, (deep,)]
    with pytest.raises(frames.Uncrossable):
        frames.pack(deep)
    ten = msgpack.packb([[extension(14, [0] * 9), *[extension(14, 0)] * 4]])
    with pytest.raises(frames.Violation, match="too many values"):
        frames.unpack(ten, [], caps=SMALL)


@pytest.mark.parametrize("fields", [[0], [-1], [[1], [2]], ["a"], [], [None]])
def test_what_is_shared_is_a_list_a_dict_or_one_that_was_there(fields):
    with pytest.raises(frames.Violation):
        unpack([extension(14, *fields)])


def test_a_truth_value_is_0_or_1():
    arrived = unpack(extension(7, 0, "|b1", [3]), [bytes([0, 1, 2])])
    assert arrived.view(np.uint8).tolist() == [0, 1, 1]
    records = unpack(extension(13, 0, [["n", "|u1"], ["ok", "|b1"]], [2]), [bytes([5, 2, 6, 0])])
    assert records.view(np.uint8).tolist() == [5, 1, 6, 0]


def exchange(data: bytes, caps: frames.Caps, seconds: float = 300.0):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=lambda: (theirs.sendall(data), theirs.shutdown(socket.SHUT_WR)))
        sender.start()
        try:
            return frames.Channel(ours, caps=caps).receive(seconds)
        finally:
            sender.join()


def test_channels_hold_to_the_caps_before_they_read():
    assert exchange(frames.pack([1, np.arange(3)]), SMALL)[0] == 1
    for data in (
        struct.pack("<II", 1 << 30, 0),
        struct.pack("<II", 1, 1 << 30),
        struct.pack("<II", 1, 1) + b"\xc0" + struct.pack("<Q", 1 << 60),
    ):
        with pytest.raises(frames.Violation, match="too large"):
            exchange(data, SMALL)
    with pytest.raises(frames.Closed):
        exchange(b"\x01", SMALL)


def test_a_session_has_a_total():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = frames.Channel(ours, caps=SMALL)
        frame = frames.pack(bytes(900))
        for _ in range(5):
            theirs.sendall(frame)
            channel.receive(300)
        theirs.sendall(frame)
        with pytest.raises(frames.Violation, match="session"):
            channel.receive(300)


def test_a_silent_sender_is_waited_for_no_longer_than_asked():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\x01")
        with pytest.raises(TimeoutError):
            frames.Channel(ours).receive(0.05)


def test_objects_cross_only_by_agreement():
    class Thing:
        pass

    frame = frames.pack([Thing()], lambda value: frames.Foreign("thing", 7) if isinstance(value, Thing) else None)
    assert frames.unpack(*unframe(frame), unwrap=lambda foreign: (foreign.kind, foreign.content)) == [("thing", 7)]
