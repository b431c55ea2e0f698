"""What names in test cells stand for, as far as the text tells."""

import ast

import pytest

from autograder.notebook import names
from autograder.wire import magics
from autograder.wire.magics import MagicError


def found(*cells, student=None):
    trees = [names.parse(source) for source in cells]
    return names.literals(trees if student is None else [trees[n] for n in student], trees)


def test_literals_are_read_from_the_text():
    assert found('x = "B"', "y = -1.5\nz = [[1, 2], [3, 4]]") == {"x": "B", "y": -1.5, "z": [[1, 2], [3, 4]]}
    assert found("x: int = 3\nask('x', x)") == {"x": 3}
    assert found("'A comment.'\ndef f(): pass\nx = 'A'") == {"x": "A"}
    assert found("x = [1, 2]\nFindKernel(answer='x', state=x)") == {"x": [1, 2]}


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nx = 2",
        "x = 1\nx += 1",
        "x = 1\ndel x",
        "x = 1\nfor x in range(3): pass",
        "x = 1\ndef x(): pass",
        "x = 1\ndef f():\n    global x\n    x = 2",
        "x = 1\nimport x",
        "x = 1\nimport y as x",
        "x = 1\nwith open('f') as x: pass",
        "x = 1\ntry: pass\nexcept Exception as x: pass",
        "x = 1\n(x := 2)",
        "x = 1\n[a, *x] = 1, 2",
        "x = 1\nmatch 1:\n    case x: pass",
        "x = [1]\nx.append(2)",
        "x = [1]\nx[0] = 2",
        "if True:\n    x = 1",
        "x = 1 + 1",
        "x = y = 1",
        "x = y",
        "raise ValueError\nx = 1",
        "1 / 0\nx = 1",
        "import y\nx = 1",
        "x = 1\nexec('x = 2')",
        "x = 1\nglobals()['x'] = 2",
        "x = 1\nfrom y import *",
        "x = [1]\ny = x",
        "x = [1]\nf(x)",
    ],
)
def test_what_may_change_is_no_literal(source):
    assert "x" not in found(source)


def test_only_the_students_cells_count():
    assert found("x = 1", "y = 2", student=[1]) == {"y": 2}
    assert found("x = 1", "x = 2", student=[1]) == {}


@pytest.mark.parametrize("source", ["x = " + "-" * 10_000 + "1", "x = " + "(" * 1000 + ")" * 1000, "x = \x00", "x = ["])
def test_text_that_python_cannot_take_is_an_empty_cell(source):
    assert found(source) == {}


def test_names_that_a_test_sets_first_are_its_own():
    test = "a = 1\nb = a\nfor i in range(3):\n    c = i\ndef f():\n    return g\nwith open('x') as d:\n    e = d\n"
    test += "import np"
    assert names.own_names(ast.parse(test)) == {"a", "b", "i", "c", "f", "d", "e", "np"}


def test_names_that_a_test_reads_first_may_be_the_students():
    test = "orig = squares\ndel squares\ntry:\n    f(1)\nfinally:\n    squares = orig\nx = x + 1"
    assert names.own_names(ast.parse(test)) == {"orig"}


def test_the_courses_cells_count_when_they_need_nothing_of_the_student():
    cells = [
        "import numpy as np\nx = np.ones(3)",
        "def helper():\n    return students()",
        "y = students()",
        None,
        "z = x + 1",
        "w = y",
    ]
    given = names.given([names.parse(cell) if cell is not None else None for cell in cells])
    assert set(given.imports) == {"np"}
    assert given.cells == {"x": [0], "helper": [1], "z": [4]}


def test_modules_to_keep_warm():
    trees = [ast.parse("import a.b as c, d.e\nfrom f import g\ntry:\n    import h\nexcept ImportError:\n    pass")]
    assert names.modules(trees) == {"a.b", "d.e", "f:g", "h"}
    assert names.modules(trees, {"c", "g"}) == {"a.b", "f:g"}


AS_PYTHON = {
    "x = '''\n%no magic\n!nor this\n'''": "x = '''\n%no magic\n!nor this\n'''",
    "%matplotlib inline\nx = 1": "pass\nx = 1",
    "%matplotlib inline\nx = (5\n     % 3)\ny = (1\n     != 2)": "pass\nx = 5 % 3\ny = 1 != 2",
    "%config A.b = \\\n    'c'\nx = 1": "pass\nx = 1",
    "%%time\nx = 1": "x = 1",
    "\n  \n%%time\nx = 1": "x = 1",
    "if a:\n    %time f()": "if a:\n    f()",
    "%timeit -n1 -r 3 f()": "f()\npass",
    "%%timeit -n 2 a = 1\nf(a)": "a = 1\nf(a)\npass",
    "%time !pip install numpy": "pass",
    "!pip install numpy\nx?\n?x": "pass\npass\npass",
    "!python -m pip install -q numpy": "pass",
    "!{sys.executable} -m pip install -q numpy": "pass",
    "! sudo apt-get install graphviz": "pass",
    "%pip install numpy": "pass",
    "%conda install -y numpy": "pass",
    "%load_ext autoreload\n%autoreload 2": "pass\npass",
    "    x = 1\n    y = 2": "x = 1\ny = 2",
    ">>> def f():\n...     return 1": "def f():\n    return 1",
    "In [3]: def f():\n   ...:     return 1": "def f():\n    return 1",
    "In [3]: x = 4": "x = 4",
    "%%capture\nf()": "with __import__('IPython.utils.capture', fromlist=['*']).capture_output():\n    f()",
    "%%writefile a.py\nx": "__import__('pathlib').Path('a.py').write_text('x\\n')",
    "%%html\n<b>": "pass",
    "get_ipython().run_line_magic('precision', '3')": "pass",
    "get_ipython().kernel": "get_ipython().kernel",
}


@pytest.mark.parametrize("source", AS_PYTHON)
def test_lines_of_ipython_that_are_python(source):
    tree = magics.parse(source)
    assert ast.unparse(tree) == ast.unparse(ast.parse(AS_PYTHON[source]))
    assert magics.left(tree) == ""


NEED_IPYTHON = {
    "!rm x": "!rm x",
    "x = 1\nfiles = !ls *.py": "!ls *.py",
    "%%bash\nls": "%%bash",
    "%cd data": "%cd data",
    "t = %timeit -o f()": "%timeit -o f()",
    "def f():\n    !echo {x}": "!echo {x}",
    "%%time\n%%bash\nls": "%%bash",
    "%%cython\ndef f(): pass": "%%cython",
    "get_ipython().system('ls')": "!ls",
}


@pytest.mark.parametrize("source", NEED_IPYTHON)
def test_lines_that_need_ipython_are_named_and_may_bind_anything(source):
    assert magics.left(names.parse(source)) == NEED_IPYTHON[source]
    assert names.literals([names.parse(source), ast.parse("answer = 1")], [ast.parse("answer = 1")]) == {}


def test_names_that_ipythons_lines_bind_are_seen():
    test = names.parse("%%capture seen\nx = f()")
    assert names.own_names(test) == {"seen", "x"}
    later = names.parse("y = 1\n%time z = g(y)\nassert z")
    assert names.own_names(later) == {"y", "z"}
    assert found("x = 1\n%time x = 2") == {}


@pytest.mark.parametrize("source", ["!a\n" * 100, "x = 1\n" * 5000 + "!a", "%time " * 20 + "x", "a" * 5000 + ")?"])
def test_what_would_take_long_to_read_may_bind_anything(source):
    with pytest.raises(MagicError):
        names.parse_strictly(source)
    assert found(source, "answer = 1") == {}


def test_a_line_that_is_a_magic_without_a_sign_may_bind_anything():
    assert found("time x = 1", "x = 2") == {}


@pytest.mark.parametrize("source", ["x = 1" + " + 1" * 900, "x = " + "-" * 900 + "1", "x = f" + "()" * 900])
def test_a_cell_nested_deeper_than_python_goes_can_be_looked_at(source):
    tree = names.parse(source)
    assert names.top_level(tree) == {"x"}
    assert names.imports(tree) == ()


def test_what_is_no_python_says_so_when_asked_strictly():
    assert names.parse("x = 1\nassert (").body == []
    for source in ("assert (", "\0", "%time x\ny = = 2"):
        with pytest.raises(SyntaxError):
            names.parse_strictly(source)
