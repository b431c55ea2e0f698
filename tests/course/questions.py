"""Reads the graded questions of an assignment's source, and tells what is wrong with how they are made.

`faults` looks at one question; `length_faults`, `position_faults` and `row_faults` look at many at once. All give
sentences for the author; none is good news.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
DECLARED = re.compile(r"\*\*Choose (\w+)\.\*\*\s*$")
FORBIDDEN = re.compile(
    r"\b(all|none|both|neither|any|either|some) (of )?(the )?(above|below|others|these|options|answers)\b"
    r"|\b[A-F] (and|or|nor) [A-F]\b",
    re.IGNORECASE,
)
EMPTY_WORDS = re.compile(
    r"\b(a|an|answer|correct|false|incorrect|is|it|no|not|option|right|sorry|that|the|this|true|wrong)\b", re.IGNORECASE
)
LEAST_WORDS = 6  # of a feedback, beside EMPTY_WORDS: fewer can't name a misconception
LEAST_PROBABILITY = 0.05  # an author who does not look at lengths gets a worse result in one course out of 20
LONGEST_CAP = 0.5  # share of an assignment's choices; with four options chance gives a quarter
UNEVEN = 0.25  # share by which a letter's count may differ from an even spread, but always by
UNEVEN_LEAST = 1.5


@dataclass(frozen=True)
class Question:
    """A graded question as its source notebook has it.

    `options` and `key` are empty unless it is a choice; `feedback` maps wrong letters or numbers to texts, and the
    names of a rubric's checks to their hints.
    """

    assignment: str
    number: int
    stem: str
    rows: tuple[str, ...]
    kind: str  # choice, choices, number or Rubric; "" if the test has none of them or several
    options: Mapping[str, str]
    several: bool
    letters: str  # what `answered` takes as options
    marked: str  # what `choices` takes as options
    answer: Any  # the literal in the solution; None if it is none
    key: Any
    tolerance: float
    feedback: Mapping[Any, str]
    otherwise: str
    points: float
    checks: tuple[float, ...]  # the points of a rubric's checks

    def __str__(self) -> str:
        return f"{self.assignment}, question {self.number}"


def read(path: Path) -> list[Question]:
    """The questions of a source notebook, in order."""
    cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
    numbers = [int(name.removeprefix("question-")) for name in cells if name.startswith("question-")]
    return [_question(path.parent.name, number, cells) for number in numbers]


def _question(assignment: str, number: int, cells: Mapping[str, nbformat.NotebookNode]) -> Question:
    text, answer, test = (cells[f"{part}-{number}"] for part in ("question", "answer", "test"))
    rows = text.metadata.get("companion", {}).get("syllabus", [])
    asked = _calls(answer.source, "ask")
    marks = [call for name in ("choice", "choices", "number", "Rubric") for call in _calls(test.source, name)]
    kind = _called(marks[0]) if len(marks) == 1 else ""
    mark = _keywords(marks[0]) if kind else {}
    question = _keywords(asked[0]) if asked else {}
    formed = [ast.literal_eval(call.args[2]) for call in _calls(test.source, "answered") if len(call.args) > 2]
    checks = [(ast.literal_eval(call.args[0]), _keywords(call)) for call in _calls(test.source, "rubric")]
    return Question(
        assignment=assignment,
        number=number,
        stem=text.source,
        rows=(rows,) if isinstance(rows, str) else tuple(rows),
        kind=kind,
        options={name: value for name, value in question.items() if len(name) == 1},
        several=question.get("several", False),
        letters="".join(formed),
        marked=mark.get("options", "ABCD"),
        answer=_assigned(answer.source, f"answer_{number}"),
        key=mark.get("key", ""),
        tolerance=mark.get("tolerance", 0),
        feedback={name: check.get("hint", "") for name, check in checks} if checks else mark.get("feedback", {}),
        otherwise=mark.get("otherwise", ""),
        points=test.metadata.nbgrader.points,
        checks=tuple(check.get("points", 1) for _, check in checks),
    )


def _calls(source: str, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _called(node) == name]


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _keywords(call: ast.Call) -> dict[str, Any]:
    return {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}


def _assigned(source: str, name: str) -> Any:
    """The literal that the source assigns to `name`, or None."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                try:
                    return ast.literal_eval(value)
                except ValueError:
                    return None
    return None


# One question


def faults(question: Question) -> Iterator[str]:
    """What is wrong with one question."""
    if not question.rows:
        yield "names no syllabus row"
    match question.kind:
        case "choice" | "choices":
            yield from _option_faults(question)
            yield from _key_faults(question)
            yield from _feedback_faults(question, set(question.options) - set(question.key))
        case "number":
            yield from _number_faults(question)
        case "Rubric":
            yield from _feedback_faults(question, set(question.feedback))
            if abs(sum(question.checks) - question.points) > 1e-9:
                yield f"is worth {question.points:g} points, and its checks give {sum(question.checks):g}"
        case _:
            yield "is marked by none of choice, choices, number and Rubric, or by several"


def _option_faults(question: Question) -> Iterator[str]:
    letters = "".join(question.options)
    if letters != "ABCDEF"[: len(letters)] or len(letters) < 3:
        yield f"has the options {letters!r}: at least A, B and C are wanted, without a gap"
    if len({text.strip().lower() for text in question.options.values()}) < len(letters):
        yield "has the same option twice"
    if question.letters != letters or (question.kind == "choices" and question.marked != letters):
        yield f"offers {letters}, and the test knows {question.letters} and {question.marked}"
    for letter, text in question.options.items():
        if FORBIDDEN.search(text):
            yield f"refers to other options in {letter}: {text!r}"


def _key_faults(question: Question) -> Iterator[str]:
    right, declared = len(question.key), DECLARED.search(question.stem)
    if not set(question.key) <= set(question.options) or len(set(question.key)) < right:
        yield f"has the key {question.key!r}, which its options don't have"
    if question.answer != question.key:
        yield f"is solved by {question.answer!r}, and its key is {question.key!r}"
    if question.several != (question.kind == "choices"):
        yield "asks for one and marks several, or the other way round"
    if question.kind == "choice" and (right != 1 or declared):
        yield f"is a single choice with {right} right options, or declares a number"
    if question.kind == "choices":
        if not declared or declared[1] not in NUMBERS:
            yield "does not end in the number of right options, as in **Choose two.**"
        elif NUMBERS.index(declared[1]) != right:
            yield f"says **{declared[0].strip('* ')}** and has {right} right options"
        if not 2 <= right < len(question.options):
            yield f"has {right} right options of {len(question.options)}"


def _number_faults(question: Question) -> Iterator[str]:
    if question.answer != question.key:
        yield f"is solved by {question.answer!r}, and its key is {question.key!r}"
    near = [value for value in question.feedback if abs(value - question.key) <= question.tolerance]
    if near:
        yield f"explains {near[0]} as wrong, which counts as right"
    if len(question.feedback) < 2:
        yield "explains fewer than two wrong numbers"
    if not _says_something(question.otherwise):
        yield "has no `otherwise` that says how to go about it"
    yield from _feedback_faults(question, set(question.feedback))


def _feedback_faults(question: Question, wanted: set[Any]) -> Iterator[str]:
    """`wanted` are the letters, numbers or checks that must have a feedback, and nothing else may."""
    if missing := wanted - set(question.feedback):
        yield f"has no feedback for {_listed(missing)}"
    if spare := set(question.feedback) - wanted:
        yield f"has feedback for {_listed(spare)}, which nobody will ever see"
    for place, text in question.feedback.items():
        if not _says_something(text):
            yield f"explains nothing by its feedback for {place}: {text!r}"
    if len({text.strip().lower() for text in question.feedback.values()}) < len(question.feedback):
        yield "gives the same feedback twice"


def _says_something(text: str) -> bool:
    return len(re.findall(r"\S*\w\S*", EMPTY_WORDS.sub("", text))) >= LEAST_WORDS


def _listed(things: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, things)))


# Many questions


def length_faults(questions: Sequence[Question]) -> Iterator[str]:
    """Whether the right option is the longest too often, in one assignment or over all of them.

    In a question with r right options out of n, chance makes the longest option a right one with probability r / n
    (or less, as only an option longer than all others counts). The number of such questions is then Poisson-binomial;
    `at_least` gives the probability of as many as there are, or more.
    """
    choices = [question for question in questions if question.options]
    for assignment, group in _by_assignment(choices).items():
        count = sum(map(_gives_itself_away, group))
        if count > LONGEST_CAP * len(group):
            yield f"{assignment}: the longest option is a right one in {count} of {len(group)} questions"
    count = sum(map(_gives_itself_away, choices))
    probability = at_least(count, [len(question.key) / len(question.options) for question in choices])
    if probability < LEAST_PROBABILITY:
        yield (
            f"over the course the longest option is a right one in {count} of {len(choices)} questions; "
            f"chance gives so many with probability {probability:.2g}"
        )


def _gives_itself_away(question: Question) -> bool:
    """Whether a right option is longer than every other one."""
    lengths = {letter: len(text) for letter, text in question.options.items()}
    longest = [letter for letter, length in lengths.items() if length == max(lengths.values())]
    return len(longest) == 1 and longest[0] in question.key


def at_least(count: int, chances: Iterable[float]) -> float:
    """The probability that at least `count` of independent events with these chances happen."""
    distribution = [1.0]  # of the number of events so far
    for chance in chances:
        padded = [*distribution, 0.0]
        shifted = [0.0, *distribution]
        distribution = [(1 - chance) * stays + chance * rises for stays, rises in zip(padded, shifted, strict=True)]
    return sum(distribution[count:])


def position_faults(questions: Sequence[Question]) -> Iterator[str]:
    """Whether a letter is right too often or too rarely, in one assignment or over all of them.

    A letter's fair count is the sum of r / n over the questions that have it. A count may differ from it by a quarter,
    and always by 1.5: of eight questions with four options each letter is then right once, twice or three times.
    """
    choices = [question for question in questions if question.options]
    for where, group in [*_by_assignment(choices).items(), ("over the course", choices)]:
        right, fair = Counter[str](), Counter[str]()
        for question in group:
            right.update(question.key)
            for letter in question.options:
                fair[letter] += len(question.key) / len(question.options)
        for letter in sorted(fair):
            if abs(right[letter] - fair[letter]) > max(UNEVEN_LEAST, UNEVEN * fair[letter]):
                yield f"{where}: {letter} is right {right[letter]} times; an even spread gives {fair[letter]:.1f}"


def row_faults(questions: Sequence[Question], rows: Mapping[str, str]) -> Iterator[str]:
    """Whether every row is asked where it should be. `rows` maps each row to its unit's number, or "" if ungraded."""
    for question in questions:
        for row in question.rows:
            if row not in rows:
                yield f"{question}: docs/syllabus.md has no row {row}"
            elif rows[row] != question.assignment[:2]:
                yield f"{question}: {row} is asked in {rows[row] or 'no assignment'}"
    units = {question.assignment[:2] for question in questions}
    asked = {row for question in questions for row in question.rows}
    for row, unit in rows.items():
        if unit in units and row not in asked:
            yield f"no question of assignment {unit} asks about {row}"


def syllabus(text: str) -> dict[str, str]:
    """The rows of docs/syllabus.md, each with the number of the unit that asks about it, or "" for none."""
    table = re.findall(r"^\| `(\d\d)(-[a-z-]+)` \|[^|]+\|(?: (\d\d|not graded) \|)?$", text, re.MULTILINE)
    return {unit + name: "" if where == "not graded" else where or unit for unit, name, where in table}


def _by_assignment(questions: Iterable[Question]) -> dict[str, list[Question]]:
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.assignment, []).append(question)
    return groups
