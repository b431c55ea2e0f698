"""IPython's own lines in a cell, as Python: `%time f()`, `!ls`, `x?`, pasted prompts and indents.

IPython itself makes a cell into Python, in which its lines are calls: `get_ipython().run_line_magic("time", "f()")`.
Where such a line is Python behind a prefix, or nothing that a process without a screen has to do, that is put in its
place; what is left needs IPython. No cell is run here.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from typing import Any

NOT_RUN = "Not run here: "  # what a student's process prints begins with such lines, where there were any

PASSED_OVER = {  # line magics that only concern the display, or what is loaded beside the cell
    *(
        "matplotlib",
        "config",
        "gui",
        "autoreload",
        "aimport",
        "precision",
        "who",
        "whos",
        "who_ls",
        "pwd",
        "tensorboard",
    ),
    *("load_ext", "reload_ext", "unload_ext", "xmode", "colors", "pdb", "debug", "autosave", "pprint", "lsmagic"),
    *("pinfo", "pinfo2", "psearch", "pdoc", "psource", "pfile", "pdef", "history", "watermark"),
}
SHOWN = {"html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"}  # cell magics
INSTALLERS = {"pip", "conda", "mamba", "micromamba", "uv"}
_PREFIXES = {"time", "timeit", "prun", "memit"}  # what follows them, or the rest of the cell, is Python
_OPTIONS = re.compile(r"(?:-[a-zA-Z](?:[ \t]*\d+)?[ \t]+)*")
_IN = re.compile(r"\s*In \[\d+\]: ")  # it parses, as an annotation
_PROGRAMS = r"(?:\S*/)?(?:pip[\d.]*|conda|mamba|micromamba|uv|apt|apt-get|brew)"
_INSTALLER = re.compile(rf"\s*(?:sudo\s+)?(?:{_PROGRAMS}|\S*(?:python[\d.]*|executable\}}?) -m (?:pip|uv))(?:\s|$)")
_MOST_LINES = 20  # of IPython's in a cell; for each of them the whole cell is read once more
_LONGEST = 10_000  # characters of such a cell
_LONGEST_ASKED = 1000  # of one with `x?` in it, which is searched in more than linear time
_DEEPEST = 3  # magics in magics


class MagicError(Exception):
    """A line that only IPython can run."""


def _to_python(source: str) -> str:
    """The text of a cell that is no Python, with IPython's lines as calls of `get_ipython()`.

    Raises MagicError for a cell with more of such lines than anybody writes by hand, and SyntaxError for a line that
    IPython does not understand either.
    """
    if len(source) > _LONGEST:
        raise MagicError(f"A cell of more than {_LONGEST} characters can't hold lines for IPython here.")
    manager = transformer()
    lines = f"{source}\n".splitlines(keepends=True)
    for transform in manager.cleanup_transforms + manager.line_transforms:
        lines = transform(lines)
    if len(source) > _LONGEST_ASKED and any(line.rstrip().endswith("?") for line in lines):
        raise MagicError("A cell of this length can't hold questions to IPython here.")
    for _ in range(_MOST_LINES + 1):
        changed, lines = manager.do_one_token_transform(lines)
        if not changed:
            return "".join(lines)
    raise MagicError(f"A cell with more than {_MOST_LINES} lines for IPython can't be read here.")


def as_it_is(source: str) -> ast.Module | None:
    """A cell that means to Python what it means to IPython; None for any other."""
    if _IN.match(source):
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parse(source: str) -> ast.Module:
    """The cell as Python. What of IPython's lines has no equal in Python stands as a call of `get_ipython()`.

    Raises SyntaxError, and MagicError for a cell with more of them than anybody writes by hand.
    """
    return _parse(source, 0)


def _parse(source: str, depth: int) -> ast.Module:
    if depth > _DEEPEST:
        raise MagicError("Lines for IPython within lines for IPython can't be read here.")
    try:
        tree = as_it_is(source)
        text = source if tree else _to_python(source)
        tree = tree or ast.parse(text)
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, nested too deep
        raise SyntaxError(str(error)) from None
    try:
        return ast.fix_missing_locations(_AsPython(depth).visit(tree)) if "get_ipython" in text else tree
    except RecursionError:
        raise MagicError("A cell that is nested as deep as this can't be read here.") from None


def noted(printed: str) -> tuple[list[str], str]:
    """The lines that could not be run, as the head of what a student's process printed tells them; and the rest."""
    lines = printed.split("\n")
    count = next((place for place, line in enumerate(lines) if not line.startswith(NOT_RUN)), len(lines))
    return [line.removeprefix(NOT_RUN) for line in lines[:count]], "\n".join(lines[count:])


def left(tree: ast.AST) -> str:
    """The first of IPython's lines that a cell can't be run without IPython for; empty when there is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (call := _call(node)):
            return _as_typed(*call)
    return ""


def is_installer(command: str) -> bool:
    """Whether a shell command begins with a program that installs packages."""
    return bool(_INSTALLER.match(command))


class _AsPython(ast.NodeTransformer):
    """Puts in the place of IPython's lines what they are in Python."""

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def visit_Expr(self, node: ast.Expr) -> Any:
        call = _call(node.value) if isinstance(node.value, ast.Call) else None
        body = self._instead(*call) if call else None
        if body is None:
            return node
        begin = node.lineno if call and call[0] == "run_cell_magic" else node.lineno - 1
        for statement in body:
            ast.increment_lineno(statement, begin)
        return body or ast.copy_location(ast.Pass(), node)

    def _instead(self, method: str, words: list[str]) -> list[ast.stmt] | None:
        """The statements that a call of `get_ipython()` stands for; None where there are none."""
        match method, words:
            case "system", [command] if is_installer(command):
                return []
            case "run_line_magic" | "run_cell_magic", [name, *_] if name in PASSED_OVER | INSTALLERS:
                return []
            case "run_cell_magic", [name, *_] if name in SHOWN:
                return []
            case "run_line_magic" | "run_cell_magic", [name, rest, *cell] if name in _PREFIXES:
                parts = [_OPTIONS.sub("", f"{rest.strip()} ", count=1).strip(), *cell]
                nothing = [] if name == "time" else [ast.Pass()]  # the others have no value
                return [statement for part in parts for statement in self._parsed(part)] + nothing
            case "run_cell_magic", ["capture", rest, body]:
                return [_captured([word for word in rest.split() if word.isidentifier()], self._parsed(body))]
            case "run_cell_magic", ["writefile" | "file", name, text] if len(name.split()) == 1:
                return ast.parse(f"__import__('pathlib').Path({name.strip()!r}).write_text({text!r})").body
        return None

    def _parsed(self, source: str) -> list[ast.stmt]:
        return _parse(source, self._depth + 1).body


def _captured(names: list[str], body: list[ast.stmt]) -> ast.With:
    """The body with what it prints kept in the name, if there is one, by IPython's own means."""
    [statement] = ast.parse(
        "with __import__('IPython.utils.capture', fromlist=['*']).capture_output() as kept: pass"
    ).body
    assert isinstance(statement, ast.With)
    statement.body = body or [ast.Pass()]
    statement.items[0].optional_vars = ast.Name(names[0], ast.Store()) if names else None
    return statement


def _call(node: ast.Call) -> tuple[str, list[str]] | None:
    """The method and the texts of a call such as `get_ipython().system("ls")`."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")),
                attr="run_line_magic" | "run_cell_magic" | "system" | "getoutput" as method,
            )
        ):
            words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            return (method, words) if words and len(words) == len(node.args) else None
    return None


def _as_typed(method: str, words: list[str]) -> str:
    """The line as it was typed."""
    signs = {"run_line_magic": "%", "run_cell_magic": "%%"}
    return f"{signs.get(method, '!')}{' '.join(words[:2] if method in signs else words)}".strip()


@cache
def transformer() -> Any:
    """IPython's own, which takes a quarter of a second to import."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()


def split_last(tree: ast.Module, source: str) -> ast.Expression | None:
    """Take the last statement off `tree` if it is an expression, whose value a notebook would show."""
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _ends_in_semicolon(source):
        return ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    return None


def _ends_in_semicolon(source: str) -> bool:
    """Whether the cell tells a notebook so not to show its last value."""
    if ";" not in source:
        return False
    unseen = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT)
    return [token.string for token in _tokens(source) if token.type not in unseen][-1:] == [";"]


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(source).readline)
