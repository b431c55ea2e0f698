"""TensorFlow's start-up notes stay out of notebooks, and nothing else does."""

import os
import subprocess
import sys

import pytest

from companion.quiet import held_back_stderr


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_importing_keras_and_using_it_prints_nothing():
    done = run("import companion, keras, numpy; keras.layers.Conv2D(1, 3)(numpy.ones((1, 5, 5, 1))); print('made')")
    assert done.stdout == "made\n"
    assert done.stderr == ""


def test_a_failing_import_prints_what_was_held_back(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import os; os.write(2, b'the reason'); raise ImportError('no tensor')")
    done = run(f"import sys, companion; sys.path.insert(0, {str(tmp_path)!r}); import tensorflow")
    assert "the reason" in done.stderr
    assert "ImportError: no tensor" in done.stderr


def test_the_error_stream_works_again_afterwards(capfd: pytest.CaptureFixture[str]):
    with held_back_stderr():
        os.write(2, b"held\n")
    os.write(2, b"shown\n")
    assert capfd.readouterr().err == "shown\n"


@pytest.mark.slow
def test_training_several_models_prints_nothing():
    done = run("""
import companion, keras, numpy
for units in range(1, 8):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(numpy.ones((4, 2)), numpy.ones(4), verbose=0)
    model.predict(numpy.ones((4, 2)), verbose=0)
""")
    assert done.stderr == ""


@pytest.mark.slow
def test_other_notes_of_tensorflow_are_printed():
    done = run("import companion, tensorflow; tensorflow.get_logger().warning('something else')")
    assert "something else" in done.stderr
