"""What axe-core finds wrong with the accessibility of a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def faults(page: Page, *parts: str) -> list[str]:
    """What axe-core finds in those parts of the page, given as selectors; without any, in all of it."""
    found = Axe().run(page, context={"include": [[part] for part in parts]} if parts else None)
    return [
        f"{violation['id']} ({violation['help']}): {node['html'][:200]}"
        f" {' '.join(check['message'] for check in node['any'] + node['all'] + node['none'])[:300]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
