"""LISTEN and NOTIFY between processes, across a lost connection."""

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from peertube.storage.database import Transaction
from peertube.storage.postgresql_news import PostgresqlNews, notify
from peertube.storage.query import Query
from tests import servers
from tests.shared.test_redis import until
from tests.storage.databases import open_memory_database, open_postgresql_database
from tests.storage.deferred import deferred

_END_OTHERS = Query(
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


class NewsTests(TestCase):
    """One pool that notifies, one connection that listens."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=1)
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.news = PostgresqlNews(reactor=reactor, server=self.database._server)
        await self.news.start()
        self.addCleanup(lambda: deferred(self.news.stop()))
        self.heard: list[str] = []
        await self.news.listen("jobs", self.heard.append)

    async def test_in_order_and_only_what_was_committed(self) -> None:
        """News of what did not happen would mislead."""

        async def undone(tx: Transaction) -> None:
            await notify(tx, "jobs", "undone")
            raise LookupError

        with self.assertRaises(LookupError):
            await self.database.write(undone)
        for number in range(50):
            await self.database.write(notify, "jobs", str(number))
        await self.database.write(notify, "others", "x")
        await until(lambda: len(self.heard) >= 50)
        await deferLater(reactor, 0.02)
        self.assertEqual([str(number) for number in range(50)], self.heard)

    async def test_listens_again(self) -> None:
        """A new connection listens to everything, and tells of the gap."""
        gaps: list[bool] = []
        self.news.on_gap(lambda: gaps.append(True))
        await self.database.write(lambda tx: tx.all(_END_OTHERS))
        await until(lambda: gaps and self.news.available)
        await self.database.write(notify, "jobs", "again")
        await until(lambda: self.heard)
        self.assertEqual((["again"], [True]), (self.heard, gaps))

    async def test_one_that_fails(self) -> None:
        """A listener's bug is its own."""
        await self.news.listen("jobs", lambda payload: {}[payload])
        others: list[str] = []
        await self.news.listen("jobs", others.append)
        await self.database.write(notify, "jobs", "x")
        await until(lambda: others)
        self.assertEqual(["x"], self.heard)
        self.assertEqual(1, len(self.flushLoggedErrors(KeyError)))

    async def test_names_of_channels(self) -> None:
        """They become part of a statement."""
        with self.assertRaises(ValueError):
            await self.news.listen("jobs; drop table videos", self.heard.append)

    async def test_nothing_happens_on_sqlite(self) -> None:
        """There is no other process to tell."""
        database = await open_memory_database()
        self.addCleanup(lambda: deferred(database.stop()))
        await database.write(notify, "jobs", "x")
