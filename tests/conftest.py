"""Fixtures that several test folders use."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.chromium import CHROMIUM_ARGUMENTS

if TYPE_CHECKING:
    import keras
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]

for name in ("COLUMNS", "LINES"):  # pytest-xdist sets them; tests say themselves how wide a terminal is
    os.environ.pop(name, None)

# jsonschema builds a parser of IRIs with it, which takes seconds in each process, and no test has to do with IRIs.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# No example fails for being slow: that says something of the machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

WORKER_MEMORY = 2 << 30  # bytes: TensorFlow, a JupyterLab server with a kernel, a browser's page
MOST_WORKERS = 8


def pytest_xdist_auto_num_workers() -> int:
    """How many tests `pytest -n auto` runs side by side: one for each core that there is, and room for it."""
    room = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // WORKER_MEMORY
    return max(1, min(len(os.sched_getaffinity(0)), room, MOST_WORKERS))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, the tests of a file stay together, for what they share is dear; a slow one stands alone.

    The mark `xdist_group` says otherwise. Groups with a slow test begin first, so that none begins when everything else
    is done.
    """
    if not getattr(config.option, "loadgroup", False):  # what pytest-xdist tells its workers
        return
    for item in items:
        if not (item.get_closest_marker("slow") or item.get_closest_marker("xdist_group")):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    slow = {_group(item) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: _group(item) not in slow)


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return mark.args[0] if mark else item.nodeid


@pytest.fixture(autouse=True, scope="session")
def _own_jupyter_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests out of the user's configuration of Jupyter, IPython and the course."""
    folder = tmp_path_factory.mktemp("j")
    os.environ["JUPYTER_CONFIG_DIR"] = str(folder / "config")
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
    os.environ["XDG_CONFIG_HOME"] = str(folder / "xdg")  # for the name that a learner packs under


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl+C interrupts this process and those that it starts, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def deep_path(tmp_path: Path) -> Iterator[Path]:
    """A temporary folder for hundreds of folders one in another: more than pytest can tidy up."""
    yield tmp_path
    subprocess.run(["rm", "-rf", tmp_path], check=True)


@pytest.fixture(scope="session")
def reader() -> "keras.Model":
    """The network of lesson 00 that reads digits; its tests are of the group "toys", so that it is trained once."""
    from companion import toys

    return toys.number_reader()


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the course."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    return found_program("Chromium", "chromium", "chromium-browser", "google-chrome")


def found_program(title: str, *names: str) -> str:
    """The path of a browser by one of the names of its program; without it the test is skipped, but never in CI."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"CI must have {title}, and none is on the PATH")
    if path is None:
        pytest.skip(f"no {title} on the PATH: install Debian's `{names[0]}` to run its tests")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator["Browser"]:
    """Chromium without a window; Playwright allows one for all tests of a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()
