"""Totals of lists: remembered until some list changes."""

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from peertube.model.video_filters import VideoFilter
from peertube.shared.memory import MemoryCache
from peertube.usecases.totals import Totals, concern_lists


class TotalsTests(TestCase):
    """Counted once, asked often."""

    def setUp(self) -> None:
        self.totals = Totals(cache=MemoryCache(reactor=Clock(), seconds=5))

    async def test_each_list_has_its_own(self) -> None:
        """What one filter finds says nothing about another."""
        _, before = await self.totals.get(VideoFilter())
        await self.totals.put(VideoFilter(), 100_000, before)
        self.assertEqual(100_000, (await self.totals.get(VideoFilter()))[0])
        self.assertIsNone((await self.totals.get(VideoFilter(search="x")))[0])

    async def test_forgotten(self) -> None:
        """A total that was counted before a change, and arrives after it, is not remembered either."""
        _, before = await self.totals.get(VideoFilter())
        await self.totals.forget()
        await self.totals.put(VideoFilter(), 3, before)
        self.assertIsNone((await self.totals.get(VideoFilter()))[0])

    def test_what_concerns_lists(self) -> None:
        """A view makes no list longer; a table that nobody has thought of might."""
        self.assertFalse(concern_lists({"videos.views", "video_views", "jobs.state", "jobs"}))
        self.assertTrue(concern_lists({"jobs", "videos"}))
        self.assertTrue(concern_lists({"videos.privacy"}))
        self.assertTrue(concern_lists({"pods.state"}))
        self.assertTrue(concern_lists({"new_table"}))
