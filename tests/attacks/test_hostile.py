"""Attacks by somebody who knows the engine's source: its wire, its namespaces, its names and its reading of notebooks."""

# ruff: noqa: E501 (a cell's text stays in one string)

import ctypes
import json
import math
import platform

import pytest

from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from autograder.results import State, Submission
from tests.attacks.attack import HASTY
from tests.attacks.test_attacks import HONEST, SECRET, SQUARE, WRONG, text
from tests.autograder.handed_in import NAME, answer, assignment, cell, given, own, released, scores, submission, test


def edited(form, answers, change):
    """A submission whose notebook `change` was let loose on."""
    content = json.loads(submission(form, answers).files[f"{NAME}.ipynb"])
    change(content)
    return Submission("mallory", NAME, {f"{NAME}.ipynb": json.dumps(content).encode()})


# What the tests take from the student


@pytest.mark.parametrize("end", ["StopIteration", "StopAsyncIteration", "type('Own', (StopIteration,), {})"])
def test_a_loop_over_results_cannot_be_ended_in_silence(attack, end):
    cells = [
        answer("a"),
        test("t", "assert all(map(lambda n: square(n) == n * n, [2, 3]))"),
        test("u", "for got, wanted in zip(map(square, [2, 3]), [4, 9]):\n    assert got == wanted"),
    ]
    assert scores(attack(cells, {"a": f"def square(n): raise {end}"})) == [0, 0]


@pytest.mark.parametrize("empty", ["[]", "()", "np.zeros(0)", "np.zeros((0, 3))", "np.zeros((3, 0), bool)"])
def test_an_array_without_elements_equals_no_number(attack, empty):
    compared = [
        "assert np.allclose(f(2), 42)",
        "assert np.allclose(a=42, b=f(2))",
        "np.testing.assert_allclose(f(2), 42)",
        "np.testing.assert_array_equal(f(2), 42)",
        "np.testing.assert_almost_equal(f(2), 42)",
        "from numpy.testing import assert_array_less\nassert_array_less(f(2), 42)",
    ]
    cells = [answer("a"), *(test(f"t{n}", f"import numpy as np\n{line}") for n, line in enumerate(compared))]
    assert sum(scores(attack(cells, {"a": f"import numpy as np\ndef f(x): return {empty}"}))) == 0
    right = "import numpy as np\ndef f(x): return 42 if x == 2 else []"
    cells += [test("e", "import numpy as np\nassert np.allclose(f(0), [])\nnp.testing.assert_equal(f(0), [])")]
    assert scores(attack(cells, {"a": right})) == [1, 1, 1, 1, 1, 0, 1]


def test_endless_ranges_do_not_cross(attack):
    cells = [answer("a"), test("t", "assert list(r)[-1] == 3"), test("u", "assert list(s) == [0, 2, 4]")]
    assert scores(attack(cells, {"a": "r = range(*[10**18])\ns = range(*[0, 5, 2])"})) == [None, 1]


def test_the_names_of_another_test_cell_are_not_the_students(attack, grader):
    form = assignment(
        answer("a"), test("t", "expected = 9\nassert square(3) == expected"), test("u", "assert square(3) == expected")
    )
    moved = edited(form, {"a": "def square(n): return 0\nexpected = 0 + 0"}, lambda nb: nb["cells"].reverse())
    assert scores(grader.grade(form, released(form), moved)) == [0, 0]
    assert scores(attack([answer("a"), *json.loads(form.notebooks[NAME])["cells"][1:]], HONEST)) == [1, 1]


def test_a_helper_of_the_courses_is_not_the_students_even_beside_values_that_are(attack):
    setup = "start = first(1)\nlimit = 3\ndef near(a, b):\n    return a == b\ndef check(a, b):\n    assert near(a, b)"
    cells = [given("s", setup), answer("a"), test("t", "check(square(3), 9)")]
    first = own("def first(n): return n")
    forged = "def square(n): return 0\ndef check(a, b): pass\ndef near(a, b): return True"
    result = attack(cells, {"a": forged}, first)
    assert scores(result) == [0]
    assert result.state is State.NEEDS_REVIEW
    quietly = "def square(n): return 0\nglobals().update(check=print, near=max)"
    assert scores(attack(cells, {"a": quietly}, first)) == [0]
    assert scores(attack(cells, HONEST, first)) == [1]


@pytest.mark.parametrize(
    "name", ["__builtins__", "__name__", "__import__", "np", "print", "len", "AssertionError", "check", "_", "ast"]
)
def test_names_that_stand_in_for_the_tests_own_are_of_no_help(attack, name):
    cells = [
        given(
            "s",
            "import numpy as np\ndef check(a, b):\n    if len([a]) == 1 and not a == b:\n        raise AssertionError",
        ),
        answer("a"),
        test("t", "check(square(3), 9)\nassert np.array_equal(square(3), 9)\nprint(square(3))\nassert square(3) == 9"),
    ]
    forged = f"def square(n): return 0\nclass Any:\n    def __getattr__(self, name): return self\n    def __call__(self, *a, **k): return 1\n{name} = Any()"
    assert scores(attack(cells, {"a": forged})) == [0]
    hooked = "import sys\ndef square(n): return 0\ndef __getattr__(name): return 9\nsys.modules['__main__'].__getattr__ = __getattr__"
    assert scores(attack(cells, {"a": hooked})) == [0]


@pytest.mark.parametrize(
    "value",
    [
        "type('C', (), {'__class__': int, '__eq__': lambda s, o: True})()",
        "type('C', (list,), {'__len__': lambda s: 3, '__iter__': lambda s: iter([9])})()",
        "type('C', (dict,), {'__getitem__': lambda s, k: 9, '__eq__': lambda s, o: True})()",
        "type('C', (float,), {'__eq__': lambda s, o: True, '__float__': lambda s: 1.0})(1)",
        "type('C', (tuple,), {'__class__': property(lambda s: int)})([9])",
        "np.ma.masked",
        "np.ma.array([1], mask=[True])",
        "np.zeros(1).view(type('C', (np.ndarray,), {'__array_priority__': 99, '__eq__': lambda s, o: True}))",
        "np.array([(9, 'x')], dtype=[('a', int), ('b', 'U1')])",
        "memoryview(b'9')",
    ],
)
def test_objects_with_a_hostile_class_are_no_9(attack, value):
    cells = [
        answer("a"),
        test("t", "assert result == 9"),
        test("u", "assert square(3) == 9"),
        test("v", "assert one() == 1"),
    ]
    code = f"import numpy as np\nresult = {value}\ndef square(n): return {value}\ndef one(): return 1"
    *wrong, right = scores(attack(cells, {"a": code}))
    assert not any(wrong), "0, or for a person where a class adds to one of Python's"
    assert right == 1


def test_a_function_that_looks_who_calls_learns_only_that_it_is_asked(attack):
    spy = "import sys\ndef square(n):\n    frame, seen = sys._getframe(), []\n    while frame:\n        seen += [frame.f_code.co_filename, *map(str, frame.f_locals.values())]\n        frame = frame.f_back\n    print(seen)\n    return 9 if 'assert' in str(seen) or 'HIDDEN' in str(seen) else 4"
    assert scores(attack(SQUARE, {"a": spy})) == [0]


def test_what_the_hidden_part_asked_does_not_come_back_to_the_learner(attack):
    cells = [
        answer("a"),
        test("h", "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(4711) == 1\n### END HIDDEN TESTS"),
        test("v", "assert square(2) == 4, 'two'"),
        test("w", "result = square(2)\nassert result == 4, f'it is {result}'"),
    ]
    spy = "seen = []\ndef square(n):\n    seen.append(n)\n    if 4711 in seen and seen.count(2) == 2: raise AssertionError(str(seen))\n    return str(seen) if 4711 in seen else 4"
    result = attack(cells, {"a": spy})
    assert scores(result) == [0, 0, 0]
    assert "4711" not in str([part.messages for part in result.notebooks[0].cells])


# The wire

REACH = """
import os, struct, time, msgpack
reach = next(f for f in range(3, 50) if os.path.exists(f"/proc/self/fd/{f}"))
def send(message, buffers=b"", count=0, own=None):
    body = own if own is not None else msgpack.packb(message)
    data = struct.pack("<II", len(body), count) + body + buffers
    while data:
        data = data[os.write(reach, data):]
def good(n=3, **more):
    return {"n": n, "ok": True, "value": 9, "out": "", **more}
def bad(**more):
    return {"n": 3, "ok": False, "error": "ValueError", "name": "ValueError", "message": "", "out": "", **more}
def odd(code, content):
    return good(value=msgpack.ExtType(code, msgpack.packb(content)))
"""


@pytest.mark.parametrize(
    "forgery",
    [
        "os.write(reach, struct.pack('<II', 2**32 - 1, 0))",
        "os.write(reach, struct.pack('<II', 10, 2**32 - 1))",
        "send(good(), struct.pack('<Q', 2**63), 1)",
        "send(good(), struct.pack('<Q', 8) + b'12345678', 1)",
        "send(0, own=b'\\x91' * 900 + b'\\xc0')",
        "send(0, own=b'\\x91' * 100_000 + b'\\xc0')",
        "send(0, own=b'\\xdd\\xff\\xff\\xff\\xff')",
        "send(0, own=b'\\xc1')",
        "send([1, 2])",
        "send({})",
        "send(good(more=1))",
        "send(good(n=1))",
        "send(good(n=4))",
        "send(good(n=True))",
        "send(good(n=2.0))",
        "send(good(ok=1))",
        "send(good(out=b''))",
        "send(odd(7, [0, '|O', [1]]), struct.pack('<Q', 8) + b'12345678', 1)",
        "send(odd(7, [0, '<f8', [2**40, 2**40]]), struct.pack('<Q', 8) + b'12345678', 1)",
        "send(odd(7, [1, '<f8', [1]]), struct.pack('<Q', 8) + b'12345678', 1)",
        "send(odd(8, ['|S3', b'abc']))",
        "send(odd(9, [[2**30], []]))",
        "send(odd(6, [0, 10**15, 1]))",
        "send(odd(10, ['own', 0]))",
        "send(odd(10, ['function', ['0', 'f']]))",
        "send(odd(10, ['exception', ['E', 'SystemExit']]))",
        "send(odd(10, ['model', [0, '{}', []]]))",
        "send(odd(10, ['object', [0, 'C', ['eq']]]))",
        "send(odd(10, ['class', [0, 'C', []]]))",
        "send(odd(10, ['tests', 1]))",
        "send(odd(11, ['Counter', [[[1], 2]]]))",
        "send(odd(11, ['named tuple', ['A', ['1+1'], [1]]]))",
        "send(odd(11, ['type', ['os.system']]))",
        "send(odd(11, ['keys', [[{}]]]))",
        "send(odd(12, [[2**30], []]))",
        "send(odd(13, [0, [['a', '|O']], [1]]), struct.pack('<Q', 8) + b'12345678', 1)",
        "send({'n': 3, 'call': 1, 'positional': [], 'named': {}})",
        "send(odd(99, 1))",
        "send(good(value=msgpack.Timestamp(1)))",
        "send(bad(error=b'ValueError'))",
        "send(bad(value=9))",
        "send(bad(error='SystemExit', name='SessionLostError', message='x' * 100_000))",
        "send(bad(error='KeyboardInterrupt', name='TimeUp'))",
        "send(bad(error='TimeUp', name='TimeUp'))",
        "[send(good(out='x' * 100_000)) for _ in range(20)]",
        "os.close(reach)",
        "os.dup2(os.open('/dev/zero', os.O_RDONLY), reach)",
        "__import__('socket').socket(fileno=reach).shutdown(2)",
    ],
)
def test_forged_messages_end_the_session_and_nothing_else(attack, forgery):
    code = f"{REACH}\ncalls = []\ndef square(n):\n    calls.append(n)\n    {forgery}\n    return 4"
    cells = [
        answer("a"),
        test("t", "assert one() == 1"),
        test("u", "assert square(2) == 5"),
        test("v", "assert square(2) == 6"),
    ]
    result = attack(cells, {"a": f"{code}\ndef one(): return 1"})
    assert scores(result) == [1, 0, 0]
    assert result.state in (State.FAILED, State.GRADED)
    assert scores(attack(SQUARE, HONEST)) == [1]


def test_a_reply_after_its_time_is_not_taken_for_the_next(hasty_attack):
    late = f"import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ndef slow(n):\n    time.sleep({HASTY + 1})\n    return 9\ndef square(n): return 4"
    cells = [
        answer("a"),
        test("t", "try:\n    slow(1)\nexcept BaseException:\n    pass\nassert square(3) == 9"),
        test("u", "assert square(3) == 9"),
    ]
    assert scores(hasty_attack(cells, {"a": late})) == [0, 0]


# The sandbox


def test_calls_that_reach_beyond_the_namespaces_are_refused(attack):
    numbers = {"x86_64": [250, 248, 319, 29, 425, 101, 112], "aarch64": [219, 217, 279, 194, 425, 117, 157]}
    if platform.machine() not in numbers:
        pytest.skip("calls are refused on x86-64 and 64-bit ARM")
    code = """
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def made(numbers):
    done = []
    for number in numbers:
        if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.ENOSYS:
            done.append(number)
    return done
def families():
    opened = []
    for family in range(46):
        try:
            socket.socket(family, socket.SOCK_DGRAM).close()
            opened.append(family)
        except OSError:
            pass
    return opened
"""
    tests = [
        test("t", f"assert made({numbers[platform.machine()]}) == []"),
        test("u", "assert set(families()) <= {1, 2, 10}"),
    ]
    assert scores(attack([answer("a"), *tests], {"a": code})) == [1, 1]


def test_a_key_of_the_graders_session_is_not_in_reach(attack):
    if platform.machine() != "x86_64":
        pytest.skip("the numbers of the calls are those of x86-64")
    add_key, keyctl, session = 248, 250, -3
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(keyctl, 1, None)  # a session of our own, which warm processes started from here on inherit
    if libc.syscall(add_key, b"user", b"note-4711", b"secret", 6, session) < 0:
        pytest.skip("this kernel keeps no keys")
    code = "import ctypes\nlibc = ctypes.CDLL(None)\ndef found(): return libc.syscall(250, 10, -3, b'user', b'note-4711', 0)"
    form = assignment(answer("a"), test("t", "assert found() == -1"))
    with Grader() as grader:
        assert scores(grader.grade(form, released(form), submission(form, {"a": code}))) == [1]


@pytest.mark.parametrize(
    "hidden",
    [
        # pages that two processes share, a thousand sockets with their buffers, tables of 600 GiB of nothing
        "import mmap\nm = mmap.mmap(-1, 900 << 20)\nfork(0)\nfor k in range(0, 900 << 20, 4096):\n    m[k] = 1",
        "import socket\ndef fill():\n    kept = []\n    try:\n        while True:\n            kept += socket.socketpair()\n    except OSError:\n        return kept\nkept = [fork(1) for _ in range(10)]",
        "import mmap\nkept = []\nfor _ in range(600):\n    kept.append(mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ))\n    for k in range(0, 1 << 30, 1 << 21):\n        kept[-1][k]",
    ],
)
def test_memory_that_does_not_look_like_it_counts_too(limited, hidden):
    fork = "import os, time\ndef fork(fills):\n    if os.fork() == 0:\n        kept = fill() if fills else 0\n        time.sleep(1000)\n"
    form = assignment(*SQUARE)
    code = f"{fork}{hidden}\ntime.sleep(1000)\ndef square(n): return n * n"
    grader = limited(Limits(cell=300, total=600, memory=512 << 20))  # filling it takes long on a busy machine
    result = grader.grade(form, released(form), submission(form, {"a": code}))
    assert result.state is State.FAILED
    assert "memory" in result.reasons[0]


@pytest.mark.parametrize("calls", [[319], [29, 30]])
def test_memory_outside_of_processes_is_not_to_be_had(attack, calls):
    if platform.machine() != "x86_64":
        pytest.skip("the numbers of the calls are those of x86-64")
    code = f"import ctypes\nlibc = ctypes.CDLL(None)\ndef made(): return [libc.syscall(n, 0, 1 << 20, 0o1600) for n in {calls}]"
    assert scores(attack([answer("a"), test("t", "assert set(made()) == {-1}")], {"a": code})) == [1]


def test_many_busy_processes_leave_the_processors_to_others(limited):
    hog = """
import os, time
def behind():
    for _ in range(8):
        if os.fork() == 0:
            while True: pass
    while os.sched_getscheduler(0) != os.SCHED_IDLE:
        time.sleep(0.02)
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        pass
    return os.sched_getscheduler(0) == os.SCHED_IDLE
"""
    form = assignment(answer("a"), test("t", "assert behind()"))
    patient = limited(Limits(cell=600, total=1200))  # it waits for the others itself then
    assert scores(patient.grade(form, released(form), submission(form, {"a": hog}))) == [1]


@pytest.mark.parametrize(
    "end",
    [
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
        "import ctypes, os\nctypes.CDLL(None).prctl(22, 1, 0, 0, 0)\nos._exit(3)",
    ],
)
def test_an_end_of_ones_own_making_is_never_taken_for_a_fault_of_the_machine(limited, end):
    form = assignment(*SQUARE)
    patient = limited(Limits(cell=300, total=600))  # a second of processor time takes long on a busy machine
    result = patient.grade(form, released(form), submission(form, {"a": end}))
    assert result.state is State.FAILED
    assert scores(result) == [0]


def test_the_systems_programs_give_no_rights(attack):
    code = """
import os, subprocess
def flags():
    status = open("/proc/self/status").read()
    return os.statvfs("/usr/bin").f_flag, status.split("NoNewPrivs:")[1].split()[0]
def who():
    !id -u > who.txt
    return open("who.txt").read().strip()
def written():
    return subprocess.run(["touch", "/usr/bin/x"], stderr=subprocess.DEVNULL).returncode
"""
    tests = [
        test(
            "flags",
            "import os\nflag, kept = flags()\nassert flag & os.ST_NOSUID and flag & os.ST_RDONLY and kept == '1'",
        ),
        test("who", "assert who() == '1000'"),
        test("written", "assert written() != 0"),
    ]
    assert scores(attack([answer("a"), *tests], {"a": code})) == [1, 1, 1]


def test_neither_the_watchdog_nor_others_can_be_reached(attack):
    code = """
import os, signal
def reached():
    got = []
    for pid in range(2, 400):
        if pid != os.getpid():
            for action in (lambda: os.kill(pid, 0), lambda: open(f"/proc/{pid}/mem"), lambda: os.sched_setaffinity(pid, {0})):
                try:
                    action()
                    got.append(pid)
                except OSError:
                    pass
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass
    return got + [os.getppid()]
"""
    assert scores(attack([answer("a"), test("t", "assert reached() == [0]")], {"a": code})) == [1]


def test_links_that_the_code_makes_lead_nowhere(attack):
    code = """
import os
os.symlink("/", "root"); os.symlink("/proc/1/root", "/tmp/r"); os.symlink("/engine", "e")
def seen():
    return [p for p in ("root/etc/passwd", "/tmp/r/etc/passwd", "e/autograder/trusted/evaluate.py", "e/autograder/checks.py", "root/work") if os.path.exists(p)]
"""
    assert scores(attack([answer("a"), test("t", "assert seen() == []")], {"a": code})) == [1]


def test_the_warm_process_cannot_be_poisoned(attack):
    poison = """
import builtins, gc, os, sys, ctypes, numpy as np
np.allclose = np.array_equal = builtins.len = builtins.isinstance = lambda *a: True
sys.modules["autograder.wire.frames"].pack = None
np.pi = 3
for f in range(3, 200):
    for data in (b'{"limits": {}}', b"x" * 1000):
        try: os.write(f, data)
        except OSError: pass
def square(n): return 9
"""
    attack(SQUARE, {"a": poison})
    honest = "import numpy as np, builtins\nassert np.pi > 3.1 and len([1, 2]) == 2 and not np.allclose(1, 2)\ndef square(n): return n * n"
    assert scores(attack(SQUARE, {"a": honest})) == [1]


def test_modules_in_the_folder_where_the_command_is_given_are_not_loaded(sandboxed, tmp_path, monkeypatch):
    for name in ("msgpack", "numpy", "json", "ast"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)
    form = assignment(*SQUARE)
    with Grader() as grader:
        assert scores(grader.grade(form, released(form), submission(form, HONEST))) == [1]
    assert not (tmp_path / "loaded").exists()


# The notebook


@pytest.mark.parametrize(
    ("change", "score"),
    [
        (
            lambda nb: nb["cells"][0].update(
                attachments={"a": 1, "b": {"image/png": [1]}, "c": {"text/html": "<script>"}}
            ),
            1,
        ),
        (lambda nb: nb["cells"][0].update(id="x" * 1_000_000), 1),
        (lambda nb: [each.update(id="same") for each in nb["cells"]], 1),
        (
            lambda nb: nb["cells"][0].update(metadata=nb["cells"][0]["metadata"] | {"x" * 1_000_000: [[[]]] * 100_000}),
            1,
        ),
        (
            lambda nb: nb["cells"][0]["metadata"]["nbgrader"].update(
                points=math.nan, grade_id="a", schema_version="\ud800"
            ),
            1,
        ),
        (lambda nb: nb["cells"][1]["metadata"]["nbgrader"].update(points=-1e308, grade=False, solution=True), 1),
        (lambda nb: nb["cells"][1]["metadata"].update(nbgrader=[{"grade_id": "t"}]), 1),
        (lambda nb: nb["cells"][1]["metadata"]["nbgrader"].update(grade_id=["t"]), 1),
        (lambda nb: nb["cells"][0].update(source=[*HONEST["a"].splitlines(True), "\n# \ud800\x00"[:4]]), 1),
        (lambda nb: nb["cells"][0].update(source=[["def"]]), 0),
        (lambda nb: nb["cells"][0].update(source={"a": 1}), 0),
        (
            lambda nb: nb["cells"].extend(
                [None, 1, "x", [], {}, {"cell_type": "code"}, {"cell_type": "heading"}] * 100
            ),
            1,
        ),
        (lambda nb: nb["cells"].extend([own("pass")] * 100_000), 0),
        (lambda nb: nb["cells"].append(own("x = '" + "y" * 3_000_000 + "'")), 0),
        (lambda nb: nb.update(metadata=math.nan), 1),
        (
            lambda nb: nb.update(metadata={"kernelspec": {"name": "../../evil"}, "cnn_companion": {"state": "graded"}}),
            1,
        ),
        (lambda nb: nb.update(nbformat="4"), 0),
        (lambda nb: nb.update(nbformat=True), 0),
        (lambda nb: nb.update(nbformat=4.0, nbformat_minor=-1), 1),
        (lambda nb: nb.update(nbformat=3, worksheets=[{"cells": [1]}]), 0),
        (lambda nb: nb.update(cells={"0": nb["cells"][0]}), 0),
        (lambda nb: nb.update(junk=[{}] * 1_000_000), 1),
        (lambda nb: nb.update(junk=[{}] * 3_000_000), 0),
    ],
)
def test_an_odd_notebook_has_one_result_and_harms_nobody(grader, change, score):
    form = assignment(*SQUARE)
    result = grader.grade(form, released(form), edited(form, HONEST, change))
    assert scores(result) == [score]
    assert result.points == 1
    assert (result.state is State.FAILED) >= (score == 0 and "quiz.ipynb" in str(result.reasons))
    assert json.loads(result.notebooks[0].graded)["cells"]
    assert len(result.notebooks[0].graded) < 3_000_000


@pytest.mark.parametrize(
    "raw",
    [
        b'{"nbformat": 4, "cells": [' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"]}",
        b'{"nbformat": 4, "cells": ' + b"1" * 10_000 + b"}",
        b'{"nbformat": 4, "cells": [], "cells": [NaN, Infinity, -0.0]}',
        b"\xef\xbb\xbf" * 2 + b"{}",
        '{"nbformat": 4, "cells": []}'.encode("utf-16"),
        b"\x00" * 1000,
        b"[" * 3_000_000 + b"]" * 3_000_000,
    ],
)
def test_bytes_that_only_look_like_a_notebook_fail_with_a_reason(grader, raw):
    form = assignment(*SQUARE)
    result = grader.grade(form, released(form), Submission("mallory", NAME, {f"{NAME}.ipynb": raw}))
    assert result.state is State.FAILED
    assert scores(result) == [0]


def test_keys_that_collide_do_not_hold_up_the_tests(hasty_attack):
    chosen = ", ".join(f"{(2**61 - 1) * n}: 0" for n in range(1, 60_000))
    cells = [answer("a"), test("t", "assert 1 in d"), test("u", "assert square(3) == 9")]
    result = hasty_attack(cells, {"a": f"d = {{{chosen}}}"})
    assert scores(result) == [0, 0]
    assert result.state in (State.GRADED, State.FAILED)


def test_files_can_stand_in_no_others_place_and_may_be_large(attack, grader):
    cells = [answer("a"), test("t", "assert open('d/data.txt').read() == '4'\nassert square(2) == 4")]
    form = assignment(*cells, files={"d/data.txt": b"4"})
    code = "def square(n): return int(open('d/data.txt').read())"
    for files in (
        {"d": b"5"},
        {"d/data.txt": b"5"},
        {"d/data.txt/x": b"5"},
        {"x": b"5", "x/y": b"6"},
        {"big.bin": b"1" * (20 << 20)},
    ):
        result = grader.grade(form, released(form), submission(form, {"a": code}, files=files))
        assert (scores(result), result.state) == ([1], State.GRADED)


def test_a_picture_in_an_answer_stays_and_nothing_else_does(grader):
    form = assignment(cell("m", "Write.", "markdown", grade=True, solution=True, locked=False, points=2), *SQUARE)
    kept = {"a.png": {"image/png": "aGVsbG8="}}
    content = {**kept, "b.html": {"text/html": "aGVsbG8="}, "c.png": {"image/png": '"><script>x</script>'}, "d": 1}
    result = grader.grade(
        form, released(form), edited(form, {"m": "text"}, lambda nb: nb["cells"][0].update(attachments=content))
    )
    graded = json.loads(result.notebooks[0].graded)["cells"][0]["attachments"]
    assert {name: bundle for name, bundle in graded.items() if bundle} == kept


def test_the_marker_of_a_hidden_test_is_in_no_error_that_the_student_can_print(attack):
    cells = [answer("a"), test("t", f"### BEGIN HIDDEN TESTS\nassert f('{SECRET}') == 1\n### END HIDDEN TESTS")]
    result = attack(cells, {"a": "def f(x): raise ValueError(x)"})
    assert SECRET in text(result)  # for the instructor
    assert SECRET not in str([part.messages for part in result.notebooks[0].cells])
    assert scores(attack(SQUARE, WRONG)) == [0]
