"""What was handed in costs time in proportion to its size: in regular expressions, and on a feedback page."""

import ast
import contextlib
import gc
import heapq
import importlib
import itertools
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder.errors import UnreadableNotebookError, shown, visible
from autograder.feedback import typeset
from autograder.feedback.page import page
from autograder.feedback.write import LearnerView
from autograder.notebook.answers import answer, values
from autograder.notebook.cells import read_cells
from autograder.notebook.disarm import as_typed, disarmed
from autograder.notebook.messages import learner_lines
from autograder.terminal import line
from autograder.time_limit import time_limit
from autograder.wire import magics
from companion.submit import unanswered
from tests.autograder.tiny_course import cell, notebook

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("linear")]

ROOT = Path(__file__).parents[2]
PARSER = re._parser  # type: ignore[attr-defined]
USES = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8")
    for package in ("autograder", "companion")
    for path in sorted((ROOT / package).rglob("*.py"))
}

# Patterns that are made while the program runs, and constants that meet no learner's text: where, and why it may be so.
EXEMPT = {
    ("autograder.demo.learners", "_REGION"): "the instructor's sources",
    ("autograder.release.make", "_clear_literals"): "the instructor's sources",
    ("autograder.collect.intake", "_resembles_assignment"): "the names of assignments",
    ("autograder.collect.intake", "_named_assignment"): "names of files, which are short",
    ("autograder.collect.whose", "_by_the_courses_rule"): "the instructor's own, on names of files, which are short",
    ("autograder.collect.people", "_CANVAS"): "names of files, which are short",
    ("autograder.collect.people", "_BLACKBOARD"): "names of files, which are short",
    ("autograder.collect.people", "_BRIGHTSPACE"): "names of files, which are short",
    ("autograder.course.times", "_BRIGHTSPACE"): "times, of which 200 letters are read at most",
    ("autograder.course.course", "gradebook"): "the gradebook's own errors",
    ("companion.widgets.files", "_IMPORT"): "this package's own modules",
    ("companion.widgets.files", "_EXPORT"): "this package's own modules",
}

LONGEST = 100_000  # characters
SHORT = 300  # characters, at which the slowest texts are looked for
SLOWEST = 5  # of these are tried at greater lengths
MOST = 1.5  # the power of the length with which the time may grow
ENOUGH, TOO_LITTLE = 0.05, 1e-4  # seconds of processor time that need no greater length, and that mean nothing
PATIENCE = 2.0  # seconds after which it takes for ever


@dataclass(frozen=True)
class Use:
    """A regular expression, where it stands, and what it is used for."""

    place: str
    pattern: re.Pattern[str]
    method: str

    def __call__(self, text: str) -> object:
        if self.method.startswith("sub"):
            return getattr(self.pattern, self.method)("", text)
        found = getattr(self.pattern, self.method)(text)
        return list(found) if self.method == "finditer" else found


def uses(module: str, text: str) -> tuple[list[Use], set[tuple[str, str]]]:
    """What a module uses regular expressions for, and where its text does not tell the pattern."""
    tree, found, untold = ast.parse(text), [], set()
    constants = {
        statement.value: statement.targets[0].id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and called(statement.value) == "compile"
    }
    for name in constants.values():
        methods = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
        }
        pattern = getattr(importlib.import_module(module), name)
        found += [Use(f"{module}.{name}", pattern, method) for method in sorted(methods & {*USES}) or ["search"]]
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]:
        for call in [node for node in ast.walk(function) if called(node) and node not in constants]:
            place, given = getattr(function, "name", "lambda"), call.args[0]
            if isinstance(given, ast.Constant):
                flags = [each for each in (*call.args, *(word.value for word in call.keywords)) if is_flag(each)]
                pattern = re.compile(given.value, *(eval(ast.unparse(each), {"re": re}) for each in flags))
                method = called(call) if called(call) in USES else "search"
                found.append(Use(f"{module}.{place}: {given.value}", pattern, method))
            else:
                untold.add((module, place))
    return found, untold


def called(node: ast.AST) -> str:
    """The function of `re` that a call calls; empty for any other node, and for re.escape."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)) if name in (*USES, "compile"):
            return name
    return ""


def is_flag(node: ast.expr) -> bool:
    return ast.unparse(node).startswith("re.") and not isinstance(node, ast.Call)


ALL = {module: uses(module, text) for module, text in MODULES.items()}
TRIED = [use for found, _ in ALL.values() for use in found if tuple(use.place.rsplit(".", 1)) not in EXEMPT]


# Texts on which a pattern may be slow


def sample(parsed: object) -> str:
    """A short text that a parsed pattern, or a part of one, matches."""
    return "".join(_sampled(str(kind), value) for kind, value in parsed)


def _sampled(kind: str, value: object) -> str:
    match kind, value:
        case "LITERAL", code:
            return chr(code)
        case "IN", items:
            return next(iter(members(items)), "")
        case (("ANY" | "NOT_LITERAL"), _):
            return "~"
        case "SUBPATTERN", (*_, inner):
            return sample(inner)
        case "BRANCH", (_, branches):
            return sample(branches[0])
        case (("MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT"), (least, _, inner)):
            return sample(inner) * max(1, least)
        case "ATOMIC_GROUP", inner:
            return sample(inner)
    return ""


def members(items: list[tuple[object, object]]) -> list[str]:
    """Some characters of a class."""
    kinds = {"DIGIT": "1", "SPACE": " \t\n", "WORD": "a1_", "NOT_SPACE": "~", "NOT_WORD": "~ ", "NOT_DIGIT": "a~"}
    found: list[str] = []
    for kind, value in items:
        match str(kind), value:
            case "LITERAL", code:
                found.append(chr(code))
            case "RANGE", (low, high):
                found += [chr(low), chr(high)]
            case "CATEGORY", category:
                found += kinds[str(category).removeprefix("CATEGORY_")]
            case "NEGATE", _:
                return ["~"]
    return found


def pieces(parsed: object) -> set[str]:
    """What a pattern is made of: samples of its parts, its letters, and the members of its classes."""
    found = {sample(parsed)}
    for kind, value in parsed:
        found.add(_sampled(str(kind), value))
        match str(kind), value:
            case "IN", items:
                found |= set(members(items))
            case "SUBPATTERN", (*_, inner):
                found |= pieces(inner)
            case "BRANCH", (_, branches):
                found |= {each for branch in branches for each in pieces(branch)}
            case (("MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT"), (_, _, inner)):
                found |= pieces(inner)
            case (("ASSERT" | "ASSERT_NOT"), (_, inner)):
                found |= pieces(inner)
    return found - {""}


def texts(pattern: re.Pattern[str]) -> Iterator[Callable[[int], str]]:
    """Functions that make texts of any length: one or two pieces again and again, behind what begins a match."""
    parsed = PARSER.parse(pattern.pattern, pattern.flags)
    ends = [end for end in range(len(parsed)) if str(parsed[end][0]) != "LITERAL"]
    beginnings = sorted({sample(parsed[:end]) for end in (*ends, len(parsed))}, key=len)
    own = [*sorted(pieces(parsed) - {*beginnings}, key=len)[:16], *filter(None, beginnings[:6])]
    repeated = [*own, *(each for each in (" ", "\t", "\n", "1", "a", "~") if each not in own)]
    for one, other in itertools.product(repeated, ["", *repeated]):
        for beginning, end in itertools.product([*beginnings[:3], *beginnings[3:][-2:]], ("", "\n~", "\0")):
            unit = one + other if one != other else one * 3
            yield lambda n, unit=unit, before=beginning, after=end: before + unit * (n // len(unit)) + after


def exponent(use: Use) -> float:
    """By which power of a text's length the time grows, on one of the worst texts that are found."""
    makers = texts(use.pattern)
    found = 0.0
    for _, make in heapq.nlargest(SLOWEST, _timed(use, makers), key=lambda timed: timed[0]):
        found = max(found, _growth(use, make))
        if found > MOST:
            break
    return found


def _timed(use: Use, makers: Iterator[Callable[[int], str]]) -> Iterator[tuple[float, Callable[[int], str]]]:
    hopeless = 0
    for make in makers:
        took = seconds(use, make(SHORT))
        hopeless += SLOWEST if math.isinf(took) else took > ENOUGH / 10
        yield took, make
        if hopeless >= SLOWEST:
            return


def _growth(use: Callable[[str], object], make: Callable[[int], str]) -> float:
    """The least of six measurements, unless one is good enough: on a busy machine some are off."""
    least = math.inf
    for _ in range(6):
        times, length = [], 64
        while length <= LONGEST and (not times or times[-1] < ENOUGH):
            text = make(length)
            times.append(seconds(use, text))
            if times[-1] < ENOUGH:
                times[-1] = min(times[-1], seconds(use, text))
            length *= 2
        if math.isinf(times[-1]):
            return math.inf
        clear = len(times) > 2 and times[-1] > TOO_LITTLE
        least = min(least, math.log(times[-1] / times[-3], 4) if clear else 0.0)
        if least <= MOST:
            break
    return least


@pytest.fixture(autouse=True)
def _no_collector():
    """What the collector of garbage does at a moment of its own is no part of a measurement."""
    gc.disable()
    yield
    gc.enable()


class _TooLongError(BaseException):
    pass


def seconds(use: Callable[[str], object], text: str) -> float:
    """The processor time that it takes, or infinity."""
    begun = time.process_time()
    try:
        with time_limit(PATIENCE, _TooLongError):
            use(text)
    except _TooLongError:
        return math.inf
    return time.process_time() - begun


@pytest.mark.parametrize("use", TRIED, ids=lambda use: f"{use.place}-{use.method}")
def test_a_regular_expression_takes_a_time_in_proportion_to_the_text(use):
    assert exponent(use) <= MOST


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE),  # cubic
        (r"\s+$", 0),
        (r"^#+ +([^·\n]*[^·\s])", re.MULTILINE),
        (r"(.*)=(.*)", 0),
        (r"<!--.*?-->", re.DOTALL),
        (r"(a|aa)+$", 0),  # worse than any power
    ],
)
def test_a_pattern_that_takes_longer_is_found_out(pattern, flags):
    assert exponent(Use("here", re.compile(pattern, flags), "search")) > MOST


@pytest.mark.parametrize("pattern", [r"[^\w]", r"\w[\w.@-]{0,63}", r"(?:a|b)+c?", r"`([^`]+)`"])
def test_a_pattern_that_does_not_is_let_pass(pattern):
    assert exponent(Use("here", re.compile(pattern), "search")) <= MOST


def test_every_pattern_is_tried_or_excused():
    untold = set().union(*(places for _, places in ALL.values()))
    constants = {tuple(use.place.rsplit(".", 1)) for found, _ in ALL.values() for use in found}
    assert untold == {place for place in EXEMPT if place not in constants}
    assert untold | constants >= set(EXEMPT)
    for module, text in MODULES.items():
        assert not re.search(r"^\s*(from (re|sre_\w+|regex) import|import (re|regex) as|import regex)", text, re.M), (
            module
        )


def test_a_pattern_that_the_text_does_not_tell_is_seen():
    text = (
        'import re\ndef f(x, y):\n    return re.search(rf"{x}$", y) or re.sub("a+", "", y, flags=re.I) or re.escape(x)'
    )
    found, untold = uses("module", text)
    assert untold == {("module", "f")}
    assert [(use.pattern.pattern, use.pattern.flags & re.I, use.method) for use in found] == [("a+", re.I, "sub")]


# Functions that read a learner's text


UNITS = (
    *("# ", "[", "*", "`", "$", "<", "&", "![](", "\\\\", "\\style", "\n", " ", "a", "'", '"""', "(", "%", "x = 1\n"),
    *("right: ", "# a ·", "!a\n", "%a b\n", "x?\n", "?", ".a", ">>> ", "In [1]: ", "%%time\n", "%time ", "a = %b\n"),
)
RUBRIC = 'with rubric("one", hint=f"It is {x} and {y}."):\n    pass\nchoices(a, key="B", feedback={"A": "No."})'


def in_notebook(text):
    """A notebook with this text in a cell of each kind."""
    return notebook(*(cell("own", text, kind) for kind in ("code", "markdown", "raw")), cell("a", text, solution=True))


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


READERS = {
    "companion.submit.unanswered": lambda text: unanswered("quiz.ipynb", in_notebook(text)),
    "autograder.notebook.cells.read_cells": lambda text: read_cells(in_notebook(text)),
    "autograder.notebook.disarm": lambda text: as_typed(disarmed(text, ())),
    "autograder.notebook.answers": lambda text: (answer(text), values(text)),
    "autograder.wire.magics": magics.parse,
    "autograder.notebook.messages": lambda text: learner_lines(
        RUBRIC, [printed(text), printed(f"not yet: one: It is {text}")]
    ),
    "autograder.terminal": lambda text: (visible(text), shown(text), line(text)),
}


def quietly(reader):
    numbers = itertools.count()  # no text is read twice: the second time it may be remembered

    def read(text):
        with contextlib.suppress(magics.MagicError, SyntaxError, UnreadableNotebookError):
            reader(f"{text}{next(numbers)}")

    return read


@pytest.mark.parametrize("reader", READERS)
def test_a_function_that_reads_a_learners_text_takes_a_time_in_proportion_to_it(reader):
    read = quietly(READERS[reader])
    powers = {unit: _growth(read, lambda n, unit=unit: unit * (n // len(unit)) + "~") for unit in UNITS}
    assert {unit: power for unit, power in powers.items() if power > MOST} == {}


# The page


ANSWER = {"solution": True, "locked": False}
WRITTEN = {**ANSWER, "grade": True, "points": 1}
ABOUT = {"assignment": "01-tiny", "notebook": "quiz", "student": "ada", "score": 0, "max_score": 1}
WITH_PICTURES, WITHOUT = 12_000_000, 4_000_000  # characters of a page, at most
TYPED, FULL = "This stands here as it was typed", "The page is full"
LINE = "x = [1, 2, 3]  # a 'comment' <b>\n"


def made(*cells):
    """The page of a notebook."""
    nb = nbformat.from_dict({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    nb, _ = LearnerView().preprocess(nb, {})
    return page(nb, ABOUT, "")


def answered(text, kind="code", **more):
    return {**cell("answer-1", text, kind, **(ANSWER if kind == "code" else WRITTEN)), **more}


def picture(size, name="a.png", times=1, **cell_of):
    attachments = {name: {"image/png": "A" * size}}
    return answered(f"![x](attachment:{name}) " * times, "markdown", attachments=attachments)


def own(text, kind="markdown"):
    return cell("own", text, kind)


MARKDOWN = {
    "blanks behind #": "#" + " " * 20_000 + "x",
    "a table": "".join(f"|{mark * 2000}\n" for mark in ("a|", "-|", "b|", "c|")),
    "a table of many rows": "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 9000,
    "nested lists": "".join("  " * depth + "- x\n" for depth in range(140)),
    "nested quotes": "> " * 10_000 + "x",
    **{
        f"{unit} again and again": (unit * 20_000)[:20_000]
        for unit in (
            *(
                "[",
                "*",
                "_",
                "`",
                "$",
                "<",
                ">",
                "|",
                "~",
                "![](",
                "\\(",
                "&#",
                "[a](",
                "*a",
                "**a*",
                "$a$",
                "- ",
                "***",
            ),
            *("``", "~~a", "\\", "\\\\(", "$$", "](", "[^a]: ", "&lt;", "<a", "1. ", "\n", "\t", "[a]: x\n", "#\n"),
        )
    },
}


@pytest.mark.parametrize("name", MARKDOWN)
@pytest.mark.parametrize("kind", [own, lambda text: answered(text, "markdown")], ids=["own", "answer"])
def test_a_text_that_is_hard_to_set_has_a_bounded_page(name, kind):
    html = made(kind(MARKDOWN[name]))
    assert len(html) < WITHOUT
    assert html.endswith("</html>")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([own("x" * 20_001)], TYPED),
        ([answered("<&" * 10_001, "markdown")], TYPED),
        ([answered(LINE * 6000)], TYPED),
        ([answered(LINE * 30_000)], FULL),
        ([own(LINE * 30_000, "code")], FULL),
        ([own("<" * 1_000_000, "raw")], FULL),
        ([own('"' * 1_000_000, "raw")], FULL),
        ([own((LINE * 13)[:400], "code")] * 5000, FULL),
        ([own("a+" * 10_000, "code")] * 20, TYPED),  # in colours each sign takes many letters
        ([own("$x_{1}^{2}$ " * 1500)] * 20, TYPED),
        ([own(f"# {'$a$' * 90}{n}") for n in range(2000)], ""),
        ([answered(f'answer_1 = "{"x" * 1_000_000}"')], FULL),
        ([answered(f"answer_1 = [{'1, ' * 300_000}]")], FULL),
        ([answered("answer_1 = " + "(" * 50_000)], TYPED),
        ([answered(f'answer_1 = "A"\nask("answer_1", answer_1, A="{"`*" * 400_000}")')], FULL),
        ([answered(f'answer_1 = 1\nask_number("answer_1", answer_1, unit="{"x" * 1_000_000}")')], FULL),
    ],
    ids=itertools.count(),
)
def test_a_page_has_a_bounded_size_and_says_what_is_cut_or_not_set(cells, said):
    html = made(*cells)
    assert len(html) < WITHOUT
    assert said in html
    assert html.endswith("</html>")


@pytest.mark.parametrize(
    ("cells", "times"),
    [
        ([picture(20_000_000)], 0),
        ([picture(5_000_000)], 1),
        ([picture(5_000_000, times=3)], 1),  # a picture takes its room each time that it is shown
        ([picture(500_000, times=30)] * 40, 15),
        ([picture(1_000_000, f"{n}.png") for n in range(20)], 7),
    ],
    ids=itertools.count(),
)
def test_pictures_that_have_no_room_are_left_out_and_the_page_says_so(cells, times):
    html = made(*cells)
    assert len(html) < WITH_PICTURES
    assert html.count("<img") == times
    assert (FULL in html) == (times != 1 or cells[0]["source"].count("!") > 1)


@pytest.mark.parametrize(
    "grown",
    [
        lambda n: [own("*a* `b` " * n)],
        lambda n: [answered("[" * 8 * n, "markdown")],
        lambda n: [own("<" * 8 * n, "raw")],
        lambda n: [answered(LINE * n)],
        lambda n: [own(LINE * n, "code")],
        lambda n: [own(LINE, "code")] * (n // 10),
        lambda n: [own("# a\n*b*")] * (n // 10),
        lambda n: [answered("x = 1")] * (n // 10),
        lambda n: [answered(f"answer_1 = [{'1, ' * 10 * n}]")],
        lambda n: [picture(1000 * n)],
    ],
    ids=itertools.count(),
)
def test_above_the_limits_a_page_takes_a_time_in_proportion_to_the_notebook(grown):
    made(own("x"))
    powers = []
    for _ in range(3):
        short, long = (min(seconds_of(made, *grown(n)) for _ in range(2)) for n in (5_000, 20_000))
        powers.append(math.log(long / short, 4))
        if powers[-1] <= MOST:
            break
    assert min(powers) <= MOST


def seconds_of(action, *arguments):
    begun = time.process_time()
    action(*arguments)
    return time.process_time() - begun


@pytest.mark.parametrize("part", ["MarkdownWithMath", "highlight", "nh3"])
def test_a_text_for_which_a_library_raises_is_shown_as_it_was_typed(monkeypatch, part):
    def stumble(*given, **named):
        raise RecursionError("too deep")

    class Stumbling:
        __init__ = __call__ = clean = stumble

    monkeypatch.setattr(typeset, part, Stumbling if part == "MarkdownWithMath" else object.__new__(Stumbling))
    text = "a *b* `c` <i> &amp; é"
    html = made(own(text, "code" if part == "highlight" else "markdown"))
    assert f"{TYPED}: it can&#39;t be set (RecursionError)." in html
    assert BeautifulSoup(html, "html.parser").pre.get_text() == text


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_what_is_shown_as_it_was_typed_is_what_was_typed(kind):
    text = "if a < b && c > d: <script>" + " " * 20_000 + "."
    soup = BeautifulSoup(made(own(text, kind)), "html.parser")
    assert soup.pre.get_text() == text
