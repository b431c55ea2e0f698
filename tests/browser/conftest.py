"""Fixtures of the browser tests: one JupyterLab server and one Chromium for all, a fresh page for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lab import Lab
from tests.browser.server import Server, jupyter_server
from tests.chromium import CHROMIUM_ARGUMENTS


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab server with an empty folder and default settings."""
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as started:
        yield started


@pytest.fixture
def lab(browser: Browser, server: Server) -> Iterator[Lab]:
    """A fresh page, not yet at any address; see tests/browser/lab.py for what it can do."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield Lab(context.new_page(), server)
    context.close()
