"""Students' programs that try what could reach other submissions, and an honest one that would notice.

Each is the text of an answer cell. They speak for themselves by printing one line of JSON.
"""

# ruff: noqa: E501 (a cell's text stays in one string)

# Every path that can be seen, and everything that could change it, hold it, or learn of others by it.
WALK = """
import collections, ctypes, fcntl, json, os, socket, stat, struct
assert os.getpid() == 1 and os.path.isdir("/engine"), "never outside of the sandbox"
OWN = ("/tmp", "/dev/shm", "/home/student", f"/proc/{os.getpid()}", "/proc/self", "/proc/thread-self")
READ, WRITE, UNLOCKED = fcntl.F_RDLCK, fcntl.F_WRLCK, fcntl.F_UNLCK
OFD_GETLK, OFD_SETLK, SETLEASE, NOTIFY, SET_HINT, SETFLAGS = 36, 37, 1024, 1026, 1036, 0x40086602
libc = ctypes.CDLL(None, use_errno=True)
watcher = libc.inotify_init()
found, seen = collections.defaultdict(list), 0

def attempt(what, path, action, *arguments, **named):
    try:
        done = action(*arguments, **named)
    except OSError:
        return
    if done is not False:
        found[what].append(path)

def paths(top="/"):
    yield top, os.lstat(top).st_mode
    try:
        entries = list(os.scandir(top))
    except OSError:
        return
    for entry in entries:
        if not entry.path.startswith(tuple(f"{own}/" for own in OWN)) and entry.path not in OWN:
            if entry.is_dir(follow_symlinks=False):
                yield from paths(entry.path)
            else:
                yield entry.path, entry.stat(follow_symlinks=False).st_mode

def opened(path, how):
    return os.open(path, how | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW)

def write(path):
    os.close(opened(path, os.O_WRONLY))

def make(path, how):
    os.close(os.open(path, how | os.O_WRONLY, 0o600))

def move(path):
    os.rename(path, path + "~")
    os.rename(path + "~", path)

def bind(path):
    with socket.socket(socket.AF_UNIX) as place:
        place.bind(path)

def lock(kind):
    return struct.pack("hhqqi4x", kind, 0, 0, 1, 0)

def hold(descriptors, kind):  # whether another one sees the lock; the sandbox pretends to give some
    fcntl.fcntl(descriptors[0], OFD_SETLK, lock(kind))
    there = struct.unpack("hhqqi4x", fcntl.fcntl(descriptors[1], OFD_GETLK, lock(WRITE)))[0]
    fcntl.fcntl(descriptors[0], OFD_SETLK, lock(UNLOCKED))
    return there != UNLOCKED

def hold_whole(descriptors):
    fcntl.flock(descriptors[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        fcntl.flock(descriptors[1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False

def hold_all(path, how):
    descriptors = [opened(path, how) for _ in range(2)]
    try:
        for kind, what in (READ, "read lock"), (WRITE, "write lock"):
            attempt(what, path, hold, descriptors, kind)
            attempt(what.replace("lock", "lease"), path, fcntl.fcntl, descriptors[0], SETLEASE, kind)
        attempt("flock", path, hold_whole, descriptors)
        attempt("be told of changes", path, fcntl.fcntl, descriptors[0], NOTIFY, 2)
        attempt("hint", path, fcntl.fcntl, descriptors[0], SET_HINT, struct.pack("Q", 3))
        attempt("flags", path, fcntl.ioctl, descriptors[0], SETFLAGS, struct.pack("q", 0x80))
    finally:
        for descriptor in descriptors:
            os.close(descriptor)

for path, mode in paths():
    seen += 1
    if stat.S_ISDIR(mode):
        for kind, how in ("a file", os.O_CREAT | os.O_EXCL), ("a file without a name", os.O_TMPFILE):
            attempt(f"make {kind}", path, make, path + "/made" if how & os.O_CREAT else path, how)
        attempt("make a folder", path, os.mkdir, path + "/made-folder")
        attempt("make a link", path, os.symlink, "/", path + "/made-link")
        attempt("make a pipe", path, os.mkfifo, path + "/made-pipe")
        if len(path) < 90:
            attempt("make a socket", path, bind, path + "/made-socket")
    else:
        attempt("open for writing", path, write, path)
    if not stat.S_ISLNK(mode):
        attempt("change the mode", path, os.chmod, path, 0o777)
    attempt("change the owner", path, os.chown, path, os.getuid(), os.getgid(), follow_symlinks=False)
    attempt("change the times", path, os.utime, path, follow_symlinks=False)
    attempt("set an attribute", path, os.setxattr, path, "user.note", b"1", follow_symlinks=False)
    attempt("link out of it", path, os.link, path, "/tmp/link", follow_symlinks=False)
    attempt("link beside it", path, os.link, path, path + "~", follow_symlinks=False)
    attempt("rename", path, move, path)
    if watcher >= 0:
        attempt("watch", path, lambda: libc.inotify_add_watch(watcher, os.fsencode(path), 2) >= 0)
    for how in os.O_RDONLY, os.O_RDWR:
        try:
            hold_all(path, how)
        except OSError:
            pass
for path in "/course/planted/file", "/course/planted/folder":
    attempt("remove", path, os.rmdir if path.endswith("folder") else os.unlink, path)
    seen += os.path.exists(path)
print(json.dumps({"seen": seen, **{what: [len(paths), *paths[:20]] for what, paths in found.items()}}))
def square(n): return n * n
"""

# Everything that could be left behind, or taken away from others meanwhile.
MISCHIEF = """
import builtins, ctypes, fcntl, os, resource, signal, socket, struct, sys, threading, time
import numpy as np
assert os.getpid() == 1 and os.path.isdir("/engine"), "never outside of the sandbox"
libc = ctypes.CDLL(None, use_errno=True)
kept, quietly = [], __import__("contextlib").suppress(Exception)
folders = ["/tmp", "/dev/shm", "/home/student", "/", "/dev", "/etc", "/usr", "/usr/lib", "/course", "/course/companion", "/engine", "/packages", "/packages/0", "/proc", "/proc/1", "/proc/sys/kernel", "/proc/pressure", os.path.dirname(np.__file__), os.path.dirname(os.__file__)]
shared = ["/dev/null", "/dev/zero", "/dev/urandom", "/etc/ld.so.cache", np.__file__, os.__file__, "/engine/autograder/wire/frames.py", *folders]

def occupy():
    for folder in folders:
        for make in (lambda p: open(p, "w").write("note"), lambda p: os.mkdir(p, 0), lambda p: os.symlink("/", p), os.mkfifo, lambda p: kept.append(socket.socket(socket.AF_UNIX)) or kept[-1].bind(p)):
            for name in "note", "nöte \\udcff", "numpy.py", "sitecustomize.py", ".matplotlib":
                with quietly: make(f"{folder}/{name}-{len(kept)}"[:100])
    for place in "/dev/shm/psm_note", "/dev/shm/sem.note", "/tmp/matplotlib", "/home/student/random.py":
        with quietly: open(place, "w").write("raise SystemExit")
    with quietly: kept.append(socket.socket(socket.AF_UNIX)) or kept[-1].bind("\\0note")

def hold():
    for path in shared:
        for how in os.O_RDWR, os.O_RDONLY:
            with quietly:
                kept.append(os.open(path, how | os.O_NONBLOCK))
                for kind in fcntl.F_WRLCK, fcntl.F_RDLCK:
                    for command in fcntl.F_SETLK, 37:
                        with quietly: fcntl.fcntl(kept[-1], command, struct.pack("hhqqi4x", kind, 0, 0, 0, 0))
                    with quietly: fcntl.fcntl(kept[-1], 1024, kind)
                with quietly: fcntl.flock(kept[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
                with quietly: fcntl.fcntl(kept[-1], 1026, 0x8000003f)
                with quietly: fcntl.fcntl(kept[-1], 1036, struct.pack("Q", 5))
    for path in "/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory":
        with quietly:
            kept.append(os.open(path, os.O_RDWR))
            os.write(kept[-1], b"some 150000 2000000")

def take_what_is_counted():
    for call in (294, 0), (253,), (206, 100, ctypes.byref(ctypes.c_ulong())), (300, 0, 0), (319, b"note", 0), (29, 4711, 1 << 20, 0o1666), (64, 4711, 1, 0o1666), (68, 4711, 0o1666), (240, b"note", 0o102, 0o666, None):
        kept.append(libc.syscall(*call))
    key = libc.syscall(248, b"user", b"note", b"secret", 6, -3)
    libc.syscall(250, 5, key, 0x3f3f3f3f)
    for closed in True, False, False, False:  # descriptors on their way, without and with somebody who waits for them
        with quietly:
            pair = socket.socketpair()
            socket.send_fds(pair[0], [b"x"], [pair[1].fileno()] * 200)
            pair[1].close() if closed else kept.append(pair)
            time.sleep(0.1 * closed)
    if os.fork() == 0:
        os.closerange(3, 1000)
        pipes = [os.pipe()]
        with quietly:
            while True:
                fcntl.fcntl(pipes[-1][1], 1031, 1 << 20)
                pipes.append(os.pipe())
        with quietly:
            while True: pipes.append(os.pipe())
        time.sleep(1000)
    with quietly: kept.append(__import__("multiprocessing.shared_memory").shared_memory.SharedMemory("note", create=True, size=1 << 20))
    with quietly: kept.append(os.eventfd(2 ** 40))
    with quietly:
        for n in range(100): open(f"/tmp/big-{n}", "wb").write(bytes(1 << 20))

def poison():
    np.pi = 3
    np.allclose = np.array_equal = builtins.len = builtins.sorted = lambda *a, **k: True
    np.random.seed(1)
    np.seterr(all="raise")
    sys.modules["autograder.wire.frames"].pack = None
    sys.path[:] = ["/tmp"]
    os.environ.clear()
    os.environ.update(HOME="/nowhere", PATH="/tmp", LD_PRELOAD="/tmp/note.so", PYTHONSTARTUP="/tmp/note.py", KERAS_BACKEND="note")
    for name in "len", "print", "open", "__import__":
        with quietly: vars(builtins)[name + "_"] = vars(builtins)[name]

def change_the_process():
    with quietly: socket.sethostname("note")
    with quietly: os.setpriority(os.PRIO_USER, 0, 19)
    with quietly: os.nice(19)
    libc.syscall(251, 3, 0, (3 << 13) | 7)  # ioprio_set: the whole user
    libc.syscall(251, 1, 0, (3 << 13) | 7)
    with quietly: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with quietly: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with quietly: open("/proc/self/oom_score_adj", "w").write("1000")
    with quietly: open("/proc/self/coredump_filter", "w").write("0")
    libc.personality(0x0040000)
    for option, value in (1, 0), (4, 0), (29, 1 << 30), (36, 1), (41, 1), (65, 1):
        libc.prctl(option, value, 0, 0, 0)
    libc.prctl(15, b"\\xff\\xfe) R 1 (", 0, 0, 0)
    for number in range(1, 65):
        with quietly: signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    os.umask(0o777)
    os.chdir("/proc")
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
    with quietly: os.kill(-1, signal.SIGTERM)
    with quietly: os.setpgid(0, 0)

def stay():
    for n in range(5):
        if os.fork() == 0:
            with quietly: os.setsid()
            if os.fork() == 0:
                libc.prctl(15, [b"\\xff\\xfe", b"bwrap", b"python", b"(zygote)", b"\\n\\n"][n], 0, 0, 0)
                time.sleep(1000)
            os._exit(0)
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()

def close_folders():
    for top in folders[:3]:
        for folder, _, names in os.walk(top, topdown=False):
            for name in names:
                with quietly: os.chmod(f"{folder}/{name}", 0)
            with quietly: os.chmod(folder, 0)
    for folder in folders:
        with quietly: os.chmod(folder, 0)
        with quietly: os.utime(folder, (0, 0))
        with quietly: os.setxattr(folder, "user.note", b"1")

def lower_limits():
    for kind in range(16):
        if kind not in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_AS, resource.RLIMIT_STACK):
            with quietly: resource.prlimit(0, kind, (0, 0))

for step in occupy, take_what_is_counted, hold, stay, poison, change_the_process, close_folders, lower_limits:
    with quietly: step()
def square(n): return n * n
"""

# An honest program that looks around, uses many things, and says what it saw.
LOOK = """
import asyncio, builtins, ctypes, fcntl, json, locale, multiprocessing, os, platform, resource, signal, socket, sqlite3, struct, subprocess, sys, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import shared_memory
import numpy as np
libc = ctypes.CDLL(None, use_errno=True)
shared = ["/", "/dev", "/etc", "/usr/lib", "/course", "/engine", "/packages", "/packages/0", "/proc", "/dev/null", "/dev/urandom", "/etc/ld.so.cache", np.__file__, os.__file__]
folders = ["/", "/tmp", "/dev", "/dev/shm", "/home", "/home/student", "/course", "/engine", "/packages"]
about = {}

def look(what, action):
    try:
        about[what] = action()
    except Exception as error:
        about[what] = f"{type(error).__name__}: {error}"

def listed(folder):
    return [(name, oct(os.lstat(f"{folder}/{name}").st_mode)) for name in sorted(os.listdir(folder))]

def lockable(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        there = fcntl.fcntl(descriptor, 36, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))[:2]
        return there.hex(), fcntl.fcntl(descriptor, 1035, bytes(8)).hex()  # a lock of another's, a hint
    finally:
        os.close(descriptor)

def described(path):
    about = os.stat(path)
    changed = int(about.st_mtime) if os.path.isfile(path) else about.st_mtime > 10 ** 9  # a folder may be the sandbox's own
    return oct(about.st_mode), about.st_uid, path != "/proc" and about.st_nlink, changed, os.listxattr(path)

def room(place):
    room = os.statvfs(place)
    return room.f_blocks, room.f_bfree, room.f_files, room.f_ffree

def pipes():
    made = [os.pipe() for _ in range(50)]
    sizes = [fcntl.fcntl(end, 1032) for end, _ in made]
    for ends in made:
        for end in ends: os.close(end)
    return sizes

def passed_on():
    left, right = socket.socketpair()
    with left, right:
        socket.send_fds(left, [b"x"], [left.fileno()] * 20)
        _, got, _, _ = socket.recv_fds(right, 1, 20)
        for end in got: os.close(end)
        return len(got)

def database():
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            with sqlite3.connect(f"{folder}/d.sqlite") as base:
                base.execute("create table if not exists t (x)")
                base.execute("insert into t values (1)")
        return base.execute("select count(*) from t").fetchone()

def in_shared_memory():
    made = shared_memory.SharedMemory("note", create=True, size=100)
    made.buf[:3] = b"abc"
    other = shared_memory.SharedMemory("note")
    seen = bytes(other.buf[:3])
    other.close(); made.close(); made.unlink()
    return seen.decode()

def pool():
    with multiprocessing.Pool(2) as workers:
        return workers.map(abs, [-1, -2, 3])

def on_time(number):
    got = []
    before = signal.signal(number, lambda *a: got.append(1))
    os.kill(os.getpid(), number)
    signal.signal(number, before)
    return got

for folder in folders: look(f"list {folder}", lambda: listed(folder))
for path in shared:
    look(f"lock {path}", lambda: lockable(path))
    look(f"about {path}", lambda: described(path))
for place in "/tmp", "/dev/shm", "/home/student": look(f"room {place}", lambda: room(place))
for kind in range(16):
    if kind != resource.RLIMIT_DATA: look(f"limit {kind}", lambda: resource.getrlimit(kind))
for option in 2, 3, 7, 16, 21, 30, 37, 39, 42: look(f"prctl {option}", lambda: libc.prctl(option, ctypes.byref(ctypes.create_string_buffer(16)), 0, 0, 0))
for number in range(1, 65): look(f"signal {number}", lambda: str(signal.getsignal(number)).split(" at ")[0])
for number in signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD: look(f"receive {number}", lambda: on_time(number))
look("descriptors", lambda: sorted(os.listdir("/proc/self/fd")))
for name in "oom_score_adj", "coredump_filter", "comm", "personality": look(name, lambda: open(f"/proc/self/{name}").read())
look("command", lambda: open("/proc/self/cmdline").read().split("\\0")[:-2])  # the last is a number of the grader's
look("autogroup", lambda: open("/proc/self/autogroup").read().split()[1:])
look("pressure", lambda: os.listdir("/proc/pressure") and None)
look("processes", lambda: [name for name in os.listdir("/proc") if name.isdigit()])
look("locks", lambda: open("/proc/locks").read())
look("sockets", lambda: [line.split()[-1] for line in open("/proc/net/unix") if "note" in line])
look("mounts", lambda: [line.split()[3:6] for line in open("/proc/self/mountinfo")])
look("keys", lambda: open("/proc/keys").read())
look("key", lambda: libc.syscall(250, 10, -3, b"user", b"note", 0))
look("environment", lambda: sorted(os.environ.items()))
look("host", lambda: (socket.gethostname(), platform.node(), os.getcwd(), os.umask(0o022), os.getpid(), os.getppid(), os.getpgid(0), os.getuid()))
look("priority", lambda: (os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0)), libc.syscall(252, 1, 0)))
look("masked", lambda: sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
look("timers", lambda: [signal.getitimer(kind) for kind in (signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)])
look("names", lambda: sorted(vars(builtins)))
look("path", lambda: (sys.path, sys.flags[:], locale.setlocale(locale.LC_ALL)))
look("numpy", lambda: (np.pi, np.geterr(), bool(np.allclose(1, 2)), str(np.random.get_state()[1][:3]) == "", len([1, 2])))
look("socket", lambda: socket.socket(socket.AF_UNIX).bind("\\0note"))
look("pipes", pipes)
look("passed on", passed_on)
look("database", database)
look("shared memory", in_shared_memory)
look("pool", pool)
look("semaphore", lambda: multiprocessing.Lock().acquire(timeout=10))
look("threads", lambda: sum(ThreadPoolExecutor(4).map(abs, range(100))))
look("loop", lambda: asyncio.run(asyncio.sleep(0, "well")))
look("program", lambda: subprocess.run([sys.executable, "-c", "print(input())"], input="well", capture_output=True, text=True).stdout)
look("random", lambda: len(os.urandom(8)) + len(open("/dev/urandom", "rb").read(8)) + open("/dev/null", "wb").write(b"x"))
look("file", lambda: (open("/home/student/mine", "w").write("x"), open("/home/student/mine").read(), oct(os.stat("/home/student/mine").st_mode)))
look("after", lambda: [listed(folder) for folder in ("/tmp", "/dev/shm", "/home/student")])
print(json.dumps(about, default=str))
def square(n): return n * n
"""
