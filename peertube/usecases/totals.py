"""How long the long lists are, remembered for moments: counting 100,000 videos costs more than showing 15."""

from peertube.model.video_filters import VideoFilter
from peertube.usecases.ports import Clock

LONG = 1_000
"""Shorter lists are counted each time, so that who adds the third video sees three."""

KEPT_MS = 5_000

_MOST = 1_000


class Totals:
    """The totals of lists that were counted within the last seconds."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[VideoFilter, tuple[int, int]] = {}

    def get(self, wanted: VideoFilter) -> int | None:
        """The total of a list, if it is long and was counted a moment ago."""
        known = self._known.get(wanted)
        return known[1] if known is not None and self._clock.now_ms() < known[0] else None

    def put(self, wanted: VideoFilter, total: int) -> None:
        """A list was counted."""
        if total < LONG:
            self._known.pop(wanted, None)
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[wanted] = (self._clock.now_ms() + KEPT_MS, total)
