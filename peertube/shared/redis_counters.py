"""Counts that all processes of a pod share through Redis; without it, each counts alone: see docs/reliability.rst."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from peertube.shared.memory import MemoryCounters
from peertube.shared.redis import Redis, RedisUnavailable

_AT_ONCE = 200
"""How many keys are told together."""

_COUNT = """
local counts = {}
for number, key in ipairs(KEYS) do
    local count = redis.call('incrby', key, ARGV[2 * number - 1])
    local left = redis.call('pttl', key)
    if left < 0 then
        left = tonumber(ARGV[2 * number])
        redis.call('pexpire', key, left)
    end
    counts[2 * number - 1] = count
    counts[2 * number] = left
end
return counts
"""


class RedisCounters:
    """The `peertube.usecases.ports.Counters` of several processes, and the part that keeps it going.

    Events are counted here at once and told to Redis `every_seconds`, whose answer corrects the count by what other
    processes saw: `hit` never waits. So a limit may be overshot by what happens in that time, in each process once in
    a window. Without Redis each process counts alone.
    """

    _log = Logger()

    def __init__(
        self, *, reactor: Any, redis: Redis, local: MemoryCounters, prefix: str, every_seconds: float = 0.05
    ) -> None:
        self._reactor = reactor
        self._redis = redis
        self._local = local
        self._prefix = f"{prefix}count "
        self._every_seconds = every_seconds
        self._untold: dict[str, list[float]] = {}
        self._due: Any = None
        self._telling: Deferred[None] | None = None
        self._running = False

    async def start(self) -> None:
        """Connect; without Redis, go on trying."""
        self._running = True
        self._plan()
        await self._redis.start()

    async def stop(self) -> None:
        """Disconnect; from now on this process counts alone."""
        self._running = False
        if self._due is not None:
            self._due.cancel()
            self._due = None
        await self._redis.stop()

    def hit(self, key: str, window_seconds: float, by: int = 1) -> int:
        """Count one more event of `key`, or `by` of them; how many there were in the current window, with these."""
        hits = self._local.hit(key, window_seconds, by)
        self._untold.setdefault(key, [0, window_seconds])[0] += by
        self._plan()
        return hits

    def remaining_seconds(self, key: str) -> float:
        """How long the current window of `key` still lasts; 0 when there is none."""
        return self._local.remaining_seconds(key)

    def _plan(self) -> None:
        if self._running and self._due is None and self._telling is None and self._untold:
            self._due = self._reactor.callLater(self._every_seconds, self._tell)

    def _tell(self) -> None:
        self._due = None
        # Windows that ended meanwhile are of no interest any more, and Redis may be away for longer than they last.
        telling = {key: each for key, each in self._untold.items() if self._local.remaining_seconds(key) > 0}
        self._untold = {}
        if telling and self._redis.available:
            self._telling = Deferred.fromCoroutine(self._tell_all(list(telling.items())))
            if self._telling.called:
                self._telling = None

    async def _tell_all(self, telling: list[tuple[str, list[float]]]) -> None:
        try:
            for begin in range(0, len(telling), _AT_ONCE):
                await self._tell_some(telling[begin : begin + _AT_ONCE])
        except RedisUnavailable as error:
            self._log.debug("counts were not shared: {error}", error=str(error))
        finally:
            self._telling = None
            self._plan()

    async def _tell_some(self, telling: list[tuple[str, list[float]]]) -> None:
        keys = [self._prefix + key for key, _ in telling]
        numbers = [text for _, (hits, window) in telling for text in (int(hits), max(1, round(window * 1000)))]
        counts = list(map(int, await self._redis.ask("EVAL", _COUNT, len(keys), *keys, *numbers)))
        for (key, _), hits, left_ms in zip(telling, counts[::2], counts[1::2], strict=True):
            since = self._untold.get(key, [0])[0]
            self._local.correct(key, hits + int(since), left_ms / 1000)
