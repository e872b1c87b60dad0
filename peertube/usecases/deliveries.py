"""Telling friends: the next batch of a pod's lane, sent and settled (DESIGN section 5).

A batch that could not be handed over stays and the lane waits (backoff, or as long as the pod asks). A batch that was
refused for what is in it (400, 413, 422, ...) is told item by item; an item that is refused alone is dropped with a log
line. 401, 403, 404, 408, 426 and 429 are about the pod, not about the items: those wait.
"""

from collections.abc import Sequence

from attrs import frozen
from twisted.logger import Logger

from peertube.errors import Refused, Unreachable
from peertube.failpoints import reach
from peertube.model.pods import Pod
from peertube.pods import items, score
from peertube.policy.backoff import next_delay
from peertube.storage import deliveries, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.lane_batches import Batch, LaneBatches, Told
from peertube.usecases.ports import Clock, PodClient, Randomness, Storage

_ABOUT_THE_POD = frozenset({401, 403, 404, 408, 426, 429})
_LONGEST_RETRY_AFTER_SECONDS = 6 * 3600


@frozen
class Sent:
    """What came of a lane: whether it has more to tell, and when to go on (ms since 1970 UTC; 0: at once)."""

    more: bool
    next_try_ms: int


class Deliveries:
    """Tells friends what is waiting for them.

    :param retry_seconds: the wait after the first failure (`friends.retry_seconds`).
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        client: PodClient,
        storage: Storage,
        clock: Clock,
        randomness: Randomness,
        here: items.Here,
        retry_seconds: float,
    ) -> None:
        self._database = database
        self._client = client
        self._batches = LaneBatches(database=database, storage=storage, randomness=randomness, here=here)
        self._clock = clock
        self._randomness = randomness
        self._retry_seconds = retry_seconds

    async def lanes(self) -> list[tuple[int, int]]:
        """The pods that wait to be told something: (id, not before ms)."""
        return await self._database.read(pods.with_deliveries)

    async def send(self, pod_id: int) -> Sent:
        """Tell one pod the next batch of its lane."""
        batch = await self._batches.next(pod_id)
        if batch is None or not batch.told:
            return Sent(more=False, next_try_ms=0)
        reach("delivery.built")
        try:
            await self._deliver(batch)
            reach("delivery.told")
        except Unreachable as error:
            return await self._database.write(self._failed, batch.pod, batch.told, error)
        sent = await self._database.write(self._succeeded, batch.pod, batch.told)
        reach("delivery.settled")
        return sent

    async def _deliver(self, batch: Batch) -> None:
        encoded = batch.encoded
        if not encoded:
            return
        pod = batch.pod
        try:
            for number, reason in await self._client.deliver(pod, batch.path, b"[" + b",".join(encoded) + b"]"):
                if number < len(encoded):
                    self._drop(pod, encoded[number], reason)
            return
        except Refused as error:
            if not _is_final(error):
                raise
            if len(encoded) == 1:
                self._drop(pod, encoded[0], error.detail)
                return
        for item in encoded:
            try:
                await self._client.deliver(pod, batch.path, b"[" + item + b"]")
            except Refused as error:
                if not _is_final(error):
                    raise
                self._drop(pod, item, error.detail)

    def _drop(self, pod: Pod, item: bytes, reason: str) -> None:
        self._log.warn(
            "{host} refuses an item for good, it is dropped: {start}… ({reason})",
            host=pod.host,
            start=item[:100].decode("utf-8", "replace"),
            reason=reason,
        )

    async def _succeeded(self, tx: Transaction, pod: Pod, told: Sequence[Told]) -> Sent:
        await deliveries.settle(tx, [one.row for one in told])
        current = await pods.by_id(tx, pod.id)
        if current is None:
            return Sent(more=False, next_try_ms=0)
        if any(one.item is not None for one in told):
            await pods.reached(tx, pod.id, score=score.after_success(current.score), now_ms=self._clock.now_ms())
        return Sent(more=await deliveries.waiting(tx, pod.id) > 0, next_try_ms=0)

    async def _failed(self, tx: Transaction, pod: Pod, told: Sequence[Told], error: Unreachable) -> Sent:
        current = await pods.by_id(tx, pod.id)
        if current is None:
            return Sent(more=False, next_try_ms=0)
        now_ms = self._clock.now_ms()
        seconds = next_delay(current.failures + 1, self._randomness.fraction(), first_seconds=self._retry_seconds)
        if isinstance(error, Refused) and error.retry_after_seconds is not None:
            seconds = max(seconds, min(error.retry_after_seconds, _LONGEST_RETRY_AFTER_SECONDS))
        next_try_ms = now_ms + int(seconds * 1000)
        await deliveries.tried(tx, [one.row.id for one in told])
        await pods.failed(
            tx,
            pod.id,
            score=score.after_failure(current.score),
            next_try_ms=next_try_ms,
            now_ms=now_ms,
            error=error.detail,
        )
        return Sent(more=True, next_try_ms=next_try_ms)


def _is_final(error: Refused) -> bool:
    return 400 <= error.status < 500 and error.status not in _ABOUT_THE_POD
