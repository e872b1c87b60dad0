"""Locks in one process, through Redis and through PostgreSQL."""

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.shared.locks import SharedLocks
from peertube.shared.memory import MemoryLockServer
from peertube.shared.randomness import SystemRandomness
from peertube.shared.redis_locks import RedisLockServer
from peertube.storage.postgresql_locks import PostgresqlLockServer
from peertube.storage.postgresql_news import PostgresqlWire
from peertube.storage.query import Query
from tests import servers
from tests.shared.contracts import LocksContract
from tests.shared.redis import RedisTests, until
from tests.storage.databases import open_postgresql_database
from tests.storage.deferred import deferred

_END_OTHERS = Query(
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


class MemoryLocksTests(LocksContract, TestCase):
    """One process."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.server = MemoryLockServer(reactor=self.clock, limit=2)
        self.locks = SharedLocks(servers=[self.server], randomness=SystemRandomness())

    async def pass_seconds(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def test_bounded(self) -> None:
        """More locks than there may be are refused; those that are over make room."""
        await self.locks.acquire("a", 1)
        await self.locks.acquire("b", 60)
        self.assertIsNone(await self.locks.acquire("c", 60))
        self.clock.advance(2)
        self.assertIsNotNone(await self.locks.acquire("c", 60))

    async def test_who_agreed_is_told_when_another_does_not(self) -> None:
        """A lock that another process has is not kept here."""
        elsewhere = MemoryLockServer(reactor=self.clock)
        locks = SharedLocks(servers=[self.server, elsewhere], randomness=SystemRandomness())
        await elsewhere.take("a", "somebody", 60)
        self.assertIsNone(await locks.acquire("a", 60))
        self.assertTrue(await self.server.take("a", "anybody", 60))


class RedisLocksTests(LocksContract, RedisTests):
    """Several processes."""

    async def setUp(self) -> None:
        super().setUp()
        self.locks = await self.process()

    async def process(self) -> SharedLocks:
        """The locks of one more process."""
        server = RedisLockServer(redis=self.redis(), prefix=self.prefix)
        servers_of_it = [MemoryLockServer(reactor=reactor), server]
        locks: SharedLocks = await self.started(SharedLocks(servers=servers_of_it, randomness=SystemRandomness()))
        return locks

    async def pass_seconds(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def test_between_processes(self) -> None:
        """What one has, another has not."""
        other = await self.process()
        lock = await self.locks.acquire("a", 60)
        self.assertIsNone(await other.acquire("a", 60))
        assert lock is not None
        await lock.release()
        self.assertIsNotNone(await other.acquire("a", 60))

    async def test_redis_away(self) -> None:
        """Locks hold within a process then; nobody hangs, and processes agree again afterwards."""
        server = await self.own_server()
        locks = await self.process()
        lock = await locks.acquire("a", 60)
        await deferToThread(server.stop)
        await until(lambda: not locks._servers[1]._redis.available)  # type: ignore[attr-defined]
        assert lock is not None
        self.assertTrue(await lock.keep(60))
        self.assertIsNone(await locks.acquire("a", 60))
        self.assertIsNotNone(await locks.acquire("b", 60))
        await lock.release()
        await deferToThread(server.start)
        await until(lambda: locks._servers[1]._redis.available)  # type: ignore[attr-defined]
        self.assertIsNotNone(await locks.acquire("a", 60))


class PostgresqlLocksTests(LocksContract, TestCase):
    """Several processes without Redis."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=1)
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.locks, self.wire = await self.process()

    async def process(self) -> tuple[SharedLocks, PostgresqlWire]:
        """The locks of one more process."""
        wire = PostgresqlWire(reactor=reactor, server=self.database._server)
        await wire.start()
        server = PostgresqlLockServer(reactor=reactor, wire=wire)
        here: list[Any] = [MemoryLockServer(reactor=reactor), server]
        locks = SharedLocks(servers=here, randomness=SystemRandomness())
        self.addCleanup(lambda: Deferred.fromCoroutine(wire.stop()))
        self.addCleanup(lambda: Deferred.fromCoroutine(locks.stop()))
        return locks, wire

    async def pass_seconds(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def test_between_processes(self) -> None:
        """What one has, another has not; not even when its time is over and nobody gave it back."""
        other, _ = await self.process()
        lock = await self.locks.acquire("a", 60)
        self.assertIsNone(await other.acquire("a", 60))
        assert lock is not None
        await lock.release()
        held = await other.acquire("a", 0.1)
        self.assertIsNotNone(held)
        self.assertIsNone(await self.locks.acquire("a", 60))
        await deferLater(reactor, 0.2)
        await self.until_acquired("a")

    async def until_acquired(self, name: str) -> None:
        """The server frees a lock a moment after its time."""
        for _ in range(1_000):
            if await self.locks.acquire(name, 60) is not None:
                return
            await deferLater(reactor, 0.01)
        raise AssertionError("waited in vain")

    async def test_connection_lost(self) -> None:
        """The locks go with it: others may have them, and the holder learns of it."""
        lock = await self.locks.acquire("a", 60)
        before = self.wire.connection
        await self.database.write(lambda tx: tx.all(_END_OTHERS))
        await until(lambda: self.wire.connection not in (None, before))
        assert lock is not None
        self.assertFalse(await lock.keep(60))
        other, _ = await self.process()
        self.assertIsNotNone(await other.acquire("a", 60))
        await lock.release()
        self.assertIsNone(await self.locks.acquire("a", 60))

    async def test_server_away(self) -> None:
        """Locks hold within the process."""
        await self.wire.stop()
        self.assertIsNotNone(await self.locks.acquire("a", 60))
        self.assertIsNone(await self.locks.acquire("a", 60))
