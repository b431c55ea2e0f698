"""Formulas on a page: TeX turned into MathML, which a browser shows without a script."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

_LONGEST = 2000  # characters; the time to turn a formula grows faster than its length
_DEEPEST = 60  # elements inside each other
# What may stand in a formula; there is nothing among it that leads or loads.
TAGS = frozenset({
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder"),
    *("mover", "munderover", "mtable", "mtr", "mtd", "mspace", "mstyle", "mpadded", "mphantom"),
})  # fmt: skip
ATTRIBUTES = frozenset({
    *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form", "separator", "accent"),
    *("accentunder", "largeop", "symmetric", "movablelimits", "minsize", "maxsize", "columnalign", "rowspacing"),
    *("columnspacing", "width", "height", "depth", "linethickness"),
})  # fmt: skip
_VALUE = re.compile(r"[\w.%+\- ]{1,40}")
_FENCES = {"[]": "square", "()": "round", "||": "bar", "∣∣": "bar"}
_SPACES = {"negativethinmathspace": "-0.1667em"}  # a name that browsers no longer know


class FormulaError(ValueError):
    """A formula that can't be turned: its text should stand on the page."""


@lru_cache(maxsize=1000)  # the same questions stand on every learner's page
def mathml(tex: str, *, block: bool = False) -> str:
    """A formula as MathML, of elements and attributes that can only set formulas. Raises FormulaError."""
    if len(tex) > _LONGEST:
        raise FormulaError("too long")
    try:
        return _written(convert_to_element(tex, display="block" if block else "inline"))
    except FormulaError:
        raise
    except Exception as error:  # the library's own, and whatever an odd formula makes it stumble over
        raise FormulaError(str(error)) from None


def _written(element: Element, depth: int = 0) -> str:
    """The element as text. The library's own writer would turn a formula's `&lt;` into a tag."""
    if element.tag not in TAGS or depth > _DEEPEST:
        raise FormulaError(f"{element.tag} in {depth} others")
    text = html.unescape(element.text or "")
    if "\\" in text or text == "&":  # a command or an environment that the library doesn't know
        raise FormulaError(text)
    if element.tag == "mtext":  # in MathML, as in HTML, a space at either end doesn't count
        inner, space = text.strip(), "\N{NO-BREAK SPACE}"
        text = f"{space if text[:1].isspace() else ''}{inner}{space if text[-1:].isspace() else ''}"
    values = {name: _SPACES.get(value, value) for name, value in element.items() if name in ATTRIBUTES}
    attributes = "".join(f' {name}="{value}"' for name, value in values.items() if _VALUE.fullmatch(value))
    inner = html.escape(text) + "".join(_fenced(list(element), depth + 1))
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def _fenced(children: list[Element], depth: int) -> Iterator[str]:
    """Elements as text; brackets of a matrix become a class, to be drawn: not every machine's fonts stretch them."""
    while children:
        fence = "".join(html.unescape(each.text or "") for each in children[:3:2]) if len(children) > 2 else ""
        if fence in _FENCES and children[1].tag == "mtable":
            yield _written(children[1], depth).replace("<mtable", f'<mtable class="{_FENCES[fence]}"', 1)
            del children[:3]
        else:
            yield _written(children.pop(0), depth)
