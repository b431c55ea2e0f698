"""Packing an assignment into one file to hand in: `companion submit`.

The file is a zip with the assignment's notebooks, `manifest.json` (who, what, when, checksums) and `receipt.txt` (the
same for people). What is still unanswered is read off the cells' text; nothing is run.
"""

import ast
import contextlib
import difflib
import getpass
import hashlib
import io
import json
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from companion import __version__

_LONGEST_NAME = 64
_BETWEEN = ".@-"  # may stand in a name, but not begin it
_JOINERS = "\u200c\u200d"  # which Persian and the scripts of India need inside of words
_STUBS = ("# YOUR CODE HERE\nraise NotImplementedError()", "YOUR ANSWER HERE")
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}
_LARGEST = 100_000_000  # bytes; what `autograder collect` takes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first date: the same content gives the same bytes


class SubmitError(Exception):
    """What keeps an assignment from being packed, and what to do; printed without a traceback."""


@dataclass(frozen=True)
class Packed:
    """A packed submission: the file, its SHA-256, the receipt, and the cells without an answer.

    `twins` are notebooks that hold the same questions, of which only one can count.
    """

    path: Path
    checksum: str
    receipt: str
    unanswered: tuple[str, ...]
    failed: tuple[str, ...]  # answered, and a test in the notebook has failed
    twins: tuple[str, ...] = ()


def pack(quizzes: Path, assignment: str, name: str, to: Path | None = None, now: datetime | None = None) -> Packed:
    """Pack `quizzes`/`assignment` for the learner `name` into `to` (a file or folder; default: the current folder).

    `now` is an aware datetime, the time of handing in. The same files, name and time give the same bytes.
    Raises SubmitError for an unknown assignment, a name that can't be one, or a notebook that is not whole.
    """
    name = unicodedata.normalize("NFC", name)  # the same name typed on a Mac and elsewhere is the same file
    _check_name(name)
    files = _read(_assignment_folder(quizzes, assignment))
    missing = tuple(text for path in sorted(files) if path.endswith(".ipynb") for text in unanswered(path, files[path]))
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    manifest = {
        "assignment": assignment,
        "student": name,
        "time": moment.isoformat(timespec="seconds"),
        "course": f"cnn-companion {__version__}",
        "files": _checksums(files),
    }
    receipt = _receipt(manifest, missing)
    extra = {"manifest.json": json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "receipt.txt": receipt}
    data = _zip({**files, **{path: text.encode() for path, text in extra.items()}})
    target = _target(to, f"{assignment}.{name}.submission.zip")
    _write(target, data)
    failed = tuple(text for path in sorted(files) if path.endswith(".ipynb") for text in failed_tests(files[path]))
    return Packed(target, hashlib.sha256(data).hexdigest(), receipt, missing, failed, _twins(files))


def last_packed(folder: Path, assignment: str) -> tuple[Path, str, bool] | None:
    """The file that was packed last into an assignment's folder, its receipt, and whether the folder is still the same.

    None where there is none that can be read.
    """
    files = sorted(folder.glob(f"{assignment}.*.submission.zip"), key=lambda path: path.stat().st_mtime)
    for path in reversed(files):
        with contextlib.suppress(OSError, ValueError, KeyError, SubmitError, zipfile.BadZipFile):
            with zipfile.ZipFile(path) as packed:
                receipt = packed.read("receipt.txt").decode()
                checksums = json.loads(packed.read("manifest.json"))["files"]
            return path, receipt, checksums == _checksums(_read(folder))
    return None


def unanswered(path: str, notebook: bytes) -> list[str]:
    """The answer cells of a notebook that are still as they were handed out, by the heading above each.

    Raises SubmitError, naming `path`, when it is no whole notebook.
    """
    try:
        return [title for title, answer, _ in _questions(json.loads(notebook)["cells"]) if _is_open(answer)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SubmitError(
            f"{path} is not a whole notebook: it was perhaps saved only in part. Open it in JupyterLab, save it with "
            "Ctrl+S, and submit again. Nothing was packed."
        ) from None


def failed_tests(notebook: bytes) -> list[str]:
    """The answered questions of a whole notebook of which a test failed when it last ran, by their heading."""
    found = _questions(json.loads(notebook)["cells"])
    return [title for title, answer, tests in found if not _is_open(answer) and any(map(_has_failed, tests))]


def _checksums(files: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}


def _twins(files: dict[str, bytes]) -> tuple[str, ...]:
    """The notebooks with an answer cell that another one has too."""
    answers = {path: _answer_cells(data) for path, data in sorted(files.items()) if path.endswith(".ipynb")}
    return tuple(
        path for path, names in answers.items() if any(names & answers[other] for other in answers if other != path)
    )


def _answer_cells(notebook: bytes) -> set[str]:
    settings = [cell.get("metadata", {}).get("nbgrader", {}) for cell in json.loads(notebook)["cells"]]
    return {str(each.get("grade_id")) for each in settings if each.get("solution")}


def own_name() -> str:
    """The name under which the learner packed last; before that, the login name."""
    with contextlib.suppress(OSError, UnicodeError):
        return _name_file().read_text("utf-8")
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        return ""


def remember_name(name: str) -> None:
    """Let `own_name` give this name from now on, where that can be written down."""
    with contextlib.suppress(OSError):
        _name_file().parent.mkdir(parents=True, exist_ok=True)
        _name_file().write_text(name, "utf-8")


def packed_names(folder: Path, assignment: str) -> list[str]:
    """The names under which an assignment has been packed into a folder."""
    files = folder.glob(f"{assignment}.*.submission.zip")
    return sorted(path.name.removeprefix(f"{assignment}.").removesuffix(".submission.zip") for path in files)


def _name_file() -> Path:
    return platformdirs.user_config_path("cnn-companion") / "name-in-class.txt"


def has_exchange() -> bool:
    """Whether the course in the current folder is set up to use nbgrader's exchange.

    Only a folder that is there and writable counts, so on a laptop this is false.
    """
    from nbgrader.apps.baseapp import NbGrader
    from nbgrader.exchange.default import Exchange
    from nbgrader.utils import check_directory

    app = NbGrader(log_level=50)
    app.load_config_file()
    return bool(check_directory(Exchange(parent=app).root, write=True, execute=True))


def exchange_note(folder: Path) -> str:
    """A sentence on nbgrader's exchange where the course is set up to use one, for `folder`; empty where not."""
    if not has_exchange():
        return ""
    return (
        "Your classroom has an nbgrader exchange: there you can hand in with the Assignment List "
        f"(in JupyterLab's Nbgrader menu) or `nbgrader submit` in {folder} instead."
    )


def _check_name(name: str) -> None:
    if not name:
        raise SubmitError("The name is empty. Give the one that you have in the class, for example ada.")
    if not (name[0].isalnum() or name[0] == "_"):
        raise SubmitError(f"{name!r} can't be used as a name: it must begin with a letter or a digit.")
    if len(name) > _LONGEST_NAME:
        raise SubmitError(f"The name is too long: {_LONGEST_NAME} characters are the most. Give a shorter one.")
    usable = [_may_stand(name, n) for n in range(len(name))]
    if not all(usable):
        near = "".join(letter if usable[n] else " " for n, letter in enumerate(name)).split()
        raise SubmitError(
            f"{name!r} can't be used as a name: it may have letters of any alphabet, digits and . _ - @, but no "
            f"spaces. Try {'.'.join(near)}"
        )


def _may_stand(name: str, n: int) -> bool:
    """Whether a letter of a name is one that `autograder collect` takes at that place."""
    letter = name[n]
    if letter.isalnum() or letter == "_" or (n and (letter in _BETWEEN or unicodedata.category(letter)[0] == "M")):
        return True
    if letter not in _JOINERS or not 0 < n < len(name) - 1:
        return False
    arabic = unicodedata.bidirectional(name[n - 1]) == unicodedata.bidirectional(name[n + 1]) == "AL"
    return arabic or unicodedata.combining(name[n - 1]) == 9  # a sign that takes a letter's vowel


def _assignment_folder(quizzes: Path, assignment: str) -> Path:
    known = sorted(path.parent.name for path in quizzes.glob("*/*.ipynb"))
    if assignment not in known:
        near = difflib.get_close_matches(assignment, known, n=1, cutoff=0.3)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(dict.fromkeys(known)) or 'none'}."
        raise SubmitError(f"There is no assignment {assignment!r} in {quizzes}. {hint}")
    return quizzes / assignment


def _read(folder: Path) -> dict[str, bytes]:
    files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        wanted = not (_LEFT_OUT & set(relative.parts) or path.name.endswith(".submission.zip"))
        if wanted and path.is_file() and not path.is_symlink():
            files[relative.as_posix()] = path.read_bytes()
    if sum(map(len, files.values())) > _LARGEST:
        raise SubmitError(f"{folder} holds more than {_LARGEST // 1_000_000} MB. Move what is not the quiz elsewhere.")
    return files


def _questions(cells: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """For each answer cell: the heading above it, or else its grade id; the cell; and those that test it."""
    found: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = []
    heading = ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            heading = _heading(_source(cell)) or heading
        settings = cell.get("metadata", {}).get("nbgrader", {})
        if settings.get("solution"):
            found.append((heading or str(settings.get("grade_id", "a cell")), cell, []))
        elif settings.get("grade") and found:
            found[-1][2].append(cell)
    return found


def _has_failed(test: dict[str, Any]) -> bool:
    """Whether a test has said more than that there is no answer; questions.js says it of the page in the same way."""
    errors = [output for output in test.get("outputs", []) if output.get("output_type") == "error"]
    return any(error.get("ename") != "NoAnswer" and not _is_of_stub(error) for error in errors)


def _is_of_stub(error: dict[str, Any]) -> bool:
    stub = "YOUR CODE HERE" in "".join(error.get("traceback", []))
    return stub and (error.get("ename"), error.get("evalue", "")) == ("NotImplementedError", "")


def _heading(text: str) -> str:
    """The first heading in a text, without the points: "### Question 3 · 1 point" -> "Question 3"; empty for none."""
    for line in text.split("\n"):
        rest = line.lstrip("#")
        heading = rest.partition("·")[0].lstrip(" ").rstrip()
        if heading and rest != line and rest.startswith(" "):
            return heading
    return ""


def _source(cell: dict[str, Any]) -> str:
    """The text of a cell, with lines that end as Jupyter ends them, whatever editor saved it."""
    source: str | list[str] = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_open(cell: dict[str, Any]) -> bool:
    """Whether an answer cell still holds a stub, or `NAME = ""` or `NAME = None` where the answer should be."""
    source = _source(cell)
    unindented = "\n".join(map(str.strip, source.split("\n")))
    if any(stub in unindented for stub in _STUBS):
        return True
    if cell["cell_type"] != "code":
        return not source.strip()
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    return not statements or any(map(_is_blank, statements))


def _is_blank(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Constant(value="" | None)):
            return True
    return False


def _receipt(manifest: dict[str, Any], missing: tuple[str, ...]) -> str:
    lines = [
        f"Assignment  {manifest['assignment']}",
        f"Name        {manifest['student']}",
        f"Time        {manifest['time']}",
        f"Course      {manifest['course']}",
        *(f"SHA-256     {checksum}  {path}" for path, checksum in manifest["files"].items()),
        f"Unanswered  {', '.join(missing) or 'nothing'}",
    ]
    return "\n".join(lines) + "\n"


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, date_time=_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return buffer.getvalue()


def _target(to: Path | None, name: str) -> Path:
    if to is None:
        return Path.cwd() / name
    return to / name if to.is_dir() else to


def _write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    scratch = path.with_name(path.name + ".part")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    except OSError as error:
        raise SubmitError(f"{path} can't be written: {error.strerror}. Choose another place with --to.") from None
