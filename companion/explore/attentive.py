"""Explorers whose page is heard while a cell runs."""

from companion.explore.base import Explorer


class AttentiveExplorer(Explorer):
    """An explorer whose buttons reach Python while the kernel runs a cell, in a thread of their own.

    JupyterLab sends a widget's messages to a subshell of the kernel for that. ipykernel 7.4 moves them to the thread in
    which the widget was last changed, which waits for the cell. Where there are no subshells (VS Code, older kernels),
    messages wait too.
    """

    def open(self) -> None:
        """Connect to the page."""
        super().open()
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = lambda _, subshell: subshell
