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
        self.assertEqual(lanes.next_due_ms(10), 60_010)
        self.assertEqual(lanes.start_due(60_010), [1])

    def test_a_full_house(self) -> None:
        """No more than the limit at once, whatever they are."""
        lanes = Lanes(most_in_flight=1)
        lanes.want([(1, 5), (2, 0)])
        self.assertEqual(lanes.start_due(10), [1])
        self.assertIsNone(lanes.next_due_ms(10))
        lanes.ended(1, more=False, not_before_ms=0)
        self.assertEqual(lanes.start_due(10), [2])
        self.assertEqual(lanes.in_flight, {2})

    def test_in_turn(self) -> None:
        """A friend with much to be told does not keep the others waiting."""
        lanes = Lanes(most_quick=1)
        lanes.want([(1, 0), (2, 0), (3, 0)])
        order = []
        for now_ms in range(10, 16):
            (pod,) = lanes.start_due(now_ms)
            order.append(pod)
            lanes.want([(1, 0), (2, 0), (3, 0)])
            lanes.ended(pod, more=True, not_before_ms=0)
        self.assertEqual(order, [1, 2, 3, 1, 2, 3])

    def test_those_that_failed_have_places_of_their_own(self) -> None:
        """However many they are, and whatever they wait for."""
        lanes = Lanes(most_probes=2)
        lanes.want([(pod, 5) for pod in range(1, 6)])
        self.assertEqual(lanes.start_due(10), [1, 2])
        self.assertIsNone(lanes.next_due_ms(10))
        lanes.want([(3, 5), (9, 0)])
        self.assertEqual(lanes.start_due(11), [9])

    def test_a_slow_one_leaves_its_place(self) -> None:
        """It goes on beside it: nobody knows whether it is dead or far away."""
        lanes = Lanes(most_quick=1, slow_after_ms=2000)
        lanes.want([(1, 0), (2, 0)])
        self.assertEqual(lanes.start_due(10), [1])
        self.assertEqual(lanes.next_due_ms(10), 2010)
        self.assertEqual(lanes.start_due(2009), [])
        self.assertEqual(lanes.start_due(2010), [2])
        self.assertEqual(lanes.in_flight, {1, 2})

    def test_nobody_who_has_been_told_all_is_told_again(self) -> None:
        """What is not wanted any more is forgotten."""
        lanes = Lanes()
        lanes.want([(1, 0), (2, 99)])
        lanes.start_due(10)
        lanes.ended(1, more=False, not_before_ms=0)
        lanes.want([])
        self.assertIsNone(lanes.next_due_ms(1000))
        self.assertEqual(lanes.start_due(1000), [])
