"""Fixtures of the browser tests: one JupyterLab for all, which takes seconds to load, and a page for explorers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from companion.explore.base import Explorer
from tests.browser.lab import MINUTE, Lab, painted
from tests.browser.server import Server, jupyter_server
from tests.explore.page import served

Show = Callable[..., Page]

expect.set_options(timeout=MINUTE)

# Keeps count of the timers that are still to run, so that a test can tell when nothing is under way any more. Those of
# more than a second tell the learner something after a long wait.
COUNT_TIMERS = """(() => {
  if (window.timersToRun) return; // the page counts already
  const { setTimeout: start, clearTimeout: stop } = window;
  const waiting = new Set();
  window.setTimeout = (callback, delay = 0, ...values) => {
    const timer = start(() => { waiting.delete(timer); callback(...values); }, delay);
    if (delay <= 1000) waiting.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => { waiting.delete(timer); stop(timer); };
  window.timersToRun = () => waiting.size;
})()"""


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab server with an empty folder and default settings."""
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as started:
        yield started


@pytest.fixture
def lab(lab_page: Page, server: Server) -> Iterator[Lab]:
    """JupyterLab without any document; see tests/browser/lab.py for what it can do."""
    lab = Lab(lab_page, server)
    yield lab
    lab.leave()


@pytest.fixture(scope="session")
def lab_page(browser: Browser) -> Iterator[Page]:
    """The page of all tests that do not need one of their own."""
    with new_page(browser) as page:
        yield page


@pytest.fixture
def own_lab(browser: Browser, server: Server) -> Iterator[Lab]:
    """A page of this test's own, not yet at any address."""
    with new_page(browser) as page:
        lab = Lab(page, server)
        yield lab
        lab.leave()


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """A page that shares nothing with others."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def explorer_page(browser: Browser) -> Iterator[Page]:
    """A page for one explorer after the other."""
    with new_page(browser) as page:
        yield page


@pytest.fixture
def show(browser: Browser, explorer_page: Page) -> Iterator[Show]:
    """show(explorer, width=1040, **context): the explorer's page; a script error on it fails the test."""
    errors: list[str] = []
    pages: list[Page] = []

    def note(error: object) -> None:
        errors.append(str(error))

    with ExitStack() as stack:

        def page_for(width: int, context: dict[str, object]) -> Page:
            viewport = {"width": width + 40, "height": 1000}
            if pages or context:
                page = browser.new_page(viewport=viewport, **context)
                stack.callback(page.close)
                return page
            explorer_page.set_viewport_size(viewport)
            stack.callback(clear, explorer_page)
            return explorer_page

        def open_page(widget: Explorer, width: int = 1040, **context: object) -> Page:
            page = page_for(width, context)
            page.set_default_timeout(MINUTE)
            page.on("pageerror", note)
            stack.callback(page.remove_listener, "pageerror", note)
            page.add_init_script(COUNT_TIMERS)
            page.goto(stack.enter_context(served(widget, width)))
            page.wait_for_function("window.ready")
            settled(page)
            pages.append(page)
            return page

        yield open_page
        for page in pages:
            settled(page)
    assert errors == []


def clear(page: Page) -> None:
    """Take the page away from its explorer, with the mouse as it is on a new one."""
    page.goto("about:blank")
    page.mouse.up()
    page.mouse.move(0, 0)


def settled(page: Page) -> None:
    """Wait until an explorer's page, opened by `show`, has painted and sent all that has happened to it."""
    painted(page)  # what is painted may start a timer
    while page.evaluate("window.timersToRun()"):
        page.wait_for_function("window.timersToRun() === 0")
        painted(page)


def trait(page: Page, name: str) -> object:
    """The trait of the explorer on the page, once the page has sent it on."""
    settled(page)
    return page.evaluate("name => window.model.get(name)", name)
