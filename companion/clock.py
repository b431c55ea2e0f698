"""How long a training still takes."""

import time

_PAUSE = 0.2  # seconds between two reports
_MEASURED = 0.5  # seconds of work that say how fast it goes


class Clock:
    """Says when the next report is due and how long the rest takes; made when the work begins."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()
        self._first: tuple[float, float] | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    def due(self) -> bool:
        """Whether the last report is a fifth of a second ago; then this is the next one."""
        now = time.monotonic()
        if now - self._last < _PAUSE:
            return False
        self._last = now
        return True

    def left(self, share: float) -> float | None:
        """Seconds to go when `share` of the work, 0 to 1, is done.

        None at the first call: what came before it is the start, which is no measure. None, too, in the half second
        after it, in which one slow step would count too much.
        """
        now = time.monotonic()
        if self._first is None:
            self._first = now, share
            return None
        begun, done = self._first
        if share <= done or now - begun < _MEASURED:
            return None
        return (now - begun) / (share - done) * (1 - share)
