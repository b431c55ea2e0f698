"""Training in a real JupyterLab: in the background beside other explorers, and in a cell with live curves."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import PATIENCE, Lab, painted

pytestmark = pytest.mark.browser

ENDLESS = {"images": 60_000, "epochs": 20}
LATE_SUBSHELL = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const create = kernel.requestCreateSubshell.bind(kernel);
  const late = new Promise((resolve) => setTimeout(resolve, 3000));
  kernel.requestCreateSubshell = (...all) => ({ done: late.then(() => create(...all).done) });
}"""
MODEL = """
from companion import training
import keras, numpy as np
draw = np.random.default_rng(0)
x, y = draw.random((4096, 8), dtype="float32"), draw.integers(0, 2, 4096)
layers = keras.layers
model = keras.Sequential([layers.Input((8,)), layers.Dense(16), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
"""


@pytest.fixture(autouse=True)
def _no_script_errors(lab: Lab) -> Iterator[None]:
    yield
    assert lab.errors == []


def shuffle_cell(images: int, epochs: int) -> str:
    return f"from companion.explore import PixelShuffle\nPixelShuffle(images={images}, epochs={epochs})"


def wait_for_steps(explorer: Locator) -> None:
    explorer.get_by_text(re.compile(r"Step [1-9]\d* of")).wait_for(timeout=PATIENCE)


def test_other_explorers_stay_free_while_four_models_train(lab: Lab) -> None:
    lab.write(
        "beside.ipynb",
        "from companion.explore import Convolution\nConvolution(picture='digit')",
        shuffle_cell(**ENDLESS),
        "from companion.explore import ShiftTest\nShiftTest()",
    )
    lab.open("beside.ipynb")
    lab.run_all()
    lab.show(1)
    shuffle = lab.output(1)
    shuffle.get_by_role("button", name="Train all four").click()
    wait_for_steps(shuffle)
    lab.show(0)
    picture = lab.output(0).locator("[data-cc-drag]")
    box = picture.bounding_box()
    assert box
    lab.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    lab.page.mouse.down()
    painted(lab.page)
    before = lab.output(0).locator(".cc-result").inner_text()
    lab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"], steps=5)
    expect(lab.output(0).locator(".cc-result")).not_to_have_text(before)
    lab.page.mouse.up()
    lab.show(1)
    expect(shuffle.get_by_role("button", name="New permutation")).to_be_disabled()
    shuffle.get_by_role("button", name="Stop training").press("Escape")
    shuffle.get_by_text("Stopped.").wait_for()
    shuffle.get_by_role("button", name="Train all four").wait_for()


def test_what_was_trained_survives_a_reload_and_reaches_the_shift_test(lab: Lab) -> None:
    lab.write("small.ipynb", shuffle_cell(3200, 1), "from companion.explore import ShiftTest\nShiftTest()")
    lab.open("small.ipynb")
    lab.run_all()
    lab.output(0).get_by_role("button", name="Train all four").click()
    wait_for_steps(lab.output(0))
    lab.save()
    lab.reload()
    lab.show(0)
    lab.output(0).get_by_text("Done. With shuffled pixels:").wait_for(timeout=PATIENCE)
    expect(lab.output(0).locator("table td")).to_have_text(["", *[re.compile(r"^\d+\.\d %$")] * 6])
    lab.show(1)
    digit = lab.output(1).locator("[data-cc-drag]")
    lab.output(1).get_by_text(re.compile("The MLP says")).wait_for()
    table = lab.output(1).get_by_role("table", name="Probability of each class")
    answer = table.inner_text()
    digit.focus()
    for _ in range(6):
        lab.page.keyboard.press("ArrowRight")
    lab.output(1).get_by_text("shifted 6 right").wait_for()
    expect(table).not_to_have_text(answer, use_inner_text=True)


def test_a_cell_that_runs_neither_holds_up_the_training_nor_ends_it(lab: Lab) -> None:
    lab.write("busy.ipynb", shuffle_cell(**ENDLESS), "import time\nwhile True:\n    time.sleep(0.1)")
    lab.open("busy.ipynb")
    lab.page.evaluate(LATE_SUBSHELL)  # so that the first request waits for the endless cell
    lab.command("notebook:run-all-cells", wait=False)
    shuffle = lab.output(0)
    shuffle.get_by_role("button", name="Train all four").click()
    wait_for_steps(shuffle)
    lab.command("notebook:interrupt-kernel")
    lab.output(1).get_by_text("KeyboardInterrupt").first.wait_for()
    clock = shuffle.get_by_text(re.compile(r"Step [1-9]\d* of")).inner_text()
    expect(shuffle.locator(".cc-clock")).not_to_have_text(clock)
    lab.set_source(1, "pass")
    lab.run_all()  # the explorer, made anew, ends the training of the one before
    shuffle.get_by_role("button", name="Train all four").wait_for()


@pytest.mark.parametrize("way", ["button", "interrupt"])
def test_a_training_in_a_cell_can_be_stopped(lab: Lab, way: str) -> None:
    lab.write(
        f"{way}.ipynb",
        f"{MODEL}\nhistory = training.fit(model, x, y, epochs=1000, batch_size=16, validation=(x, y))",
        "print(type(history).__name__)",
    )
    lab.open(f"{way}.ipynb")
    lab.command("notebook:run-all-cells", wait=False)
    view = lab.output(0)
    view.get_by_text(re.compile(r"Epoch ([2-9]|\d{2,3}) of 1000, about \d+ s left")).wait_for(timeout=PATIENCE)
    if way == "button":
        view.get_by_role("button", name="Stop training").click()
    else:
        lab.command("notebook:interrupt-kernel")
    view.get_by_text(re.compile(r"Stopped after \d+\.\d of 1000 epochs")).first.wait_for()
    lab.output(1).get_by_text("History").wait_for()
    expect(view).not_to_contain_text("Traceback")
    expect(view.get_by_role("img", name=re.compile("accuracy: training 0.*, validation 0"))).to_have_count(1)
