import io
import json
import os
import stat
import unicodedata
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from autograder.collect import archives, intake
from autograder.collect.intake import collect, collect_exchange
from autograder.collect.store import Intake, read_submission
from autograder.course.times import parse_time
from autograder.errors import CourseError
from autograder.release.make import release
from autograder.results import digest
from companion.submit import pack
from tests.autograder.tiny_course import QUIZ, cell, make_course, notebook, solve, tiny_source


@pytest.fixture
def desk(tmp_path, released):
    """A learner's folder of quizzes with the tiny quiz answered."""
    folder = tmp_path / "desk" / QUIZ
    folder.mkdir(parents=True)
    (folder / "quiz.ipynb").write_bytes(solve(released))
    return folder.parent


def at(hour):
    return datetime.fromisoformat(f"2026-03-01T{hour:02}:00:00+00:00")


def zipped(path, files, link=()):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = ((stat.S_IFLNK if name in link else stat.S_IFREG) | 0o644) << 16
            archive.writestr(entry, data)
    return path


def stored(course):
    found = (p for p in (course.root / "classroom").rglob("*.ipynb") if not p.is_relative_to(course.releases(QUIZ)))
    return sorted(str(p.relative_to(course.root)) for p in found)


def test_a_packed_file_is_collected_with_its_time(course, desk, tmp_path):
    packed = pack(desk, QUIZ, "ada", tmp_path, at(9))
    (report,) = collect(course, [packed.path])
    assert (report.outcome, report.student, report.assignment) == (Intake.COLLECTED, "ada", QUIZ)
    folder = course.submitted(QUIZ, "ada")
    assert sorted(path.name for path in folder.iterdir()) == ["quiz.ipynb", "timestamp.txt"]
    assert (folder / "quiz.ipynb").read_bytes() == (desk / QUIZ / "quiz.ipynb").read_bytes()
    assert course.settings.get_existing_timestamp(str(folder)) == datetime(2026, 3, 1, 9)


def test_a_newer_one_replaces_and_nothing_is_lost(course, desk, tmp_path, released):
    def hand_in(hour, answer):
        (desk / QUIZ / "quiz.ipynb").write_bytes(solve(released, f'answer_1 = "{answer}"'))
        return collect(course, [pack(desk, QUIZ, "ada", tmp_path / f"{hour}.zip", at(hour)).path])[0].outcome

    assert hand_in(9, "A") is Intake.COLLECTED
    assert hand_in(11, "B") is Intake.REPLACED
    assert hand_in(10, "C") is Intake.OLDER
    again = [collect(course, [tmp_path / f"{h}.zip"])[0] for h in (9, 10, 11)]
    assert [report.outcome for report in again] == [Intake.SUPERSEDED, Intake.SUPERSEDED, Intake.KNOWN]
    assert [report.note for report in again] == ["which is of 2026-03-01 11:00 UTC"] * 2 + [""]
    current = read_submission(course, QUIZ, "ada").files["quiz.ipynb"].decode()
    assert 'answer_1 = \\"B\\"' in current
    kept = b"".join(path.read_bytes() for path in course.history(QUIZ, "ada").rglob("*.ipynb")).decode()
    assert 'answer_1 = \\"A\\"' in kept
    assert 'answer_1 = \\"C\\"' in kept


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("bob.ipynb", "bob"),
        ("bob/quiz (1).ipynb", "bob"),
        (f"{QUIZ}.bob.ipynb", "bob"),
        ("bob/quiz.ipynb", "bob"),
        (f"bob/{QUIZ}/quiz.ipynb", "bob"),
    ],
)
def test_bare_notebooks_and_folders_are_recognised(course, released, tmp_path, path, student):
    (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "in" / path).write_bytes(released)
    (report,) = collect(course, [tmp_path / "in"] if "/" in path else [tmp_path / "in" / path])
    assert (report.outcome, report.student, report.assignment) == (Intake.COLLECTED, student, QUIZ)
    assert stored(course) == [f"classroom/submitted/{student}/{QUIZ}/quiz.ipynb"]


def test_a_zipped_folder_is_unpacked_without_its_folder(course, released, tmp_path):
    packed = zipped(tmp_path / f"{QUIZ}.cy.zip", [("my work/quiz.ipynb", released), ("my work/data.csv", b"1")])
    (report,) = collect(course, [packed])
    assert report.outcome is Intake.COLLECTED
    assert set(read_submission(course, QUIZ, "cy").files) == {"quiz.ipynb", "data.csv"}


def test_a_folder_of_settings_beside_a_zips_only_folder_does_not_hide_it(course, released, tmp_path):
    path = zipped(tmp_path / f"{QUIZ}.ada.zip", [(f"{QUIZ}/quiz.ipynb", released), (".jupyter/x", b"1")])
    [report] = collect(course, [path])
    assert report.outcome is Intake.COLLECTED, report.note
    assert stored(course) == [f"classroom/submitted/ada/{QUIZ}/quiz.ipynb"]


def nested(released):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("quiz.ipynb", released)
    return inner.getvalue()


REFUSED = {
    "link": (lambda nb: [("quiz.ipynb", nb), ("x", "/etc/passwd")], "is a link"),
    "absolute": (lambda nb: [("quiz.ipynb", nb), ("/tmp/x", "x")], "leads out"),
    "parent": (lambda nb: [("quiz.ipynb", nb), ("../x", "x")], "leads out"),
    "backslash": (lambda nb: [("quiz.ipynb", nb), ("..\\x", "x")], "leads out"),
    "drive": (lambda nb: [("quiz.ipynb", nb), ("C:/x", "x")], "leads out"),
    "nested": (lambda nb: [("quiz.ipynb", nb), ("more.zip", nested(nb))], "archive in the submission"),
    "twice": (lambda nb: [("quiz.ipynb", nb), ("quiz.ipynb", b"{}")], "Two files"),
    "many": (lambda nb: [("quiz.ipynb", nb), *((f"f{n}", "") for n in range(1000))], "more than 1000 files"),
    "without": (lambda nb: [("notes.txt", "x")], "no notebook"),
    "manifest": (lambda nb: [("quiz.ipynb", nb), ("manifest.json", "{")], "can't be read"),
    "unknown": (
        lambda nb: [("quiz.ipynb", nb), ("manifest.json", '{"assignment": "01-tyni"}')],
        "Did you mean 01-tiny",
    ),
    "name": (lambda nb: [("quiz.ipynb", nb), ("manifest.json", '{"student": "../../x"}')], "can't be a student's name"),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_no_honest_zip_holds_is_refused_and_the_rest_goes_on(course, desk, tmp_path, released, kind):
    files, reason = REFUSED[kind]
    bad = zipped(tmp_path / f"{QUIZ}.eve.zip", files(released), link={"x"} if kind == "link" else ())
    before = bad.read_bytes()
    good = pack(desk, QUIZ, "ada", tmp_path, at(9)).path
    reports = collect(course, [bad, good])
    assert [report.outcome for report in reports] == [Intake.REFUSED, Intake.COLLECTED]
    assert reason in reports[0].note
    assert bad.read_bytes() == before
    assert stored(course) == [f"classroom/submitted/ada/{QUIZ}/quiz.ipynb"]


def test_huge_and_damaged_archives_are_refused(course, tmp_path, released, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)
    huge = tmp_path / f"{QUIZ}.huge.zip"
    with zipfile.ZipFile(huge, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("quiz.ipynb", b"0" * 10_001)
    damaged = tmp_path / f"{QUIZ}.damaged.zip"
    damaged.write_bytes(huge.read_bytes()[:-30])
    text = tmp_path / f"{QUIZ}.text.zip"
    text.write_text("no zip")
    reports = collect(course, [huge, damaged, text, tmp_path / "nowhere.zip", tmp_path / "x.tar"])
    assert [report.outcome for report in reports] == [Intake.REFUSED] * 5
    reasons = ["larger than", "is damaged or not one", "is damaged or not one", "no such file", "no such file"]
    assert [reason in report.note for reason, report in zip(reasons, reports, strict=True)] == [True] * 5


def test_a_zip_that_understates_its_size_is_refused(course, tmp_path):
    path = zipped(tmp_path / f"{QUIZ}.liar.zip", [("quiz.ipynb", b"0" * 1000)])
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    assert collect(course, [path])[0].outcome is Intake.REFUSED


def test_links_and_pipes_in_folders_are_refused(course, tmp_path, released):
    for student, make in {"linker": lambda p: p.symlink_to("/etc/passwd"), "piper": os.mkfifo}.items():
        folder = tmp_path / student
        folder.mkdir()
        (folder / "quiz.ipynb").write_bytes(released)
        make(folder / "extra")
        (report,) = collect(course, [folder])
        assert report.outcome is Intake.REFUSED
        assert "link or no plain file" in report.note
    assert stored(course) == []


def test_a_broken_notebook_is_collected_with_a_word_about_it(course, tmp_path, released):
    path = tmp_path / f"{QUIZ}.gus.ipynb"
    path.write_bytes(released[:300])
    (report,) = collect(course, [path])
    assert report.outcome is Intake.COLLECTED
    assert "breaks off" in report.note


def test_a_time_ahead_is_not_believed(course, desk, tmp_path):
    packed = pack(desk, QUIZ, "ada", tmp_path, datetime.fromisoformat("2999-01-01T00:00:00+00:00"))
    (report,) = collect(course, [packed.path])
    assert "lies ahead" in report.note
    assert course.settings.get_existing_timestamp(str(course.submitted(QUIZ, "ada"))).year < 2999


def test_the_exchange_is_collected_and_keeps_the_earlier_one(course, released, tmp_path):
    inbound = tmp_path / "exchange" / "tiny" / "inbound"
    course.app.config.Exchange.root = str(tmp_path / "exchange")

    def hand_in(hour, text):
        folder = inbound / f"ada+{QUIZ}+2026-03-01 {hour:02}:00:00.000000 UTC"
        folder.mkdir(parents=True)
        (folder / "quiz.ipynb").write_bytes(text)
        (folder / "timestamp.txt").write_text(f"2026-03-01 {hour:02}:00:00.000000 UTC")

    hand_in(9, released)
    assert [report.outcome for report in collect_exchange(course)] == [Intake.COLLECTED]
    assert [report.outcome for report in collect_exchange(course)] == [Intake.KNOWN]
    hand_in(10, solve(released))
    assert [report.outcome for report in collect_exchange(course, QUIZ)] == [Intake.REPLACED]
    assert len(stored(course)) == 2


def test_without_an_exchange_it_says_so(course, tmp_path):
    course.app.config.Exchange.root = str(tmp_path / "nowhere")
    with pytest.raises(CourseError, match="exchange"):
        collect_exchange(course)


def put(folder, data, name="quiz.ipynb"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("given", ["tree", "tree/hana", "tree/hana/09-nope", "tree/hana/09-nope/quiz.ipynb"])
def test_a_folder_of_an_unknown_assignment_is_not_taken_for_a_student(course, released, tmp_path, given):
    put(tmp_path / "tree" / "hana" / "09-nope", released)
    (report,) = collect(course, [tmp_path / given])
    assert report.outcome is Intake.REFUSED
    assert "no assignment '09-nope'" in report.note
    assert "Did you mean 01-tiny?" in report.note
    assert stored(course) == []


def test_a_tree_by_assignment_and_student_is_collected(course, released, tmp_path):
    put(tmp_path / "tree" / QUIZ / "hana", released)
    (report,) = collect(course, [tmp_path / "tree"])
    assert (report.student, report.name) == ("hana", f"{QUIZ}/hana")


def test_student_is_refused_where_several_submissions_are_found(course, released, tmp_path):
    for name in ("ada", "ben"):
        put(tmp_path / "in" / name, released)
    reports = collect(course, [tmp_path / "in"], student="zoe")
    assert [report.outcome for report in reports] == [Intake.REFUSED] * 2
    assert "2 submissions of 01-tiny" in reports[0].note
    assert stored(course) == []
    (report,) = collect(course, [tmp_path / "in" / "ada"], student="zoe")
    assert (report.outcome, report.student) == (Intake.COLLECTED, "zoe")


def test_a_notebook_that_is_not_the_receipts_is_collected_and_named(course, desk, tmp_path, released):
    packed = pack(desk, QUIZ, "ada", tmp_path, at(9)).path
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    changed = zipped(tmp_path / "changed.zip", {**files, "quiz.ipynb": released}.items())
    reports = [collect(course, [path])[0] for path in (packed, changed)]
    assert reports[0].note == ""
    assert "quiz.ipynb is not the file of the receipt" in reports[1].note
    collect(course, [changed], student="bob")
    taken = read_submission(course, QUIZ, "bob")
    assert "quiz.ipynb is not the file of the receipt" in taken.note
    assert set(taken.files) == {"quiz.ipynb"}


@pytest.mark.parametrize("kind", ["zips", "folders"])
def test_a_zip_of_many_submissions_says_to_unpack_it(course, tmp_path, released, kind):
    files = [(f"{name}/quiz.ipynb", released) for name in ("ada", "ben")]
    if kind == "zips":
        files = [(f"{name}/{QUIZ}.{name}.zip", nested(released)) for name in ("ada", "ben")]
    (report,) = collect(course, [zipped(tmp_path / "all.zip", files)])
    assert report.outcome is Intake.REFUSED
    assert "holds several submissions. Unpack it" in report.note


def test_what_is_no_notebook_is_called_so_in_words_for_the_instructor(course, tmp_path):
    picture = put(tmp_path, b"\x89PNG\r\n", "ada.ipynb")
    (report,) = collect(course, [picture])
    assert report.outcome is Intake.REFUSED
    assert "ada.ipynb: The file is no notebook" in report.note
    assert "--assignment" in report.note
    (report,) = collect(course, [picture], assignment=QUIZ)
    assert report.outcome is Intake.COLLECTED
    assert report.note.startswith("but unreadable: quiz.ipynb: The file is no notebook: byte 0 is not UTF-8 text.")
    assert "Hand in" not in report.note


def test_other_files_in_a_folder_are_reported_as_ignored(course, released, tmp_path):
    put(tmp_path / "in", released, "ada.ipynb")
    put(tmp_path / "in", b"x", "notes.docx")
    reports = collect(course, [tmp_path / "in"])
    assert {report.name: report.outcome for report in reports} == {
        "ada.ipynb": Intake.COLLECTED,
        "notes.docx": Intake.IGNORED,
    }


def test_a_folder_is_as_old_as_its_newest_file(course, released, tmp_path):
    folder = put(tmp_path / "zed", released).parent
    put(folder, b"1", "data.csv")
    os.utime(folder / "data.csv", (at(8).timestamp(),) * 2)
    os.utime(folder / "quiz.ipynb", (at(9).timestamp(),) * 2)
    collect(course, [folder])
    assert read_submission(course, QUIZ, "zed").timestamp == datetime(2026, 3, 1, 9)
    (folder / "quiz.ipynb").write_bytes(solve(released))
    os.utime(folder / "quiz.ipynb", (at(10).timestamp(),) * 2)
    os.utime(folder, (at(7).timestamp(),) * 2)  # it does not change when a file in it is written anew
    (report,) = collect(course, [folder])
    assert report.outcome is Intake.REPLACED
    current = read_submission(course, QUIZ, "zed")
    assert (current.files["quiz.ipynb"], current.timestamp) == (solve(released), datetime(2026, 3, 1, 10))


def test_of_two_with_the_same_time_the_one_collected_later_counts(course, released, tmp_path):
    path = tmp_path / f"{QUIZ}.ada.ipynb"
    for data, outcome in ((released, Intake.COLLECTED), (solve(released), Intake.REPLACED)):
        path.write_bytes(data)
        os.utime(path, (at(9).timestamp(),) * 2)
        assert collect(course, [path])[0].outcome is outcome
    assert read_submission(course, QUIZ, "ada").files["quiz.ipynb"] == solve(released)


def test_a_files_time_ahead_is_not_believed_and_holds_nothing_up(course, released, tmp_path):
    path = put(tmp_path, released, f"{QUIZ}.ada.ipynb")
    os.utime(path, (32_503_680_000,) * 2)
    assert "lies ahead" in collect(course, [path])[0].note
    path.write_bytes(solve(released))
    assert collect(course, [path])[0].outcome is Intake.REPLACED


def test_an_older_one_that_is_unreadable_is_not_said_to_score_0(course, released, tmp_path):
    path = put(tmp_path, released, f"{QUIZ}.ada.ipynb")
    os.utime(path, (at(11).timestamp(),) * 2)
    collect(course, [path])
    path.write_bytes(released[:300])
    os.utime(path, (at(9).timestamp(),) * 2)
    (report,) = collect(course, [path])
    assert report.outcome is Intake.OLDER
    assert report.note == "it is of 2026-03-01 09:00 UTC, the one collected of 2026-03-01 11:00 UTC"


def pack_two(desk, released, folders):
    """Two learners' files, packed under the same login name, in these folders."""
    paths = []
    for n, folder in enumerate(folders):
        (desk / QUIZ / "quiz.ipynb").write_bytes(solve(released, f'answer_1 = "{n}"'))
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(pack(desk, QUIZ, "root", folder / f"{n}.zip", at(9 + n)).path)
    return paths


def test_of_two_files_of_one_name_in_one_folder_the_newer_one_counts(course, desk, tmp_path, released):
    pack_two(desk, released, [tmp_path / "in", tmp_path / "in"])
    outcomes = [report.outcome for report in collect(course, [tmp_path / "in"])]
    assert Intake.COLLECTED in outcomes
    assert Intake.REFUSED not in outcomes


def test_what_the_packing_left_beside_the_notebook_is_no_part_of_it(course, released, tmp_path):
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "quiz.ipynb").write_bytes(released)
    (folder / "01-tiny.ada.submission.zip").write_bytes(b"PK")
    (report,) = collect(course, [folder], student="ada")
    assert report.outcome is Intake.COLLECTED
    assert [*read_submission(course, QUIZ, "ada").files] == ["quiz.ipynb"]


@pytest.mark.parametrize(
    "folders", [["zoe", "paul"], ["Zoë_124_assignsubmission_file_", "Paul M_125_assignsubmission_file_"]]
)
def test_one_name_for_two_learners_is_said_of_both_and_replaces_nothing(course, desk, tmp_path, released, folders):
    first, second = pack_two(desk, released, [tmp_path / "in" / name for name in folders])
    reports = {report.path: report for report in collect(course, [tmp_path / "in"])}
    assert [report.outcome for report in reports.values()] == [Intake.REFUSED] * 2
    for path, other, folder in ((first, second, folders[1]), (second, first, folders[0])):
        place = folder if "assignsubmission" in folder else str(other.parent)
        assert f"has the name root too, with other content: {place!r}." in reports[str(path)].note
        assert "collect each alone and say whose it is with --student" in reports[str(path)].note
    assert stored(course) == []
    for path, name in ((first, "zoe"), (second, "paul")):
        (report,) = collect(course, [path], student=name)
        assert (report.outcome, report.student) == (Intake.COLLECTED, name)
        assert report.note == "though it was packed as 'root'"


def test_a_second_learner_of_one_name_is_known_by_the_platforms_folder_in_a_later_run(course, desk, tmp_path, released):
    folders = [tmp_path / f"{name}_assignsubmission_file_" for name in ("Zoë_124", "Paul M_125")]
    first, second = pack_two(desk, released, folders)
    assert collect(course, [first])[0].note == "its folder says 'Zoë'"
    (report,) = collect(course, [second])
    assert report.outcome is Intake.REFUSED
    assert "with other content: 'Zoë_124_assignsubmission_file_'." in report.note
    # Whoever knows that they are one learner's says so, and it is settled.
    assert collect(course, [second], student="root")[0].outcome is Intake.REPLACED
    assert [report.outcome for report in collect(course, folders)] == [Intake.SUPERSEDED, Intake.KNOWN]


def test_two_files_in_one_persons_folder_of_a_platform_are_no_conflict(course, desk, tmp_path, released):
    folder = tmp_path / "in" / "Root, A_1_assignsubmission_file_"
    pack_two(desk, released, [folder, folder])
    reports = collect(course, [folder.parent])
    assert [(report.outcome, report.note) for report in reports] == [(Intake.COLLECTED, ""), (Intake.REPLACED, "")]


def test_a_packed_file_of_another_assignment_is_refused(course, desk, tmp_path):
    (course.source("02-more")).mkdir()
    (course.source("02-more") / "quiz.ipynb").write_bytes(tiny_source())
    packed = pack(desk, QUIZ, "ada", tmp_path, at(9)).path
    (report,) = collect(course, [packed], assignment="02-more", student="zara")
    assert report.outcome is Intake.REFUSED
    assert "was packed as '01-tiny', not as 02-more" in report.note
    assert collect(course, [packed], assignment=QUIZ)[0].outcome is Intake.COLLECTED


@pytest.fixture
def alike(tmp_path):
    """Three assignments with the same grade ids, and what learners have of each; only their texts differ."""
    course = make_course(tmp_path / "course")
    more = tiny_source().replace(b"Which?", b"Which one?")
    other = notebook(cell("question-1", "How many?", "markdown", locked=True), cell("answer-1", "0", solution=True))
    for name, source in (("02-more", more), ("03-other", other)):
        course.source(name).mkdir()
        (course.source(name) / "quiz.ipynb").write_bytes(source)
    return course, {QUIZ: tiny_source(), "02-more": more, "03-other": other}


@pytest.mark.parametrize("name", [QUIZ, "02-more", "03-other"])
def test_assignments_with_the_same_grade_ids_are_told_by_their_texts(alike, tmp_path, name):
    course, sources = alike
    path = put(tmp_path / "x" / name / "ben", sources[name].replace(b"return a * b", b"return 5"))
    (report,) = collect(course, [path])
    assert (report.student, report.assignment) == ("ben", name)


@pytest.mark.parametrize("given", ["x", "x/01-tiny", "x/01-tiny/fay/My answers.ipynb"])
def test_a_file_with_a_folder_to_itself_may_be_called_anything(alike, tmp_path, given):
    course, sources = alike
    put(tmp_path / "x" / QUIZ / "fay", sources[QUIZ], "My answers.ipynb")
    (report,) = collect(course, [tmp_path / given])
    assert (report.student, report.assignment) == ("fay", QUIZ)
    assert stored(course) == [f"classroom/submitted/fay/{QUIZ}/quiz.ipynb"]


@pytest.mark.parametrize("names", [["Ada L.ipynb"], ["Ada L.ipynb", "Bob M.ipynb"]])
def test_a_class_folder_is_nobodys_name(course, released, tmp_path, names):
    for name in names:
        put(tmp_path / "inbox", released, name)
    reports = collect(course, [tmp_path / "inbox"])
    assert all("can't be a student's name here" in report.note for report in reports)
    assert stored(course) == []


def test_the_courses_own_folders_are_no_submissions(course, released):
    release(course, QUIZ)
    [earlier] = course.releases(QUIZ).iterdir()
    for kind, folder in (("release", course.release(QUIZ)), ("release", earlier), ("source", course.source(QUIZ))):
        for path in (folder.parent, folder, folder / "quiz.ipynb"):
            (report,) = collect(course, [path])
            assert report.outcome is Intake.REFUSED
            assert f"That is the course's own {kind} folder" in report.note
    assert stored(course) == []
    assert collect(course, [course.release(QUIZ)], student="me")[0].outcome is Intake.COLLECTED


@pytest.mark.parametrize("kind", ["zip", "notebook", "folder", "folder in it"])
def test_what_may_not_be_read_is_named_with_its_owner(course, released, tmp_path, monkeypatch, kind):
    put(tmp_path / "in" / "data", b"1", "x.csv")
    put(tmp_path / "in", released)
    zipped(tmp_path / "ada.zip", [("quiz.ipynb", released)])
    path, closed = {
        "zip": (tmp_path / "ada.zip", "ada.zip"),
        "notebook": (tmp_path / "in", "quiz.ipynb"),
        "folder": (tmp_path / "in", "in"),
        "folder in it": (tmp_path / "in", "data"),
    }[kind]

    def may(path):
        return isinstance(path, int) or Path(path).name != closed

    def opening(function):
        def call(path, *arguments, **settings):
            if may(path):
                return function(path, *arguments, **settings)
            raise PermissionError(13, "Permission denied", str(path))

        return call

    # Made up, since root may read anything.
    with monkeypatch.context() as patch:
        patch.setattr("os.open", opening(os.open))
        patch.setattr("io.open", opening(io.open))
        patch.setattr("os.access", lambda path, mode, **settings: may(path))
        (report,) = collect(course, [path])
    assert report.outcome is Intake.REFUSED
    assert report.note == f"{closed} may not be read: it belongs to {tmp_path.owner()}. Have it opened to you (chmod)."


NFD = unicodedata.normalize("NFD", "é.csv")
TWINS = {  # what lies beside the notebook: kept, and left out
    "another case": (["A.csv"], ["a.csv"], "a.csv"),
    "the notebook": ([], ["Quiz.ipynb", "QUIZ.ipynb"], "QUIZ.ipynb, Quiz.ipynb"),
    "accents": ([NFD], ["é.csv"], "é.csv"),
    "a folder": (["Data/x.csv"], ["data"], "data"),
    "two folders": (["Data/x.csv", "Data/z.csv"], ["data/y.csv"], "data/y.csv"),
    "sharp s": (["strasse"], ["straße"], "straße"),
    "many": (["A"], [f"a/{n}" for n in range(9)], "a/0, a/1, a/2 and 6 more"),
    "what is written beside it": ([], ["TimeStamp.txt", "Autograder-Note.txt"], "Autograder-Note.txt, TimeStamp.txt"),
}
IMPOSSIBLE = {
    "devices": (["CON", "aux.txt", "x/NUL.tar.csv/y"], "CON, aux.txt, x/NUL.tar.csv/y"),
    "a notebook": (["NUL.ipynb"], "NUL.ipynb"),
    "ports": (["COM1", "lpt9.csv", "Com3 .x", "com¹"], "COM1, Com3 .x, com¹ and 1 more"),
    "ends": (["a.", "b ", "c /d", "e./f"], "a., b , c /d and 1 more"),
}


def hand_in(tmp_path, names, released, way):
    """The notebook with other files beside it, in a folder or a zip."""
    files = [("quiz.ipynb", released), *((name, name.encode()) for name in names)]
    if way == "zip":
        return zipped(tmp_path / f"{QUIZ}.ada.zip", files)
    for name, data in files:
        (tmp_path / "ada" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ada" / name).write_bytes(data)
    return tmp_path / "ada"


@pytest.mark.parametrize("way", ["zip", "folder"])
@pytest.mark.parametrize("kind", TWINS)
def test_of_names_that_not_every_system_tells_apart_one_is_taken(course, released, tmp_path, kind, way):
    kept, left_out, said = TWINS[kind]
    (report,) = collect(course, [hand_in(tmp_path, kept + left_out, released, way)])
    assert report.outcome is Intake.COLLECTED
    assert report.note == f"left out: {said} (not every system can tell the name from another's in it)"
    taken = read_submission(course, QUIZ, "ada")
    assert taken.files == {"quiz.ipynb": released, **{name: name.encode() for name in kept}}
    assert taken.note == report.note


@pytest.mark.parametrize("way", ["zip", "folder"])
@pytest.mark.parametrize("kind", IMPOSSIBLE)
def test_names_that_not_every_system_can_have_are_left_out(course, released, tmp_path, kind, way):
    left_out, said = IMPOSSIBLE[kind]
    near = ["console", "aux1.txt", "com10", "lpt", "null", ".a", " b", "c..d"]
    (report,) = collect(course, [hand_in(tmp_path, left_out + near, released, way)])
    assert report.outcome is Intake.COLLECTED
    assert report.note == f"left out: {said} (not every system can have such a name)"
    assert set(read_submission(course, QUIZ, "ada").files) == {"quiz.ipynb", *near}


def test_where_neither_twin_is_the_assignments_notebook_the_first_is_taken(course, released, tmp_path):
    files = [("sub/my quiz.ipynb", b"{}"), ("sub/My Quiz.ipynb", released), ("x", b"")]
    (report,) = collect(course, [zipped(tmp_path / f"{QUIZ}.ada.zip", files)])
    assert "left out: sub/my quiz.ipynb" in report.note
    assert read_submission(course, QUIZ, "ada").files == {"sub/My Quiz.ipynb": released, "x": b""}


def test_without_a_notebook_beside_what_is_left_out_there_is_none(course, released, tmp_path):
    packed = zipped(tmp_path / f"{QUIZ}.ada.zip", [("nul.ipynb", released), ("x", b"")])
    (report,) = collect(course, [packed])
    assert report.outcome is Intake.REFUSED
    assert report.note.startswith("There is no notebook in it beside what is left out: nul.ipynb (not every")


def test_what_an_earlier_version_collected_is_read_and_known(course, released, tmp_path):
    files = {"quiz.ipynb": released, "data/x.csv": b"1", "x.csv": b"2"}
    odd = {"Quiz.ipynb": b"{}", "AUX": b"", "ipython_config.py": b""}
    for student, each in {"ada": files, "eve": files | odd}.items():
        for name, data in each.items():
            put((course.submitted(QUIZ, student) / name).parent, data, Path(name).name)
        taken = read_submission(course, QUIZ, student)
        assert taken.digest() == digest(files)
        assert taken.note.count("left out") == (3 if student == "eve" else 0)
        packed = zipped(tmp_path / f"{QUIZ}.{student}.zip", each.items())
        assert collect(course, [packed])[0].outcome is Intake.KNOWN


def test_the_top_folder_may_be_named_in_a_zip_and_folders_count(course, released, tmp_path):
    files = [("./", b""), ("/", b""), ("./quiz.ipynb", released), *((f"f{n}/", b"") for n in range(997))]
    (report,) = collect(course, [zipped(tmp_path / f"{QUIZ}.ada.zip", files)])
    assert (report.outcome, report.note) == (Intake.COLLECTED, "")
    (report,) = collect(course, [zipped(tmp_path / f"{QUIZ}.bob.zip", [*files, ("x/", b"")])])
    assert "more than 1000 files and folders" in report.note


def test_a_path_may_have_1000_bytes(course, released, deep_path):
    deep = "d/" * 499 + "é"
    (report,) = collect(course, [hand_in(deep_path, [deep], released, "folder")])
    assert report.outcome is Intake.COLLECTED
    assert read_submission(course, QUIZ, "ada").files == {deep: deep.encode(), "quiz.ipynb": released}
    (report,) = collect(course, [zipped(deep_path / f"{QUIZ}.bob.zip", [("quiz.ipynb", released), (deep + "x", b"")])])
    assert report.outcome is Intake.REFUSED
    assert f"'{deep[:76]} ...' is no name for a file here: too long" in report.note


def test_unusual_blanks_in_a_name_are_no_fault(course, released, tmp_path):
    name = "Screenshot 1.00.00\u202fPM\u00a0(1).png"  # as macOS calls it
    (report,) = collect(course, [hand_in(tmp_path, [name], released, "zip")])
    assert (report.outcome, report.note) == (Intake.COLLECTED, "")
    assert name in read_submission(course, QUIZ, "ada").files


def test_a_folder_without_end_is_one_submission_and_the_rest_goes_on(course, released, deep_path):
    folder = deep_path / "in" / "eve"
    put(deep_path / "in" / "ada", released)
    folder.mkdir()
    for _ in range(540):  # more than fit into 1000 bytes from where the search ends
        folder /= "d"
        folder.mkdir()
    reports = {report.name: report for report in collect(course, [deep_path / "in"])}
    assert reports.pop("ada").outcome is Intake.COLLECTED
    ((_, report),) = reports.items()
    assert report.outcome is Intake.REFUSED
    assert "no name for a file here: too long" in report.note
    assert report.note.isprintable()


def test_a_folder_of_thousands_of_folders_is_one_submission(course, released, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "_MOST_BESIDE", 1000)  # a class may be larger
    put(tmp_path / "in" / "ada", released)
    for n in range(1001):
        (tmp_path / "in" / "eve" / f"d{n}").mkdir(parents=True)
    reports = {report.name: report for report in collect(course, [tmp_path / "in"])}
    assert set(reports) == {"ada", "eve"}
    assert "more than 1000 files" in reports["eve"].note


def test_a_pipe_is_not_waited_for(course, tmp_path):
    os.mkfifo(tmp_path / "x.zip")
    # Should it be opened as a file is, the writer at its other end lets that fail instead of wait.
    other_end = os.open(tmp_path / "x.zip", os.O_RDWR | os.O_NONBLOCK)
    (report,) = collect(course, [tmp_path / "x.zip"])
    os.close(other_end)
    assert report.outcome is Intake.REFUSED
    assert "'x.zip' is a link or no plain file" in report.note


def test_many_changed_files_and_many_rivals_are_named_in_short(course, released, tmp_path):
    names = ["x" * 150 + f"{n}.csv" for n in range(50)]
    manifest = json.dumps({"assignment": QUIZ, "student": "root", "files": dict.fromkeys(names, "")})
    for n in range(50):
        files = [("quiz.ipynb", released), ("manifest.json", manifest), *((name, str(n).encode()) for name in names)]
        (tmp_path / "in" / f"{n}").mkdir(parents=True)
        zipped(tmp_path / "in" / f"{n}" / "a.zip", files)
    reports = collect(course, [tmp_path / "in"])
    assert {report.outcome for report in reports} == {Intake.REFUSED}
    assert all(" and 46 more. Neither replaces the other." in report.note for report in reports)
    (report,) = collect(course, [tmp_path / "in" / "7"], student="ada")
    assert "x ... and 47 more are not the files of the receipt" in report.note
    assert len(report.note) < 400


@pytest.mark.parametrize(
    "stamp",
    [b"2026-03-01 09:00:00 UTC" + b" " * 10_000_000 + b"1", b"1 " * 1_000_000, b"9:00 QQQ", b"\x1b[2J\xff"],
    ids=["blanks", "numbers", "no zone", "codes"],
)
def test_an_odd_timestamp_costs_nothing_and_is_not_printed(course, released, tmp_path, stamp):
    packed = zipped(tmp_path / f"{QUIZ}.ada.zip", [("quiz.ipynb", released), ("timestamp.txt", stamp)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (report,) = collect(course, [packed])
    assert report.outcome is Intake.COLLECTED
    assert [str(each.message) for each in caught] == []


def test_files_that_can_stand_together_are_no_matter_of_order():
    files = dict.fromkeys(("b", "B", "a/x", "A", "quiz.ipynb", "Quiz.ipynb"), b"")
    kept, impossible, twins = archives.portable(dict(reversed(files.items())), {"quiz.ipynb"})
    assert (list(kept), impossible, twins) == (["A", "B", "quiz.ipynb"], [], ["Quiz.ipynb", "a/x", "b"])
    assert archives.portable(files, {"quiz.ipynb"}) == (kept, impossible, twins)
    assert list(archives.portable({"aux.ipynb": b"", "AUX.ipynb": b""}, {"aux.ipynb"})[0]) == ["aux.ipynb"]


def on_windows(path, files):
    """A zip as programs on Windows make it, with backslashes between folders."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files:
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.create_system = name, 0
            archive.writestr(entry, data)
    return path


LAYOUTS = {  # what lies in the zip: the files that are taken
    "backslashes": (["01-tiny\\quiz.ipynb", "01-tiny\\data\\x.csv"], ["data/x.csv", "quiz.ipynb"]),
    "folders of backslashes": (["a\\", "a\\quiz.ipynb"], ["quiz.ipynb"]),
    "both": (["a\\b/quiz.ipynb", "a/b/x"], ["quiz.ipynb", "x"]),
    "folders in folders": (
        ["course/quizzes/01-tiny/quiz.ipynb", "course/README.md"],
        ["course/README.md", "quiz.ipynb"],
    ),
    "a whole course": (["c/quizzes/01-tiny/quiz.ipynb", "c/lessons/01.ipynb"], ["c/lessons/01.ipynb", "quiz.ipynb"]),
    "a stray file": (["a/quiz.ipynb", "a/x.csv", "notes.txt"], ["notes.txt", "quiz.ipynb", "x.csv"]),
    "two of one name": (["a/quiz.ipynb", "a/x.csv", "x.csv"], ["outside/x.csv", "quiz.ipynb", "x.csv"]),
    "leavings": (
        ["a/quiz.ipynb", "Thumbs.db", "a/desktop.ini", "__MACOSX/a/._quiz.ipynb", "a/._quiz.ipynb", "a/.DS_Store"],
        ["quiz.ipynb"],
    ),
    "capital letters": (["QUIZ.IPYNB"], ["QUIZ.ipynb"]),
    "an ending": (["quiz.ipynb.txt"], ["quiz.ipynb"]),
    "two endings": (["quiz.ipynb", "quiz.ipynb.json"], ["quiz-2.ipynb", "quiz.ipynb"]),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_honest_zips_of_all_kinds_are_read(course, released, tmp_path, kind):
    names, taken = LAYOUTS[kind]
    path = on_windows(
        tmp_path / f"{QUIZ}.ada.zip", [(name, released if "uiz" in name.lower() else b"x") for name in names]
    )
    (report,) = collect(course, [path])
    assert (report.outcome, report.student) == (Intake.COLLECTED, "ada"), report.note
    assert sorted(read_submission(course, QUIZ, "ada").files) == taken
    assert collect(course, [path])[0].outcome is Intake.KNOWN


@pytest.mark.parametrize("name", ["..\\x", "a\\..\\..\\x", "C:\\x", "\\\\server\\x", "\\x"])
def test_a_backslash_leads_nowhere_else(course, released, tmp_path, name):
    path = on_windows(tmp_path / f"{QUIZ}.eve.zip", [("quiz.ipynb", released), (name, b"x")])
    (report,) = collect(course, [path])
    assert report.outcome is Intake.REFUSED
    assert "leads out" in report.note


def test_a_zip_from_windows_that_was_unpacked_elsewhere_is_read(course, released, tmp_path):
    put(tmp_path / "in" / "ada", released, "01-tiny\\quiz.ipynb")
    put(tmp_path / "in" / "ben", released)
    put(tmp_path / "in" / "ben", b"1", "data\\x.csv")
    assert {each.outcome for each in collect(course, [tmp_path / "in"])} == {Intake.COLLECTED}
    assert [*read_submission(course, QUIZ, "ada").files] == ["quiz.ipynb"]
    assert [*read_submission(course, QUIZ, "ben").files] == ["data/x.csv", "quiz.ipynb"]


@pytest.mark.parametrize("name", ["quiz.ipynb.json", "quiz.ipynb.txt", "quiz.IPYNB", "Quiz.Ipynb.Txt"])
def test_a_bare_notebook_under_an_odd_ending_is_one(course, released, tmp_path, name):
    put(tmp_path / "in" / "ada", released, name)
    (report,) = collect(course, [tmp_path / "in"])
    assert (report.outcome, report.student) == (Intake.COLLECTED, "ada")
    assert [*read_submission(course, QUIZ, "ada").files] == ["quiz.ipynb"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_notebooks_in_other_encodings_are_read(course, released, tmp_path, encoding):
    (report,) = collect(course, [put(tmp_path / "ada", released.decode().encode(encoding))])
    assert (report.outcome, report.student, report.note) == (Intake.COLLECTED, "ada", "")


def test_gits_marks_of_a_conflict_are_named(course, released, tmp_path):
    lines = released.decode().split("\n")
    lines[3:4] = ["<<<<<<< HEAD", lines[3], "=======", lines[3], ">>>>>>> theirs"]
    (report,) = collect(course, [put(tmp_path / "ada", "\n".join(lines).encode())], assignment=QUIZ)
    assert "but unreadable: quiz.ipynb: The notebook holds git's marks of a conflict (line 4)" in report.note


def test_a_students_number_is_no_assignment(course, released, tmp_path):
    put(tmp_path / "in" / "21-4711", released)
    (report,) = collect(course, [tmp_path / "in"])
    assert (report.outcome, report.student) == (Intake.COLLECTED, "21-4711")


def test_an_abbreviated_time_zone_is_understood_or_remarked_upon(course, released, tmp_path):
    for zone, hour, said in (("PDT", 0, False), ("America/Vancouver", 0, False), ("QQQ", 17, True), ("CST", 17, True)):
        folder = put(tmp_path / zone.replace("/", "-"), released).parent
        put(folder, f"2026-10-01 17:20:00.000000 {zone}".encode(), "timestamp.txt")
        (report,) = collect(course, [folder])
        taken = read_submission(course, QUIZ, report.student)
        assert (taken.timestamp.hour, taken.timestamp.minute) == (hour, 20), zone
        assert (f"its time zone '{zone}' is not known for certain" in report.note) is said
        assert (f"'{zone}'" in taken.note) is said


def test_an_abbreviation_of_the_courses_own_zone_is_understood(course):
    assert str(parse_time("2026-10-01 17:20 CST", "Asia/Shanghai")[0]) == "2026-10-01 09:20:00"
    assert str(parse_time("2026-01-01 17:20 CST", "America/Chicago")[0]) == "2026-01-01 23:20:00"
    assert parse_time("2026-10-01 17:20 IST", "Asia/Kolkata") == (datetime(2026, 10, 1, 11, 50), "")


def test_of_two_notebooks_with_one_name_the_one_left_out_is_for_a_person(course, released, tmp_path):
    files = [("quiz.ipynb", released), ("Quiz.ipynb", solve(released))]
    (report,) = collect(course, [zipped(tmp_path / f"{QUIZ}.ada.zip", files)])
    assert "Quiz.ipynb was left out, and is a notebook too: please look" in report.note
    assert "Quiz.ipynb" in read_submission(course, QUIZ, "ada").doubt
