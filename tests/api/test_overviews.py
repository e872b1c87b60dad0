"""The overview over HTTP."""

from peertube.usecases.overview import LEAST
from tests.api.video_api import VideoApiCase
from tests.storage.publishers import add_video


class OverviewApiTests(VideoApiCase):
    """As PeerTube's programs read it."""

    async def test_shape(self) -> None:
        """Rows with what they have in common; a wrong page is named."""
        for number in range(1, LEAST + 1):
            await self.database.write(add_video, number, self.alice.channel_id, category=2, tags=("Hills",))
        found = await self.get("/overviews/videos?page=1")
        self.assertEqual(set(found), {"tags", "categories", "channels"})
        self.assertEqual(found["tags"][0]["tag"], "Hills")
        self.assertEqual(found["categories"][0]["category"], {"id": 2, "label": "Films"})
        self.assertEqual(found["channels"][0]["channel"]["name"], "alice_channel")
        self.assertEqual(len(found["channels"][0]["videos"]), LEAST)
        self.assertEqual(await self.get("/overviews/videos?page=2"), {"tags": [], "categories": [], "channels": []})
        wrong = await self.get("/overviews/videos?page=0", status=400)
        self.assertEqual(set(wrong["invalid-params"]), {"page"})
