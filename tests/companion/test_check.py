"""Each mistake that companion.check recognises: a wrong function gets its explanation, a right one never does."""

import re

import numpy as np
import pytest

from companion import check, layers


def conv2d(x, kernel, padding=0, stride=1):
    """What a learner would write."""
    k = kernel.shape[0]
    x = np.pad(x, padding)
    height = (x.shape[0] - k) // stride + 1
    width = (x.shape[1] - k) // stride + 1
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            top, left = i * stride, j * stride
            output[i, j] = np.sum(x[top : top + k, left : left + k] * kernel)
    return output


def with_channels(x, kernel, padding=0, stride=1):
    k, filters = kernel.shape[0], kernel.shape[3]
    x = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    height = (x.shape[0] - k) // stride + 1
    width = (x.shape[1] - k) // stride + 1
    output = np.zeros((height, width, filters))
    for i in range(height):
        for j in range(width):
            top, left = i * stride, j * stride
            for c in range(filters):
                output[i, j, c] = np.sum(x[top : top + k, left : left + k] * kernel[:, :, :, c])
    return output


def in_float32(x, kernel, padding=0, stride=1):
    return layers.conv2d(x.astype(np.float32), kernel.astype(np.float32), padding=padding, stride=stride)


@pytest.mark.parametrize("function", [conv2d, in_float32])
def test_right_in_two_dimensions(function):
    report = check.conv2d(function)
    assert report.passed
    assert report.problem == report.failed == report.example == ""
    assert repr(report).startswith(f"All {report.total} checks are right")


@pytest.mark.parametrize("function", [with_channels, in_float32])
def test_right_with_channels(function):
    assert check.conv2d(function, channels=True).passed


def flipped(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel[::-1, ::-1], padding, stride)


def kernel_transposed(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel.T, padding, stride)


def result_transposed(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride).T


def no_padding(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, 0, stride)


def padding_above(x, kernel, padding=0, stride=1):
    return conv2d(np.pad(x, ((padding, 0), (padding, 0))), kernel, 0, stride)


def padding_below(x, kernel, padding=0, stride=1):
    return conv2d(np.pad(x, ((0, padding), (0, padding))), kernel, 0, stride)


def padding_repeats(x, kernel, padding=0, stride=1):
    return conv2d(np.pad(x, padding, mode="edge"), kernel, 0, stride)


def no_stride(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding)


def windows_step_by_one(x, kernel, padding=0, stride=1):
    height, width = conv2d(x, kernel, padding, stride).shape
    return conv2d(x, kernel, padding)[:height, :width]


def integers(x, kernel, padding=0, stride=1):
    output = np.zeros_like(x, shape=conv2d(x, kernel, padding, stride).shape)
    output[...] = conv2d(x, kernel, padding, stride)
    return output


def rounded_up(x, kernel, padding=0, stride=1):
    height, width = -(-(np.array(x.shape) + 2 * padding - len(kernel)) // stride) + 1
    return np.resize(conv2d(x, kernel, padding, stride), (height, width))


def one_too_few(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride)[:-1, :-1]


def only_square(x, kernel, padding=0, stride=1):
    side = min(x.shape)
    return conv2d(x[:side, :side], kernel, padding, stride)


def returns_none(x, kernel, padding=0, stride=1):
    conv2d(x, kernel, padding, stride)


def returns_a_list(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride).tolist()


def returns_objects(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride).astype(object)


def returns_a_number(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride).sum()


def means(x, kernel, padding=0, stride=1):
    return conv2d(x, kernel, padding, stride) / kernel.size


def not_a_number(x, kernel, padding=0, stride=1):
    return np.full_like(conv2d(x, kernel, padding, stride), np.nan)


def changes_x(x, kernel, padding=0, stride=1):
    result = conv2d(x, kernel, padding, stride)
    x[0, 0] += 1
    return result


def changes_kernel(x, kernel, padding=0, stride=1):
    result = conv2d(x, kernel, padding, stride)
    kernel *= 2
    return result


def index_error(x, kernel, padding=0, stride=1):
    return x[len(x)]


def long_error(x, kernel, padding=0, stride=1):
    raise RuntimeError("one\ntwo")


def not_written(x, kernel, padding=0, stride=1):
    raise NotImplementedError()


def stride_not_written(x, kernel, padding=0, stride=1):
    if stride > 1:
        raise NotImplementedError
    return conv2d(x, kernel, padding)


def without_stride(x, kernel, padding=0):
    return conv2d(x, kernel, padding)


@pytest.mark.parametrize(
    ("function", "about", "explanation"),
    [
        (flipped, "slides the kernel", "turned by 180 degrees"),
        (kernel_transposed, "slides the kernel", "rows and columns of the kernel are swapped"),
        (result_transposed, "slides the kernel", "Rows and columns of the result are swapped"),
        (no_padding, "padding=1", "padding makes no difference"),
        (padding_above, "padding=1", "zeros are only above and to the left"),
        (padding_below, "padding=1", "zeros are only below and to the right"),
        (padding_repeats, "padding=1", "repeats the pixels at the edge"),
        (no_stride, "stride=2", "stride makes no difference"),
        (windows_step_by_one, "stride=2", "windows lie one pixel apart"),
        (integers, "keeps fractions", "fractions are lost"),
        (rounded_up, "doesn't divide", r"shape \(3, 3\), and it should be \(2, 2\).* one larger.*round .* down"),
        (one_too_few, "slides the kernel", r"shape \(1, 1\), and it should be \(2, 2\).*one smaller: the \+ 1"),
        (only_square, "wider than high", "height for the width"),
        (returns_none, "slides the kernel", r"returned nothing \(None\)"),
        (returns_a_list, "slides the kernel", "returned a list, not a NumPy array"),
        (returns_objects, "slides the kernel", "array of object, not of numbers"),
        (returns_a_number, "slides the kernel", "returned a float64, not a NumPy array"),
        (
            means,
            "slides the kernel",
            r"row 0, column 0 the sum should be 1·1 \+ 2·2 \+ 0·0 \+ 1·\(-1\) = 4, and yours is 1",
        ),
        (not_a_number, "slides the kernel", "yours is nan"),
        (changes_x, "slides the kernel", "x was changed on the way"),
        (changes_kernel, "slides the kernel", "kernel was changed on the way"),
        (
            index_error,
            "slides the kernel",
            r"stopped with IndexError in line \d+, `return x\[len\(x\)\]`: index 3 is out",
        ),
        (long_error, "slides the kernel", r"RuntimeError in line \d+, .*: one two\."),
        (not_written, "slides the kernel", "isn't written yet"),
        (stride_not_written, "stride=2", "isn't written yet"),
        (
            without_stride,
            "stride=2",
            r"cannot be called as conv2d\(x, kernel, stride=2\).*unexpected keyword.*def conv2d",
        ),
        (None, "slides the kernel", "Give the function itself"),
        (lambda: 1, "slides the kernel", "cannot be called as"),
    ],
)
def test_a_mistake_is_explained(function, about, explanation):
    report = check.conv2d(function)
    assert not report.passed
    assert about in report.failed
    assert re.search(explanation, report.problem), report.problem
    assert "\n" not in report.problem


@pytest.mark.parametrize(
    ("wrong", "explanation"),
    [
        (lambda x, kernel, **options: with_channels(x, kernel[::-1, ::-1], **options), "turned by 180 degrees"),
        (lambda x, kernel, **options: with_channels(x[:, :, :1], kernel[:, :, :1], **options), "first input channel"),
        (lambda x, kernel, **options: with_channels(x, kernel, **options)[..., 0], r"should be \(1, 1, 1\).*C_in"),
        (lambda x, kernel, **options: with_channels(x, kernel[..., :1], **options), "sum of window"),
        (
            lambda x, kernel, padding=0, **options: with_channels(np.pad(x, padding), kernel, **options),
            "pads the channels",
        ),
        (lambda x, kernel, **options: 2 * with_channels(x, kernel, **options), "row 0, column 0, channel 0 the sum"),
    ],
)
def test_a_mistake_with_channels_is_explained(wrong, explanation):
    report = check.conv2d(wrong, channels=True)
    assert not report.passed
    assert re.search(explanation, report.problem), report.problem


def test_what_is_right_is_listed_before_the_first_problem():
    report = check.conv2d(no_stride)
    assert len(report.right) == 3
    assert repr(report).splitlines()[:2] == [
        f"3 of {report.total} checks are right.",
        "  ✓ right: slides the kernel over the image and adds up the products",
    ]
    assert "conv2d(x, kernel, stride=2) should give\n[[4. 0.]" in repr(report)


def test_the_numbers_can_be_computed_by_hand():
    report = check.conv2d(means)
    assert "x =\n[[1 2 0]" in report.example
    assert "kernel =\n[[ 1  2]\n [ 0 -1]]" in report.example


def test_html_escapes_what_the_learner_wrote():
    def unsafe(x, kernel, padding=0, stride=1):
        raise ValueError("<script>alert(1)</script>")

    page = check.conv2d(unsafe)._repr_html_()
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_a_small_example_shows_what_came_out_instead() -> None:
    report = check.conv2d(lambda x, kernel, padding=0, stride=1: layers.conv2d(x, kernel) + 1)
    assert "should give\n[[ 4. -1.]\n [ 2.  6.]]\nand yours gave\n[[5. 0.]\n [3. 7.]]" in repr(report)


# The exercises of unit 01


def shuffle(pictures, order):
    return pictures.reshape(len(pictures), -1)[:, order].reshape(pictures.shape)


def shuffle_in_a_loop(pictures, order):
    result = np.zeros(pictures.shape)
    for n, picture in enumerate(pictures):
        result[n] = picture.ravel()[order].reshape(picture.shape)
    return result


def shuffle_not_at_all(pictures, order):
    return pictures


def shuffle_back(pictures, order):
    return pictures.reshape(len(pictures), -1)[:, np.argsort(order)].reshape(pictures.shape)


def shuffle_flat(pictures, order):
    return pictures.reshape(len(pictures), -1)[:, order]


def shuffle_each_its_own(pictures, order):
    return np.stack([shuffle(pictures[n : n + 1], np.roll(order, n))[0] for n in range(len(pictures))])


def shuffle_square(pictures, order):
    side = int(len(order) ** 0.5)
    return pictures.reshape(len(pictures), -1)[:, order].reshape(-1, side, side)


def shuffle_rows(pictures, order):
    return pictures[order]


def shuffle_in_place(pictures, order):
    result = shuffle(pictures, order)
    pictures[...] = result
    return result


def twin_weights(weights, order):
    return weights[order]


def twin_in_a_loop(weights, order):
    return np.array([weights[j] for j in order])


def twin_unmoved(weights, order):
    return weights


def twin_back(weights, order):
    return weights[np.argsort(order)]


def twin_columns(weights, order):
    return weights[:, order] if weights.shape[0] == weights.shape[1] else weights[order]


def twin_turned(weights, order):
    return weights[order].T


def twin_sorted(weights, order):
    return np.sort(weights, axis=0)[::-1]


@pytest.mark.parametrize(
    ("checker", "function"),
    [
        (check.shuffle, shuffle),
        (check.shuffle, shuffle_in_a_loop),
        (check.twin_weights, twin_weights),
        (check.twin_weights, twin_in_a_loop),
    ],
)
def test_right_in_unit_01(checker, function):
    report = checker(function)
    assert report.passed
    assert report.problem == report.failed == report.example == ""


@pytest.mark.parametrize(
    ("checker", "function", "passed", "words"),
    [
        (check.shuffle, shuffle_not_at_all, 0, "still where they were"),
        (check.shuffle, shuffle_back, 0, "the way back"),
        (check.shuffle, shuffle_flat, 0, "rows and columns back"),
        (check.shuffle, shuffle_each_its_own, 1, "differs from picture to picture"),
        (check.shuffle, shuffle_square, 2, "It stopped with ValueError"),
        (check.shuffle, shuffle_rows, 0, "It stopped with IndexError"),
        (check.shuffle, shuffle_in_place, 0, "pictures was changed on the way"),
        (check.shuffle, lambda pictures: pictures, 0, "Its first line has to be: def shuffle(pictures, order):"),
        (check.shuffle, None, 0, "Give the function itself, without calling it: check.shuffle(shuffle)"),
        (check.twin_weights, twin_unmoved, 0, "each has to go where its pixel went"),
        (check.twin_weights, twin_back, 0, "the way back"),
        (check.twin_weights, twin_turned, 0, "not turned into columns"),
        (check.twin_weights, twin_columns, 1, "The inputs are the rows"),
        (check.twin_weights, twin_sorted, 0, "not all the numbers are where they belong"),
        (check.twin_weights, lambda weights, order: None, 0, "It returned nothing"),
        (check.twin_weights, lambda weights, order: weights[order][:2], 0, "shape (2, 1), and it should be (4, 1)"),
    ],
)
def test_wrong_in_unit_01(checker, function, passed, words):
    report = checker(function)
    assert len(report.right) == passed
    assert not report.passed
    assert words in report.problem


def test_an_unwritten_exercise_of_unit_01_says_so():
    def unwritten(weights, order):
        raise NotImplementedError()

    report = check.twin_weights(unwritten)
    assert "isn't written yet" in report.problem
    assert "twin_weights(weights, order) should give" in report.example


def test_a_check_that_is_stopped_says_so():
    def conv2d(x, kernel, padding=0, stride=1):
        raise KeyboardInterrupt

    assert check.conv2d(conv2d).problem == ("Stopped: your function had not finished. Is there a loop that never ends?")


def test_code_in_a_report_is_shown_as_code():
    def conv2d(x, kernel, padding=0, stride=1):
        raise NotImplementedError

    assert "<code>raise NotImplementedError()</code>" in check.conv2d(conv2d)._repr_html_()
