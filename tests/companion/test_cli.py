"""The learner's commands."""

import json
import os
from pathlib import Path

import pytest
from jupyterlab.labapp import LabApp
from jupyterlab_server.config import get_static_page_config
from typer.testing import CliRunner

from companion import data
from companion.cli import app, course_root


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small course, with the working directory inside its lessons."""
    for folder in ("lessons", "quizzes"):
        (tmp_path / folder).mkdir()
    for page in ("02-convolution", "00-welcome"):
        (tmp_path / "lessons" / f"{page}.ipynb").touch()
    monkeypatch.chdir(tmp_path / "lessons")
    return tmp_path


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments that JupyterLab is started with, instead of starting it."""
    arguments: list[str] = []
    monkeypatch.setattr(LabApp, "launch_instance", arguments.extend)
    return arguments


def test_the_course_is_found_from_any_folder_inside(course: Path, tmp_path: Path) -> None:
    inside = course / "quizzes" / "02-convolution"
    inside.mkdir()
    assert course_root(inside) == course_root() == course_root(course) == course.resolve()


def test_lab_opens_the_first_page(course: Path, launched: list[str]) -> None:
    result = CliRunner().invoke(app, ["lab"])
    assert result.exit_code == 0, result.output
    assert f"The course is in {course}" in result.output
    assert launched[:2] == [
        f"--ServerApp.root_dir={course}",
        "--LabApp.default_url=/lab/tree/lessons/00-welcome.ipynb",
    ]
    assert Path.cwd() == course


def test_lab_asks_no_question_about_news(course: Path, launched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/elsewhere")
    CliRunner().invoke(app, ["lab"])
    own, *_, elsewhere = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert elsewhere == "/elsewhere"
    overrides = json.loads(Path(own, "labconfig", "default_setting_overrides.json").read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


HANDING_IN = {"assignment-list", "menu"}
TEACHING = {"course-list", "create-assignment", "formgrader", "validate-assignment"}


@pytest.mark.parametrize(
    ("options", "exchange", "hidden"),
    [([], False, TEACHING | HANDING_IN), ([], True, TEACHING), (["--instructor"], False, set())],
)
def test_learners_see_no_panel_of_nbgraders_but_what_they_hand_in_with(
    course: Path,
    launched: list[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    exchange: bool,
    hidden: set[str],
) -> None:
    (course / "exchange").mkdir()
    root = course / "exchange" if exchange else course / "nowhere"
    (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(root)!r}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    result = CliRunner().invoke(app, ["lab", *options])
    assert result.exit_code == 0, result.output
    assert "--instructor" not in launched
    assert {*get_static_page_config(level="all").get("disabledExtensions", {})} == {
        f"@jupyter/nbgrader:{name}" for name in hidden
    }


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_lab_runs_as_root_in_a_container(
    course: Path, launched: list[str], monkeypatch: pytest.MonkeyPatch, user: int, allowed: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    CliRunner().invoke(app, ["lab"])
    assert ("--ServerApp.allow_root=True" in launched) is allowed


def test_lab_passes_options_on(course: Path, launched: list[str]) -> None:
    result = CliRunner().invoke(app, ["lab", "--no-browser", "--port", "9000", "--allow-root"])
    assert result.exit_code == 0, result.output
    assert launched[-3:] == ["--allow-root", "--ServerApp.port=9000", "--no-browser"]


def test_outside_the_course_lab_says_where_to_go(
    tmp_path: Path, launched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["lab"])
    assert result.exit_code == 1
    assert "The course is not here" in result.stderr
    assert "cd path/to/cnn-companion" in result.stderr
    assert launched == []


def test_lessons_without_a_page(course: Path, launched: list[str]) -> None:
    for page in (course / "lessons").iterdir():
        page.unlink()
    result = CliRunner().invoke(app, ["lab"])
    assert result.exit_code == 1
    assert "holds no notebook" in result.stderr
    assert launched == []


def test_data_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "fetch", lambda: tmp_path)
    result = CliRunner().invoke(app, ["data"])
    assert result.exit_code == 0
    assert result.output == f"The course's data is in {tmp_path}.\n"


def test_data_that_cannot_be_had_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable() -> None:
        raise data.DataUnavailable("MNIST could not be fetched.")

    monkeypatch.setattr(data, "fetch", unavailable)
    result = CliRunner().invoke(app, ["data"])
    assert result.exit_code == 1
    assert result.stderr == "MNIST could not be fetched.\n"
