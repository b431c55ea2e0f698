"""Questions: the graded ones of a quiz, and the ungraded ones inside a lesson."""

from companion.questions.answers import NoAnswer, answered
from companion.questions.hand_in import hand_in
from companion.questions.lesson import checkpoint
from companion.questions.prediction import predict, tally
from companion.questions.quiz import ask, ask_number
from companion.questions.self_test import Item, self_test

__all__ = [
    "Item",
    "NoAnswer",
    "answered",
    "ask",
    "ask_number",
    "checkpoint",
    "hand_in",
    "predict",
    "self_test",
    "tally",
]
