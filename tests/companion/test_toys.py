"""The toy networks: what they are fed with and how their answers are read; they are trained once each, on little."""

import numpy as np
import pytest

from companion import data, toys

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("toys")]  # they train networks, and share one


def probabilities(*classes: tuple[int, float]) -> np.ndarray:
    """Windows whose likeliest class is given with its probability; the rest is spread evenly."""
    rows = np.empty((len(classes), 11))
    for row, (winner, probability) in zip(rows, classes, strict=True):
        row[:] = (1 - probability) / 10
        row[winner] = probability
    return rows


NONE = (toys.NO_DIGIT, 0.9)


def test_each_run_of_windows_gives_the_digit_of_its_surest_window() -> None:
    assert toys.digits_of(probabilities(NONE, (4, 0.8), (4, 0.6), NONE, (0, 0.5), (7, 0.6), NONE)) == "47"
    assert toys.digits_of(probabilities((3, 0.9), NONE, (3, 0.9))) == "33"
    assert toys.digits_of(probabilities(NONE, NONE)) == ""
    assert toys.digits_of(np.empty((0, 11))) == ""


def test_windows_lie_four_pixels_apart() -> None:
    picture = np.arange(28 * 40).reshape(28, 40)
    windows = toys.windows_of(picture)
    assert windows.shape == (1, 4, 28, 28)
    np.testing.assert_array_equal(windows[0, 2], picture[:, 8:36])
    with pytest.raises(ValueError, match="No window of 28 x 28 pixels fits"):
        toys.windows_of(picture[:20])


def test_a_number_picture_holds_its_digits_and_repeats_by_seed() -> None:
    picture, number = toys.number_picture(digits=5, seed=3)
    again, same = toys.number_picture(digits=5, seed=3)
    assert (picture.shape, picture.dtype, len(number)) == ((28, 140), np.uint8, 5)
    assert number == same
    np.testing.assert_array_equal(picture, again)
    assert number.isdigit()
    assert picture.max() == 255
    pictures = [toys.number_picture(digits=5, seed=seed)[0] for seed in range(300)]
    assert {shown.shape for shown in pictures} == {(28, 140)}  # the widest gaps and latest starts fit as well


def test_half_the_windows_hold_their_digit_in_the_middle() -> None:
    (images, labels), _ = data.mnist()
    windows, classes = toys._digit_windows(images[:500], labels[:500], 400, np.random.default_rng(0))
    assert (windows.shape, windows.dtype) == ((400, 28, 28, 1), np.float32)
    assert windows.max() <= 1
    assert 0.4 < (classes == toys.NO_DIGIT).mean() < 0.6
    assert set(classes) == set(range(11))


def test_the_reader_knows_digits_and_reads_most_numbers(reader) -> None:
    _, (images, labels) = data.mnist()
    outputs = reader.predict(images[:2000, ..., np.newaxis] / np.float32(255), verbose=0)
    assert (outputs.argmax(axis=1) == labels[:2000]).mean() > 0.93
    numbers = [toys.number_picture(seed=seed) for seed in range(60)]
    assert np.mean([toys.read_number(reader, picture)[0] == number for picture, number in numbers]) > 0.6
    blank, windows = toys.read_number(reader, np.zeros((28, 140), dtype=np.uint8))
    assert blank == ""
    assert windows.shape == (29, 11)
    np.testing.assert_allclose(windows.sum(axis=1), 1, rtol=1e-5)


def test_the_texture_reader_decides_for_every_pixel_that_has_a_window() -> None:
    model = toys.texture_reader()
    windows, classes = toys.texture_windows(500)
    assert (np.asarray(model(windows)).argmax(axis=-1).ravel() == classes).mean() > 0.8
    scene, truth = toys.texture_scene()
    decided = toys.segment(model, scene)
    inside = decided >= 0
    assert (scene.shape, decided.shape) == ((256, 256), (256, 256))
    assert inside[14:242, 14:242].all()
    assert not inside[:14].any()
    assert (decided == truth)[inside].mean() > 0.7
    # The block of a window lies in the window's middle.
    row = np.asarray(model(scene[np.newaxis, :32, :32, np.newaxis] / np.float32(255)))
    assert (decided[14:18, 14:18] == row.argmax()).all()


def test_training_and_test_windows_come_from_different_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.zeros((512, 512), dtype=np.uint8)
    photo[:, 256:] = 255
    monkeypatch.setattr(data, "picture", lambda name, size: photo)
    assert toys.texture_windows(50, test=False)[0].max() == 0
    assert toys.texture_windows(50, test=True)[0].min() == 1


def test_near_border_reaches_in_four_directions() -> None:
    classes = np.zeros((9, 9), dtype=int)
    classes[4, 4] = 1
    near = toys.near_border(classes, 2)
    assert near[4, 2:7].all()
    assert near[2:7, 4].all()
    assert near.sum() == 9
    assert not toys.near_border(np.zeros((4, 4), dtype=int), 2).any()


def test_the_face_detector_passes_its_test_and_sees_faces_in_grass() -> None:
    model, accuracy = toys.face_detector()
    assert accuracy > 0.85
    assert toys.false_alarms(model, data.picture("grass")) > 0.5
    assert 0 <= toys.false_alarms(model, data.picture("rocket")) < 0.5


def test_the_same_seed_gives_the_same_network_whatever_ran_before() -> None:
    import keras

    found = []
    for earlier in (1, 2):
        keras.utils.set_random_seed(earlier)
        keras.layers.Dense(3)
        model, _ = toys.face_detector(seed=5)
        found.append(np.concatenate([weights.ravel() for weights in model.get_weights()]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3, atol=1e-4)
