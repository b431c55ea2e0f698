"""The graded questions are well made; and what is ill made on purpose is found."""

import re
from collections.abc import Iterable
from dataclasses import replace

import nbformat
import pytest

from tests.course import questions
from tests.course.notebooks import ROOT, assignments
from tests.course.questions import Question

ALL = [question for name in assignments() for question in questions.read(ROOT / "solutions" / name / "quiz.ipynb")]
ROWS = questions.syllabus((ROOT / "docs" / "syllabus.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("question", ALL, ids=str)
def test_a_question_is_well_made(question: Question):
    assert list(questions.faults(question)) == []


def test_the_right_option_is_no_longer_than_chance_makes_it():
    assert list(questions.length_faults(ALL)) == []


def test_the_right_positions_spread_evenly():
    assert list(questions.position_faults(ALL)) == []


def test_questions_and_syllabus_agree():
    assert list(questions.row_faults(ALL, ROWS)) == []


def test_every_unit_of_the_course_is_in_the_syllabus():
    units = {path.name[:2] for path in (ROOT / "lessons").glob("*.ipynb")}
    assert {row[:2] for row in ROWS} == units


# The tests of these tests

GOOD = Question(
    assignment="01-one",
    number=1,
    stem="### Question 1 · 1 point\nWhich of them does it?",
    rows=("01-first",),
    kind="choice",
    options={"A": "an apple", "B": "a banana", "C": "a cherry"},
    several=False,
    letters="ABC",
    marked="ABCD",
    answer="B",
    key="B",
    tolerance=0,
    feedback={
        "A": "Apples grow on trees, bananas on large herbs.",
        "C": "Cherries have stones, and the question rules them out.",
    },
    otherwise="",
    points=1,
    checks=(),
)
SEVERAL = replace(
    GOOD,
    stem="Which of them do it? **Choose two.**",
    kind="choices",
    several=True,
    marked="ABC",
    answer="AB",
    key="AB",
    feedback={"C": GOOD.feedback["C"]},
)
NUMBER = replace(
    GOOD,
    kind="number",
    options={},
    letters="",
    answer=26,
    key=26,
    feedback={
        28: "The kernel fits at fewer positions than there are pixels.",
        25: "The first window, before any step, counts as well.",
    },
    otherwise="Subtract the width of the kernel from the picture's, and add one.",
)
RUBRIC = replace(
    GOOD,
    kind="Rubric",
    options={},
    letters="",
    key="",
    points=2,
    checks=(1, 1),
    feedback={
        "no padding": "Count the positions at which a window fits completely.",
        "padding": "The zeros are added at both ends of the row.",
    },
)


@pytest.mark.parametrize("question", [GOOD, SEVERAL, NUMBER, RUBRIC], ids=lambda question: question.kind)
def test_a_good_question_passes(question: Question):
    assert list(questions.faults(question)) == []


@pytest.mark.parametrize(
    ("question", "planted", "said"),
    [
        (GOOD, {"rows": ()}, "names no syllabus row"),
        (GOOD, {"kind": ""}, "is marked by none of"),
        (GOOD, {"options": {"A": "an apple", "B": "a banana"}, "letters": "AB"}, "at least A, B and C"),
        (GOOD, {"options": {"A": "an apple", "B": "a banana", "D": "a cherry"}}, "without a gap"),
        (GOOD, {"options": {"A": "an apple", "B": "a banana", "C": "A banana "}}, "the same option twice"),
        (GOOD, {"letters": "ABCD"}, "the test knows ABCD"),
        (SEVERAL, {"marked": "ABCD"}, "the test knows ABC and ABCD"),
        (GOOD, {"options": {**GOOD.options, "C": "all of the above"}}, "refers to other options in C"),
        (GOOD, {"options": {**GOOD.options, "C": "None of these."}}, "refers to other options in C"),
        (GOOD, {"options": {**GOOD.options, "C": "both A and B"}}, "refers to other options in C"),
        (GOOD, {"key": "D", "answer": "D"}, "which its options don't have"),
        (GOOD, {"answer": "A"}, "is solved by 'A', and its key is 'B'"),
        (GOOD, {"several": True}, "asks for one and marks several"),
        (GOOD, {"key": "AB", "answer": "AB"}, "a single choice with 2 right options"),
        (GOOD, {"stem": SEVERAL.stem}, "declares a number"),
        (SEVERAL, {"stem": GOOD.stem}, "does not end in the number of right options"),
        (SEVERAL, {"stem": "**Choose two.** But which?"}, "does not end in the number of right options"),
        (SEVERAL, {"stem": "**Choose three.**"}, "says **Choose three.** and has 2 right options"),
        (SEVERAL, {"key": "ABC", "answer": "ABC", "stem": "**Choose three.**"}, "has 3 right options of 3"),
        (GOOD, {"feedback": {"A": GOOD.feedback["A"]}}, "has no feedback for C"),
        (GOOD, {"feedback": {**GOOD.feedback, "B": "Bananas it is, as they are herbs."}}, "feedback for B, which"),
        (GOOD, {"feedback": {**GOOD.feedback, "C": ""}}, "explains nothing by its feedback for C"),
        (GOOD, {"feedback": {**GOOD.feedback, "C": "Sorry, this is not the right answer!"}}, "explains nothing"),
        (GOOD, {"feedback": dict.fromkeys("AC", GOOD.feedback["A"])}, "the same feedback twice"),
        (NUMBER, {"answer": 27}, "is solved by 27, and its key is 26"),
        (NUMBER, {"tolerance": 1}, "explains 25 as wrong, which counts as right"),
        (NUMBER, {"feedback": {28: NUMBER.feedback[28]}}, "fewer than two wrong numbers"),
        (NUMBER, {"otherwise": "This is not the right number."}, "no `otherwise`"),
        (RUBRIC, {"points": 3}, "is worth 3 points, and its checks give 2"),
        (RUBRIC, {"feedback": {**RUBRIC.feedback, "padding": ""}}, "explains nothing by its feedback for padding"),
    ],
)  # fmt: skip
def test_a_planted_fault_of_a_question_is_found(question: Question, planted: dict, said: str):
    assert said in "; ".join(questions.faults(replace(question, **planted)))


def course(*keys_and_lengths: tuple[str, str], assignment: str = "01-one") -> list[Question]:
    """Questions with four options: the right letter, and the letter of the longest option."""
    return [
        replace(
            GOOD,
            assignment=assignment,
            number=number,
            key=key,
            options={x: "long" if x == longest else "x" for x in "ABCD"},
        )
        for number, (key, longest) in enumerate(keys_and_lengths, 1)
    ]


def pairs(right: Iterable[str], longest: Iterable[str]) -> list[tuple[str, str]]:
    return list(zip(right, longest, strict=True))


def test_a_right_option_that_is_mostly_the_longest_is_found():
    fair = course(*pairs("ABCDABCD", "ACCCABAA"))  # the right one is the longest in 3 of 8
    assert list(questions.length_faults(fair)) == []
    telling = course(*pairs("ABCDABCD", "ABCDABAA"))  # in 6 of 8
    [of_the_assignment, of_the_course] = questions.length_faults(telling)
    assert of_the_assignment == "01-one: the longest option is a right one in 6 of 8 questions"
    assert "in 6 of 8 questions; chance gives so many with probability 0.0042" in of_the_course
    many = [
        question for unit in range(1, 8) for question in course(*pairs("ABCDABCD", "ABCDDDAA"), assignment=f"0{unit}-x")
    ]
    [of_the_course] = questions.length_faults(many)  # 4 of 8 each: no assignment stands out, the course does
    assert of_the_course.startswith("over the course the longest option is a right one in 28 of 56")


def test_options_of_equal_length_give_nothing_away():
    assert list(questions.length_faults(course(*pairs("ABCDABCD", "--------")))) == []


def test_the_probability_is_that_of_the_binomial_distribution():
    assert questions.at_least(0, [0.25] * 3) == pytest.approx(1)
    assert questions.at_least(2, [0.25] * 3) == pytest.approx(3 * 0.25**2 * 0.75 + 0.25**3)
    assert questions.at_least(2, [0.5, 0.2]) == pytest.approx(0.1)


def test_a_favourite_or_shunned_position_is_found():
    assert list(questions.position_faults(course(*pairs("ABCDABCD", "--------")))) == []
    found = list(questions.position_faults(course(*pairs("BBBBABCD", "--------"))))
    assert "01-one: B is right 5 times; an even spread gives 2.0" in found
    found = list(questions.position_faults(course(*pairs("ABCAABCB", "--------"))))
    assert "over the course: D is right 0 times; an even spread gives 2.0" in found


def test_rows_that_do_not_fit_the_syllabus_are_found():
    rows = {"00-purpose": "01", "00-limits": "", "01-first": "01", "02-other": "02"}
    asked = replace(GOOD, rows=("01-first", "00-purpose"))
    assert list(questions.row_faults([asked], rows)) == []
    for planted, said in [
        ("01-unheard", "docs/syllabus.md has no row 01-unheard"),
        ("02-other", "02-other is asked in 02"),
        ("00-limits", "00-limits is asked in no assignment"),
    ]:
        assert said in "; ".join(questions.row_faults([asked, replace(GOOD, rows=(planted,))], rows))
    [unasked] = questions.row_faults([GOOD], rows)
    assert unasked == "no question of assignment 01 asks about 00-purpose"


def test_the_syllabus_is_read_row_by_row():
    text = "| row | what | asked in |\n|---|---|---|\n| `00-a` | x | 01 |\n| `00-b` | y | not graded |\n\n"
    text += "| row | what |\n|---|---|\n| `01-c-d` | z |\n"
    assert questions.syllabus(text) == {"00-a": "01", "00-b": "", "01-c-d": "01"}
    listed = re.findall(r"^\| `", (ROOT / "docs" / "syllabus.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(ROWS) == len(listed)


def test_a_question_is_read_from_its_cells(tmp_path):
    cell = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(
            "Which? **Choose two.**", id="question-7", metadata={"companion": {"syllabus": "01-x"}}
        ),
        cell('answer_7 = "AC"\nask("answer_7", answer_7, several=True, A="a", B="b", C="c")', id="answer-7"),
        cell(
            'answered("answer_7", answer_7, "ABC")\nchoices(answer_7, key="AC", options="ABC", feedback={"B": "no"})',
            id="test-7",
            metadata={"nbgrader": {"points": 2}},
        ),
    ]
    folder = tmp_path / "01-x"
    folder.mkdir()
    nbformat.write(notebook, folder / "quiz.ipynb")
    [question] = questions.read(folder / "quiz.ipynb")
    assert (question.assignment, question.number, question.rows, question.points) == ("01-x", 7, ("01-x",), 2)
    assert (question.kind, question.several, question.key, question.answer) == ("choices", True, "AC", "AC")
    assert (question.letters, question.marked, question.feedback) == ("ABC", "ABC", {"B": "no"})
    assert question.options == {"A": "a", "B": "b", "C": "c"}
