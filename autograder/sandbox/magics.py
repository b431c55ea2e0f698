"""IPython's own lines in a cell: those that only concern the display are passed over, the rest is refused by name."""

import ast
import io
import re
import tokenize

_LINE = re.compile(r"^(\s*)([%!]{1,2})(\S*)(.*)$")
_HELP = re.compile(r"^\s*\??\??[\w.]+\??\??\s*$")
_PASSED_OVER = {
    "matplotlib",
    "config",
    "load_ext",
    "reload_ext",
    "autoreload",
    "pylab",
    "precision",
    "who",
    "whos",
    "pwd",
}
_PREFIXES = {"time", "timeit", "prun", "capture"}  # what follows them, or the rest of the cell, is Python
_OPTIONS = re.compile(r"(?:-[a-zA-Z](?:\s*\d+)?\s+)*")
_WRITE_FILE = re.compile(r"%%(?:writefile|file)[ \t]+(\S+)[ \t]*\n(.*)", re.DOTALL)
_INSTALLERS = ("pip", "conda", "mamba", "uv")


class MagicError(Exception):
    """A line that only IPython can run."""


def to_python(source: str) -> str:
    """The cell with IPython's lines made into Python, line by line; a cell that is Python is returned as it is.

    Raises MagicError naming the first line that can't be run here.
    """
    if _parses(source):
        return source
    if written := _WRITE_FILE.fullmatch(source):
        return f"__import__('pathlib').Path({written[1]!r}).write_text({written[2]!r})"
    lines = source.split("\n")
    return "\n".join(_line(line, first=number == 0) for number, line in enumerate(lines))


def _line(line: str, *, first: bool) -> str:
    match = _LINE.match(line)
    if not match:
        return "" if "?" in line and _HELP.match(line) and not _parses(line.strip()) else line
    indent, sign, name, rest = match.groups()
    if sign == "%%":
        if first and name in _PREFIXES:
            return ""
    elif sign == "%" and name in _PREFIXES:
        return indent + _OPTIONS.sub("", rest.strip(), count=1)
    elif sign == "%" and name in _PASSED_OVER:
        return indent + "pass"
    if name in _INSTALLERS:  # what the course needs is there, and there is no network
        return indent + "pass"
    raise MagicError(f"The line `{line.strip()[:80]}` is for IPython and can't be run here.")


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def split_last(tree: ast.Module, source: str) -> ast.Expression | None:
    """Take the last statement off `tree` if it is an expression, whose value a notebook would show."""
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _ends_in_semicolon(source):
        return ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    return None


def _ends_in_semicolon(source: str) -> bool:
    """Whether the cell tells a notebook so not to show its last value."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    unseen = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT)
    return ";" in source and [token.string for token in tokens if token.type not in unseen][-1:] == [";"]
