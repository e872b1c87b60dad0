"""``/server/debug`` on a whole pod."""

from twisted.trial.unittest import TestCase

from peertube.storage import jobs
from tests.network import Network
from tests.storage.publishers import NOW_MS


class DebugTests(TestCase):
    """What programs poll until nothing is pending."""

    async def setUp(self) -> None:
        self.network = Network(1)
        await self.network.start()
        self.pod = self.network.pods[0]

    async def tearDown(self) -> None:
        await self.network.stop()

    async def test_work_that_waits_is_counted(self) -> None:
        told = (await self.pod.get("/server/debug")).json
        self.assertEqual(told, {"ip": "192.0.2.1", "activityPubMessagesWaiting": 0})
        for _ in range(3):
            await self.pod.node._ground.database.write(jobs.add, "sleep", {}, NOW_MS, run_at_ms=2**50)
        self.assertEqual((await self.pod.get("/server/debug")).json["activityPubMessagesWaiting"], 3)
