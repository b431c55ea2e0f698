"""What names in test cells stand for, as far as the text tells."""

import ast

import pytest

from autograder import names
from autograder.sandbox.magics import MagicError, to_python


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


def test_lines_of_ipython():
    assert to_python("x = '''\n%no magic\n'''") == "x = '''\n%no magic\n'''"
    assert to_python("%matplotlib inline\nx = 1") == "pass\nx = 1"
    assert to_python("%%time\nx = 1") == "\nx = 1"
    assert to_python("if a:\n    %time f()") == "if a:\n    f()"
    assert to_python("!pip install numpy\nx?") == "pass\n"
    with pytest.raises(MagicError, match="!rm"):
        to_python("!rm x")
    with pytest.raises(MagicError, match="%%bash"):
        to_python("%%bash\nls")


@pytest.mark.parametrize("source", ["x = 1" + " + 1" * 900, "x = " + "-" * 900 + "1", "x = f" + "()" * 900])
def test_a_cell_nested_deeper_than_python_goes_can_be_looked_at(source):
    tree = names.parse(source)
    assert names.top_level(tree) == {"x"}
    assert names.imports(tree) == ()


def test_what_is_no_python_says_so_when_asked_strictly():
    assert names.parse("assert (").body == []
    for source, error in {"assert (": SyntaxError, "\0": SyntaxError, "!ls": MagicError}.items():
        with pytest.raises(error):
            names.parse_strictly(source)
