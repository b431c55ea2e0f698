"""Attacks on the way in: packed files, folders and the exchange, and a whole batch with all sorts of broken ones."""

import errno
import io
import json
import os
import socket
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown import markdown2html

from autograder.collect import archives
from autograder.collect.intake import Intake, collect, collect_exchange, read_submission
from autograder.course import patience
from autograder.course.assignment import released_files
from autograder.course.entries import read_entry
from autograder.grade import record
from autograder.grade.run import StoppedError, grade
from autograder.release.make import release
from autograder.results import State
from tests.attacks.test_attacks import SECRET
from tests.autograder.tiny_course import QUIZ, make_course, solve

FULL = 4
SCRIPT = """> quoted, a < b
<script>steal()</script> <img src=x onerror=steal()> [x](javascript:steal()) <svg/onload=steal()> <!-- -->
<iframe src="javascript:steal()"></iframe> <a href="javascript:steal()">x</a> <javascript:steal()>
[x](  JavaScript\\:steal()) [x](&#106;avascript&colon;steal()) [y][1] ![x](vbscript:steal())

[1]: javascript:steal()
"""


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The tiny quiz, solved."""
    return solve(released_files(make_course(tmp_path_factory.mktemp("honest") / "course"), QUIZ)["quiz.ipynb"])


def packed(entries, method=zipfile.ZIP_STORED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name) if method == zipfile.ZIP_STORED else name, content)
    return data.getvalue()


def moved(data):
    """The zip with its list of files said to begin later than it does."""
    return data[:-6] + (int.from_bytes(data[-6:-2], "little") + 500).to_bytes(4, "little") + data[-2:]


def as_link(data):
    """The zip with its entries marked as links."""
    changed, at = bytearray(data), 0
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 5], changed[at + 38 : at + 42] = 3, (0o120777 << 16).to_bytes(4, "little")
        at += 4
    return bytes(changed)


MANY = 100_000
NAMES = [f"file-{n}" for n in range(2 * MANY)]
EVIL = "\x1b]0;owned\x07\x1b[2J\nrefused everybody: ok\u202e"


def manifest(**fields):
    return ("manifest.json", json.dumps(fields).encode())


HOSTILE = {
    "link": lambda nb: as_link(packed([("quiz.ipynb", b"/etc/passwd")])),
    "parent": lambda nb: packed([("quiz.ipynb", nb), ("../../x", b"")]),
    "absolute": lambda nb: packed([("quiz.ipynb", nb), ("/etc/cron.d/x", b"")]),
    "backslash": lambda nb: packed([("quiz.ipynb", nb), ("..\\..\\x", b"")]),
    "nested": lambda nb: packed([("quiz.ipynb", nb), ("more.zip", packed([("quiz.ipynb", nb)]))]),
    "100,000 files": lambda nb: packed([("quiz.ipynb", nb), *((f"f{n}", b"") for n in range(MANY))]),
    "100,000 folders": lambda nb: packed([("quiz.ipynb", nb), *((f"f{n}/", b"") for n in range(MANY))]),
    "1000 folders": lambda nb: packed([("quiz.ipynb", nb), *((f"f{n}/", b"") for n in range(1000))]),
    "thousands of folders in one another": lambda nb: packed([("quiz.ipynb", nb), ("d/" * 3000 + "x", b"")]),
    "a long way down": lambda nb: packed([("quiz.ipynb", nb), ("folder/" * 143, b"")]),
    "a folder outside": lambda nb: packed([("quiz.ipynb", nb), ("../x/", b"")]),
    "a folder that holds bytes": lambda nb: packed(
        [("quiz.ipynb", nb), ("x/", bytes(110_000_000))], zipfile.ZIP_DEFLATED
    ),
    "a file without a name": lambda nb: packed([("quiz.ipynb", nb), ("NO-NAME", b"")]).replace(b"NO-NAME", bytes(7)),
    "a file named as this folder": lambda nb: packed([("quiz.ipynb", nb), (".", b"")]),
    "one file in two ways": lambda nb: packed([("quiz.ipynb", nb), ("./quiz.ipynb", b"{}")]),
    "a file before the beginning": lambda nb: moved(packed([("quiz.ipynb", nb)])),
    "names that differ": lambda nb: packed([("x" * 150, nb)]).replace(b"x" * 150, b"\x1b[2J" + b"y" * 146, 1),
    "a manifest of 200,000 files": lambda nb: packed([("quiz.ipynb", nb), manifest(files=dict.fromkeys(NAMES, ""))]),
    "an endless name in the manifest": lambda nb: packed([("quiz.ipynb", nb), manifest(student=EVIL * 100_000)]),
    "an endless assignment": lambda nb: packed([("quiz.ipynb", nb), manifest(assignment=EVIL * 100_000)]),
    "an odd name in the manifest": lambda nb: packed([("quiz.ipynb", nb), manifest(student=EVIL)]),
    "a bomb of zeros": lambda nb: packed([("quiz.ipynb", nb), ("z", bytes(110_000_000))], zipfile.ZIP_DEFLATED),
    "lzma": lambda nb: packed([("quiz.ipynb", nb)], zipfile.ZIP_LZMA),
    "an endless name": lambda nb: packed([("quiz.ipynb", nb), ("x" * 5000, b"")]),
    "escape codes in a name": lambda nb: packed([("quiz.ipynb", nb), ("\x1b[2Jx", b"")]),
    "an archive with an endless name": lambda nb: packed([("quiz.ipynb", nb), ("x" * 190 + ".tar", b"")]),
    "a file that is a folder too": lambda nb: packed([("quiz.ipynb", nb), ("x", b""), ("x/y", b"")]),
    "cut off": lambda nb: packed([("quiz.ipynb", nb)])[:-30],
    "no zip": lambda nb: b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_with_a_reason_and_the_rest_goes_on(course, honest, tmp_path, kind):
    (tmp_path / f"{QUIZ}.eve.zip").write_bytes(HOSTILE[kind](honest))
    (tmp_path / f"{QUIZ}.ada.zip").write_bytes(packed([("quiz.ipynb", honest)]))
    reports = collect(course, [tmp_path / f"{QUIZ}.{name}.zip" for name in ("eve", "ada")])
    assert [report.outcome for report in reports] == [Intake.REFUSED, Intake.COLLECTED]
    assert reports[0].note.isprintable()
    assert 20 < len(reports[0].note) < 300
    assert course.students(QUIZ) == ["ada"]
    assert not Path("/etc/cron.d/x").exists()
    assert not [*tmp_path.rglob("x"), *tmp_path.rglob("*\\x")]


CONFIGURATION = [
    *(
        "nbgrader_config.py",
        "NBGRADER_CONFIG.PY",
        "nbgrader_config.json",
        "x/Nbgrader_Config.py",
        "nbgrader_config.py.",
    ),
    *("ｎbgrader_config.py", "nbgrader_conﬁg.py", "jupyter_config.py", "jupyter_server_config.json"),
    *("jupyter_notebook_config.py", "ipython_config.py", "ipython_kernel_config.json", ".jupyter/custom.js"),
    *(".ipython/profile_default/startup/a.py", "jupyter_server_config.d/x.json", ".JUPYTER/x", "etc/x_config.d/y"),
]


@pytest.mark.parametrize("name", CONFIGURATION)
def test_a_configuration_is_not_taken_in(course, honest, tmp_path, name):
    (tmp_path / f"{QUIZ}.eve.zip").write_bytes(packed([("quiz.ipynb", honest), (name, b"1/0")]))
    (tmp_path / "ada" / name).parent.mkdir(parents=True)
    (tmp_path / "ada" / "quiz.ipynb").write_bytes(honest)
    (tmp_path / "ada" / name).write_bytes(b"1/0")
    for report in collect(course, [tmp_path / f"{QUIZ}.eve.zip", tmp_path / "ada"]):
        assert report.outcome is Intake.COLLECTED
        assert report.note == f"left out: {name} (configuration is no part of a submission)"
        assert set(read_submission(course, QUIZ, report.student).files) == {"quiz.ipynb"}
        assert not [*course.submitted(QUIZ, report.student).rglob(Path(name).name)]


def test_what_only_looks_like_a_configuration_is_taken_in(course, honest, tmp_path):
    names = ["config.py", "my_nbgrader_config.py", "model_config.json", "jupyter.py", "ipython.txt", "notes.jupyter"]
    (tmp_path / f"{QUIZ}.ada.zip").write_bytes(packed([("quiz.ipynb", honest), *((name, b"") for name in names)]))
    [report] = collect(course, [tmp_path / f"{QUIZ}.ada.zip"])
    assert (report.outcome, report.note) == (Intake.COLLECTED, "")
    assert set(read_submission(course, QUIZ, "ada").files) == {"quiz.ipynb", *names}


@pytest.mark.parametrize("names", [["a" * 190, EVIL], ["d/" * 510 + "x"], [f"f{n}/" for n in range(1000)]])
def test_a_folder_that_no_archive_could_hold_is_refused(course, honest, deep_path, names):
    folder = deep_path / "eve"
    folder.mkdir()
    (folder / "quiz.ipynb").write_bytes(honest)
    for name in names:
        for end in [n for n, letter in enumerate(name) if letter == "/"]:  # one by one: there may be hundreds
            (folder / name[:end]).mkdir()
        if not name.endswith("/"):
            (folder / name).write_bytes(b"")
    [report] = collect(course, [folder])
    assert report.outcome is Intake.REFUSED
    assert report.note.isprintable()
    assert "no name for a file here" in report.note or "more than 1000 files and folders" in report.note
    assert len(report.note) < 300


def test_a_list_of_a_million_files_is_not_read(course, tmp_path, monkeypatch):
    """So many entries in 50 MB would be gigabytes of objects."""
    monkeypatch.setattr(zipfile.ZipInfo, "__init__", lambda *_: pytest.fail("an entry was read"))
    begin, size = b"PK" + bytes(42), 1_000_000 * 46
    end = b"PK" + bytes(8) + size.to_bytes(4, "little") + bytes(6)
    (tmp_path / f"{QUIZ}.eve.zip").write_bytes(begin * 1_000_000 + end)
    [report] = collect(course, [tmp_path / f"{QUIZ}.eve.zip"])
    assert (report.outcome, "more than 1000 files" in report.note) == (Intake.REFUSED, True)


def test_a_huge_file_is_not_read(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    for name in ("eve.ipynb", "eve.zip"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1 << 40)  # a hole: a terabyte that takes no room
        (report,) = collect(course, [tmp_path / name], assignment=QUIZ)
        assert report.outcome is Intake.REFUSED
        assert "larger than 1 MB" in report.note


NO_PLAIN_FILES = ["link", "broken link", "link to a folder", "pipe", "socket", "device"]
PLACES = ["quiz.ipynb", "extra", "folder/extra"]


def lay(folder, honest, kind, name, there, request):
    """A submission in which what is called `name` is no plain file."""
    (there / "secret").write_text(SECRET)
    (folder / name).parent.mkdir(parents=True)
    (folder / "quiz.ipynb").write_bytes(honest)
    (folder / "timestamp.txt").write_text("2026-03-01 09:00:00.000000 UTC")
    (folder / name).unlink(missing_ok=True)
    make_special(folder / name, kind, there, request)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("kind", NO_PLAIN_FILES)
def test_what_is_no_plain_file_is_refused_in_folders_and_in_the_exchange(course, honest, tmp_path, kind, name, request):
    inbound = tmp_path / "exchange" / "tiny" / "inbound" / f"eve+{QUIZ}+2026-03-01 09:00:00.000000 UTC"
    for folder in (tmp_path / "in" / "eve", inbound):
        lay(folder, honest, kind, name, tmp_path, request)
    course.app.config.Exchange.root = str(tmp_path / "exchange")
    for reports in (collect(course, [tmp_path / "in"], assignment=QUIZ), collect_exchange(course)):
        assert [report.outcome for report in reports] == [Intake.REFUSED], reports
        assert "link or no plain file" in reports[0].note
    assert course.students(QUIZ) == []


@pytest.mark.parametrize("kind", NO_PLAIN_FILES)
def test_what_is_no_plain_file_and_was_laid_there_by_hand_fails(course, honest, tmp_path, kind, request):
    students = dict(zip(("ada", "bob", "eve"), PLACES, strict=True))
    for student, name in students.items():
        lay(course.submitted(QUIZ, student), honest, kind, name, tmp_path, request)
    outcomes = grade(course, QUIZ, unsandboxed=True, workers=1)
    assert [outcome.entry.state for outcome in outcomes] == [State.FAILED] * len(students)
    for student in students:
        graded = [*course.autograded(QUIZ, student).rglob("*.*")]
        assert not any(SECRET in path.read_text("utf-8") for path in graded)


def make_special(path, kind, there, request):
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        sock = socket.socket(socket.AF_UNIX)
        request.addfinalizer(sock.close)
        here = os.getcwd()
        os.chdir(path.parent)  # an address holds 107 bytes
        sock.bind(path.name)
        os.chdir(here)
    elif kind == "device":
        try:
            os.mknod(path, 0o20666, os.makedev(1, 5))  # zeros without end
        except OSError:
            pytest.skip("an ordinary user makes no devices")
    else:
        path.symlink_to({"link": there / "secret", "broken link": there / "nowhere"}.get(kind, there))


def test_what_somebody_else_laid_into_the_exchange_is_said(course, honest, tmp_path):
    inbound = tmp_path / "exchange" / "tiny" / "inbound" / f"ada+{QUIZ}+2026-03-01 09:00:00.000000 UTC"
    inbound.mkdir(parents=True)
    (inbound / "quiz.ipynb").write_bytes(honest)
    course.app.config.Exchange.root = str(tmp_path / "exchange")
    (report,) = collect_exchange(course)
    assert "not to ada" in report.note
    assert "not to ada" in read_submission(course, QUIZ, "ada").note  # which `grade` shows as a reason


def test_a_file_packed_in_anothers_name_takes_nobodys_place(course, honest, tmp_path):
    for folder, name in (("Ada L_7", "ada"), ("Eve M_8", "ada")):
        manifest = json.dumps({"assignment": QUIZ, "student": name, "time": "2026-03-01T09:00:00Z"}).encode()
        mine = [] if folder == "Ada L_7" else [("autograder-origin.txt", b"Ada L_7_assignsubmission_file_"), ("x", b"")]
        path = tmp_path / f"{folder}_assignsubmission_file_" / "mine.zip"
        path.parent.mkdir()
        path.write_bytes(packed([("quiz.ipynb", honest), ("manifest.json", manifest), *mine]))
        (report,) = collect(course, [path])
    assert report.outcome is Intake.REFUSED
    assert "Ada L_7" in report.note
    assert set(read_submission(course, QUIZ, "ada").files) == {"quiz.ipynb"}


@pytest.fixture(scope="module")
def graded(sandboxed, tmp_path_factory, honest):
    """A class in which everything that can be wrong with a notebook is, graded in one batch."""
    course = make_course(tmp_path_factory.mktemp("class") / "course")
    release(course, QUIZ)
    content = json.loads(honest)

    def changed(**changes):
        return json.dumps({**content, **changes}).encode()

    script = {"cell_type": "markdown", "id": "s", "metadata": {}, "source": SCRIPT}
    handed_in = {
        "bytes": b"\x89PNG\r\n\x1a\n" * 100,
        "cells": changed(cells=content["cells"] + [{**content["cells"][1], "metadata": {}}] * 5000),
        "copied": changed(cells=content["cells"] + content["cells"]),
        "cut": honest[: len(honest) // 2],
        "deleted": changed(cells=content["cells"][:2]),
        "empty": b"",
        "fine": honest,
        "nan": changed(metadata={"x": float("nan")}),
        "other": changed(cells=[]),
        "script": changed(cells=[script, {**script, "cell_type": "raw"}, *content["cells"]]),
        "text": b"I did not finish.",
        "version": changed(nbformat=99),
        "white": b" \n" * 100,
    }
    for name, data in handed_in.items():
        folder = course.submitted(QUIZ, name)
        folder.mkdir(parents=True)
        (folder / "quiz.ipynb").write_bytes(data)
    for name, files in {"renamed": {"my quiz (1).ipynb": honest}, "nothing": {}, "wrong": {"essay.txt": b"x"}}.items():
        folder = course.submitted(QUIZ, name)
        folder.mkdir(parents=True)
        for path, data in files.items():
            (folder / path).write_bytes(data)
    odd = course.submitted(QUIZ, "unspeakable")
    odd.mkdir(parents=True)
    (odd / "quiz.ipynb").write_bytes(honest)
    (odd / os.fsdecode(b"\xff\xfe.txt")).write_bytes(b"x")
    return course, {outcome.entry.student: outcome.entry for outcome in grade(course, QUIZ, workers=1)}


STATES = {
    State.GRADED: {"fine", "nan", "script"},
    State.REPAIRED: {"copied", "deleted", "renamed"},
    State.FAILED: {
        *("bytes", "cells", "cut", "empty", "nothing", "other", "text", "unspeakable", "version", "white", "wrong")
    },
}
REASONS = {
    "bytes": "not UTF-8",
    "cells": "5,005 cells",
    "cut": "breaks off",
    "empty": "0 bytes",
    "nothing": "missing",
    "other": "None of the assignment's cells",
    "renamed": "taken for quiz.ipynb",
    "text": "not JSON",
    "unspeakable": "no name for a file",
    "version": "99",
    "white": "white space",
    "wrong": "essay.txt",
}


def test_every_submission_of_a_class_has_its_result_and_its_reason(graded):
    course, entries = graded
    found = {state: {name for name, entry in entries.items() if entry.state is state} for state in State}
    assert {state: names for state, names in found.items() if names} == STATES
    for name, words in REASONS.items():
        assert words in str(entries[name].reasons), name
    assert {name: entry.score for name, entry in entries.items() if entry.score} == dict.fromkeys(
        STATES[State.GRADED] | {"copied", "renamed"}, FULL
    ) | {"deleted": 1}
    with course.gradebook() as gradebook:
        assert len(gradebook.assignment_submissions(QUIZ)) == len(entries)


def test_the_instructors_page_of_a_submission_runs_nothing_of_it(graded):
    course, _ = graded
    cells = json.loads((course.autograded(QUIZ, "script") / "quiz.ipynb").read_text("utf-8"))["cells"]
    for cell in cells[:2]:
        page = BeautifulSoup(markdown2html("".join(cell["source"])), "html.parser")
        assert not page.find_all(["script", "img", "svg", "iframe"])
        assert not any(
            name.startswith("on") or "script:" in value
            for tag in page.find_all(True)
            for name, value in tag.attrs.items()
        )
        assert "a < b" in page.get_text()


def test_a_locked_gradebook_and_a_full_disk_stop_with_a_word_and_lose_nothing(graded, monkeypatch):
    course, entries = graded
    monkeypatch.setattr(patience, "_PATIENCE", 0.2)
    monkeypatch.setattr(patience, "_PAUSE", 0.05)
    (course.submitted(QUIZ, "fine") / "note.txt").write_text("changed")
    with sqlite3.connect(course.db_url.removeprefix("sqlite:///"), check_same_thread=False) as held:
        held.execute("begin exclusive")
        free = threading.Timer(600, held.rollback)
        free.start()
        with pytest.raises(StoppedError, match="held the gradebook"):
            grade(course, QUIZ, workers=1, students=["fine"])
        free.cancel()
        held.rollback()
    full = OSError(errno.ENOSPC, "No space left on device")
    with monkeypatch.context() as patch:
        patch.setattr(record, "_write_folder", lambda *_: (_ for _ in ()).throw(full))
        with pytest.raises(StoppedError, match="no room"):
            grade(course, QUIZ, workers=1, students=["fine"])
    assert [each.entry.score for each in grade(course, QUIZ, workers=1, students=["fine"])] == [FULL]
    others = set(entries) - {"fine"}
    assert {name: read_entry(course, QUIZ, name) for name in others} == {name: entries[name] for name in others}
