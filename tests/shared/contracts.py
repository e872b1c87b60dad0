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
    window = 0.5
    """Seconds; long enough for the start of a window to be over when a busy machine gets round to it."""

    async def test_windows(self: Any) -> None:
        """The count begins anew when the window is over."""
        self.assertEqual([1, 2, 3], [self.counters.hit("a", self.window) for _ in range(3)])
        self.assertEqual(1, self.counters.hit("b", self.window))
        self.assertEqual([8, 9], [self.counters.hit("many", 60, 8), self.counters.hit("many", 60)])
        await self.pass_seconds(0.2)
        self.assertEqual(4, self.counters.hit("a", self.window))
        self.assertTrue(0 < self.counters.remaining_seconds("a") < self.window)
        await self.pass_seconds(self.window + 0.1)
        self.assertEqual(0, self.counters.remaining_seconds("a"))
        self.assertEqual(1, self.counters.hit("a", self.window))

    async def test_nothing_counted(self: Any) -> None:
        """A key that nobody hit has no window."""
        self.assertEqual(0, self.counters.remaining_seconds("a"))


class LocksContract:
    """The locks are in ``self.locks``; ``await self.pass_seconds(n)`` lets time pass."""

    locks: Any

    async def test_one_at_a_time(self: Any) -> None:
        """Who comes second is told so at once; after the release it is free."""
        lock = await self.locks.acquire("a", 60)
        self.assertIsNone(await self.locks.acquire("a", 60))
        other = await self.locks.acquire("b", 60)
        await lock.release()
        again = await self.locks.acquire("a", 60)
        self.assertTrue(await again.keep(60))
        await again.release()
        await other.release()

    async def test_ends_by_itself(self: Any) -> None:
        """One whose holder died, or halts, is free after its time; the old holder learns that it is lost."""
        lost = await self.locks.acquire("a", 0.3)
        await self.pass_seconds(0.6)
        lock = await self.locks.acquire("a", 60)
        self.assertIsNotNone(lock)
        self.assertFalse(await lost.keep(60))
        await lost.release()
        self.assertIsNone(await self.locks.acquire("a", 60))
        await lock.release()

    async def test_kept(self: Any) -> None:
        """The holder says for how long from now on; others wait for that."""
        lock = await self.locks.acquire("a", 60)
        self.assertTrue(await lock.keep(0.3))
        await self.pass_seconds(0.6)
        self.assertFalse(await lock.keep(60))
        self.assertIsNotNone(await self.locks.acquire("a", 60))


class CacheContract:
    """The cache, of copies that live two seconds, is in ``self.cache``; ``await self.pass_seconds(n)`` lets time
    pass."""

    cache: Any

    async def test_kept_for_a_while(self: Any) -> None:
        """Any bytes, under any key, until they are too old."""
        before = await self.cache.get("ä 1")
        self.assertIsNone(before.value)
        await self.cache.put("ä 1", b"\xff\x00", before)
        self.assertEqual(b"\xff\x00", (await self.cache.get("ä 1")).value)
        self.assertIsNone((await self.cache.get("other")).value)
        await self.pass_seconds(2.5)
        self.assertIsNone((await self.cache.get("ä 1")).value)

    async def test_forgotten(self: Any) -> None:
        """All at once."""
        for key in ("a", "b"):
            await self.cache.put(key, b"old", await self.cache.get(key))
        await self.cache.forget()
        self.assertEqual([None, None], [(await self.cache.get(key)).value for key in ("a", "b")])

    async def test_what_was_made_before_a_change_is_not_kept(self: Any) -> None:
        """Otherwise an answer that was under way would outlive what it tells of."""
        before = await self.cache.get("a")
        await self.cache.forget()
        await self.cache.put("a", b"old", before)
        self.assertIsNone((await self.cache.get("a")).value)
