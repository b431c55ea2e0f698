"""Checks for the hidden part of a test cell: each compares one answer, prints a line for the learner, returns a score.

nbgrader takes a test cell's last expression as its score, so `choice(...)` or `rubric.score()` stands last.
A line says "right" or "not yet" with a hint, and never the key. An odd answer (nothing, NaN, a list where a letter was
wanted, an object that claims to equal everything) scores 0 with the reason; it never raises.
"""

import contextlib
import io
import math
from collections.abc import Iterator, Mapping

import numpy as np

RIGHT = "right"
NOT_YET = "not yet"

NO_ANSWER = "There is no answer yet."
NOT_A_LETTER = 'One letter in quotes is wanted, such as "A".'
NOT_LETTERS = 'The letters of your choices are wanted, in quotes, such as "AC".'
NOT_AN_OPTION = "One of the letters is not among the options."
NOT_RIGHT = "This is not the right one."
MISSING = "Something that belongs in the answer is missing."
TOO_MANY = "Something in the answer does not belong there."
NOT_A_NUMBER = "A number is wanted, without quotes."
NOT_FINITE = "The answer is not a finite number."
OTHER_NUMBER = "This is not the right number."
CODE_RAISED = "your code raised an error here"
MISSING_LABEL = "missing"  # stands where the letter of a wrong pick would

# Feedback shows a line of a test cell only when it is made of these and of the test cell's own texts.
REASONS = (
    NO_ANSWER,
    NOT_A_LETTER,
    NOT_LETTERS,
    NOT_AN_OPTION,
    NOT_RIGHT,
    MISSING,
    TOO_MANY,
    NOT_A_NUMBER,
    NOT_FINITE,
    OTHER_NUMBER,
    CODE_RAISED,
    MISSING_LABEL,
)

# Exact types only: a subclass may bring its own idea of equality.
_NUMBERS = (int, float, *(np.dtype(code).type for code in "bhilqBHILQefdg"))


def choice(answer: object, *, key: str, points: float = 1, feedback: Mapping[str, str] | None = None) -> float:
    """The score of a single choice: `points` when `answer` is the letter `key`, else 0.

    `feedback` maps each wrong letter to what its choice suggests, shown when it was chosen. Case and surrounding spaces
    don't matter.
    """
    if is_blank(answer):
        return _not_yet(NO_ANSWER)
    letter = _letters(answer)
    if letter is None or len(letter) != 1:
        return _not_yet(NOT_A_LETTER)
    if letter == key:
        return _right(points)
    return _not_yet((feedback or {}).get(letter, NOT_RIGHT))


def choices(
    answer: object, *, key: str, options: str = "ABCD", points: float = 1, feedback: Mapping[str, str] | None = None
) -> float:
    """The score of a multiple choice: (right picks - wrong picks) / right options, at least 0, times `points`.

    `feedback` maps wrong letters to what picking them suggests; each has a line of its own, with its letter. A letter
    outside `options` scores 0.
    """
    if is_blank(answer):
        return _not_yet(NO_ANSWER)
    letters = _letters(answer)
    if letters is None:
        return _not_yet(NOT_LETTERS)
    picked, right = set(letters), set(key)
    if not picked <= set(options):
        return _not_yet(NOT_AN_OPTION)
    if picked == right:
        return _right(points)
    wrong = sorted(picked - right)
    hints = [(letter, feedback[letter]) for letter in wrong if letter in feedback] if feedback else []
    if wrong and not hints:
        _not_yet(TOO_MANY)
    for letter, hint in hints:
        _not_yet(letter, hint)
    if not right <= picked:
        _not_yet(MISSING_LABEL, MISSING)
    share = (len(picked & right) - len(wrong)) / len(right)
    return points * max(0.0, share)


def number(
    answer: object,
    *,
    key: float,
    points: float = 1,
    tolerance: float = 0,
    feedback: Mapping[float, str] | None = None,
    otherwise: str = OTHER_NUMBER,
) -> float:
    """The score of a number: `points` within `tolerance` (absolute; 1e-9 relative is always allowed), else 0.

    `feedback` maps wrong values to what each suggests; any other wrong value gets `otherwise`. Python's and NumPy's
    real numbers are taken, Booleans and text are not.
    """
    if is_blank(answer):
        return _not_yet(NO_ANSWER)
    if type(answer) not in _NUMBERS:
        return _not_yet(NOT_A_NUMBER)
    try:
        value = float(answer)  # type: ignore[arg-type]
    except OverflowError:  # an int beyond float's range
        return _not_yet(otherwise)
    if not math.isfinite(value):
        return _not_yet(NOT_FINITE)
    if _near(value, key, tolerance):
        return _right(points)
    hints = [text for wrong, text in (feedback or {}).items() if _near(value, wrong, tolerance)]
    return _not_yet(*(hints[:1] or [otherwise]))


class Rubric:
    """Named checks of one test cell, each with its own points.

        rubric = Rubric()
        with rubric("stride 2 with padding", points=1, hint="Count the padding on both sides."):
            np.testing.assert_allclose(conv(x, stride=2, padding=1), expected)
        rubric.score()

    What fails inside one `with` block costs that check only. What the student's code prints there is swallowed, and
    messages of exceptions are not shown: they may hold expected values.
    """

    def __init__(self) -> None:
        self._score = 0.0

    @contextlib.contextmanager
    def __call__(self, name: str, *, points: float = 1, hint: str = "") -> Iterator[None]:
        """One check: worth `points` when its block ends without an exception; `hint` is shown when it does not."""
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                yield
        except AssertionError:
            _not_yet(name, hint)
        except (Exception, SystemExit):  # KeyboardInterrupt is the grader's own time limit
            _not_yet(name, CODE_RAISED, hint)
        else:
            self._score += _right(points, name)

    def score(self) -> float:
        """The points of the checks that passed."""
        return self._score


def _right(points: float, *texts: str) -> float:
    print(": ".join([RIGHT, *texts]))
    return float(points)


def _not_yet(*texts: str) -> float:
    print(": ".join([NOT_YET, *filter(None, texts)]))
    return 0.0


def is_blank(answer: object) -> bool:
    """Whether an answer is as it was handed out: None or an empty text."""
    return answer is None or (type(answer) is str and not answer.strip())


def _letters(answer: object) -> str | None:
    """The letters of an answer such as "ac" or "A, C", in capitals; None when it is not text of letters."""
    if type(answer) is not str:
        return None
    text = answer.upper().replace(",", "").replace(" ", "").strip()
    return text if text.isascii() and text.isalpha() else None


def _near(value: float, other: float, tolerance: float) -> bool:
    return math.isclose(value, other, rel_tol=1e-9, abs_tol=tolerance)
