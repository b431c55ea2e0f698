"""Texts of a notebook as HTML that runs nothing and loads nothing: code, Markdown, formulas, short hints.

A learner's text may be anything. Whatever it is, it costs a bounded time and a bounded part of the page: what is long,
or takes long, or can't be set, stands there as it was typed.
"""

import html
import re
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import nh3
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.errors import counted
from autograder.feedback.formulas import ATTRIBUTES as FORMULA_ATTRIBUTES
from autograder.feedback.formulas import TAGS as FORMULA_TAGS
from autograder.feedback.formulas import FormulaError, mathml
from autograder.time_limit import time_limit

_LONG = 20_000  # characters of a cell, of which more are not set but shown as typed
_PAGE = 300_000  # characters of learners' texts on one page
_SET = 1_500_000  # characters of HTML that set texts may come to on one page
_PICTURES = 8_000_000  # characters of HTML that pictures may come to on one page
_SECONDS = 3.0  # for one text
_PAGE_SECONDS = 20.0  # for all texts of a page
_TYPED = "This stands here as it was typed: {}."
_FULL = "The page is full. {}"

_MARK = re.compile(r"`([^`]+)`|(?<![\w*])\*(?!\s)([^*]+?)(?<!\s)\*(?![\w*])")  # as in companion/questions/inline.js
_LINK = re.compile(r"(https?|mailto):", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,", re.IGNORECASE)
# nh3 takes out every other tag and attribute.
_TAGS = FORMULA_TAGS | {
    *("a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {
    **{tag: {*FORMULA_ATTRIBUTES, "class"} for tag in FORMULA_TAGS},
    **{tag: {"class"} for tag in ("code", "div", "pre", "span")},
    **{tag: {"align"} for tag in ("td", "th")},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
}
_SCHEMES = {"http", "https", "mailto", "data"}


class _TakesLongError(BaseException):
    """The time is over; no Exception, so that no library takes it for one of its own."""


class Typesetter:
    """Sets the texts of one page, and keeps count of what they take."""

    def __init__(self) -> None:
        self._text = _PAGE
        self._set_text = _SET
        self._pictures = _Pictures()
        self._deadline = time.monotonic() + _PAGE_SECONDS

    def code(self, source: str) -> Markup:
        """Python code, in colours."""
        return self._set(source, lambda: _highlighted(source))

    def raw(self, source: str) -> Markup:
        """A text that is shown as it is."""
        return self._set(source, lambda: _as_typed(source))

    def markdown(self, source: str, attachments: Any = None) -> Markup:
        """A learner's Markdown, whose `<` and `&` were escaped before, with the pictures in its cell."""
        refused = self._pictures.refused
        made = self._set(
            source, lambda: _markdown(source, attachments or {}, self._pictures), typed=html.unescape(source)
        )
        more = self._pictures.refused > refused
        return made + _remark(_FULL.format("It has no room for a picture of this cell.")) if more else made

    def title(self, text: str) -> Markup:
        """A heading's text, without links."""
        made, _ = self._made(lambda: _title(text))
        return escape(text) if made is None else made

    def _set(self, source: str, make: Callable[[], Markup], typed: str | None = None) -> Markup:
        """What `make` makes of a text, or the text as it was `typed`."""
        if not source.strip():
            return Markup("")
        typed = source if typed is None else typed
        shown = typed[: self._text]
        self._text -= len(shown)
        if left_out := len(typed) - len(shown):
            rest = _FULL.format(f"The notebook itself holds {counted(left_out, 'more character')} of this cell.")
            return (_as_typed(shown) if shown else Markup("")) + _remark(rest)
        made, reason = (None, "it is long") if len(source) > _LONG else self._made(make)
        return _as_typed(typed) + _remark(_TYPED.format(reason)) if made is None else made

    def _made(self, make: Callable[[], Markup]) -> tuple[Markup | None, str]:
        """What `make` makes, or None and the reason: it fails, takes long, or has no room on the page."""
        before = self._pictures.left
        try:
            with time_limit(min(_SECONDS, self._deadline - time.monotonic()), _TakesLongError):
                made = make()
        except _TakesLongError:
            return None, "to set it takes too long"
        except Exception as error:  # of a library that stumbled over it
            return None, f"it can't be set ({type(error).__name__})"
        size = len(made) - (before - self._pictures.left)
        if size > self._set_text:
            self._pictures.left = before
            return None, "the page has little room left"
        self._set_text -= size
        return made, ""


class _Pictures:
    """The room that a page has for pictures: each takes its size each time that it is shown."""

    def __init__(self, left: int = _PICTURES) -> None:
        self.left = left
        self.refused = 0

    def take(self, size: int) -> bool:
        """Whether there was room for one."""
        fits = size <= self.left
        self.left -= size if fits else 0
        self.refused += not fits
        return fits


def instructors_markdown(source: str, attachments: Any = None) -> Markup:
    """Markdown that the instructor wrote, of any length."""
    return _markdown(source, attachments, _Pictures(sys.maxsize)) if attachments else _remembered(source)


@lru_cache(maxsize=1000)  # the same questions stand on every learner's page
def _remembered(source: str) -> Markup:
    return _markdown(source, {}, _Pictures())


def _title(text: str) -> Markup:
    made = instructors_markdown(text).strip().removeprefix("<p>").removesuffix("</p>")
    return Markup(nh3.clean(made, tags=_TAGS - {"a", "p"}, attributes=_ATTRIBUTES, link_rel=None))


def inline(text: str) -> Markup:
    """A hint or an option: `code` and *emphasis* are set, everything else is text."""
    done = _MARK.sub(
        lambda found: _tagged(found[1], "code") if found[1] else _tagged(found[2], "em"), html.escape(text)
    )
    return Markup(done)


class _Renderer(IPythonRenderer):
    """nbconvert's HTML of Markdown whose `<` and `&` were escaped before, with formulas as MathML."""

    def __init__(self, pictures: _Pictures, **settings: Any) -> None:
        super().__init__(**settings)
        self._pictures = pictures

    def codespan(self, text: str) -> str:
        return super().codespan(html.unescape(text))

    def block_code(self, code: str, info: str | None = None) -> str:
        return super().block_code(html.unescape(code), info)

    def block_math(self, body: str) -> str:
        return _formula(body, block=True)

    def inline_math(self, body: str) -> str:
        return _formula(body)

    def latex_environment(self, name: str, body: str) -> str:
        return _formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link that leads somewhere from the page; of others the words."""
        return super().link(text, url, title) if _leads(url) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that came with the notebook; of others, and of attachments that are none, the words."""
        name = url.removeprefix("attachment:")
        if name != url and not self.attachments.get(name):
            return text
        made = super().image(text, url, title)
        return made if "data:" in made and self._pictures.take(len(made)) else text


def _markdown(source: str, attachments: dict[str, Any], pictures: _Pictures) -> Markup:
    renderer = _Renderer(pictures, escape=False, exclude_anchor_links=True, attachments=attachments)
    made = MarkdownWithMath(renderer=renderer).render(source)
    return Markup(
        nh3.clean(made, tags=_TAGS, attributes=_ATTRIBUTES, attribute_filter=_kept, url_schemes=_SCHEMES, link_rel=None)
    )


def _kept(tag: str, name: str, value: str) -> str | None:
    """An attribute's value, or None: links lead to another site or to a place on the page, pictures are in the page."""
    if name == "href" and not _leads(value):
        return None
    if name == "src" and not _PICTURE.match(value):
        return None
    return value


def _leads(url: str) -> bool:
    return url.startswith("#") or _LINK.match(url) is not None


def _formula(tex: str, *, block: bool = False) -> str:
    """MathML, or the formula's text where it can't be turned."""
    tex = html.unescape(tex).strip()
    try:
        return mathml(tex, block=block)
    except FormulaError:
        tag = "pre" if block else "code"
        return f"<{tag}>{html.escape(tex, quote=False)}</{tag}>"


def _highlighted(source: str) -> Markup:
    return Markup(highlight(source.strip("\n"), PythonLexer(stripall=False), HtmlFormatter(cssclass="code")))


def _as_typed(source: str) -> Markup:
    return Markup("<pre>{}</pre>").format(source.strip("\n"))


def _remark(text: str) -> Markup:
    return Markup('<p class="quiet">{}</p>').format(text)


def _tagged(text: str, tag: str) -> str:
    return f"<{tag}>{text}</{tag}>"
