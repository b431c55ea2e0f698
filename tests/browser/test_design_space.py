"""DesignSpace and ParameterCalculator in a browser: on a page of their own, and in JupyterLab as a graded answer."""

from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from companion import arithmetic, explore
from tests.browser.conftest import Show, settled, trait
from tests.browser.lab import Lab

pytestmark = pytest.mark.browser


def parameters(page: Page) -> int:
    """The sum below the table of layers, once it is painted."""
    settled(page)
    return int(page.locator("tfoot .cc-ds-parameters").inner_text().replace(",", ""))


def of_widths(widths: object) -> int:
    assert isinstance(widths, list)
    sizes = [784, *widths, 10]
    return sum(arithmetic.dense_parameters(a, b) for a, b in pairwise(sizes))


def drag(handle: Locator, fraction: float) -> None:
    """Press in the middle of a handle's box and release at this fraction of its height."""
    box = handle.bounding_box()
    assert box is not None
    mouse = handle.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + fraction * box["height"], steps=4)
    mouse.up()


def test_the_count_explodes_as_the_lesson_says(show: Show) -> None:
    page = show(explore.DesignSpace(widths=[128, 128], alike=True))
    count = page.locator(".cc-ds-count")
    expect(count).to_have_text("72 designs")
    page.get_by_label("each its own").check()
    expect(count).to_have_text("111,150 designs")
    expect(page.get_by_text("77 days.")).to_be_visible()
    page.get_by_label("Hidden layers, up to").fill("8")
    expect(count).to_have_text("11,668,193,550 designs")
    page.get_by_label("every width between").check()
    expect(count).to_contain_text("× 10")
    assert trait(page, "deepest") == 8
    assert trait(page, "every") is True


def test_a_bar_is_dragged_or_stepped_and_the_parameters_follow(show: Show) -> None:
    page = show(explore.DesignSpace(widths=[128, 64]))
    first, second = (page.get_by_role("slider", name=f"Neurons of hidden layer {layer}") for layer in (1, 2))
    drag(first, 0.02)
    assert trait(page, "widths") == [512, 64]
    drag(first, 0.45)
    assert trait(page, "widths") == [16, 64]
    second.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    assert trait(page, "widths") == [32, 128]
    assert parameters(page) == of_widths([32, 128])


def test_a_dot_becomes_the_network(show: Show) -> None:
    page = show(explore.DesignSpace(widths=[128, 64]))
    cloud = page.locator("[data-cc-drag]")
    box = cloud.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.9 * box["height"])
    widths = trait(page, "widths")
    assert len(widths) == 4
    assert parameters(page) == of_widths(widths)
    cloud.focus()
    page.keyboard.press("ArrowRight")
    more = of_widths(trait(page, "widths"))
    assert more > of_widths(widths)
    page.keyboard.press("ArrowUp")
    assert len(trait(page, "widths")) == 3


def test_layers_that_are_alike_change_together(show: Show) -> None:
    page = show(explore.DesignSpace(widths=[64, 64], alike=True))
    page.get_by_role("button", name="Add a hidden layer").click()
    page.get_by_role("slider", name="Neurons of hidden layer 2").press("ArrowUp")
    page.get_by_label("Activation of hidden layer 1").select_option("tanh")
    assert trait(page, "widths") == [128, 128, 128]
    assert trait(page, "functions") == ["tanh"] * 3


def test_ranges_bring_the_network_along(show: Show) -> None:
    page = show(explore.DesignSpace(widths=[512, 64, 64]))
    page.get_by_label("up to", exact=True).select_option("32")
    page.get_by_label("Hidden layers, up to").fill("2")
    assert trait(page, "widths") == [32, 32]
    page.get_by_label("Widths from").select_option("128")
    assert (trait(page, "narrowest"), trait(page, "widest")) == (128, 128)
    assert trait(page, "widths") == [128, 128]
    for activation in ("relu", "tanh"):
        page.get_by_label(activation, exact=True).uncheck()
    expect(page.get_by_label("sigmoid", exact=True)).to_be_disabled()
    assert trait(page, "functions") == ["sigmoid", "sigmoid"]


def test_the_corner_of_the_picture_sets_its_size(show: Show) -> None:
    page = show(explore.ParameterCalculator(height=28, width=28))
    corner = page.locator("[data-cc-drag]")
    box = corner.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.25 * box["height"])
    height, width = trait(page, "height"), trait(page, "width")
    assert (height, width) == (pytest.approx(128, abs=3), pytest.approx(256, abs=3))
    corner.press("Shift+ArrowRight")
    corner.press("ArrowUp")
    assert (trait(page, "height"), trait(page, "width")) == (height - 1, width + 10)


@pytest.mark.parametrize(
    ("preset", "weights", "units", "megabytes"),
    [
        ("28 × 28 × 1", "28 × 28 × 1 = 784 weights", "64", "0.2 MB"),
        ("200 × 200 × 3", "200 × 200 × 3 = 120,000 weights", "1000", "480 MB"),
        ("224 × 224 × 3", "224 × 224 × 3 = 150,528 weights", "1000", "602 MB"),
    ],
)
def test_presets_show_the_weights_of_a_neuron(
    show: Show, preset: str, weights: str, units: str, megabytes: str
) -> None:
    page = show(explore.ParameterCalculator(height=50, width=60))
    name = page.locator("option", has_text=preset).inner_text()
    page.get_by_label("Picture", exact=True).select_option(name)
    page.get_by_label("Neurons, or kernels").select_option(units)
    expect(page.get_by_text(weights)).to_be_visible()
    expect(page.locator(".cc-cost-count", has_text=megabytes)).to_be_visible()


def test_the_picture_changes_the_dense_layer_only(show: Show) -> None:
    page = show(explore.ParameterCalculator(height=100, width=100, channels=3, units=64))
    convolution, dense = (page.locator(".cc-cost-count").nth(place) for place in (0, 1))
    expect(convolution).to_have_text("1,792")
    page.get_by_label("Height").fill("200")
    page.get_by_label("Width").fill("200")
    expect(dense).to_have_text(f"{arithmetic.dense_parameters(200 * 200 * 3, 64):,}")
    expect(convolution).to_have_text("1,792")


def test_a_network_is_written_into_the_cell_and_read_back(lab: Lab) -> None:
    lab.write(
        "graded.ipynb",
        "from companion import explore",
        'answer_8 = None\nexplore.DesignSpace(answer="answer_8", state=answer_8, budget=30_000)',
        "print(answer_8)",
    )
    lab.open("graded.ipynb")
    lab.run_all()
    explorer = lab.widget(1)
    expect(explorer.get_by_text("above the limit of 30,000")).to_be_visible()
    first = explorer.get_by_role("slider", name="Neurons of hidden layer 1")
    for _ in range(3):
        first.press("ArrowDown")
    explorer.get_by_role("button", name="Add a hidden layer").click()
    expect(explorer.locator("p[role=status]")).to_contain_text("Written into the cell")
    assert lab.source(1).startswith("answer_8 = [16, 64, 64]\n")
    expect(explorer.get_by_text("within the limit of 30,000")).to_be_visible()

    lab.set_source(1, lab.source(1).replace("[16, 64, 64]", "[8, 300]"))
    expect(explorer.get_by_text("784 – 8 – 300 – 10 neurons")).to_be_visible()
    lab.set_source(1, lab.source(1).replace("[8, 300]", "[8, 300.5]"))
    expect(explorer.get_by_text("is no list of 1 to 4 whole numbers")).to_be_visible()
    assert lab.errors == []
