"""Scores stay within their limits."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.pods import score


class ScoreTests(SynchronousTestCase):
    """A.3.6 of the protocol, for display."""

    def test_steps_and_limits(self) -> None:
        """Ten up, ten down, 0 to 1000."""
        self.assertEqual(score.after_success(score.START), 110)
        self.assertEqual(score.after_failure(score.START), 90)
        self.assertEqual(score.after_success(995), 1000)
        self.assertEqual(score.after_failure(5), 0)
