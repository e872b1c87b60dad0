"""The overview of a pod."""

from peertube.usecases.overview import EMPTY_KEPT_MS, KEPT_MS, LEAST, Overview, Overviews
from tests.storage.publishers import add_video
from tests.usecases.video_world import VideoCase


class OverviewTests(VideoCase):
    """What many videos share is worth a row."""

    async def more(self) -> None:
        self.overviews = Overviews(database=self.database, clock=self.clock, videos=self.videos)
        for number in range(1, LEAST):
            await self.add(number)

    async def add(self, number: int, **fields: object) -> None:
        usual = {"category": 2, "tags": ("Hills", "sheep")[: 1 + (number < 3)]}
        await self.database.write(add_video, number, self.alice.channel_id, **{**usual, **fields})

    async def test_rows_come_with_the_sixth_video(self) -> None:
        """A tag, a category, a channel; the next page has nothing more."""
        self.assertEqual(await self.overviews.page(None, 1), Overview())
        await self.add(LEAST)
        self.assertEqual(await self.overviews.page(None, 1), Overview())
        self.clock.time_ms += EMPTY_KEPT_MS
        found = await self.overviews.page(None, 1)
        self.assertEqual((found.tag, found.category), ("Hills", 2))
        for videos in (found.of_tag, found.of_category, found.of_channel):
            self.assertEqual(len(videos), LEAST)
        self.assertEqual(await self.overviews.page(None, 2), Overview())

    async def test_what_is_hidden_is_not_shown(self) -> None:
        """Samples are remembered, videos are not."""
        await self.add(LEAST)
        found = await self.overviews.page(None, 1)
        await self.videos.remove(self.alice.viewer, found.of_tag[0].uuid)
        self.assertEqual(len((await self.overviews.page(None, 1)).of_tag), LEAST - 1)
        self.clock.time_ms += KEPT_MS
        self.assertEqual(await self.overviews.page(None, 1), Overview())
