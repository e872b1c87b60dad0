"""How well friends are told, and what an operator does about it."""

from twisted.trial.unittest import TestCase

from peertube.errors import NotFound
from peertube.model import topics
from peertube.model.delivery_health import LaneHealth
from peertube.model.pods import PodState
from peertube.storage import pods
from peertube.usecases.delivery_health import DeliveryHealth
from tests.storage.databases import open_memory_database
from tests.storage.deferred import deferred
from tests.usecases.test_pods import NetworkTests
from tests.usecases.work_world import WorkOnTest


class DeliveryHealthTests(TestCase):
    """One friend that is well, one that does not answer."""

    async def setUp(self) -> None:
        self.database = await open_memory_database()
        self.addCleanup(lambda: deferred(self.database.stop()))
        self.on = WorkOnTest(self.database)
        self.began_ms = self.on.clock.now_ms()
        self.silent = await self.on.befriend("silent.example")
        self.well = await self.on.befriend("here.example")
        await self.on.tell(self.silent, 3)
        self.on.reactor.advance(60)
        await self.on.tell(self.silent, 5)
        await self.on.fail(self.silent, 3600)
        await self.database.write(pods.reached, self.well, score=110, now_ms=self.began_ms + 5)

    async def test_health(self) -> None:
        """Last success, last error, what waits and since when, the next try."""
        well, silent = await self.on.health.listing()
        self.assertEqual(
            silent,
            LaneHealth(
                pod_id=self.silent,
                host="silent.example",
                state=PodState.FRIEND,
                waiting=5,
                oldest_ms=self.began_ms,
                failures=1,
                next_try_ms=self.on.clock.now_ms() + 3_600_000,
                last_success_ms=None,
                last_error_ms=self.on.clock.now_ms(),
                last_error="no answer",
            ),
        )
        self.assertEqual((well.host, well.waiting, well.oldest_ms), ("here.example", 0, None))
        self.assertEqual(well.last_success_ms, self.began_ms + 5)
        self.assertEqual([lane.pod_id for lane in await self.on.health.under_way()], [self.silent])

    async def test_retry(self) -> None:
        """The next try is now, the sender is told, and a failure waits a minute again."""
        lane = await self.on.health.retry("silent.example")
        self.assertEqual((lane.failures, lane.next_try_ms, lane.waiting), (0, 0, 5))
        self.assertEqual(await self.database.read(pods.with_deliveries, 0), [(self.silent, 0)])
        self.assertEqual(self.on.news.published, [(topics.DELIVERIES, {"pods": [self.silent]})])

    async def test_retry_all(self) -> None:
        """Those that wait for nothing are left alone."""
        self.assertEqual(await self.on.health.retry_all(), 1)
        self.assertEqual((await self.on.health.of(self.silent)).next_try_ms, 0)

    async def test_drop(self) -> None:
        """What waits is forgotten; the friendship stays."""
        self.assertEqual(await self.on.health.drop(self.silent), 5)
        self.assertEqual((await self.on.health.of("silent.example")).waiting, 0)
        self.assertEqual(await self.on.health.drop("here.example"), 0)

    async def test_unknown(self) -> None:
        """Nothing is done for a host that is no friend."""
        for action in (self.on.health.of, self.on.health.retry, self.on.health.drop):
            for which in ("nobody.example", 12345):
                with self.assertRaises(NotFound):
                    await action(which)
        self.assertEqual(self.on.news.published, [])


class RetryTests(NetworkTests):
    """Through the real sender of a pod."""

    size = 2

    async def test_a_retry_does_not_wait(self) -> None:
        """The friend is back, and would have been left alone for another minute."""
        origin, away = self.pods
        await self.network.befriend(origin, away)
        health = DeliveryHealth(database=origin.database, publisher=origin)
        self.network.down.add(away.host)
        uuid = await origin.upload(await origin.add_author())
        await self.network.settle()
        lane = await health.of(away.host)
        self.assertEqual((lane.failures, lane.waiting > 0, lane.next_try_ms > self.network.time.ms), (1, True, True))
        self.network.down.clear()
        await self.network.settle()
        self.assertIsNone(await away.details(uuid))
        await health.retry(away.host)
        await self.network.settle()
        self.assertIsNotNone(await away.details(uuid))
        self.assertEqual((await health.of(away.host)).waiting, 0)
