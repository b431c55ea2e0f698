"""A self-test: several small questions, and at the end what to revise. Nothing is marked or kept."""

from dataclasses import dataclass, field

from companion.questions.options import check_options, check_text, listing
from companion.questions.widget import Question


@dataclass(frozen=True)
class Item:
    """One question of a self-test: what it is about, what is asked, and what to revise if the answer is not right.

    `options` are the texts under their letters, `right` is the letter of the right one.
    """

    topic: str
    question: str
    right: str
    revise: str
    options: dict[str, str] = field(default_factory=dict)


def self_test(title: str, /, *items: Item) -> Question:
    """Show a self-test. Every question also offers "I don't know"; the summary names the topics to revise.

    Raises
    ------
    ValueError
        If the test is malformed, e.g. it has no question, or a right letter is not among the options.
    """
    if not items:
        raise ValueError("a self-test needs at least one Item")
    return Question(
        {"kind": "self-test", "question": check_text(title, "the title"), "items": [_checked(item) for item in items]},
        f"Self-test: {title}\n" + "\n".join(f"{item.question}\n{listing(_listed(item))}" for item in items),
    )


def _checked(item: Item) -> dict[str, object]:
    letters = check_options(item.options)
    if len(item.right) != 1 or item.right not in letters:
        raise ValueError(f"right is {item.right!r}, and it must be one of the options' letters {letters!r}")
    return {
        "topic": check_text(item.topic, "the topic"),
        "question": check_text(item.question, "the question"),
        "right": item.right,
        "revise": check_text(item.revise, "what to revise"),
        "options": _listed(item),
    }


def _listed(item: Item) -> list[dict[str, str]]:
    return [{"letter": letter, "text": check_text(text, f"option {letter}")} for letter, text in item.options.items()]
