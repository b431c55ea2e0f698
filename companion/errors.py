"""Errors whose message says it all: Jupyter shows the message alone, without a traceback."""


class Explained(Exception):  # noqa: N818  (a mixin; what a learner reads is the subclass)
    """A foreseeable fault; the message says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class ArgumentError(Explained, ValueError):
    """A function of the course was called with something that it cannot work with."""
