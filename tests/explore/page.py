"""One explorer on a page of its own, with a stand-in for anywidget's model: no Jupyter, no kernel.

`make show NAME=Pooling` shows one in the browser and loads it anew whenever one of its files has changed. The address
with `?dark` at its end shows it in JupyterLab's dark colours.
"""

import base64
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from companion import explore
from companion.explore.base import Explorer

COMPANION = Path(explore.__file__).parents[1]
LOOK = 0.01  # seconds after which a server sees that it is to stop

# A stand-in for anywidget's model: traits as JSON, or base64 for bytes.
PAGE = """<!doctype html><meta charset="utf-8"><title>Explorer</title><link rel="icon" href="data:,">
<style>body { margin: 20px; } #out { width: %(width)dpx; }
%(style)s</style>
<body data-jp-theme-light="true"><div id="out"></div>
<script type="module">
import widget from "./widget.js";
const traits = %(traits)s;
for (const [name, value] of Object.entries(traits)) {
  if (value?.base64 !== undefined) {
    traits[name] = new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer);
  }
}
const listeners = {};
const model = {
  get: (name) => traits[name],
  all: () => ({ ...traits }),
  set(name, value) { traits[name] = value; for (const listener of listeners[`change:${name}`] ?? []) listener(); },
  on(name, listener) { (listeners[name] ??= new Set()).add(listener); },
  off(name, listener) { listeners[name]?.delete(listener); },
  save_changes() { window.saves += 1; },
  send(content, callbacks, buffers = []) { window.sent.push({ content, buffers }); },
};
window.model = model;
window.saves = 0; // how often traits were sent to Python
window.sent = []; // messages to Python
window.python = (values) => { // what Python sets in one go
  Object.assign(traits, values);
  for (const name of Object.keys(values)) for (const listener of listeners[`change:${name}`] ?? []) listener();
};
window.answer = (content) => { for (const listener of listeners["msg:custom"] ?? []) listener(content, []); };
window.end = await widget.render({ model, el: document.getElementById("out") });
window.ready = true;
</script>"""

# Shows the page in JupyterLab's dark colours.
DARK = """() => {
  const colours = {
    "layout-color1": "#111111", "layout-color2": "#2a2a2a", "border-color1": "#616161",
    "content-font-color1": "#ffffffde",
  };
  for (const [name, colour] of Object.entries(colours)) document.body.style.setProperty(`--jp-${name}`, colour);
  Object.assign(document.body.style, { background: "#111111", colorScheme: "dark" });
  document.body.dataset.jpThemeLight = "false";
}"""

# Loads the page anew when it has been made anew.
LIVE = """<script type="module">
const version = () => fetch("./version.txt", { cache: "no-store" }).then((answer) => answer.text()).catch(() => shown);
const shown = await version();
setInterval(async () => { if (await version() !== shown) location.reload(); }, 500);
if (location.search === "?dark") (SHOW_DARK)();
</script>""".replace("SHOW_DARK", DARK)


def page_of(widget: Explorer, width: int) -> str:
    """The HTML page that shows one explorer."""
    traits = {}
    for name, value in widget.get_state().items():
        if isinstance(value, bytes | memoryview):
            traits[name] = {"base64": base64.b64encode(value).decode()}
        elif not name.startswith("_") and name != "layout":
            traits[name] = value
    return PAGE % {"width": width, "style": widget._css, "traits": json.dumps(traits)}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line of log each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def write_page(widget: Explorer, width: int, folder: Path, end: str = "") -> None:
    """Write the page with the explorer into a folder; `end` follows it."""
    (folder / "widget.js").write_text(str(widget._esm), encoding="utf-8")
    (folder / "index.html").write_text(page_of(widget, width) + end, encoding="utf-8")


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The address at which a folder's files are served while the context lasts."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, args=[LOOK], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def served(widget: Explorer, width: int = 1040) -> Iterator[str]:
    """The address at which a page with the explorer, `width` CSS pixels wide, is served while the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        write_page(widget, width, Path(folder))
        with served_folder(Path(folder)) as address:
            yield address


# ------------------------------------------------------------------------------------------------ make show


def newest() -> int:
    """When one of companion's files was changed last, in nanoseconds."""
    kinds = (".css", ".js", ".py")
    return max(path.stat().st_mtime_ns for path in COMPANION.rglob("*") if path.suffix in kinds and path.exists())


def refresh(name: str, folder: Path, version: int) -> None:
    """Make the page anew, in a process of its own, so that Python's files are read anew too."""
    command = [sys.executable, "-m", "tests.explore.page", name, str(folder)]
    done = subprocess.run(command, cwd=COMPANION.parent, stderr=subprocess.PIPE, text=True, check=False)
    print(done.stderr or f"{name} as of {time.strftime('%H:%M:%S')}", flush=True)
    if done.returncode == 0:
        (folder / "version.txt").write_text(str(version), encoding="utf-8")


def watch(name: str, folder: Path, version: int) -> None:
    """Make the page anew whenever a file has changed since `version`, until interrupted."""
    while True:
        time.sleep(0.3)
        if (latest := newest()) != version:
            version = latest
            refresh(name, folder, version)


def main() -> None:
    """Show the explorer that is named on the command line; with a folder after it, only write its page there."""
    name, *folders = sys.argv[1:] or [""]
    if name not in explore.EXPLORERS:
        raise SystemExit(f"make show NAME=... with one of {', '.join(explore.EXPLORERS)}.")
    if folders:
        write_page(getattr(explore, name)(), 1040, Path(folders[0]), LIVE)
        return
    with tempfile.TemporaryDirectory() as made, served_folder(Path(made)) as address:
        version = newest()
        refresh(name, Path(made), version)
        print(f"{name} is shown at {address} until you press Ctrl+C. What it sends to Python goes nowhere.", flush=True)
        webbrowser.open(address)
        try:
            watch(name, Path(made), version)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
