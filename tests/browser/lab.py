"""What a browser test does in JupyterLab, as short verbs."""

import contextlib
import shutil
import time
from pathlib import Path

import nbformat
from playwright.sync_api import ConsoleMessage, Error, Locator, Page

from companion.widgets import kept
from tests.browser.server import Server

MINUTE = 60_000  # milliseconds: long enough for anything that the page does by itself, on a slow machine too
PATIENCE = 10 * MINUTE  # for what a kernel does: importing TensorFlow, training, on a slow and busy machine

# JupyterLab's own complaints that say nothing about the course.
_HARMLESS = ("favicon", "ResizeObserver loop", "Failed to load resource")


def painted(page: Page) -> None:
    """Wait for two frames: what has happened so far is painted then. Explorers paint once a frame."""
    page.wait_for_function("""async () => {
      for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
      return true;
    }""")


# Close every document, what is not saved too, and end every kernel: a training in one would go on.
_CLOSE_ALL = """async () => {
  const { shell, serviceManager } = window.jupyterapp ?? {};
  for (const widget of shell ? [...shell.widgets("main")] : []) widget.dispose();
  await serviceManager?.sessions.shutdownAll();
  return Boolean(shell) && document.querySelector(".jp-Dialog") === null;
}"""

# Forget what was done in the course's notebooks.
_FORGET = """() => {
  for (const key of Object.keys(localStorage)) if (key.startsWith("cnn-companion:")) localStorage.removeItem(key);
}"""

_OPEN = """async (path) => {
  const { context } = await window.jupyterapp.commands.execute("docmanager:open", { path });
  await context.ready;
}"""


class Lab:
    """One browser page with JupyterLab in it; several tests may have it one after the other.

    ``page`` is Playwright's page, ``errors`` the errors that the page has logged so far.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self._was_reloaded = False
        page.set_default_timeout(MINUTE)
        page.on("console", self._note)
        page.on("pageerror", self._note_error)

    def leave(self) -> None:
        """Leave the page to the next test as if it were new: without documents, kernels or anybody who listens."""
        for event, listener in (("console", self._note), ("pageerror", self._note_error)):
            self.page.remove_listener(event, listener)
        for folder in self.server.root.rglob(kept.FOLDER):  # what was done in this test's notebooks
            shutil.rmtree(folder)
        is_empty = False
        with contextlib.suppress(Error):  # the page is on its way elsewhere, or the server does not answer
            is_empty = self.page.evaluate(_CLOSE_ALL)
            self.page.evaluate(_FORGET)
        if self._was_reloaded or not is_empty:
            self.page.goto("about:blank")

    def _note_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in _HARMLESS):
            self.errors.append(message.text)

    # ------------------------------------------------------------------------------------------- files

    def write(self, path: str, *sources: str) -> None:
        """Write a notebook of code cells; a source that starts with "# " and a title is a markdown cell."""
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        for index, source in enumerate(sources):
            make = nbformat.v4.new_markdown_cell if source.startswith("# ") else nbformat.v4.new_code_cell
            notebook.cells.append(make(source, id=f"cell-{index}"))
        self.put(path, notebook)

    def put(self, path: str, notebook: nbformat.NotebookNode) -> None:
        """Put `notebook` into the server's folder at `path`."""
        target = self.server.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)

    def saved(self, path: str) -> list[str]:
        """The sources of the cells of the notebook as it lies on disk."""
        return [cell.source for cell in nbformat.read(Path(self.server.root, path), as_version=4).cells]

    # ---------------------------------------------------------------------------------------- notebook

    def open(self, path: str) -> None:
        """Open the notebook at `path` in JupyterLab, alone, and wait until its kernel is idle."""
        if self.page.evaluate(_CLOSE_ALL):
            self.page.evaluate(_OPEN, path)
        else:
            self.page.goto(f"{self.server.url}lab/tree/{path}?reset&token={self.server.token}")
        self.wait_idle()

    def reload(self) -> None:
        """Load the page anew and wait until the kernel is idle."""
        self._was_reloaded = True  # JupyterLab goes on for a while to open what was open before
        self.page.reload()
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until a notebook is shown, commands apply to it, and its kernel has nothing to do."""
        self.page.wait_for_function(
            """() => {
              const { shell, commands } = window.jupyterapp ?? {};
              const kernel = shell?.currentWidget?.sessionContext?.session?.kernel;
              const isShown = shell?.currentWidget?.content?.widgets?.length > 0;
              return isShown && commands.isEnabled("notebook:run-cell") && kernel?.status === "idle";
            }""",
            timeout=PATIENCE,
        )

    def command(self, name: str, *, wait: bool = True, **arguments: object) -> None:
        """Run one of JupyterLab's commands; if `wait`, until it is done."""
        self.page.evaluate(
            """([name, args]) => {
              window.commandDone = false;
              window.jupyterapp.commands.execute(name, args).finally(() => { window.commandDone = true; });
            }""",
            [name, arguments],
        )
        if wait:
            self.page.wait_for_function("window.commandDone", timeout=PATIENCE)

    def run_all(self) -> None:
        """Run every cell and wait until the kernel is idle."""
        self.command("notebook:run-all-cells")
        self.wait_idle()

    def run(self, index: int) -> None:
        """Run the cell at `index` and wait until the kernel is idle."""
        self.page.evaluate("index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index)
        self.command("notebook:run-cell")
        self.wait_idle()

    def run_until_it_prints(self, index: int, expected: str) -> None:
        """Run the cell at `index` until it prints `expected`: what is set on the page reaches Python a little later."""
        end = time.monotonic() + MINUTE / 1000
        while True:
            self.run(index)
            printed = self.page.evaluate(
                """(index) => window.jupyterapp.shell.currentWidget.content.widgets[index].model.outputs.toJSON()
                  .map(({ text }) => [text].flat().join("")).join("").trim()""",
                index,
            )
            if printed == expected or time.monotonic() > end:
                break
        assert printed == expected

    def restart_and_run_all(self) -> None:
        """Restart the kernel, run every cell and wait until the kernel is idle."""
        self.command("notebook:restart-run-all", wait=False)
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_function("window.commandDone", timeout=PATIENCE)
        self.wait_idle()

    def save(self) -> None:
        """Save by Ctrl+S, as a learner does, and wait until the file is written."""
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")

    def theme(self, name: str) -> None:
        """Switch to the "light" or "dark" theme."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name.capitalize()}")
        light = "true" if name == "light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    # ------------------------------------------------------------------------------------------- cells

    def cell(self, index: int) -> Locator:
        """The cell at `index`, counted from 0, of the notebook in front."""
        return self.page.locator(
            f'.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook [data-windowed-list-index="{index}"]'
        )

    def show(self, index: int) -> None:
        """Scroll to the cell at `index`: the notebook makes cells only when they come into view."""
        self.page.evaluate("index => window.jupyterapp.shell.currentWidget.content.scrollToItem(index, 'start')", index)
        self.cell(index).wait_for()
        painted(self.page)

    def output(self, index: int) -> Locator:
        """The output of the cell at `index`."""
        return self.cell(index).locator(".jp-Cell-outputWrapper")

    def widget(self, index: int) -> Locator:
        """The output of the cell at `index`, once a widget of the course is seen in it and has read its cell."""
        output = self.output(index)
        output.locator(".cc").first.scroll_into_view_if_needed()
        painted(self.page)
        return output

    def source(self, index: int) -> str:
        """The source of the cell at `index`, from the model (the editor may show only a part)."""
        return self.page.evaluate(
            "index => window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.getSource()", index
        )

    def set_source(self, index: int, source: str) -> None:
        """Replace the source of the cell at `index`, as typing would."""
        self.page.evaluate(
            """([index, source]) => {
              window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source);
            }""",
            [index, source],
        )
