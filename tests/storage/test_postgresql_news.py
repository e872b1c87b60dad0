"""News between processes by LISTEN and NOTIFY, across a lost connection."""

from typing import Any
from uuid import uuid4

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from peertube.shared.memory import MemoryPublisher
from peertube.shared.news import SharedPublisher
from peertube.storage.postgresql_news import PostgresqlWire
from peertube.storage.query import Query
from tests import servers
from tests.shared.contracts import PublisherContract
from tests.shared.redis import until
from tests.storage.databases import open_postgresql_database
from tests.storage.deferred import deferred

_END_OTHERS = Query(
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


class PostgresqlPublisherTests(PublisherContract, TestCase):
    """Processes on one database."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=1)
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.news = await self.process()

    async def process(self) -> SharedPublisher:
        """The publisher of one more process."""
        wire = PostgresqlWire(reactor=reactor, server=self.database._server)
        publisher = SharedPublisher(wire=wire, local=MemoryPublisher(reactor=reactor), process=str(uuid4()))
        await publisher.start()
        self.addCleanup(lambda: Deferred.fromCoroutine(publisher.stop()))
        return publisher

    async def settle(self) -> None:
        await deferLater(reactor, 0.05)

    async def test_other_processes_hear(self) -> None:
        """In order, and the sender hears it once."""
        other = await self.process()
        ours, theirs = self.hear("t"), []
        other.subscribe("t", theirs.append)
        for number in range(500):
            self.news.publish("t", {"n": number, "text": "ü'\\"})
        await until(lambda: len(theirs) == 500)
        await self.settle()
        self.assertEqual(list(range(500)), [message["n"] for message in theirs])
        self.assertEqual("ü'\\", theirs[0]["text"])
        self.assertEqual(500, len(ours))

    async def test_too_long(self) -> None:
        """PostgreSQL carries 8,000 bytes at most: those who would hear more are told to look for themselves."""
        other = await self.process()
        theirs: list[Any] = []
        gaps: list[bool] = []
        other.subscribe("t", theirs.append)
        other.on_gap(lambda: gaps.append(True))
        self.news.publish("t", {"long": "x" * 8_000})
        self.news.publish("t", {"n": 2})
        await until(lambda: theirs)
        self.assertEqual(([{"n": 2}], [True]), (theirs, gaps))

    async def test_connection_lost(self) -> None:
        """Our own parts hear each other; what was published is sent later; a gap is told of."""
        other = await self.process()
        ours, theirs, gaps = self.hear("t"), [], []
        other.subscribe("t", theirs.append)
        other.on_gap(lambda: gaps.append(True))
        await self.database.write(lambda tx: tx.all(_END_OTHERS))
        self.news.publish("t", {"n": 1})
        await until(lambda: ours)
        await until(lambda: gaps)
        self.news.publish("t", {"n": 2})
        await until(lambda: {"n": 2} in theirs)
