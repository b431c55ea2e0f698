"""Takes the README's pictures from the real course in a real JupyterLab: `make screenshots`."""

import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import Lab  # noqa: E402
from tests.browser.server import jupyter_server  # noqa: E402
from tests.chromium import CHROMIUM_ARGUMENTS  # noqa: E402

DOCS = Path(__file__).parent
QUIZ = "quizzes/02-convolution/quiz.ipynb"
EXPLORERS = {
    "lessons/01-why-not-mlp.ipynb": {"pixel-shuffle": "pixel-shuffle", "shift-test": "shift-test"},
    "lessons/02-convolution.ipynb": {
        "convolution": "convolution",
        "find-the-kernel-explorer": "find-the-kernel",
        "channels-explorer": "channels",
        "receptive-field-explorer": "receptive-field",
    },
    "lessons/03-pooling.ipynb": {"pooling-explorer": "pooling", "shifts-explorer": "small-shifts"},
}
NOT_SHOWN = {
    "Classifier": "its page needs a network's answer, which no picture shows better than a sentence",
    "DesignSpace": "numbers and a cloud of points, which say little before they are touched",
    "ParameterCalculator": "the same as the cost below Channels",
    "ReadNumber": "its page waits for a drawing",
    "WhatIsLost": "the README has two of unit 03 already",
    "Flatten": "it shows a motion, which a picture can only hint at",
}
FIRST = {
    "pixel-shuffle": ("Train all four", "Done."),
    "find-the-kernel": ("Run gradient descent", ""),
}  # press, wait for


def index_of(path: str, cell_id: str) -> int:
    """The position of a cell in a notebook."""
    return [cell.id for cell in nbformat.read(ROOT / path, as_version=4).cells].index(cell_id)


def explorer(lab: Lab, lesson: str, cell_id: str) -> Locator:
    """The explorer below a cell of the open lesson, scrolled into view."""
    position = index_of(lesson, cell_id)
    lab.show(position)
    return lab.output(position).locator(".cc").first


def take(what: Locator, name: str) -> None:
    """Save a picture of one part of the page as docs/NAME.png."""
    what.scroll_into_view_if_needed()
    what.page.wait_for_timeout(1000)  # the notebook scrolls smoothly
    what.screenshot(path=DOCS / f"{name}.png")
    print(f"docs/{name}.png")


def main() -> None:
    """Open the lesson and the quiz, bring each explorer to a telling state, and take its picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not on the PATH: install Debian's `chromium` first.")
    with tempfile.TemporaryDirectory() as folder, jupyter_server(Path(folder)) as server, sync_playwright() as tool:
        for part in ("lessons", "quizzes"):
            shutil.copytree(ROOT / part, server.root / part)
        browser = tool.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        lab = Lab(browser.new_page(viewport={"width": 1360, "height": 1400}), server)

        for lesson, cells in EXPLORERS.items():
            lab.open(lesson)
            lab.run_all()
            for cell_id, name in cells.items():
                shown = explorer(lab, lesson, cell_id)
                if name in FIRST:
                    button, word = FIRST[name]
                    shown.get_by_role("button", name=button).click()
                    shown.get_by_text(word).first.wait_for(timeout=120_000)
                take(shown, name)
                if name == "convolution":
                    lab.theme("dark")
                    take(explorer(lab, lesson, cell_id), "convolution-dark")
                    lab.theme("light")

        lab.open(QUIZ)
        lab.run_all()
        question = index_of(QUIZ, "answer-1")
        lab.show(question)
        lab.output(question).get_by_role("radio").nth(3).check()
        take(lab.cell(question), "question")
        browser.close()


if __name__ == "__main__":
    main()
