"""What others wrote is printed as text: it sends no codes to the terminal, and passes for no line of ours."""

import ast
import contextlib
import io
import json
import os
import pty
import subprocess
import sys
import unicodedata
import warnings
import zipfile

import pytest
from rich.table import Table
from typer.testing import CliRunner

from autograder import cli
from autograder.course.assignment import released_files
from autograder.course.entries import Entry
from autograder.course.export import FORMATS, Row, as_csv, export
from autograder.errors import listed, os_text, shown, visible
from autograder.grade.run import Outcome
from autograder.notebook.rebuild import rebuild
from autograder.release.lint import Finding
from autograder.release.make import release
from autograder.results import State
from autograder.terminal import Terminal, line, safe
from tests.autograder.tiny_course import QUIZ, cell, make_course, notebook, solve, tiny_source

EVIL = "\x1b]0;owned\x07\x1b[2J\nrefused everybody: ok\u202e"
HARMLESS = r"\x1b]0;owned\x07\x1b[2J\nrefused everybody: ok\u202e"
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def run(*arguments):
    """What a command prints on a wide terminal, errors too."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments], env={"COLUMNS": "1000"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def check(printed):
    assert {letter for letter in printed if unicodedata.category(letter) in UNSEEN} <= {"\n"}
    assert not [each for each in printed.split("\n") if each.strip(" │").startswith("refused everybody")]


def packed(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)


def laid(folder, name, data):
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)


def with_cells(data, *cells):
    content = json.loads(data)
    return json.dumps(content | {"cells": [*content["cells"], *cells]}).encode()


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What each command prints about a class that plants EVIL wherever it can."""
    folder = tmp_path_factory.mktemp("class")
    course = make_course(folder / "course")
    at = ("--course", course.root)
    release(course, QUIZ)
    answered = solve(released_files(course, QUIZ)["quiz.ipynb"])
    odd = with_cells(answered, cell(EVIL, "1"), cell("x", f"raise ValueError({EVIL!r})") | {"id": EVIL})
    odd = with_cells(odd, cell(EVIL, "2", solution=True))
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "ada.ipynb").write_bytes(odd)
    (inbox / f"{EVIL}.ipynb").write_bytes(answered)
    (inbox / f"{EVIL}.docx").write_bytes(b"")
    packed(inbox / f"{QUIZ}.bob.zip", {"quiz.ipynb": answered, EVIL: b""})
    for key in ("student", "assignment", "time"):
        manifest = json.dumps({"assignment": QUIZ, "student": "cy"} | {key: EVIL})
        packed(inbox / f"{QUIZ}.{key}.zip", {"quiz.ipynb": answered, "manifest.json": manifest})
    laid(inbox / "dan", "quiz.ipynb", answered)
    (inbox / "dan" / EVIL).write_bytes(b"")
    said = {"collect": run("collect", inbox, "--assignment", QUIZ, *at)}
    said["collect without --assignment"] = run("collect", inbox, *at)
    laid(course.submitted(QUIZ, EVIL), "quiz.ipynb", answered)
    laid(course.submitted(QUIZ, "eve"), f"{EVIL}.ipynb", answered)
    given_out = course.release(QUIZ) / "quiz.ipynb"
    given_out.write_bytes(with_cells(given_out.read_bytes(), cell(f"{EVIL} too", "new", locked=True)))
    said["grade"] = run("grade", QUIZ, "--unsandboxed", "--workers", 1, *at)
    said["grade somebody else"] = run("grade", QUIZ, "--student", "nobody", *at)
    said["feedback"] = run("feedback", QUIZ, *at)
    said["release"] = run("release", QUIZ, "--no-check", *at)
    said["doctor"] = run("doctor", *at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "_is_terminal", lambda: True)
        said["export"] = run("export", *at)
        said["export json"] = run("export", "--format", "json", *at)
    return said


COMMANDS = [
    *("collect", "collect without --assignment", "grade", "grade somebody else", "feedback", "release", "doctor"),
    *("export", "export json"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_class_wrote_is_text_on_the_terminal(printed, command):
    check(printed[command])


@pytest.mark.parametrize(
    ("command", "places"),
    [
        (
            "collect",
            ["are no submissions: {}.docx", "inbox/{}.ipynb: '{}' can't be", "packed as '{}'", "'{}' is no name"],
        ),
        ("collect without --assignment", ["no assignment '{}' in"]),
        ("grade", ["(cells {} too)", "│ {} ", "{}: not a cell of this assignment", "'{}.ipynb' is no name"]),
        ("grade somebody else", ["These did: {}, ada"]),
        ("feedback", ["no page for {}: Could not match"]),
        ("export", ["\n{},01-tiny,4.0,4.0,graded"]),
    ],
)
def test_it_is_shown_where_it_matters(printed, command, places):
    for place in places:
        assert place.format(HARMLESS, HARMLESS) in printed[command]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """What is printed about sources with EVIL as a grade id, as a notebook's and as an assignment's name."""
    said = {}
    for kind in ("no points", "doubled", "a notebook's name", "an assignment's name", "sound"):
        course = make_course(tmp_path_factory.mktemp("course") / "course")
        source = course.source(QUIZ) / "quiz.ipynb"
        if kind == "no points":
            source.write_bytes(notebook(cell(EVIL, "assert 1", grade=True, locked=True)))
        elif kind == "doubled":
            source.write_bytes(notebook(*[cell(EVIL, "1", locked=True)] * 2, cell("t", f"{EVIL!r}(", grade=True)))
        elif kind == "a notebook's name":
            source.with_name(f"{EVIL}.ipynb").write_bytes(b"{")
        elif kind == "an assignment's name":
            laid(course.source(EVIL), "quiz.ipynb", tiny_source())
        else:
            named = b'"grade_id": ' + json.dumps(EVIL).encode()
            source.write_bytes(tiny_source().replace(b'"grade_id": "test-1"', named))
        commands = ["release --all --no-check", "release 01-tinny", "doctor"]
        said[kind] = "".join(run(*each.split(), "--course", course.root) for each in commands)
    return said


@pytest.mark.parametrize("kind", ["no points", "doubled", "a notebook's name", "an assignment's name", "sound"])
def test_what_somebody_wrote_into_a_source_is_text_too(sources, kind):
    check(sources[kind])
    assert HARMLESS in sources[kind] or kind == "sound"


def test_what_others_wrote_is_shown_on_one_line_and_cut():
    assert shown(EVIL) == HARMLESS
    assert shown("Zoë 学生 a\u00a0b") == "Zoë 学生 a\u00a0b"
    assert shown("x" * 80) == "x" * 80
    assert shown("x" * 1_000_000) == "x" * 76 + " ..."
    assert shown("\u2028\u2029\x85\ud800\U000e0001") == r"\u2028\u2029\x85\ud800\U000e0001"
    assert all(len(shown(letter * 1000)) <= 80 for letter in "x\x1b\u202e\U000e0001")
    assert shown("\x1b" * 1000).endswith(r"\x1b ...")  # no escape is cut in two
    assert visible("a\n\tb", keep="\n") == "a\n\\tb"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_the_systems_words_about_a_file_are_shown_on_one_line():
    assert os_text(OSError(2, "No such file", EVIL)) == f"{HARMLESS}: No such file."


def test_no_markup_is_read_in_others_words():
    console = Terminal(file=io.StringIO(), width=200, emoji=False)
    for text in ("[red]x[/]", "\x1b[red]x", "\\[b]x", ":smile:", "a\nb"):
        console.print(safe(text))
        console.print(line(text))
    shown_lines = ["[red]x[/]"] * 2 + [r"\x1b[red]x"] * 2 + ["\\[b]x"] * 2 + [":smile:"] * 2 + ["a", "b", r"a\nb"]
    assert console.file.getvalue().split("\n") == [*shown_lines, ""]


def test_the_console_sends_no_codes_but_its_own():
    console = Terminal(file=io.StringIO(), width=200, force_terminal=True, color_system="standard")
    table = Table(EVIL, title=EVIL)
    table.add_row(f"{EVIL}\t")
    console.print(table)
    console.print(f"[red]refused[/] {EVIL}")
    text = console.file.getvalue()
    assert "\x1b[31mrefused" in text
    assert "\x1b]" not in text
    assert not {"\x07", "\u202e", "\x1b[2J"} & {text[n : n + size] for n in range(len(text)) for size in (1, 4)}


@pytest.mark.parametrize("name", ["cli", "demo/play", "doctor"])
def test_everything_is_printed_through_one_place(root, name):
    tree = ast.parse((root / "autograder" / f"{name}.py").read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {getattr(node, "module", None) or alias.name for node in imports for alias in node.names}
    assert "rich.markup" not in modules
    assert isinstance(cli.out, Terminal)
    assert isinstance(cli.err, Terminal)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if ast.unparse(call.func) in ("print", "sys.stdout.write", "sys.stderr.write")]
    echoes = [call for call in calls if ast.unparse(call.func) == "typer.echo"]
    assert [ast.unparse(call.args[0]) for call in echoes] == ["text if to_read else encoded(text)"] * (name == "cli")


def test_a_repair_and_a_finding_are_one_short_line(graded_form, released):
    odd = with_cells(released, *(cell(EVIL + "x" * 1_000_000, "1", solution=True) for _ in range(2)))
    [repair] = rebuild(graded_form, released, odd).repairs
    check(repair)
    assert HARMLESS[:40] in repair
    assert "not a cell of this assignment" in repair
    assert len(repair) < 200
    finding = str(Finding(EVIL, f"cell {EVIL * 1000}", EVIL * 1000))
    check(finding)
    assert finding.startswith(f"{HARMLESS}, cell {HARMLESS[:40]}")
    assert len(finding) < 1300


def test_of_a_thousand_reasons_the_first_are_listed():
    reasons = tuple(f"{EVIL} {n}" for n in range(1000))
    outcome = Outcome(Entry("ada", QUIZ, State.REPAIRED, reasons, 0, 4, "", "", ""), skipped=False)
    console = Terminal(file=io.StringIO(), width=10_000)
    for each in cli._graded(QUIZ, [outcome]):
        console.print(each)
    check(console.file.getvalue())
    assert f"{HARMLESS} 19 and 980 more" in console.file.getvalue()


def test_what_is_exported_into_a_file_is_exact(course, tmp_path):
    release(course, QUIZ)
    for name in (EVIL, os.fsdecode(b"\xff")):
        course.submitted(QUIZ, name).mkdir(parents=True)
    for fmt in FORMATS:
        expected = export(course, fmt).encode("utf-8", "surrogateescape")
        run("export", "--format", fmt, "--to", tmp_path / "grades", "--course", course.root)
        assert (tmp_path / "grades").read_bytes() == expected
        result = CliRunner().invoke(cli.app, ["export", "--format", fmt, "--course", str(course.root)])
        assert result.stdout_bytes == expected
    assert EVIL.encode() in export(course).encode("utf-8", "surrogateescape")


def test_what_is_exported_to_a_terminal_is_shown(course):
    release(course, QUIZ)
    course.submitted(QUIZ, EVIL).mkdir(parents=True)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "autograder.cli", "export", "--course", str(course.root)]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, check=True, timeout=300)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):  # which is how a terminal says that nothing follows
        while piece := os.read(ours, 10_000):
            text += piece
    os.close(ours)
    check(text.decode().replace("\r\n", "\n"))
    assert HARMLESS in text.decode()


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "\uff20x"]
)
def test_no_text_in_csv_is_a_spreadsheets_formula(text):
    row = as_csv([Row(text, text, 1.0, 2.0, text, text)]).split("\n", 1)[1]
    assert row.count("'" + text) == 4
    assert as_csv([Row("a=b", "x-y", -1.0, 2.0, "graded", "2026")]).endswith("\na=b,x-y,-1.0,2.0,graded,2026,0.0\n")


def test_pythons_warnings_about_a_text_are_not_printed(course):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run("doctor", "--course", course.root)
        warnings.warn("invalid escape sequence", SyntaxWarning, stacklevel=1)
    assert not [each for each in caught if each.category is SyntaxWarning]
