"""What every explorer is: a widget whose mathematics and drawing run in the browser."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np

from companion.widgets import script, style


def files(python_file: str) -> tuple[str, str]:
    """The JavaScript and the CSS that lie beside `python_file`, each assembled to one text.

    Use it in the class body of an explorer: ``_esm, _css = files(__file__)``.
    """
    path = Path(python_file)
    return script(path.with_suffix(".js")), style(path.with_suffix(".css"))


class Explorer(anywidget.AnyWidget):
    """A widget of the course.

    A subclass sets `_esm` and `_css` with `files`, and says in `describe` what it shows: that text stands in for
    the picture wherever no browser draws it (a terminal, a diff, nbgrader's feedback).
    """

    def describe(self) -> str:
        """One short line of plain text instead of the picture."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{self.describe()}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = repr(self)
        return bundle


def gallery(names: Iterable[str], size: int = 128, colour: bool = False) -> tuple[list[dict[str, str]], bytes]:
    """Pictures as an explorer sends them, once, to the browser.

    Returns
    -------
    captions : list of {"name": ..., "description": ...}
    pixels : bytes
        The pictures one after the other, row by row, `size` * `size` bytes each (3 times that in colour).

    Raises
    ------
    ValueError
        If a name is none of `companion.data.PICTURES`.
    """
    from companion import data

    captions, parts = [], []
    for name in names:
        parts.append(np.ascontiguousarray(data.picture(name, size=size, colour=colour), dtype=np.uint8).tobytes())
        captions.append({"name": name, "description": data.PICTURES[name]})
    return captions, b"".join(parts)
