"""Copies of answers in one process and through Redis."""

from twisted.internet import reactor
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.shared.memory import MemoryCache
from peertube.shared.redis_cache import RedisCache
from tests.shared.contracts import CacheContract
from tests.shared.redis import RedisTests, until


class MemoryCacheTests(CacheContract, TestCase):
    """One process."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.cache = MemoryCache(reactor=self.clock, seconds=2, limit=2)

    async def pass_seconds(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def test_bounded(self) -> None:
        """The least recently used leaves."""
        for key in ("a", "b"):
            await self.cache.put(key, b"", await self.cache.get(key))
        await self.cache.get("a")
        await self.cache.put("c", b"", await self.cache.get("c"))
        self.assertEqual([b"", None, b""], [(await self.cache.get(key)).value for key in ("a", "b", "c")])


class RedisCacheTests(CacheContract, RedisTests):
    """Several processes."""

    async def setUp(self) -> None:
        super().setUp()
        self.cache = await self.process()

    async def process(self) -> RedisCache:
        """The cache of one more process."""
        cache: RedisCache = await self.started(
            RedisCache(
                redis=self.redis(),
                local=MemoryCache(reactor=reactor, seconds=2),
                prefix=self.prefix,
                seconds=2,
                longest=10,
            )
        )
        return cache

    async def pass_seconds(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def test_between_processes(self) -> None:
        """What one has found, another finds; long copies stay where they are."""
        other = await self.process()
        for key, value in (("a", b"short"), ("b", b"far too long")):
            await self.cache.put(key, value, await self.cache.get(key))
        self.assertEqual([b"short", None], [(await other.get(key)).value for key in ("a", "b")])
        self.assertEqual(b"far too long", (await self.cache.get("b")).value)

    async def test_an_old_copy_of_another_process_is_not_found(self) -> None:
        """One process changes something; what another is about to keep is of no use to anybody."""
        other = await self.process()
        before = await other.get("a")
        await self.cache.forget()
        await other.put("a", b"old", before)
        self.assertIsNone((await self.cache.get("a")).value)

    async def test_redis_away(self) -> None:
        """Each process keeps its own; what was forgotten meanwhile is not found afterwards."""
        server = await self.own_server()
        cache = await self.process()
        await cache.put("a", b"old", await cache.get("a"))
        await deferToThread(server.stop)
        await until(lambda: not cache._redis.available)
        await cache.forget()
        await cache.put("b", b"here", await cache.get("b"))
        self.assertEqual([None, b"here"], [(await cache.get(key)).value for key in ("a", "b")])
        await deferToThread(server.start)
        await until(lambda: cache._redis.available)
        self.assertEqual([None, None], [(await cache.get(key)).value for key in ("a", "b")])
