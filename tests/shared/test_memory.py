"""News and counters in one process."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.shared.memory import MemoryCounters, MemoryPublisher
from peertube.usecases.ports import Message
from tests.shared.contracts import CountersContract, PublisherContract


class MemoryPublisherTests(PublisherContract, TestCase):
    """What every publisher does."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.news = MemoryPublisher(reactor=self.reactor)

    async def settle(self) -> None:
        self.reactor.advance(0)


class MemoryCountersTests(CountersContract, TestCase):
    """What all counters do."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.counters = MemoryCounters(reactor=self.reactor)

    async def pass_seconds(self, seconds: float) -> None:
        self.reactor.advance(seconds)


class PublisherTests(SynchronousTestCase):
    """What is published reaches those who listen."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.news = MemoryPublisher(reactor=self.reactor, limit=3)
        self.heard: list[tuple[str, Message]] = []

    def _hear(self, name: str) -> object:
        return lambda message: self.heard.append((name, message))

    def test_later_and_in_order(self) -> None:
        """Whoever publishes in the middle of something is not called back in the middle of it."""
        self.news.subscribe("t", self._hear("a"))
        self.news.subscribe("t", self._hear("b"))
        self.news.publish("t", {"n": 1})
        self.news.publish("other", {})
        self.news.publish("t", {"n": 2})
        self.assertEqual([], self.heard)
        self.reactor.advance(0)
        self.assertEqual([("a", {"n": 1}), ("b", {"n": 1}), ("a", {"n": 2}), ("b", {"n": 2})], self.heard)

    def test_one_that_fails(self) -> None:
        """A subscriber's bug is its own."""
        self.news.subscribe("t", lambda message: message["missing"])
        self.news.subscribe("t", self._hear("b"))
        self.news.publish("t", {})
        self.reactor.advance(0)
        self.assertEqual([("b", {})], self.heard)
        self.assertEqual(1, len(self.flushLoggedErrors(KeyError)))

    def test_unsubscribe(self) -> None:
        """A part that has stopped hears no more, not even what was published before."""
        stop = self.news.subscribe("t", self._hear("a"))
        self.news.publish("t", {})
        stop()
        stop()
        self.reactor.advance(0)
        self.assertEqual([], self.heard)

    def test_answering_news_with_news(self) -> None:
        """A subscriber may publish; that comes when it has ended."""

        def answer(message: Message) -> None:
            self.news.publish("u", message)
            self.heard.append(("t", message))

        self.news.subscribe("t", answer)
        self.news.subscribe("u", self._hear("u"))
        self.news.publish("t", {"n": 1})
        self.reactor.advance(0)
        self.assertEqual([("t", {"n": 1}), ("u", {"n": 1})], self.heard)

    def test_limit(self) -> None:
        """What waits is bounded; the oldest goes."""
        self.news.subscribe("t", self._hear("a"))
        for number in range(5):
            self.news.publish("t", {"n": number})
        self.reactor.advance(0)
        self.assertEqual([2, 3, 4], [message["n"] for _, message in self.heard])


class CountersTests(SynchronousTestCase):
    """Events in windows of time."""

    def setUp(self) -> None:
        self.reactor = Clock()
        self.counters = MemoryCounters(reactor=self.reactor, limit=3)

    def test_windows(self) -> None:
        """The count begins anew when the window is over."""
        self.assertEqual([1, 2, 3], [self.counters.hit("a", 10) for _ in range(3)])
        self.assertEqual(1, self.counters.hit("b", 10))
        self.reactor.advance(9)
        self.assertEqual(1, self.counters.remaining_seconds("a"))
        self.assertEqual(4, self.counters.hit("a", 10))
        self.reactor.advance(1)
        self.assertEqual(0, self.counters.remaining_seconds("a"))
        self.assertEqual(1, self.counters.hit("a", 10))

    def test_nothing_counted(self) -> None:
        """A key that nobody hit has no window."""
        self.assertEqual(0, self.counters.remaining_seconds("a"))

    def test_expired_make_room_first(self) -> None:
        """A flood of keys does not forget those that still count, as long as others are over."""
        self.counters.hit("long", 100)
        self.counters.hit("short", 1)
        self.counters.hit("middle", 50)
        self.reactor.advance(2)
        self.counters.hit("new", 10)
        self.assertEqual([2, 2, 2], [self.counters.hit(key, 100) for key in ("long", "middle", "new")])

    def test_flood(self) -> None:
        """Memory is bounded whatever strangers send: those that would end first go first."""
        self.counters.hit("long", 1000)
        for number in range(1000):
            self.counters.hit(f"k{number}", 10)
            self.reactor.advance(0.001)
        self.assertEqual(2, self.counters.hit("long", 1000))
        self.assertEqual(1, self.counters.hit("k0", 10))
        self.assertEqual(2, self.counters.hit("k999", 10))

    def test_one_busy_key(self) -> None:
        """A key with many short windows does not grow anything."""
        for _ in range(100):
            self.assertEqual(1, self.counters.hit("a", 1))
            self.reactor.advance(1)
