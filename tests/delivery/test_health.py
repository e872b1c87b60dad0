"""When a friend is dormant and when it is ejected: the table of DESIGN section 5."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from peertube.delivery.health import DORMANT_AFTER_MS, HOUR_MS, after_failure, wants_probe
from peertube.model.pods import Pod, PodState
from tests.pods.surroundings import NOW_MS, friend_at

EJECT_MS = 14 * 24 * HOUR_MS


class HealthTests(SynchronousTestCase):
    """A friend that fails."""

    def failing(self, hours: int, tries: int, *, last: int = 6, state: PodState = PodState.FRIEND) -> Pod:
        """A friend that has failed so often in so many hours, the last time `last` hours ago."""
        return evolve(
            friend_at("b.example"),
            failures=tries,
            failing_since_ms=NOW_MS - hours * HOUR_MS,
            last_error_ms=NOW_MS - last * HOUR_MS,
            state=state,
        )

    def verdict(self, pod: Pod) -> PodState:
        return after_failure(pod, NOW_MS, EJECT_MS).state

    def test_the_first_failure_starts_the_clock(self) -> None:
        """Whatever happened long ago."""
        pod = evolve(friend_at("b.example"), last_error_ms=NOW_MS - 10**10)
        found = after_failure(pod, NOW_MS, EJECT_MS)
        self.assertEqual((found.state, found.failing_since_ms), (PodState.FRIEND, NOW_MS))

    def test_dormant_after_a_day(self) -> None:
        """Not before, and not after a single failure."""
        self.assertIs(self.verdict(self.failing(23, 12)), PodState.FRIEND)
        self.assertIs(self.verdict(self.failing(24, 12)), PodState.DORMANT)
        self.assertIs(self.verdict(self.failing(24, 1)), PodState.FRIEND)
        self.assertIs(self.verdict(self.failing(30, 13, state=PodState.DORMANT)), PodState.DORMANT)

    def test_ejected_after_fourteen_days(self) -> None:
        """Not before, and not without having been tried often."""
        self.assertIs(self.verdict(self.failing(14 * 24 - 1, 60)), PodState.DORMANT)
        self.assertIs(self.verdict(self.failing(14 * 24, 60)), PodState.EJECTED)
        self.assertIs(self.verdict(self.failing(14 * 24, 15)), PodState.DORMANT)

    def test_time_when_we_were_away_does_not_count(self) -> None:
        """Our own holidays eject nobody."""
        pod = self.failing(20 * 24, 60, last=19 * 24)
        found = after_failure(pod, NOW_MS, EJECT_MS)
        self.assertIs(found.state, PodState.DORMANT)
        self.assertEqual(NOW_MS - found.failing_since_ms, 36 * HOUR_MS)

    def test_probes(self) -> None:
        """Those that fail, and those of which nothing was heard for an hour."""
        friend = evolve(friend_at("b.example"), created_ms=NOW_MS - DORMANT_AFTER_MS)
        self.assertTrue(wants_probe(friend, NOW_MS))
        self.assertTrue(wants_probe(evolve(friend, failures=1, last_heard_ms=NOW_MS), NOW_MS))
        self.assertFalse(wants_probe(evolve(friend, last_heard_ms=NOW_MS - HOUR_MS + 1), NOW_MS))
        self.assertFalse(wants_probe(evolve(friend, last_success_ms=NOW_MS), NOW_MS))
