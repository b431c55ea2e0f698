"""Grade classes with hostile submissions among honest ones, and compare every honest one with itself graded alone.

    python benchmarks/mixed_class.py                       # rounds for five minutes
    python benchmarks/mixed_class.py --rounds 1 --seed 7   # this round again

Method. Each round is a class of 50 in a course of its own. Ten hand in one to three attacks together, drawn from those of
`benchmarks/attacks.py`, from the programs and the odd notebooks of `tests/attacks`, and from some for the pages and the
folders. Forty are honest, of ten kinds: right, half right, wrong, blank, with helper cells, with files, with much NumPy,
slow, broken off, and some that look around in the sandbox and say what they see. `autograder.grade.run.grade` grades them in
a random order, with one worker where the seed is even and with two where it is odd, with little memory and time;
`autograder.feedback.write.feedback` writes the pages. Of each honest one state, reasons, the scores in the gradebook, the graded
notebook and the page have to be what they are when it is the only one of its class. Exit code 1 at any difference, with
the seed of the round. Needs the sandbox.
"""

# ruff: noqa: E501 (a cell's text stays in one string)

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from nbgrader.api import Grade

from autograder.course.assignment import released_files
from autograder.course.course import Course
from autograder.course.entries import read_entry
from autograder.errors import AutograderError, counted
from autograder.feedback.write import feedback
from autograder.grade.run import grade
from autograder.limits import Limits
from autograder.release.make import release
from autograder.results import State

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.attacks import ATTACKS, HONEST, WRONG, Attack
from tests.attacks import test_attacks, test_hostile
from tests.attacks.mischief import LOOK, MISCHIEF
from tests.autograder.handed_in import own
from tests.autograder.tiny_course import QUIZ, cell, make_course, notebook

_HOSTILE = 10
_MOST_AT_ONCE = 3  # attacks in one submission
_HONEST = {
    **{"right": 7, "half right": 6, "wrong": 6, "blank": 5, "with helpers": 5, "with files": 4, "with numpy": 3},
    **{"looking around": 2, "slow": 1, "broken off": 1},
}
_LIMITS = Limits(cell=8, total=20, memory=512 << 20, processes=64, disk=32 << 20)
_SLOW = 2  # seconds
_LONG = 20_000  # characters of a text that is hard to set

MEAN = "import numpy as np\ndef mean(values):\n    return float(np.mean(values))"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
RUBRIC = """from autograder.checks import Rubric
rubric = Rubric()
with rubric("several", points=1, hint="Add them up, and divide."):
    assert mean([1, 2, 6]) == 3
with rubric("one", points=1, hint="One number is its own mean."):
    assert mean([5]) == 5
rubric.score()"""
SOURCE = notebook(
    cell("a", f"### BEGIN SOLUTION\n{HONEST}\n### END SOLUTION", solution=True),
    cell("t", "assert square(2) == 4\n" + HIDDEN.format("assert square(3) == 9"), grade=True, locked=True, points=1),
    cell("b", f"### BEGIN SOLUTION\n{MEAN}\n### END SOLUTION", solution=True),
    cell("u", "assert callable(mean)\n" + HIDDEN.format(RUBRIC), grade=True, locked=True, points=2),
    cell("note", "What was hard?", "markdown", grade=True, solution=True, points=1),
)


class SmallCourse(Course):
    """A course whose submissions may use little."""

    def limits(self, seconds: float | None = None) -> Limits:
        """Limits that the machine survives."""
        return _LIMITS


def main() -> None:
    """Run the rounds and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="begin no new round after so many")
    parser.add_argument("--rounds", type=int, help="in place of the minutes")
    parser.add_argument("--seed", type=int, help="of the first round; the next has the next")
    options = parser.parse_args()
    begun = time.monotonic()
    first = options.seed if options.seed is not None else SystemRandom().randrange(10**6)
    count = found = 0
    with tempfile.TemporaryDirectory(prefix="mixed-class-") as folder:
        empty = make_course(Path(folder) / "empty", SOURCE)
        release(empty, QUIZ)
        alone = {kind: _alone(empty, Path(folder) / "alone" / str(n), kind) for n, kind in enumerate(_HONEST)}
        while count < options.rounds if options.rounds else time.monotonic() < begun + 60 * options.minutes:
            found += _round(empty, Path(folder) / f"round-{count}", first + count, alone)
            count += 1
    submissions = count * (_HOSTILE + sum(_HONEST.values()))
    print(f"{count} rounds, {submissions} submissions, {found} differences")
    sys.exit(1 if found else 0)


def _round(empty: Course, root: Path, seed: int, alone: dict[str, dict[str, Any]]) -> int:
    """Grade one class and print what came of it; returns the number of differences."""
    random, workers, begun = Random(seed), seed % 2 + 1, time.monotonic()
    course = _copy(empty, root)
    blank = released_files(empty, QUIZ)["quiz.ipynb"]
    roles: list[str | list[Attack]] = [kind for kind, count in _HONEST.items() for _ in range(count)]
    roles += [_moves(random) for _ in range(_HOSTILE)]
    random.shuffle(roles)
    students = {f"student-{n:02}": role for n, role in enumerate(roles)}
    for student, role in students.items():
        if isinstance(role, str):
            _hand_in(course, student, honest(role, blank))
        else:
            _attack(course, student, role, blank, random)
    order = random.sample(list(students), len(students))
    differences, not_run = _graded(course, order, workers, students, alone)
    hostile = [read_entry(course, QUIZ, student) for student, role in students.items() if not isinstance(role, str)]
    states = Counter(str(entry.state) if entry else "nothing" for entry in hostile)
    print(
        f"seed {seed}, {counted(workers, 'worker')}, {len(students)} submissions, {time.monotonic() - begun:.0f} s: "
        f"the hostile {', '.join(f'{n} {state}' for state, n in sorted(states.items()))}; "
        + (f"{len(differences)} DIFFERENCES" if differences else "every honest one as alone"),
        *(f"  {each}" for each in (*not_run, *differences)),
        sep="\n",
        flush=True,
    )
    shutil.rmtree(root, ignore_errors=True)
    return len(differences)


def _graded(
    course: Course, order: list[str], workers: int, students: dict[str, Any], alone: dict[str, dict[str, Any]]
) -> tuple[list[str], list[str]]:
    """Grade, write the pages, and compare: what differs, and which hostile ones could not be run, in words."""
    try:
        outcomes = grade(course, QUIZ, workers=workers, students=order)
        pages = feedback(course, QUIZ)
    except AutograderError as error:
        return [f"the batch stopped: {error}"], []
    differences = []
    if [outcome.entry.student for outcome in outcomes] != order:
        differences.append("not everybody has a result")
    for student, role in students.items():
        if isinstance(role, str):
            seen = _standing(course, student)
            parts = [part for part, value in alone[role].items() if seen[part] != value]
            differences += [f"{student} ({role}): {part} {_shortly(alone[role][part], seen[part])}" for part in parts]
    graded = {student for student in students if course.autograded(QUIZ, student).is_dir()}
    missing = sorted(graded - {each.student for each in pages if each.fault or (each.folder / "quiz.html").is_file()})
    differences += [f"{student} has no page, and no reason" for student in missing]
    unrun = [outcome.entry for outcome in outcomes if outcome.entry.state is State.NOT_RUN]
    return differences, [f"not run: {each.student}, {_named(students[each.student])}: {each.reasons}" for each in unrun]


def _alone(empty: Course, root: Path, kind: str) -> dict[str, Any]:
    """What comes of an honest submission that is the only one."""
    course = _copy(empty, root)
    _hand_in(course, "student-00", honest(kind, released_files(empty, QUIZ)["quiz.ipynb"]))
    grade(course, QUIZ, workers=1)
    feedback(course, QUIZ)
    return _standing(course, "student-00")


def _standing(course: Course, student: str) -> dict[str, Any]:
    """Everything that grading says of a submission; a page names the student, and its last line what it is made from."""
    entry = read_entry(course, QUIZ, student)
    with course.gradebook() as gradebook:
        rows = [each for each in gradebook.db.query(Grade) if each.student.id == student]
        scores = sorted((each.name, each.auto_score, each.manual_score, each.needs_manual_grade) for each in rows)
    page = _read(course.feedback(QUIZ, student) / "quiz.html").replace(student, "")
    return {
        "state": entry and entry.state,
        "reasons": entry and entry.reasons,
        "score": entry and entry.score,
        "scores": scores,
        "notebook": _read(course.autograded(QUIZ, student) / "quiz.ipynb"),
        "page": page.rpartition("<!-- made from")[0],
    }


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _shortly(expected: object, seen: object) -> str:
    """Where two values begin to differ."""
    one, other = str(expected), str(seen)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    start = max(0, same - 20)
    return f"should be ...{one[start : start + 60]!r}, is ...{other[start : start + 60]!r}"


def _named(role: list[Attack]) -> str:
    return " + ".join(each.name for each in role)


def _copy(course: Course, root: Path) -> Course:
    shutil.copytree(course.root, root)
    return SmallCourse(root)


def _hand_in(course: Course, student: str, files: dict[str, bytes]) -> Path:
    folder = course.submitted(QUIZ, student)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


# The honest


def honest(kind: str, blank: bytes) -> dict[str, bytes]:
    """What an honest learner of that kind hands in."""
    content = json.loads(blank)
    cells = content["cells"]
    answers, extra, files = ANSWERS.get(kind, (None, None)), [], {}
    if kind == "with helpers":
        extra = [
            own("def times(a, b):\n    return a * b\nprint('times', times(2, 3))"),
            cell("x", "# My *way*", "markdown"),
        ]
    if kind == "with files":
        files = {"data/numbers.txt": b"1 2 6", "own.py": b"factor = 1"}
    for answer, text in zip((cells[0], cells[2]), answers, strict=True):
        answer["source"] = text if text is not None else answer["source"]
    cells[:0] = extra
    data = json.dumps(content).encode()
    return {"quiz.ipynb": data[: len(data) // 2] if kind == "broken off" else data, **files}


ANSWERS = {
    "right": (HONEST, MEAN),
    "half right": (HONEST, "def mean(values):\n    return values[0]"),
    "wrong": (WRONG, "print('I give up')\ndef mean(values):\n    raise ValueError('no idea')"),
    "with helpers": ("def square(n):\n    return times(n, n)", MEAN),
    "with files": (
        "from own import factor\nwith open('data/numbers.txt') as file:\n    numbers = [int(n) for n in file.read().split()]\nopen('mine.txt', 'w').write('x')\ndef square(n):\n    return n * n * factor",
        "import os, tempfile\nprint(numbers, sorted(os.listdir()), os.listdir('/tmp'), os.listdir('/dev/shm'))\n"
        + MEAN,
    ),
    "with numpy": (
        "import numpy as np\nx = np.random.default_rng(1).normal(size=(300, 300))\nprint(round(float(np.linalg.norm(x @ x)), 3), np.allclose(x, x.T), np.pi)\ndef square(n):\n    return int(np.square(n))",
        MEAN,
    ),
    # Two that run as one user share what the kernel counts by user: root gives each worker a user of its own.
    "looking around": (LOOK.replace('look("pipes", pipes)\nlook("passed on", passed_on)\n', ""), MEAN),
    "slow": (f"import time\ntime.sleep({_SLOW})\n{HONEST}", MEAN),
    "broken off": (HONEST, MEAN),
}


# The hostile


def _moves(random: Random) -> list[Attack]:
    """One to three attacks, of different sorts."""
    return [random.choice(sort) for sort in random.sample(SORTS, random.randint(1, _MOST_AT_ONCE))]


def _attack(course: Course, student: str, moves: list[Attack], blank: bytes, random: Random) -> None:
    """Hand in several attacks together, as far as they go together."""
    content = json.loads(blank)
    answers, extra = [content["cells"][0], content["cells"][2]], []
    for move in moves:
        if move.code not in (WRONG, HONEST):
            extra.append(own(move.code))
        extra += [dict(each) for each in move.extra]
        with contextlib.suppress(Exception):  # an earlier one took away what it changes
            move.change(content)
    random.shuffle(answers)
    for answer in answers[: random.randint(0, 2)]:
        with contextlib.suppress(IndexError, TypeError, AttributeError):
            answer["source"] = extra.pop()["source"]
    if isinstance(content.get("cells"), list):
        for each in extra:
            content["cells"].insert(random.randint(0, len(content["cells"])), each)
    data = json.dumps(content).encode()
    for move in moves:
        data = move.raw(data)
    folder = _hand_in(course, student, {"quiz.ipynb": data})
    for move in moves:
        with contextlib.suppress(OSError):
            move.place(folder)


def _tried(test: Callable[..., Any]) -> Iterator[Any]:
    """What a test of `tests/attacks` is tried with: the first value of each case."""
    [mark] = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    for case in mark.args[1]:
        yield case[0] if isinstance(case, tuple) and not isinstance(mark.args[0], str) else case


def _of(test: Callable[..., Any], code: str = "{}") -> list[Attack]:
    """The programs that a test tries, as attacks."""
    name = test.__name__.removeprefix("test_").replace("_", " ")
    return [Attack(f"{name} ({n})", code.replace("{}", each)) for n, each in enumerate(_tried(test))]


def _with_text(text: str) -> Attack:
    long = (text * _LONG)[:_LONG]
    return Attack(
        f"{text!r} again and again", change=lambda content: content["cells"].insert(1, cell("x", long, "markdown"))
    )


def _with_picture(content: dict[str, Any]) -> None:
    note = next(each for each in content["cells"] if each["cell_type"] == "markdown")
    note["attachments"] = {"a.png": {"image/png": "A" * 1_000_000}, "b.html": {"text/html": "<script>x</script>"}}
    note["source"] = "![x](attachment:a.png)" * 50 + "![x](attachment:nothing.png)" + "### BEGIN HIDDEN TESTS"


def _deep(folder: Path) -> None:
    path = folder
    for _ in range(400):
        path = path / "d"
        path.mkdir()
    (path / "end").write_text("x")


def _many(folder: Path) -> None:
    for n in range(900):
        (folder / f"f{n}" / "g").mkdir(parents=True)
        (folder / f"f{n}" / "g" / "x").write_text("x")


_MARKS = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "### BEGIN MARK SCHEME", "### BEGIN SOLUTION")
_FORK_BOMB = (
    "import os\ntry:\n    while True:\n        os.fork()\nexcept OSError:\n    pass\nimport time\ntime.sleep(1000)"
)
_MEMORY = "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        x = b'1' * (120 << 20)\n        time.sleep(1000)\ntime.sleep(1000)"
_DISK = "for place in '/tmp', '/dev/shm', '/home/student':\n    try:\n        for n in range(64):\n            open(f'{place}/{n}', 'wb').write(bytes(1 << 20))\n    except OSError:\n        pass"

SORTS = [
    [each for each in ATTACKS if "for comparison" not in each.name],
    [
        *_of(test_attacks.test_patching_and_shadowing_what_tests_use_is_of_no_help, f"{{}}\n{WRONG}"),
        *_of(test_attacks.test_objects_that_equal_everything_arrive_as_plain_data, "{}\ndef square(n): return result"),
        *_of(test_hostile.test_objects_with_a_hostile_class_are_no_9, "import numpy as np\ndef square(n): return {}"),
    ],
    [
        *_of(test_attacks.test_an_end_of_the_process_keeps_the_earlier_points, "import os, signal\n{}"),
        *_of(test_attacks.test_lesser_ends_cost_their_own_cell_only),
        *_of(test_attacks.test_endless_loops_cost_their_own_cell_only),
        Attack(
            "a loop that nothing interrupts",
            "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        ),
    ],
    _of(test_attacks.test_odd_values_cost_their_own_test_only, "{}\ndef square(n): return result"),
    _of(
        test_hostile.test_forged_messages_end_the_session_and_nothing_else,
        f"{test_hostile.REACH}\ncalls = []\ndef square(n):\n    calls.append(n)\n    {{}}\n    return 4",
    ),
    [
        Attack(f"an odd notebook ({n})", change=change)
        for n, change in enumerate(_tried(test_hostile.test_an_odd_notebook_has_one_result_and_harms_nobody))
    ],
    [
        Attack(f"odd bytes ({n})", raw=lambda data, odd=odd: odd)
        for test in (
            test_hostile.test_bytes_that_only_look_like_a_notebook_fail_with_a_reason,
            test_attacks.test_what_is_no_notebook_fails_with_a_reason,
        )
        for n, odd in enumerate(_tried(test))
    ],
    [
        Attack("everything that could be left behind", MISCHIEF),
        Attack("everything but closed folders", MISCHIEF.replace(" close_folders,", "")),
        Attack("a fork bomb", _FORK_BOMB),
        Attack("memory in many processes", _MEMORY),
        Attack("a full disk", _DISK),
    ],
    [
        *[_with_text(text) for text in ("[", "*", "`", "$", "<", "> ", "![](", "\\\\(", "&#", "# ", "|", "\n")],
        *[_with_text(f"{mark}\n") for mark in _MARKS],
        *[Attack(f"{mark} in an answer", f"{mark}\n{WRONG}") for mark in _MARKS],
        Attack("pictures", change=_with_picture),
        Attack(
            "a megabyte of code", change=lambda content: content["cells"].append(own("x = [1, 2]  # <b>\n" * 60_000))
        ),
        Attack("1500 cells", change=lambda content: content["cells"].extend([own("x = 1")] * 1500)),
    ],
    [
        Attack("deep folders", place=_deep),
        Attack("many folders", place=_many),
        Attack("a pipe", place=lambda folder: os.mkfifo(folder / "pipe")),
        Attack("modules of others", place=lambda folder: (folder / "numpy.py").write_text("raise SystemExit")),
        Attack("a configuration", place=lambda folder: (folder / "nbgrader_config.py").write_text("raise SystemExit")),
        Attack("escape codes in a name", place=lambda folder: (folder / "\x1b[2Jx\n.txt").write_text("x")),
    ],
]


if __name__ == "__main__":
    main()
