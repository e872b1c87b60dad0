"""SQLite does what every engine does, and what only files can show."""

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.threads import blockingCallFromThread
from twisted.trial.unittest import TestCase

from peertube.storage.database import DatabaseUnavailable, DiskFull, StorageError, Transaction
from peertube.storage.query import Query
from peertube.storage.sqlite import SqliteDatabase
from tests.storage.database_contract import DatabaseContract, add, get, increment
from tests.storage.databases import open_file_database, open_memory_database
from tests.storage.deferred import deferred

_ROLLBACK = Query("rollback")
_KEYS = Query("select key from settings where key like 't.%'")


class MemoryTests(DatabaseContract, TestCase):
    """In memory, as most tests have it."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))


class FileTests(DatabaseContract, TestCase):
    """In a file, as pods have it."""

    async def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.database = await open_file_database(self.path, busy_seconds=0.05)
        self.addCleanup(lambda: deferred(self.database.stop()))

    async def test_reading_while_writing(self) -> None:
        """A long write does not hold up readers; they see what was committed before it."""
        await self.database.write(add, "a", "old")
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("begin immediate")
        other.execute("update settings set value = 'new'")
        self.assertEqual("old", await self.database.read(get, "a"))
        other.execute("commit")
        self.assertEqual("new", await self.database.read(get, "a"))

    async def test_busy(self) -> None:
        """Another process that holds the database for too long is an error that says so, and it passes."""
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("begin immediate")
        with self.assertRaises(DatabaseUnavailable):
            await self.database.write(add, "a")
        other.execute("rollback")
        await self.database.write(add, "a")

    async def test_disk_full(self) -> None:
        """A change that does not fit is refused as such, those that fit are kept, and it works again later."""

        async def limit(tx: Transaction, pages: int) -> None:
            await tx.all(Query(f"pragma max_page_count = {pages}"))

        await self.database.write(add, "before")
        await self.database.write(limit, 1)
        calls = []
        for number in range(5):
            large = deferred(self.database.write(add, f"large{number}", "x" * 1_000_000))
            calls.append(self.assertFailure(large, DiskFull))
            calls.append(deferred(self.database.write(add, f"small{number}")))
        await gatherResults(calls)
        self.assertEqual("v", await self.database.read(get, "before"))
        await self.database.write(limit, 1_000_000)
        await self.database.write(add, "large0", "x" * 1_000_000)
        rows = await self.database.read(lambda tx: tx.all(_KEYS))
        self.assertEqual(
            {"t.before", "t.large0", *(f"t.small{number}" for number in range(5))}, {row["key"] for row in rows}
        )

    async def test_limit_of_waiting(self) -> None:
        """What waits is bounded; one more is told to come back."""
        other = await open_file_database(self.path, limit=3)
        self.addCleanup(lambda: deferred(other.stop()))
        waits = [deferred(other.write(add, str(number))) for number in range(3)]
        with self.assertRaises(DatabaseUnavailable):
            await other.write(add, "one more")
        await gatherResults(waits)
        await other.write(add, "later")

    async def test_lost_commit_is_made_good_once(self) -> None:
        """When one interaction takes the transaction of all with it, each is run again, and told of, once."""
        heard: list[str] = []
        await self.database.write(add, "n", "0")

        async def holds(tx: Transaction) -> None:
            blockingCallFromThread(reactor, lambda: None)

        async def breaks_once(tx: Transaction) -> int:
            result = await increment(tx, "n")
            tx.after_commit(lambda: heard.append("effect"))
            if not broken:
                broken.append(True)
                await tx.run(_ROLLBACK)
            return result

        broken: list[bool] = []
        first = deferred(self.database.write(holds))
        second = deferred(self.database.write(breaks_once))
        await first
        self.assertEqual(1, await second)
        await self.database.write(increment, "n")
        self.assertEqual("2", await self.database.read(get, "n"))
        self.assertEqual(["effect"], heard)

    async def test_no_effect_of_a_lost_commit(self) -> None:
        """Whoever stops waiting while the commit is lost has changed nothing, and the world hears of nothing."""
        heard: list[str] = []

        async def holds(tx: Transaction) -> None:
            blockingCallFromThread(reactor, lambda: None)

        async def told(tx: Transaction) -> None:
            tx.after_commit(lambda: heard.append("effect"))
            await add(tx, "told")

        async def breaks(tx: Transaction) -> None:
            blockingCallFromThread(reactor, second.cancel)
            await tx.run(_ROLLBACK)

        first = deferred(self.database.write(holds))
        second = deferred(self.database.write(told))
        second.addErrback(lambda failure: None)
        third = deferred(self.database.write(breaks))
        await first
        with self.assertRaises(StorageError):
            await third
        self.assertIsNone(await self.database.read(get, "told"))
        self.assertEqual([], heard)

    async def test_stop_finishes_what_waits(self) -> None:
        """A stop in the middle of work loses none of it."""
        waits = [deferred(self.database.write(add, str(number))) for number in range(30)]
        await self.database.stop()
        await gatherResults(waits)
        self.assertFalse(self.path.with_name(self.path.name + "-wal").exists())

    async def test_broken_connection(self) -> None:
        """When the writer cannot go on, nobody waits for it for ever."""

        async def breaks(tx: Any) -> None:
            tx._connection.close()

        waits = [deferred(self.database.write(breaks)), *(deferred(self.database.write(add, k)) for k in "ab")]
        for wait in waits:
            with self.assertRaises(StorageError):
                await wait
        with self.assertRaises(DatabaseUnavailable):
            await self.database.read(get, "a")
        self.assertNotEqual([], self.flushLoggedErrors(StorageError))

    async def test_missing_folder(self) -> None:
        """A database that cannot be opened fails the start, and can be stopped."""
        database = SqliteDatabase(reactor=reactor, path=Path(self.mktemp()) / "no" / "file")
        with self.assertRaises(StorageError):
            await database.start()
        await database.stop()


class _Child(ProcessProtocol):
    """Collects the lines of a child and its end."""

    def __init__(self, enough: int) -> None:
        self.received = b""
        self.errors = b""
        self.ended: Deferred[None] = Deferred()
        self._enough = enough

    def outReceived(self, data: bytes) -> None:
        self.received += data
        if self.received.count(b"\n") >= self._enough and self.transport is not None and self.transport.pid:
            os.kill(self.transport.pid, signal.SIGKILL)

    def errReceived(self, data: bytes) -> None:
        self.errors += data

    def processEnded(self, reason: object) -> None:
        self.ended.callback(None)


class CrashTests(TestCase):
    """The process may die at any moment."""

    timeout = 60

    async def test_acknowledged_rows_survive_sigkill(self) -> None:
        """What a writer was told is done is there exactly once, however the process ends."""
        path = Path(self.mktemp())
        database = await open_file_database(path)
        await database.stop()
        acknowledged: set[str] = set()
        for run in range(3):
            child = _Child(enough=200 + 150 * run)
            environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
            arguments = [sys.executable, "-m", "tests.storage.writer", str(path), str(run)]
            reactor.spawnProcess(child, sys.executable, arguments, env=environment)
            await child.ended
            lines = child.received.decode().split("\n")[:-1]
            self.assertGreaterEqual(len(lines), 200, child.errors.decode())
            acknowledged.update(lines)
        database = await open_file_database(path)
        self.addCleanup(lambda: deferred(database.stop()))
        keys = [row["key"].removeprefix("t.") for row in await database.read(lambda tx: tx.all(_KEYS))]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(set(), acknowledged - set(keys))
