"""What axe-core finds wrong with the accessibility of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.lab import Lab, painted

NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"
OURS = [f"{NOTEBOOK} {part}" for part in (".cc", ".cc-check", ".jp-RenderedMarkdown")]

# Keep all cells in the page, not only those that can be seen.
SHOW_ALL = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.notebookConfig = { ...content.notebookConfig, windowingMode: "none" };
}"""


def faults(page: Page, *parts: str) -> list[str]:
    """What axe-core finds in those parts of the page, given as selectors; without any, in all of it."""
    found = Axe().run(page, context={"include": [[part] for part in parts]} if parts else None)
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]}"
        f" {' '.join(check['message'] for check in node['any'] + node['all'] + node['none'])[:300]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def faults_of_notebook(lab: Lab) -> list[str]:
    """Those of the notebook in front as it stands, in both themes: of its texts and of what the course shows in it."""
    lab.page.evaluate(SHOW_ALL)
    parts = [part for part in OURS if lab.page.locator(part).count()]
    assert parts
    found = []
    for theme in ("dark", "light"):
        lab.theme(theme)
        painted(lab.page)
        found += [f"{theme}: {fault}" for fault in faults(lab.page, *parts)]
    return found
