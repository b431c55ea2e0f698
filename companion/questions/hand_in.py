"""Handing in from the notebook itself: a button that packs the assignment, shows the receipt and offers the file."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from companion.submit import SubmitError, last_packed, own_name, pack, packed_names, remember_name
from companion.widgets import script, style
from companion.widgets.lasting import course_bundle

_HERE = Path(__file__).parent


def hand_in(assignment: str, /) -> "HandIn":
    """Show a button that packs the assignment whose notebook shows it, as `companion submit` does.

    Parameters
    ----------
    assignment
        The assignment's id, e.g. ``"02-convolution"``, which is also the name of the notebook's folder.
    """
    return HandIn(assignment, Path.cwd())


class HandIn(anywidget.AnyWidget):
    """Packs `folder`, an assignment's, on request of its view.

    ==========  ======  ==========================================================================================
    trait       type    meaning
    ==========  ======  ==========================================================================================
    ``name``    str     what the learner is called in the class: as in the last file, at first the login name
    ``last``    dict    of the file packed last: its name, the receipt, and whether the folder is still the same
    ``data``    bytes   that file
    ==========  ======  ==========================================================================================

    The view sends ``{"name": ...}``; the answer is ``{"problem": ...}``, or the file's name, the receipt, the
    unanswered cells and those of which a test has failed, with the file's bytes beside it. Where files of other names
    only lie in the folder, the answer is ``{"others": [...]}``, until the view sends ``"sure": True``, too.
    """

    _esm = script(_HERE / "hand_in.js")
    _css = style(_HERE / "hand_in.css")
    name = traitlets.Unicode().tag(sync=True)
    last = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)

    def __init__(self, assignment: str, folder: Path) -> None:
        self._assignment = assignment
        self._folder = folder
        super().__init__(name=own_name(), **_last(folder, assignment))
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        return f"To hand in: save, then type `companion submit {self._assignment}` in a terminal."

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        return course_bundle(super()._repr_mimebundle_(**kwargs))

    def _answer(self, _: Any, request: dict[str, Any], __: Any) -> None:
        name = str(request.get("name", "")).strip()
        others = packed_names(self._folder, self._assignment)
        if others and name and name not in others and not request.get("sure"):
            self.send({"others": others})
            return
        try:
            packed = pack(self._folder.parent, self._assignment, name, self._folder)
        except SubmitError as error:
            self.send({"problem": str(error)})
            return
        remember_name(name)
        self.name = name
        reply = {
            "file": packed.path.name,
            "receipt": packed.receipt,
            "unanswered": list(packed.unanswered),
            "failed": list(packed.failed),
        }
        self.send(reply, [packed.path.read_bytes()])


def _last(folder: Path, assignment: str) -> dict[str, Any]:
    """What the widget shows of the file that was packed last, if there is one."""
    found = last_packed(folder, assignment)
    if not found:
        return {}
    path, receipt, is_same = found
    return {"last": {"file": path.name, "receipt": receipt, "is_same": is_same}, "data": path.read_bytes()}
