"""A real JupyterLab server for the browser tests, far from the tester's own settings."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOKEN = "browser-tests"
JUPYTERLAB = (sys.executable, "-m", "jupyterlab")
START_SECONDS = 300  # of a slow machine

_CONFIG = {
    "IdentityProvider": {"token": TOKEN},
    "LabApp": {
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "expose_app_in_browser": True,  # the tests run commands through window.jupyterapp
    },
    "JupyterNotebookApp": {"expose_app_in_browser": True},
    "ServerApp": {
        "allow_root": True,
        "ip": "127.0.0.1",
        "open_browser": False,
        "port": 0,
        "quit_button": False,
    },
}


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str  # ends with "/"
    token: str
    root: Path  # the folder that JupyterLab's file browser shows


@contextmanager
def jupyter_server(folder: Path, command: Sequence[str] = JUPYTERLAB) -> Iterator[Server]:
    """Start JupyterLab with everything it writes kept in `folder`; stop it, with its kernels, on leaving.

    Parameters
    ----------
    folder
        An empty folder, but for `notebooks/`: what is there is what JupyterLab shows.
    command
        What starts the server in the folder in which it is given.

    Raises
    ------
    RuntimeError
        If the server ends, or does not answer within START_SECONDS; the message holds its log.
    """
    root, runtime, config = folder / "notebooks", folder / "runtime", folder / "config"
    for path in (root, runtime, config):
        path.mkdir(parents=True, exist_ok=True)
    (config / "jupyter_server_config.json").write_text(json.dumps(_CONFIG))
    news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"checkForUpdates": False, "fetchNews": "false"}))  # no question on the first start
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=root, env=_environment(folder), stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield Server(_wait_until_up(process, runtime, log), TOKEN, root)
    finally:
        _stop(process)


def _environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))}
    return kept | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _wait_until_up(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for record in runtime.glob("jpserver-*.json"):
            url = json.loads(record.read_text() or "{}").get("url")
            if url and _answers(url):
                return url
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start; its log says:\n{log.read_text()[-4000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
