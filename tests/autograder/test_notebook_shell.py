"""What runs in Jupyter runs here, and what can't is for a person to look at: by the real engine."""

import json
import textwrap
from collections.abc import Iterator

import pytest

from autograder.engines.sandbox import Grader
from autograder.results import Result, State
from autograder.sandbox.notebook_shell import _without_installers
from tests.attacks.conftest import attack as run  # noqa: F401 - the same fixture under a kinder name
from tests.attacks.conftest import sandboxed  # noqa: F401
from tests.autograder.handed_in import answer, given, outputs, own, scores, test

F = "def f(n):\n    return 2 * n\n"
CHECK = "assert f(2) == 4"


@pytest.fixture(scope="session")
def grader(sandboxed: None) -> Iterator[Grader]:  # noqa: F811
    with Grader() as grader:
        yield grader


def result_of(run, code, *tests, before=()) -> Result:  # noqa: F811
    cells = [answer("a"), *(test(f"t{n}", source) for n, source in enumerate(tests))]
    return run(cells, {"a": code}, *map(own, before))


RIGHT = {
    "indented": textwrap.indent(F, "    "),
    "blank lines, then a cell magic": f"\n   \n%%time\n{F}",
    "Python's prompts": ">>> def f(n):\n...     return 2 * n\n",
    "IPython's prompts": "In [12]: def f(n):\n    ...:     return 2 * n\n",
    "a continuation that begins with %": f'%matplotlib inline\n{F}print("%d of %d"\n      % (2, 4))',
    "a continuation that begins with !": f"%matplotlib inline\n{F}same = (1\n        != 2)",
    "a text with % and !": f'%matplotlib inline\nTABLE = """\n%time  step\n!      stop\n"""\n{F}',
    "a line that goes on": f"%config InlineBackend.figure_format = \\\n    'retina'\n{F}",
    "a value of a magic": f"{F}t = %timeit -o -q -n1 -r1 f(1)\nassert t.best >= 0",
    "a magic in a block": f"if True:\n    %time x = 3\nassert x == 3\n{F}",
    "a help line": f"{F}f?\n?f\nf??",
    "programs": f"names = !ls -a\nassert names.n\n!echo {{names.n}} $HOME\n!mkdir -p a && touch a/b\n{F}",
    "a program in a function": "def f(n):\n    lines = !echo $((2 * {n}))\n    return int(lines[0])",
    "Python by its name": f"out = !python -c 'import numpy; print(numpy.ones(2).sum())'\nassert out == ['2.0']\n{F}",
    "Python by its place": f"import sys\nout = !{{sys.executable}} -c 'import numpy as np'\nassert out == []\n{F}",
    "pip": f"!pip install -q nosuch\n%pip install nosuch\n!pip3 install nosuch > log.txt 2>&1\n{F}",
    "pip as a module": f"!python -m pip install -q nosuch\n!python3 -m pip install nosuch | tail -1\n{F}",
    "pip by Python's place": f"import sys\n!{{sys.executable}} -m pip install -q nosuch && echo done\n{F}",
    "other installers": f"!conda install -y nosuch\n!apt-get install -y nosuch\n!sudo apt install nosuch\n{F}",
    "a look at the machine": f"!nvidia-smi\n{F}",
    "bash": f"%%bash\nmkdir data\necho 4 > data/x.txt\n--- next\n{F}assert open('data/x.txt').read() == '4\\n'",
    "a file, a module": f"%%writefile mine.py\n{F}\n--- next\nfrom mine import f",
    "a program that is run": f"%%writefile mine.py\n{F}\n--- next\n%run mine.py",
    "what is printed, kept": f"%%capture kept\nprint('x')\n--- next\nassert kept.stdout == 'x\\n'\n{F}",
    "a magic on a line alone, without a sign": f"time x = 3\n--- next\nassert x == 3\n{F}",
    "what only shows": f"%%html\n<b>x</b>\n--- next\n%%javascript\nalert(1)\n--- next\n{F}",
    "extensions": f"%load_ext autoreload\n%autoreload 2\n%load_ext nosuch\n%reload_ext nosuch\n{F}",
    "pylab": f"%pylab agg\nassert ones(2).sum() == 2\n{F}",
    "folders": f"%mkdir sub\n%cd -q sub\nhere = %pwd\nassert here.endswith('/sub')\n%cd ..\n{F}",
    "the environment": f"%env X_Y=3\n%set_env Z=4\nimport os\nassert os.environ['X_Y'] == '3'\n{F}",
    "the last value": f"20 + 22\n--- next\nassert _ == 42 and Out\n2 + 1\n--- next\nassert (_, __) == (3, 42)\n{F}",
    "a value that is not shown": f"20 + 22\n--- next\n3;\n--- next\nassert _ == 42\n{F}",
    "the history": f"x = 3\n--- next\nassert In[-2] == 'x = 3' and _i == 'x = 3'\n{F}",
    "IPython itself": f"shell = get_ipython()\nshell.run_line_magic('time', 'y = 1')\nassert y == 1\n{F}",
    "whether it is a notebook": f"assert type(get_ipython()).__name__ == 'ZMQInteractiveShell'\n{F}",
    "IPython imported": f"from IPython import get_ipython\nassert get_ipython().user_ns['In']\n{F}",
    "display": f"from IPython.display import display, HTML\ndisplay(HTML('x'), 3)\n{F}",
    "from the future": "from __future__ import annotations\n--- next\ndef f(n: Later) -> Later:\n    return 2 * n",
    "from the future, below a magic": f"%matplotlib inline\nfrom __future__ import annotations\n{F}",
    "await": f"import asyncio\nasync def g(x):\n    await asyncio.sleep(0)\n    return x\nassert await g(3) == 3\n{F}",
    "await, of what an earlier cell began": "import asyncio\nasync def g(): return 2\nt = asyncio.create_task(g())\n"
    "--- next\ntwo = await t\ndef f(n): return two * n",
    "a loop that waits": f"async def g():\n    yield 3\nasync for x in g():\n    assert x == 3\n{F}",
    "a loop of its own": f"import asyncio\nasync def g(): return 3\nassert asyncio.run(g()) == 3\n{F}",
    "lines before one that does not compile": f"{F}return 3",
    "a start anew": f"x = 1\n--- next\n%reset -f\n{F}",
    "an end": f"{F}exit()\n--- next\n{F}",
    "a value stored": f"x = 1\n%store x\n--- next\ndel x\n%store -r x\nassert x == 1\n{F}",
    "a magic of one's own": "from IPython.core.magic import register_line_magic\n@register_line_magic\n"
    f"def mine(line): return int(line)\n--- next\nx = %mine 3\nassert x == 3\n{F}",
    "what bash prints, kept": f"%%bash --out got\necho hi\n--- next\nassert got == 'hi\\n'\n{F}",
    "pip by subprocess": "import subprocess as s, sys\n"
    f"s.check_call([sys.executable, '-m', 'pip', 'install', 'numpy'])\n{F}",
    "pipes and programs": f"!echo 1 2 | awk '{{{{print $2}}}}' > x.txt\nx = !cat x.txt\nassert x == ['2']\n{F}",
    "tabs and line ends": "\tdef f(n):\r\n\t\treturn 2 * n\r\n",
    "its own process": f"{F}import multiprocessing as m\nwith m.Pool(1) as p: assert p.map(f, [1]) == [2]",
    "widgets": "import ipywidgets as w\nfrom IPython.display import display\ndisplay(w.IntSlider())\n"
    f"@w.interact(x=3)\ndef h(x): return x\n{F}",
    "a question to nobody": f"x = 3\nx.no_such?\n{F}",
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_runs_in_jupyter_runs_here(run, what):  # noqa: F811
    *before, code = RIGHT[what].split("\n--- next\n")
    result = result_of(run, code, CHECK, before=before)
    assert scores(result) == [1], outputs(result)
    assert "Not run here" not in json.dumps(outputs(result))
    assert result.state is State.GRADED


@pytest.mark.parametrize("what", [what for what in RIGHT if "in a function" not in what])
def test_the_same_with_a_wrong_answer_is_a_wrong_answer(run, what):  # noqa: F811
    *before, code = RIGHT[what].split("\n--- next\n")
    result = result_of(run, code, "assert f(2) == 5", before=before)
    assert scores(result) == [0]
    assert result.state is State.GRADED


TESTS = [
    "%time x = f(2)\nassert x == 4",
    "%timeit -n1 -r1 f(2)",
    "%%time\nassert f(2) == 4",
    "\n%%capture kept\nprint(f(2))\n--- next\nassert kept.stdout == '4\\n'",
    "    assert f(2) == 4",
    "%matplotlib inline\n!pip install x\nassert f(2) == 4",
    "get_ipython().run_line_magic('precision', '3')\nassert f(2) == 4",
    "assert '%d' % f(2) == '4'\nf?",
    "assert await later() == 3",
    "import asyncio\nawait asyncio.sleep(0)\nassert [await later() for _ in range(2)] == [3, 3]",
    "async def mine(): return f(2)\nassert await mine() == 4",
    "assert _ == 42",
    "assert lines == ['hi']",
]


@pytest.mark.parametrize("tests", TESTS)
def test_ipythons_lines_in_tests(run, tests):  # noqa: F811
    tests = tests.split("\n--- next\n")
    code = f"{F}async def later(): return 3\nlines = !echo hi\n40 + 2"
    assert scores(result_of(run, code, *tests)) == [1] * len(tests)


# What can't be run

NOT_HERE = {
    "!wget -q http://example.org/data.csv": "`!wget",
    "!git clone https://example.org/x": "`!git clone",
    "x = !no_such_program": "`!no_such_program` (it ended with status 127",
    "%no_such_magic 3": "`%no_such_magic 3` (there is no such magic)",
}


@pytest.mark.parametrize("line", NOT_HERE)
def test_a_line_that_cannot_be_run_costs_nothing_and_what_fails_with_it_is_for_a_person(run, line):  # noqa: F811
    assert scores(result_of(run, f"{line}\n{F}", CHECK)) == [1]
    result = result_of(run, f"{line}\n{F}", "assert f(2) == 5", "assert undefined_ == 1")
    assert scores(result)[0] is None
    assert result.state is State.NEEDS_REVIEW
    assert f"could not be run here: {NOT_HERE[line]}" in result.reasons[0]


def test_other_cells_are_not_in_doubt(run):  # noqa: F811
    cells = [answer("a"), test("t", "assert f(2) == 5"), answer("b"), test("u", "assert g(2) == 5")]
    codes = {"a": f"!git clone https://example.org/x\n{F}", "b": "def g(n): return n"}
    assert scores(run(cells, codes)) == [None, 0]
    codes["b"] = "def g(n): return f(n)"
    assert scores(run(cells, codes)) == [None, None]
    assert scores(run(cells, codes | {"b": "h = 3\ndef g(n): return n"})) == [None, 0]
    codes = {"a": "%%cython\ndef f(n): return 4", "b": "def g(n): return n"}
    assert scores(run(cells, codes)) == [None, 0]
    codes["b"] = "def g(n): return f(n)"
    assert scores(run(cells, codes)) == [None, None]


def test_a_check_that_tells_no_error_is_for_a_person_where_a_magic_would_have_made_what_it_uses(run):  # noqa: F811
    check = (
        "from autograder.checks import Rubric\nrubric = Rubric()\nwith rubric('it', hint='?'):\n    assert f(2) == 4\n"
    )
    assert scores(result_of(run, "%%cython\ndef f(n): return 4", f"{check}rubric.score()")) == [None]


def test_a_cell_that_fails_for_want_of_what_an_earlier_one_fetches_is_for_a_person(run):  # noqa: F811
    fetch = "!wget -q http://example.org/data.csv"
    result = result_of(run, f"text = open('data.csv').read()\n{F}", CHECK, before=[fetch])
    assert scores(result) == [None]
    assert "`!wget" in result.reasons[0]
    assert scores(result_of(run, "def f(n): return open('data.csv')", CHECK, before=[fetch])) == [None]
    assert scores(result_of(run, "def f(n): return 3", CHECK, before=[fetch])) == [0]
    assert scores(result_of(run, "def f(n): return open('data.csv')", CHECK)) == [0]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("%%cython\ndef f(n): return 2 * n", "%%cython"),
        ("%%bash\nwget -q http://example.org/x || exit 4", "%%bash"),
        ("import no_such_module\ndef f(n): return 2 * n", "import no_such_module"),
        ("import urllib.request\nurllib.request.urlopen('http://example.org')\ndef f(n): return 2 * n", "no network"),
        ("import subprocess\nsubprocess.run(['no_such_program'])\ndef f(n): return 2 * n", "no program"),
        (
            "import subprocess, sys\nsubprocess.run('exit 3', shell=True, check=True)\ndef f(n): return 2 * n",
            "status 3",
        ),
    ],
)
def test_a_cell_that_ends_for_want_of_something_is_for_a_person(run, code, why):  # noqa: F811
    result = result_of(run, code, CHECK)
    assert scores(result) == [None]
    assert why in result.reasons[0]


def test_a_line_in_a_function_that_gives_something_wrong_is_for_a_person(run):  # noqa: F811
    result = result_of(run, "def f(n):\n    !git clone https://example.org/x\n    return len(n)", CHECK)
    assert scores(result) == [None]
    assert "`!git clone https://example.org/x`" in result.reasons[0]


def test_what_a_function_could_not_run_is_not_in_what_it_prints(run):  # noqa: F811
    check = "import io, sys\nsys.stdout = io.StringIO()\nf(2)\nassert sys.stdout.getvalue() == 'x\\n'"
    assert scores(result_of(run, "def f(n):\n    x = !no_such_program\n    print('x')", check)) == [1]


def test_a_function_that_wants_a_module_that_is_not_there_is_for_a_person(run):  # noqa: F811
    result = result_of(run, "def f(n):\n    import no_such_module", CHECK)
    assert scores(result) == [None]
    assert "`import no_such_module` (the module no_such_module is not there)" in result.reasons[0]


RUBRIC = "from autograder.checks import Rubric\nrubric = Rubric()\nwith rubric('it', hint='?'):\n    {}\nrubric.score()"
CAUGHT = [RUBRIC, "right = 0\ntry:\n    {}\n    right = 1\nexcept Exception:\n    pass\nright"]
WANTING = {
    "import no_such_module": "`import no_such_module` (the module no_such_module is not there)",
    "import urllib.request as u; u.urlopen('http://example.org')": "there is no network",
    "import subprocess; subprocess.run(['no_such_program'])": "there is no program no_such_program",
    "x = !no_such_program\n    n = len(x[2])": "`!no_such_program` (it ended with status 127",
}


@pytest.mark.parametrize("check", CAUGHT)
@pytest.mark.parametrize("line", WANTING)
def test_so_is_one_whose_error_a_check_catches(run, line, check):  # noqa: F811
    checks = check.format(CHECK), check.format("assert g(2) == 4")
    result = result_of(run, f"def f(n):\n    {line}\n    return 2 * n", *checks, before=["def g(n): return n"])
    assert scores(result) == [None, 0]
    assert "t0: it failed, and a line of the notebook could not be run here: `" in result.reasons[0]
    assert WANTING[line] in result.reasons[0]


def test_a_line_that_a_test_can_do_without_costs_no_points(run):  # noqa: F811
    check = "try:\n    f(2)\nexcept ModuleNotFoundError:\n    pass\nassert g(2) == 4"
    code = "def f(n):\n    import no_such_module\ndef g(n): return 2 * n"
    assert scores(result_of(run, code, check)) == [1]


def test_a_check_that_catches_what_an_earlier_line_would_have_fetched_is_for_a_person(run):  # noqa: F811
    fetch = "!wget -q http://example.org/data.csv"
    code = "def f(n): return open('data.csv')"
    result = result_of(run, code, RUBRIC.format(CHECK), before=[fetch])
    assert scores(result) == [None]
    assert "`!wget" in result.reasons[0]
    assert scores(result_of(run, code, RUBRIC.format(CHECK))) == [0]


@pytest.mark.parametrize("line", ["!test 1 = 1", "%%bash\nexit 0", "x = !ls", "async for x in f: pass"])
def test_a_test_that_cannot_run_where_the_tests_are_is_for_a_person(run, line):  # noqa: F811
    result = result_of(run, F, f"{line}\n", CHECK)
    assert scores(result) == [None, 1]
    assert "can't be run where the tests are" in result.reasons[0]


def test_such_a_test_runs_with_the_student(run):  # noqa: F811
    cells = [answer("a"), test("t", "out = !echo hi\nassert out == ['hi'] and f(2) == 4", tags=("run-with-student",))]
    assert scores(run(cells, {"a": F})) == [1]
    cells[1] = test("t", "%%bash\nexit 1", tags=("run-with-student",))
    assert scores(run(cells, {"a": F})) == [0]


def test_errors_name_the_line_of_the_cell(run):  # noqa: F811
    result = result_of(run, f"\n\n%matplotlib inline\n{F}1 / 0", "f(1) / 0")
    assert "ZeroDivisionError" in json.dumps(outputs(result))
    assert "(line 6)" in json.dumps(outputs(result))


def test_a_course_cell_with_a_magic_runs_once_for_all(run):  # noqa: F811
    course = given("g", "%matplotlib inline\nimport numpy as np\n%time size = 3")
    cells = [course, answer("a"), test("t", "assert f() == size")]
    assert scores(run(cells, {"a": "def f(): return size"})) == [1]


@pytest.mark.parametrize(
    ("command", "rest"),
    [
        ("pip install x", ""),
        ("pip install x && echo a", " echo a"),
        ("/usr/bin/python3 -m pip install x; ls", " ls"),
        ("apt update && apt install y && ls", " ls"),
        ("echo pip install", "echo pip install"),
        ("pipeline", "pipeline"),
    ],
)
def test_installers_are_passed_over(command, rest):
    assert _without_installers(command) == rest
