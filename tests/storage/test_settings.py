"""The pod's own keys and values."""

from twisted.trial.unittest import TestCase

from peertube.storage import settings
from tests.storage.databases import open_memory_database


class SettingsTests(TestCase):
    """The pod's own memory of keys and values."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()

    async def tearDown(self) -> None:
        await self.database.stop()

    async def test_missing_is_none(self) -> None:
        """A pod that starts for the first time has nothing to remember."""
        self.assertIsNone(await self.database.read(settings.get, "colour"))

    async def test_put_replaces(self) -> None:
        """The last value counts."""
        await self.database.write(settings.put, "colour", "red")
        await self.database.write(settings.put, "colour", "blue")
        self.assertEqual("blue", await self.database.read(settings.get, "colour"))

    async def test_put_once_keeps_the_first(self) -> None:
        """A key pair made twice by two processes that start together must be one key pair."""
        self.assertEqual("red", await self.database.write(settings.put_once, "colour", "red"))
        self.assertEqual("red", await self.database.write(settings.put_once, "colour", "blue"))
