"""News and counts that all processes of a pod share through Redis.

Both work in this process while Redis is away, and catch up when it is back: see docs/reliability.rst.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.defer import Deferred, DeferredList, gatherResults
from twisted.logger import Logger

from peertube.shared.memory import MemoryCounters, MemoryPublisher, Subscriber
from peertube.shared.redis import Redis, RedisUnavailable
from peertube.usecases.ports import Message

_AT_ONCE = 200
"""How many commands are on their way together."""


class _News(msgspec.Struct):
    """One message as it is in Redis; `sender` is the process that need not hear it again."""

    sender: str
    topic: str
    message: dict[str, Any]


class RedisPublisher:
    """The `peertube.usecases.ports.Publisher` of several processes, and the part that keeps it going.

    Parts of this process hear a message at once, others a moment later. What is published while Redis is away is kept
    (up to `limit` messages, the oldest are dropped) and sent when it is back. What others published meanwhile is not
    heard: `on_gap` says so to those who then have to look for themselves.

    :param redis: not started; belongs to this.
    :param prefix: what tells this pod from others on the same Redis.
    :param process: a name that no other process has.
    """

    _log = Logger()

    def __init__(self, *, redis: Redis, local: MemoryPublisher, prefix: str, process: str, limit: int = 10_000) -> None:
        self._redis = redis
        self._listening = redis.another()
        self._local = local
        self._channel = f"{prefix}news"
        self._process = process
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._sending: Deferred[None] | None = None
        self._gaps: list[Callable[[], object]] = []
        self._heard_before = False

    async def start(self) -> None:
        """Subscribe; without Redis, go on trying."""
        self._redis.ready = self._flush
        self._listening.ready = self._subscribe
        self._listening.heard = self._heard
        await gatherResults(
            [Deferred.fromCoroutine(connection.start()) for connection in (self._redis, self._listening)]
        )
        # Whatever happens from now on must be heard; a first connection that comes late has missed some of it.
        self._heard_before = True

    async def stop(self) -> None:
        """Send what waits, if that is possible now, and disconnect."""
        if self._sending is not None:
            await DeferredList([self._sending])
        await self._listening.stop()
        await self._redis.stop()

    @property
    def available(self) -> bool:
        """Whether other processes are heard now."""
        return self._listening.available

    def publish(self, topic: str, message: Message) -> None:
        """Tell everybody who is subscribed to `topic`, in every process."""
        self._local.publish(topic, message)
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self._log.warn("news for other processes were dropped: more than {limit} wait", limit=self._limit)
        self._waiting.append(msgspec.json.encode(_News(self._process, topic, dict(message))))
        self._send()

    def subscribe(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every message of `topic`; gives the function that ends it."""
        return self._local.subscribe(topic, subscriber)

    def on_gap(self, missed: Callable[[], object]) -> None:
        """Call `missed` each time that messages of other processes may have been missed."""
        self._gaps.append(missed)

    async def _subscribe(self, redis: Redis) -> None:
        await redis.ask("SUBSCRIBE", self._channel)
        if self._heard_before:
            for missed in self._gaps:
                try:
                    missed()
                except Exception:
                    self._log.failure("catching up on missed news failed")

    def _heard(self, content: bytes) -> None:
        try:
            news = msgspec.json.decode(content, type=_News)
        except msgspec.MsgspecError:
            self._log.warn("something on {channel} was not news", channel=self._channel)
            return
        if news.sender != self._process:
            self._local.publish(news.topic, news.message)

    async def _flush(self, redis: Redis) -> None:
        self._send()

    def _send(self) -> None:
        if self._sending is None and self._waiting and self._redis.available:
            self._sending = sending = Deferred.fromCoroutine(self._send_all())
            if sending.called:
                self._sending = None

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                asked = [Deferred.fromCoroutine(self._redis.ask("PUBLISH", self._channel, each)) for each in batch]
                try:
                    await gatherResults(asked, consumeErrors=True)
                except Exception as error:
                    # Told twice is no harm; whether Redis took some of them is not known.
                    self._waiting.extendleft(reversed(batch))
                    self._log.debug("news wait for Redis: {error}", error=str(error))
                    return
        finally:
            self._sending = None


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
