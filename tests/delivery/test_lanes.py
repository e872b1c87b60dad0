"""Lanes: one batch in flight per pod, nobody waits for another."""

from twisted.trial.unittest import SynchronousTestCase

from peertube.delivery.lanes import Lanes


class LanesTests(SynchronousTestCase):
    """Who is told something next."""

    def test_one_in_flight_per_pod(self) -> None:
        """Whatever is wanted meanwhile waits for the end of the batch, and is not forgotten."""
        lanes = Lanes()
        lanes.want([(1, 0), (2, 0)])
        self.assertEqual(lanes.start_due(10), [1, 2])
        lanes.want([(1, 0)])
        self.assertEqual(lanes.start_due(10), [])
        lanes.ended(1, more=False, not_before_ms=0)
        lanes.ended(2, more=False, not_before_ms=0)
        self.assertEqual(lanes.start_due(10), [1])

    def test_a_failed_pod_waits_alone(self) -> None:
        """The others are told at once."""
        lanes = Lanes()
        lanes.want([(1, 0)])
        lanes.start_due(10)
        lanes.ended(1, more=True, not_before_ms=60_010)
        lanes.want([(1, 60_010), (2, 0)])
        self.assertEqual(lanes.start_due(10), [2])
        self.assertEqual(lanes.next_due_ms(), 60_010)
        self.assertEqual(lanes.start_due(60_010), [1])

    def test_a_full_house(self) -> None:
        """No more than the limit at once; the longest due goes first."""
        lanes = Lanes(most_in_flight=1)
        lanes.want([(1, 5), (2, 3)])
        self.assertEqual(lanes.start_due(10), [2])
        self.assertIsNone(lanes.next_due_ms())
        lanes.ended(2, more=False, not_before_ms=0)
        self.assertEqual(lanes.start_due(10), [1])
        self.assertEqual(lanes.in_flight, 1)
