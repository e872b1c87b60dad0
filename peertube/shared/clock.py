"""What time it is."""

from twisted.internet.interfaces import IReactorTime


class SystemClock:
    """The `peertube.usecases.ports.Clock` of a reactor, so that tests that move the reactor's time move this one."""

    def __init__(self, *, reactor: IReactorTime) -> None:
        self._reactor = reactor

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return int(self._reactor.seconds() * 1000)
