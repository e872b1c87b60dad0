"""Room for the admin on a full disk."""

from pathlib import Path
from unittest.mock import patch

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.failpoints import armed
from peertube.storage.database import DatabaseUnavailable, DiskFull
from peertube.storage.sqlite_reserve import LOOK_SECONDS, Reserve
from tests.storage.database_contract import add, get
from tests.storage.databases import open_file_database


class ReserveTests(TestCase):
    """A file of a megabyte on a disk with room."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.file = folder / "db.reserve"
        self.now = 1000.0
        patched = patch("peertube.storage.sqlite_reserve.monotonic", lambda: self.now)
        patched.start()
        self.addCleanup(patched.stop)
        self.reserve = Reserve(folder / "db", size=2**20)

    def test_kept_given_and_made_anew(self) -> None:
        self.reserve.keep()
        self.assertEqual(self.file.stat().st_size, 2**20)
        self.assertGreaterEqual(self.file.stat().st_blocks * 512, 2**20)
        self.assertTrue(self.reserve.give())
        self.assertFalse(self.reserve.give())
        self.reserve.keep()
        self.assertFalse(self.file.exists())
        self.now += LOOK_SECONDS
        self.reserve.keep()
        self.assertTrue(self.file.exists())

    def test_not_made_where_room_is_short(self) -> None:
        greedy = Reserve(self.file.with_name("other"), size=2**60)
        greedy.keep()
        self.assertEqual(list(self.file.parent.iterdir()), [])


class FullDiskTests(TestCase):
    """The database with its reserve."""

    async def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()
        self.database = await open_file_database(self.path)
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.reserve = self.path.with_name(self.path.name + ".reserve")

    async def test_a_change_that_does_not_fit_is_tried_again_without_the_reserve(self) -> None:
        self.assertTrue(self.reserve.exists())
        with armed("database.commit:full"):
            await self.database.write(add, "a")
        self.assertEqual(await self.database.read(get, "a"), "v")
        self.assertFalse(self.reserve.exists())

    async def test_without_reserve_it_is_refused_and_nothing_is_kept(self) -> None:
        with armed("database.commit:full@1+"):
            for _ in range(3):
                with self.assertRaises(DiskFull):
                    await self.database.write(add, "a")
        await self.database.write(add, "a")

    async def test_a_disk_that_fails_is_not_a_full_one(self) -> None:
        """Every n-th commit: an error that says that it may work later, and then it does."""
        for number in range(1, 6):
            with armed(f"database.commit:error@{number}"):
                outcomes = []
                for attempt in range(5):
                    try:
                        await self.database.write(add, f"{number}-{attempt}")
                        outcomes.append(True)
                    except DatabaseUnavailable:
                        outcomes.append(False)
                        await self.database.write(add, f"{number}-{attempt}")
            self.assertEqual(outcomes.count(False), 1)
        self.assertTrue(self.reserve.exists())
