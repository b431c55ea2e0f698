"""Firefox, driven as its makers have it: WebDriver BiDi, https://www.w3.org/TR/webdriver-bidi/, over its own socket.

Playwright drives a Firefox of its own make only; Debian's is the one that learners have.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

PATIENCE = 600.0  # seconds, for what a kernel does on a slow and busy machine
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_SIZE = {"width": 1280, "height": 1000}


class Firefox:
    """One page. ``errors`` are what it has logged as errors so far, and what its scripts have raised."""

    def __init__(self, socket: WebSocket) -> None:
        self.errors: list[str] = []
        self._socket = socket
        self._sent = 0
        self._command("session.new", capabilities={})
        self._command("session.subscribe", events=["log.entryAdded"])
        # The page that Firefox opens by itself never has the focus, unseen as it is.
        self._page = self._command("browsingContext.create", type="tab", background=False)["context"]
        self._command("browsingContext.setViewport", context=self._page, viewport=_SIZE)

    def _command(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while (message := json.loads(self._socket.recv())).get("id") != self._sent:
            entry = message.get("params", {})
            if message.get("method") == "log.entryAdded" and entry["level"] == "error":
                self.errors.append(str(entry["text"]))
        assert message["type"] == "success", message
        return message["result"]

    def goto(self, url: str) -> None:
        """Open an address and wait until its page has loaded."""
        self._command("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """What a JavaScript expression gives on the page; it is waited for, and passes as JSON."""
        code = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self._page}
        found = self._command("script.evaluate", expression=code, target=target, awaitPromise=True)
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def wait_for(self, expression: str) -> Any:
        """What an expression gives as soon as that is true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, expression
            time.sleep(0.1)
        return value

    def centre(self, element: str) -> tuple[int, int]:
        """Where the middle of an element stands in the window, scrolled to; `element` is an expression."""
        self.wait_for(f"Boolean({element})")
        return tuple(
            self.evaluate(f"""(() => {{
              const element = {element};
              element.scrollIntoView({{ block: "center" }});
              const {{ left, top, width, height }} = element.getBoundingClientRect();
              return [left + width / 2, top + height / 2].map(Math.round);
            }})()""")
        )

    def drag(self, *places: tuple[int, int]) -> None:
        """Press the mouse at the first of some places, draw it over the others, and let go: of one, a click."""
        moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 50} for x, y in places]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self._perform({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions})

    def click(self, element: str) -> None:
        """Click into the middle of an element."""
        self.drag(self.centre(element))

    def press(self, keys: str) -> None:
        """Type; special keys are WebDriver's letters for them."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": actions})

    def _perform(self, source: dict[str, Any]) -> None:
        self._command("input.performActions", context=self._page, actions=[source])


@contextmanager
def firefox(path: str, folder: Path) -> Iterator[Firefox]:
    """Firefox without a window and with a new profile in `folder`, which is made."""
    command = [
        path,
        "--headless",
        "--no-remote",
        "--profile",
        str(folder),
        "--remote-debugging-port",
        "0",
        "about:blank",
    ]
    folder.mkdir()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        address = next(match[1] for line in process.stderr or () if (match := _LISTENING.search(line)))
        with closing(create_connection(f"{address}/session", timeout=PATIENCE, suppress_origin=True)) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.communicate()
