"""`make show`: one explorer in a page that is loaded anew when a file changes."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import MINUTE
from tests.explore import page as shown

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with shown.served_folder(tmp_path) as found:
        shown.refresh("SmallShifts", tmp_path, version=1)
        yield found


def test_the_page_is_loaded_anew_when_it_was_made_anew(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page()
    page.set_default_timeout(MINUTE)
    page.goto(f"{address}?dark")
    page.get_by_role("slider", name="The picture").wait_for()
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    page.evaluate("window.stale = true")
    shown.refresh("SmallShifts", tmp_path, version=2)
    page.wait_for_function("window.ready && !window.stale")
    page.close()


def test_without_a_name_it_says_what_there_is() -> None:
    command = [sys.executable, "-m", "tests.explore.page"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert re.match(r"make show NAME=\.\.\. with one of Channels, Classifier, ", said.stderr)
