"""Try the same attacks on nbgrader as it ships and on this engine, and print side by side what each of them got.

    python benchmarks/attacks.py                      # all of them, about ten minutes
    python benchmarks/attacks.py "a cell" "network"   # those whose name holds one of these words

Method. Each attack is a submission of a small assignment, handed in by eve; zoe hands in a blank one after her. On the
left `nbgrader autograde` of the installed nbgrader grades both in a throw-away course, as a user without rights, inside
a process namespace that ends with it; what would harm the machine is tried in a tame form (200 sleeping processes, 300 MB
of memory, a 100 MB file). On the right `autograder.engines.sandbox.Grader` grades the same bytes. What the attack itself
found out or did, it prints; `docs/attacks.md` says which test holds each row. Needs bubblewrap; started as root, the left
side runs as another user.
"""

# ruff: noqa: E501 (a cell's text stays in one string)

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.autograder.handed_in import (
    NAME,
    answer,
    assignment,
    notebook,
    own,
    released,
    submission,
    test,
    with_solution,
)

ROOT = Path(__file__).parents[1]
_USER = ROOT / "tests" / "attacks" / "test_as_user.py"  # as a program: runs another one as an ordinary user
_PORT = 17_110  # below those that the system gives out
_SECONDS = 60  # for one attack on nbgrader; it has 10 for a cell
_MARK = "got: "  # begins a line in which an attack says what it got

HONEST = "def square(n):\n    return n * n"
WRONG = "def square(n):\n    return 4"
HIDDEN = "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nsecret = 4711\nassert square(3) == 9\n### END HIDDEN TESTS"
SQUARE = [answer("a"), test("t", HIDDEN)]

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "attacks"
c.ExecutePreprocessor.timeout = 10
c.Execute.timeout = 10
"""


@dataclass(frozen=True)
class Attack:
    """One submission: the answer, cells put in front of it, and what else is done to the notebook or its folder."""

    name: str
    code: str = WRONG
    cells: list[dict[str, Any]] = field(default_factory=lambda: SQUARE)
    extra: tuple[dict[str, Any], ...] = ()
    change: Callable[[dict[str, Any]], Any] = lambda content: None
    raw: Callable[[bytes], bytes] = lambda data: data
    place: Callable[[Path], Any] = lambda folder: None
    solution: str = ""  # the instructor's answer, where what it makes of the tests decides

    def files(self) -> dict[str, bytes]:
        """What eve hands in."""
        form = assignment(*self.cells)
        content = json.loads(submission(form, {"a": self.code}, *self.extra).files[f"{NAME}.ipynb"])
        self.change(content)
        return {f"{NAME}.ipynb": self.raw(json.dumps(content).encode())}


def _says(code: str) -> str:
    """Code that may fail, whose variable `got` is printed if it is set; the answer behind it is wrong."""
    inner = "\n".join(f"    {line}" for line in code.strip().splitlines())
    return f"got = ''\ntry:\n{inner}\nexcept Exception as error:\n    pass\nif got: print('{_MARK}' + got)\n{WRONG}"


def _twice(content: dict[str, Any]) -> None:
    content["cells"].append(content["cells"][0])


def _settings(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda content: content["cells"][1]["metadata"]["nbgrader"].update(changes)


def _old(content: dict[str, Any]) -> None:
    content.update(nbformat_minor=2, metadata={"kernelspec": {"name": "no-such-kernel", "display_name": "x"}})
    for cell in content["cells"]:
        cell.pop("id")


_NOTE = "import os, tempfile\nnote = tempfile.gettempdir() + '/note-4711'\ngot = 'a file of another submission' if os.path.exists(note) else ''\nopen(note, 'w').close()"
_CLOSE = "import os\nclosed = []\nfor folder in ('/dev', '../../../submitted'):\n    try:\n        os.chmod(folder, 0)\n        closed.append(folder)\n    except OSError:\n        pass\ngot = ', '.join(closed) and 'closed: ' + ', '.join(closed)"
_PARTIAL = [answer("a"), test("t", "assert square(2) == 4\nscore = 2.0 * (square(3) == 9)\nscore", points=2)]
_ENDS = [answer("a"), test("t", "assert square(2) == 4"), answer("b"), test("u", "assert square(5) == 25")]

ATTACKS = [
    Attack("an honest answer, for comparison", HONEST),
    Attack("a wrong answer, for comparison", WRONG),
    Attack(
        "read the hidden tests",
        _says(
            "import glob\ngot = next(('the hidden tests, from ' + f for f in glob.glob('**/*.ipynb', recursive=True) if '4711' in open(f).read()), '')"
        ),
    ),
    Attack(
        "read other submissions",
        _says(
            "import glob\ngot = ', '.join(sorted(f[f.index('zoe'):] for f in glob.glob('../../../submitted/zoe/*/quiz.ipynb') if 'zoe' in f)[:1]) and 'the submission of zoe'"
        ),
    ),
    Attack(
        "write the gradebook",
        _says(
            "import os, sqlite3\npath = '../../../gradebook.db'\nassert os.path.exists(path)\ndb = sqlite3.connect(path)\ndb.execute(\"insert into student (id, first_name, lms_user_id) values ('mallory', 'x', 'x')\") if 0 else db.execute(\"update student set first_name = 'changed'\")\ndb.commit()\ngot = 'the gradebook, written'"
        ),
    ),
    Attack(
        "replace what tests compare with",
        f"{WRONG}\nimport numpy as np\nnp.testing.assert_equal = lambda *a, **k: None",
        [answer("a"), test("t", "import numpy as np\nnp.testing.assert_equal(square(3), 9)")],
    ),
    Attack(
        "take the asserts out with an input transformer",
        f"{WRONG}\nip = get_ipython()\nif ip: ip.input_transformers_post.append(lambda lines: [l for l in lines if not l.startswith('assert')])",
    ),
    Attack(
        "an object that equals everything",
        "class Yes:\n    def __eq__(self, other): return True\ndef square(n): return Yes()",
    ),
    Attack(
        "an empty array that equals every number",
        "def square(n): return []",
        [answer("a"), test("t", "import numpy as np\nassert np.allclose(square(3), 9)")],
    ),
    Attack(
        "an empty array in comparisons without a function",
        "import numpy as np\ndef square(n): return np.zeros((0,) + np.shape(n))",
        [
            answer("a"),
            test("t", "assert (square(3) == 9).all()"),
            test("u", "import numpy as np\nassert np.linalg.norm(square(3) - 9) < 1e-6"),
            test("v", "import numpy as np\nassert np.count_nonzero(square(3) != 9) == 0"),
            test("w", "import numpy as np\nassert np.isclose(square(3), 9).all()"),
        ],
        solution=f"import numpy as np\n{HONEST}".replace("n * n", "np.array(n * n)"),
    ),
    Attack(
        "an empty list that a test's loop passes over",
        "def squares(n): return []",
        [answer("a"), test("t", "for n, found in enumerate(squares(5)):\n    assert found == n * n")],
        solution="def squares(n): return [k * k for k in range(n)]",
    ),
    Attack(
        "an array where the test counts a number",
        "import numpy as np\ndef square(n): return np.array([0])",
        [answer("a"), test("t", "sum(square(n) == n * n for n in (2, 3)) / 2")],
        solution=HONEST,
    ),
    Attack(
        "a checker that the answer cell imports, set anew",
        f"{WRONG}\ndef assert_equal(*given): pass",
        [
            answer("a", "from numpy.testing import assert_equal\n# YOUR CODE HERE\nraise NotImplementedError()"),
            test("t", "assert_equal(square(3), 9)"),
        ],
        solution=f"from numpy.testing import assert_equal\n{HONEST}",
    ),
    Attack("leave a file for the next submission", _says(_NOTE)),
    Attack("find the file that an earlier submission left", _says(_NOTE)),
    Attack("close the folders that others need", _says(_CLOSE)),
    Attack(
        "an exception that ends the test's loop",
        "def square(n): raise StopIteration",
        [answer("a"), test("t", "assert all(map(lambda n: square(n) == n * n, [2, 3]))")],
    ),
    Attack(
        "write the inputs of a test back",
        "def double(x):\n    x[:] = [0] * len(x)\n    return x",
        [answer("a"), test("t", "x = [1, 2, 3]\nassert double(x) == [2 * n for n in x]")],
    ),
    Attack(
        "an invented training history",
        "class H:\n    history = {'accuracy': [1.0]}\nhistory = H()",
        [answer("a"), test("t", "assert history.history['accuracy'][-1] > 0.9")],
    ),
    Attack(
        "a forged result on the kernel's channel",
        f"{WRONG}\nip = get_ipython()\ndef forge(*a):\n    content = {{'execution_count': 1, 'data': {{'text/plain': '2.0'}}, 'metadata': {{}}}}\n    ip.kernel.session.send(ip.kernel.iopub_socket, 'execute_result', content, ip.kernel.get_parent('shell'), ident=b'execute_result')\nif ip: ip.events.register('pre_run_cell', forge)",
        _PARTIAL,
    ),
    Attack(
        "the tag skip-execution on a test cell",
        change=lambda content: content["cells"][1]["metadata"].update(tags=["skip-execution"]),
    ),
    Attack("a test cell's text replaced", change=lambda content: content["cells"][1].update(source="1")),
    Attack("a test cell's points changed", HONEST, change=_settings(points=100)),
    Attack("a test cell's id renamed", HONEST, change=_settings(grade_id="mine")),
    Attack("a test cell marked as not graded", HONEST, change=_settings(grade=False)),
    Attack(
        "a test cell's type changed",
        HONEST,
        change=lambda content: (
            content["cells"][1].update(cell_type="markdown")
            or [content["cells"][1].pop(k) for k in ("outputs", "execution_count")]
        ),
    ),
    Attack("a cell copied twice", HONEST, change=_twice),
    Attack("a test cell deleted", HONEST, change=lambda content: content["cells"].pop()),
    Attack(
        "test cells moved, so that names of one are the student's",
        "def square(n): return 0\nexpected = 0",
        [
            answer("a"),
            test("t", "expected = 9\nassert square(3) == expected"),
            test("u", "assert square(3) == expected"),
        ],
        change=lambda content: content["cells"].append(content["cells"].pop(1)),
    ),
    Attack(
        "an honest helper cell",
        "def square(n):\n    return times(n, n)",
        extra=(own("def times(a, b):\n    return a * b"),),
    ),
    Attack("an old format without ids, an unknown kernel", HONEST, change=_old),
    Attack(
        "the process ends in the middle",
        HONEST,
        _ENDS,
        change=lambda content: content["cells"][2].update(source="import os\nos._exit(0)"),
    ),
    Attack(
        "an endless loop", HONEST, _ENDS, change=lambda content: content["cells"][2].update(source="while True: pass")
    ),
    Attack(
        "an endless loop that swallows interruptions",
        HONEST,
        _ENDS,
        change=lambda content: content["cells"][2].update(
            source="while True:\n    try:\n        while True: pass\n    except BaseException: pass"
        ),
    ),
    Attack(
        "a daemon that outlives the grading",
        "import os, sys, time\nif os.fork() == 0:\n    try:\n        os.setsid()\n    except OSError:\n        pass\n    if os.fork() == 0:\n        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)', 'survivor-4711'])\n    os._exit(0)\n"
        + HONEST,
    ),
    Attack(
        "300 processes",
        _says(
            "import os, time\nmade = 0\ntry:\n    for _ in range(300):\n        if os.fork() == 0:\n            time.sleep(20)\n            os._exit(0)\n        made += 1\nexcept OSError:\n    pass\ngot = f'{made} processes' if made == 300 else ''"
        ),
    ),
    Attack(
        "3 GB of memory in ten processes",
        _says(
            "import os, time\nfor _ in range(10):\n    if os.fork() == 0:\n        x = b'1' * (300 << 20)\n        time.sleep(5)\n        os._exit(0)\ntime.sleep(4)\ngot = '3 GB'"
        ),
    ),
    Attack(
        "a file of 300 MB",
        _says(
            "import os\nwith open('filler', 'wb') as file:\n    for _ in range(300):\n        file.write(b'1' * (1 << 20))\nos.remove('filler')\ngot = 'a file of 300 MB'"
        ),
    ),
    Attack(
        "network",
        _says(f"import socket\nsocket.create_connection(('127.0.0.1', {_PORT}), 1).close()\ngot = 'a connection'"),
    ),
    Attack("30 MB of output", "for _ in range(300): print('x' * 100_000)\n" + HONEST),
    Attack(
        "a link in the submission's folder",
        HONEST,
        place=lambda folder: (folder / "notes.txt").symlink_to(
            folder.parents[2] / "source" / folder.name / f"{NAME}.ipynb"
        ),
    ),
    Attack(
        "a warning on stderr in a test cell",
        "import warnings\ndef square(n):\n    warnings.warn('careful')\n    return n * n",
    ),
    Attack("a partial score above the maximum", HONEST, [answer("a"), test("t", "assert square(2) == 4\n5", points=2)]),
    Attack(
        "a partial score that is NaN", HONEST, [answer("a"), test("t", "assert square(2) == 4\nfloat('nan')", points=2)]
    ),
    Attack("a negative partial score", HONEST, [answer("a"), test("t", "assert square(2) == 4\n-3", points=2)]),
    Attack("a notebook that breaks off", raw=lambda data: data[: len(data) // 2]),
    Attack("no JSON", raw=lambda data: b"I did not finish."),
    Attack("an unknown notebook format", change=lambda content: content.update(nbformat=99)),
    Attack("an empty file", raw=lambda data: b""),
    Attack(
        "a renamed notebook",
        HONEST,
        place=lambda folder: (folder / f"{NAME}.ipynb").rename(folder / "my quiz (1).ipynb"),
    ),
    Attack("no result of a test: the process ends in it", "import os\ndef square(n): os._exit(0)"),
    Attack(
        "hidden tests in the feedback",
        WRONG,
        [answer("a"), test("t", HIDDEN)],
    ),
]


@dataclass(frozen=True)
class Outcome:
    """What one side made of an attack; scores are None where nothing was graded."""

    score: float | None
    points: float | None
    got: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        marks = "not graded" if self.score is None else f"{self.score:g} of {self.points:g} points"
        return "; ".join([marks, *self.got, *filter(None, [self.note])])


def main() -> None:
    """Run both sides and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only attacks whose name holds one of these")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    options = parser.parse_args()
    chosen = [each for each in ATTACKS if not options.words or any(word in each.name for word in options.words)]
    if options.inside:
        _grade_inside(Path(options.inside), chosen)
        return
    with _listener():
        stock = _stock(chosen)
        ours = _ours(chosen)
    print("| attack | nbgrader as it ships | here |\n|---|---|---|")
    for each in chosen:
        print(f"| {each.name} | {stock[each.name]} | {ours[each.name]} |")


def _ours(chosen: list[Attack]) -> dict[str, Outcome]:
    """What this engine makes of them."""
    from autograder.collect.archives import read_folder
    from autograder.engines.sandbox import Grader
    from autograder.errors import IntakeError
    from autograder.limits import Limits
    from autograder.results import Submission

    outcomes = {}
    with (
        Grader(Limits(cell=10, total=60, memory=1 << 30, processes=128)) as grader,
        tempfile.TemporaryDirectory() as scratch,
    ):
        for number, each in enumerate(chosen):
            form = with_solution(assignment(*each.cells), {"a": each.solution} if each.solution else {})
            folder = Path(scratch, "submitted", "eve", f"attack-{number}")
            _hand_in(folder, each)
            try:
                handed_in = Submission("eve", NAME, read_folder(folder))
            except IntakeError as error:
                handed_in = Submission("eve", NAME, {}, fault=str(error))
            result = grader.grade(form, released(form), handed_in)
            got = _found(result.notebooks[0].graded.decode()) if result.notebooks else ()
            reasons = f" ({result.reasons[0].split('; what')[0]:.110})" if result.reasons else ""
            if each.name.startswith("hidden tests") and result.notebooks:
                got = (
                    ("not in the learner's lines",)
                    if "4711" not in str(result.notebooks[0].cells)
                    else ("the hidden tests",)
                )
            if _survivors():
                got = (*got, "a process that goes on")
            outcomes[each.name] = Outcome(result.score, result.points, got, f"{result.state}{reasons}")
    return outcomes


def _stock(chosen: list[Attack]) -> dict[str, Outcome]:
    """What nbgrader makes of them."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        sys.exit("bubblewrap is missing: `apt install bubblewrap`.")
    folder = tempfile.mkdtemp(prefix="stock-")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])  # nbgrader looks for alembic there
    home = {
        "PATH": path,
        "HOME": folder,
        "TMPDIR": folder,
        "IPYTHONDIR": f"{folder}/ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    inside = [bwrap, "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--die-with-parent"]
    command = [sys.executable, __file__, "--inside", folder, *(each.name for each in chosen)]
    if os.geteuid() == 0:
        os.chmod(folder, 0o777)
        command = [sys.executable, str(_USER), "-c", f"import os; os.execv({bwrap!r}, {[*inside, *command]!r})"]
    else:
        command = [*inside, *command]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **home}, stdout=subprocess.PIPE, text=True, check=False
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode:
        sys.exit(f"nbgrader's side ended with {done.returncode}.")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: Outcome(line["score"], line["points"], tuple(line["got"]), line["note"]) for line in lines}


def _grade_inside(course: Path, chosen: list[Attack]) -> None:
    """Grade with nbgrader in a course of its own; prints a line of JSON for each attack."""
    if os.getpid() > 20:
        sys.exit("This part runs in a process namespace of its own only.")
    (course / "nbgrader_config.py").write_text(CONFIG)
    for number, each in enumerate(chosen):
        name = f"attack-{number}"
        source = course / "source" / name
        source.mkdir(parents=True)
        (source / f"{NAME}.ipynb").write_bytes(notebook(*each.cells))
        _nbgrader(course, "generate_assignment", name)
        _hand_in(course / "submitted" / "eve" / name, each)
        _write(course / "submitted" / "zoe" / name, dict(submission(assignment(*each.cells), {}).files))
        log = _nbgrader(course, "autograde", name)
        outcome = _read_stock(course, name, each, log)
        (course / "submitted").chmod(0o755)
        print(json.dumps({"name": each.name, **vars(outcome)}), flush=True)
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # whatever is left in this namespace


def _read_stock(course: Path, name: str, each: Attack, log: str) -> Outcome:
    from nbgrader.api import Gradebook, MissingEntry

    graded = course / "autograded" / "eve" / name
    got = [found for path in graded.glob("*.ipynb") for found in _found(path.read_text("utf-8", "replace"))]
    score = points = None
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        try:
            entry = gradebook.find_submission(name, "eve")
            score, points = (entry.score, entry.max_score) if graded.exists() else (None, None)
        except MissingEntry:
            pass
    if (graded / "notes.txt").exists():
        got.append("the link's target, copied")
    if _survivors():
        got.append("a process that goes on")
    if each.name.startswith("hidden tests"):
        _nbgrader(course, "generate_feedback", name)
        pages = (course / "feedback" / "eve").rglob("*.html")
        got += ["the hidden tests" for page in pages if "4711" in page.read_text()]
    stopped = "" if (course / "autograded" / "zoe" / name).exists() else "zoe is not graded either"
    errors = [line for line in log.splitlines() if "Error" in line and "Please see" not in line]
    return Outcome(
        score, points, tuple(got), "; ".join(filter(None, [stopped, _short(errors) if score is None else ""]))
    )


def _nbgrader(course: Path, command: str, name: str) -> str:
    """Run one of nbgrader's commands; returns what it wrote."""
    arguments = [sys.executable, "-m", "nbgrader", command, name]
    log = course / "log"
    with log.open("w") as file:  # no pipe, which a surviving child would keep open
        process = subprocess.Popen(arguments, cwd=course, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"Error: still busy after {_SECONDS} seconds"
    return log.read_text("utf-8", "replace")


def _hand_in(folder: Path, each: Attack) -> None:
    _write(folder, each.files())
    each.place(folder)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _found(graded: str) -> tuple[str, ...]:
    """What the attack printed that it got: only outputs hold the mark at the start of a line."""
    return tuple(dict.fromkeys(re.findall(rf'^\s*"{_MARK}([^"\\]+)', graded, re.MULTILINE)))


def _survivors() -> bool:
    """Whether a process of an attack goes on after a second."""
    time.sleep(1)
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"\0survivor-4711" in (entry / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


def _short(errors: list[str]) -> str:
    text = re.sub(r"^\[.*?\]\s*", "", errors[-1]).strip() if errors else ""
    return re.sub(r"[|\n]", " ", re.sub(r"/\S+/", "", text))[:110]


@contextmanager
def _listener() -> Iterator[None]:
    """Somebody to connect to on this machine."""
    with socket.create_server(("127.0.0.1", _PORT), backlog=50) as server:
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
        yield


def _accept(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


if __name__ == "__main__":
    main()
