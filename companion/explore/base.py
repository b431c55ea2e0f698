"""What every explorer is: a widget whose mathematics and drawing run in the browser."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import traitlets

from companion.errors import ArgumentError
from companion.explore.traits import OneOf, Whole
from companion.widgets import script, style
from companion.widgets.lasting import Lasting


def files(python_file: str) -> tuple[str, str]:
    """The JavaScript and the CSS that lie beside `python_file`, each assembled to one text.

    Use it in the class body of an explorer: ``_esm, _css = files(__file__)``.
    """
    path = Path(python_file)
    return script(path.with_suffix(".js")), style(path.with_suffix(".css"))


class Explorer(Lasting):
    """A widget of the course.

    A subclass sets `_esm` and `_css` with `files`, and says in `describe` what it shows: that text stands in for
    the picture wherever no browser draws it (a terminal, a diff, nbgrader's feedback). What its numbers and words may
    be, its traits say, `Whole` and `OneOf` of `companion.explore.traits`; the page reads it from here.

    Attributes
    ----------
    ranges : dict
        By the name of each whole number that has both bounds: {"min": 1, "max": 7}.
    choices : dict
        By the name of each trait that has them: a list.
    other_ranges : dict of (low, high)
        The bounds of whole numbers that are no traits of their own.
    other_choices : dict of sequences
        The same for words.
    """

    other_ranges: ClassVar[Mapping[str, tuple[int, int]]] = {}
    other_choices: ClassVar[Mapping[str, Sequence[Any]]] = {}
    ranges = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)

    @traitlets.default("ranges")
    def _ranges_of_traits(self) -> dict[str, dict[str, int]]:
        bounds = {name: (trait.min, trait.max) for name, trait in self.traits().items() if isinstance(trait, Whole)}
        bounds |= self.other_ranges
        return {name: {"min": low, "max": high} for name, (low, high) in bounds.items() if high is not None}

    @traitlets.default("choices")
    def _choices_of_traits(self) -> dict[str, list[Any]]:
        found: dict[str, Sequence[Any]] = {
            name: trait.values or () for name, trait in self.traits().items() if isinstance(trait, OneOf)
        }
        return {name: list(choices) for name, choices in {**found, **self.other_choices}.items()}

    @classmethod
    def check(cls, **values: Any) -> None:
        """Raise the ArgumentError that setting these traits would raise: for a constructor that computes with them."""
        for name, value in values.items():
            getattr(cls, name).validate(None, value)

    def is_kept_elsewhere(self) -> bool:
        """Whether it shows a graded answer."""
        return bool(getattr(self, "answer", ""))

    def describe(self) -> str:
        """One short line of plain text instead of the picture."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{self.describe()}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = repr(self)
        return bundle


def check_picture(name: str, names: Collection[str]) -> None:
    """Raise an ArgumentError that lists the `names` of the pictures if `name` is none of them."""
    if name not in names:
        raise ArgumentError(f"There is no picture named {name!r}. The names are {', '.join(map(repr, names))}.")


def gallery(names: Iterable[str], size: int = 128, colour: bool = False) -> tuple[list[dict[str, str]], bytes]:
    """Pictures as an explorer sends them, once, to the browser.

    Returns
    -------
    captions : list of {"name": ..., "description": ...}
    pixels : bytes
        The pictures one after the other, row by row, `size` * `size` bytes each (3 times that in colour).

    Raises
    ------
    ArgumentError
        If a name is none of `companion.data.PICTURES`.
    """
    from companion import data

    captions, parts = [], []
    for name in names:
        check_picture(name, data.PICTURES)
        parts.append(np.ascontiguousarray(data.picture(name, size=size, colour=colour), dtype=np.uint8).tobytes())
        captions.append({"name": name, "description": data.PICTURES[name]})
    return captions, b"".join(parts)
