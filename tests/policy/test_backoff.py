"""Waits between attempts."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from peertube.policy.backoff import next_delay


class BackoffTests(SynchronousTestCase):
    """One minute, doubled up to six hours, with some chance."""

    def test_doubles(self) -> None:
        """The wait grows with the attempts."""
        waits = [next_delay(attempt, 0.999999999) for attempt in range(1, 6)]
        self.assertEqual([60, 120, 240, 480, 960], [round(wait) for wait in waits])

    def test_longest(self) -> None:
        """A friend that comes back after a month is found within six hours."""
        self.assertEqual(6 * 3600, round(next_delay(10_000, 0.999999999)))

    def test_chance(self) -> None:
        """What failed together does not come back together."""
        self.assertEqual(45, next_delay(1, 0))
        self.assertEqual(52.5, next_delay(1, 0.5))

    def test_other_limits(self) -> None:
        """A test network does not wait for minutes."""
        self.assertEqual(0.75, next_delay(1, 0, first_seconds=1, longest_seconds=3))
        self.assertEqual(2.25, next_delay(9, 0, first_seconds=1, longest_seconds=3))

    @given(st.integers(-5, 10**9), st.floats(0, 1, exclude_max=True))
    def test_always_in_bounds(self, attempt: int, fraction: float) -> None:
        """No count of attempts gives a wait of nothing or for ever."""
        self.assertTrue(45 <= next_delay(attempt, fraction) <= 6 * 3600)
