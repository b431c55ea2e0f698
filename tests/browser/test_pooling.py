"""The explorers Pooling, SmallShifts and WhatIsLost in a browser: on a page of their own, and in JupyterLab."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from companion import data, explore, layers
from tests.browser.conftest import Show, settled, trait
from tests.browser.lab import Lab

pytestmark = pytest.mark.browser

TARGETS = {"max": [[8, 6], [3, 9]], "average": [[5, 3], [3, 4.5]]}
SOLUTION = [[8, 6, 6, 3], [4, 2, 2, 1], [3, 3, 9, 5], [3, 3, 3, 1]]
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def numbers(page: Page, title: str) -> list[float]:
    """What stands in the cells of one of Pooling's squares, once it is painted."""
    settled(page)
    cells = page.locator("figure", has=page.get_by_text(title, exact=True)).locator(".cc-pool-cell")
    return [float(text.replace("−", "-")) for text in cells.all_inner_texts()]


# ---------------------------------------------------------------------------------------------- pooling


def test_touching_an_output_names_its_window_and_winner(show: Show) -> None:
    page = show(explore.Pooling())
    box = page.locator("[data-cc-drag]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9)
    page.get_by_text("Row 2, column 2 of the map: the largest of 9, 3, 2, 5 is 9 (★).").wait_for()
    assert (trait(page, "row"), trait(page, "column")) == (2, 2)
    page.keyboard.press("ArrowUp")
    page.get_by_text("Row 1, column 2 of the map: the largest of 1, 0, 0, 4 is 4 (★).").wait_for()
    expect(page.get_by_text("its gradient of 1 goes to the winner alone")).to_be_visible()


def test_touching_an_input_names_the_windows_that_it_wins(show: Show) -> None:
    page = show(explore.Pooling(window=3, stride=1))
    page.get_by_label("Input, row 3, column 3", exact=True).focus()
    page.get_by_text("Row 3, column 3 of the input lies in 9 windows and wins 5 of them (★).").wait_for()
    expect(page.get_by_text("together 5")).to_be_visible()
    page.get_by_label("Input, row 0, column 0", exact=True).focus()
    page.get_by_text("lies in 1 window and wins none").wait_for()


def test_maps_and_gradients_follow_the_input(show: Show) -> None:
    page = show(explore.Pooling(np.zeros((4, 4))))
    page.get_by_label("Input, row 1, column 2", exact=True).fill("-5")
    page.get_by_label("Input, row 2, column 3", exact=True).fill("7")
    page.get_by_label("Gradient at the pooled map, row 1, column 1", exact=True).fill("4")
    x = np.zeros((4, 4))
    x[1, 2], x[2, 3] = -5, 7
    assert numbers(page, "Pooled map") == layers.pool2d(x).ravel().tolist()
    back = np.zeros((4, 4))
    back[0, 0] = back[0, 2] = back[2, 0] = 1  # of equals, the first one wins
    back[2, 3] = 4
    assert numbers(page, "at the input") == back.ravel().tolist()
    page.get_by_label("average", exact=True).check()
    assert numbers(page, "Pooled map") == layers.pool2d(x, kind="average").ravel().tolist()
    assert numbers(page, "at the input")[-1] == 1
    assert trait(page, "numbers") == x.tolist()


def test_the_floor_and_the_padding_are_explained(show: Show) -> None:
    page = show(explore.Pooling())
    page.locator("input[type=range]").nth(2).fill("7")
    page.get_by_text("The floor drops the last row and column (crossed out)").wait_for()
    page.get_by_text("⌊(7 − 2) / 2⌋ + 1 = 3").wait_for()
    expect(page.locator("[data-mark=unseen]")).to_have_count(2 * 13)
    page.get_by_label("same: ⌈n / s⌉ windows").check()
    page.get_by_text("⌈7 / 2⌉ = 4").wait_for()
    page.get_by_text("Padding (hatched) never wins").wait_for()
    expect(page.locator("[data-mark=unseen]")).to_have_count(0)
    page.get_by_label("global average").check()
    page.get_by_text("one window covers all 7 × 7 numbers").wait_for()
    expect(page.get_by_label("Window", exact=True)).to_be_disabled()


def test_a_window_larger_than_the_input_cannot_be_set(show: Show) -> None:
    page = show(explore.Pooling())
    page.locator("input[type=range]").nth(2).fill("3")
    page.get_by_label("Window", exact=True).fill("5")
    page.get_by_text("⌊(3 − 3) / 3⌋ + 1 = 1").wait_for()
    assert (trait(page, "window"), trait(page, "stride")) == (3, 3)


@pytest.mark.parametrize(
    ("python", "held"),
    [
        ({"window": 3, "stride": 3}, {"window": 3, "row": 1, "column": 1}),
        ({"numbers": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "window": 5}, {"window": 3, "row": 0, "column": 0}),
        ({"kind": "global max"}, {"window": 2, "row": 0, "column": 0}),
    ],
)
def test_page_and_python_agree_on_what_fits(show: Show, python: dict, held: dict) -> None:
    page = show(explore.Pooling(row=2, column=2))
    page.evaluate("values => window.python(values)", python)
    page.get_by_text(f"Row {held['row']}, column {held['column']} of the map").wait_for()
    assert {name: trait(page, name) for name in held} == held


def test_targets_are_counted_and_the_layer_is_fixed(show: Show) -> None:
    page = show(explore.Pooling(np.zeros((4, 4)), targets=TARGETS, answer="answer_9", backward=False))
    page.get_by_text("Target, max: 0 of 4 numbers are reached.").wait_for()
    expect(page.locator("input[type=range]")).to_have_count(0)
    for (row, column), value in np.ndenumerate(np.array(SOLUTION)):
        page.get_by_label(f"Input, row {row}, column {column}", exact=True).fill(str(value))
    page.get_by_text("Target, max: 4 of 4 numbers are reached. ✓").wait_for()
    page.get_by_text("Target, average: 4 of 4 numbers are reached. ✓").wait_for()


# ---------------------------------------------------------------------------------------------- small shifts


def shares(page: Page) -> list[float]:
    """The change of each map in per cent, once it is painted."""
    settled(page)
    return [float(text.removesuffix(" %")) for text in page.locator(".cc-shift-number").all_inner_texts()]


def test_the_shares_are_those_of_numpy(show: Show) -> None:
    page = show(explore.SmallShifts(shift=1))
    scene = data.picture("cat", size=146).astype(float)
    before, after = (np.maximum(layers.conv2d(scene[8:138, 8 - by : 138 - by], SOBEL), 0) for by in (0, 1))
    ways = [
        lambda x: x,
        layers.pool2d,
        lambda x: layers.pool2d(x, kind="average"),
        lambda x: x[::2, ::2],
    ]
    expected = [np.abs(way(before) - way(after)).sum() / (way(before) + way(after)).sum() for way in ways]
    np.testing.assert_allclose(shares(page), 100 * np.array(expected), atol=0.051)


def test_dragging_moves_the_picture_and_whole_windows_leave_a_copy(show: Show) -> None:
    page = show(explore.SmallShifts(shift=0))
    page.get_by_text("The picture stands where it was").wait_for()
    box = page.locator("[data-cc-drag]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 100 + 2 * box["width"] / 128, box["y"] + 120, steps=3)
    page.mouse.up()
    page.get_by_text("128 × 128 pixels, moved 2 pixels to the right").wait_for()
    assert trait(page, "shift") == 2
    assert min(shares(page)) > 40
    page.get_by_label("with the first map moved along").check()
    assert shares(page) == [0, 0, 0, 0]
    page.locator("[data-cc-drag]").press("ArrowRight")
    none, largest, average, strided = shares(page)
    assert none == 0
    assert 0 < largest < strided
    assert 0 < average < strided


# ---------------------------------------------------------------------------------------------- what is lost


def test_the_errors_are_those_of_numpy(show: Show) -> None:
    page = show(explore.WhatIsLost(picture="cat", window=4))
    cat = data.picture("cat").astype(float)
    for label, kind in (("Average, spread over its window", "average"), ("Max, spread over its window", "max")):
        page.get_by_role("radio", name=label).check()
        rebuilt = np.kron(layers.pool2d(cat, 4, kind=kind), np.ones((4, 4)))
        error = np.sqrt(np.mean((cat - rebuilt) ** 2))
        page.get_by_text(f"Error (root mean square): {error:.1f} grey levels").wait_for()
    expect(page.get_by_text("Kept: 1,024 of 16,384 numbers (6.25 %)")).to_be_visible()
    page.get_by_label("Window", exact=True).fill("7")
    page.get_by_text("Kept: 1 of 16,384 numbers").wait_for()
    assert (trait(page, "window"), trait(page, "row")) == (128, 0)


def test_page_and_python_agree_on_the_window_that_is_looked_into(show: Show) -> None:
    page = show(explore.WhatIsLost(window=4, row=20, column=31))
    page.evaluate("() => window.python({ window: 32 })")
    page.get_by_text("Row 3, column 3: 1,024 numbers become one").wait_for()
    assert (trait(page, "row"), trait(page, "column")) == (3, 3)


def test_one_window_is_looked_into(show: Show) -> None:
    page = show(explore.WhatIsLost(picture="digit", window=2, rebuild="winners", row=0, column=0))
    page.locator("[data-cc-drag]").press("ArrowDown")
    page.get_by_text("Row 1, column 0: 4 numbers become one; 4 of them are rebuilt as they were.").wait_for()
    assert trait(page, "row") == 1


# ---------------------------------------------------------------------------------------------- in JupyterLab


def test_an_input_for_both_targets_stands_in_the_cell(lab: Lab) -> None:
    lab.write(
        "pool.ipynb",
        f"from companion.explore import Pooling\nstart, targets = [[0] * 4] * 4, {TARGETS}",
        'answer_9 = None\nPooling(start, targets=targets, answer="answer_9", state=answer_9, backward=False)',
    )
    lab.open("pool.ipynb")
    lab.run_all()
    output = lab.widget(1)
    for (row, column), value in np.ndenumerate(np.array(SOLUTION)):
        output.get_by_label(f"Input, row {row}, column {column}", exact=True).fill(str(value))
    lab.page.keyboard.press("Enter")
    output.get_by_text("Written into the cell").wait_for()
    assert lab.source(1).startswith(f"answer_9 = {SOLUTION}\n")
    lab.set_source(1, lab.source(1).replace("[[8,", "[[7,"))
    output.get_by_text("Target, max: 3 of 4 numbers are reached.").wait_for()
    lab.set_source(1, re.sub("answer_9 = .*", "answer_9 = [[7, 1], [2]]", lab.source(1)))
    output.get_by_text("The cell’s answer_9 is not 4 rows of 4 numbers").wait_for()
    assert lab.errors == []


def test_what_the_learner_sets_reaches_python(lab: Lab) -> None:
    lab.write(
        "explore.ipynb",
        "from companion import explore\nshifts = explore.SmallShifts()\nshifts",
        "lost = explore.WhatIsLost()\nlost",
        "shifts.window = 4\nlost.rebuild = 'winners'",
    )
    lab.open("explore.ipynb")
    lab.run_all()
    lab.show(0)
    lab.output(0).get_by_text("32 × 32 numbers").first.wait_for()
    lab.output(0).get_by_role("slider", name="The picture").press("ArrowRight")
    lab.output(0).get_by_text("moved 2 pixels to the right").first.wait_for()
    lab.show(1)
    expect(lab.output(1).get_by_role("radio", name="Max, put back at its place")).to_be_checked()
    assert lab.errors == []
