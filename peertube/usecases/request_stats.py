"""What waits to be told to friends, in the words of the three schedulers of 2017."""

from attrs import frozen

from peertube.model.deliveries import DeliveryKind
from peertube.storage import deliveries, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.lane_batches import MOST_ITEMS
from peertube.usecases.ports import Clock

INTERVAL_MS = 10_000
"""Between two looks of the sender that nobody asked for."""

PODS_AT_ONCE = 256
"""Friends that are told something at the same time (`delivery.lanes`)."""


@frozen
class SchedulerStats:
    """One kind of requests: how many wait, how many go at once, when the next look is (ms)."""

    total_requests: int
    requests_limit_pods: int
    requests_limit_per_pod: int
    remaining_ms: int
    interval_ms: int


class RequestStats:
    """Counts."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> dict[str, SchedulerStats]:
        """By the name of the scheduler."""
        return await self._database.read(self._all)

    async def _all(self, tx: Transaction) -> dict[str, SchedulerStats]:
        next_try_ms = dict(await pods.with_deliveries(tx, self._clock.now_ms()))
        rows = await deliveries.waiting_by_kind(tx)
        counters, events = set(deliveries.QADU), set(deliveries.EVENTS)
        return {
            "requestScheduler": self._stats(rows, set(DeliveryKind) - counters - events, next_try_ms),
            "requestVideoQaduScheduler": self._stats(rows, counters, next_try_ms),
            "requestVideoEventScheduler": self._stats(rows, events, next_try_ms),
        }

    def _stats(
        self, rows: list[tuple[DeliveryKind, int, int]], kinds: set[DeliveryKind], next_try_ms: dict[int, int]
    ) -> SchedulerStats:
        found = [(pod_id, total) for kind, pod_id, total in rows if kind in kinds]
        now_ms = self._clock.now_ms()
        waits = [max(0, next_try_ms.get(pod_id, 0) - now_ms) for pod_id, _ in found]
        return SchedulerStats(
            total_requests=sum(total for _, total in found),
            requests_limit_pods=PODS_AT_ONCE,
            requests_limit_per_pod=MOST_ITEMS,
            remaining_ms=min([*waits, INTERVAL_MS]),
            interval_ms=INTERVAL_MS,
        )
