"""Whose a submission is: names of all alphabets, what learning platforms write, and a roster."""

import os
import re
import unicodedata

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.collect import people
from autograder.collect.intake import collect
from autograder.collect.roster import NotInRosterError, read_roster
from autograder.collect.store import Intake, read_submission
from autograder.errors import CourseError
from autograder.grade.run import grade
from autograder.results import State
from companion.submit import SubmitError, pack
from tests.autograder.test_intake import at, put, stored, zipped
from tests.autograder.tiny_course import QUIZ, solve

ZWNJ = "\u200c"
NAMES = ["नीता", "สุดา", "கலை", f"علی{ZWNJ}رضا", "مريم", "נועה", "李雷", "nguyễn", "ada_l", "21-4711", "a@b.c", "Ł"]
NO_NAMES = [
    "ada🐱",
    "",
    "ada l",
    "-x",
    ".x",
    f"a{ZWNJ}da",
    f"{ZWNJ}ada",
    f"علی{ZWNJ}",
    "a/b",
    "a\u202eb",
    "\u0301a",
    "a" * 129,
]
PLATFORMS = {  # where it lies: the name that it gets, and what the platform says of the person
    "lovelaceada_31_90001_quiz.ipynb": ("lovelaceada", "lovelaceada", "31"),
    "babbageben_LATE_32_90002_quiz-1.ipynb": ("babbageben", "babbageben", "32"),
    "o_neill_conor_7_90002_My work.ipynb": ("o_neill_conor", "o_neill_conor", "7"),
    "Ada Lovelace_1234_assignsubmission_file_/quiz.ipynb": ("Ada.Lovelace", "Ada Lovelace", "1234"),
    "Conor O'Neill_1235_assignsubmission_file/final.ipynb": ("Conor.ONeill", "Conor O'Neill", "1235"),
    "Zoë M_1236_assignsubmission_file_quiz.ipynb": ("Zoë.M", "Zoë M", "1236"),
    f"{QUIZ}_alovelace_attempt_2026-10-01-10-00-00_quiz.ipynb": ("alovelace", "alovelace", ""),
    f"{QUIZ}_a_lovelace_attempt_2026-10-01-10-00-00_quiz.ipynb": ("a_lovelace", "a_lovelace", ""),
    "1234-5678 - Ada Lovelace - Oct 1, 2026 1000 AM/quiz.ipynb": ("Ada.Lovelace", "Ada Lovelace", "1234-5678"),
    "12-34 - Ada L - Oct 1, 2026 100 PM - quiz.ipynb": ("Ada.L", "Ada L", "12-34"),
    "Lovelace_Ada_alovelac_4711/quiz.ipynb": ("alovelac", "alovelac", "4711"),
    "Ada Lovelace - quiz.ipynb": ("Ada.Lovelace", "Ada Lovelace", ""),
    "Ada Lovelace - Copy of quiz.ipynb": ("Ada.Lovelace", "Ada Lovelace", ""),
    f"{QUIZ}-ada99/quiz.ipynb": ("ada99", "ada99", ""),
    f"{QUIZ}-submissions/{QUIZ}-ada-99/quiz.ipynb": ("ada-99", "ada-99", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_alphabets_are_names(course, released, tmp_path, name):
    assert people.is_name(unicodedata.normalize("NFC", name))
    put(tmp_path / "in" / unicodedata.normalize("NFD", name), released)
    (report,) = collect(course, [tmp_path / "in"])
    assert (report.outcome, report.student) == (Intake.COLLECTED, unicodedata.normalize("NFC", name)), report.note
    put(tmp_path / QUIZ, released)
    assert pack(tmp_path, QUIZ, name, tmp_path).path.is_file()


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_none_for_those_who_pack_either(released, tmp_path, name):
    assert not people.is_name(name)
    put(tmp_path / QUIZ, released)
    with pytest.raises(SubmitError):
        pack(tmp_path, QUIZ, name, tmp_path)


@pytest.mark.parametrize("where", PLATFORMS)
def test_learning_platforms_names_say_whose_it_is(course, released, tmp_path, where):
    who, person, number = PLATFORMS[where]
    path = tmp_path / "in" / where
    put(path.parent, released, path.name)
    put(tmp_path / "in" / "zz", released)
    reports = collect(course, [tmp_path / "in"])
    assert [(each.outcome, each.student) for each in reports if not each.name.startswith("zz")] == [
        (Intake.COLLECTED, who)
    ], reports
    marks = [people.mark(part, [QUIZ], is_folder=part != path.name) for part in reversed(where.split("/"))]
    found = next(filter(None, marks), None) or people.drive_mark(path.stem, ["quiz"])
    assert (found.person, found.number) == (person, number)
    assert stored(course).count(f"classroom/submitted/{who}/{QUIZ}/quiz.ipynb") == 1


@pytest.mark.parametrize(
    "name", ["week_1_2_ada.ipynb", "123_45_90001_x.ipynb", "ada - notes.ipynb", "submission_x", "a_b_1"]
)
def test_what_only_looks_like_a_platforms_name_is_none(name):
    assert people.mark(name, [QUIZ], is_folder=False) is None
    assert people.drive_mark(name.removesuffix(".ipynb"), ["quiz"]) is None


def test_a_later_attempt_replaces_the_earlier_one_of_the_same_person(course, released, tmp_path):
    first = put(tmp_path, released, "lovelaceada_31_90001_quiz.ipynb")
    second = put(tmp_path, solve(released), "lovelaceada_31_90777_quiz-1.ipynb")
    other = put(tmp_path, solve(released, 'answer_1 = "A"'), "lovelaceada_77_90555_quiz.ipynb")
    for n, path in enumerate((first, second, other)):
        os.utime(path, (at(9 + n).timestamp(),) * 2)
    assert [collect(course, [path])[0].outcome for path in (first, second)] == [Intake.COLLECTED, Intake.REPLACED]
    (report,) = collect(course, [other])  # another person, whom Canvas calls the same
    assert report.outcome is Intake.REFUSED
    assert "has the name lovelaceada too" in report.note
    taken = read_submission(course, QUIZ, "lovelaceada")
    assert (taken.files["quiz.ipynb"], taken.doubt) == (solve(released), "")


def test_the_time_in_a_platforms_name_tells_the_newer_attempt(course, released, tmp_path):
    new = put(tmp_path / "in", solve(released), f"{QUIZ}_ada_attempt_2026-03-02-10-00-00_quiz.ipynb")
    old = put(tmp_path / "in", released, f"{QUIZ}_ada_attempt_2026-03-01-10-00-00_quiz.ipynb")
    for n, path in enumerate((new, old)):  # the newer file was unpacked first
        os.utime(path, (at(9 + n).timestamp(),) * 2)
    reports = collect(course, [new, old])
    assert [report.outcome for report in reports] == [Intake.COLLECTED, Intake.OLDER]
    assert "read as a time in UTC" in reports[0].note
    assert read_submission(course, QUIZ, "ada").files["quiz.ipynb"] == solve(released)


def test_a_number_alone_is_no_name(course, released, tmp_path):
    put(tmp_path / "in" / "submission_123456", released)
    (report,) = collect(course, [tmp_path / "in"])
    assert report.outcome is Intake.REFUSED
    assert "'submission_123456' is a number, no name" in report.note


def test_nbgraders_own_rule_for_names_of_files_is_followed(course, released, tmp_path):
    rule = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    course.app.config.FileNameCollectorPlugin.named_regexp = rule
    (report,) = collect(course, [put(tmp_path, released, "ps1_bitdiddle_attempt_2016-01-30-15-00-00_problem1.ipynb")])
    assert (report.outcome, report.student) == (Intake.COLLECTED, "bitdiddle")
    assert f"{read_submission(course, QUIZ, 'bitdiddle').timestamp}" == "2016-01-30 15:00:00"
    course.app.config.FileNameCollectorPlugin.named_regexp = "(("
    (report,) = collect(course, [tmp_path / "ps1_bitdiddle_attempt_2016-01-30-15-00-00_problem1.ipynb"])
    assert "named_regexp is no regular expression" in report.note


@pytest.mark.parametrize("stem", ["quiz-Copy1", "final", "my_solution", "Untitled", "quiz (1)", "Copy of quiz"])
def test_the_name_of_a_file_in_a_folder_of_its_own_is_nobodys(course, released, tmp_path, stem):
    put(tmp_path / "in" / "dee" / QUIZ, released, f"{stem}.ipynb")
    put(tmp_path / "in" / "eve", released, f"{stem}.ipynb")
    assert [report.student for report in collect(course, [tmp_path / "in"])] == ["dee", "eve"]


def test_where_a_file_and_its_folder_may_both_be_a_person_nobody_is_guessed(course, released, tmp_path):
    for name in ("ada", "ben"):
        put(tmp_path / "in" / "group-a", released, f"{name}.ipynb")
        put(tmp_path / "by-assignment" / QUIZ, released, f"{name}.ipynb")
    reports = collect(course, [tmp_path / "in"])
    assert all("whether 'ada' or its folder" in each.note or "whether 'ben' or" in each.note for each in reports)
    assert stored(course) == []
    assert [each.student for each in collect(course, [tmp_path / "in" / "group-a"])] == ["ada", "ben"]
    assert {each.outcome for each in collect(course, [tmp_path / "by-assignment"])} == {Intake.KNOWN}


def test_copies_in_a_class_folder_are_nobodys(course, released, tmp_path):
    for name in ("quiz (1).ipynb", "Copy of quiz.ipynb"):
        put(tmp_path / "downloads", released, name)
    assert {report.note for report in collect(course, [tmp_path / "downloads"])} == {
        "It can't be told whose this is. Say so with --student."
    }


def test_names_that_differ_in_capital_letters_only_are_remarked_upon(course, released, tmp_path):
    put(tmp_path / "in" / "Ada", released)
    put(tmp_path / "in" / "ada", solve(released))
    first, second = collect(course, [tmp_path / "in"])
    assert (first.outcome, second.outcome) == (Intake.COLLECTED, Intake.COLLECTED)
    assert "there is also 'ada', who differs in capital letters" in first.note
    assert "there is also 'Ada', who differs in capital letters" in second.note
    assert "'ada'" in read_submission(course, QUIZ, "Ada").note
    assert people.twins("ada", ["ada", "ADA", "eve"]) == ["ADA"]


ROSTER = """\
id,name,Email,canvas,other
alovelace,"Ada Lovelace",ada@uni.example,31,submission_1;123456
bb-2,Ben Babbage,ben@uni.example,32,
ada-2,Ada Lovelace,ada2@uni.example,33,Lovelace_Ada_alovelac_4711
नीता,Nita D,,,
"""


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text(ROSTER, "utf-8")
    return path


FOUND = {
    "lovelaceada_31_90001_quiz.ipynb": "alovelace",
    "lovelaceada_33_90001_quiz.ipynb": "ada-2",
    "babbageben_99_90001_quiz.ipynb": "bb-2",
    "Ben Babbage_7_assignsubmission_file_/x.ipynb": "bb-2",
    "submission_123456/quiz.ipynb": "alovelace",
    "ben@uni.example.ipynb": "bb-2",
    "group-a/bb-2.ipynb": "bb-2",
    "नीता/quiz.ipynb": "नीता",
}


@pytest.mark.parametrize("where", FOUND)
def test_a_roster_says_whose_a_platforms_name_or_number_is(course, released, tmp_path, roster, where):
    path = tmp_path / "in" / where
    put(path.parent, released, path.name)
    (report,) = collect(course, [tmp_path / "in"], roster=read_roster(roster))
    assert (report.outcome, report.student) == (Intake.COLLECTED, FOUND[where]), report.note


def test_two_learners_packed_under_one_login_name_are_told_apart_by_the_roster(course, released, tmp_path, roster):
    for n, (mark, data) in enumerate((("lovelaceada_31_90001", released), ("babbageben_32_90002", solve(released)))):
        manifest = f'{{"assignment": "{QUIZ}", "student": "user", "time": "2026-03-01T09:0{n}:00Z"}}'
        put(tmp_path / "in", b"", "x.zip").unlink()
        zipped(tmp_path / "in" / f"{mark}_{QUIZ}.user.zip", [("quiz.ipynb", data), ("manifest.json", manifest)])
    assert {each.outcome for each in collect(course, [tmp_path / "in"])} == {Intake.REFUSED}
    reports = collect(course, [tmp_path / "in"], roster=read_roster(roster))
    assert [(each.outcome, each.student) for each in reports] == [
        (Intake.COLLECTED, "bb-2"),
        (Intake.COLLECTED, "alovelace"),
    ]


def test_what_is_nobodys_in_the_roster_is_named_before_anything_is_written(course, released, tmp_path, roster):
    put(tmp_path / "in", released, "babbageben_32_90002_quiz.ipynb")
    put(tmp_path / "in", released, "lovelaceada_99_90001_quiz.ipynb")  # there are two of that name
    put(tmp_path / "in", released, "turingalan_34_90003_quiz.ipynb")
    known = read_roster(roster)
    reports = {each.name: each for each in collect(course, [tmp_path / "in"], roster=known)}
    assert [each.outcome for each in reports.values()] == [Intake.WAITING, Intake.REFUSED, Intake.REFUSED]
    assert "may be several people's: ada-2, alovelace" in reports["lovelaceada_99_90001_quiz.ipynb"].note
    assert "'turingalan' is nobody in the roster" in reports["turingalan_34_90003_quiz.ipynb"].note
    assert stored(course) == []
    collect(course, [tmp_path / "in"], roster=known, skip_unknown=True)
    assert course.students(QUIZ) == ["bb-2"]
    (report,) = collect(course, [tmp_path / "in" / "turingalan_34_90003_quiz.ipynb"], roster=known, student="alan")
    assert (report.outcome, report.student) == (Intake.COLLECTED, "alan")
    assert "alan is not in the roster" in report.note


def test_the_command_keeps_the_roster_and_says_what_waits(course, released, tmp_path, roster):
    put(tmp_path / "in", released, "babbageben_32_90002_quiz.ipynb")
    stranger = put(tmp_path / "in", released, "turingalan_34_90003_quiz.ipynb")
    command = ["collect", str(tmp_path / "in"), "--course", str(course.root)]
    result = CliRunner().invoke(app, [*command, "--roster", str(roster)])
    assert result.exit_code == 1
    assert "Nothing was written: the other 1 wait" in result.output
    assert not course.roster.exists()
    stranger.unlink()
    result = CliRunner().invoke(app, [*command, "--roster", str(roster)])
    assert result.exit_code == 0, result.output
    assert "Kept the roster, 4 students, in" in re.sub(r"\s+", " ", result.output)
    assert course.roster.read_text("utf-8") == ROSTER
    put(tmp_path / "in", solve(released), "turingalan_34_90003_quiz.ipynb")
    assert CliRunner().invoke(app, command).exit_code == 1
    assert course.students(QUIZ) == ["bb-2"]


BAD_ROSTERS = {
    "no id": (b"name,email\nAda,a@b\n", "no column 'id'"),
    "empty": (b"", "no column 'id'"),
    "nobody": (b"id,name\n\n", "holds nobody"),
    "twice": (b"id\nada\nben\nada\n", "line 4: ada stands in line 2 already"),
    "no name": (b"id,name\n,Ada\n", "line 2: there is no id in it"),
    "odd name": (b"id\n../x\n", "line 2: '../x' can't be a student's name"),
    "encoding": (b"id,name\nada,Zo\xeb\n", "no UTF-8 text"),
}


@pytest.mark.parametrize("kind", BAD_ROSTERS)
def test_a_roster_that_can_not_be_used_is_refused_with_the_line(tmp_path, kind):
    data, reason = BAD_ROSTERS[kind]
    (tmp_path / "class.csv").write_bytes(data)
    with pytest.raises(CourseError, match=re.escape(reason)):
        read_roster(tmp_path / "class.csv")
    with pytest.raises(CourseError, match="can't be read"):
        read_roster(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", ";")])
def test_a_roster_as_spreadsheets_save_it_is_read(tmp_path, encoding, mark):
    text = f"Student ID{mark}Name{mark}E-Mail\r\n21-4711{mark}Zoë Müller-Lüdenscheidt{mark}z@uni.example\r\n"
    (tmp_path / "class.csv").write_bytes(text.encode(encoding))
    known = read_roster(tmp_path / "class.csv")
    for name in ("21-4711", "müllerlüdenscheidtzoë", "Zoe Mueller", "Z@uni.example", "Müller-Lüdenscheidt Zoë"):
        assert known.find([name]) == ("" if name == "Zoe Mueller" else "21-4711")
    (tmp_path / "two.csv").write_text("id,name\na,X Y\nb,Y X\n")
    twice = read_roster(tmp_path / "two.csv")
    with pytest.raises(NotInRosterError):
        twice.find(["xy"])


def test_two_files_of_one_folder_under_one_name_are_for_a_person(course, released, tmp_path, sandboxed):
    for n, data in enumerate((released, solve(released))):
        path = put(tmp_path / "in" / "cyd", data, f"quiz ({n}).ipynb")
        os.utime(path, (at(9).timestamp(),) * 2)
    assert [each.outcome for each in collect(course, [tmp_path / "in"])] == [Intake.COLLECTED, Intake.REPLACED]
    [outcome] = grade(course, QUIZ, workers=1)
    assert (outcome.entry.state, outcome.entry.score) == (State.NEEDS_REVIEW, 4)
    assert "2 files came in one folder under this name" in str(outcome.entry.reasons)
    collect(course, [tmp_path / "in" / "cyd" / "quiz (1).ipynb"], student="cyd")  # a person has looked
    [outcome] = grade(course, QUIZ, workers=1)
    assert (outcome.entry.state, outcome.entry.reasons) == (State.GRADED, ())
