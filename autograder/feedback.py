"""Feedback pages: what a learner may see of the graded notebook.

A page holds the learner's own text, the score of each question and the lines of its checks. It holds no hidden test and
no output of a learner's cells: these ran beside the tests, and could repeat them in any disguise. It loads nothing.
"""

import html
import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, GetGrades, NbGraderPreprocessor

from autograder.course import Course, captured
from autograder.errors import CourseError
from autograder.messages import learner_messages
from autograder.record import LEARNER_NOTE
from autograder.results import State

_NO_OUTPUTS = "What your own cells put out is not shown here: run the notebook again to see it."
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body { max-width: 960px; margin: 0 auto; padding: 1em; overflow-wrap: break-word; }
h1 { font-size: 24px; }
div.prompt, a.anchor-link { display: none; }
pre, code { white-space: pre-wrap !important; word-break: normal !important; overflow-wrap: break-word; }
div.container, div#notebook-container { width: 100%; padding: 0.5em; box-shadow: none; }
div.nbgrader_cell .panel-heading { height: auto; overflow: auto; }
div.panel-primary > .panel-heading a { color: inherit; text-decoration: underline; }
table { border-collapse: collapse; margin: 0.5em 0; }
.rendered_html table th, .rendered_html table td { padding: 0.3em 0.7em; border: 1px solid #999; text-align: left; }
"""
_MATHS = re.compile(r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+)\$", re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_LINKS = ("href", "src", "action", "formaction", "xlink:href")
_SCHEME = re.compile(r"[\s\x00-\x20]*([^/?#:]*):")
_SAFE_SCHEMES = {"http", "https", "mailto"}


class LearnerView(NbGraderPreprocessor):
    """Turns a graded notebook into what its learner may see.

    Put it first in `GenerateFeedback.preprocessors`, and nbgrader's own feedback commands hide the tests too.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clean every cell and put the grading's state and reasons on top.

        Of a submission that could not be run, only these are left.
        """
        note = nb.metadata.get(LEARNER_NOTE, {})
        if note.get("state") == State.FAILED and not any(cell.outputs for cell in nb.cells if _is_test(cell)):
            nb.cells = [new_markdown_cell(_summary(note))]
            return nb, resources
        before = [cell.source for cell in nb.cells]
        for step in (ClearHiddenTests, ClearMarkScheme):
            nb, resources = step(parent=self, enforce_metadata=False).preprocess(nb, resources)
        for cell, source in zip(nb.cells, before, strict=True):
            _clean(cell, source)
        nb.cells.insert(0, new_markdown_cell(f"{_summary(note)}\n\n{_NO_OUTPUTS}"))
        return nb, resources


class LearnerPage(HTMLExporter):
    """nbconvert's HTML with a legible layout, which loads nothing and runs no script."""

    # As in HTMLExporter, the first part of the result is text.
    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of a notebook; what Markdown made of a submission's links is cleaned."""
        titles = _titles(nb)
        page, resources = super().from_notebook_node(nb, resources, **settings)
        soup = BeautifulSoup(page, "html.parser")
        _disarm(soup)
        _dress(soup, resources.get("nbgrader", {}), titles)
        return str(soup), resources


def feedback(course: Course, assignment: str, students: list[str] | None = None) -> list[Path]:
    """Write the feedback pages of an assignment (of all graded students, or of `students`); returns their folders.

    Raises CourseError for an unknown assignment, or when nothing was graded yet.
    """
    course.check_assignment(assignment)
    graded = [s for s in course.students(assignment) if course.autograded(assignment, s).is_dir()]
    unknown = sorted(set(students or ()) - set(graded))
    if unknown or not graded:
        who = ", ".join(unknown) or "Nobody's submission"
        raise CourseError(f"{who} was not graded for {assignment} yet. Run `autograder grade {assignment}` first.")
    return [_one_student(course, assignment, student) for student in students or graded]


def _one_student(course: Course, assignment: str, student: str) -> Path:
    directory = course.directory(assignment, student, db_url=course.db_url)
    # Only the pages: nbgrader would copy the submitted files beside them, with whatever they hold.
    directory.ignore = [*directory.ignore, "*"]
    converter = GenerateFeedback(coursedir=directory, parent=course.app, force=True)
    converter.exporter_class = LearnerPage
    converter.preprocessors = [LearnerView, GetGrades, SanitizeHTML, CSSHTMLHeaderPreprocessor]
    with captured(course.app.log) as log:
        try:
            converter.start()
        except (Exception, SystemExit) as error:
            detail = log[-1] if log else str(error)
            raise CourseError(f"The feedback for {student} could not be made: {detail:.500}") from error
    return course.feedback(assignment, student)


def _is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def _clean(cell: NotebookNode, source: str) -> None:
    """Leave what the learner may see; `source` is the cell's text with the hidden part."""
    if cell.cell_type == "markdown":
        if not utils.is_locked(cell):
            cell.source = html.escape(cell.source, quote=False)
    elif cell.cell_type == "code":
        messages = learner_messages(source, cell.outputs, cell.source) if _is_test(cell) else ()
        cell.outputs = [new_output("stream", name="stdout", text="\n".join(messages) + "\n")] if messages else []


def _titles(nb: NotebookNode) -> dict[str, str]:
    """For each graded cell the heading above it, without what follows a `·`; else its grade id."""
    titles, heading = {}, ""
    for cell in nb.cells:
        found = _HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            heading = found[1].split("·")[0].strip()
        if utils.is_grade(cell) or utils.is_task(cell):
            titles[cell.metadata.nbgrader.grade_id] = heading or cell.metadata.nbgrader.grade_id
    return titles


def _disarm(soup: BeautifulSoup) -> None:
    """Take out scripts, links to scripts, and everything that the page would load."""
    for tag in soup.find_all(["script", "link"]):
        tag.decompose()
    for tag in soup.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name.startswith("on") or (name in _LINKS and not _is_safe_link(str(value))):
                del tag[name]


def _dress(soup: BeautifulSoup, about: dict[str, Any], titles: dict[str, str]) -> None:
    """Say whose page it is, name the questions, lay it out for reading, and set formulas as code."""
    heading = " · ".join(str(about[key]) for key in ("assignment", "notebook", "student") if about.get(key))
    style, policy = soup.new_tag("style"), soup.new_tag("meta")
    style.string = _STYLE
    policy["http-equiv"], policy["content"] = "Content-Security-Policy", _POLICY
    if soup.head and soup.title:
        soup.title.string = heading
        soup.head.insert(0, policy)
        soup.head.append(style)
    if top := soup.h4:
        top.name = "h1"
        top.string = f"{heading}: {_points(about.get('score'), about.get('max_score'))}"
    for link in soup.select("#toc a"):
        _name_entry(link, titles)
    for label in soup.select(".nbgrader-label"):
        grade_id = label.code.get_text() if label.code else ""
        label.string = f"Checks of {titles.get(grade_id, grade_id)}" if grade_id else "Your answer"
    for text in soup.find_all(string=_MATHS):
        if not text.find_parent(["code", "pre", "style", "title"]):
            text.replace_with(*_as_code(soup, str(text)))


def _name_entry(link: Tag, titles: dict[str, str]) -> None:
    """An entry of the list on top: `Question 1: 1 / 1` in place of `Test cell (Score: 1.0 / 1.0)`."""
    title = titles.get(str(link["href"]).removeprefix("#"))
    score = re.search(r"([\d.]+) / ([\d.]+)", str(link.next_sibling))
    if title and score:
        link.string = title
        link.next_sibling.replace_with(f": {_points(*score.groups())}")  # type: ignore[union-attr]


def _points(score: Any, most: Any) -> str:
    return f"{float(score or 0):g} / {float(most or 0):g}"


def _as_code(soup: BeautifulSoup, text: str) -> list[Tag | NavigableString]:
    """Text in which each formula is TeX in a code element; typesetting would need a script from elsewhere."""
    parts: list[Tag | NavigableString] = []
    end = 0
    for found in _MATHS.finditer(text):
        parts.append(NavigableString(text[end : found.start()]))
        code = soup.new_tag("pre" if found["block"] else "code")
        code.string = (found["block"] or found["inline"]).strip().replace("\\\\", "\\\\\n")
        parts.append(code)
        end = found.end()
    return [*parts, NavigableString(text[end:])]


def _is_safe_link(link: str) -> bool:
    scheme = _SCHEME.match(link)
    return scheme is None or scheme[1].strip().lower() in _SAFE_SCHEMES or link.startswith("data:image/")


def _summary(note: NotebookNode) -> str:
    if not note:
        return ""
    reasons = "".join(f"\n- {html.escape(str(reason))}" for reason in note.get("reasons", ()))
    return f"**This submission: {html.escape(str(note.get('state', '')))}**\n{reasons}"
