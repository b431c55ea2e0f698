"""Fixtures that several test folders use."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# No example fails for being slow: that says something of the machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def _own_jupyter_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests out of the user's configuration of Jupyter and IPython."""
    folder = tmp_path_factory.mktemp("j")
    os.environ["JUPYTER_CONFIG_DIR"] = str(folder / "config")
    os.environ["IPYTHONDIR"] = str(folder / "ipython")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the course."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; without it a browser test is skipped, but never in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and os.environ.get("CI"):
        pytest.fail("CI must have Chromium, and none is on the PATH")
    if path is None:
        pytest.skip("no Chromium on the PATH: install Debian's `chromium` to run the browser tests")
    return path
