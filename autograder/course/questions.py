"""The gradebook's list of an assignment's cells, brought in line with the source.

nbgrader refuses to add or remove cells once a submission was graded. Here the grades and comments move along with their
cells, in one transaction, after a copy of the gradebook was made; and where scores or comments that a person gave would
go with a cell, nothing is done until the instructor says so.
"""

import contextlib
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from sqlalchemy import delete, func, insert, or_, select, update

from autograder.course.course import Course
from autograder.errors import CourseError, counted, listed, shown
from autograder.notebook.cells import text_of
from autograder.notebook.role import Role, role_of
from autograder.results import Assignment as Form

_SQLITE = "sqlite"
_MOST_NAMED = 10  # cells in one sentence
_TABLES = (GradeCell, SolutionCell, TaskCell, SourceCell)

_Rows = dict[Any, dict[str, dict[str, Any]]]  # table -> name of the cell -> columns
_Place = tuple[Any, str]  # Grade or Comment, and the name of the cell


@dataclass(frozen=True)
class _Sheet:
    """What the gradebook is to hold of one notebook; the kernel as nbgrader writes it down."""

    kernelspec: str
    rows: _Rows


_NOTHING = _Sheet("", {table: {} for table in _TABLES})


@dataclass(frozen=True)
class Wish:
    """What the instructor says of cells that are gone: new names of some, and whether what people gave may go too."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


@dataclass
class Moved:
    """What became of an assignment's cells in the gradebook; texts name cells."""

    kept: int = 0
    new: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)  # those of the removed ones that hold what a person gave
    points: list[str] = field(default_factory=list)
    copy: Path | None = None

    def sentences(self, assignment: str) -> list[str]:
        """What to tell the instructor."""
        parts = [("new", self.new), ("renamed", self.renamed), ("removed", self.removed)]
        changes = [f"{len(cells)} {what} ({listed(cells, _MOST_NAMED, '; ')})" for what, cells in parts if cells]
        cells = ", ".join([f"{self.kept} kept", *changes])
        copy = f"A copy of it as it was: {self.copy}" if self.copy else "It is no SQLite file: no copy of it was made"
        moved = f"The gradebook has the cells of the source of {assignment} now: {cells}. {copy}."
        points = f"Points in {assignment} changed: {listed(self.points, _MOST_NAMED)}."
        return [*([moved] if changes or self.copy else []), *([points] if self.points else [])]


def register(
    course: Course,
    form: Form,
    wish: Wish | None = None,
    alone: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> list[str]:
    """Enter an assignment's notebooks, cells and points into the gradebook, or bring them up to date.

    Returns what there is to tell: nothing as long as nobody was graded. All or nothing is done. Raises CourseError
    where cells would go that hold scores or comments that a person gave, unless the `wish` says so. `alone` is entered
    before cells change that have grades: a batch that is under way would write to those that were there before.
    """
    wish = wish or Wish()
    with course.gradebook() as gradebook, _transaction(gradebook):
        assignment = _assignment(gradebook, form.name)
        has_submissions = _has_submissions(gradebook, assignment.id)
        work = _Move(gradebook.db, assignment, _wanted(form), wish)
        work.check_wish()
        is_moved = has_submissions and work.changes_cells
        with alone() if is_moved else contextlib.nullcontext(), _copy(_file(gradebook) if is_moved else None) as copy:
            work.run()
            if work.moved.by_hand and not wish.drop:
                raise CourseError(_refusal(form.name, work.moved))
            gradebook.db.commit()
        work.moved.copy = copy
    return work.moved.sentences(form.name) if has_submissions else []


def _refusal(assignment: str, moved: Moved) -> str:
    new = f" (new are {listed(moved.new, _MOST_NAMED)})" if moved.new else ""
    return (
        f"Cells of {assignment} are gone from its source, and people gave scores or comments there: "
        f"{listed(moved.by_hand, _MOST_NAMED, '; ')}. Nothing was changed. Put the cells back. Or say which one has "
        f"only another name now{new}: --renamed OLD=NEW keeps what was given. Or add --drop-by-hand: it goes out of "
        "the gradebook, of which a copy is made first."
    )


@contextlib.contextmanager
def _transaction(gradebook: Gradebook) -> Iterator[None]:
    """All or nothing, and nobody else writes meanwhile."""
    try:
        if gradebook.engine.dialect.name == _SQLITE:
            gradebook.db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        yield
    except BaseException:
        gradebook.db.rollback()
        raise


def _file(gradebook: Gradebook) -> Path | None:
    """The file that the gradebook is; None where it is no SQLite file."""
    path = Path(gradebook.engine.url.database or "")
    return path if gradebook.engine.dialect.name == _SQLITE and path.is_file() else None


@contextlib.contextmanager
def _copy(path: Path | None) -> Iterator[Path | None]:
    """A copy of the gradebook beside it, if there is one to copy; removed again when what it is made for fails."""
    if path is None:
        yield None
        return
    copy = _free(path.with_name(f"{path.stem}.before-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}{path.suffix}"))
    try:
        copy.touch(mode=0o600)
        with contextlib.closing(sqlite3.connect(path)) as old, contextlib.closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        shutil.copymode(path, copy)
        yield copy
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _free(path: Path) -> Path:
    """A name that no file has yet."""
    others = (path.with_stem(f"{path.stem}-{n}") for n in range(2, 1000))
    return next(each for each in (path, *others) if not each.exists())


def _assignment(gradebook: Gradebook, name: str) -> Any:
    found = gradebook.db.execute(select(Assignment).where(Assignment.name == name)).scalar_one_or_none()
    if found is None:
        found = Assignment(name=name, course_id=gradebook.course_id)
        gradebook.db.add(found)
        gradebook.db.flush()
    return found


def _has_submissions(gradebook: Gradebook, assignment: str) -> bool:
    found = select(SubmittedAssignment.id).where(SubmittedAssignment.assignment_id == assignment).limit(1)
    return gradebook.db.scalar(found) is not None


def _wanted(form: Form) -> dict[str, _Sheet]:
    """What is to be held of each notebook."""
    found = {}
    for name, data in form.notebooks.items():
        content = json.loads(data)
        rows: _Rows = {table: {} for table in _TABLES}
        for cell in content["cells"]:
            role = role_of(cell)
            for table, columns in _columns(cell, role).items():
                rows[table][role.grade_id] = columns
        found[name] = _Sheet(json.dumps(content["metadata"].get("kernelspec", {})), rows)
    return found


def _columns(cell: Mapping[str, Any], role: Role) -> dict[Any, dict[str, Any]]:
    """The rows of one cell, as nbgrader's SaveCells makes them."""
    graded = {"max_score": role.points or 0.0, "cell_type": cell["cell_type"]}
    source = {
        "cell_type": cell["cell_type"],
        "locked": role.is_locked,
        "source": text_of(cell),
        "checksum": cell["metadata"].get("nbgrader", {}).get("checksum"),
    }
    every = [
        (GradeCell, role.grade, graded),
        (SolutionCell, role.solution, {}),
        (TaskCell, role.task, graded),
        (SourceCell, role.grade or role.solution or role.is_locked or role.task, source),
    ]
    return {table: columns for table, is_one, columns in every if is_one}


class _Move:
    """Makes the rows of an assignment's cells those that are wanted; nothing is committed here."""

    def __init__(self, session: Any, assignment: Any, wanted: Mapping[str, _Sheet], wish: Wish) -> None:
        self._session = session
        self._assignment = assignment
        self._wanted = wanted
        self._wish = wish
        self.moved = Moved()
        self._there = {each.name: each for each in assignment.notebooks}
        self._rename_notebooks()
        self._old = {name: _rows_there(each) for name, each in self._there.items()}

    @property
    def changes_cells(self) -> bool:
        """Whether it is another set of notebooks or cells."""
        return bool(self.moved.renamed) or {name: _keys(rows) for name, rows in self._old.items()} != {
            name: _keys(sheet.rows) for name, sheet in self._wanted.items()
        }

    def check_wish(self) -> None:
        """Raise CourseError where a cell is not gone, or its new name not new, unless all that was done before."""
        every = [self._named(name) for name in {*self._old, *self._wanted}]
        for old, now in self._wish.renamed.items():
            is_done = any(now in before & after for before, after in every) and all(
                old not in before for before, _ in every
            )
            if not (is_done or any(old in before - after and now in after - before for before, after in every)):
                gone = {name for before, after in every for name in before - after}
                new = {name for before, after in every for name in after - before}
                raise CourseError(
                    f"--renamed {shown(old)}={shown(now)} doesn't fit {self._assignment.name}. Gone from its source: "
                    f"{_listed(gone) or 'no cell'}. New in it: {_listed(new) or 'no cell'}."
                )

    def _named(self, notebook: str) -> tuple[set[str], set[str]]:
        """A notebook's cells with grades or comments, as they were and as they are to be."""
        return _named(self._old.get(notebook, {})), _named(self._wanted.get(notebook, _NOTHING).rows)

    def run(self) -> None:
        """Do it, and take note of what was done."""
        changes_cells = self.changes_cells
        for name, notebook in self._there.items():
            sheet = self._wanted.get(name, _NOTHING)
            self._bring_in_line(notebook, self._old[name], sheet.rows)
            if name in self._wanted:
                notebook.kernelspec = sheet.kernelspec
            else:
                self._session.execute(delete(SubmittedNotebook).where(SubmittedNotebook.notebook_id == notebook.id))
                self._session.expire(notebook)
                self._session.delete(notebook)
        for name in self._wanted.keys() - self._there.keys():
            sheet = self._wanted[name]
            notebook = Notebook(name=name, assignment_id=self._assignment.id, kernelspec=sheet.kernelspec)
            self._session.add(notebook)
            self._session.flush()
            self._bring_in_line(notebook, {}, sheet.rows)
        self._session.flush()
        if changes_cells:
            _fill_up(self._session, self._assignment.id)

    def _rename_notebooks(self) -> None:
        """Give a notebook another name where all its cells are found again in one new notebook, and only there."""
        gone = {name: _keys(_rows_there(each)) for name, each in self._there.items() if name not in self._wanted}
        new = {name: _keys(sheet.rows) for name, sheet in self._wanted.items() if name not in self._there}
        for old, now in _pairs(gone, new).items():
            notebook = self._there.pop(old)
            notebook.name, self._there[now] = now, notebook
            self.moved.renamed.append(f"notebook {old} to {now}")

    def _bring_in_line(self, notebook: Any, old: _Rows, new: _Rows) -> None:
        """Make the rows of one notebook's cells `new`; grades and comments go along with their cells."""
        names = self._new_names(old, new)
        there = {}
        for cell in _cells_of(notebook):
            cell.name = names.get(cell.name, cell.name)
            there[type(cell), cell.name] = cell
        self._session.flush()
        before = _places(there.values())
        wanted = {(table, name): columns for table, rows in new.items() for name, columns in rows.items()}
        for (table, name), columns in wanted.items():
            self._note_points(names, old, table, name, columns)
            if (table, name) not in there:
                there[table, name] = table(id=new_uuid(), name=name, notebook_id=notebook.id)
                self._session.add(there[table, name])
            for column, value in columns.items():
                setattr(there[table, name], column, value)
        self._session.flush()
        after = _places(there[key] for key in wanted)
        self._note(names, before, after)
        for (table, name), place in before.items():
            now = after.get((table, name))
            if now is None:
                self._session.execute(delete(table).where(table.cell_id == place))
            elif now != place:  # of another kind
                self._session.execute(update(table).where(table.cell_id == place).values(cell_id=now))
        for key in there.keys() - wanted.keys():
            self._session.delete(there[key])
        self._session.flush()

    def _new_names(self, old: _Rows, new: _Rows) -> dict[str, str]:
        """The new names of cells that are gone: those that the instructor said, and those that are certain."""
        gone, come = _named(old) - _named(new), _named(new) - _named(old)
        said = {name: now for name, now in self._wish.renamed.items() if name in gone and now in come}
        same = _pairs(_contents(old), _contents(new))
        certain = {name: now for name, now in same.items() if name in gone - said.keys() and now in come}
        return {**{name: now for name, now in certain.items() if now not in said.values()}, **said}

    def _note_points(
        self, names: Mapping[str, str], old: _Rows, table: Any, name: str, columns: Mapping[str, Any]
    ) -> None:
        before = {names.get(cell, cell): row for cell, row in old.get(table, {}).items()}.get(name, columns)
        if table in (GradeCell, TaskCell) and before["max_score"] != columns["max_score"]:
            self.moved.points.append(f"{name} {before['max_score']:g}, now {columns['max_score']:g}")

    def _note(self, names: Mapping[str, str], before: Mapping[_Place, str], after: Mapping[_Place, str]) -> None:
        old, new = {name for _, name in before}, {name for _, name in after}
        self.moved.renamed += [f"{name} to {now}" for name, now in names.items() if now in old]
        self.moved.kept += len(old & new - {*names.values()})
        self.moved.new += sorted(new - old)
        gone: dict[str, list[str]] = {}
        for (table, name), place in before.items():
            if (table, name) not in after:
                gone.setdefault(name, []).append(place)
        for name, places in gone.items():
            rows, by_hand = self._counts(places)
            self.moved.removed.append(f"{name}, with {rows}")
            self.moved.by_hand += [f"{name} ({by_hand})"] if by_hand else []

    def _counts(self, places: list[str]) -> tuple[str, str]:
        """How many scores and comments there are in some cells, in words; and how many of them a person gave."""
        given = or_(Grade.manual_score.is_not(None), func.coalesce(Grade.extra_credit, 0) != 0)
        scored = or_(given, Grade.auto_score.is_not(None))
        written = func.coalesce(Comment.manual_comment, "") != ""
        scores, scores_by_hand, comments = (
            self._session.scalar(select(func.count()).select_from(table).where(table.cell_id.in_(places), condition))
            for table, condition in ((Grade, scored), (Grade, given), (Comment, written))
        )
        by_hand = " and ".join(
            [
                *([counted(scores_by_hand, "score")] if scores_by_hand else []),
                *([counted(comments, "comment")] if comments else []),
            ]
        )
        return f"{counted(scores, 'score')}" + (f" ({by_hand} by hand)" if by_hand else ""), by_hand


def _cells_of(notebook: Any) -> list[Any]:
    return [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells, *notebook.source_cells]


def _rows_there(notebook: Any) -> _Rows:
    """The rows of a notebook's cells as the gradebook has them."""
    rows: _Rows = {table: {} for table in _TABLES}
    for cell in _cells_of(notebook):
        columns = ("max_score", "cell_type", "source")
        rows[type(cell)][cell.name] = {column: getattr(cell, column) for column in columns if hasattr(cell, column)}
    return rows


def _contents(rows: _Rows) -> dict[str, tuple[Any, ...] | None]:
    """What makes each cell that cell: its kinds and its text; None for an answer, which could be any."""
    return {
        name: None
        if name in rows[SolutionCell]
        else (*(name in rows[table] for table in _TABLES), source["cell_type"], source["source"])
        for name, source in rows.get(SourceCell, {}).items()
    }


def _keys(rows: _Rows) -> frozenset[tuple[Any, str]]:
    return frozenset((table, name) for table, cells in rows.items() for name in cells)


def _named(rows: _Rows) -> set[str]:
    """The cells that have grades or comments."""
    return {name for table in (GradeCell, SolutionCell, TaskCell) for name in rows.get(table, {})}


def _places(cells: Iterable[Any]) -> dict[_Place, str]:
    """Where grades and comments belong: (Grade or Comment, the cell's name) -> the id of the cell's row."""
    kinds = ((Grade, (GradeCell, TaskCell)), (Comment, (SolutionCell, TaskCell)))
    return {(table, cell.name): cell.id for cell in cells for table, tables in kinds if isinstance(cell, tables)}


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """The names on both sides that have the same content, where it is nobody else's; None is no content."""
    here, there = ({content: name for name, content in each.items()} for each in (old, new))
    alone = [{content for content, n in Counter(each.values()).items() if n == 1 and content} for each in (old, new)]
    return {here[content]: there[content] for content in alone[0] & alone[1]}


def _fill_up(session: Any, assignment: str) -> None:
    """Give every submission a row for each notebook and cell, as nbgrader does for a new one."""
    submissions = session.scalars(select(SubmittedAssignment.id).where(SubmittedAssignment.assignment_id == assignment))
    notebooks = session.scalars(select(Notebook.id).where(Notebook.assignment_id == assignment)).all()
    pairs = {(each, notebook) for each in submissions for notebook in notebooks}
    columns = (SubmittedNotebook.assignment_id, SubmittedNotebook.notebook_id)
    _insert(session, SubmittedNotebook, columns, pairs)
    for table, kinds in ((Grade, ("GradeCell", "TaskCell")), (Comment, ("SolutionCell", "TaskCell"))):
        cells = (
            select(SubmittedNotebook.id, BaseCell.id)
            .join(BaseCell, BaseCell.notebook_id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .where(SubmittedAssignment.assignment_id == assignment, BaseCell.type.in_(kinds))
        )
        _insert(session, table, (table.notebook_id, table.cell_id), {tuple(row) for row in session.execute(cells)})


def _insert(session: Any, table: Any, columns: tuple[Any, Any], wanted: set[Any]) -> None:
    """Add the rows that are not there yet."""
    missing = wanted - {tuple(row) for row in session.execute(select(*columns))}
    one, other = (column.key for column in columns)
    rows = [{"id": new_uuid(), one: first, other: second} for first, second in sorted(missing)]
    if rows:
        session.execute(insert(table.__table__), rows)


def _listed(cells: Iterable[str]) -> str:
    return listed([*map(shown, sorted(cells))], _MOST_NAMED)
