"""The numbers that the lessons state, reproduced from published tables."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from companion.arithmetic import (
    conv2d_multiply_adds,
    conv2d_parameters,
    dense_multiply_adds,
    dense_parameters,
    megabytes,
    output_size,
    padding_pixels,
    receptive_field,
)

few = st.integers(1, 6)


@given(size=st.integers(1, 40), kernel=few, padding=st.integers(0, 6), stride=few, dilation=few)
def test_output_size_counts_the_windows_that_fit(size, kernel, padding, stride, dilation):
    reach = (kernel - 1) * dilation + 1
    starts = range(0, size + 2 * padding - reach + 1, stride)
    if starts:
        assert output_size(size, kernel, padding=padding, stride=stride, dilation=dilation) == len(starts)
    else:
        with pytest.raises(ValueError, match="There is no output"):
            output_size(size, kernel, padding=padding, stride=stride, dilation=dilation)


@given(size=st.integers(1, 40), kernel=few, stride=few, dilation=few)
def test_same_padding_gives_size_over_stride_rounded_up(size, kernel, stride, dilation):
    assert output_size(size, kernel, padding="same", stride=stride, dilation=dilation) == -(-size // stride)
    before, after = padding_pixels(size, kernel, padding="same", stride=stride, dilation=dilation)
    assert after - before in (0, 1)


@given(size=st.integers(1, 9), kernel=st.integers(1, 9))
def test_the_padding_that_an_error_recommends_is_the_least_that_helps(size, kernel):
    assume(kernel > size)
    with pytest.raises(ValueError, match="padding of at least") as error:
        output_size(size, kernel)
    least = int(str(error.value).split("at least ")[1].split(",")[0])
    assert output_size(size, kernel, padding=least) >= 1
    with pytest.raises(ValueError, match="There is no output"):
        output_size(size, kernel, padding=least - 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 4.5, "kernel": 3}, "The input size is 4.5, but it has to be a whole number of at least 1"),
        ({"size": 4, "kernel": 0}, "The kernel size is 0"),
        ({"size": 4, "kernel": 3, "stride": 0}, "The stride is 0"),
        ({"size": 4, "kernel": 3, "dilation": -1}, "The dilation is -1"),
        ({"size": 4, "kernel": 3, "padding": -1}, "The padding is -1, but it has to be a whole number of at least 0"),
        ({"size": 4, "kernel": 3, "padding": "Same"}, 'padding is "Same"'),
        ({"size": 4, "kernel": 3, "dilation": 4}, r"9 pixels wide \(with a dilation of 4\), but the input has only 4"),
        ({"size": 1, "kernel": 5, "padding": 1}, r"the input has only 3 \(1 \+ 1 \+ 1 with its padding\)"),
    ],
)
def test_errors_name_the_number(options, words):
    with pytest.raises(ValueError, match=words):
        output_size(**options)


def test_lenet_5():
    """LeCun et al. 1998, section II.B; C3 there sees 6 triples, 9 quadruples and once all 6 of S2's maps."""
    assert output_size(32, 5) == 28
    assert conv2d_parameters(5, 1, 6) == 156
    assert conv2d_multiply_adds(32, 5, 1, 6) + 6 * 28**2 == 122_304  # its connections count the biases
    assert 6 * conv2d_parameters(5, 3, 1) + 9 * conv2d_parameters(5, 4, 1) + conv2d_parameters(5, 6, 1) == 1_516
    assert 100 * 1_516 == 151_600  # connections of C3: each parameter serves 10 x 10 places
    assert conv2d_parameters(5, 16, 120) == 48_120
    assert dense_parameters(120, 84) == 10_164


def test_lenet_5_as_it_is_usually_remade():
    counts = [
        conv2d_parameters(5, 1, 6),
        conv2d_parameters(5, 6, 16),
        conv2d_parameters(5, 16, 120),
        dense_parameters(120, 84),
        dense_parameters(84, 10),
    ]
    assert counts == [156, 2_416, 48_120, 10_164, 850]
    assert sum(counts) == 61_706


def test_small_networks():
    assert dense_parameters(200 * 200 * 3, 1, bias=False) == 120_000
    flat = output_size(output_size(28, 3), 2, stride=2) ** 2 * 32
    assert [conv2d_parameters(3, 1, 32), dense_parameters(flat, 64), dense_parameters(64, 10)] == [320, 346_176, 650]
    tutorial = [conv2d_parameters(3, 3, 32), conv2d_parameters(3, 32, 64), conv2d_parameters(3, 64, 64)]
    tutorial += [dense_parameters(4 * 4 * 64, 64), dense_parameters(64, 10)]
    assert sum(tutorial) == 122_570


def test_memory_is_four_bytes_a_parameter_unless_told_otherwise():
    assert megabytes(250_000) == 1
    assert megabytes(dense_parameters(224 * 224 * 3, 1000)) == pytest.approx(602.12, abs=0.01)
    assert megabytes(250_000, bytes_each=2) == 0.5
    with pytest.raises(ValueError, match=r"number of parameters is 2\.5"):
        megabytes(2.5)


VGG16 = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]  # (filters, convolutions) of each block


def test_vgg16():
    size, channels, parameters, multiply_adds = 224, 3, 0, 0
    for filters, depth in VGG16:
        for _ in range(depth):
            parameters += conv2d_parameters(3, channels, filters)
            multiply_adds += conv2d_multiply_adds(size, 3, channels, filters, padding="same")
            channels = filters
        size = output_size(size, 2, stride=2)
    for inputs, units in [(size**2 * channels, 4096), (4096, 4096), (4096, 1000)]:
        parameters += dense_parameters(inputs, units)
        multiply_adds += dense_multiply_adds(inputs, units)
    assert (parameters, multiply_adds) == (138_357_544, 15_470_264_320)


def test_alexnet_in_two_groups():
    """Krizhevsky et al. 2012: convolutions 2, 4 and 5 are split over two GPUs, so each half sees half the channels."""
    halves = [(5, 48, 128), (3, 192, 192), (3, 192, 128)]
    parameters = conv2d_parameters(11, 3, 96) + conv2d_parameters(3, 256, 384)
    parameters += sum(2 * conv2d_parameters(*half) for half in halves)
    parameters += dense_parameters(6 * 6 * 256, 4096) + dense_parameters(4096, 4096) + dense_parameters(4096, 1000)
    assert parameters == 60_965_224


def test_a_layer_of_mobilenet():
    """Howard et al. 2017, table 3: a 3 x 3 convolution from 512 to 512 channels on 14 x 14 pixels."""
    assert conv2d_multiply_adds(14, 3, 512, 512, padding="same") == 462_422_016
    assert conv2d_parameters(3, 512, 512, bias=False) == 2_359_296


def bottlenecks(*, stride_in_first: bool) -> list[tuple[int, int]]:
    layers = [(7, 2), (3, 2)]
    for depth, stride in [(3, 1), (4, 2), (6, 2), (3, 2)]:
        for block in range(depth):
            step = stride if block == 0 else 1
            layers += [(1, step), (3, 1), (1, 1)] if stride_in_first else [(1, 1), (3, step), (1, 1)]
    return layers


@pytest.mark.parametrize(
    ("layers", "pixels"),
    [
        ([], 1),
        ([(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)], 32),  # LeNet-5 up to C5
        ([layer for _, depth in VGG16 for layer in [(3, 1)] * depth + [(2, 2)]], 212),
        ([(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)], 195),  # AlexNet up to pool5
        ([(3, 2), *[(3, stride) for stride in (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)]], 315),  # MobileNetV1
        (bottlenecks(stride_in_first=True), 483),  # ResNet50 as in Keras
        (bottlenecks(stride_in_first=False), 427),
    ],
)
def test_receptive_fields_of_known_networks(layers, pixels):
    assert receptive_field(layers) == pixels


@given(st.lists(st.tuples(few, few, few), max_size=4))
def test_receptive_field_spans_the_pixels_that_one_output_reaches(layers):
    reached = {0}
    for kernel, stride, dilation in reversed(layers):
        reached = {place * stride + weight * dilation for place in reached for weight in (0, kernel - 1)}
    assert receptive_field(layers) == max(reached) - min(reached) + 1


def test_a_layer_of_another_length():
    with pytest.raises(ValueError, match=r"Layer 2 is \(3,\), but a layer is \(kernel, stride\)"):
        receptive_field([(3, 1), (3,)])
