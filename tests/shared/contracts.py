"""What news and counts have to do, in one process or in several. Each kind's tests mix these in."""

from typing import Any

from peertube.usecases.ports import Message


class PublisherContract:
    """The publisher is in ``self.news``; ``await self.settle()`` lets everything arrive."""

    news: Any

    def hear(self: Any, topic: str) -> list[Message]:
        """What is heard of a topic from now on."""
        heard: list[Message] = []
        self.unsubscribe = self.news.subscribe(topic, heard.append)
        return heard

    async def test_later_once_and_in_order(self: Any) -> None:
        """Whoever publishes in the middle of something is not called back in the middle of it."""
        heard = self.hear("t")
        self.news.publish("t", {"n": 1})
        self.news.publish("other", {})
        self.news.publish("t", {"n": [2, "ü", None]})
        self.assertEqual([], heard)
        await self.settle()
        self.assertEqual([{"n": 1}, {"n": [2, "ü", None]}], heard)

    async def test_one_that_fails(self: Any) -> None:
        """A subscriber's bug is its own."""
        self.news.subscribe("t", lambda message: message["missing"])
        heard = self.hear("t")
        self.news.publish("t", {})
        await self.settle()
        self.assertEqual([{}], heard)
        self.assertEqual(1, len(self.flushLoggedErrors(KeyError)))

    async def test_unsubscribe(self: Any) -> None:
        """A part that has stopped hears no more, not even what was published before."""
        heard = self.hear("t")
        self.news.publish("t", {})
        self.unsubscribe()
        self.unsubscribe()
        await self.settle()
        self.assertEqual([], heard)


class CountersContract:
    """The counters are in ``self.counters``; ``await self.pass_seconds(n)`` lets time pass."""

    counters: Any

    async def test_windows(self: Any) -> None:
        """The count begins anew when the window is over."""
        self.assertEqual([1, 2, 3], [self.counters.hit("a", 0.5) for _ in range(3)])
        self.assertEqual(1, self.counters.hit("b", 0.5))
        self.assertEqual([8, 9], [self.counters.hit("many", 60, 8), self.counters.hit("many", 60)])
        await self.pass_seconds(0.2)
        self.assertEqual(4, self.counters.hit("a", 0.5))
        self.assertTrue(0 < self.counters.remaining_seconds("a") < 0.5)
        await self.pass_seconds(0.6)
        self.assertEqual(0, self.counters.remaining_seconds("a"))
        self.assertEqual(1, self.counters.hit("a", 0.5))

    async def test_nothing_counted(self: Any) -> None:
        """A key that nobody hit has no window."""
        self.assertEqual(0, self.counters.remaining_seconds("a"))
