"""The self-test as Python sees it: what reaches the page, and what an author may get wrong."""

from dataclasses import replace

import pytest

from companion import self_test
from companion.questions import Item

ITEM = Item("Sums", "What is 1 + 1?", right="B", revise="adding small numbers", options={"A": "1", "B": "2"})


def test_the_page_gets_every_item_and_the_text_no_answer() -> None:
    question = self_test("Are you ready?", ITEM, replace(ITEM, topic="More sums", question="What is 2 + 2?"))
    assert question.spec["kind"] == "self-test"
    first, second = question.spec["items"]
    assert (first["right"], first["revise"], second["topic"]) == ("B", "adding small numbers", "More sums")
    assert first["options"] == [{"letter": "A", "text": "1"}, {"letter": "B", "text": "2"}]
    assert repr(question).splitlines() == [
        "Self-test: Are you ready?",
        "What is 1 + 1?",
        "  ( ) A  1",
        "  ( ) B  2",
        "What is 2 + 2?",
        "  ( ) A  1",
        "  ( ) B  2",
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"right": "C"}, "right is 'C'"),
        ({"right": "AB"}, "right is 'AB'"),
        ({"options": {"A": "1"}}, "at least two options"),
        ({"topic": " "}, "the topic must be a text"),
        ({"revise": ""}, "what to revise must be a text"),
        ({"options": {"A": "1", "B": ""}}, "option B must be a text"),
    ],
)
def test_a_malformed_item_is_the_authors_error(changes: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        self_test("Ready?", replace(ITEM, **changes))


def test_a_self_test_has_questions() -> None:
    with pytest.raises(ValueError, match="at least one Item"):
        self_test("Ready?")
