"""Fifty friends that answer beside two hundred that do not: nobody waits for the dead."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase

from peertube.delivery.lanes import MOST_IN_FLIGHT, MOST_PROBES, MOST_QUICK, SLOW_AFTER_MS
from peertube.delivery.sender import Sender
from peertube.policy.backoff import next_delay
from peertube.shared.clock import SystemClock
from peertube.usecases.deliveries import Sent

DEAD = range(1, 201)
LIVING = range(201, 251)
TIMEOUT_SECONDS = 30.0
ANSWER_SECONDS = 0.2
MINUTE = 60


class FakeNetwork:
    """Friends that take a batch in a moment, or never; how long each piece of news took to reach them."""

    def __init__(self, reactor: Clock) -> None:
        self._reactor = reactor
        self._dead = set(DEAD)
        self.failures = dict.fromkeys([*DEAD, *LIVING], 0)
        self.next_try_ms = dict.fromkeys([*DEAD, *LIVING], 0)
        self.lane: dict[int, list[float]] = {pod: [] for pod in [*DEAD, *LIVING]}
        self.delays: dict[int, list[float]] = {pod: [] for pod in [*DEAD, *LIVING]}
        self.in_flight: set[int] = set()
        self.most_in_flight = 0
        self.attempts = 0

    def tell_everybody(self) -> None:
        """Something new for each friend."""
        for lane in self.lane.values():
            lane.append(self._reactor.seconds())

    def revive(self, pod: int) -> None:
        """It answers again."""
        self._dead.discard(pod)

    def retry(self, pod: int) -> None:
        """What the operator's command does to the row."""
        self.failures[pod] = self.next_try_ms[pod] = 0

    async def lanes(self) -> list[tuple[int, int]]:
        return [(pod, self.next_try_ms[pod]) for pod, lane in self.lane.items() if lane]

    async def send(self, pod_id: int) -> Sent:
        assert pod_id not in self.in_flight, "one batch at a time"
        self.in_flight.add(pod_id)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        self.attempts += 1
        told = list(self.lane[pod_id])
        dead = pod_id in self._dead
        try:
            await deferLater(self._reactor, TIMEOUT_SECONDS if dead else ANSWER_SECONDS)
        finally:
            self.in_flight.discard(pod_id)
        now = self._reactor.seconds()
        if dead:
            self.failures[pod_id] += 1
            self.next_try_ms[pod_id] = int((now + next_delay(self.failures[pod_id], 0.5)) * 1000)
            return Sent(more=True, next_try_ms=self.next_try_ms[pod_id])
        self.retry(pod_id)
        self.delays[pod_id] += [now - since for since in told]
        self.lane[pod_id] = self.lane[pod_id][len(told) :]
        return Sent(more=bool(self.lane[pod_id]), next_try_ms=0)


class FairnessTests(SynchronousTestCase):
    """Many hours of a clock in hand."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.reactor.advance(1_000_000)
        self.network = FakeNetwork(self.reactor)
        self.sender = Sender(reactor=self.reactor, deliveries=self.network, clock=SystemClock(reactor=self.reactor))
        self.successResultOf(Deferred.fromCoroutine(self.sender.start()))

    def news(self, seconds: float) -> None:
        """Something new, and then nothing for some time."""
        self.network.tell_everybody()
        self.sender.wake({"pods": []})
        for _ in range(int(seconds * 10)):
            self.reactor.advance(0.1)

    def slowest(self) -> float:
        """The longest that any living friend waited for any news so far, in seconds."""
        delays = [delay for pod in LIVING for delay in self.network.delays[pod]]
        for pod in LIVING:
            self.network.delays[pod].clear()
        return max(delays)

    def test_the_living_never_wait_for_the_dead(self) -> None:
        """Once it is known who does not answer, which is from the first news on: at once, every time."""
        self.news(MINUTE)
        unknown = 250 / MOST_QUICK * SLOW_AFTER_MS / 1000
        self.assertLess(self.slowest(), unknown)
        for _ in range(120):
            self.news(MINUTE)
            self.assertLess(self.slowest(), 2 * ANSWER_SECONDS)
        self.assertEqual(sum(len(self.network.lane[pod]) for pod in LIVING), 0)
        self.assertEqual({len(self.network.lane[pod]) for pod in DEAD}, {121})

    def test_a_bounded_number_at_once(self) -> None:
        """Even when all of them die together, and after that only a few of the dead at a time."""
        self.news(MINUTE)
        self.assertLessEqual(self.network.most_in_flight, MOST_IN_FLIGHT)
        self.network.most_in_flight = 0
        for _ in range(60):
            self.news(MINUTE)
        self.assertLessEqual(self.network.most_in_flight, MOST_PROBES + MOST_QUICK)
        self.assertLess(self.network.attempts, 250 + 61 * 50 + 200 * 12)

    def test_a_friend_that_is_back_catches_up(self) -> None:
        """At its next try, behind no more than the other dead ones that were due before."""
        for _ in range(30):
            self.news(MINUTE)
        self.network.revive(7)
        due_ms = self.network.next_try_ms[7]
        while not self.network.delays[7]:
            self.reactor.advance(1)
        self.assertLess(self.reactor.seconds() - due_ms / 1000, 200 / MOST_PROBES * TIMEOUT_SECONDS + 10)
        self.assertEqual(self.network.lane[7], [])

    def test_a_retry_is_at_once(self) -> None:
        """The operator knows that it is back; with news as from this process, without as from the command line."""
        for _ in range(60):
            self.news(MINUTE)
        for pod, woken, within in ((7, True, 1), (8, False, 11)):
            self.network.revive(pod)
            self.network.retry(pod)
            if woken:
                self.sender.wake({"pods": [pod]})
            self.reactor.pump([0.1] * within * 10)
            self.assertEqual(self.network.lane[pod], [], pod)
