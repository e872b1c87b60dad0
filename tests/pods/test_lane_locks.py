"""Several processes of a pod tell its friends things: one at a time tells each."""

from typing import Any

from twisted.trial.unittest import TestCase

from peertube.errors import Refused
from peertube.usecases.deliveries import Sent
from tests.pods.network import Network, PodOnTest


class LaneLockTests(TestCase):
    """Two pods; the first has another process with the same locks."""

    async def setUp(self) -> None:
        self.network = Network()
        self.one, self.two = await self.network.add_pods(2)
        await self.network.befriend(self.one, self.two)
        await self.network.settle()
        self.channel = await self.one.add_author()
        [[self.friend, _]] = await self.all_lanes()

    async def tearDown(self) -> None:
        await self.network.stop()

    async def all_lanes(self) -> Any:
        """The lanes in which something waits, after an upload."""
        await self.one.upload(self.channel)
        return [[pod_id, ms] for pod_id, ms in await self.one.deliveries.lanes()]

    async def shown(self, pod: PodOnTest, uuid: str) -> bool:
        return await pod.details(uuid) is not None

    async def test_another_process_is_telling(self) -> None:
        """Two at once could tell of a removal before they tell of the video."""
        lock = await self.one.locks.acquire(f"lane {self.friend}", 60)
        uuid = await self.one.upload(self.channel)
        self.assertEqual(Sent(more=False, next_try_ms=0), await self.one.deliveries.send(self.friend))
        self.assertFalse(await self.shown(self.two, uuid))
        assert lock is not None
        await lock.release()
        await self.network.settle()
        self.assertTrue(await self.shown(self.two, uuid))

    async def test_a_lane_that_was_lost(self) -> None:
        """A process that was halted in the middle of a batch does not go on with it: another one does."""
        told: list[str] = []
        locks = self.one.locks

        async def deliver(pod: Any, path: str, items: bytes) -> Any:
            told.append(path)
            if len(told) == 1:
                raise Refused("all of them at once", status=400)
            [server] = locks._servers
            server._held.clear()
            return []

        await self.one.upload(self.channel)
        self.patch(self.one.client, "deliver", deliver)
        self.assertEqual(Sent(more=False, next_try_ms=0), await self.one.deliveries.send(self.friend))
        self.assertEqual(2, len(told))
        self.assertNotEqual([], await self.one.deliveries.lanes())
