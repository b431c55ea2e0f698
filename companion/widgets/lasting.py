"""Widgets in which nothing is lost that a learner did."""

import contextlib
from collections.abc import Callable, Collection
from typing import Any, ClassVar

import anywidget
import traitlets

from companion.errors import ArgumentError
from companion.widgets import kept

watchers: list[Callable[["Lasting"], None]] = []  # are told of every change of a widget
_REFUSED = (traitlets.TraitError, ArgumentError)


def course_bundle(
    bundle: tuple[dict[str, Any], dict[str, Any]] | None,
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What a widget shows, marked as the course's: without its kernel, the JupyterLab extension shows its text."""
    return bundle and (bundle[0], {**bundle[1], "cnn-companion": {}})


class Lasting(anywidget.AnyWidget):
    """A widget that shows what the learner did in it again when its cell is run again: now, and on another day.

    Attributes
    ----------
    results : tuple of str
        Traits with what Python found at the learner's request, such as a training's curves, in the order in which they
        are to be set.
    """

    results: ClassVar[tuple[str, ...]] = ()
    _place: kept.Place | None = None

    @traitlets.observe(traitlets.All)
    def _tell(self, _: Any) -> None:
        for watcher in watchers:
            watcher(self)

    def keep(self, names: Collection[str]) -> None:
        """Keep what these traits are, beside what is kept of the others."""
        if self._place and names:
            self._place.put({name: getattr(self, name) for name in names})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends, and keep it."""
        super().set_state(sync_data)
        self.keep([name for name in sync_data if name in self.keys])

    def is_kept_elsewhere(self) -> bool:
        """Whether what the learner did is in the source of its cell."""
        return False

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        if self._place is None and not self.is_kept_elsewhere():
            self._place = kept.place(type(self).__qualname__)
            self._show_again()
            self.keep([name for name in self.results if getattr(self, name)])
        return course_bundle(super()._repr_mimebundle_(**kwargs))

    def _show_again(self) -> None:
        values = self._place.get() if self._place else {}
        done = {name: value for name, value in values.items() if name not in self.results}
        found = {name: values[name] for name in self.results if name in values}
        for some in (done, found):  # what the learner set may put results back to none
            with contextlib.suppress(*_REFUSED), self.hold_trait_notifications():
                for name, value in some.items():
                    if name in self.keys and not (name in self.results and getattr(self, name)):
                        self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        with contextlib.suppress(*_REFUSED):  # it is of an older version of the course
            self.set_trait(name, value)
