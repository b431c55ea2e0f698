"""Explorers whose page is heard while a cell runs."""

from typing import Any

from companion.explore.base import Explorer


class AttentiveExplorer(Explorer):
    """An explorer whose buttons reach Python while the kernel runs a cell, in a thread of their own.

    JupyterLab sends a widget's messages to a subshell of the kernel for that. ipykernel 7.4 moves them to the thread in
    which the widget was last changed, which waits for the cell. Where there are no subshells (VS Code, older kernels),
    messages wait too.

    The page asks by `asking` of parts/asking.js, which repeats what was not heard: until JupyterLab has the subshell
    it sends messages to the queue that waits for the cell. Here each request is heard once, and never after a later one
    of the same page.
    """

    def __init__(self, **traits: Any) -> None:
        self._heard: dict[str, int] = {}  # the last request of each page
        super().__init__(**traits)
        self.on_msg(self._hear)

    def open(self) -> None:
        """Connect to the page."""
        super().open()
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = lambda _, subshell: subshell

    def asked(self, what: str) -> None:
        """Do what the page asks for, such as "stop"."""
        raise NotImplementedError

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        page, number = content["page"], content["number"]
        if number > self._heard.get(page, 0):
            self._heard[page] = number
            self.asked(content["ask"])
        self.send({"heard": {"page": page, "number": number}})
