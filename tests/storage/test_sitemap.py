"""What search engines may know of."""

from twisted.trial.unittest import TestCase

from peertube.model.videos import Privacy, VideoState
from peertube.storage import sitemap
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_account, add_publisher, add_video, uuid_of


class SitemapTests(TestCase):
    """`sitemap.newest`."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(self.stop)

    async def stop(self) -> None:
        await self.database.stop()

    async def test_our_own_public_and_published_videos_newest_first(self) -> None:
        await self.database.write(self.rows)
        found = await self.database.read(sitemap.newest, 10)
        self.assertEqual(found, [(uuid_of(2), NOW_MS + 2000), (uuid_of(1), NOW_MS + 1000)])
        self.assertEqual(await self.database.read(sitemap.newest, 1), found[:1])

    async def rows(self, tx) -> None:
        channel = (await add_publisher(tx)).channel_id
        await add_video(tx, 1, channel)
        await add_video(tx, 2, channel)
        await add_video(tx, 3, channel, privacy=Privacy.UNLISTED)
        await add_video(tx, 4, channel, privacy=Privacy.PRIVATE)
        await add_video(tx, 5, channel, change={"state": VideoState.TO_TRANSCODE})
        _, foreign = await add_account(tx, "bob", host="pod2.example")
        await add_video(tx, 6, foreign, host="pod2.example")
