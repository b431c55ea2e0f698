"""A course of every gradeable notebook that ships with nbgrader, of constructs.txt, and of damaged submissions.

What nbgrader gives in those of its assignments that take it long is recorded in compatibility.json:
`python -m tests.autograder.compatibility_course` renews it, in about two minutes.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignment import released_files
from autograder.course.course import Course
from tests.autograder import stock
from tests.autograder.stock import NBGRADER
from tests.autograder.tiny_course import cell, notebook

GUIDE = NBGRADER / "docs" / "source" / "user_guide"
FILES = NBGRADER / "tests"
ASSIGNMENTS = ("ps1", "autotest", "shipped", "constructs", "damaged")
RECORD = Path(__file__).with_name("compatibility.json")
RECORDED = ("autotest", "damaged", "shipped")
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "compatibility"
c.IncludeHeaderFooter.header = "source/header.ipynb"
c.Execute.timeout = 15
"""

AUTOTEST = ("autotest-hashed", "autotest-hidden", "autotest-multi", "autotest-simple")
SHIPPED = (  # sources that ship beside nbgrader's own tests
    "apps/test",
    "apps/test-with-output",
    "apps/test-hidden-tests",
    "apps/submitted-unchanged",
    "apps/timeout",
    "apps/open_relative_file",
    "apps/validating-environment-variable",
    "apps/validation-zero-points",
    "preprocessors/test_taskcell",
    "preprocessors/manually-graded-code-cell",
)
NOSE = "preprocessors/test"  # shares its name with apps/test
REFUSED = (  # sources that nbgrader itself refuses
    "apps/test-no-metadata-autotest",
    "apps/test-v0",
    "apps/test-v0-invalid",
    "apps/test-v1",
    "apps/test-v2",
    "apps/too-new",
    "preprocessors/bad-markdown-cell-1",
    "preprocessors/bad-markdown-cell-2",
    "preprocessors/blank-grade-id",
    "preprocessors/blank-points",
    "preprocessors/cell-type-changed",
    "preprocessors/duplicate-grade-ids",
    "ui-tests/old-schema",
)

# A small assignment, to be handed in damaged.
_ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
QUIZ = (
    cell("read-me", "Read this.", "markdown", locked=True),
    cell("given", "factor = 2", locked=True),
    cell("answer", _ANSWER, solution=True),
    cell("test", "assert double(3) == 6", grade=True, locked=True, points=2),
    cell("words", "Why?", "markdown", grade=True, solution=True, points=2),
    cell("code", "### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", grade=True, solution=True, points=2),
    cell("task", "Do something.", "markdown", task=True, locked=True, points=2),
    cell("last-test", "assert double(factor) == 4", grade=True, locked=True, points=1),
)
TOO_MUCH = (cell("generous", "2.5", grade=True, locked=True, points=2),)
_SLOW = (
    "def slow():\n    ### BEGIN SOLUTION\n    import time\n    time.sleep(1000)\n    return True\n    ### END SOLUTION"
)
TOO_LONG = (  # than the time limit, which "apps/timeout" is not: a slow machine must not pass it
    cell("slow-answer", _SLOW, solution=True),
    cell("slow-test", "assert slow()", grade=True, locked=True, points=2),
)
_RIGHT = {"answer": "def double(x):\n    return 2 * x", "words": "Because.", "code": "print(2)"}


def shipped(name: str) -> Path:
    """The path of a notebook such as "apps/test"."""
    folder, _, stem = name.partition("/")
    return FILES / folder / "files" / f"{stem}.ipynb"


def build(root: Path) -> Course:
    """Make the course with all sources and submissions."""
    shutil.copytree(GUIDE / "source", root / "source", ignore=shutil.ignore_patterns("ps1_autotest"))
    shutil.copy(GUIDE / "autotests.yml", root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    put(root, "source/autotest/problem1.ipynb", GUIDE / "source" / "ps1_autotest" / "problem1.ipynb")
    for stem in AUTOTEST:
        put(root, f"source/autotest/{stem}.ipynb", shipped(f"apps/{stem}"))
    for name in SHIPPED:
        put(root, f"source/shipped/{shipped(name).name}", shipped(name))
    put(root, "source/shipped/nose.ipynb", shipped(NOSE))
    put(root, "source/shipped/data.txt", FILES / "apps" / "files" / "data.txt")
    put(root, "source/constructs/constructs.ipynb", notebook(*_construct_cells()))
    put(root, "source/damaged/quiz.ipynb", notebook(*QUIZ))
    put(root, "source/shipped/too-much.ipynb", notebook(*TOO_MUCH))
    put(root, "source/shipped/too-long.ipynb", notebook(*TOO_LONG))
    course = Course(root)
    _hand_in(root, {name: released_files(course, name) for name in ASSIGNMENTS if name != "autotest"})
    return course


def digest(root: Path) -> str:
    """What tells whether nbgrader was given the same when it graded the recorded assignments, by the same nbgrader."""
    folders = [
        folder for name in RECORDED for folder in (*root.glob(f"source/{name}"), *root.glob(f"submitted/*/{name}"))
    ]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = sha256(version("nbgrader").encode())
    for path in sorted([*files, *root.glob("*.yml"), root / "nbgrader_config.py"]):
        found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def recorded() -> tuple[str, dict[stock.Key, stock.Mark], set[tuple[str, str]]]:
    """The digest of what nbgrader was given, its marks, and what it refused."""
    found = json.loads(RECORD.read_text("utf-8"))
    marks = {stock.Key(*each[:4]): stock.Mark(*each[4:]) for each in found["marks"]}
    return found["of"], marks, {(assignment, student) for assignment, student in found["refused"]}


def constructs() -> Iterator[tuple[str, str, str]]:
    """Names, answers and tests of constructs.txt."""
    text = Path(__file__).with_name("constructs.txt").read_text("utf-8")
    for part in text.split("\n== ")[1:]:
        name, _, rest = part.split("\n#### ")[0].partition("\n")
        answer, _, test = f"\n{rest}".partition("\n--")
        yield name, answer.strip("\n"), test.strip("\n")


def cells_of(data: bytes) -> list[dict[str, Any]]:
    """A notebook's cells."""
    return json.loads(data)["cells"]


def _construct_cells() -> Iterator[dict[str, Any]]:
    for name, answer, test in constructs():
        if answer:
            yield cell(f"answer-{name}", f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION", solution=True)
        yield cell(name, test, grade=True, locked=True, points=2)


def _hand_in(root: Path, released: dict[str, dict[str, bytes]]) -> None:
    """Write every submission; a student who hands in some of an assignment's notebooks saves time."""

    def give(student: str, assignment: str, **notebooks: bytes | Path) -> None:
        for name, data in notebooks.items():
            put(root, f"submitted/{student}/{assignment}/{name.replace('__', '-')}.ipynb", data)

    def solved(assignment: str, stem: str) -> bytes:
        source = (root / "source" / assignment / f"{stem}.ipynb").read_bytes()
        return fill(released[assignment][f"{stem}.ipynb"], answers_of(source))

    shutil.copytree(GUIDE / "submitted", root / "submitted")
    problem1 = released["ps1"]["problem1.ipynb"]
    give("reasoner", "ps1", problem1=problem1)
    give("solver", "ps1", problem1=solved("ps1", "problem1"), problem2=solved("ps1", "problem2"))
    give(
        "half",
        "ps1",
        problem1=fill(problem1, {"squares": "def squares(n):\n    return [i**2 for i in range(1, n+1)]"}),
    )
    give("archive", "ps1", problem1=next(GUIDE.glob("downloaded/ps1/archive/*.ipynb")))
    give("solver", "autotest", problem1=root / "source" / "autotest" / "problem1.ipynb")
    for stem in AUTOTEST:
        for path in sorted((FILES / "apps" / "files").glob(f"{stem}-*.ipynb")):
            variant = path.stem.removeprefix(f"{stem}-")
            student = {"unchanged": "blank", "changed-wrong": "wrong"}.get(variant, "solver")
            put(root, f"submitted/{student}/autotest/{stem}.ipynb", path)
    for name in released["shipped"]:
        if name.endswith(".ipynb"):
            student = {"too-much.ipynb": "too-much", "nose.ipynb": "nose", "test_taskcell.ipynb": "nose"}.get(
                name, "shipper"
            )
            put(root, f"submitted/{student}/shipped/{name}", solved("shipped", name.removesuffix(".ipynb")))
    for path in sorted((FILES / "apps" / "files").glob("submitted-*.ipynb")):
        put(root, f"submitted/{path.stem}/shipped/submitted-unchanged.ipynb", path)
    for path in sorted((FILES / "preprocessors" / "files").glob("submitted-*-type-changed.ipynb")):
        put(root, f"submitted/{path.stem}/shipped/submitted-unchanged.ipynb", path)
    for stem in ("test-v0", "test-v1", "test-v2", "test-no-metadata"):
        put(root, f"submitted/{stem}/shipped/test.ipynb", shipped(f"apps/{stem}"))
    manual = released["shipped"]["manually-graded-code-cell.ipynb"]
    put(root, "submitted/untouched/shipped/manually-graded-code-cell.ipynb", manual)
    answers = {f"answer-{name}": answer for name, answer, _ in constructs()}
    give("solver", "constructs", constructs=fill(released["constructs"]["constructs.ipynb"], answers))
    quiz = fill(released["damaged"]["quiz.ipynb"], _RIGHT)
    for student, damage in DAMAGE.items():
        put(root, f"submitted/{student}/damaged/quiz.ipynb", damage(quiz))
    put(root, "submitted/renamed-file/damaged/quiz (1).ipynb", quiz)


def put(root: Path, where: str, what: bytes | Path) -> None:
    """Write a file of a course."""
    path = root / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(what if isinstance(what, bytes) else what.read_bytes())


def answers_of(source: bytes) -> dict[str, str]:
    """The texts of a source's answer cells, by name."""
    return {
        name_of(part): text_of(part)
        for part in cells_of(source)
        if part["metadata"].get("nbgrader", {}).get("solution")
    }


def fill(released: bytes, answers: dict[str, str]) -> bytes:
    """A released notebook with these answers."""
    content = json.loads(released)
    for part in content["cells"]:
        part["source"] = answers.get(name_of(part), text_of(part))
    return json.dumps(content).encode()


def name_of(part: dict[str, Any]) -> str:
    """The grade id of a cell."""
    return part["metadata"].get("nbgrader", {}).get("grade_id", "")


def text_of(part: dict[str, Any]) -> str:
    """The text of a cell."""
    return part["source"] if isinstance(part["source"], str) else "".join(part["source"])


def _change(edit: Callable[[list[dict[str, Any]], dict[str, dict[str, Any]]], None]) -> Callable[[bytes], bytes]:
    """A damage to the list of cells; `edit` gets it, and the cells by name."""

    def damage(quiz: bytes) -> bytes:
        content = json.loads(quiz)
        edit(content["cells"], {name_of(part): part for part in content["cells"]})
        return json.dumps(content).encode()

    return damage


def _skip(cells: list[dict[str, Any]], named: dict[str, dict[str, Any]]) -> None:
    named["answer"]["source"] = "wrong = 1"
    named["test"]["metadata"]["tags"] = ["skip-execution"]


def _with_kernel(quiz: bytes, name: str) -> bytes:
    kernel = {"name": name, "language": "R", "display_name": "R"}
    return json.dumps(json.loads(quiz) | {"metadata": {"kernelspec": kernel}}).encode()


def _own(source: str, kind: str = "code") -> dict[str, Any]:
    return cell("", source, kind) | {"id": "own"}


def _without_ids(quiz: bytes) -> bytes:
    content = json.loads(quiz) | {"nbformat_minor": 4}
    for part in content["cells"]:
        del part["id"]
    return json.dumps(content).encode()


def _in_format_3(quiz: bytes) -> bytes:
    return json.dumps(nbformat.convert(nbformat.reads(quiz.decode(), 4), 3)).encode()


def _helpers(cells: list[dict[str, Any]], named: dict[str, dict[str, Any]]) -> None:
    named["answer"]["source"] = "def double(x):\n    return two() * x"
    named["test"]["metadata"]["nbgrader"]["points"] = 50
    cells.insert(0, _own("def two(): return 2"))
    cells += [_own("A remark.", "markdown"), *(_own(text_of(part)) for name in _PLAIN for part in cells_of(name))]


_PLAIN = tuple(
    shipped(name).read_bytes()
    for name in ("preprocessors/infinite-recursion", "preprocessors/long-output", "apps/side-effects")
)

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "untidy": lambda quiz: _with_kernel(_without_ids(_change(_helpers)(quiz)), "other"),
    "copied-answer": _change(lambda cells, named: cells.insert(2, named["answer"])),
    "copied-test": _change(lambda cells, named: cells.append(named["test"])),
    "deleted-answer": _change(lambda cells, named: cells.remove(named["answer"])),
    "deleted-test": _change(lambda cells, named: cells.remove(named["test"])),
    "deleted-words": _change(lambda cells, named: cells.remove(named["words"])),
    "deleted-given": _change(lambda cells, named: cells.remove(named["given"])),
    "renamed-cell": _change(lambda cells, named: named["test"]["metadata"]["nbgrader"].update(grade_id="other")),
    "ungraded-test": _change(lambda cells, named: named["test"]["metadata"]["nbgrader"].update(grade=False)),
    "skipped-test": _change(_skip),
    "os-exit": _change(lambda cells, named: named["code"].update(source="import os\nos._exit(1)")),
    "exit-call": _change(lambda cells, named: named["code"].update(source="exit()")),
    "format-3": _in_format_3,
    "truncated": lambda quiz: quiz[: len(quiz) // 2],
    "empty": lambda quiz: b"",
}


def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = build(Path(folder) / "course")
        of = digest(course.root)
        refused = stock.refused(stock.start(course.root, RECORDED))
        lines = [
            json.dumps([*key, *mark], ensure_ascii=False) for key, mark in sorted(stock.marks(course.root).items())
        ]
    marks = ",\n".join(f"  {line}" for line in lines)
    RECORD.write_text(
        f'{{"of": "{of}",\n "refused": {json.dumps(sorted(refused))},\n "marks": [\n{marks}]}}\n', "utf-8"
    )


if __name__ == "__main__":
    _main()
