"""The graded questions of a quiz. Their answers live in the source of the cell that asks."""

from typing import Any

from companion.questions.answers import choice_problem, is_blank, number_problem
from companion.questions.options import check_options, check_text, listing
from companion.questions.widget import Question


def ask(name: str, value: Any, /, *, several: bool = False, **options: str) -> Question:
    """Show a multiple-choice question whose answer is the line ``name = "B"`` of the same cell.

    Choosing rewrites that line, where the editor lets the widget; elsewhere the widget says what to type.

    Parameters
    ----------
    name
        The variable that holds the answer, e.g. ``"answer_1"``.
    value
        That variable: ``""`` while unanswered, else the chosen letters. A value that is no answer is named
        in the widget, not raised.
    several
        Whether more than one option may be chosen, e.g. ``"AC"``.
    options
        The text of each option under its letter. `code` and *emphasis* are shown as such.

    Raises
    ------
    ValueError
        If the author's question is malformed: the name, a letter or a text.
    """
    _check_name(name)
    letters = check_options(options)
    listed = [{"letter": letter, "text": check_text(text, f"option {letter}")} for letter, text in options.items()]
    problem = _unreadable(name, choice_problem(value, letters, several=several))
    chosen = "" if problem or is_blank(value) else "".join(letter for letter in letters if letter in value)
    spec = {
        "kind": "choice",
        "name": name,
        "options": listed,
        "several": several,
        "chosen": chosen,
        "problem": problem,
    }
    how = "choose all that are right" if several else "choose one"
    text = f'{name} = "{chosen}"   ({how}: write it into this line)\n{listing(listed, chosen, several=several)}'
    return Question(spec, _with_problem(text, problem))


def ask_number(name: str, value: Any, /, *, unit: str = "") -> Question:
    """Show a question whose answer is a number in the line ``name = 26`` of the same cell.

    Parameters
    ----------
    name
        The variable that holds the answer, e.g. ``"answer_5"``.
    value
        That variable: None while unanswered, else a number. A value that is none is named in the widget,
        not raised.
    unit
        What the number counts, shown beside it, e.g. ``"parameters"``.

    Raises
    ------
    ValueError
        If `name` is not a variable's name.
    """
    _check_name(name)
    problem = _unreadable(name, number_problem(value))
    literal = "None" if problem or is_blank(value) else str(value)
    spec = {
        "kind": "number",
        "name": name,
        "unit": unit,
        "literal": literal,
        "problem": problem,
    }
    text = f"{name} = {literal}   (write a number into this line{f', in {unit}' if unit else ''})"
    return Question(spec, _with_problem(text, problem))


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f'{name!r} is no variable\'s name: the first argument is the name in quotes, like "answer_1"')


def _unreadable(name: str, problem: str) -> str:
    return f"{name} can't be read as an answer: {problem}." if problem else ""


def _with_problem(text: str, problem: str) -> str:
    return f"{text}\n{problem}" if problem else text
