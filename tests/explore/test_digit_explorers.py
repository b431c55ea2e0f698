"""PixelShuffle and ShiftTest as Python sees them: the experiment, its seed, its state."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from companion import data
from companion.background import Background, shared_bytes
from companion.explore import PixelShuffle, ShiftTest
from companion.explore.digits import models as digit_models
from companion.explore.digits import training as digit_training
from companion.explore.digits.models import Progress, Settings, Trained, permutation, shifted, shuffled
from companion.explore.digits.training import SHELF, DigitTraining

TINY = {"images": 640, "epochs": 1}
trains = pytest.mark.xdist_group("digit models")  # what one of its tests has trained, the others compare with


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    SHELF.trained = None
    yield
    SHELF.trained = None
    assert DigitTraining._at_work is None


# ------------------------------------------------------------------------------------------ arrangement


def test_a_permutation_holds_each_pixel_once_and_follows_from_its_seed() -> None:
    order = permutation(3)
    np.testing.assert_array_equal(np.sort(order), np.arange(784))
    np.testing.assert_array_equal(order, permutation(3))
    assert (order != permutation(4)).any()


def test_shuffling_is_the_same_for_every_picture_and_can_be_undone() -> None:
    images = np.random.default_rng(0).random((3, 28, 28, 1))
    order = permutation(0)
    mixed = shuffled(images, order)
    np.testing.assert_array_equal(mixed[2].ravel(), images[2].ravel()[order])
    np.testing.assert_array_equal(shuffled(mixed, np.argsort(order)), images)


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (3, 0), (-2, 0), (0, 5), (0, -1), (10, -10)])
def test_shifting_moves_and_fills_with_black(rows: int, columns: int) -> None:
    images = np.random.default_rng(0).random((2, 28, 28, 1)) + 0.1
    padded = np.pad(images, ((0, 0), (10, 10), (10, 10), (0, 0)))
    expected = padded[:, 10 - rows : 38 - rows, 10 - columns : 38 - columns]
    np.testing.assert_array_equal(shifted(images, rows, columns), expected)


@pytest.mark.slow
def test_parameters_are_as_the_lesson_says() -> None:
    assert digit_models.mlp(0).count_params() == 101_770
    assert digit_models.cnn(0).count_params() == 12_738


# ------------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize("explorer", [PixelShuffle, ShiftTest])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed must be a whole number from 0 to 9999, not -1"),
        ({"images": 60_001}, "images must be .* from 64 to 60000, not 60001"),
        ({"epochs": 1.0}, "epochs must be .* not 1.0"),
    ],
)
def test_a_wrong_number_is_named(explorer: type, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer(**arguments)


def test_a_new_seed_is_a_new_permutation_and_forgets_the_curves() -> None:
    explorer = PixelShuffle(seed=1)
    explorer.curves = {"mlp_straight": [[0, 0.1]]}
    explorer.seed = 2
    assert np.array_equal(np.frombuffer(explorer.order, "<u2"), permutation(2))
    assert explorer.curves == {}


def test_the_digits_shown_are_the_ten_digits() -> None:
    shown = np.frombuffer(PixelShuffle().digits, np.uint8).reshape(10, 28, 28)
    _, (images, labels) = data.mnist()
    assert [labels[(images == digit).all(axis=(1, 2))].tolist() for digit in shown] == [[digit] for digit in range(10)]


def test_the_shift_test_offers_as_many_of_each_digit_as_it_says() -> None:
    explorer = ShiftTest()
    labels = np.frombuffer(explorer.labels, np.uint8)
    assert np.bincount(labels).tolist() == [12] * 10
    assert len(explorer.digits) == 120 * 784


# ------------------------------------------------------------------------------------------ training


def test_showing_the_explorers_loads_no_tensorflow() -> None:
    code = """
import sys
from companion.explore import PixelShuffle, ShiftTest
print(PixelShuffle(), ShiftTest(), [name for name in ("keras", "tensorflow") if name in sys.modules])
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip().endswith("not trained yet> []")


@pytest.fixture(scope="module")
def trained() -> tuple[dict[str, float], Trained]:
    """What a training came to, and what it left on the shelf."""
    accuracy = PixelShuffle(**TINY).run()
    assert SHELF.trained
    return accuracy, SHELF.trained


@trains
@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers_whatever_runs_beside(trained) -> None:
    first, shelved = trained
    import keras

    keras.utils.set_random_seed(99)
    np.random.random(7)
    second = PixelShuffle(**TINY)
    assert second.run() == first
    assert SHELF.trained == shelved
    assert SHELF.trained is not shelved
    assert set(first) == {
        f"{model}_{arrangement}"
        for model in ("mlp", "cnn")
        for arrangement in ("straight", "shuffled", "straight_on_shuffled")
    }
    assert all(0 <= value <= 1 for value in first.values())
    assert second.curves["cnn_shuffled"][-1] == [10, first["cnn_shuffled"]]
    assert f"{first['mlp_straight']:.1%}" in repr(second)


@trains
@pytest.mark.slow
def test_the_shift_test_trains_and_leaves_the_random_numbers_of_the_notebook_alone(trained) -> None:
    _, shelved = trained
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)
    assert ShiftTest(**TINY).run() == shelved.shift, "the same seed, although two models fewer are trained"
    assert np.random.random() == expected


@trains
@pytest.mark.slow
def test_the_shift_test_takes_the_models_trained_elsewhere(trained) -> None:
    before = ShiftTest()
    with_weights: list[int] = []
    before.observe(lambda _: with_weights.append(len(before.mlp_weights) * len(before.cnn_weights)), "layers")
    PixelShuffle(**TINY)._take(trained[1])
    assert with_weights == [4 * 101_770 * 4 * 12_738], "the page reads the networks when it gets their layers"
    for explorer in (before, ShiftTest()):
        assert explorer.shift == SHELF.trained.shift
        assert len(explorer.mlp_weights) == 4 * 101_770
        assert len(explorer.cnn_weights) == 4 * 12_738
    assert len(explorer.shift["cnn"]) == 11


def ended(explorer: DigitTraining) -> Event:
    """Set when the explorer's training is over."""
    event = Event()
    explorer.observe(lambda change: change.new or event.set(), "running")
    return event


def press(explorer: DigitTraining, what: str, number: int, page: str = "a page") -> None:
    explorer._handle_custom_msg({"ask": what, "page": page, "number": number}, [])


@trains
@pytest.mark.slow
def test_in_the_background_the_result_is_the_same(trained) -> None:
    here, _ = trained
    explorer = PixelShuffle(**TINY)
    over = ended(explorer)
    told: list[dict] = []
    explorer.observe(lambda change: told.append(change.new), "guesses")
    press(explorer, "train", 1)
    job = explorer._job
    press(explorer, "train", 2)
    assert explorer._job is job, "a second press begins nothing"
    assert over.wait(1200)
    assert (explorer.note, explorer.accuracy) == ("", here)
    networks = ["mlp_straight", "mlp_shuffled", "cnn_straight", "cnn_shuffled"]
    assert list(told[0]) == networks[:1], "the first network guesses before the others are there"
    assert list(told[-1]) == list(explorer.layers) == networks
    np.testing.assert_allclose(np.sum([told[0]["mlp_straight"], told[-1]["cnn_shuffled"]], axis=2), 1, atol=0.001)
    assert np.shape(told[-1]["mlp_shuffled"]) == (11, 10), "ten digits and the learner's own"
    before, after = (np.diagonal(guesses["mlp_straight"][:10]).mean() for guesses in (told[0], told[-1]))
    assert after > before + 0.1, "they learn"
    assert len(told) >= 4 + 3 + 10, "as each network is made, at its first step, after each of the next"
    assert len(explorer.weights) == 2 * 4 * (101_770 + 12_738)


def test_the_first_batch_is_shown_until_the_training_ends() -> None:
    explorer = PixelShuffle(seed=5)
    explorer._begin()
    (images, _), _ = data.mnist()
    random = np.random.default_rng([5, 2])
    chosen = random.permutation(60_000)[:20_000]
    random.permutation(10_000)
    expected = images[chosen][random.permutation(20_000)[:64]]
    np.testing.assert_array_equal(np.frombuffer(explorer.batch, np.uint8).reshape(64, 28, 28), expected)
    explorer._finish("")
    assert explorer.batch == b""


def look_until_it_changes(watched: Any) -> Iterator[bytes]:
    before = bytes(watched)
    yield before
    while bytes(watched) == before:
        pass
    yield bytes(watched)


def test_the_process_sees_the_bytes_that_it_shares() -> None:
    seen: list[bytes] = []
    shared = shared_bytes(2)

    def take(message: bytes) -> None:
        seen.append(message)
        shared[1] = 7

    Background(look_until_it_changes, shared, on_message=take, on_end=lambda _: None)._listener.join(120)
    assert seen == [b"\0\0", b"\0\7"]


def test_the_digit_that_is_dragged_is_watched() -> None:
    explorer = ShiftTest()
    explorer.index, explorer.row, explorer.column = 7, 2, -3
    digit = np.frombuffer(explorer.digits, np.uint8).reshape(-1, 28, 28)[[7]]
    assert bytes(explorer._watched) == shifted(digit, 2, -3).tobytes()


def test_a_drawing_is_watched_in_both() -> None:
    drawn = bytes(range(256)) * 3 + bytes(16)
    shift, shuffle = ShiftTest(), PixelShuffle()
    for explorer in (shift, shuffle):
        explorer.drawing = memoryview(drawn)  # as it comes from the page
        assert explorer.drawing == drawn
        with pytest.raises(ValueError, match="A drawing has 28 x 28 bytes, not 3"):
            explorer.drawing = b"abc"
    shift.index, shift.column = 120, 1
    assert bytes(shift._watched) == shifted(np.frombuffer(drawn, np.uint8).reshape(1, 28, 28), 0, 1).tobytes()
    assert bytes(shuffle._watched) == shuffle.digits + drawn


def test_a_training_begun_anew_forgets_the_networks_of_the_one_before() -> None:
    explorer = PixelShuffle()
    explorer.guesses, explorer.weights, explorer.layers = {"mlp_straight": [[0.1] * 10] * 10}, b"1234", {"mlp": []}
    explorer._begin()
    assert (explorer.guesses, explorer.weights, explorer.layers) == ({}, b"", {})
    explorer._finish("")


def test_stopped_by_the_learner() -> None:
    explorer = PixelShuffle()
    press(explorer, "train", 1)
    assert explorer.running
    press(explorer, "stop", 2)
    assert not explorer.running
    assert explorer.note == "Stopped."
    press(explorer, "train", 1)
    assert not explorer.running, "a request that waited for a cell, and was repeated meanwhile"
    press(explorer, "train", 1, "another page")
    assert explorer.running
    explorer.stop()


def test_one_explorer_at_a_time_trains() -> None:
    first, other = PixelShuffle(), ShiftTest()
    first.start()
    other.start()
    assert not first.running
    assert first.note == "Stopped: another explorer began to train."
    ShiftTest()
    assert not other.running
    assert other.note == "Stopped: this explorer was made anew."
    first.start()
    first.close()
    assert not first.running


def test_an_explorer_that_is_thrown_away_waits_for_no_lock() -> None:
    with DigitTraining._one_at_a_time:  # as a thread does that begins a training
        closing = Thread(target=PixelShuffle().close, daemon=True)
        closing.start()
        closing.join(60)
        assert not closing.is_alive()


def test_a_process_that_is_killed_is_explained() -> None:
    explorer = PixelShuffle()
    over = ended(explorer)
    explorer.start()
    os.kill(explorer._job._process.pid, signal.SIGKILL)
    assert over.wait(1200)
    assert "its process ended early (exit code -9)" in explorer.note


@pytest.mark.slow
def test_what_the_process_cannot_do_is_explained() -> None:
    explorer = PixelShuffle()
    over = ended(explorer)
    explorer._settings = Settings(arrangements=("crooked",))
    explorer.start()
    assert over.wait(1200)
    assert explorer.note == "The training failed: KeyError: 'crooked'."


# ------------------------------------------------------------------------------------------ after a stop


def three_numbers() -> Iterator[int]:
    yield from range(3)


def three_reports(_: Settings, __: Any) -> Iterator[Progress]:
    """Stands in for a training, which a test need not wait for."""
    for step in (1, 2, 3):
        yield Progress(step, 3, accuracy={"mlp_straight": step / 10})


def test_what_the_process_has_sent_already_is_not_delivered_after_a_stop() -> None:
    delivered: list[object] = []
    begun = Event()

    def stop_at_the_first(message: object) -> None:
        delivered.append(message)
        assert begun.wait(60)
        job._process.join()  # the other two wait in the pipe
        job.stop()

    job = Background(three_numbers, on_message=stop_at_the_first, on_end=delivered.append)
    begun.set()
    job._listener.join(60)
    assert delivered == [0]


def test_a_stop_waits_until_what_is_being_delivered_has_arrived() -> None:
    happened: list[str] = []
    begun, go_on = Event(), Event()

    def deliver(_: object) -> None:
        begun.set()
        assert go_on.wait(60)
        happened.append("delivered")

    def stop() -> None:
        job.stop()
        happened.append("stopped")

    job = Background(three_numbers, on_message=deliver, on_end=lambda _: None)
    assert begun.wait(60)
    stopping = Thread(target=stop)
    stopping.start()
    stopping.join(0.5)  # returns early if the stop does not wait
    go_on.set()
    stopping.join(60)
    assert happened == ["delivered", "stopped"]


def test_a_training_begun_anew_gets_no_points_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digit_training, "train", three_reports)
    explorer = PixelShuffle()
    begun, go_on = Event(), Event()

    def hold_up(_: object) -> None:
        begun.set()
        assert go_on.wait(60)

    def begin_anew() -> None:
        explorer.stop()
        explorer.start()

    explorer.observe(hold_up, "step")
    explorer.start()
    assert begun.wait(60)
    beginning = Thread(target=begin_anew)
    beginning.start()
    beginning.join(0.5)
    go_on.set()
    beginning.join(60)
    explorer._job._listener.join(60)
    assert explorer.curves == {"mlp_straight": [[1, 0.1], [2, 0.2], [3, 0.3]]}
    assert (explorer.running, explorer.note) == (False, "")
