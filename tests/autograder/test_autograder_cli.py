import json
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from autograder import engines
from autograder.cli import app
from autograder.course.export import Row, as_csv
from autograder.doctor import examine
from tests.autograder.tiny_course import QUIZ, cell, make_course, notebook, tiny_source


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def test_release_says_what_changed_and_then_that_nothing_did(course):
    code, output = run("release", QUIZ, "--course", course.root)
    assert (code, "It has 2 questions, 4 points in all." in output) == (0, True)
    code, output = run("release", "--all", "--course", course.root)
    assert (code, "unchanged" in output) == (0, True)


def test_a_faulty_source_is_named_with_code_1(tmp_path):
    course = make_course(tmp_path / "course", notebook(cell("t", "assert 1", grade=True, locked=True)))
    code, output = run("release", QUIZ, "--course", course.root)
    assert code == 1
    assert "quiz.ipynb, cell t: a graded cell needs its points" in output


def test_release_names_the_tests_in_which_the_solution_itself_loses_points(tmp_path, sandboxed):
    course = make_course(tmp_path / "course", tiny_source().replace(b'answer_1 = \\"B\\"', b'answer_1 = \\"A\\"'))
    code, output = run("release", QUIZ, "--course", course.root)
    assert code == 0
    assert "quiz.ipynb, cell test-1: the solution itself gets 0 of 1 points" in output
    assert "cell test-2" not in output
    assert "advice" in output
    assert "advice" not in run("release", QUIZ, "--no-check", "--course", course.root)[1]


def test_release_goes_on_without_a_sandbox_and_says_so(course, monkeypatch):
    monkeypatch.setattr(engines, "why_no_sandbox", lambda: "bubblewrap is missing.")
    code, output = run("release", QUIZ, "--course", course.root)
    assert code == 0
    assert "not tried, since there is no sandbox: bubblewrap is missing" in output
    assert "Released" in output


def test_the_version():
    code, output = run("--version")
    assert code == 0
    assert output == f"autograder {version('cnn-companion')}\n"


@pytest.mark.parametrize("command", [("release",), ("grade",), ("feedback",), ("export",)])
def test_an_unknown_assignment_is_code_1_and_names_the_nearest(course, command):
    code, output = run(*command, "01-tinny", "--course", course.root)
    assert code == 1
    assert "Did you mean 01-tiny?" in output


def test_the_beginning_of_a_name_is_enough_to_be_told_the_rest(tmp_path):
    course = make_course(tmp_path / "course")
    for name in ("01-why-not-a-longer-name", "02-convolution"):
        course.source(QUIZ).rename(course.source(name))
        assert f"Did you mean {name}?" in run("grade", name[:2], "--course", course.root)[1]
        course.source(name).rename(course.source(QUIZ))


def test_what_may_not_be_read_is_named_without_the_systems_numbers(course, monkeypatch):
    def refuse(*arguments, **settings):
        raise PermissionError(13, "Permission denied", "classroom/gradebook.db")

    monkeypatch.setattr("autograder.course.export.rows", refuse)
    code, output = run("export", "--course", course.root)
    assert (code, output) == (1, "classroom/gradebook.db: Permission denied. Look at who may read and write it.\n")


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
    for word in ("nbgrader", "sandbox", "gradebook", "exchange", f"not released: autograder release {QUIZ}"):
        assert word in output


def test_export_writes_json(course, tmp_path):
    run("release", QUIZ, "--course", course.root)
    code, _ = run("export", "--format", "json", "--to", tmp_path / "grades.json", "--course", course.root)
    assert (code, json.loads((tmp_path / "grades.json").read_text())) == (0, [])


def test_collect_at_80_columns_names_each_refused_file_in_full(course, tmp_path):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    (folder / "bob.zip").write_text("no zip")
    (folder / "notes.docx").write_text("x")
    result = CliRunner().invoke(app, ["collect", str(folder), "--course", str(course.root)], env={"COLUMNS": "80"})
    assert f"refused {folder / 'bob.zip'}: " in result.output
    assert "Ignored, since they are no submissions: notes.docx" in result.output


def test_collect_without_paths_and_exchange_says_what_to_give(course, tmp_path):
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"\nc.Exchange.root = {str(tmp_path / 'nowhere')!r}\n")
    code, output = run("collect", "--course", course.root)
    assert code == 1
    assert "autograder collect PATH" in output


def test_export_before_grading_lists_who_handed_in(course, tmp_path, released):
    run("release", QUIZ, "--course", course.root)
    (tmp_path / "ada.ipynb").write_bytes(released)
    run("collect", tmp_path / "ada.ipynb", "--course", course.root)
    _, output = run("export", "--course", course.root)
    assert f"ada,{QUIZ},0.0,4.0,not graded,20" in output


def test_export_into_a_folder_that_is_not_there_says_what_to_do(course, tmp_path):
    code, output = run("export", "--to", tmp_path / "no" / "g.csv", "--course", course.root)
    assert code == 1
    assert f"There is no folder {tmp_path / 'no'}. Make it first" in output


def test_scores_in_csv_have_4_decimals():
    assert "ada,01-tiny,0.3333,4.0" in as_csv([Row("ada", QUIZ, 1 / 3, 4.0, "graded", "")])


def test_the_demo_keeps_nothing_in_a_folder_that_holds_something(course, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    code, output = run("demo", "--to", tmp_path, "--course", course.root)
    assert code == 1
    assert "is there already" in output


def test_doctor_names_an_assignment_of_several_notebooks_once(course):
    (course.source(QUIZ) / "more.ipynb").write_bytes(tiny_source())
    _, output = run("doctor", "--course", course.root)
    assert f"solutions: {QUIZ}\n" in output
    assert output.count(f"release {QUIZ}") == 1


def test_doctor_tells_the_first_things_before_it_looks_for_the_course():
    findings = examine(lambda: pytest.fail("not yet"))
    assert [next(findings).what for _ in range(2)] == ["Python", "nbgrader"]
