"""Jobs and friends with something to be told, on a real database with a clock of the test."""

from peertube.model.deliveries import DeliveryKind
from peertube.model.pods import PodState
from peertube.storage import deliveries, pods
from peertube.storage.database import Transaction
from peertube.usecases.delivery_health import DeliveryHealth
from peertube.usecases.work import Work
from tests.storage.databases import TestDatabase
from tests.usecases.jobs_setup import JobsOnTest

UUID = "3f0c1f52-7d0c-4f6e-9a59-0c7a4b7f7f{:02x}"


class WorkOnTest(JobsOnTest):
    """The use cases; `in_flight` holds the numbers of the pods that are being told something."""

    def __init__(self, database: TestDatabase) -> None:
        super().__init__(database)
        self.in_flight: set[int] = set()
        self.health = DeliveryHealth(database=database, publisher=self.news)
        self.work = Work(jobs=self.jobs, health=self.health, clock=self.clock, in_flight=lambda: self.in_flight)

    async def befriend(self, host: str) -> int:
        """A friend that knows nothing of us yet."""
        return await self.database.write(
            pods.add, host=host, email="e@x", public_key="PEM", protocol=3, score=100, now_ms=self.clock.now_ms()
        )

    async def tell(self, pod_id: int, count: int = 1) -> None:
        """So many things for a friend."""

        async def add(tx: Transaction) -> None:
            for number in range(count):
                await deliveries.add(
                    tx, DeliveryKind.UPDATE_VIDEO, UUID.format(number), 1, self.clock.now_ms(), pod_ids=[pod_id]
                )

        await self.database.write(add)

    async def fail(self, pod_id: int, seconds: float, state: PodState = PodState.FRIEND) -> None:
        """The friend did not answer and is left alone for some time."""
        now_ms = self.clock.now_ms()
        await self.database.write(
            pods.failed,
            pod_id,
            state=state,
            failing_since_ms=now_ms,
            score=90,
            next_try_ms=now_ms + int(seconds * 1000),
            now_ms=now_ms,
            error="no answer",
        )
