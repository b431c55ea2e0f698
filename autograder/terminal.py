"""What the commands print: words of others reach the terminal as text to read, never as codes that it obeys."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from autograder.errors import shown, visible

_LONGEST = 1000  # characters of what others wrote, in one line; rich takes their square for backslashes
_LONGEST_MESSAGE = 10_000  # characters; to escape many backslashes takes longer than their number


class Terminal(Console):
    """A console that sends no codes but its own: those in what it is given are shown."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments to print, as rich has them; the last place where a control character is caught."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text, keep="\n"))


def safe(text: object) -> str:
    """A message for rich to print as it is: no markup, and of all control characters only its own line breaks."""
    return escape(visible(str(text)[:_LONGEST_MESSAGE], keep="\n"))


def line(text: object, most: int = _LONGEST) -> str:
    """What others wrote, for rich to print on one line, where it can't pass for a line of ours."""
    return escape(shown(text, most))
