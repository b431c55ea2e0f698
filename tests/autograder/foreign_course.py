"""The courses in foreign/, written as instructors elsewhere write them, and what learners hand in of them.

Beside the folder of each assignment lies a text: after `#### STUDENT: what is typical of it` come the cells that the
student changed, each after `== GRADE_ID` (`== NOTEBOOK/GRADE_ID` where there are several notebooks), or after
`== +before GRADE_ID` a cell of the student's own. All other answers are the solution's, or with
`#### STUDENT blank: ...` as they were released. One more student, SOLVER, hands in the solution.

nbgrader takes several minutes for all of them, so what it gives is kept in foreign/stock.json. As a program
(`python -m tests.autograder.foreign_course ASSIGNMENT ...`) this has nbgrader grade assignments, those of which
anything has changed if none is named, and writes that down.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from autograder.course.assignment import released_files
from autograder.course.course import Course
from tests.autograder import stock
from tests.autograder.compatibility_course import answers_of, cells_of, fill, name_of, put
from tests.autograder.tiny_course import cell

FOREIGN = Path(__file__).with_name("foreign")
RECORD = FOREIGN / "stock.json"
SOLVER = "solver"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "foreign"
c.Execute.timeout = 20
"""
_STUDENT = re.compile(r"^#### (?P<name>\w+)(?P<blank> blank)?: .+$\n(?P<cells>(?:(?!####).*\n)*)", re.MULTILINE)
_CELL = re.compile(r"^== (?P<own>\+before )?(?:(?P<notebook>\S+)/)?(?P<name>\S+)$\n(?P<text>(?:(?!== ).*\n)*)", re.M)


class Changed(NamedTuple):
    """A cell that a student changed, or an own one in front of another."""

    notebook: str  # "" where there is one only
    name: str
    text: str
    own: bool


def assignments() -> list[str]:
    """Their names."""
    return sorted(path.name for path in FOREIGN.iterdir() if path.is_dir())


def students(assignment: str) -> Iterator[tuple[str, bool, list[Changed]]]:
    """Each student of an assignment: the name, whether all other answers are blank, and the changed cells."""
    yield SOLVER, False, []
    for student in _STUDENT.finditer((FOREIGN / f"{assignment}.txt").read_text("utf-8")):
        cells = [
            Changed(each["notebook"] or "", each["name"], each["text"].rstrip("\n"), bool(each["own"]))
            for each in _CELL.finditer(student["cells"])
        ]
        yield student["name"], bool(student["blank"]), cells


def build(root: Path, names: Iterable[str]) -> Course:
    """Make a course of these assignments, with all that was handed in."""
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    for name in names:
        shutil.copytree(FOREIGN / name, root / "source" / name)
    course = Course(root)
    for name in names:
        released = {file: data for file, data in released_files(course, name).items() if file.endswith(".ipynb")}
        for student, blank, cells in students(name):
            for file, data in released.items():
                solved = data if blank else fill(data, answers_of((root / "source" / name / file).read_bytes()))
                mine = [each for each in cells if each.notebook in ("", file.removesuffix(".ipynb"))]
                put(root, f"submitted/{student}/{name}/{file}", _changed(solved, mine))
    return course


def _changed(notebook: bytes, cells: list[Changed]) -> bytes:
    filled = json.loads(fill(notebook, {each.name: each.text for each in cells if not each.own}))
    for n, own in enumerate(each for each in cells if each.own):
        places = [name_of(part) for part in filled["cells"]]
        filled["cells"].insert(places.index(own.name), cell(f"own-{n}", own.text))
    return json.dumps(filled).encode()


def autograded(assignment: str) -> list[str]:
    """The names of an assignment's autograded test cells."""
    found = [part for path in FOREIGN.glob(f"{assignment}/*.ipynb") for part in cells_of(path.read_bytes())]
    settings = [part["metadata"].get("nbgrader", {}) for part in found]
    return [each["grade_id"] for each in settings if each.get("grade") and not each["solution"]]


def digest(assignment: str) -> str:
    """What tells whether anything of an assignment has changed, sources or submissions."""
    files = sorted(path for path in FOREIGN.glob(f"{assignment}/**/*") if path.is_file() and path.suffix != ".pyc")
    found = sha256()
    for path in [*files, FOREIGN / f"{assignment}.txt"]:
        found.update(f"{path.relative_to(FOREIGN)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def recorded() -> dict[str, Any]:
    """By assignment: its digest when nbgrader graded it, and by student the score of each graded cell."""
    return json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}


def by_nbgrader(folder: Path, assignment: str) -> dict[str, dict[str, float | str]]:
    """What nbgrader gives now, by student; "person" where one has to score a cell."""
    course = build(folder / assignment, [assignment])
    refused = stock.refused(stock.start(course.root, [assignment]))
    assert not refused, refused
    found: dict[str, dict[str, float | str]] = {}
    for key, mark in sorted(stock.marks(course.root).items()):
        if mark.points is not None:
            found.setdefault(key.student, {})[key.cell] = mark.score
    return found


def _main(names: list[str]) -> None:
    record = {name: each for name, each in recorded().items() if name in assignments()}
    changed = [name for name in assignments() if record.get(name, {}).get("of") != digest(name)]
    with tempfile.TemporaryDirectory() as folder:
        for name in names or changed:
            record[name] = {"of": digest(name), "scores": by_nbgrader(Path(folder), name)}
            lines = [
                f' {json.dumps(each)}: {{"of": {json.dumps(kept["of"])}, "scores": {{\n'
                + ",\n".join(f"  {json.dumps(who)}: {json.dumps(scores)}" for who, scores in kept["scores"].items())
                + "}}"
                for each, kept in sorted(record.items())
            ]
            RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
            print(name)


if __name__ == "__main__":
    _main(sys.argv[1:])
