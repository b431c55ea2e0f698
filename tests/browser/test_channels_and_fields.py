"""Channels and ReceptiveField in JupyterLab: what the learner sets reaches Python."""

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab

pytestmark = pytest.mark.browser


def test_what_the_learner_sets_reaches_python(lab: Lab) -> None:
    lab.write(
        "explore.ipynb",
        "from companion import explore\nchannels = explore.Channels()\nchannels",
        "fields = explore.ReceptiveField(layers=[(3, 1), (3, 1)])\nfields",
        "print(channels.kernel, channels.channel, channels.row, channels.column, fields.layers, fields.row)",
    )
    lab.open("explore.ipynb")
    lab.run_all()
    page = lab.page
    page.get_by_label("Kernel size").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("slider", name="Output channel", exact=True).press("ArrowRight")
    page.get_by_role("slider", name="Position in the output map").press("ArrowUp")
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_label("Layer 3, stride").fill("2")
    page.get_by_role("slider", name="Output position on the picture").press("Shift+ArrowUp")
    lab.run_until_it_prints(2, "4 2 29 30 [[3, 1, 1, 0], [3, 1, 1, 0], [3, 2, 1, 1]] 19")
    assert lab.errors == []


def test_own_layers_start_from_the_preset(lab: Lab) -> None:
    lab.write("fields.ipynb", "from companion import explore\nexplore.ReceptiveField()")
    lab.open("fields.ipynb")
    lab.run_all()
    choice = lab.output(0).get_by_label("Layers", exact=True)
    choice.select_option("one 7 × 7")
    choice.select_option("your own")
    kernel = lab.output(0).get_by_label("Layer 1, kernel")
    expect(kernel).to_have_value("7")
    kernel.focus()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("999")
    lab.output(0).get_by_text("The value from before, 7, stays in use.").wait_for()
    expect(lab.output(0).get_by_text("sees 7 × 7 pixels")).to_be_visible()
    assert lab.errors == []
