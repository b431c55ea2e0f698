"""What a student's process finds: the packages of the grader's Python, and what lies beside the notebook; no more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.engines.sandbox import Grader
from autograder.sandbox import host
from tests.autograder.handed_in import answer, assignment, given, released, scores, submission, test

FIND = """
import os
def find(name):
    return [folder for top in ("/course", "/packages") for folder, _, files in os.walk(top) if name in files]
"""


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Packages beside the interpreter's own, as PYTHONPATH, an editable installation or a user's site has them."""
    made = {
        "project/own_module.py": "def twice(n): return 2 * n",
        "project/own_package/__init__.py": "from own_package.inner import thrice",
        "project/own_package/inner.py": "def thrice(n): return 3 * n",
        "project/solutions/secret.py": "answer = 3",
        "project/secret.txt": "answer",
        "user/lib/site-packages/of_the_user/__init__.py": "four = 4",
    }
    for name, text in made.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folders = [str(tmp_path / "user" / "lib" / "site-packages"), str(tmp_path / "project")]
    for folder in folders:
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(folders))
    return tmp_path


def graded(cells, answers, *, files=None, brought=None):
    form = assignment(*cells, files=files)
    with Grader() as grader:
        return grader.grade(form, released(form), submission(form, answers, files=brought))


def test_packages_of_the_graders_python_are_found_and_nothing_beside_them(sandboxed, elsewhere):
    cells = [
        given("g", "import own_module\nimport own_package"),
        answer("a"),
        test("module", "assert f() == 4 and own_module.twice(2) == 4"),
        test("package", "assert g() == 6"),
        test("user", "assert h() == 4"),
        test("beside", "assert len(find('secret.txt')) == 0 and len(find('secret.py')) == 0"),
        test("found", "assert len(find('own_module.py')) == len(find('inner.py')) == 1"),
    ]
    code = f"""import of_the_user{FIND}
def f(): return own_module.twice(2)
def g(): return own_package.thrice(2)
def h(): return of_the_user.four
"""
    assert scores(graded(cells, {"a": code})) == [1, 1, 1, 1, 1]


def test_a_package_that_only_the_student_imports_is_for_a_person(sandboxed, elsewhere):
    cells = [answer("a"), test("t", "assert f() == 3")]
    result = graded(cells, {"a": "from solutions.secret import answer\ndef f(): return answer"})
    assert scores(result) == [None]
    assert "the module solutions is not there" in result.reasons[0]


def test_programs_that_a_student_starts_find_them_too(sandboxed, elsewhere):
    cells = [given("g", "import own_module"), answer("a"), test("t", "assert f() == '4 4'")]
    code = """import subprocess, sys
def f():
    code = "import own_module, of_the_user, numpy; print(own_module.twice(2), of_the_user.four)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
"""
    assert scores(graded(cells, {"a": code})) == [1]


def test_modules_and_files_beside_the_notebook_are_found_in_both_processes(sandboxed):
    files = {"helper.py": b"def five(): return 5", "sub/mod.py": b"six = 6", "data/x.csv": b"1,2"}
    cells = [
        given("g", "import helper\nfrom sub.mod import six\ntext = open('data/x.csv').read()"),
        answer("a"),
        test("student", "assert f() == [5, 6, '1,2', 7]"),
        test("tests", "import helper\nfrom sub.mod import six\nassert [helper.five(), six] == [5, 6]"),
        test("given", "assert (helper.five(), six, text) == (5, 6, '1,2')"),
    ]
    code = "import mine\ndef f(): return [helper.five(), six, text, mine.seven]"
    brought = {"mine.py": b"seven = 7", "helper.py": b"def five(): return 55"}
    assert scores(graded(cells, {"a": code}, files=files, brought=brought)) == [1, 1, 1]


def test_a_module_of_the_students_is_none_of_the_tests(sandboxed):
    cells = [answer("a"), test("t", "import mine\nassert mine.seven == 7")]
    assert scores(graded(cells, {"a": "import mine"}, brought={"mine.py": b"seven = 7"})) == [None]


SHOW = """
import sys
sys.path += sys.argv[1:]
from autograder.sandbox import host
print(*host._site_packages(), sep="\\n")
"""


def seen_by(python: Path, **environment: str) -> list[str]:
    """The folders of packages that the grader would see if it ran with this Python."""
    paths = [str(Path(host.__file__).parents[2]), *host._site_packages()]
    done = subprocess.run(
        [python, "-c", SHOW, *paths], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return [folder for folder in done.stdout.splitlines() if folder not in paths]


@pytest.mark.slow
def test_an_environment_that_sees_the_systems_packages_has_them_seen(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "v"], check=True
    )
    own, *systems = seen_by(tmp_path / "v" / "bin" / "python")
    assert Path(own).is_relative_to(tmp_path / "v")
    assert [folder for folder in systems if Path(folder).is_relative_to(os.path.realpath(sys.base_prefix))]


@pytest.mark.slow
def test_a_users_own_packages_are_seen_where_python_sees_them(tmp_path):
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = tmp_path / "lib" / version / "site-packages"
    own.mkdir(parents=True)
    python = Path(sys._base_executable)
    assert str(own) in seen_by(python, PYTHONUSERBASE=str(tmp_path))
    assert str(own) not in seen_by(python, PYTHONUSERBASE=str(tmp_path), PYTHONNOUSERSITE="1")
