"""PostgreSQL goes away and comes back; the pod does not."""

import signal
from contextlib import closing
from typing import Any

import psycopg2
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from peertube.storage.database import DatabaseUnavailable
from peertube.storage.postgresql import PostgresqlDatabase
from peertube.storage.postgresql_connection import Server
from peertube.storage.postgresql_migrate import migrate_server
from peertube.storage.query import Query
from tests import servers
from tests.storage.database_contract import add, get
from tests.storage.deferred import deferred

_KEYS = Query("select key from settings where key like 't.%'")
_LANES = 12


class RestartTests(TestCase):
    """A server of its own, which is stopped in different ways."""

    skip = servers.no_postgresql()
    timeout = 120

    async def setUp(self) -> None:
        self.postgresql = servers.PostgresqlServer()
        self.addCleanup(self.postgresql.remove)
        await deferToThread(self.postgresql.start)
        folder, port = str(self.postgresql.folder), self.postgresql.port
        with closing(psycopg2.connect(host=folder, port=port, user="postgres", dbname="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("create database pod")
        self.server = Server(hostname=folder, port=port, name="pod", username="postgres")
        await deferToThread(migrate_server, self.server)
        self.database = PostgresqlDatabase(reactor=reactor, server=self.server, patience_seconds=0.5)
        await self.database.start()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.acknowledged: set[str] = set()
        self.refused = 0
        self.stopping = False

    async def _sleep(self, seconds: float) -> None:
        await deferLater(reactor, seconds)

    async def _lane(self, lane: int) -> None:
        number = 0
        while not self.stopping:
            key = f"{lane}-{number}"
            number += 1
            try:
                await self.database.write(add, key)
                self.acknowledged.add(key)
                if await self.database.read(get, key) is None:
                    self.acknowledged.add(f"{key} was not there")
            except DatabaseUnavailable:
                self.refused += 1
                await self._sleep(0.01)

    async def _until(self, what: Any) -> None:
        for _ in range(2_000):
            if what():
                return
            await self._sleep(0.01)
        self.fail("waited in vain")

    async def test_restarts_under_load(self) -> None:
        """They cost refusals for seconds and no noise; no acknowledged write is lost, and nobody restarts the pod."""
        lanes = [deferred(self._lane(lane)) for lane in range(_LANES)]
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGINT):
            before = len(self.acknowledged)
            await self._until(lambda before=before: len(self.acknowledged) > before + 100)
            await deferToThread(self.postgresql.stop, how)
            await self._until(lambda: not self.database.available)
            await self._sleep(0.6)
            with self.assertRaises(DatabaseUnavailable):
                await self.database.read(get, "a")
            await deferToThread(self.postgresql.start)
            await self._until(lambda: self.database.available)
        after = len(self.acknowledged)
        await self._until(lambda: len(self.acknowledged) > after + 100)
        self.stopping = True
        await gatherResults(lanes)
        keys = [row["key"].removeprefix("t.") for row in await self.database.read(lambda tx: tx.all(_KEYS))]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(set(), self.acknowledged - set(keys))
        self.assertGreater(self.refused, 0)

    async def test_waits_at_boot(self) -> None:
        """A pod that starts before its database waits for it."""
        await deferToThread(self.postgresql.stop)
        late = PostgresqlDatabase(reactor=reactor, server=self.server)
        starting = deferred(late.start())
        migrating = deferToThread(migrate_server, self.server)
        await self._sleep(0.2)
        await deferToThread(self.postgresql.start)
        await starting
        self.addCleanup(lambda: deferred(late.stop()))
        await migrating
        await late.write(add, "a")

    async def test_stop_while_it_is_away(self) -> None:
        """A pod without its database can be stopped."""
        await deferToThread(self.postgresql.stop)
        waits = [self.assertFailure(deferred(self.database.read(get, "a")), DatabaseUnavailable) for _ in range(5)]
        await self._until(lambda: not self.database.available)
        await self.database.stop()
        await gatherResults(waits)
