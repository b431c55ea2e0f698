"""Each mistake that companion.check recognises: a wrong function gets its explanation, a right one never does."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

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


def test_every_check_is_listed_and_the_first_that_failed_is_explained():
    report = check.conv2d(no_stride)
    assert repr(report).splitlines()[:11] == [
        "4 of 8 checks are right.",
        "  ✓ right: slides the kernel over the image and adds up the products",
        "  ✓ right: works on an image that is wider than high",
        "  ✓ right: padding=1 surrounds the image with zeros",
        "  ○ not yet: stride=2 takes every second window",
        "  ○ not yet: leaves out the last window where the stride doesn't divide",
        "  ○ not yet: padding and stride together, with a 3 x 3 kernel",
        "  ✓ right: keeps fractions, also for an image of integers",
        "  ○ not yet: agrees with the course's own conv2d on a larger image",
        "Begin with “stride=2 takes every second window”.",
        "The stride makes no difference yet: from one window to the next, go `stride` pixels on.",
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
        (check.shuffle, shuffle_each_its_own, 2, "differs from picture to picture"),
        (check.shuffle, shuffle_square, 3, "It stopped with ValueError"),
        (check.shuffle, shuffle_rows, 0, "It stopped with IndexError"),
        (check.shuffle, shuffle_in_place, 0, "pictures was changed on the way"),
        (check.shuffle, lambda pictures: pictures, 0, "Its first line has to be: def shuffle(pictures, order):"),
        (check.shuffle, None, 0, "Give the function itself, without calling it: check.shuffle(shuffle)"),
        (check.twin_weights, twin_unmoved, 0, "each has to go where its pixel went"),
        (check.twin_weights, twin_back, 0, "the way back"),
        (check.twin_weights, twin_turned, 0, "not turned into columns"),
        (check.twin_weights, twin_columns, 2, "The inputs are the rows"),
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


def test_a_function_that_was_stopped_is_not_called_again():
    calls = []

    def conv2d(x, kernel, padding=0, stride=1):
        calls.append(stride)
        raise KeyboardInterrupt

    report = check.conv2d(conv2d)
    assert len(calls) == 1
    assert len(report.wrong) == report.total


def test_code_in_a_report_is_shown_as_code():
    def conv2d(x, kernel, padding=0, stride=1):
        raise NotImplementedError

    assert "<code>raise NotImplementedError()</code>" in check.conv2d(conv2d)._repr_html_()


# Expected and got, side by side


def third_channel_too_large(x, kernel, padding=0, stride=1):
    result = with_channels(x, kernel, padding, stride)
    result[..., 2:] += 1
    return result


def tables(report):
    """The report's tables as {caption: rows of texts}, without the numbers of rows and columns."""
    found = BeautifulSoup(report._repr_html_(), "html.parser").find_all("table")
    return {
        table.caption.get_text(): [
            [cell.get_text() for cell in row.find_all("td")] for row in table.tbody.find_all("tr")
        ]
        for table in found
    }


def wrong_by(*changes):
    """A conv2d with these values at these places of each result."""

    def function(x, kernel, padding=0, stride=1):
        result = conv2d(x, kernel, padding, stride)
        for place, value in changes:
            result[place] = value
        return result

    return function


def test_what_differs_is_marked_side_by_side() -> None:
    report = check.conv2d(wrong_by(((0, 1), 7)))
    assert tables(report) == {
        "x": [["1", "2", "0"], ["0", "1", "3"], ["4", "0", "1"]],
        "kernel": [["1", "2"], ["0", "-1"]],
        "expected shape (2, 2)": [["4", "-1 differs"], ["2", "6"]],
        "yours shape (2, 2)": [["4", "7 differs"], ["2", "6"]],
    }
    page = BeautifulSoup(report._repr_html_(), "html.parser")
    assert [strong.get_text() for strong in page.select("td.cc-check-differs strong")] == ["-1", "7"]
    assert "1 of 4 numbers differs, at row 0, column 1. They are bold, in a frame." in page.get_text()
    assert [row.th.get_text() for row in page.find_all("table")[3].tbody.find_all("tr")] == ["0", "1"]
    assert "1 of 4 numbers differs, at row 0, column 1." in repr(report)


def test_numbers_that_are_none_or_huge_are_shown() -> None:
    report = check.conv2d(wrong_by(((0, 0), np.nan), ((0, 1), -np.inf), ((1, 0), 1e300), ((1, 1), 6.0004)))
    assert tables(report)["yours shape (2, 2)"] == [["nan differs", "-inf differs"], ["1e+300 differs", "6.0004"]]
    assert "3 of 4 numbers differ, the first at row 0, column 0." in repr(report)


def wrong_where_wide(x, window=2, stride=2, kind="max"):
    return np.zeros((1, 30)) if x.shape == (2, 6) else layers.pool2d(x, window=window, stride=stride, kind=kind)


def test_few_numbers_are_shown_as_a_whole() -> None:
    report = check.pool2d(wrong_where_wide)
    found = tables(report)
    assert found["x"] == [["1", "4", "2", "0", "3", "5"], ["2", "0", "6", "1", "1", "2"]]
    assert found["yours shape (1, 30)"] == [["0"] * 5]
    assert "Of each you see at most 5 rows and columns." in report._repr_html_()


def test_of_a_large_array_the_part_around_the_first_difference_is_shown() -> None:
    def twin(weights, order):
        result = weights[order]
        if len(result) > 4:
            result[-1, 77] = 9
        return result

    report = check.twin_weights(twin)
    rows = tables(report)["yours shape (784, 128)"]
    assert [len(row) for row in rows] == [5] * 5
    assert rows[4][2] == "9 differs"
    assert sum("differs" in number for row in rows for number in row) == 1
    cut = (
        "Only a part is shown, around the first difference: rows 779 to 783 of 0 to 783, columns 75 to 79 of 0 to 127."
    )
    for text in (repr(report), report._repr_html_()):
        assert "1 of 100,352 numbers differs, at row 783, column 77." in text
        assert cut in text


@pytest.mark.parametrize(
    ("checker", "options", "function", "yours", "said"),
    [
        (
            check.shuffle, {}, shuffle_each_its_own,
            [["6 differs", "8 differs"], ["5 differs", "7 differs"]], "picture 1, row 0, column 0",
        ),
        (
            check.conv2d, {"channels": True}, third_channel_too_large,
            [["1 differs", "-8 differs", "1 differs"], ["-3 differs", "-1 differs", "0 differs"]],
            "row 0, column 0, channel 2",
        ),
    ],
)  # fmt: skip
def test_of_three_axes_the_item_that_differs_is_shown(checker, options, function, yours, said) -> None:
    report = checker(function, **options)
    assert next(rows for name, rows in tables(report).items() if name.startswith("yours")) == yours
    assert f"the first at {said}." in repr(report)
    assert re.search(
        "Only a part is shown, around the first difference: (picture 1|channel 2) of 0 to 2", report._repr_html_()
    )


@pytest.mark.parametrize(
    ("result", "caption", "rows"),
    [
        (np.ones((3, 1)), "yours shape (3, 1)", [["1"], ["1"], ["1"]]),
        (np.array([True, False]), "yours shape (2,)", [["True", "False"]]),
        (np.array(5), "yours shape ()", [["5"]]),
        (np.ones((2, 2, 2)), "yours shape (2, 2, 2)", [["1", "1"], ["1", "1"]]),
        (np.full((30, 2), 123456789012), "yours shape (30, 2)", [["1.2346e+11"] * 2] * 5),
        (np.zeros((0, 3)), None, None),
        (np.zeros((1, 1, 1, 1)), None, None),
    ],
)
def test_a_result_of_another_shape_is_shown_without_marks(result, caption, rows) -> None:
    report = check.conv2d(lambda x, kernel, padding=0, stride=1: result)
    assert f"Its result has shape {result.shape}" in report.problem
    found = tables(report)
    assert found.get(caption) == rows
    assert 'cc-check-differs"' not in report._repr_html_()
    assert f"shape {result.shape}" in BeautifulSoup(report._repr_html_(), "html.parser").get_text()
    assert "The shapes differ, so no single numbers are marked." in repr(report)


class Hostile:
    """What a learner's code may put into an array."""

    def __repr__(self) -> str:
        raise RuntimeError("<script>")


@pytest.mark.parametrize(
    "result", [np.array([[Hostile()] * 2] * 2), np.array([["<b>", "x"], ["y", "z"]]), np.array([1j, 2]), Hostile()]
)
def test_what_is_no_array_of_numbers_is_not_shown(result) -> None:
    report = check.conv2d(lambda x, kernel, padding=0, stride=1: result)
    assert "not" in report.problem
    for text in (repr(report), report._repr_html_()):
        assert "<b>" not in text
        assert "yours" not in text


def test_a_single_number_is_shown_in_a_sentence() -> None:
    report = check.relu_max(lambda a, b, relu: relu(a - b))
    assert "relu_max(5.0, 2.0, relu) should give 5.0, and yours gave 3.0" in repr(report)
    assert "relu_max(5.0, 2.0, relu) should give 5.0, and yours gave 3.0" in report._repr_html_()
    assert "Hostile" not in repr(check.relu_max(lambda a, b, relu: Hostile())).replace("returned Hostile", "")
