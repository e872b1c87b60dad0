"""The strict majority of make-friends."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.pods.election import elected


class ElectionTests(SynchronousTestCase):
    """A.3.2 of the protocol."""

    def test_strictly_more_than_half(self) -> None:
        """Half is not enough: two groups that do not know each other stay apart."""
        self.assertEqual(elected({"a": {"b"}, "d": {"c"}}, "e"), [])
        self.assertEqual(elected({"a": {"d"}, "b": {"a", "d"}, "c": {"a"}}, "e"), ["a", "d"])

    def test_one_asked_host_is_its_own_majority(self) -> None:
        """And so are all its friends."""
        self.assertEqual(elected({"a": {"b", "c"}}, "e"), ["a", "b", "c"])

    def test_never_myself(self) -> None:
        """Though everybody knows me."""
        self.assertEqual(elected({"a": {"me"}, "b": {"me", "a"}}, "me"), ["a"])

    def test_a_pod_cannot_vote_for_itself(self) -> None:
        """Its own list does not count for it."""
        self.assertEqual(elected({"evil": {"evil"}, "b": set()}, "me"), [])

    def test_nobody_asked(self) -> None:
        """Nobody elected."""
        self.assertEqual(elected({}, "me"), [])
