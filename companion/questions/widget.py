"""The widget behind every kind of question."""

from pathlib import Path
from typing import Any

import traitlets

from companion.widgets import script, style
from companion.widgets.lasting import Lasting

_HERE = Path(__file__).parent


class Question(Lasting):
    """One question on the page, and the same as text where no widget can be shown.

    ==========  =======  =====================================================================================
    trait       type     meaning
    ==========  =======  =====================================================================================
    ``spec``    dict     what is asked; ``spec["kind"]`` picks the view in question.js
    ``state``   dict     what the learner did in a lesson's question, so that a second view shows it too
    ==========  =======  =====================================================================================

    A quiz question keeps nothing in ``state``: its one record is the source of its cell.
    """

    _esm = script(_HERE / "question.js")
    _css = style(_HERE / "question.css")
    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, spec: dict[str, Any], text: str) -> None:
        self._text = text
        super().__init__(spec=spec)

    def __repr__(self) -> str:
        return self._text
