"""One widget is one Python file, one JavaScript module and one style sheet.

The JavaScript is written as ordinary modules that import each other by relative path, so that node can test
them. A front end gets each widget as one text, because no file server stands behind a notebook in VS Code or
Colab. `script` makes that text: each imported module once, in a scope of its own, before what needs it.
"""

import re
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import\s+\{(?P<names>[^}]*)\}\s+from\s+"(?P<path>\.[^"]+)";[ \t]*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?P<what>(?:async )?(?:function\*?|const|class) (?P<name>[\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import\b|export (?!default\b)).*", re.MULTILINE)  # what is left of either


class ScriptError(ValueError):
    """A module that imports or exports in a way that `script` can't put into one text."""


def script(path: Path) -> str:
    """The module at `path` with everything it imports, as one text.

    Modules import by `import { name, other as name } from "./relative.js";`, and export functions, constants and
    classes where they are declared. Only the module at `path` has a default export.

    Raises
    ------
    FileNotFoundError
        If an imported module does not exist.
    ScriptError
        If a module imports or exports in another way, or modules import each other in a circle.
    """
    modules: dict[Path, str] = {}
    return "\n".join([*_needed_by(path.resolve(), modules, ()), _body(path.resolve(), modules)])


def _needed_by(path: Path, modules: dict[Path, str], above: tuple[Path, ...]) -> list[str]:
    """The texts of the modules that one needs and that are not in `modules` yet; their names there are entered."""
    if path in above:
        raise ScriptError(f"{path.name} imports itself, by way of {above[-1].name}.")
    parts = []
    for needed in (_resolved(path, match) for match in _IMPORT.finditer(path.read_text("utf-8"))):
        if needed not in modules:
            parts += _needed_by(needed, modules, (*above, path))
            modules[needed] = f"module{len(modules)}${needed.stem}"
            exports = ", ".join(match["name"] for match in _EXPORT.finditer(needed.read_text("utf-8")))
            parts.append(
                f"const {modules[needed]} = (() => {{\n{_body(needed, modules)}\nreturn {{ {exports} }};\n}})();"
            )
    return parts


def _body(path: Path, modules: dict[Path, str]) -> str:
    """A module's text with its imports taken from where they are in the one text."""

    def taken(match: re.Match[str]) -> str:
        names = re.sub(r"(\w) as (\w)", r"\1: \2", " ".join(match["names"].split()))
        return f"const {{ {names} }} = {modules[_resolved(path, match)]};\n"

    text = _EXPORT.sub(lambda match: match["what"], _IMPORT.sub(taken, path.read_text("utf-8")))
    if left := _OTHER.search(text):
        raise ScriptError(f"{path.name} can't be put into one text with others: {left[0]}")
    return text


def _resolved(path: Path, match: re.Match[str]) -> Path:
    return (path.parent / match["path"]).resolve()


def style(path: Path) -> str:
    """The course's shared style sheet followed by the widget's own at `path`."""
    return (_HERE / "instrument.css").read_text(encoding="utf-8") + path.read_text(encoding="utf-8")
