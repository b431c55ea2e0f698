"""Feedback pages: what a learner may see of the graded notebook.

A page holds the learner's own text, the score of each question and the lines of its checks. It holds no hidden test, no
code from tracebacks, and no output that a browser would run.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
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

_MOST_TEXT = 5000  # characters of one output
_SHORTEST_SECRET = 12  # characters of a hidden line that no output may repeat; shorter ones are everyday code
_PICTURES = ("image/png", "image/jpeg")
_LINKS = ("href", "src", "action", "formaction", "xlink:href")
_SCHEME = re.compile(r"[\s\x00-\x20]*([^/?#:]*):")
_SAFE_SCHEMES = {"http", "https", "mailto"}


class LearnerView(NbGraderPreprocessor):
    """Turns a graded notebook into what its learner may see.

    Put it first in `GenerateFeedback.preprocessors`, and nbgrader's own feedback commands hide the tests too.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clean every cell and put the grading's state and reasons on top."""
        before = [cell.source for cell in nb.cells]
        messages = [_test_messages(cell) for cell in nb.cells]
        for step in (ClearHiddenTests, ClearMarkScheme):
            nb, resources = step(parent=self, enforce_metadata=False).preprocess(nb, resources)
        secrets = set(_removed_lines(before, [cell.source for cell in nb.cells]))
        for cell, lines in zip(nb.cells, messages, strict=True):
            _clean(cell, lines, secrets)
        note = nb.metadata.get(LEARNER_NOTE)
        if note:
            nb.cells.insert(0, new_markdown_cell(_summary(note)))
        return nb, resources


class LearnerPage(HTMLExporter):
    """nbconvert's HTML, in which no link or attribute runs a script."""

    # As in HTMLExporter, the first part of the result is text.
    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of a notebook; what Markdown made of a submission's links is cleaned."""
        page, resources = super().from_notebook_node(nb, resources, **settings)
        return _without_scripted_links(page), resources


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


def _test_messages(cell: NotebookNode) -> tuple[str, ...]:
    """The lines for the learner of a test cell, read off while its hidden part is still there."""
    return learner_messages(cell.source, cell.outputs) if _is_test(cell) else ()


def _is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def _removed_lines(before: list[str], after: list[str]) -> Iterator[str]:
    for old, new in zip(before, after, strict=True):
        kept = set(new.split("\n"))
        yield from (line.strip() for line in old.split("\n") if line not in kept)


def _clean(cell: NotebookNode, messages: tuple[str, ...], secrets: set[str]) -> None:
    if cell.cell_type == "markdown":
        if not utils.is_locked(cell):
            cell.source = html.escape(cell.source, quote=False)
    elif _is_test(cell):
        cell.outputs = [_text_output("\n".join(messages))] if messages else []
    elif cell.cell_type == "code":
        long = {line for line in secrets if len(line) >= _SHORTEST_SECRET}
        cell.outputs = [shown for output in cell.outputs if (shown := _shown(output, long))]


def _shown(output: NotebookNode, secrets: set[str]) -> NotebookNode | None:
    """An output as text or picture, or None; nothing that a browser would run, nothing of the hidden tests."""
    if output.output_type == "error":
        return _safe_text(f"{output.ename}: {output.evalue}", secrets)
    if output.output_type == "stream":
        return _safe_text(output.text, secrets)
    for kind in _PICTURES:
        if kind in output.data and _is_base64(output.data[kind]):
            return new_output("display_data", data={kind: output.data[kind]})
    return _safe_text(str(output.data.get("text/plain", "")), secrets)


def _safe_text(text: str, secrets: set[str]) -> NotebookNode | None:
    text = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]", "", text)
    if any(secret in text for secret in secrets):
        text = "(This output is left out: it repeats parts of the tests.)"
    if len(text) > _MOST_TEXT:
        text = f"{text[:_MOST_TEXT]}\n(cut here: {len(text)} characters in all)"
    return _text_output(text) if text.strip() else None


def _text_output(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text + "\n")


def _without_scripted_links(page: str) -> str:
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name.startswith("on") or (name in _LINKS and not _is_safe_link(str(value))):
                del tag[name]
    return str(soup)


def _is_safe_link(link: str) -> bool:
    scheme = _SCHEME.match(link)
    return scheme is None or scheme[1].strip().lower() in _SAFE_SCHEMES or link.startswith("data:image/")


def _is_base64(data: Any) -> bool:
    try:
        return bool(base64.b64decode("".join(str(data).split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def _summary(note: NotebookNode) -> str:
    reasons = "".join(f"\n- {html.escape(str(reason))}" for reason in note.get("reasons", ()))
    return f"**This submission: {html.escape(str(note.get('state', '')))}**\n{reasons}"
