"""A feedback page: a notebook's cells put together by question, set as HTML that runs nothing and loads nothing."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbformat.notebooknode import NotebookNode

from autograder.checks import NOT_YET, RIGHT
from autograder.feedback.typeset import Typesetter, inline, instructors_markdown
from autograder.notebook.answers import Answer, answer
from autograder.notebook.role import Role, role_of
from autograder.results import LEARNER_NOTE, State

_HERE = Path(__file__).parent
_UNANSWERED = "No response."  # nbgrader's own comment on a cell that is as it was handed out
_IN_PART = "in part"
_SIGNS = {RIGHT: "✓", _IN_PART: "◐", NOT_YET: "○"}  # beside the word: nothing is told by colour alone
_STATES = {
    State.REPAIRED: "Some cells were not as they had been handed out. They were put right, and then graded:",
    State.NEEDS_REVIEW: "A person scores a part of this, or looks at what was put right:",
    State.FAILED: "It could not be run to its end; what follows that point scores 0:",
}
_LONGEST_HEADING = 300  # characters
_FENCES = ("```", "~~~")


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
    made: str = _template().render(
        about=about,
        sections=sections,
        questions=[section for section in sections if section.is_question],
        state=_STATES.get(note.get("state", ""), ""),
        failed=not nb.cells and note.get("state") == State.FAILED,
        reasons=[str(reason) for reason in note.get("reasons", ())],
        unseen=unseen,
    )
    return made


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(autoescape=True, loader=FileSystemLoader(_HERE), trim_blocks=True, lstrip_blocks=True)
    environment.globals = {"style": Markup((_HERE / "page.css").read_text("utf-8")), "signs": _SIGNS, "mark": _mark}
    environment.filters = {**environment.filters, "points": _points, "number": _number, "inline": inline}
    return environment.get_template("page.html.j2")


def _sections(nb: NotebookNode) -> list[Section]:
    """The cells by the headings above them; without a heading, a graded cell ends a section."""
    found: list[Section] = []
    setter = Typesetter()
    headed = False
    for cell in nb.cells:
        heading = _heading(cell)
        if heading or not found or (not headed and found[-1].graded and not role_of(cell).is_graded):
            headed = headed or bool(heading)
            found.append(Section(setter.title(_without_points(heading)), anchor=f"part-{len(found) + 1}"))
        found[-1].parts += _parts(cell, heading, setter)
        if not found[-1].title and role_of(cell).is_graded:
            found[-1].title = Markup(html.escape(role_of(cell).grade_id))
    return [section for section in found if section.parts or section.title]


def _heading(cell: NotebookNode) -> str:
    """The first heading in a cell of the assignment's text; empty where there is none."""
    if cell.cell_type != "markdown" or role_of(cell).is_answer:
        return ""
    fence = ""
    for line in cell.source.split("\n"):
        if fence:
            fence = "" if line.startswith(fence) else fence
        elif line.startswith(_FENCES):
            fence = line[:3]
        elif heading := _heading_text(line):
            return heading
    return ""


def _heading_text(line: str) -> str:
    """The text of a line that is a heading; empty when it is none."""
    text = line.lstrip("#")
    depth = len(line) - len(text)
    return text.strip().rstrip("#").rstrip()[:_LONGEST_HEADING] if 1 <= depth <= 6 and text[:1] in (" ", "\t") else ""


def _without_points(heading: str) -> str:
    """A heading without the points that often follow a `·`: the page shows them with the score."""
    return heading.partition("·")[0].strip()


def _parts(cell: NotebookNode, heading: str, setter: Typesetter) -> Iterator[Part]:
    """How a cell is shown: not at all when there is nothing in it."""
    settings, role = cell.metadata.get("nbgrader", {}), role_of(cell)
    part = Part(_kind(cell.cell_type, role))
    if role.is_graded:
        part.score, part.points = float(settings.get("score") or 0), role.points or 0.0
    comment = settings.get("comment") or ""
    part.unanswered = comment.strip() == _UNANSWERED
    if comment and not part.unanswered:
        part.comment = instructors_markdown(html.escape(comment, quote=False))
    if cell.cell_type == "code":
        part.answer = answer(cell.source) if part.kind == "answer" else None
        part.checks = cell.metadata.get(LEARNER_NOTE, []) if part.kind == "checks" else []
        part.body = setter.code(cell.source)
    elif cell.cell_type == "markdown":
        first, _, rest = cell.source.lstrip().partition("\n")
        shown = rest if heading and _heading_text(first) == heading else cell.source.lstrip()
        attachments = cell.get("attachments")
        typeset = instructors_markdown if role.is_locked else setter.markdown
        part.body = typeset(shown, attachments)
    else:
        part.body = setter.raw(cell.source)
    if part.body.strip() or part.comment or part.kind in ("answer", "checks"):
        yield part


def _kind(cell_type: str, role: Role) -> str:
    if role.is_answer or role.task:
        return "answer"
    if role.grade:
        return "checks"
    if cell_type == "code":
        return "given" if role.is_locked else "code"
    return "text"


def _mark(score: float, points: float) -> str:
    """The word for a score."""
    if score >= points:
        return RIGHT
    return _IN_PART if score > 0 else NOT_YET


def _number(value: Any) -> str:
    return f"{round(float(value or 0), 2):g}"


def _points(value: Any) -> str:
    return f"{_number(value)} point{'' if float(value or 0) == 1 else 's'}"
