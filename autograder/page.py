"""A feedback page: a notebook's cells put together by question, set as HTML that runs nothing and loads nothing."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.answers import Answer, answer
from autograder.formulas import FormulaError, mathml
from autograder.messages import NOT_YET, RIGHT
from autograder.record import LEARNER_NOTE
from autograder.results import State

_HERE = Path(__file__).parent
_UNANSWERED = "No response."  # nbgrader's own comment on a cell that is as it was handed out
_IN_PART = "in part"
_SIGNS = {RIGHT: "✓", _IN_PART: "◐", NOT_YET: "○"}  # beside the word: nothing is told by colour alone
_STATES = {
    State.REPAIRED: "Some cells were not as they had been handed out. They were put right, and then graded:",
    State.NEEDS_REVIEW: "A person scores a part of this, or looks at what was put right:",
    State.FAILED: "It could not be run to its end; what follows that point scores 0:",
}
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"`([^`]+)`|(?<![\w*])\*(?!\s)([^*]+?)(?<!\s)\*(?![\w*])")  # as in companion/questions/inline.js
_LINKS = ("href", "src", "action", "formaction", "xlink:href")
_LOADING = {"srcset", "background", "poster", "data", "cite", "ping"}
_LINK = re.compile(r"(https?|mailto):", re.IGNORECASE)


@dataclass
class Part:
    """One cell on the page. `kind` chooses how it is set; `body` is its text as HTML."""

    kind: str  # text, given, code, answer or checks
    body: Markup = field(default_factory=Markup)
    answer: Answer | None = None
    checks: list[dict[str, Any]] = field(default_factory=list)
    score: float | None = None
    points: float | None = None
    comment: Markup | None = None
    unanswered: bool = False


@dataclass
class Section:
    """What stands below one heading."""

    title: Markup
    parts: list[Part] = field(default_factory=list)
    anchor: str = ""

    @property
    def graded(self) -> list[Part]:
        """The parts that give points."""
        return [part for part in self.parts if part.points is not None]

    @property
    def score(self) -> float:
        """The points so far."""
        return sum(part.score or 0.0 for part in self.graded)

    @property
    def points(self) -> float:
        """The points that can be had."""
        return sum(part.points or 0.0 for part in self.graded)

    @property
    def is_question(self) -> bool:
        """Whether a learner has anything to do here; if not, it is an introduction, or says how to hand in."""
        return any(part.kind in ("answer", "checks") for part in self.parts)


def page(nb: NotebookNode, about: Mapping[str, Any], unseen: str) -> str:
    """The page of a cleaned notebook; `about` is what nbgrader knows of it, `unseen` says what is left out."""
    note = nb.metadata.get(LEARNER_NOTE, {})
    sections = _sections(nb)
    return _disarmed(
        _template().render(
            about=about,
            sections=sections,
            questions=[section for section in sections if section.is_question],
            state=_STATES.get(note.get("state", ""), ""),
            failed=not nb.cells and note.get("state") == State.FAILED,
            reasons=[str(reason) for reason in note.get("reasons", ())],
            unseen=unseen,
        )
    )


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(autoescape=True, loader=FileSystemLoader(_HERE), trim_blocks=True, lstrip_blocks=True)
    environment.globals = {"style": Markup((_HERE / "page.css").read_text("utf-8")), "signs": _SIGNS, "mark": _mark}
    environment.filters = {**environment.filters, "points": _points, "number": _number, "inline": _inline}
    return environment.get_template("page.html.j2")


def _sections(nb: NotebookNode) -> list[Section]:
    """The cells by the headings above them; without a heading, a graded cell ends a section."""
    found: list[Section] = []
    headed = False
    for cell in nb.cells:
        heading = _heading(cell)
        if heading or not found or (not headed and found[-1].graded and not _is_graded(cell)):
            headed = headed or bool(heading)
            found.append(Section(_titled(heading), anchor=f"part-{len(found) + 1}"))
        found[-1].parts += _parts(cell, heading)
        if not found[-1].title and _is_graded(cell):
            found[-1].title = Markup(html.escape(cell.metadata.nbgrader.grade_id))
    return [section for section in found if section.parts or section.title]


def _is_graded(cell: NotebookNode) -> bool:
    return utils.is_grade(cell) or utils.is_task(cell)


def _heading(cell: NotebookNode) -> str:
    """The heading in a cell of the assignment's text."""
    if cell.cell_type != "markdown" or utils.is_solution(cell):
        return ""
    found = _HEADING.search(_FENCED.sub("", cell.source))
    return found[1] if found else ""


def _titled(heading: str) -> Markup:
    """A heading without the points that often follow a `·`: the page shows them with the score."""
    text = BeautifulSoup(_markdown(heading.partition("·")[0].strip()), "html.parser")
    for link in text.find_all("a"):
        link.unwrap()
    return Markup(text.p.decode_contents() if text.p else text)


def _parts(cell: NotebookNode, heading: str) -> Iterator[Part]:
    """How a cell is shown: not at all when there is nothing in it."""
    settings = cell.metadata.get("nbgrader", {})
    part = Part(_kind(cell))
    if _is_graded(cell):
        part.score, part.points = float(settings.get("score") or 0), float(settings.get("points") or 0)
    comment = settings.get("comment") or ""
    part.unanswered = comment.strip() == _UNANSWERED
    if comment and not part.unanswered:
        part.comment = Markup(_markdown(html.escape(comment, quote=False)))
    if cell.cell_type == "code":
        part.answer = answer(cell.source) if part.kind == "answer" else None
        part.checks = cell.metadata.get(LEARNER_NOTE, []) if part.kind == "checks" else []
        part.body = _code(cell.source)
    elif cell.cell_type == "markdown":
        source = cell.source.lstrip()
        shown = source.partition("\n")[2] if heading and _HEADING.match(source) else source
        part.body = Markup(_markdown(shown, cell.get("attachments")))
    else:
        part.body = Markup("<pre>{}</pre>").format(cell.source) if cell.source.strip() else Markup("")
    if part.body.strip() or part.comment or part.kind in ("answer", "checks"):
        yield part


def _kind(cell: NotebookNode) -> str:
    if utils.is_solution(cell) or utils.is_task(cell):
        return "answer"
    if utils.is_grade(cell):
        return "checks"
    if cell.cell_type == "code":
        return "given" if utils.is_locked(cell) else "code"
    return "text"


class _Renderer(IPythonRenderer):
    """nbconvert's HTML of Markdown whose `<` and `&` were escaped before, with formulas as MathML."""

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

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return super().image(text, url, title)
        except InvalidNotebook:  # an attachment that is not there
            return text


def _markdown(source: str, attachments: Any = None) -> str:
    renderer = _Renderer(escape=False, exclude_anchor_links=True, attachments=attachments or {})
    return MarkdownWithMath(renderer=renderer).render(source)


def _formula(tex: str, *, block: bool = False) -> str:
    """MathML, or the formula's text where it can't be turned."""
    tex = html.unescape(tex).strip()
    try:
        return mathml(tex, block=block)
    except FormulaError:
        tag = "pre" if block else "code"
        return f"<{tag}>{html.escape(tex, quote=False)}</{tag}>"


def _code(source: str) -> Markup:
    if not source.strip():
        return Markup("")
    return Markup(highlight(source.strip("\n"), PythonLexer(stripall=False), HtmlFormatter(cssclass="code")))


def _inline(text: str) -> Markup:
    """A hint or an option: `code` and *emphasis* are set, everything else is text."""
    done = _MARK.sub(
        lambda found: _tagged(found[1], "code") if found[1] else _tagged(found[2], "em"), html.escape(text)
    )
    return Markup(done)


def _tagged(text: str, tag: str) -> str:
    return f"<{tag}>{text}</{tag}>"


def _mark(score: float, points: float) -> str:
    """The word for a score."""
    if score >= points:
        return RIGHT
    return _IN_PART if score > 0 else NOT_YET


def _number(value: Any) -> str:
    return f"{round(float(value or 0), 2):g}"


def _points(value: Any) -> str:
    return f"{_number(value)} point{'' if float(value or 0) == 1 else 's'}"


def _disarmed(text: str) -> str:
    """The page without scripts, without what a browser would load, and without links that lead nowhere from here."""
    soup = BeautifulSoup(text, "html.parser")
    for tag in soup.find_all(["script", "link", "iframe", "object", "embed", "form", "base"]):
        tag.decompose()
    for tag in soup.find_all(True):
        for name in [name for name in tag.attrs if name.startswith("on") or name in _LOADING]:
            del tag[name]
        if "url(" in str(tag.get("style", "")).lower():
            del tag["style"]
        _DISARM.get(tag.name, _without_links)(tag)
    return str(soup)


def _without_links(tag: Tag) -> None:
    for name in _LINKS:
        if tag.has_attr(name):
            del tag[name]


def _link(tag: Tag) -> None:
    """A link stays if it leads to another site, or to a place on the page; of others only the text stays."""
    target = str(tag.get("href", ""))
    if not (target.startswith("#") or _LINK.match(target)):
        tag.unwrap()


def _image(tag: Tag) -> None:
    if not str(tag.get("src", "")).startswith("data:image/"):
        tag.replace_with(str(tag.get("alt", "")))


_DISARM: dict[str, Callable[[Tag], None]] = {"a": _link, "img": _image}
