"""What a write has changed is told once it is on disk."""

from twisted.trial.unittest import TestCase

from peertube.storage import settings
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from peertube.storage.watched import WatchedDatabase
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred

_ADD = Query("insert into settings (key, value) values (:name, 'x')")
_CHANGE = Query("update settings set value = 'y' where key = :name returning value")
_REMOVE = Query("delete from settings where key = :name")


class WatchedDatabaseTests(TestCase):
    """On a real database."""

    async def setUp(self) -> None:
        database = await open_memory_database()
        self.addCleanup(lambda: deferred(database.stop()))
        self.told: list[set[str]] = []
        self.database = WatchedDatabase(database, lambda changes: self.told.append(set(changes)))

    async def test_changes(self) -> None:
        """Whichever method of the transaction was used; a read changes nothing."""

        async def change(tx: Transaction) -> None:
            await tx.run(_ADD, name="a")
            await tx.one(_CHANGE, name="a")

        await self.database.write(change)
        await self.database.write(lambda tx: tx.many(_REMOVE, [{"name": "a"}]))
        self.assertEqual([{"settings", "settings.value"}, {"settings"}], self.told)
        await self.database.read(settings.get, "a")
        self.assertEqual(2, len(self.told))

    async def test_undone(self) -> None:
        """What did not happen is not told."""

        async def change(tx: Transaction) -> None:
            await tx.run(_ADD, name="a")
            raise LookupError

        with self.assertRaises(LookupError):
            await self.database.write(change)
        self.assertEqual([], self.told)
