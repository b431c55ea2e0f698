"""How fast each explorer follows the pointer, beside the same picture redrawn by a slider with matplotlib.

Run: python benchmarks/explorers.py [--seconds 5] [NAME ...]

Method. Each explorer is drawn in headless Chromium, on a page of its own with a stand-in for anywidget's model, and its
element marked `data-cc-drag` is dragged by Playwright's mouse in a curve for the given time. Two times are taken for
each pointermove:

* dispatch to paint: from the event's arrival at the window (a capturing listener, before the explorer's own) to the
  first task after the frame that it led to. That task is a message posted in requestAnimationFrame: the browser runs it
  when style, layout and paint of the frame are done. (Compositing by Chromium's other threads comes after and is not
  in it.)
* timeStamp to paint: the same from `event.timeStamp`, when the browser process received the movement, so with the wait
  for the next frame (up to 16.7 ms at 60 Hz), to which Chromium aligns movements.

The slider is what `ipywidgets.interact` with matplotlib costs at least, per movement: the callback computes with NumPy,
draws a figure of the same parts and renders it to PNG, as the inline backend does; sending and showing the PNG come on
top.
"""

import argparse
import io
import math
import shutil
import sys
import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from companion import arithmetic, data, explore, layers, toys
from companion.explore.base import Explorer
from companion.explore.digits import models as digit_models
from tests.chromium import CHROMIUM_ARGUMENTS
from tests.explore.page import served

mpl.use("Agg")
import matplotlib.pyplot as plt

VIEWPORT = {"width": 1100, "height": 1000}
REDRAWS = 25

MEASURE = """() => {
  const channel = new MessageChannel();
  const waiting = [];
  window.delays = [];
  channel.port1.onmessage = () => {
    const now = performance.now();
    for (const [arrived, stamped] of waiting.splice(0)) window.delays.push([now - arrived, now - stamped]);
  };
  window.addEventListener("pointermove", (event) => {
    if (waiting.length === 0) requestAnimationFrame(() => channel.port2.postMessage(0));
    waiting.push([performance.now(), event.timeStamp]);
  }, { capture: true });
}"""


def drag(page: Page, seconds: float) -> np.ndarray:
    """The delays in ms of each pointermove of a drag: columns dispatch to paint, timeStamp to paint."""
    target = page.locator("[data-cc-drag]").first
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None, "the element marked data-cc-drag isn't shown"
    page.evaluate(MEASURE)
    start = time.perf_counter()

    def where(angle: float) -> tuple[float, float]:
        # A Lissajous curve passes over the whole element.
        x = box["x"] + box["width"] * (0.5 + 0.45 * math.sin(3 * angle))
        return x, box["y"] + box["height"] * (0.5 + 0.45 * math.sin(2 * angle + 1))

    page.mouse.move(*where(0))
    page.mouse.down()
    while (passed := time.perf_counter() - start) < seconds:
        page.mouse.move(*where(passed))
    page.mouse.up()
    page.wait_for_timeout(100)
    return np.array(page.evaluate("window.delays"))


# ------------------------------------------------------------------------------- the same pictures by matplotlib

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def figure_of(*images: np.ndarray) -> None:
    """Draw the images in rows of up to four and render them to PNG, as a notebook's inline backend does."""
    columns = min(len(images), 4)
    figure, axes = plt.subplots(math.ceil(len(images) / columns), columns, squeeze=False, figsize=(10, 5))
    for image, axis in zip(images, axes.flat, strict=False):
        axis.imshow(image, cmap="gray")
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close(figure)


def convolution_slider(position: int) -> None:
    """The picture with the window marked, and its map."""
    picture = data.picture("cat").astype(float)
    marked = picture.copy()
    marked[position : position + 3, position : position + 3] = 255
    figure_of(marked, layers.conv2d(picture, SOBEL))


def find_kernel_slider(position: int) -> None:
    """Picture, target, the learner's map and the difference."""
    picture = data.picture("digit", size=28) / 255
    target = layers.conv2d(picture, SOBEL)
    mine = layers.conv2d(picture, SOBEL * position / REDRAWS)
    figure_of(picture, target, mine, mine - target)


def channels_slider(position: int) -> None:
    """A colour picture and the eight maps of a layer."""
    picture = data.picture("cat", size=64, colour=True) / 255
    kernel = np.random.default_rng(position).normal(size=(3, 3, 3, 8))
    figure_of(picture, *np.moveaxis(layers.conv2d(picture, kernel), -1, 0))


def receptive_field_slider(position: int) -> None:
    """A picture with the receptive field marked, and the grids of two layers above it."""
    picture = data.picture("cat", size=64, colour=True)
    marked = picture.copy()
    marked[position : position + 5, position : position + 5] = 255
    figure_of(marked, np.zeros((62, 62)), np.zeros((60, 60)))


def pooling_slider(position: int) -> None:
    """A small input with a window marked, its pooled map, and the gradient that comes back."""
    x = np.random.default_rng(0).integers(0, 10, (6, 6)).astype(float)
    marked = x.copy()
    marked[position % 5 : position % 5 + 2, 0:2] = 10
    figure_of(
        marked, layers.pool2d(x), np.ones((3, 3)), (x == np.kron(layers.pool2d(x), np.ones((2, 2)))).astype(float)
    )


def small_shifts_slider(position: int) -> None:
    """The moved picture, its four maps, and their differences from before."""
    scene = data.picture("cat", size=146).astype(float)
    before, after = (np.maximum(layers.conv2d(scene[8:138, 8 - by : 138 - by], SOBEL), 0) for by in (0, position % 8))
    ways = [
        lambda x: x,
        layers.pool2d,
        lambda x: layers.pool2d(x, kind="average"),
        lambda x: x[::2, ::2],
    ]
    figure_of(after, *(way(after) for way in ways), *(way(after) - way(before) for way in ways))


def what_is_lost_slider(position: int) -> None:
    """The picture with a window marked, its pooled map, and what is rebuilt."""
    picture = data.picture("cat").astype(float)
    rebuilt = np.kron(layers.pool2d(picture, 4, kind="average"), np.ones((4, 4)))
    marked = picture.copy()
    marked[position : position + 4, position : position + 4] = 255
    figure_of(marked, layers.pool2d(picture, 4, kind="average"), rebuilt, rebuilt - picture)


def pixel_shuffle_slider(position: int) -> None:
    """A digit and the same one shuffled."""
    digit = data.picture("digit", size=28)
    digit[position % 28, :] = 255
    figure_of(digit, digit_models.shuffled(digit[np.newaxis], digit_models.permutation(0))[0])


def classifier_slider(position: int) -> None:
    """A picture with a window marked, and what stands in the window; the network is asked only after the drag."""
    picture = data.picture("cat", size=400, colour=True)
    window = picture[position : position + 227, position : position + 227].copy()
    picture[position : position + 227, position] = 255
    figure_of(picture, window)


number_reader = cache(toys.number_reader)


def read_number_slider(position: int) -> None:
    """A number with a stroke through it, and what the network says of each window."""
    picture, _ = toys.number_picture()
    picture[:, position] = 255
    _, windows = toys.read_number(number_reader(), picture)
    figure_of(picture, windows)


@cache
def digit_networks() -> list:
    """Both models of the shift test, not trained: that costs them no less."""
    return [build(0) for build in digit_models.BUILDERS.values()]


def shift_test_slider(position: int) -> None:
    """A moved digit, and the probabilities that both models give."""
    digit = data.picture("digit", size=28)[np.newaxis, :, :, np.newaxis] / np.float32(255)
    moved = digit_models.shifted(digit, position % 10, 0)
    figure_of(moved[0, :, :, 0], *(digit_models.probabilities(model, moved) for model in digit_networks()))


def bars(numbers: list[int]) -> None:
    """A bar chart on a logarithmic scale."""
    figure, axes = plt.subplots()
    axes.bar(range(len(numbers)), numbers, log=True)
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)


def design_space_slider(position: int) -> None:
    """The parameters of each layer of a network, one layer of which grows."""
    widths = [784, 16 + position, 128, 10]
    bars([arithmetic.dense_parameters(before, after) for before, after in pairwise(widths)])


def parameter_calculator_slider(position: int) -> None:
    """A dense layer's parameters and a convolution's, for a picture that grows."""
    side = 28 + position
    bars([arithmetic.dense_parameters(side * side * 3, 1000), arithmetic.conv2d_parameters(3, 3, 32)])


def flatten_slider(position: int) -> None:
    """A digit with a pixel marked, its line, and the part of the line around that pixel."""
    digit = data.picture("digit", size=28)
    digit[14, position % 28] = 255
    line = digit.reshape(1, -1)
    figure_of(digit, line, line[:, 390 + position : 451 + position])


SLIDERS: dict[str, Callable[[int], None]] = {
    "Convolution": convolution_slider,
    "FindKernel": find_kernel_slider,
    "Channels": channels_slider,
    "ReceptiveField": receptive_field_slider,
    "DesignSpace": design_space_slider,
    "ParameterCalculator": parameter_calculator_slider,
    "PixelShuffle": pixel_shuffle_slider,
    "ShiftTest": shift_test_slider,
    "Pooling": pooling_slider,
    "SmallShifts": small_shifts_slider,
    "WhatIsLost": what_is_lost_slider,
    "Classifier": classifier_slider,
    "ReadNumber": read_number_slider,
    "Flatten": flatten_slider,
}


def ready(name: str) -> Explorer:
    """The explorer with what it needs to compute anything: those that show trained models get them."""
    if name == "ReadNumber":
        return explore.ReadNumber(number_reader())
    explorer = getattr(explore, name)()
    if name == "ShiftTest":
        explorer.run()
    return explorer


def redraw_times(slider: Callable[[int], None]) -> np.ndarray:
    """Times in ms of the slider's callback, after one to warm up."""
    times = []
    for position in range(REDRAWS + 1):
        start = time.perf_counter()
        slider(position)
        times.append(1000 * (time.perf_counter() - start))
    return np.array(times[1:])


def main() -> None:
    """Measure the explorers named on the command line, or all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*SLIDERS, []], help="explorers to measure (all)", metavar="NAME")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of the drag")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No Chromium on the PATH: install Debian's `chromium`.")

    print("times in ms            dispatch to paint   timeStamp to paint   slider + matplotlib   ratio of p95")
    print("explorer        moves      p50      p95        p50      p95        p50      p95      slider / dispatch")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        for name in options.names or SLIDERS:
            with served(ready(name)) as address:
                page = browser.new_page(viewport=VIEWPORT)
                page.goto(address)
                page.wait_for_function("window.ready")
                page.wait_for_timeout(500)
                delays = drag(page, options.seconds)
                page.close()
            (half, most), (half_stamped, most_stamped) = np.percentile(delays, [50, 95], axis=0).T
            half_slider, most_slider = np.percentile(redraw_times(SLIDERS[name]), [50, 95])
            print(
                f"{name:<15}{len(delays):>6}{half:>9.1f}{most:>9.1f}{half_stamped:>11.1f}{most_stamped:>9.1f}"
                f"{half_slider:>11.1f}{most_slider:>9.1f}{most_slider / most:>12.0f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
