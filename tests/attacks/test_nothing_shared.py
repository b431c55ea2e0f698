"""Nothing that can be written is shared by two submissions, and honest programs have all that they need."""

# ruff: noqa: E501 (a cell's text stays in one string)

import contextlib
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.engines import sandbox
from autograder.engines.sandbox import Grader
from autograder.limits import Limits
from autograder.results import State
from autograder.sandbox import host
from autograder.sandbox.confine import KEYS
from tests.attacks.mischief import LOOK, MISCHIEF, WALK
from tests.attacks.test_attacks import HONEST, SQUARE, commands
from tests.autograder.handed_in import answer, assignment, outputs, released, scores, submission, test

ROOT = Path(__file__).parents[2]
PATIENT = Limits(cell=600, total=1200, memory=512 << 20, disk=32 << 20)

# What may be done to what is not the submission's own, and why it does nobody any harm.
ALLOWED = {
    "open for writing": {
        "/dev/null": "what is written there is gone",
        "/dev/zero": "so it is there",
        "/dev/full": "there it fails",
        "/dev/random": "it stirs what can't be foretold anyway",
        "/dev/urandom": "so it does here",
        **{path: "the null device, in the place of a list" for path in KEYS if os.path.exists(path)},
    },
}


def graded(grader, code):
    form = assignment(*SQUARE)
    return grader.grade(form, released(form), submission(form, {"a": code}))


def said(result):
    """What the answer cell printed, or the error that it ended with."""
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs(result)[0])


def answers(grader, code):
    """The JSON that a program printed."""
    result = graded(grader, code)
    assert scores(result) == [1], said(result)
    return json.loads(said(result))


# What can be reached


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A package that belongs to the user whom submissions run as: with those rights only the sandbox is in the way."""
    folder = tmp_path / "planted"
    (folder / "folder").mkdir(parents=True)
    (folder / "file").write_text("as it was")
    if os.geteuid() == 0:
        owner = host._UIDS[os.getpid() % len(host._UIDS)]
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, owner)
    packages = [*sandbox.course_packages(), folder]
    monkeypatch.setattr(sandbox, "course_packages", lambda: packages)
    return folder


@pytest.mark.slow
def test_nothing_can_be_done_to_anything_that_is_not_the_submissions_own(sandboxed, planted):
    before = [path.stat() for path in (planted, *sorted(planted.iterdir()))]
    with Grader(PATIENT) as grader:
        done = answers(grader, WALK)
    assert done.pop("seen") > 1000
    expected = {what: sorted(paths) for what, paths in ALLOWED.items()}
    assert {what: sorted(paths[1:]) for what, paths in done.items()} == expected
    assert [path.stat() for path in (planted, *sorted(planted.iterdir()))] == before


def test_only_the_own_folders_can_be_written_and_they_are_the_submissions_alone(attack):
    code = """
import os
def mounts():
    top = {}  # of those at one place the last hides the others
    for line in open("/proc/self/mountinfo"):
        _, _, device, _, place, options = line.split()[:6]
        top[place] = device, options.split(",")[0], line.split(" - ")[1].split()[0]
    return [(place, device, kind) for place, (device, access, kind) in top.items() if access != "ro"]
def devices():
    return [os.stat(place).st_dev for place in ("/tmp", "/home/student", "/dev/shm", "/", "/dev", "/proc")]
"""
    tests = [
        test("t", "assert {place for place, _, _ in mounts()} == {'/tmp', '/home/student', '/dev/shm'}, mounts()"),
        test(
            "u", "assert len({(device, kind) for _, device, kind in mounts()}) == 1\nassert mounts()[0][2] == 'tmpfs'"
        ),
        test("v", "own, others = devices()[:3], devices()[3:]\nassert len(set(own)) == 1 and own[0] not in others"),
    ]
    assert scores(attack([answer("a"), *tests], {"a": code})) == [1, 1, 1]


REFUSED = {
    "x86_64": {
        "inotify_init": (253,), "inotify_init1": (294, 0), "fanotify_init": (300, 0, 0), "io_setup": (206, 1, "out"),
        "add_key": (248, "user", "note", "x", 1, -3), "request_key": (249, "user", "note", 0, -3),
        "keyctl": (250, 0, -3, 1), "memfd_create": (319, "note", 0), "shmget": (29, 0, 4096, 0o1600),
        "semget": (64, 0, 1, 0o1600), "msgget": (68, 0, 0o1600), "mq_open": (240, "note", 0o102, 0o600, 0),
        "io_uring_setup": (425, 1, "out"), "perf_event_open": (298, "out", 0, -1, -1, 0), "vmsplice": (278, 0, 0, 0, 0),
        "setsid": (112,),
    },
    "aarch64": {
        "inotify_init1": (26, 0), "fanotify_init": (262, 0, 0), "io_setup": (0, 1, "out"),
        "add_key": (217, "user", "note", "x", 1, -3), "request_key": (218, "user", "note", 0, -3),
        "keyctl": (219, 0, -3, 1), "memfd_create": (279, "note", 0), "shmget": (194, 0, 4096, 0o1600),
        "semget": (190, 0, 1, 0o1600), "msgget": (186, 0, 0o1600), "mq_open": (180, "note", 0o102, 0o600, 0),
        "io_uring_setup": (425, 1, "out"), "perf_event_open": (241, "out", 0, -1, -1, 0), "vmsplice": (75, 0, 0, 0, 0),
        "setsid": (157,),
    },
}  # fmt: skip


def test_calls_for_what_all_processes_share_are_refused(attack):
    if platform.machine() not in REFUSED:
        pytest.skip("calls are refused on x86-64 and 64-bit ARM")
    code = f"""
import ctypes, errno, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
def passed():
    done = {{}}
    for name, (number, *arguments) in {REFUSED[platform.machine()]!r}.items():
        given = [each.encode() if isinstance(each, str) and each != "out" else each for each in arguments]
        given = [ctypes.create_string_buffer(200) if each == "out" else each for each in given]
        if libc.syscall(number, *given) != -1 or ctypes.get_errno() not in (errno.ENOSYS, errno.EMFILE):
            done[name] = os.strerror(ctypes.get_errno())
    return done
def obtained(path):
    done = []
    for how in os.O_RDONLY, os.O_RDWR:
        try:
            descriptor = os.open(path, how | os.O_CREAT if path.startswith("/tmp") else how)
        except OSError:
            continue
        for what, argument in (1024, 0), (1024, 1), (1026, 0x8000003f), (1036, bytes(8)), (1038, bytes(8)):
            try:
                fcntl.fcntl(descriptor, what, argument)
                done.append((what, argument))
            except OSError:
                pass
        os.close(descriptor)
    return done
def terminals():
    there = [path for path in ("/dev/ptmx", "/dev/pts", "/dev/tty", "/dev/console", "/dev/kmsg", "/dev/mqueue", "/dev/fuse", "/dev/kvm") if os.path.lexists(path)]
    try:
        return there + [os.openpty()]
    except OSError:
        return there
"""
    tests = [
        test("t", "assert passed() == {}, passed()"),
        test("u", "for path in ('/dev/null', '/etc/ld.so.cache', '/tmp', '/tmp/mine'):\n    assert obtained(path) == [], path"),
        test("v", "assert terminals() == [], terminals()"),
    ]  # fmt: skip
    assert scores(attack([answer("a"), *tests], {"a": code})) == [1, 1, 1]


def test_abstract_sockets_are_the_submissions_own(attack):
    name = f"cnn-companion-{os.getpid()}"
    code = f"""
import socket
def reached():
    with socket.socket(socket.AF_UNIX) as other:
        try:
            other.connect("\\0{name}")
        except ConnectionRefusedError:
            return False
        return True
def own():
    with socket.socket(socket.AF_UNIX) as place, socket.socket(socket.AF_UNIX) as other:
        place.bind("\\0{name}")
        place.listen()
        other.connect("\\0{name}")
        return [line.split()[-1] for line in open("/proc/net/unix") if "@" in line]
"""
    tests = [test("t", "assert not reached()"), test("u", f"assert set(own()) == {{'@{name}'}}")]
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind(f"\0{name}")
        ours.listen()
        assert scores(attack([answer("a"), *tests], {"a": code})) == [1, 1]


# What honest programs do

HONEST_PROGRAMS = {
    "temporary files": "import tempfile\nwith tempfile.TemporaryDirectory() as d, tempfile.NamedTemporaryFile(dir=d) as f:\n    f.write(b'x' * 10)\n    f.flush()\n    well = os.path.getsize(f.name) == 10\nwith tempfile.TemporaryFile() as f:\n    well = well and f.write(b'x') == 1",
    "a database in a file": "import sqlite3\nfor mode in 'delete', 'wal':\n    with sqlite3.connect(f'{mode}.db') as base:\n        base.execute(f'pragma journal_mode={mode}')\n        base.execute('create table t (x)')\n        base.execute('insert into t values (9)')\n    base.close()\nwell = [sqlite3.connect(f'{m}.db').execute('select x from t').fetchall() for m in ('delete', 'wal')] == [[(9,)]] * 2",
    "another Python": "import subprocess, sys\ndone = subprocess.run([sys.executable, '-c', 'print(input()[::-1])'], input='abc', capture_output=True, text=True)\nwell = done.stdout == 'cba\\n'",
    "locks on an own file": "import fcntl\nwith open('mine', 'w') as f:\n    for how in fcntl.LOCK_EX, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_UN:\n        fcntl.flock(f, how)\n        fcntl.lockf(f, how)\nwell = True",
    "a pool of processes": "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    well = pool.map(abs, range(-9, 0)) == list(range(9, 0, -1))",
    "processes with a queue, a lock and a value": "import multiprocessing as mp\nqueue, lock, value = mp.Queue(), mp.Lock(), mp.Value('i', 0)\ndef work():\n    for _ in range(100):\n        with lock: value.value += 1\n    queue.put(os.getpid())\nworkers = [mp.Process(target=work) for _ in range(3)]\nfor each in workers: each.start()\npids = {queue.get() for _ in workers}\nfor each in workers: each.join()\nwell = len(pids) == 3 and value.value == 300",
    "a manager of processes": "import multiprocessing as mp\nwith mp.Manager() as manager:\n    shared = manager.dict()\n    worker = mp.Process(target=shared.update, args=({'a': 1},))\n    worker.start(); worker.join()\n    well = dict(shared) == {'a': 1}",
    "shared memory": "from multiprocessing import shared_memory\nfirst = shared_memory.SharedMemory(create=True, size=64)\nsecond = shared_memory.SharedMemory(first.name)\nnp.ndarray(8, buffer=first.buf)[:] = 7\nwell = np.ndarray(8, buffer=second.buf).sum() == 56\nsecond.close(); first.close(); first.unlink()",
    "executors": "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as t, ProcessPoolExecutor(2) as p:\n    well = sum(t.map(abs, [-1, -2])) == sum(p.map(abs, [-1, -2])) == 3",
    "asyncio with a program": "import asyncio, sys\nasync def main():\n    done = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(1)', stdout=-1)\n    return (await done.communicate())[0]\nwell = asyncio.run(main()) == b'1\\n'",
    "arrays in files": "a = np.memmap('a.bin', np.float32, 'w+', shape=(10, 10))\na[3] = 2\na.flush()\nnp.save('b.npy', a)\nnp.savez('c.npz', a=a)\nwell = np.memmap('a.bin', np.float32, 'r').sum() == np.load('b.npy', mmap_mode='r').sum() == np.load('c.npz')['a'].sum() == 20",
    "devices": "with open('/dev/null', 'w') as f: f.write('x')\nwith open(os.devnull) as f: well = f.read() == ''\nwith open('/dev/urandom', 'rb') as f: well = well and len(f.read(9)) == 9\nwith open('/dev/zero', 'rb') as f: well = well and f.read(3) == bytes(3)\nwell = well and len(os.urandom(5)) == 5",
    "pictures": "import io\nimport matplotlib.pyplot as plt\nfrom PIL import Image\nplt.imshow(np.eye(4))\nplt.savefig('p.png'); plt.savefig(io.BytesIO(), format='svg'); plt.savefig('p.pdf')\nImage.fromarray(np.zeros((4, 4), np.uint8)).save('q.png')\nwell = plt.imread('p.png').ndim == 3 and Image.open('q.png').size == (4, 4)",
    "files and folders": "import pathlib, shutil, zipfile\np = pathlib.Path('d/e'); p.mkdir(parents=True)\n(p / 'f').write_text('x'); os.chmod(p / 'f', 0o600); os.utime(p / 'f', (10**9, 10**9)); os.link(p / 'f', 'l'); os.symlink('l', 's')\nshutil.copytree('d', 'g'); os.replace('g/e/f', 'h'); shutil.make_archive('z', 'zip', 'd'); os.rename('d', 'k')\nwell = pathlib.Path('s').read_text() == 'x' and zipfile.ZipFile('z.zip').namelist() == ['e/', 'e/f']",
    "sockets": "import socket, socketserver, threading\nleft, right = socket.socketpair()\nleft.sendall(b'x')\nwith socket.socket(socket.AF_UNIX) as place, socket.socket(socket.AF_UNIX) as other:\n    place.bind('/tmp/place'); place.listen(); other.connect('/tmp/place')\n    well = right.recv(1) == b'x' and bool(place.accept())",
    "a log": "import logging.handlers\nlog = logging.getLogger('mine')\nlog.addHandler(logging.handlers.RotatingFileHandler('x.log', maxBytes=100, backupCount=2))\nfor n in range(60): log.warning('line %d', n)\nwell = sorted(f for f in os.listdir() if 'log' in f) == ['x.log', 'x.log.1', 'x.log.2']",
    "what it may know of itself": "import resource, platform, socket, threading, time\nwell = all([platform.platform(), socket.gethostname(), time.process_time(), resource.getrusage(0), threading.get_native_id(), os.cpu_count(), os.getloadavg(), open('/proc/meminfo').read(), open('/proc/self/status').read()])",
    "signals": "import signal, threading\ngot = []\nsignal.signal(signal.SIGUSR1, lambda *a: got.append(1))\nos.kill(os.getpid(), signal.SIGUSR1)\nos.nice(1)\nwell = got == [1] and os.nice(0) == 1",
    "watching descriptors": "import select, selectors\nr, w = os.pipe()\nwith selectors.DefaultSelector() as s:\n    s.register(r, selectors.EVENT_READ)\n    os.write(w, b'x')\n    well = len(s.select(1)) == 1\nepoll = select.epoll(); epoll.register(r)\nwell = well and epoll.poll(1) == [(r, 1)]",
}  # fmt: skip


@pytest.mark.parametrize("program", HONEST_PROGRAMS)
def test_honest_programs_have_what_they_need(attack, program):
    code = f"import os\nimport numpy as np\n{HONEST_PROGRAMS[program]}\ndef is_well(): return bool(well)"
    result = attack([answer("a"), test("t", "assert is_well()")], {"a": code})
    assert (scores(result), result.state) == ([1], State.GRADED), said(result)


@pytest.mark.slow
def test_models_can_be_saved_and_loaded(attack):
    code = """
import h5py, keras, os
import numpy as np
keras.utils.set_random_seed(1)
def made(): return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])
model, x = made(), np.ones((8, 4), np.float32)
model.compile("adam", "mse")
saved = [keras.callbacks.ModelCheckpoint("best.keras"), keras.callbacks.CSVLogger("log.csv")]
model.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=saved)
model.save("m.keras"); model.save("m.h5"); model.save_weights("m.weights.h5")
again = made()
again.load_weights("m.weights.h5")
with h5py.File("mine.h5", "w") as file: file["x"] = x
with h5py.File("mine.h5") as file, h5py.File("m.weights.h5") as weights: well = file["x"][:].sum() == 32 and len(weights) > 0
shown = [each.predict(x, verbose=0).sum() for each in (model, again, keras.models.load_model("m.keras"), keras.models.load_model("best.keras"), keras.models.load_model("m.h5", compile=False))]
def is_well(): return bool(well) and float(np.ptp(shown)) < 1e-5 and os.path.getsize("log.csv") > 0
"""
    result = attack([answer("a"), test("t", "assert is_well()")], {"a": code})
    assert scores(result) == [1], said(result)


# One after the other, and at the same time


@pytest.fixture(scope="module")
def alone(sandboxed):
    """What comes of the honest program when it is graded by itself."""
    with Grader(PATIENT) as grader:
        result = graded(grader, LOOK)
    assert scores(result) == [1], said(result)
    failed = {
        what: seen for what, seen in json.loads(said(result)).items() if isinstance(seen, str) and "Error" in seen
    }
    assert failed == {}
    return result


def test_an_honest_submission_after_a_hostile_one_is_as_if_alone(alone, limited):
    patient = limited(PATIENT)
    graded(patient, HONEST["a"])
    warm = {server.pid for server in (*patient._sandboxes.values(), *patient._evaluators.values())}
    for hostile in (MISCHIEF.replace(" close_folders,", ""), MISCHIEF):
        graded(patient, hostile)
        check_as_if_alone(graded(patient, LOOK), alone, one_user=os.geteuid() != 0)
    # Nothing had to be started anew: that too would have been its doing.
    assert warm == {server.pid for server in (*patient._sandboxes.values(), *patient._evaluators.values())}


@contextlib.contextmanager
def going_on(name):
    """A hostile submission that another process grades, and that has done its worst and goes on meanwhile."""
    code = f"{MISCHIEF}\nlibc.prctl(15, b'{name}', 0, 0, 0)\nwhile True:\n    time.sleep(1000)"
    grading = f"from tests.attacks.test_nothing_shared import *\nwith Grader(PATIENT) as grader:\n    graded(grader, {code!r})"
    other = subprocess.Popen([sys.executable, "-c", grading], cwd=ROOT, start_new_session=True)
    try:
        deadline = time.monotonic() + 300
        while name not in commands():
            assert other.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it has not come so far"
            time.sleep(0.05)
        yield other
        assert name in commands(), "it did not go on"
    finally:
        os.killpg(other.pid, signal.SIGKILL)
        other.wait()


def test_an_honest_submission_beside_a_hostile_one_is_as_if_alone(alone):
    with going_on(f"hostile-{os.getpid() % 10**7}") as other, Grader(PATIENT) as grader:
        beside = graded(grader, LOOK)
    is_one_user = os.geteuid() != 0 or (os.getpid() - other.pid) % len(host._UIDS) == 0
    check_as_if_alone(beside, alone, one_user=is_one_user)


def check_as_if_alone(result, alone, *, one_user):
    """Compare two results of the honest program; `one_user` runs other processes at the same time.

    The kernel counts some things by user: a pipe may be smaller then, and descriptors stay where they are.
    """
    seen, expected = json.loads(said(result)), json.loads(said(alone))
    if one_user:
        assert (scores(result), result.state, result.reasons) == ([1], State.GRADED, ())
        seen |= {what: expected[what] for what in ("pipes", "passed on")}
    assert {what: (seen[what], expected[what]) for what in expected if seen[what] != expected[what]} == {}
    assert one_user or result == alone


# When the sandbox can't be set up


@pytest.fixture
def breaking(tmp_path, monkeypatch):
    """Breaks one function of the sandbox, in a copy of it that is used from then on."""
    copy = tmp_path / "autograder"
    shutil.copytree(ROOT / "autograder", copy, ignore=shutil.ignore_patterns("__pycache__"))

    def break_it(module, function, how):
        path = copy / "sandbox" / f"{module}.py"
        path.write_text(f"{path.read_text('utf-8')}\n\ndef {function}(*given, **named):\n    {how}\n", "utf-8")
        monkeypatch.setattr(host, "__file__", str(copy / "sandbox" / "host.py"))

    return break_it


OUT_OF_IT = "raise OSError(12, 'Cannot allocate memory')"


@pytest.mark.parametrize(
    ("module", "function", "how"),
    [
        ("confine", "enter_namespaces", OUT_OF_IT),
        ("confine", "enter_namespaces", "os._exit(0)"),
        ("confine", "die_with_parent", OUT_OF_IT),
        ("confine", "mount_own_folders", OUT_OF_IT),
        ("confine", "mount_own_folders", "os._exit(0)"),
        ("confine", "close_all_but", OUT_OF_IT),
        ("confine", "limit_resources", OUT_OF_IT),
        ("confine", "drop_privileges", "os.abort()"),
        ("syscalls", "refuse", OUT_OF_IT),
        ("syscalls", "refuse", "raise MemoryError"),
        ("confine", "silence", "raise SystemExit"),
        ("student", "Student", "raise MemoryError"),
    ],
)
def test_a_fault_of_the_set_up_is_nobodys_and_the_next_one_is_graded(
    sandboxed, breaking, monkeypatch, module, function, how
):
    with Grader(PATIENT) as grader:
        breaking(module, function, f"import os\n    {how}")
        result = graded(grader, HONEST["a"])
        assert (result.state, result.notebooks) == (State.NOT_RUN, ())
        assert "sandbox" in result.reasons[0]
        monkeypatch.undo()
        assert scores(graded(grader, HONEST["a"])) == [1]


def test_a_sandbox_that_lacks_something_is_no_fault_of_the_submissions(sandboxed, monkeypatch):
    with Grader(PATIENT) as grader:
        for name, value, word in (("DEVICES", (), "/dev/null"), ("HOME", "/home/nobody", "/home/student")):
            grader.close()
            with monkeypatch.context() as patch:
                patch.setattr(host, name, value)
                result = graded(grader, HONEST["a"])
            assert (result.state, result.notebooks) == (State.NOT_RUN, ())
            assert word in result.reasons[0]
        grader.close()
        assert scores(graded(grader, HONEST["a"])) == [1]


@pytest.mark.parametrize(
    "limits",
    [{"disk": "much"}, {"processes": "many"}, {"memory": -(256 << 20)}],  # the last leaves no room for the files
)
def test_limits_that_can_not_be_set_or_kept_are_no_fault_of_the_submissions(sandboxed, limits):
    form = assignment(*SQUARE)
    handed_in = submission(form, HONEST, files={"large.bin": bytes(60 << 20)})
    with Grader(Limits(**limits)) as grader:
        result = grader.grade(form, released(form), handed_in)
    assert (result.state, result.notebooks) == (State.NOT_RUN, ())
    assert "not set up" in result.reasons[0]
