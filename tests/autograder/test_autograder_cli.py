import json

import pytest
from tiny_course import QUIZ, cell, make_course, notebook
from typer.testing import CliRunner

from autograder.cli import app


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def test_release_says_what_changed_and_then_that_nothing_did(course):
    assert run("release", QUIZ, "--course", course.root)[0] == 0
    code, output = run("release", "--all", "--course", course.root)
    assert (code, "unchanged" in output) == (0, True)


def test_a_faulty_source_is_named_with_code_1(tmp_path):
    course = make_course(tmp_path / "course", notebook(cell("t", "assert 1", grade=True, locked=True)))
    code, output = run("release", QUIZ, "--course", course.root)
    assert code == 1
    assert "quiz.ipynb, cell t: a graded cell needs its points" in output


@pytest.mark.parametrize("command", [("release",), ("grade",), ("feedback",), ("export",)])
def test_an_unknown_assignment_is_code_1_and_names_the_nearest(course, command):
    code, output = run(*command, "01-tinny", "--course", course.root)
    assert code == 1
    assert "Did you mean 01-tiny?" in output


def test_grading_before_anybody_handed_in_says_so(course):
    code, output = run("grade", QUIZ, "--course", course.root)
    assert code == 1
    assert "Nobody has handed in" in output


def test_collect_reports_each_and_ends_with_1_when_one_was_refused(course, tmp_path, released):
    (tmp_path / "ada.ipynb").write_bytes(released)
    (tmp_path / "bob.zip").write_text("no zip")
    code, output = run("collect", tmp_path / "ada.ipynb", tmp_path / "bob.zip", "--course", course.root)
    assert code == 1
    assert "collected" in output
    assert "refused" in output
    assert "damaged" in output


def test_release_wants_one_or_all(course):
    assert run("release", "--course", course.root)[0] == 2


def test_outside_of_a_course_it_says_what_to_do(tmp_path):
    code, output = run("grade", QUIZ, "--course", tmp_path)
    assert code == 1
    assert "--course" in output


def test_a_broken_configuration_is_named(course):
    (course.root / "nbgrader_config.py").write_text("c = get_config(\n")
    code, output = run("grade", QUIZ, "--course", course.root)
    assert code == 1
    assert "nbgrader_config.py can't be read" in output


def test_doctor_lists_what_is_there(course):
    _, output = run("doctor", "--course", course.root)
    for word in ("nbgrader", "bubblewrap", "gradebook", "exchange", f"not released: autograder release {QUIZ}"):
        assert word in output


def test_export_writes_json(course, tmp_path):
    run("release", QUIZ, "--course", course.root)
    code, _ = run("export", "--format", "json", "--to", tmp_path / "grades.json", "--course", course.root)
    assert (code, json.loads((tmp_path / "grades.json").read_text())) == (0, [])
