"""News and counts through Redis: as in one process, and between processes, and while Redis is away."""

import signal
from typing import Any
from uuid import uuid4

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from peertube.shared.memory import MemoryCounters, MemoryPublisher
from peertube.shared.news import SharedPublisher
from peertube.shared.redis import RedisUnavailable
from peertube.shared.redis_counters import RedisCounters
from peertube.shared.redis_news import RedisWire
from tests import servers
from tests.shared.contracts import CountersContract, PublisherContract
from tests.shared.redis import RedisTests, until


class SharingTests(RedisTests):
    """With what processes share."""

    async def publisher(self, **settings: Any) -> SharedPublisher:
        """As one process has it."""
        local = MemoryPublisher(reactor=reactor)
        return await self.started(
            SharedPublisher(
                wire=RedisWire(redis=self.redis(), prefix=self.prefix), local=local, process=str(uuid4()), **settings
            )
        )

    async def counting(self) -> RedisCounters:
        """As one process has it."""
        local = MemoryCounters(reactor=reactor)
        return await self.started(
            RedisCounters(reactor=reactor, redis=self.redis(), local=local, prefix=self.prefix, every_seconds=0.01)
        )


class ConnectionTests(RedisTests):
    """What every use of Redis relies on."""

    async def test_bytes_come_back_as_they_were(self) -> None:
        """Nothing that looks like a number becomes one."""
        redis = await self.started(self.redis(database=3))
        await redis.ask("SET", self.prefix, b"0012\xff")
        self.assertEqual(b"0012\xff", await redis.ask("GET", self.prefix))

    async def test_wrong_command(self) -> None:
        """An error of Redis is ours, and the connection is as good as before."""
        redis = await self.started(self.redis())
        with self.assertRaises(RedisUnavailable):
            await redis.ask("NONSENSE")
        await redis.ask("PING")

    async def test_wrong_password(self) -> None:
        """The start ends, the pod goes on without."""
        redis = await self.started(self.redis(password="wrong"))
        self.assertFalse(redis.available)
        with self.assertRaises(RedisUnavailable):
            await redis.ask("PING")

    async def test_nobody_listens(self) -> None:
        """The same when it is not there."""
        redis = await self.started(self.redis(port=servers.free_port()))
        self.assertFalse(redis.available)

    async def test_one_that_does_not_answer(self) -> None:
        """No call hangs on a Redis that hangs, and it is used again when it has come to itself."""
        server = await self.own_server()
        redis = await self.started(self.redis(timeout_seconds=0.2))
        server.send(signal.SIGSTOP)
        with self.assertRaises(RedisUnavailable):
            await redis.ask("PING")
        server.send(signal.SIGCONT)
        await until(lambda: redis.available)
        await redis.ask("PING")


class RedisPublisherTests(PublisherContract, SharingTests):
    """News between processes."""

    async def setUp(self) -> None:
        super().setUp()
        self.news = await self.publisher()

    async def settle(self) -> None:
        await deferLater(reactor, 0.05)

    async def test_other_processes_hear(self) -> None:
        """In order, and the sender hears it once."""
        other = await self.publisher()
        ours, theirs = self.hear("t"), []
        other.subscribe("t", theirs.append)
        for number in range(500):
            self.news.publish("t", {"n": number})
        await until(lambda: len(theirs) == 500)
        await self.settle()
        self.assertEqual(list(range(500)), [message["n"] for message in theirs])
        self.assertEqual(500, len(ours))

    async def test_other_pods_do_not_hear(self) -> None:
        """Several pods may share a Redis."""
        self.prefix = "another pod "
        other = await self.publisher()
        theirs: list[Any] = []
        other.subscribe("t", theirs.append)
        self.news.publish("t", {})
        await self.settle()
        self.assertEqual([], theirs)


class RedisAwayTests(SharingTests):
    """Redis goes away and comes back; the pod does not."""

    async def test_news(self) -> None:
        """Our own parts hear each other; what was published is sent later; a gap is told of."""
        server = await self.own_server()
        one, two = await self.publisher(), await self.publisher()
        ours: list[Any] = []
        theirs: list[Any] = []
        gaps: list[bool] = []
        one.subscribe("t", ours.append)
        two.subscribe("t", theirs.append)
        two.on_gap(lambda: gaps.append(True))
        one.publish("t", {"n": 1})
        await until(lambda: theirs)
        await deferToThread(server.stop)
        await until(lambda: not one.available and not two.available)
        one.publish("t", {"n": 2})
        await until(lambda: len(ours) == 2)
        self.assertEqual((1, []), (len(theirs), gaps))
        await deferToThread(server.start)
        await until(lambda: one.available and two.available and gaps)
        self.assertEqual([True], gaps)
        one.publish("t", {"n": 3})
        await until(lambda: {"n": 3} in theirs)

    async def test_news_that_wait_are_bounded(self) -> None:
        """And a pod can be stopped with them."""
        self.server = type("Nowhere", (), {"port": servers.free_port()})
        news = await self.publisher(limit=3)
        for number in range(10):
            news.publish("t", {"n": number})
        await news.stop()

    async def test_counts(self) -> None:
        """Each process counts alone meanwhile, and they count together again afterwards."""
        server = await self.own_server()
        one, two = await self.counting(), await self.counting()
        one.hit("a", 60)
        await deferToThread(server.stop)
        await deferLater(reactor, 0.05)
        self.assertEqual([2, 3], [one.hit("a", 60), one.hit("a", 60)])
        self.assertEqual(1, two.hit("a", 60))
        await deferToThread(server.start)
        await until(lambda: one._redis.available and two._redis.available)
        self.assertEqual(4, one.hit("a", 60))
        for _ in range(5):
            one.hit("a", 60)
        await deferLater(reactor, 0.1)
        two.hit("a", 60)
        await deferLater(reactor, 0.1)
        self.assertGreaterEqual(two.hit("a", 60), 7)


class RedisCountersTests(CountersContract, SharingTests):
    """Counts of several processes."""

    window = 3

    async def setUp(self) -> None:
        super().setUp()
        self.counters = await self.counting()

    async def pass_seconds(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def test_processes_count_together(self) -> None:
        """A moment after an event, each process knows of those of the others when it counts."""
        other = await self.counting()
        for _ in range(5):
            self.counters.hit("a", 60)
        await self.until_counted(other, 5)
        other.hit("a", 60, 4)
        await self.until_counted(self.counters, 9)
        self.assertEqual(10, other.hit("a", 60))
        self.assertTrue(0 < other.remaining_seconds("a") <= 60)

    async def until_counted(self, counters: RedisCounters, count: int) -> None:
        """Until a process knows what another one has seen."""
        while counters.hit("a", 60, 0) < count:
            await deferLater(reactor, 0.02)
        self.assertEqual(counters.hit("a", 60, 0), count)

    async def test_nothing_is_planned_after_the_stop(self) -> None:
        """What happens after the stop is counted, and leaves no timer behind that trial would find."""
        local = MemoryCounters(reactor=reactor)
        counters = RedisCounters(reactor=reactor, redis=self.redis(), local=local, prefix=self.prefix, every_seconds=30)
        await counters.start()
        counters.hit("a", 60)
        await counters.stop()
        self.assertEqual(2, counters.hit("a", 60))
