"""One explorer on a page of its own, with a stand-in for anywidget's model: no Jupyter, no kernel."""

import base64
import http.server
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from companion.explore.base import Explorer

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


@contextmanager
def served(widget: Explorer, width: int = 1040) -> Iterator[str]:
    """The address at which a page with the explorer, `width` CSS pixels wide, is served while the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_text(page_of(widget, width), encoding="utf-8")
        Path(folder, "widget.js").write_text(str(widget._esm), encoding="utf-8")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
