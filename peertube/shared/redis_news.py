"""News through Redis: a channel that every process publishes to and is subscribed to."""

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, gatherResults

from peertube.shared.redis import Redis


class RedisWire:
    """A `peertube.shared.news.Wire` of two connections: one that is subscribed can do nothing else.

    :param redis: not started; belongs to this.
    :param prefix: what tells this pod from others on the same Redis.
    """

    longest = 2**20

    def __init__(self, *, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._listening = redis.another()
        self._channel = f"{prefix}news"
        self.heard: Callable[[bytes], object] | None = None
        self.ready: Callable[[], object] | None = None
        self.listening: Callable[[], object] | None = None

    @property
    def can_send(self) -> bool:
        """Whether messages would be taken now."""
        return self._redis.available

    @property
    def can_hear(self) -> bool:
        """Whether other processes are heard now."""
        return self._listening.available

    async def start(self) -> None:
        """Subscribe; without Redis, go on trying."""
        self._redis.ready = self._can_send
        self._listening.ready = self._subscribe
        self._listening.heard = self.heard
        await gatherResults(
            [Deferred.fromCoroutine(connection.start()) for connection in (self._redis, self._listening)]
        )

    async def stop(self) -> None:
        """Disconnect."""
        await self._listening.stop()
        await self._redis.stop()

    async def send(self, messages: Sequence[bytes]) -> None:
        """Publish, in this order. Raises `RedisUnavailable`."""
        asked = [Deferred.fromCoroutine(self._redis.ask("PUBLISH", self._channel, each)) for each in messages]
        await gatherResults(asked, consumeErrors=True)

    async def _can_send(self, redis: Redis) -> None:
        if self.ready is not None:
            self.ready()

    async def _subscribe(self, redis: Redis) -> None:
        await redis.ask("SUBSCRIBE", self._channel)
        if self.listening is not None:
            self.listening()
