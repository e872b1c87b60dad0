"""How long lists are."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.model.video_filters import VideoFilter
from peertube.usecases.totals import KEPT_MS, LONG, Totals
from tests.usecases.video_fakes import FakeClock


class TotalsTests(SynchronousTestCase):
    """Only what is costly to count is remembered, and not for long."""

    def setUp(self) -> None:
        self.clock = FakeClock(0)
        self.totals = Totals(clock=self.clock)

    def test_short_lists_are_counted_each_time(self) -> None:
        """There everybody sees that one is missing."""
        self.totals.put(VideoFilter(), LONG)
        self.totals.put(VideoFilter(), LONG - 1)
        self.assertIsNone(self.totals.get(VideoFilter()))

    def test_long_lists_for_moments(self) -> None:
        """Each filter by itself."""
        self.totals.put(VideoFilter(), LONG)
        self.assertEqual(self.totals.get(VideoFilter()), LONG)
        self.assertIsNone(self.totals.get(VideoFilter(search="x")))
        self.clock.time_ms += KEPT_MS
        self.assertIsNone(self.totals.get(VideoFilter()))

    def test_strangers_cannot_fill_the_memory(self) -> None:
        """With ever new searches."""
        for number in range(5000):
            self.totals.put(VideoFilter(search=str(number)), LONG)
        self.assertLessEqual(sum(self.totals.get(VideoFilter(search=str(n))) is not None for n in range(5000)), 1000)
