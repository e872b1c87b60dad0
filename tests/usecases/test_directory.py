"""What there is to discover: counted over what is public, in few questions."""

from twisted.trial.unittest import TestCase

from peertube.model.pages import Window
from peertube.model.videos import Privacy
from peertube.storage import channels
from peertube.storage.database import Transaction
from peertube.usecases.directory import KEPT_MS, Directories
from tests.storage.databases import open_memory_database
from tests.storage.publishers import add_publisher, add_video, uuid_of
from tests.usecases.video_fakes import FakeClock


class DirectoryTests(TestCase):
    """Alice has three public videos and a private one."""

    async def setUp(self) -> None:
        self.database, self.clock = await open_memory_database(), FakeClock(1_000_000)
        self.directories = Directories(database=self.database, clock=self.clock)
        await self.database.write(self._rows)

    async def tearDown(self) -> None:
        await self.database.stop()

    async def _rows(self, tx: Transaction) -> None:
        self.alice = await add_publisher(tx, "alice")
        for number in (1, 2, 3):
            await add_video(tx, number, self.alice.channel_id, category=2, language="de", tags=("Höhle", f"t{number}"))
        await add_video(tx, 4, self.alice.channel_id, category=9, tags=("secret",), privacy=Privacy.PRIVATE)
        await channels.set_directory(tx, self.alice.channel_id, 5)

    async def test_everything_public_is_counted(self) -> None:
        """Nothing private shows through."""
        found = await self.directories.overview()
        self.assertEqual(({2: 3}, {"de": 3}, {5: 1}), (found.categories, found.languages, found.shelves))
        self.assertEqual(3, found.tags["Höhle"])
        self.assertNotIn("secret", found.tags)
        self.assertEqual([self.alice.channel_id], [channel.id for channel in found.active])
        listed = await self.directories.on_shelf(5, Window())
        self.assertEqual((1, "alice_channel"), (listed.total, listed.items[0].name))
        self.assertEqual(0, (await self.directories.on_shelf(6, Window())).total)

    async def test_the_newest_videos_of_channels(self) -> None:
        """So many of each, the newest first."""
        channel = (await self.directories.overview()).active[0]
        newest = await self.directories.newest([channel], 2)
        self.assertEqual([uuid_of(3), uuid_of(2)], [video.uuid for video in newest[channel.id]])

    async def test_an_overview_is_kept_for_a_while(self) -> None:
        """It is counted over all videos: not for every visitor."""
        first = await self.directories.overview()
        self.assertIs(first, await self.directories.overview())
        self.clock.time_ms += KEPT_MS
        self.assertIsNot(first, await self.directories.overview())
