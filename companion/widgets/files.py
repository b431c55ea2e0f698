"""One widget is one Python file, one JavaScript module and one style sheet.

The JavaScript is written as ordinary modules that import each other by relative path, so that node can test
them. A front end gets each widget as one text, because no file server stands behind a notebook in VS Code or
Colab. `script` makes that text: each imported module once, before what needs it.
"""

import re
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"(?P<path>\.[^"]+)";[ \t]*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def script(path: Path) -> str:
    """The module at `path` with everything it imports, as one text.

    Modules may import only by `import { names } from "./relative.js";` and their top-level names must be
    unique across one widget.

    Raises
    ------
    FileNotFoundError
        If an imported module does not exist.
    """
    parts: list[str] = []
    _collect(path.resolve(), parts, set())
    return "\n".join(parts)


def _collect(path: Path, parts: list[str], seen: set[Path]) -> None:
    if path in seen:
        return
    seen.add(path)
    source = path.read_text(encoding="utf-8")
    for match in _IMPORT.finditer(source):
        _collect((path.parent / match["path"]).resolve(), parts, seen)
    parts.append(_EXPORT.sub("", _IMPORT.sub("", source)))


def style(path: Path) -> str:
    """The course's shared style sheet followed by the widget's own at `path`."""
    return (_HERE / "instrument.css").read_text(encoding="utf-8") + path.read_text(encoding="utf-8")
