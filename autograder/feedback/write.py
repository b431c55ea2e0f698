"""Feedback pages: what a learner may see of the graded notebook.

A page holds the learner's own text, the score of each question and the lines of its checks. It holds no hidden test and
no output of a learner's cells: these ran beside the tests, and could repeat them in any disguise. It loads nothing.
"""

import html
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter, HTMLExporter
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, GetGrades, NbGraderPreprocessor
from sqlalchemy import select

from autograder.course.course import Course, captured, last_error
from autograder.errors import CourseError, listed, os_text, shown
from autograder.feedback.page import page
from autograder.notebook.answers import values
from autograder.notebook.disarm import as_typed
from autograder.notebook.messages import learner_lines
from autograder.notebook.role import role_of
from autograder.results import LEARNER_NOTE, State, digest

_NO_OUTPUTS = "What your own cells put out is not shown here: run the notebook again to see it."
_LONGEST_FAULT = 500  # characters
_MOST_NAMED = 10  # students in one sentence
_PACKAGE = Path(__file__).parents[1]
_MAKERS = sorted(path for kind in ("py", "css", "j2") for path in _PACKAGE.rglob(f"*.{kind}"))

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Written:
    """What became of one learner's pages: the folder that they are in, and why there are none, if there are none."""

    student: str
    folder: Path
    fault: str = ""


class LearnerView(NbGraderPreprocessor):
    """Turns a graded notebook into what its learner may see.

    Put it first in `GenerateFeedback.preprocessors`, and nbgrader's own feedback commands hide the tests too.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Clean every cell; of a submission that could not be run, none is left.

        What a test cell's checks said is put into its metadata, from where `LearnerPage` takes it.
        """
        note = nb.metadata.get(LEARNER_NOTE, {})
        if note.get("state") == State.FAILED and not any(cell.outputs for cell in nb.cells if _is_test(cell)):
            nb.cells = []
            return nb, resources
        before = [cell.source for cell in nb.cells]
        steps = [step(parent=self, enforce_metadata=False) for step in (ClearHiddenTests, ClearMarkScheme)]
        for index, cell in enumerate(nb.cells):
            # A learner's text may hold the same marks, and then they are words.
            for step in steps if role_of(cell).is_instructors else ():
                step.preprocess_cell(cell, resources, index)
        given: dict[str, Any] = {}
        for cell, source in zip(nb.cells, before, strict=True):
            if cell.cell_type == "code" and role_of(cell).is_answer:
                given |= values(cell.source)
            _clean(cell, source, given)
        return nb, resources


class LearnerPage(HTMLExporter):
    """A legible page in place of nbconvert's, which loads nothing and runs no script."""

    # As in HTMLExporter, the first part of the result is text.
    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **settings: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of a notebook."""
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **settings)
        return page(nb, resources.get("nbgrader", {}), _NO_OUTPUTS), resources


def feedback(
    course: Course,
    assignment: str,
    students: list[str] | None = None,
    progress: Progress = lambda student, done, total: None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[Written]:
    """Write the feedback pages of an assignment (of all graded students, or of `students`).

    Pages that say already what they should are left alone. One learner's pages that can't be made don't stop the
    others, and who is not in the gradebook (any more) is passed over, which `tell` gets as a sentence. `progress` is
    called after each student. Raises CourseError for an unknown assignment, or when nothing was graded yet.
    """
    course.check_assignment(assignment)
    graded = [s for s in course.students(assignment) if course.autograded(assignment, s).is_dir()]
    unknown = sorted(set(students or ()) - set(graded))
    if unknown or not graded:
        who = f"{', '.join(unknown)} was not" if unknown else "No submission was"
        raise CourseError(f"{who} graded for {assignment} yet. Run `autograder grade {assignment}` first.")
    grades = _grades(course, assignment)
    if lost := [each for each in graded if each not in grades]:
        _pass_over(assignment, lost, students or graded, tell)
    # A page that other code made, or other settings, is out of date.
    code = digest({str(path.relative_to(_PACKAGE)): path.read_bytes() for path in _MAKERS})
    makers = code + repr(course.app.config)
    written = []
    wanted = students or [each for each in graded if each in grades]
    for done, student in enumerate(wanted, 1):
        fault = ""
        try:
            _bring_up_to_date(course, assignment, student, makers + grades.get(student, ""))
        except Exception as error:  # whatever it is, the others' pages are made
            fault = os_text(error) if isinstance(error, OSError) else f"{error}"[:_LONGEST_FAULT]
        written.append(Written(student, course.feedback(assignment, student), fault))
        progress(student, done, len(wanted))
    return written


def _pass_over(assignment: str, lost: list[str], wanted: list[str], tell: Callable[[str], None]) -> None:
    """Say who has no page since the gradebook holds no scores of theirs; raise CourseError when nobody is left."""
    who = listed([*map(shown, lost)], _MOST_NAMED)
    text = (
        f"The gradebook holds no scores of {who} for {assignment}, so there is no page. "
        f"`autograder grade {assignment}` records again what is at hand. Of who left the course, move the folder "
        "with the submission away."
    )
    if set(wanted) <= set(lost):
        raise CourseError(text)
    tell(text)


def _bring_up_to_date(course: Course, assignment: str, student: str, rest: str) -> None:
    """Make the pages of one student, unless they are there; `rest` is what they are made from beside the notebooks."""
    # Taken before the page is made: what changes meanwhile makes the page out of date.
    mark = _mark(course, assignment, student, rest)
    if not _is_marked(course, assignment, student, mark):
        _one_student(course, assignment, student)
        for path in course.feedback(assignment, student).glob("*.html"):
            path.write_text(path.read_text("utf-8") + mark, "utf-8")


def _grades(course: Course, assignment: str) -> dict[str, str]:
    """Everything that the gradebook says about each student's submission, as text to compare."""
    about = select(SubmittedAssignment.student_id, BaseCell.name)
    joined = (
        (Grade, [Grade.manual_score, Grade.auto_score, Grade.extra_credit, Grade.needs_manual_grade]),
        (Comment, [Comment.auto_comment, Comment.manual_comment]),
    )
    found: dict[str, list[str]] = {}
    with course.gradebook() as gradebook:
        own = SubmittedAssignment.assignment.has(name=assignment)
        for table, columns in joined:
            query = (
                about.add_columns(*columns, SubmittedNotebook.late_submission_penalty, BaseCell.id)
                .select_from(SubmittedAssignment)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(table, table.notebook_id == SubmittedNotebook.id)
                .join(BaseCell, BaseCell.id == table.cell_id)
                .where(own)
                .order_by(BaseCell.id)
            )
            for row in gradebook.db.execute(query):
                found.setdefault(row.student_id, []).append(repr(tuple(row)))
    return {student: "\n".join(rows) for student, rows in found.items()}


def _mark(course: Course, assignment: str, student: str, rest: str) -> str:
    """The last line of a page: a digest over everything that it was made from."""
    notebooks = course.autograded(assignment, student).glob("*.ipynb")
    made_from = digest({"": rest.encode(), **{path.name: path.read_bytes() for path in notebooks}})
    return f"<!-- made from {made_from} -->\n"


def _is_marked(course: Course, assignment: str, student: str, mark: str) -> bool:
    """Whether there is a whole page with this mark for each graded notebook, and no other."""
    pages = list(course.feedback(assignment, student).glob("*.html"))
    graded = {path.stem for path in course.autograded(assignment, student).glob("*.ipynb")}
    return {path.stem for path in pages} == graded and all(path.read_bytes().endswith(mark.encode()) for path in pages)


def _one_student(course: Course, assignment: str, student: str) -> None:
    directory = course.directory(assignment, student, db_url=course.db_url)
    # Only the pages: nbgrader would copy the submitted files beside them, with whatever they hold.
    directory.ignore = [*directory.ignore, "*"]
    converter = GenerateFeedback(coursedir=directory, parent=course.app, force=True)
    converter.exporter_class = LearnerPage
    converter.preprocessors = [LearnerView, GetGrades]
    with captured(course.app.log) as log:
        try:
            converter.start()
        except (Exception, SystemExit) as error:
            raise CourseError(last_error(log) or str(error)) from error


def _is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and role_of(cell).is_test


def _clean(cell: NotebookNode, source: str, given: Mapping[str, Any]) -> None:
    """Leave what the learner may see; `source` is the cell's text with the hidden part."""
    cell.metadata.pop(LEARNER_NOTE, None)  # a submission may bring one
    if cell.cell_type == "markdown":
        if not role_of(cell).is_locked:
            cell.source = html.escape(as_typed(cell.source), quote=False)
    elif cell.cell_type == "code":
        lines = learner_lines(source, cell.outputs, cell.source, given) if _is_test(cell) else []
        text = "".join(f"{line}\n" for line in lines)
        cell.outputs = [new_output("stream", name="stdout", text=text)] if lines else []
        if lines:
            cell.metadata[LEARNER_NOTE] = [asdict(line) for line in lines]
