"""How well our friends are told what there is to be told, and what an operator does about it."""

from collections.abc import Sequence

from peertube.errors import Conflict, NotFound
from peertube.model import topics
from peertube.model.delivery_health import LaneHealth
from peertube.model.pods import PodState
from peertube.storage import delivery_health
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Publisher


class DeliveryHealth:
    """The lanes of friends."""

    def __init__(self, *, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    async def listing(self) -> Sequence[LaneHealth]:
        """Every pod, by host."""
        return await self._database.read(delivery_health.listing)

    async def under_way(self) -> Sequence[LaneHealth]:
        """The pods that are to be told something."""
        return await self._database.read(delivery_health.under_way)

    async def of(self, which: str | int) -> LaneHealth:
        """The pod of a host, or with an id. `NotFound` when there is none."""
        return await self._database.read(_the, which)

    async def retry(self, which: str | int) -> LaneHealth:
        """Forget that a pod (host or id) did not answer: it is tried at once."""
        return await self._database.write(self._retry, which)

    async def retry_all(self) -> int:
        """Every pod that did not answer the last time is tried at once; how many those are."""
        return await self._database.write(self._retry_all)

    async def drop(self, which: str | int) -> int:
        """Forget what waits to be told to a pod (host or id), for good; how much that was.

        The friendship stays. The pod keeps showing what it knows until that is told again.
        """
        return await self._database.write(self._drop, which)

    async def _retry(self, tx: Transaction, which: str | int) -> LaneHealth:
        lane = await _the(tx, which)
        if lane.state is PodState.EJECTED:
            raise Conflict("It was ejected: that must be taken back first", code="ejected")
        await delivery_health.retry(tx, [lane.pod_id])
        self._tell(tx, [lane.pod_id])
        return await _the(tx, lane.pod_id)

    async def _retry_all(self, tx: Transaction) -> int:
        lanes = await delivery_health.listing(tx)
        pod_ids = [lane.pod_id for lane in lanes if lane.failures and lane.state is not PodState.EJECTED]
        await delivery_health.retry(tx, pod_ids)
        self._tell(tx, pod_ids)
        return len(pod_ids)

    async def _drop(self, tx: Transaction, which: str | int) -> int:
        lane = await _the(tx, which)
        self._tell(tx, [lane.pod_id])
        return await delivery_health.drop(tx, lane.pod_id)

    def _tell(self, tx: Transaction, pod_ids: list[int]) -> None:
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": pod_ids}))


async def _the(tx: Transaction, which: str | int) -> LaneHealth:
    by = delivery_health.by_host(tx, which) if isinstance(which, str) else delivery_health.by_id(tx, which)
    lane = await by
    if lane is None:
        raise NotFound("There is no such friend")
    return lane
