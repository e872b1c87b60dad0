"""What searches find, and in which order."""

from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import TestCase

from peertube.model.pages import Window
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Privacy, VideoFields
from peertube.storage import video_lists, videos, views
from tests.storage.databases import open_memory_database
from tests.storage.publishers import NOW_MS, add_account, add_publisher, add_video


class VideoSearchTests(TestCase):
    """A bridge in every place where a word can stand."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: ensureDeferred(self.database.stop()))
        self.alice = await self.database.write(add_publisher)
        _, self.bridges = await self.database.write(add_account, "bridge", host="b.example")
        mine = self.alice.channel_id
        self.ids = {}
        for number, channel, fields in (
            (1, mine, {"name": "Clip", "description": "Below the old bridge"}),
            (2, self.bridges, {"name": "Clip", "host": "b.example"}),
            (3, mine, {"name": "Clip", "tags": ("bridge",)}),
            (4, mine, {"name": "A long walk over the bridge"}),
            (5, mine, {"name": "Bridge"}),
            (6, mine, {"name": "Bridges of Paris"}),
            (7, mine, {"name": "Nothing of that"}),
            (8, mine, {"name": "Bridge", "privacy": Privacy.PRIVATE}),
        ):
            self.ids[number] = await self.database.write(add_video, number, channel, **fields)

    async def numbers(self, search: str, sort: str = "-match", **window: Any) -> list[int]:
        """Which videos are found, in order."""
        asked = Window(**{"count": 100, "sort": sort, **window})
        found = await self.database.read(video_lists.listing, VideoFilter(search=search), asked, NOW_MS)
        return [int(video.uuid[-3:]) for video in found.items]

    async def test_where_the_word_stands(self) -> None:
        """Name, tag, channel, description; words that begin so come after all of these."""
        self.assertEqual(await self.numbers("bridge"), [5, 4, 3, 2, 1, 6])
        self.assertEqual(await self.numbers("bridge", sort="match"), [6, 1, 2, 3, 4, 5])

    async def test_pages_follow_one_another(self) -> None:
        """Also where the short way to the best ends, with and without a total."""
        for skip_count in (False, True):
            found = [
                number
                for start in range(7)
                for number in await self.numbers("bridge", start=start, count=1, skip_count=skip_count)
            ]
            self.assertEqual(found, [5, 4, 3, 2, 1, 6])

    async def test_other_orders(self) -> None:
        """Whoever looks for the newest gets it first."""
        self.assertEqual(await self.numbers("bridge", sort="-publishedAt"), [6, 5, 4, 3, 2, 1])

    async def test_beginnings_and_typing_errors(self) -> None:
        """Of words that nobody has."""
        self.assertEqual(await self.numbers("bri"), [5, 6, 4, 3, 2, 1])
        self.assertEqual(await self.numbers("brigde"), [5, 4, 3, 2, 1])
        self.assertEqual(await self.numbers("pariss bridgs"), [6])
        self.assertEqual(await self.numbers("xyzzy"), [])
        self.assertEqual(await self.numbers("bridge xyzzy"), [])

    async def test_words_that_are_known_are_forgiven_where_nothing_else_is_found(self) -> None:
        """`walk` is a word here, but no bridge of Paris has it."""
        await self.database.write(add_video, 9, self.alice.channel_id, name="Pariss")
        self.assertEqual(await self.numbers("pariss bridges"), [6])

    async def test_every_word_has_to_fit(self) -> None:
        """In any place and order."""
        self.assertEqual(await self.numbers("paris bridges"), [6])
        self.assertEqual(await self.numbers("old bridge"), [1])
        self.assertEqual(await self.numbers("bridge walk"), [4])
        self.assertEqual(await self.numbers("clip bridge"), [3, 2, 1])

    async def test_changed_videos_are_found_by_what_they_say_now(self) -> None:
        """In the same transaction."""
        await self.database.write(videos.update, self.ids[5], VideoFields(name="Tunnel"), updated_ms=NOW_MS)
        self.assertEqual(await self.numbers("tunnel"), [5])
        self.assertNotIn(5, await self.numbers("bridge"))
        await self.database.write(videos.remove, self.ids[5])
        self.assertEqual(await self.numbers("tunnel"), [])

    async def test_equal_words_are_ordered_by_views_and_then_dates(self) -> None:
        """What many have seen is what most look for."""
        for number in (10, 11, 12):
            self.ids[number] = await self.database.write(add_video, number, self.alice.channel_id, name="Ferry")
        self.assertEqual(await self.numbers("ferry"), [12, 11, 10])
        await self.database.write(views.add, self.ids[10], 5, NOW_MS)
        self.assertEqual(await self.numbers("ferry"), [10, 12, 11])
        await self.database.write(videos.set_counters, self.ids[11], views=100)
        self.assertEqual(await self.numbers("ferry"), [11, 10, 12])
        await self.database.write(videos.publish, self.ids[12], NOW_MS + 10**9)
        self.assertEqual(await self.numbers("ferry"), [11, 10, 12])

    async def test_totals(self) -> None:
        """Are those of everything that is found."""
        for search, total in (("bridge", 6), ("paris bridges", 1), ("xyzzy", 0), ("!", 0)):
            found = await self.database.read(
                video_lists.listing, VideoFilter(search=search), Window(count=1, sort="-match"), NOW_MS
            )
            self.assertEqual(found.total, total, search)
