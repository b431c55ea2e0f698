"""The explorers Convolution and FindKernel in a browser: on a page of their own, and once each in JupyterLab."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from companion import explore, layers
from tests.browser.conftest import Show, settled, trait
from tests.browser.lab import PATIENCE, Lab

pytestmark = pytest.mark.browser

PICTURE = np.array([[0, 0, 1, 2, 2], [0, 3, 3, 1, 0], [2, 2, 0, 0, 4], [1, 0, 0, 5, 5], [0, 0, 3, 3, 0]])
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
ZERO = "rgb(246, 246, 247)"  # the colour of a weight of zero

# Whether some pixel of the feature map is bright.
IS_BRIGHT = """() => {
  const canvas = document.querySelector(".cc-pair figure:last-child canvas.cc-canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((level, index) => index % 4 !== 3 && level > 200);
}"""

# ---------------------------------------------------------------------------------------------- convolution


def test_dragging_moves_the_window_and_shows_its_sum(show: Show) -> None:
    page = show(explore.Convolution(picture="cat", kernel="vertical edges"))
    box = page.locator("[data-cc-drag]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    pixel = box["width"] / 128
    page.mouse.move(box["x"] + 101.5 * pixel, box["y"] + 51.5 * pixel, steps=5)
    page.mouse.up()
    row, column = trait(page, "row"), trait(page, "column")
    assert (row, column) == (50, 100)
    from companion import data

    expected = layers.conv2d(data.picture("cat").astype(float), explore.Convolution().kernel)[row, column]
    shown = page.locator(".cc-result").inner_text().replace("−", "-")
    assert float(shown) == expected


def test_arrow_keys_step_by_the_stride(show: Show) -> None:
    page = show(explore.Convolution(stride=2, row=3, column=3))
    page.locator("[data-cc-drag]").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Home"):
        page.keyboard.press(key)
    assert (trait(page, "row"), trait(page, "column")) == (4, 0)


def test_an_edited_kernel_is_used_at_once_and_reads_back(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity"))
    page.get_by_label("Kernel, row 1, column 1").fill("3")
    assert trait(page, "kernel") == [[0, 0, 0], [0, 3, 0], [0, 0, 0]]
    expect(page.get_by_label("Preset")).to_have_value("own numbers")
    page.keyboard.press("Tab")
    page.get_by_label("Kernel, row 1, column 1").fill("3x")
    expect(page.get_by_text("is not a number")).to_be_visible()
    assert trait(page, "kernel") == [[0, 0, 0], [0, 3, 0], [0, 0, 0]]


def test_sizes_without_output_are_explained(show: Show) -> None:
    page = show(explore.Convolution(size=16, dilation=4))
    page.get_by_label("Kernel size").select_option("5")
    message = page.get_by_text("No window fits")
    expect(message).to_contain_text("it spans 17 × 17 pixels, the padded picture only 16 × 16")
    page.get_by_role("button", name="Same").click()
    expect(message).to_be_hidden()
    expect(page.get_by_text("= 16", exact=False).first).to_be_visible()


def test_an_explorer_may_begin_without_output(show: Show) -> None:
    page = show(explore.Convolution(kernel=np.ones((5, 5)), size=16, dilation=4))
    page.get_by_text("No window fits").wait_for()
    page.get_by_role("button", name="Step").click()
    page.locator("[data-cc-drag]").press("ArrowDown")
    page.get_by_label("Dilation").fill("1")
    page.get_by_text("Feature map, 12 × 12 pixels").wait_for()


def test_convolution_turns_the_kernel(show: Show) -> None:
    page = show(explore.Convolution(kernel="vertical edges"))
    tiles = page.locator(".cc-factors figure").nth(1)
    expect(tiles.locator("span").first).to_have_text("−1")
    page.get_by_label("convolution: kernel turned").check()
    tiles.get_by_text("turned by 180°").wait_for()
    expect(tiles.locator("span").first).to_have_text("1")


def test_a_file_that_is_no_picture_changes_nothing(show: Show, tmp_path: Path) -> None:
    notes = tmp_path / "notes.png"
    notes.write_text("no picture")
    page = show(explore.Convolution(picture="coffee"))
    page.locator("input[type=file]").set_input_files(notes)
    page.get_by_text("“notes.png” is no picture").wait_for()
    settled(page)
    expect(page.get_by_role("button", pressed=True)).to_have_attribute("data-name", "coffee")


def test_an_uploaded_picture_is_cropped_and_made_grey(show: Show, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (300, 200), (255, 0, 0)).save(tmp_path / "red.png")
    page = show(explore.Convolution(kernel="identity"))
    page.locator("input[type=file]").set_input_files(tmp_path / "red.png")
    page.get_by_text("= 76").wait_for()  # 0.299 * 255
    assert trait(page, "picture") == "red.png"


def test_drawing_by_keyboard(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity", row=61, column=70))
    page.get_by_role("button", name="Draw").click()
    page.keyboard.press("Space")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.locator(".cc-result").get_by_text("255").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.locator(".cc-result").get_by_text("0", exact=True).wait_for()


def test_reduced_motion_leaves_only_steps(show: Show) -> None:
    page = show(explore.Convolution(row=0, column=0), reduced_motion="reduce")
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    assert (trait(page, "row"), trait(page, "column")) == (0, 1)


# What sticks out of the explorer; the diagram and the table scroll in boxes of their own, pictures clip their window.
STICKS_OUT = """() => {
  const root = document.querySelector(".cc");
  const edge = root.getBoundingClientRect().right;
  const own = ".cc-scroll, .cc-pair .cc-stage, .cc-unseen";
  const out = [...root.querySelectorAll("*")]
    .filter((node) => node.getBoundingClientRect().right > edge && !node.closest(own));
  return [...out.map((node) => node.outerHTML.slice(0, 80)), ...(root.scrollWidth > root.clientWidth ? ["root"] : [])];
}"""


@pytest.mark.parametrize("width", [360, 380, 620, 700, 1040])
@pytest.mark.parametrize("name", explore.EXPLORERS)
def test_no_horizontal_scrolling(show: Show, name: str, width: int) -> None:
    page = show(getattr(explore, name)(), width)
    assert page.evaluate(STICKS_OUT) == []


def test_the_channels_diagram_keeps_its_parts_apart(show: Show) -> None:
    page = show(explore.Channels(), 520)
    page.locator(".cc-scroll canvas").first.wait_for()
    box = "(node) => [node.clientWidth, node.scrollWidth]"
    shown, drawn = page.locator(".cc-scroll").evaluate(box)
    assert shown < 520
    assert drawn >= 600  # planes, window, kernel, sums and map take 547 pixels, their lines the rest


def test_pictures_and_controls_of_convolution_fit_on_one_screen(show: Show) -> None:
    page = show(explore.Convolution(), 930)
    top = page.locator(".cc").bounding_box()
    for part in (page.locator(".cc-sliding"), page.locator(".cc-kernel-panel"), page.locator(".cc-pair")):
        box = part.bounding_box()
        assert box
        assert top
        assert box["y"] + box["height"] - top["y"] < 700


def test_a_message_moves_no_picture(show: Show, tmp_path: Path) -> None:
    notes = tmp_path / "notes.png"
    notes.write_text("no picture")
    page = show(explore.Convolution(), 930)
    before = page.locator(".cc-pair").bounding_box()
    page.locator("input[type=file]").set_input_files(notes)
    page.get_by_text("“notes.png” is no picture").wait_for()
    settled(page)
    assert page.locator(".cc-pair").bounding_box() == before


def test_a_kernel_of_which_nothing_is_left_becomes_the_identity(show: Show) -> None:
    page = show(explore.Convolution(kernel="vertical edges"))
    page.get_by_label("Kernel size").select_option("1")
    page.get_by_text("so it became the identity").wait_for()
    assert trait(page, "kernel") == [[1]]


def test_the_scale_of_an_empty_map_is_zero(show: Show) -> None:
    page = show(explore.Convolution(kernel=np.zeros((3, 3))))
    assert page.locator(".cc-pair figure:last-child .cc-scale-ends").inner_text().split() == ["0"]


def test_a_decimal_comma_is_explained_and_counts_as_the_number_before(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity"))
    cell = page.get_by_label("Kernel, row 0, column 0")
    cell.focus()
    page.keyboard.type("2,5")
    page.get_by_text("write the decimal point as a point, 2.5. The value from before, 0, stays in use.").wait_for()
    assert trait(page, "kernel") == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


# ---------------------------------------------------------------------------------------------- find the kernel


def test_the_right_kernel_by_hand_is_recognised(show: Show) -> None:
    page = show(explore.FindKernel(picture=PICTURE, target=layers.conv2d(PICTURE, KERNEL), descent=False))
    expect(page.get_by_text("gradient descent")).to_have_count(0)
    for (row, column), weight in np.ndenumerate(KERNEL):
        page.get_by_label(f"Your kernel, row {row}, column {column}").fill(str(weight))
    page.get_by_text("Found. Your map is the target map.").wait_for()
    page.keyboard.press("Enter")
    assert page.evaluate("window.model.get('kernel')") == KERNEL.tolist()


def test_gradient_descent_finds_it(show: Show) -> None:
    page = show(explore.FindKernel(kernel="vertical edges"))
    page.get_by_label("Speed").fill("5")
    page.get_by_role("button", name="Run gradient descent").click()
    page.get_by_text("the hidden kernel is “vertical edges”").wait_for(timeout=PATIENCE)
    page.get_by_text("Found after").wait_for()  # then the run is over, and the kernel is Python's
    np.testing.assert_allclose(
        page.evaluate("window.model.get('kernel')"), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], atol=0.1
    )
    page.get_by_label("Your kernel, row 0, column 0").fill("1")
    expect(page.get_by_text("Found after")).to_be_hidden()


def test_a_kernel_that_is_found_has_no_loss_and_descent_starts_from_zeros(show: Show) -> None:
    page = show(explore.FindKernel(kernel="vertical edges"))
    for (row, column), weight in np.ndenumerate(np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])):
        page.get_by_label(f"Your kernel, row {row}, column {column}").fill(str(weight))
    page.get_by_text("the hidden kernel is “vertical edges”").wait_for()
    expect(page.locator(".cc-loss")).to_have_text("0")
    page.get_by_label("Speed").fill("0")
    page.get_by_role("button", name="Run gradient descent").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text(re.compile(r"\d+ steps? so far")).wait_for()
    expect(page.get_by_label("Your kernel, row 1, column 0")).not_to_have_value("-2")


def test_written_is_said_only_of_the_kernel_in_the_cell(show: Show) -> None:
    page = show(explore.FindKernel(picture=PICTURE, target=layers.conv2d(PICTURE, KERNEL), answer="answer_9"))
    page.evaluate("""document.addEventListener("cnn-companion:answer", ({ detail }) => {
      window.inCell = detail.literal;
      detail.outcome = { written: true };
    })""")
    cell = page.get_by_label("Your kernel, row 0, column 0")
    cell.focus()
    page.keyboard.type("4")
    page.get_by_text("Written into the cell").wait_for()
    assert page.evaluate("window.inCell") == "[[4, 0, 0], [0, 0, 0], [0, 0, 0]]"
    said = cell.evaluate("""(node) => {
      node.value = "5";
      node.dispatchEvent(new Event("input", { bubbles: true }));
      return document.querySelector(".cc").textContent.includes("Written into the cell");
    }""")
    assert said is False


def test_too_large_a_rate_diverges_and_says_why(show: Show) -> None:
    page = show(explore.FindKernel(kernel="vertical edges"), reduced_motion="reduce")
    page.get_by_label("Learning rate").fill("2.5")
    expect(page.get_by_text("each step lands higher on the other side, and the loss grows")).to_be_visible()
    page.get_by_role("button", name="Run gradient descent").click()
    page.get_by_text("Diverged: the learning rate is too large").wait_for()


def test_a_widget_rendered_outside_of_the_document_is_coloured_once_shown(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity"))
    page.evaluate("""async () => {
      const { default: widget } = await import("./widget.js");
      window.unseen = document.createElement("div");
      await widget.render({ model: window.model, el: window.unseen });
    }""")
    settled(page)
    page.evaluate("document.getElementById('out').replaceChildren(window.unseen)")
    expect(page.locator(".cc-cell").first).to_have_css("background-color", ZERO)


# ------------------------------------------------------------------------------- Python and the learner at once

# Key presses and entries as the page sees them, but all in one go: no timer comes between.
ACTS = """
  const stage = document.querySelector("[data-cc-drag]");
  const press = (key) => stage.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const type = (label, text, root = document) => {
    const cell = root.querySelector(`[aria-label="${label}"]`);
    cell.focus();
    cell.value = text;
    cell.dispatchEvent(new Event("input", { bubbles: true }));
  };
"""


def at_once(page: Page, body: str) -> object:
    """Run `body` on the page with `press(key)` and `type(label, text)`; what it returns."""
    return page.evaluate(f"() => {{ {ACTS} {body} }}")


EDITED = [[7, 0, 1], [-2, 0, 2], [-1, 0, 1]]
TYPED = [[7, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("name", "act", "python", "learner"),
    [
        ("Convolution", "press('ArrowDown')", {"dilation": 2, "picture": "coins"}, {"row": 41, "column": 40}),
        ("Convolution", "type('Kernel, row 0, column 0', '7')", {"kernel": [[1]], "row": 3}, {"kernel": EDITED}),
        ("Convolution", "press('ArrowDown')", {"row": 3, "column": 5}, {"row": 41}),
        ("Pooling", "press('ArrowDown')", {"kind": "average"}, {"row": 1}),
        ("Pooling", "press('ArrowDown')", {"numbers": [[1, 2], [3, 4]], "stride": 1}, {}),
        ("FindKernel", "type('Your kernel, row 0, column 0', '7')", {"kernel": [[1] * 3] * 3}, {"kernel": TYPED}),
        ("SmallShifts", "press('ArrowRight')", {"window": 4}, {"shift": 2}),
        ("WhatIsLost", "press('ArrowRight')", {"rebuild": "winners"}, {"column": 7}),
    ],
)
def test_the_newest_wins_for_each_trait_by_itself(show: Show, name: str, act: str, python: dict, learner: dict) -> None:
    page = show(getattr(explore, name)())
    at_once(page, f"{act}; window.python({json.dumps(python)});")
    for trait_name, value in {**python, **learner}.items():
        assert trait(page, trait_name) == value, trait_name


@pytest.mark.parametrize(
    ("name", "dragged", "x", "y"),
    [
        ("Channels", "column", 0.8, 0.8),
        ("ReceptiveField", "column", 0.8, 0.8),
        ("DesignSpace", "widths", 0.9, 0.9),
        ("ParameterCalculator", "width", 0.9, 0.8),
        ("ShiftTest", "column", 0.8, 0.8),
    ],
)
def test_a_drag_counts_although_the_view_ends_before_it(
    show: Show, name: str, dragged: str, x: float, y: float
) -> None:
    page = show(getattr(explore, name)())
    before = page.evaluate("name => window.model.get(name)", dragged)
    box = page.locator("[data-cc-drag]").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    assert page.evaluate("name => { window.end(); return window.model.get(name); }", dragged) != before
    assert page.evaluate("window.saves") > 0


@pytest.mark.parametrize("ending", ["window.end()", "dispatchEvent(new PageTransitionEvent('pagehide'))"])
@pytest.mark.parametrize(
    ("name", "act", "changed"),
    [
        ("Convolution", "press('ArrowDown')", {"row": 41}),
        ("Pooling", "press('ArrowDown')", {"row": 1}),
        ("SmallShifts", "press('ArrowRight')", {"shift": 2}),
        ("WhatIsLost", "press('ArrowRight')", {"column": 7}),
    ],
)
def test_a_step_counts_although_the_view_ends_at_once(
    show: Show, name: str, act: str, changed: dict, ending: str
) -> None:
    page = show(getattr(explore, name)())
    at_once(page, f"{act}; {ending}; window.after = window.model.all();")
    assert page.evaluate("window.saves") == 1
    assert {key: page.evaluate("name => window.after[name]", key) for key in changed} == changed


def test_a_number_that_is_half_typed_stays_when_python_sets_another_trait(show: Show) -> None:
    page = show(explore.Convolution(kernel="identity"))
    cell = page.get_by_label("Kernel, row 0, column 0")
    cell.focus()
    page.keyboard.type("-")
    page.evaluate("window.python({ stride: 2 })")
    settled(page)
    page.keyboard.type("5")
    expect(cell).to_have_value("-5")
    assert trait(page, "kernel") == [[-5, 0, 0], [0, 1, 0], [0, 0, 0]]


# Stands in for the JupyterLab extension; `window.inCell` is the literal that the cell holds.
EXTENSION = """() => {
  document.addEventListener("cnn-companion:mount", ({ target, detail: { name } }) => {
    target.dispatchEvent(new CustomEvent("cnn-companion:source", { detail: { name, literal: window.inCell } }));
  });
  document.addEventListener("cnn-companion:answer", ({ target, detail }) => {
    window.inCell = detail.literal;
    detail.outcome = { written: true };
    target.dispatchEvent(new CustomEvent("cnn-companion:source", { detail }));
  });
}"""

ANSWERS = {
    "FindKernel": (
        lambda: explore.FindKernel(picture=PICTURE, target=layers.conv2d(PICTURE, KERNEL), answer="answer_9"),
        "Your kernel, row 0, column 0", "[[4, 0, 0], [0, 0, 0], [0, 0, 0]]",
    ),
    "Pooling": (
        lambda: explore.Pooling(np.zeros((2, 2)), answer="answer_9"), "Input, row 0, column 0", "[[4, 0], [0, 0]]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_entry_counts_although_the_view_ends_at_once(show: Show, name: str) -> None:
    make, label, literal = ANSWERS[name]
    page = show(make())
    page.evaluate(EXTENSION)
    at_once(page, f"type('{label}', '4'); window.end();")
    assert page.evaluate("window.inCell") == literal
    assert str(trait(page, "kernel" if name == "FindKernel" else "numbers")) == literal


@pytest.mark.parametrize("name", ANSWERS)
def test_an_entry_before_the_first_report_of_the_cell_wins(show: Show, name: str) -> None:
    make, label, literal = ANSWERS[name]
    page = show(make())
    page.evaluate(EXTENSION)
    page.evaluate(f"""async () => {{
      {ACTS}
      window.inCell = "{literal.replace("4", "0")}";
      const {{ default: widget }} = await import("./widget.js");
      window.end();
      const el = document.createElement("div");
      window.end = await widget.render({{ model: window.model, el }});
      document.getElementById("out").replaceChildren(el); // seen from the next frame on
      type("{label}", "4", el);
    }}""")
    page.get_by_text("Written into the cell").wait_for()
    assert page.evaluate("window.inCell") == literal
    expect(page.get_by_label(label, exact=True)).to_have_value("4")


# ---------------------------------------------------------------------------------------------- in JupyterLab


def test_an_entry_is_in_the_cell_although_the_output_is_cleared_at_once(lab: Lab) -> None:
    lab.write(
        "cleared.ipynb",
        "from companion.explore import FindKernel",
        f"answer_9 = None\nexplorer = FindKernel(picture={PICTURE.tolist()}, "
        f'target={layers.conv2d(PICTURE, KERNEL).tolist()}, answer="answer_9")\nexplorer',
        "print([int(weight) for weight in explorer.kernel[0]])",
    )
    lab.open("cleared.ipynb")
    lab.run_all()
    lab.widget(1)
    at_once(
        lab.page,
        """
      type("Your kernel, row 0, column 0", "4");
      window.jupyterapp.shell.currentWidget.content.widgets[1].model.outputs.clear();
    """,
    )
    lab.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.getSource().includes('[[4, 0, 0]')"
    )
    lab.run_until_it_prints(2, "[4, 0, 0]")
    assert lab.errors == []


def test_a_kernel_found_by_hand_stands_in_the_cell(lab: Lab) -> None:
    lab.write(
        "find.ipynb",
        "from companion.explore import FindKernel",
        f"answer_9 = None\nFindKernel(picture={PICTURE.tolist()}, target={layers.conv2d(PICTURE, KERNEL).tolist()}, "
        'answer="answer_9", state=answer_9, descent=False)',
    )
    lab.open("find.ipynb")
    lab.run_all()
    cell = lab.widget(1).get_by_label("Your kernel, row 0, column 0")
    cell.fill("1")
    cell.press("Enter")
    lab.output(1).get_by_text("Written into the cell").wait_for()
    assert lab.source(1).startswith("answer_9 = [[1, 0, 0], [0, 0, 0], [0, 0, 0]]\n")
    lab.set_source(1, lab.source(1).replace("[[1, 0, 0]", "[[1, 0, -1]"))
    lab.page.wait_for_function("document.querySelector('[aria-label=\"Your kernel, row 0, column 2\"]').value === '-1'")
    lab.output(1).get_by_label("Your kernel, row 2, column 2").focus()
    lab.page.keyboard.type("-1")
    lab.save()
    assert lab.saved("find.ipynb")[1].startswith("answer_9 = [[1, 0, -1], [0, 0, 0], [0, 0, -1]]\n")
    assert lab.errors == []


def test_signed_colours_are_there_after_a_reload(lab: Lab) -> None:
    lab.write("colours.ipynb", "from companion.explore import Convolution\nConvolution()")
    lab.open("colours.ipynb")
    lab.run_all()
    cell = lab.output(0).get_by_label("Kernel, row 0, column 1")
    cell.wait_for()
    lab.save()
    lab.reload()
    expect(cell).to_have_css("background-color", ZERO)
    lab.page.wait_for_function(IS_BRIGHT)
    assert lab.errors == []


def test_python_reads_and_sets_the_explorer(lab: Lab) -> None:
    lab.write(
        "convolution.ipynb",
        'from companion.explore import Convolution\nexplorer = Convolution(kernel="identity")\nexplorer',
        "print([[int(weight) for weight in row] for row in explorer.kernel], explorer.row)",
        "explorer.stride = 4",
    )
    lab.open("convolution.ipynb")
    lab.command("notebook:run-cell-and-select-next")
    lab.wait_idle()
    lab.output(0).get_by_label("Kernel, row 0, column 0").fill("7")
    lab.output(0).locator("[data-cc-drag]").press("ArrowDown")
    lab.run_until_it_prints(1, "[[7, 0, 0], [0, 1, 0], [0, 0, 0]] 41")
    lab.run(2)
    lab.show(0)
    lab.output(0).get_by_text("Feature map, 32 × 32 pixels").wait_for()
    assert lab.errors == []
