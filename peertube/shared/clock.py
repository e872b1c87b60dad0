"""What time it is."""

import time
from typing import Any

from twisted.internet.interfaces import IReactorTime


def keep_steady(reactor: Any) -> None:
    """Let timers of the reactor go by a clock that nobody sets; ``wall_seconds`` then tells the time of day.

    Twisted's go by the time of day: set back by an hour, they would all stand still for an hour. To be called before
    the reactor runs, while nothing is scheduled.
    """
    reactor.wall_seconds = reactor.seconds
    reactor.seconds = time.monotonic


class SystemClock:
    """The `peertube.usecases.ports.Clock` of a reactor, so that tests that move the reactor's time move this one."""

    def __init__(self, *, reactor: IReactorTime) -> None:
        self._reactor = reactor

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        seconds = getattr(self._reactor, "wall_seconds", self._reactor.seconds)
        return int(seconds() * 1000)
