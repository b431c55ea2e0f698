import json

import pytest

from autograder import errors
from autograder.notebook.cells import read_cells, write_notebook
from autograder.notebook.choose import choose
from autograder.notebook.rebuild import rebuild
from tests.autograder.tiny_course import cell, notebook, solve


@pytest.fixture
def again(graded_form, released):
    """rebuild() of the tiny quiz after `change` did something to the parsed submission."""

    def run(change=lambda cells: None):
        content = json.loads(released)
        change(content["cells"])
        return rebuild(graded_form, released, json.dumps(content).encode())

    return run


def named(cells, name):
    return next(cell for cell in cells if cell["id"] == name)


def sources(rebuilt):
    return {cell.id: cell.source for cell in read_cells(rebuilt.notebook)}


def as_stored(notebook):
    return json.loads(write_notebook(json.loads(notebook)))


def test_an_untouched_notebook_needs_no_repair_and_has_no_answers(again, graded_form):
    rebuilt = again()
    assert rebuilt.repairs == ()
    assert rebuilt.unanswered == ("answer-1", "answer-2")
    assert as_stored(rebuilt.notebook)["cells"] == json.loads(graded_form)["cells"]


def test_answers_and_own_cells_stay_and_hidden_tests_come_back(again):
    def change(cells):
        named(cells, "answer-1")["source"] = 'answer_1 = "A"'
        cells.insert(2, {"cell_type": "code", "metadata": {"tags": ["x"]}, "source": ["a = 1\n", "b = 2"]})

    rebuilt = again(change)
    assert rebuilt.repairs == ()
    assert rebuilt.unanswered == ("answer-2",)
    texts = sources(rebuilt)
    assert texts["answer-1"] == 'answer_1 = "A"'
    assert list(texts.values())[2] == "a = 1\nb = 2"
    assert "HIDDEN TESTS" in texts["test-1"]


@pytest.mark.parametrize(
    ("change", "repair"),
    [
        (lambda cells: cells.remove(named(cells, "test-2")), "test-2: missing, put back"),
        (lambda cells: cells.remove(named(cells, "question-1")), "question-1: missing, put back"),
        (lambda cells: named(cells, "test-1").update(source="1"), "test-1: text changed, restored"),
        (lambda cells: named(cells, "test-1").update(cell_type="markdown"), "test-1: type changed, restored"),
        (
            lambda cells: named(cells, "test-1")["metadata"].update(tags=["skip-execution"]),
            "test-1: tags changed, restored",
        ),
        (
            lambda cells: named(cells, "test-1")["metadata"]["nbgrader"].update(points=100),
            "test-1: points or other nbgrader settings changed, restored",
        ),
        (
            lambda cells: named(cells, "test-1")["metadata"]["nbgrader"].update(grade=False, locked=False),
            "test-1: points or other nbgrader settings changed, restored",
        ),
        (lambda cells: cells.append(named(cells, "test-1")), "test-1: 2 copies, one was kept"),
    ],
)
def test_locked_cells_are_restored_whole(again, graded_form, change, repair):
    rebuilt = again(change)
    assert repair in rebuilt.repairs
    original = {cell["id"]: cell for cell in json.loads(graded_form)["cells"]}
    assert {cell["id"]: cell for cell in as_stored(rebuilt.notebook)["cells"]} == original


def test_of_copies_of_an_answer_the_filled_one_counts_wherever_it_stands(again):
    for position in (0, 5):

        def change(cells, position=position):
            cells.insert(position, named(cells, "answer-1") | {"source": 'answer_1 = "B"'})

        rebuilt = again(change)
        assert sources(rebuilt)["answer-1"] == 'answer_1 = "B"'
        assert len(sources(rebuilt)) == 5


def test_a_renamed_answer_still_runs_before_its_test(again):
    def change(cells):
        answer = named(cells, "answer-1")
        answer["source"] = 'answer_1 = "B"'
        answer["metadata"]["nbgrader"]["grade_id"] = "mine"

    texts = list(sources(again(change)).values())
    assert texts.index('answer_1 = ""\nprint(answer_1)') < texts.index('answer_1 = "B"') < 3


def test_cells_that_lost_their_metadata_are_known_by_their_id(again):
    rebuilt = again(lambda cells: [each.update(metadata={}) for each in cells])
    assert len(sources(rebuilt)) == 5
    assert "HIDDEN TESTS" in sources(rebuilt)["test-1"]


def test_old_formats_and_unknown_kernels_are_read(graded_form, released):
    content = json.loads(released) | {"nbformat_minor": 2, "metadata": {"kernelspec": {"name": "my-env"}}}
    for each in content["cells"]:
        del each["id"]
    rebuilt = rebuild(graded_form, released, json.dumps(content).encode())
    assert rebuilt.repairs == ()
    assert json.loads(rebuilt.notebook)["metadata"]["kernelspec"]["name"] == "python3"


def test_the_result_depends_on_the_bytes_alone(again):
    assert again().notebook == again().notebook


def test_parts_that_are_no_cells_are_left_out(again, graded_form):
    junk = [None, 7, "text", [], {}, {"cell_type": "code", "source": 3}, {"cell_type": "heading", "source": "x"}]
    rebuilt = again(lambda cells: cells.extend(junk))
    assert as_stored(rebuilt.notebook)["cells"] == json.loads(graded_form)["cells"]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", errors.EmptyNotebookError, "0 bytes"),
        (b" \n", errors.EmptyNotebookError, "white space"),
        (b'{"cells": [{"cell_type": "co', errors.TruncatedNotebookError, "breaks off"),
        (b"PK\x03\x04\xff\xfe", errors.NotJsonError, "UTF-8"),
        (b"<html></html>", errors.NotJsonError, "not JSON"),
        (b'{"a": 1,}', errors.NotJsonError, "not JSON"),
        (b"[" * 100_000, errors.NotJsonError, "nested too deep"),
        (b'{"nbformat": 4, "cells": ' + b"9" * 10_000 + b"}", errors.NotJsonError, "endless number"),
        (b"[1, 2]", errors.NotebookFormatError, "no notebook"),
        (b'{"nbformat": 4}', errors.NotebookFormatError, "no list of cells"),
        (b'{"nbformat": 99, "cells": []}', errors.NotebookFormatError, "99"),
        (b'{"nbformat": 3, "worksheets": 5}', errors.NotebookFormatError, "old format"),
        (b'{"nbformat": 4, "cells": []}', errors.OtherNotebookError, "another notebook"),
    ],
)
def test_what_can_not_be_read_has_a_named_error(graded_form, released, data, error, message):
    with pytest.raises(error, match=message):
        rebuild(graded_form, released, data)


# Two candidates


def halves(first, second, name="answer-2"):
    """A change that splits an answer cell as JupyterLab's Split Cell does: both halves keep nbgrader's metadata."""

    def change(cells):
        place = cells.index(named(cells, name))
        cells[place : place + 1] = [
            cells[place] | {"source": first},
            cells[place] | {"source": second, "id": f"{name}-2"},
        ]

    return change


JOINED = {
    "a helper above": ("def f(a, b):\n    return a * b\n", "def product(a, b):\n    return f(a, b)"),
    "a try below": ("def product(a, b):\n    return a * b", "product(1, 2)"),
    "cut through a function": ("def product(a, b):\n    c = a * b", "    return c"),
    "IPython's line": ("%matplotlib inline\ndef product(a, b):\n    return a * b", "product(1, 2)"),
}
APART = {
    "both define it": ("def product(a, b):\n    return 1", "def product(a, b):\n    return a * b"),
    "used before it is there": ("product(1, 2)", "def product(a, b):\n    return a * b"),
    "the stub stayed": ("raise NotImplementedError()", "def product(a, b):\n    return a * b"),
    "no Python as a whole": ("def product(a, b):\n    return a * b", "this is no Python"),
    "IPython's cell below": ("def product(a, b):\n    return a * b", "%%time\nproduct(1, 2)"),
}


@pytest.mark.parametrize("kind", JOINED)
def test_halves_of_an_answer_that_make_one_piece_are_joined(again, kind):
    first, second = JOINED[kind]
    rebuilt = again(halves(first, second))
    assert sources(rebuilt)["answer-2"] == first.strip("\n") + "\n" + second
    assert rebuilt.repairs == ("answer-2: in 2 parts, joined",)
    assert (rebuilt.review, rebuilt.unanswered) == ((), ("answer-1",))
    assert len(sources(rebuilt)) == 5


@pytest.mark.parametrize("kind", APART)
def test_halves_that_contradict_each_other_run_where_they_stood_and_a_person_looks(again, kind):
    first, second = APART[kind]
    rebuilt = again(halves(first, second))
    texts = list(sources(rebuilt).values())
    assert texts.index(first) + 1 == texts.index(second)
    assert sources(rebuilt)["answer-2"] == second
    assert rebuilt.repairs == ()
    assert rebuilt.review == (
        "answer-2: 2 copies that differ; the last counts, and each runs where it stood: please look",
    )


def test_different_answers_in_two_places_are_for_a_person_and_both_stay(again):
    def change(cells):
        named(cells, "answer-1")["source"] = 'answer_1 = "A"'
        cells.append(named(cells, "answer-1") | {"source": 'answer_1 = "B"'})

    rebuilt = again(change)
    assert "answer-1: 2 copies that differ" in rebuilt.review[0]
    assert sources(rebuilt)["answer-1"] == 'answer_1 = "B"'
    assert 'answer_1 = "A"' in sources(rebuilt).values()


def test_plain_copies_and_blank_ones_are_no_matter_for_a_person(again):
    def change(cells):
        filled = named(cells, "answer-1") | {"source": 'answer_1 = "A"'}
        cells[1:2] = [named(cells, "answer-1"), filled, filled | {"source": 'answer_1 = "A"  \r\n'}]

    rebuilt = again(change)
    assert (rebuilt.repairs, rebuilt.review) == (("answer-1: 3 copies, one was kept",), ())
    assert sources(rebuilt)["answer-1"] == 'answer_1 = "A"'


def test_a_released_cell_that_was_only_split_is_still_unanswered(again):
    rebuilt = again(halves('answer_1 = ""', "print(answer_1)", "answer-1"))
    assert rebuilt.unanswered == ("answer-1", "answer-2")


@pytest.mark.parametrize("end", ["\r\n", "\r", "  \n", "\t\r\n"])
def test_ends_of_lines_and_blanks_there_are_no_change(again, end):
    def change(cells):
        for each in cells:
            each["source"] = "".join(each["source"]).replace("\n", end) + end

    rebuilt = again(change)
    assert (rebuilt.repairs, rebuilt.review) == ((), ())
    assert rebuilt.unanswered == ("answer-1", "answer-2")
    assert "\r" not in "".join(sources(rebuilt).values())


@pytest.fixture
def manual():
    """rebuild() of a notebook with a question that a person scores, after a change."""
    words = cell("words", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=2)
    plain = cell("plain", "### Question 2", "markdown")
    form = notebook(cell("q", "Why?", "markdown", locked=True), words, plain, cell("given", "n = 1", locked=True))

    def run(change):
        content = json.loads(form)
        change(content["cells"])
        return rebuild(form, form, json.dumps(content).encode())

    return run


OWN = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "Because."}


@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_answer_beside_a_blank_manual_one_is_for_a_person(manual, place):
    rebuilt = manual(lambda cells: cells.insert(place, OWN))
    assert rebuilt.unanswered == ()
    assert rebuilt.review == ("words: blank, and the student's own cell beside it may hold the answer: please look",)


@pytest.mark.parametrize("place", [0, 4])
def test_a_manual_answer_that_lost_its_metadata_is_for_a_person(manual, place):
    def change(cells):
        del cells[1]
        cells.insert(place, OWN)

    rebuilt = manual(change)
    assert rebuilt.unanswered == ()
    assert rebuilt.review == ("words: missing, and perhaps in a cell of the student's own: please look",)


@pytest.mark.parametrize(
    "change",
    [
        lambda cells: None,
        lambda cells: cells.pop(1),
        lambda cells: cells.append(OWN),  # beyond the next cell of the course
        lambda cells: cells.insert(2, OWN | {"source": " \n"}),
        lambda cells: cells.insert(2, OWN | {"source": "### Question 2"}),  # the course's own words
    ],
)
def test_a_blank_manual_answer_with_nothing_beside_it_is_unanswered(manual, change):
    rebuilt = manual(change)
    assert (rebuilt.unanswered, rebuilt.review) == (("words",), ())


# Several notebooks


@pytest.fixture
def chosen(graded_form, released):
    """What choose() makes of notebooks, by their paths: the first answer that counts, the word, and what to look at."""

    def run(sure=True, **answers):
        handed_in = {
            f"{name}.ipynb": text if isinstance(text, bytes) else solve(released, text, None)
            for name, text in answers.items()
        }
        rebuilt, word = choose("quiz.ipynb", graded_form, released, handed_in, sure=sure)
        return rebuilt.answers.get("answer-1", ""), word, rebuilt.review

    return run


A, B = 'answer_1 = "A"', 'answer_1 = "B"'
OTHER = notebook(cell("x", "1"))


def test_one_notebook_of_another_name_is_taken_without_a_look(chosen):
    assert chosen(final=A) == (A, "final.ipynb was taken for quiz.ipynb", ())


@pytest.mark.parametrize("beside", [{"copy": None}, {"copy": A}, {"scratch": OTHER}, {"broken": b"{"}])
def test_what_lies_beside_an_answered_notebook_and_has_nothing_more_is_no_matter(chosen, beside):
    assert chosen(quiz=A, **beside) == (A, "", ())


@pytest.mark.parametrize(
    ("handed_in", "counts", "said"),
    [
        ({"quiz": None, "copy": A}, A, "copy.ipynb was taken for quiz.ipynb, which is blank"),
        ({"quiz": OTHER, "copy": A}, A, "copy.ipynb was taken for quiz.ipynb, which can't be graded (None of the"),
        ({"quiz": A, "copy": B}, A, "copy.ipynb has answers that quiz.ipynb, which counts, has not"),
        ({"one": None, "two": A}, A, "two.ipynb was taken for quiz.ipynb"),
        ({"one": B, "two": A}, B, "two.ipynb has answers that one.ipynb, which counts, has not"),
        ({"quiz": None, "copy": b"{"}, "", "quiz.ipynb is blank, and copy.ipynb can't be graded"),
        ({"quiz": A, **{f"n{n}": OTHER for n in range(51)}}, A, "1 more notebooks were not looked at"),
    ],
)
def test_of_two_notebooks_none_is_dropped_without_a_person(chosen, handed_in, counts, said):
    answer, word, review = chosen(**handed_in)
    assert (answer, word) == (counts, "")
    assert any(said in each and each.endswith(": please look") for each in review), review


def test_where_two_notebooks_are_missing_one_of_another_name_is_for_a_person(chosen):
    answer, word, review = chosen(sure=False, final=A)
    assert (answer, word, review) == (A, "", ("final.ipynb was taken for quiz.ipynb: please look",))


def test_nothing_that_could_be_meant_is_said_by_its_name(chosen):
    for handed_in, message in (({}, "quiz.ipynb is missing"), ({"x": b""}, "quiz.ipynb: The file is empty")):
        with pytest.raises(errors.UnreadableNotebookError, match=message):
            chosen(**handed_in)


def without(notebook, *names, **texts):
    """A release before some cells were there, and with other texts."""
    content = json.loads(notebook)
    content["cells"] = [each for each in content["cells"] if each["id"] not in names]
    for each in content["cells"]:
        each["source"] = texts.get(each["id"].replace("-", "_"), each["source"])
    return json.dumps(content).encode()


@pytest.fixture
def of_earlier(graded_form, released):
    """rebuild() of a hand-in, where two releases came before the present one."""
    earlier = [without(released, "answer-2", "test-2", question_1="Which"), without(released, "test-2")]
    return lambda submitted: rebuild(graded_form, released, submitted, earlier)


def test_a_hand_in_of_an_earlier_release_is_no_repair(of_earlier, released):
    rebuilt = of_earlier(without(solve(released), "test-2"))
    assert (rebuilt.repairs, rebuilt.review) == ((), ())
    assert rebuilt.remarks == ("as in an earlier release, which differs in test-2",)
    assert "HIDDEN TESTS" in sources(rebuilt)["test-2"]


def test_what_an_earlier_release_did_not_ask_for_is_for_a_person(of_earlier, released):
    rebuilt = of_earlier(without(solve(released), "answer-2", "test-2", question_1="Which"))
    assert (rebuilt.repairs, rebuilt.remarks, rebuilt.unanswered) == ((), (), ("answer-2",))
    assert rebuilt.review == (
        "as in an earlier release, which differs in question-1, answer-2, test-2, and did not ask for answer-2: "
        "please look",
    )


def test_what_a_learner_changed_in_an_earlier_release_is_a_repair(of_earlier, released):
    rebuilt = of_earlier(without(solve(released), "answer-2", "test-2", question_1="Which", test_1="1"))
    assert rebuilt.repairs == ("test-1: text changed, restored",)
    assert "as in an earlier release" in rebuilt.review[0]


def test_a_hand_in_of_the_present_release_is_not_one_of_an_earlier_one(of_earlier, released):
    assert of_earlier(solve(released)).remarks == ()
    rebuilt = of_earlier(without(solve(released), test_2="1"))  # no earlier one could tell
    assert (rebuilt.repairs, rebuilt.remarks) == (("test-2: text changed, restored",), ())
    rebuilt = of_earlier(without(solve(released), "test-1"))
    assert (rebuilt.repairs, rebuilt.remarks) == (("test-1: missing, put back",), ())


def test_cells_that_only_an_earlier_release_had_are_no_repair_and_no_answer():
    words = cell("words", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=2)
    before = notebook(words, cell("hint", "Think.", "markdown", locked=True))
    now = notebook(words, cell("advice", "Think again.", "markdown", locked=True))
    rebuilt = rebuild(now, now, before, [before])
    assert (rebuilt.repairs, rebuilt.review, rebuilt.unanswered) == ((), (), ("words",))
    assert rebuilt.remarks == ("as in an earlier release, which differs in advice, hint",)
