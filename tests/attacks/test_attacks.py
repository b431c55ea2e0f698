"""The rows of the threat model that concern the engine, each tried on it."""

# ruff: noqa: E501 (a cell's text stays in one string)

import contextlib
import json
import os
import time
from pathlib import Path

import pytest

from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from autograder.results import State, Submission
from autograder.sandbox import host
from tests.attacks.attack import HASTY
from tests.autograder.handed_in import (
    NAME,
    answer,
    assignment,
    given,
    notebook,
    outputs,
    own,
    released,
    scores,
    submission,
    test,
)

SECRET = "hidden-" + "marker-4711"
ROOT = Path(__file__).parents[2]

SQUARE = [
    answer("a"),
    test("t", "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(3) == 9\n### END HIDDEN TESTS"),
]
HONEST = {"a": "def square(n):\n    return n * n"}
WRONG = {"a": "def square(n):\n    return 4"}


def text(result) -> str:
    """Everything that the graded notebook shows."""
    return json.dumps(outputs(result))


def test_an_honest_answer_scores_and_a_wrong_one_does_not(attack):
    assert scores(attack(SQUARE, HONEST)) == [1]
    assert scores(attack(SQUARE, WRONG)) == [0]
    assert scores(attack(SQUARE, {})) == [0]


def test_hidden_tests_are_not_in_reach(attack):
    cells = [
        answer("a"),
        test(
            "t", f"### BEGIN HIDDEN TESTS\nmarker = '{SECRET}'\nprint('traces', look('hidden-'))\n### END HIDDEN TESTS"
        ),
    ]
    spy = """
import gc, os, sys
def look(start):
    wanted = start + "marker-" + "4711"
    strings = {id(s): s for o in gc.get_objects() for s in gc.get_referents(o) if type(s) is str}
    found = [s for s in strings.values() if wanted in s and s is not wanted]
    frame = sys._getframe()
    while frame:
        found += [v for v in frame.f_locals.values() if type(v) is str and wanted in v and v is not wanted]
        frame = frame.f_back
    for folder, folders, files in os.walk("/"):
        if folder in ("/proc", "/usr", "/lib", "/dev", "/sys", "/packages") or folder.endswith(("site-packages", "/lib")):
            folders.clear()
            continue
        for name in files:
            try:
                if wanted in open(os.path.join(folder, name), errors="replace").read(100000):
                    found.append(name)
            except OSError:
                pass
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if pid != str(os.getpid()):
            found.append(pid)
    return [str(f) for f in found]
"""
    result = attack(cells, {"a": spy})
    assert "traces []" in text(result)
    assert result.state is State.GRADED


def test_solutions_and_other_submissions_and_the_gradebook_are_not_in_reach(attack, tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"grades")
    places = [
        str(ROOT / "solutions"),
        str(ROOT / "autograder"),
        str(ROOT / ".git"),
        str(tmp_path),
        "/root/.ssh",
        "/etc/passwd",
    ]
    cells = [answer("a"), test("t", f"assert seen({places!r}) == [], seen({places!r})")]
    result = attack(cells, {"a": "import os\ndef seen(places):\n    return [p for p in places if os.path.exists(p)]"})
    assert scores(result) == [1]


def test_nothing_outside_the_own_folders_can_be_written(attack):
    cells = [answer("a"), test("t", "assert written() == ['/tmp', '/dev/shm', '/home/student'], written()")]
    code = """
import os
def written():
    done = []
    for place in ["/", "/engine", "/course", "/usr/lib", "/tmp", "/dev/shm", "/home/student", "/proc/sys/kernel"]:
        try:
            with open(place + "/x", "w") as file:
                file.write("x")
            done.append(place)
        except OSError:
            pass
    return done
"""
    assert scores(attack(cells, {"a": code})) == [1]


def test_one_submission_leaves_nothing_for_the_next(attack):
    cells = [answer("a"), test("t", "assert left() == 'nothing'")]
    code = """
import os, builtins
def left():
    seen = [p for p in ("/tmp/note", "/dev/shm/note", "/home/student/note") if os.path.exists(p)]
    return str(seen) if seen or hasattr(builtins, "note") else "nothing"
first = left()
builtins.note = 1
for p in ("/tmp/note", "/dev/shm/note", "/home/student/note"):
    open(p, "w").close()
def left():
    return first
"""
    assert [scores(attack(cells, {"a": code})) for _ in range(2)] == [[1], [1]]


@pytest.mark.parametrize(
    "trick",
    [
        "import builtins\nbuiltins.AssertionError = type('Quiet', (Exception,), {})\nbuiltins.__debug__ if False else None",
        "import numpy as np\nnp.testing.assert_equal = np.allclose = np.array_equal = lambda *a, **k: True",
        "import ast, sys, builtins\nbuiltins.compile = builtins.exec = builtins.eval = lambda *a, **k: None",
        "import sys\nsys.settrace(lambda *a: None)\nsys.modules['numpy'].testing = None",
        "import sys, autograder.wire.frames\nautograder.wire.frames.pack = lambda *a, **k: b''",
        "from unittest import mock\nassert_equal = np = check = mock.MagicMock()",
        "def assert_equal(*a, **k): pass\ncheck = assert_equal",
    ],
)
def test_patching_and_shadowing_what_tests_use_is_of_no_help(hasty_attack, trick):
    cells = [
        given(
            "s", "import numpy as np\nfrom numpy.testing import assert_equal\ndef check(a, b):\n    assert_equal(a, b)"
        ),
        answer("a"),
        test("t", "assert_equal(square(2), 4)\ncheck(square(3), 9)\nassert np.array_equal(square(5), 25)"),
    ]
    assert scores(hasty_attack(cells, {"a": f"def square(n): return 4\n{trick}"})) == [0]


@pytest.mark.parametrize(
    "always",
    [
        "class Yes(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\nresult = Yes(1)",
        "class Yes(str):\n    def __eq__(self, other): return True\nresult = Yes('x')",
        "import numpy as np\nclass Yes(np.ndarray):\n    def __eq__(self, other): return True\n"
        "result = np.zeros(3).view(Yes)",
        "class Yes(list):\n    def __eq__(self, other): return True\nresult = [Yes([1])]",
    ],
)
def test_objects_that_equal_everything_arrive_as_plain_data(attack, always):
    cells = [answer("a"), test("t", "assert result == 42"), test("u", "assert result[0] == 42")]
    result = attack(cells, {"a": always})
    assert not any(scores(result))
    if "np.ndarray" not in always:  # what else a class adds to one of Python's may be what the test asks for
        assert result.state is State.NEEDS_REVIEW
        assert "a Yes, a class of the student's own" in result.reasons[0]


def test_an_object_that_equals_everything_is_for_a_person(attack):
    cells = [answer("a"), test("t", "assert result == 42"), test("u", "assert result[0] == 42")]
    always = "class Yes:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\nresult = Yes()"
    result = attack(cells, {"a": always})
    assert scores(result) == [None, None]
    assert "t: it asked for what can't be handed over (A value of type Yes" in result.reasons[0]


def test_what_a_dict_says_of_missing_keys_is_a_function_of_the_students(attack):
    cells = [answer("a"), test("t", "assert result == 42"), test("u", "assert result[0] == 42")]
    assert scores(attack(cells, {"a": "import collections\nresult = collections.defaultdict(lambda: 42)"})) == [0, 1]


def test_course_values_cannot_be_changed_by_the_student(attack):
    cells = [
        given("s", "target = [1, 2, 3]"),
        answer("a"),
        test("t", "assert result() == target"),
    ]
    result = attack(cells, {"a": "def result(): return [0]\ntarget = [0]"})
    assert scores(result) == [0]
    result = attack(cells, {"a": "def result(): return [1, 2, 3]\ntarget = [0]"})
    assert scores(result) == [1]
    assert result.state is State.NEEDS_REVIEW
    assert "target" in result.reasons[0]


def test_printed_scores_and_forged_messages_are_no_scores(attack):
    forge = """
import os, struct, sys, msgpack
sys.displayhook(1.0)
print(1.0)
def square(n):
    cell = {"index": 1, "score": 1.0, "outputs": []}
    body = msgpack.packb({"say": "begin", "index": 1, "cells": [cell]})
    for fd in range(3, 50):
        try:
            os.write(fd, struct.pack("<II", len(body), 0) + body)
        except OSError:
            pass
    return 4
"""
    result = attack(SQUARE, {"a": forge})
    assert scores(result) == [0]
    assert result.state is State.FAILED
    assert "no answer" in result.reasons[0]


def test_answers_sent_in_advance_are_not_taken_for_later_ones(attack):
    forge = """
import os, struct, msgpack
def square(n):
    for count in range(1, 50):
        body = msgpack.packb({"n": count, "ok": True, "value": 9, "out": ""})
        for fd in range(3, 50):
            try:
                os.write(fd, struct.pack("<II", len(body), 0) + body)
            except OSError:
                pass
    return 4
"""
    result = attack(SQUARE, {"a": forge})
    assert scores(result) == [0]


def test_a_student_cannot_score_by_the_value_of_the_last_line(attack):
    cells = [answer("a"), test("t", "assert square(2) == 4\nsquare(3)", points=2), test("u", "square", points=2)]
    result = attack(cells, {"a": "def square(n): return 4 if n == 2 else 0.5"})
    assert scores(result) == [2, 2]


def test_tags_and_metadata_of_locked_cells_are_the_instructors(attack, grader):
    form = assignment(*SQUARE)
    content = json.loads(submission(form, WRONG).files[f"{NAME}.ipynb"])
    content["cells"][1]["metadata"]["tags"] = ["skip-execution", "raises-exception", "run-with-student"]
    content["cells"][1]["metadata"]["nbgrader"]["points"] = 100
    content["cells"][1]["source"] = "1.0"
    data = json.dumps(content).encode()
    result = grader.grade(form, released(form), Submission("mallory", NAME, {f"{NAME}.ipynb": data}))
    assert scores(result) == [0]
    assert result.points == 1
    assert result.state is State.REPAIRED


def test_deleted_and_doubled_cells_are_put_right(grader):
    form = assignment(*SQUARE)
    content = json.loads(submission(form, HONEST).files[f"{NAME}.ipynb"])
    answered, tested = content["cells"]
    for cells in ([answered], [answered, tested, answered, tested], [answered, tested, answered]):
        data = json.dumps({**content, "cells": cells}).encode()
        result = grader.grade(form, released(form), Submission("bob", NAME, {f"{NAME}.ipynb": data}))
        assert scores(result) == [1]
        assert result.state is State.REPAIRED


def test_honest_helpers_and_old_formats_are_graded(attack, grader):
    helper = own("def helper(n):\n    return n * n")
    assert scores(attack(SQUARE, {"a": "def square(n):\n    return helper(n)"}, helper)) == [1]
    form = assignment(*SQUARE)
    content = json.loads(submission(form, HONEST).files[f"{NAME}.ipynb"])
    content |= {"nbformat_minor": 2, "metadata": {"kernelspec": {"name": "no-such-kernel", "display_name": "x"}}}
    for cell in content["cells"]:
        cell.pop("id", None)
    data = json.dumps(content).encode()
    assert scores(grader.grade(form, released(form), Submission("carol", NAME, {f"{NAME}.ipynb": data}))) == [1]


THREE = [
    answer("a"),
    test("t", "assert one() == 1"),
    answer("b"),
    test("u", "assert two() == 2"),
    test("v", "assert one() == 1"),
]


@pytest.mark.parametrize(
    "end", ["os._exit(0)", "os._exit(99)", "os.abort()", "os.kill(os.getpid(), signal.SIGSEGV) or os._exit(1)"]
)
def test_an_end_of_the_process_keeps_the_earlier_points(attack, end):
    result = attack(THREE, {"a": "def one(): return 1", "b": f"import os, signal\n{end}"})
    assert scores(result) == [1, 0, 0]
    assert result.state is State.FAILED
    assert "ended" in result.reasons[0]


@pytest.mark.parametrize(
    "end", ["raise SystemExit", "raise KeyboardInterrupt", "exit()", "import os; os.kill(os.getpid(), 9)"]
)
def test_lesser_ends_cost_their_own_cell_only(attack, end):
    result = attack(THREE, {"a": "def one(): return 1", "b": f"{end}\ndef two(): return 2"})
    assert scores(result)[::2] == [1, 1]
    assert result.state is State.GRADED


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "import time\ntime.sleep(1000)",
    ],
)
def test_endless_loops_cost_their_own_cell_only(hasty_attack, loop):
    result = hasty_attack(THREE, {"a": "def one(): return 1", "b": loop})
    assert scores(result) == [1, 0, 1]
    assert any(f"longer than {HASTY} seconds" in each for each in result.reasons) or result.state is State.FAILED


def test_a_loop_that_swallows_interruptions_costs_the_earlier_cells_nothing(hasty_attack):
    swallowing = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    result = hasty_attack(THREE, {"a": "def one(): return 1", "b": swallowing})
    first, own, later = scores(result)
    assert (first, own) == (1, 0)
    assert later == 1 or result.state is State.FAILED  # Python's version decides whether it can be interrupted


def test_a_loop_that_nothing_interrupts_is_killed(hasty_attack):
    stubborn = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    result = hasty_attack(THREE, {"a": "def one(): return 1", "b": stubborn})
    assert scores(result) == [1, 0, 0]
    assert result.state is State.FAILED


def test_a_dead_process_never_passes_a_test_that_expects_an_error(attack):
    cells = [
        answer("a"),
        test("t", "try:\n    f(-1)\nexcept Exception:\n    pass\nelse:\n    raise AssertionError"),
        test("u", "try:\n    f(-1)\nexcept:\n    pass"),
    ]
    assert scores(attack(cells, {"a": "def f(x): raise ValueError"})) == [1, 1]
    assert scores(attack(cells, {"a": "import os\ndef f(x): os._exit(0)"})) == [0, 0]


def test_children_and_daemons_die_with_the_submission(attack):
    name = f"daemon-{os.getpid() % 10**8}"  # at most 15 letters; another run of the tests has others
    daemon = f"""
import os, time
lives, alive = os.pipe()
for _ in range(5):
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork() == 0:
            import ctypes; ctypes.CDLL(None).prctl(15, b"{name}", 0, 0, 0)
            os.write(alive, b"1")
            time.sleep(1000)
        os._exit(0)
for _ in range(5):
    os.read(lives, 1)
def square(n): return n * n
"""
    assert scores(attack(SQUARE, {"a": daemon})) == [1]
    deadline = time.monotonic() + 300
    while any(command == name for command in commands()):
        assert time.monotonic() < deadline, "a daemon goes on"
        time.sleep(0.05)


def commands():
    """The names of all processes, as /proc gives them."""
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            yield path.read_text(errors="replace").strip()  # a process may call itself anything


def test_a_fork_bomb_is_contained(attack):
    bomb = "import os\ntry:\n    while True:\n        os.fork()\nexcept BlockingIOError:\n    pass\ndef square(n): return 9"
    result = attack(SQUARE, {"a": bomb})
    assert scores(result) == [0]
    assert scores(attack(SQUARE, HONEST)) == [1]


def test_a_memory_bomb_is_contained(attack):
    result = attack(SQUARE, {"a": "x = bytearray(10**11)\ndef square(n): return n * n"})
    assert "MemoryError" in text(result)
    many = """
import os, time
there, full = os.pipe()
for _ in range(8):
    if os.fork() == 0:
        x = b"1" * (300 << 20)
        os.write(full, b"1")
        time.sleep(1000)
for _ in range(8):
    os.read(there, 1)  # however slow the machine is, all of it is in use
time.sleep(1000)
def square(n): return n * n
"""
    result = attack(SQUARE, {"a": many})
    assert result.state is State.FAILED
    assert "memory" in result.reasons[0]


def test_a_disk_filler_is_contained(attack):
    filler = """
import os
total = 0
for place in ("/tmp", "/home/student", "/dev/shm"):
    try:
        for n in range(100):
            with open(f"{place}/{n}", "wb") as file:
                total += file.write(b"1" * (1 << 20))
    except OSError:
        pass
def square(n): return total >> 20
"""
    cells = [answer("a"), test("t", "assert 0 < square(1) <= 32, square(1)")]
    assert scores(attack(cells, {"a": filler})) == [1]


def test_there_is_no_network_and_no_process_of_others(attack):
    cells = [answer("a"), test("t", "assert square('127.0.0.1') == square('1.1.1.1') == 'OSError'")]
    code = """
import socket
def square(host):
    try:
        socket.create_connection((host, 53), timeout=1)
    except TimeoutError:
        return "open"
    except OSError:
        return "OSError"
"""
    assert scores(attack(cells, {"a": code})) == [1]


def test_privileges_cannot_be_had_again(attack):
    cells = [
        answer("a"),
        test(
            "t",
            "assert found() == []\nassert status('CapEff') == '0000000000000000'\nassert status('NoNewPrivs') == '1'",
        ),
    ]
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def found():
    gained = []
    if libc.unshare(0x10000000) == 0:
        gained.append("user namespace")
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        gained.append("mount")
    for uid in (0, 1):
        try:
            os.setuid(uid)
            gained.append("uid")
        except OSError:
            pass
    return gained
def status(name):
    return next(l.split()[1] for l in open("/proc/self/status") if l.startswith(name))
"""
    assert scores(attack(cells, {"a": code})) == [1]


def test_output_is_cut_and_cleaned(attack):
    noisy = "for _ in range(300):\n    print('x' * 100_000)\nprint('end')\ndef square(n): return n * n"
    result = attack(SQUARE, {"a": noisy})
    assert scores(result) == [1]
    assert len(result.notebooks[0].graded) < 300_000
    result = attack(SQUARE, {"a": "print('\\x1b[31mred\\x1b[0m\\x00<script>')\ndef square(n): return n * n"})
    assert "\\u001b" not in text(result)
    assert "\\u0000" not in text(result)


def test_stderr_is_not_failure(attack):
    warn = "import sys, warnings\ndef square(n):\n    warnings.warn('careful')\n    print('x', file=sys.stderr)\n    return n * n"
    cells = [answer("a"), test("t", "import sys\nprint('from the test', file=sys.stderr)\nassert square(2) == 4")]
    assert scores(attack(cells, {"a": warn})) == [1]


@pytest.mark.parametrize(
    ("last", "score"),
    [
        ("5", 2),
        ("-1", 0),
        ("float('nan')", 0),
        ("float('inf')", 2),
        ("0.5", 0.5),
        ("10**400", 2),
        ("True", 2),
        ("None", 2),
    ],
)
def test_partial_scores_are_held_within_the_points(attack, last, score):
    result = attack([answer("a"), test("t", f"assert square(2) == 4\n{last}", points=2)], HONEST)
    assert scores(result) == [score]


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"{", b"no", b"[]", b"{}", b'{"nbformat": 99, "cells": []}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_notebook_fails_with_a_reason(grader, data):
    form = assignment(*SQUARE)
    result = grader.grade(form, released(form), Submission("dave", NAME, {f"{NAME}.ipynb": data}))
    assert result.state is State.FAILED
    assert scores(result) == [0]
    assert result.reasons[0]


def test_arguments_are_not_written_back(attack):
    cells = [
        given("s", "import numpy as np"),
        answer("a"),
        test(
            "t",
            "x = np.arange(5.0)\nlist_ = [1, 2]\nassert double(x, list_)[1] == x[1] * 2\nassert x[1] == 1 and list_ == [1, 2]",
        ),
    ]
    zero = "def double(x, y):\n    x[:] = 0\n    y.clear()\n    return x"
    assert scores(attack(cells, {"a": zero})) == [0]
    assert scores(attack(cells, {"a": "def double(x, y): return x * 2"})) == [1]


def test_invented_metrics_do_not_cross(attack):
    cells = [answer("a"), test("t", "assert history.history['accuracy'][-1] > 0.9")]
    fake = "class H:\n    history = {'accuracy': [1.0]}\nhistory = H()"
    assert scores(attack(cells, {"a": fake})) == [None]


def test_the_learner_sees_no_text_of_hidden_tests(attack):
    cells = [
        answer("a"),
        test(
            "t",
            f"assert square(2) == 4, 'two squared is four'\n### BEGIN HIDDEN TESTS\nassert square(3) == 9, '{SECRET}'\n### END HIDDEN TESTS",
        ),
    ]
    [hidden] = attack(cells, WRONG).notebooks[0].cells
    assert SECRET not in str(hidden.messages)
    [shown] = attack(cells, {"a": "def square(n): return 0"}).notebooks[0].cells
    assert shown.messages == ("not yet: two squared is four",)


@pytest.mark.parametrize(
    "odd",
    [
        "result = [" * 50 + "]" * 50,
        "result = " + "-" * 3000 + "1",
        "result = " + "(" * 150 + ")" * 150,
        "result = {(2**61 - 1) * k: 0 for k in range(15_000)}",
        "import numpy as np\nresult = np.zeros(10**8, np.uint8)",
        "result = '\\ud800'",
        "result = float('nan')",
        "\x00",
        "result = lambda: result",
    ],
)
def test_odd_values_cost_their_own_test_only(attack, odd):
    cells = [answer("b"), answer("a"), test("t", "assert result == 42"), test("u", "assert square(3) == 9")]
    result = attack(cells, {"a": odd, "b": HONEST["a"]})
    assert scores(result) == [0, 1]


@pytest.mark.parametrize(
    "odd",
    [
        "x = []\nx.append(x)\nresult = x",
        "result = 10 ** 100_000",
        "result = 'x' * 100_000_000",
        "import numpy as np\nresult = np.array([object()])",
        "import threading\nresult = threading.Lock()",
    ],
)
def test_values_that_cannot_be_handed_over_are_for_a_person(attack, odd):
    cells = [answer("b"), answer("a"), test("t", "assert result == 42"), test("u", "assert square(3) == 9")]
    result = attack(cells, {"a": odd, "b": HONEST["a"]})
    assert scores(result) == [None, 1]
    assert "t: it asked for what can't be handed over" in result.reasons[0]


def test_files_of_the_submission_are_only_in_the_students_folder(attack):
    cells = [answer("a"), test("t", "import os\nassert os.listdir('.') == []\nassert square(2) == '4'")]
    result = attack(
        cells, {"a": "def square(n): return open('d/data.txt').read()"}, files={"d/data.txt": b"4", "random.py": b"1/0"}
    )
    assert scores(result) == [1]


def test_without_a_sandbox_grading_refuses_and_a_forced_one_is_marked(monkeypatch):
    monkeypatch.setattr(host, "_bwrap", lambda: None)
    with pytest.raises(host.SandboxError, match="bubblewrap is missing"):
        Grader()
    with Grader(Limits(), unsandboxed=True) as loose:
        form = assignment(*SQUARE)
        result = loose.grade(form, released(form), submission(form, HONEST))
        unreadable = loose.grade(form, released(form), Submission("bob", NAME, {f"{NAME}.ipynb": b"{"}))
    assert scores(result) == [1]
    assert unreadable.state is State.FAILED
    for each in (result, unreadable):
        assert any("without a sandbox" in reason for reason in each.reasons)


def test_an_infrastructure_fault_costs_no_points(grader, monkeypatch):
    form = assignment(*SQUARE)
    for server in (*grader._sandboxes.values(), *grader._evaluators.values()):
        os.kill(server.pid, 9)
    assert scores(grader.grade(form, released(form), submission(form, HONEST))) == [1]
    monkeypatch.setattr(host, "_bwrap", lambda: "/bin/false")
    grader.close()
    result = grader.grade(form, released(form), submission(form, HONEST))
    assert result.state is State.NOT_RUN
    assert result.notebooks == ()
    grader.close()


def test_a_notebook_is_the_same_bytes_each_time(attack):
    assert attack(SQUARE, HONEST) == attack(SQUARE, HONEST)


def test_the_empty_notebook_is_no_pass(grader):
    form = assignment(*SQUARE)
    result = grader.grade(form, released(form), Submission("erin", NAME, {f"{NAME}.ipynb": notebook()}))
    assert scores(result) == [0]
