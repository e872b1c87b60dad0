"""PostgreSQL does what every engine does, and what only a server can show."""

from typing import Any

import psycopg2
from attrs import evolve
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, gatherResults
from twisted.trial.unittest import TestCase

from peertube.storage.database import DatabaseUnavailable, StorageError, Transaction
from peertube.storage.postgresql import PostgresqlDatabase
from peertube.storage.postgresql_connection import ServerRefused
from peertube.storage.query import Query
from tests import servers
from tests.storage.database_contract import DatabaseContract, add, get, increment
from tests.storage.databases import new_database, on_server, open_postgresql_database
from tests.storage.deferred import deferred

_ADD = Query("insert into settings (key, value) values (:key, :value)")
_COUNT = Query("select count(*) as n from settings where key like 't.%'")
_SLEEP = Query("select pg_sleep(10)")
_NAP = Query("select pg_sleep(0.05)")
_END_MYSELF = Query("select pg_terminate_backend(pg_backend_pid())")
_END_OTHERS = Query(
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)
_DIE_AT_COMMIT = (
    Query(
        "create function die() returns trigger language plpgsql as "
        "$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"
    ),
    Query(
        "create constraint trigger dies after insert on settings deferrable initially deferred "
        "for each row when (new.key = 't.deadly') execute function die()"
    ),
)
_KINDS_OF_NUMBERS = Query(
    "select sum(column1) as whole, avg(column1) as half, :yes + 1 as two from (values (1), (2)) as numbers"
)
_AMONG_NUMBERS = Query("select id from jobs where id in $list(ids) and fence not in $list(others)")
_WORDS = Query("with words(word) as $list(words) select word from words order by word")


class ServerTests(DatabaseContract, TestCase):
    """On a server of our own."""

    skip = servers.no_postgresql()

    async def setUp(self) -> None:
        self.database = await open_postgresql_database(size=5)
        self.addCleanup(lambda: deferred(self.database.stop()))

    async def another(self, **settings: Any) -> PostgresqlDatabase:
        """A second pool on the same database, as another process has one."""
        other = PostgresqlDatabase(reactor=reactor, server=self.database._server, **settings)
        await other.start()
        self.addCleanup(lambda: deferred(other.stop()))
        return other

    async def test_types(self) -> None:
        """Rows hold what SQLite's hold: whole numbers stay whole, truth is a number."""
        row = await self.database.read(lambda tx: tx.one(_KINDS_OF_NUMBERS, yes=True))
        self.assertEqual({"whole": 3, "half": 1.5, "two": 2}, row)
        self.assertIsInstance(row["whole"], int)

    async def test_lists_of_numbers(self) -> None:
        """Lists take the type of the column, empty ones too."""
        for ids, others in (([], []), ([1, 2**40], [0]), ((), {1})):
            rows = await self.database.read(
                lambda tx, ids=ids, others=others: tx.all(_AMONG_NUMBERS, ids=ids, others=others)
            )
            self.assertEqual([], rows)
        for words in ([], ["a'b", "%s"]):
            rows = await self.database.read(lambda tx, words=words: tx.all(_WORDS, words=words))
            self.assertCountEqual(words, [row["word"] for row in rows])

    async def test_more_than_a_message(self) -> None:
        """Many large rows at once go in several messages and are one transaction."""
        rows = [{"key": f"t.{number}", "value": "x" * 10_000} for number in range(100)]
        await self.database.write(lambda tx: tx.many(_ADD, rows))
        self.assertEqual(100, (await self.database.read(lambda tx: tx.one(_COUNT)))["n"])
        with self.assertRaises(StorageError):
            await self.database.write(lambda tx: tx.many(_ADD, [{"key": "t.new", "value": "x"}, rows[99]]))
        self.assertIsNone(await self.database.read(get, "new"))

    async def test_texts_it_cannot_hold(self) -> None:
        """A zero byte or half a character is a storage error, and the connection is as good as before."""
        for text in ("a\0b", "\ud800"):
            with self.assertRaises(StorageError):
                await self.database.write(add, "a", text)
        await self.database.write(add, "a")

    async def test_processes_do_not_lose_updates_of_each_other(self) -> None:
        """Two pools read, then write; whoever loses the race runs again."""
        other = await self.another(size=5)
        await self.database.write(add, "n", "0")
        writes = [deferred(each.write(increment, "n")) for _ in range(30) for each in (self.database, other)]
        await gatherResults(writes)
        self.assertEqual("60", await self.database.read(get, "n"))

    async def test_lost_connection_before_the_commit(self) -> None:
        """What was not committed is run again on another connection, unnoticed."""
        runs = []

        async def ends_once(tx: Transaction) -> str:
            runs.append(True)
            await add(tx, "a")
            if len(runs) == 1:
                await tx.all(_END_MYSELF)
            return "done"

        self.assertEqual("done", await self.database.write(ends_once))
        self.assertEqual(2, len(runs))
        self.assertEqual(1, (await self.database.read(lambda tx: tx.one(_COUNT)))["n"])

    async def test_lost_connection_during_the_commit(self) -> None:
        """Nobody knows whether it was committed, so it is not run a second time, and the caller is told."""
        runs = []
        for query in _DIE_AT_COMMIT:
            await self.database.write(lambda tx, query=query: tx.run(query))

        async def deadly(tx: Transaction) -> None:
            runs.append(True)
            await add(tx, "deadly")

        with self.assertRaises(DatabaseUnavailable):
            await self.database.write(deadly)
        self.assertEqual(1, len(runs))
        await self.database.write(add, "a")

    async def test_always_losing_the_connection(self) -> None:
        """An interaction that kills every connection is given up."""
        with self.assertRaises(DatabaseUnavailable):
            await self.database.read(lambda tx: tx.all(_END_MYSELF))
        await self.database.write(add, "a")

    async def test_connections_that_were_ended_while_idle(self) -> None:
        """They are replaced, nothing is logged as an error, and nobody notices."""
        other = await self.another(size=3)
        await gatherResults([deferred(other.read(lambda tx: tx.all(_NAP))) for _ in range(3)])
        await self.database.write(lambda tx: tx.all(_END_OTHERS))
        for number in range(5):
            await other.write(add, str(number))

    async def test_slow_statement(self) -> None:
        """One that takes too long is ended by the server; the connection lives on."""
        other = await self.another(size=1, statement_seconds=0.1)
        with self.assertRaises(DatabaseUnavailable):
            await other.read(lambda tx: tx.all(_SLEEP))
        await other.write(add, "a")

    async def test_cancelled_while_it_runs(self) -> None:
        """Whoever stops waiting for a statement leaves a connection that works."""
        other = await self.another(size=1)
        wait = deferred(other.read(lambda tx: tx.all(_NAP)))
        await other.read(lambda tx: tx.all(_NAP))
        wait = deferred(other.read(lambda tx: tx.all(_NAP)))
        wait.cancel()
        with self.assertRaises(CancelledError):
            await wait
        await other.write(add, "a")

    async def test_limit_of_waiting(self) -> None:
        """What waits is bounded; one more is told to come back."""
        other = await self.another(size=1, limit=3)
        waits = [deferred(other.write(add, str(number))) for number in range(4)]
        with self.assertRaises(DatabaseUnavailable):
            await other.write(add, "one more")
        await gatherResults(waits)
        await other.write(add, "later")

    async def test_waiting_too_long(self) -> None:
        """Nobody waits for a free connection for ever."""
        other = await self.another(size=1, wait_seconds=0.2, statement_seconds=2)
        slow = self.assertFailure(deferred(other.read(lambda tx: tx.all(_SLEEP))), DatabaseUnavailable)
        with self.assertRaises(DatabaseUnavailable):
            await other.read(get, "a")
        await slow

    async def test_stop_finishes_what_waits(self) -> None:
        """A stop in the middle of work loses none of it."""
        other = await self.another(size=2)
        waits = [deferred(other.write(add, str(number))) for number in range(30)]
        await other.stop()
        await gatherResults(waits)
        self.assertEqual(30, (await self.database.read(lambda tx: tx.one(_COUNT)))["n"])

    async def test_over_tcp_by_name(self) -> None:
        """The name is looked up off the reactor."""
        server = evolve(self.database._server, hostname="localhost")
        other = PostgresqlDatabase(reactor=reactor, server=server)
        await other.start()
        self.addCleanup(lambda: deferred(other.stop()))
        await other.write(add, "a")


class StartTests(TestCase):
    """What the operator got wrong, or has not started yet."""

    skip = servers.no_postgresql()

    async def _refused(self, **changes: Any) -> DatabaseUnavailable:
        server = evolve(on_server("postgres"), **changes)
        database = PostgresqlDatabase(reactor=reactor, server=server, boot_seconds=0.1)
        with self.assertRaises(DatabaseUnavailable) as caught:
            await database.start()
        await database.stop()
        self.assertNotIn("\n", str(caught.exception))
        return caught.exception

    async def test_no_such_database(self) -> None:
        """Waiting would not help."""
        self.assertIsInstance(await self._refused(name="nothing"), ServerRefused)

    async def test_nobody_listens(self) -> None:
        """A server that is not there (yet) is waited for, not for ever."""
        error = await self._refused(hostname="127.0.0.1", port=servers.free_port())
        self.assertNotIsInstance(error, ServerRefused)

    async def test_no_such_host(self) -> None:
        """A name that nobody knows."""
        await self._refused(hostname="nowhere.invalid")

    async def test_durable_though_the_server_is_not_by_default(self) -> None:
        """Our commits are on disk when they are told of, whatever ``synchronous_commit`` the server has."""
        server = new_database(empty=True)
        database = PostgresqlDatabase(reactor=reactor, server=server)
        await database.start()
        self.addCleanup(lambda: deferred(database.stop()))
        row = await database.read(lambda tx: tx.one(Query("select current_setting('synchronous_commit') as it")))
        self.assertEqual("on", row["it"])
        connection = psycopg2.connect(**server.arguments())
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute("show synchronous_commit")
            self.assertEqual(("off",), cursor.fetchone())
