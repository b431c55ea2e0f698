"""Makes a new explorer that works, with its tests, to be changed from there: `make new-explorer NAME=edge_finder`.

Its files come from `template/`, where FOLDER stands for edge_finder, CLASS for EdgeFinder, TITLE for Edge finder and
KEBAB for edge-finder.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "template"


def places(name: str) -> dict[str, str]:
    """For each template the file that it becomes."""
    folder = f"companion/explore/{name}"
    return {
        "__init__.py.txt": f"{folder}/__init__.py",
        "explorer.py.txt": f"{folder}/{name}.py",
        "explorer.js.txt": f"{folder}/{name}.js",
        "scene.js.txt": f"{folder}/scene.js",
        "explorer.css.txt": f"{folder}/{name}.css",
        "test_explorer.py.txt": f"tests/explore/test_{name}.py",
        "test_explorer_browser.py.txt": f"tests/browser/test_{name}.py",
    }


def filled(template: str, name: str) -> str:
    """The text of a template for an explorer."""
    text = (TEMPLATES / template).read_text("utf-8")
    words = {"FOLDER": name, "CLASS": class_of(name), "TITLE": title_of(name), "KEBAB": name.replace("_", "-")}
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def class_of(name: str) -> str:
    """EdgeFinder for edge_finder."""
    return "".join(word.capitalize() for word in name.split("_"))


def title_of(name: str) -> str:
    """Edge finder for edge_finder."""
    return name.replace("_", " ").capitalize()


def insert(path: str, before: str, text: str) -> None:
    """Put a text into a file where `before` begins."""
    whole = (ROOT / path).read_text("utf-8")
    if whole.count(before) != 1:
        raise SystemExit(f"{path} has changed its form: {before!r} doesn't stand in it once. Adapt {__file__}.")
    (ROOT / path).write_text(whole.replace(before, text + before), "utf-8")


def register(name: str) -> None:
    """Name the explorer where all are named."""
    package = ROOT / "companion/explore/__init__.py"
    text = package.read_text("utf-8")
    found = re.search(r"^EXPLORERS = \(\n(?P<lines>.*?)^\)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"{package} has changed its form: no EXPLORERS. Adapt {__file__}.")
    lines = sorted([*found["lines"].splitlines(), f'    "{class_of(name)}",'])
    package.write_text(text[: found.start("lines")] + "\n".join(lines) + "\n" + text[found.end("lines") :], "utf-8")

    measured = "benchmarks/explorers.py"
    insert(measured, "SLIDERS: dict[", f"{filled('slider.py.txt', name)}\n\n")
    insert(measured, "}\n\n\ndef ready(", f'    "{class_of(name)}": {name}_slider,\n')
    insert("docs/screenshots.py", "}\nFIRST = {", f'    "{class_of(name)}": "it is new",\n')


def main() -> None:
    """Make the explorer that is named on the command line."""
    name = (sys.argv[1:] or [""])[0]
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name):
        raise SystemExit("make new-explorer NAME=... takes a name such as edge_finder: small letters and underscores.")
    if (ROOT / "companion" / "explore" / name).exists():
        raise SystemExit(f"companion/explore/{name} is there already.")
    register(name)
    for template, place in places(name).items():
        (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / place).write_text(filled(template, name), "utf-8")
        print(place)
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--quiet", "companion", "tests", "benchmarks"], cwd=ROOT, check=True
    )
    print(f"It works already: make show NAME={class_of(name)}")


if __name__ == "__main__":
    main()
