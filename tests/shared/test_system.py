"""Clock, randomness and passwords of a real pod."""

import time
import uuid

from argon2 import PasswordHasher
from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.errors import Unavailable
from peertube.shared.clock import SystemClock, keep_steady
from peertube.shared.passwords import Argon2Hasher
from peertube.shared.randomness import SystemRandomness
from tests.storage.deferred import deferred


class SystemTests(SynchronousTestCase):
    """What the operating system gives."""

    def test_clock(self) -> None:
        """Milliseconds of the reactor's time."""
        clock = Clock()
        clock.advance(1_700_000_000.25)
        self.assertEqual(1_700_000_000_250, SystemClock(reactor=clock).now_ms())

    def test_timers_do_not_go_by_the_time_of_day(self) -> None:
        """Whoever sets the clock of the machine neither stops the timers of the pod nor fires them."""
        reactor = Clock()
        reactor.advance(1_700_000_000)
        keep_steady(reactor)
        self.assertLess(abs(reactor.seconds() - time.monotonic()), 10)
        self.assertEqual(1_700_000_000_000, SystemClock(reactor=reactor).now_ms())

    def test_randomness(self) -> None:
        """Nothing comes twice, and everything has its form."""
        randomness = SystemRandomness()
        self.assertEqual(4, uuid.UUID(randomness.uuid()).version)
        self.assertEqual(100, len({randomness.uuid() for _ in range(100)}))
        self.assertEqual(64, len(bytes.fromhex(randomness.token()).hex()))
        self.assertEqual(100, len({randomness.token() for _ in range(100)}))
        self.assertTrue(all(0 <= randomness.fraction() < 1 for _ in range(1000)))


class PasswordTests(TestCase):
    """Argon2 with little work."""

    async def setUp(self) -> None:
        self.hasher = self._hasher()
        await self.hasher.start()
        self.addCleanup(lambda: deferred(self.hasher.stop()))

    def _hasher(self, waiting: int = 10) -> Argon2Hasher:
        cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        return Argon2Hasher(reactor=reactor, threads=1, waiting=waiting, hasher=cheap)

    async def test_round_trip(self) -> None:
        """The right password, and no other, and a new salt each time."""
        first, second = await self.hasher.hash("pässword"), await self.hasher.hash("pässword")
        self.assertNotEqual(first, second)
        self.assertTrue(first.startswith("$argon2id$"))
        self.assertIs(True, await self.hasher.verify(first, "pässword"))
        self.assertIs(False, await self.hasher.verify(first, "password"))

    async def test_no_hash(self) -> None:
        """Something else in the column is no password for anybody; odd text is just wrong."""
        self.assertIs(False, await self.hasher.verify("plain", "plain"))
        self.assertIs(False, await self.hasher.verify(await self.hasher.hash("a"), "\ud800"))

    async def test_bounded(self) -> None:
        """A flood of logins is turned away instead of queued."""
        hasher = self._hasher(waiting=1)
        await hasher.start()
        self.addCleanup(lambda: deferred(hasher.stop()))
        asked = [deferred(hasher.hash("a")) for _ in range(2)]
        with self.assertRaises(Unavailable):
            await hasher.hash("a")
        for each in asked:
            await each
        await hasher.hash("a")

    async def test_stop_without_start(self) -> None:
        """A start that failed earlier still stops everything."""
        await self._hasher().stop()
