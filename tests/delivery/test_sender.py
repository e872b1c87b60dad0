"""The sender: woken by news and by time, slow pods apart, a stop that ends."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from peertube.delivery.sender import STOP_SECONDS, Sender
from peertube.shared.clock import SystemClock
from peertube.usecases.deliveries import Sent


class Lanes:
    """Deliveries that the test answers."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int]] = []
        self.sent: list[int] = []
        self.answers: dict[int, Deferred[Sent]] = {}

    async def lanes(self) -> list[tuple[int, int]]:
        return list(self.waiting)

    async def send(self, pod_id: int) -> Sent:
        self.sent.append(pod_id)
        self.answers[pod_id] = Deferred()
        return await self.answers[pod_id]


class SenderTests(SynchronousTestCase):
    """With the reactor's clock in hand."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.told = Lanes()
        self.sender = Sender(reactor=self.reactor, deliveries=self.told, clock=SystemClock(reactor=self.reactor))

    def start(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.sender.start()))

    def test_what_an_earlier_run_left_is_sent(self) -> None:
        """Nothing needs to happen first."""
        self.told.waiting = [(1, 0)]
        self.start()
        self.assertEqual(self.told.sent, [1])

    def test_news_wake_it_and_a_slow_pod_delays_nobody(self) -> None:
        """Pod 1 never answers; pod 2 is told all the same."""
        self.told.waiting = [(1, 0)]
        self.start()
        self.told.waiting = [(1, 0), (2, 0)]
        self.sender.wake({"pods": [2]})
        self.assertEqual(self.told.sent, [1, 2])
        self.told.answers[2].callback(Sent(more=True, next_try_ms=0))
        self.assertEqual(self.told.sent, [1, 2, 2])

    def test_a_failure_is_tried_again_when_due(self) -> None:
        """Not before."""
        self.told.waiting = [(1, 0)]
        self.start()
        self.told.waiting = [(1, 45_000)]
        self.told.answers[1].callback(Sent(more=True, next_try_ms=45_000))
        self.reactor.advance(44)
        self.assertEqual(self.told.sent, [1])
        self.reactor.advance(2)
        self.assertEqual(self.told.sent, [1, 1])

    def test_a_broken_database_does_not_end_it(self) -> None:
        """The failure is logged, the pod is tried again later."""
        self.told.waiting = [(1, 0)]
        self.start()
        self.told.answers[1].errback(ValueError("broken"))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.told.waiting = [(1, 0)]
        self.reactor.pump([61, 0.1])
        self.assertEqual(self.told.sent, [1, 1])

    def test_stop_waits_within_a_limit(self) -> None:
        """A batch that never ends is cancelled; no timer is left."""
        self.told.waiting = [(1, 0)]
        self.start()
        stopping = Deferred.fromCoroutine(self.sender.stop())
        self.assertNoResult(stopping)
        self.reactor.advance(STOP_SECONDS)
        self.successResultOf(stopping)
        self.sender.wake({})
        self.assertEqual((self.told.sent, self.reactor.getDelayedCalls()), ([1], []))
