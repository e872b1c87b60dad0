"""Telling friends: the next batch of a pod's lane, sent and settled (DESIGN section 5).

A batch that could not be handed over stays and the lane waits (backoff, or as long as the pod asks). A batch that was
refused for what is in it (400, 413, 422, ...) is told item by item; an item that is refused alone is dropped with a log
line. 401, 403, 404, 408, 426 and 429 are about the pod, not about the items: those wait.
"""

from attrs import frozen
from twisted.logger import Logger

from peertube.delivery.health import PROBE_AFTER_MS, wants_probe
from peertube.errors import Refused, Unreachable, UpgradeRequired
from peertube.failpoints import reach
from peertube.model.pods import Pod, PodState
from peertube.pods import envelope, items
from peertube.policy.backoff import next_delay
from peertube.storage import deliveries, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.friend_health import FriendHealth
from peertube.usecases.friendships import MOST_FRIENDS
from peertube.usecases.lane_batches import MOVE, Batch, LaneBatches
from peertube.usecases.own_identity import OwnIdentity
from peertube.usecases.ports import Clock, Lock, Locks, PodClient, Randomness, Storage

_OTHER_VERSION = 426
_ABOUT_THE_POD = frozenset({401, 403, 404, 408, 426, 429})
_LONGEST_RETRY_AFTER_SECONDS = 6 * 3600
_WRONG_CLOCK_SECONDS = 10 * 60
"""The longest wait after a refusal because of the date: a clock that is set right should not have to wait for us."""


_REQUESTS_PER_LOCK = 4
"""For how many of the slowest requests one lock is enough: to greet, to negotiate, to tell, and some time to spare."""


class _LaneLost(Exception):
    """This process was halted for so long that another one has taken the lane."""


@frozen
class Sent:
    """What came of a lane: whether it has more to tell, and when to go on (ms since 1970 UTC; 0: at once)."""

    more: bool
    next_try_ms: int


class Deliveries:
    """Tells friends what is waiting for them.

    Of several processes one at a time tells a pod something, so that what is told last arrives last.

    :param retry_seconds: the wait after the first failure (`friends.retry_seconds`).
    :param request_seconds: how long one request may take (`friends.request_timeout`).
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
        health: FriendHealth,
        identity: OwnIdentity,
        retry_seconds: float,
        locks: Locks,
        request_seconds: float = 30,
        versions: tuple[int, ...] = envelope.VERSIONS,
    ) -> None:
        self._locks = locks
        self._lock_seconds = _REQUESTS_PER_LOCK * request_seconds
        self._database = database
        self._client = client
        self._batches = LaneBatches(database=database, storage=storage, randomness=randomness, here=here)
        self._clock = clock
        self._randomness = randomness
        self._health = health
        self._identity = identity
        self._retry_seconds = retry_seconds
        self._versions = versions
        self._greeted: set[int] = set()
        self._met: set[int] = set()

    async def lanes(self) -> list[tuple[int, int]]:
        """The pods that wait to be told something: (id, not before ms).

        Also those of which nothing was heard for long: an empty batch shows whether they are there. And all once after
        our start: those that could not reach us meanwhile tell us then what we have missed.
        """
        now_ms = self._clock.now_ms()
        waiting = dict(await self._database.read(pods.with_deliveries, now_ms, now_ms - PROBE_AFTER_MS))
        everybody = await self._database.read(pods.with_deliveries, now_ms, now_ms)
        return [(pod_id, ms) for pod_id, ms in everybody if pod_id in waiting or pod_id not in self._met]

    async def send(self, pod_id: int) -> Sent:
        """Tell one pod the next batch of its lane, unless another process does."""
        lock = await self._locks.acquire(f"lane {pod_id}", self._lock_seconds)
        if lock is None:
            return Sent(more=False, next_try_ms=0)
        try:
            return await self._send(pod_id, lock)
        except _LaneLost:
            self._log.warn("another process goes on with the lane of pod {pod}", pod=pod_id)
            return Sent(more=False, next_try_ms=0)
        finally:
            await lock.release()

    async def _send(self, pod_id: int, lock: Lock) -> Sent:
        batch = await self._batches.next(pod_id)
        if batch is None or not (batch.told or self._wants_probe(batch.pod)):
            return Sent(more=False, next_try_ms=0)
        reach("delivery.built")
        try:
            if batch.path == MOVE:
                await self._identity.tell_host(batch.pod, batch.told[0].row)
            elif await self._greet(batch.pod):
                return Sent(more=True, next_try_ms=0)
            else:
                await self._deliver(batch, lock)
            reach("delivery.told")
        except Unreachable as error:
            if isinstance(error, Refused) and error.status == _OTHER_VERSION and await self._try_another(batch.pod):
                return Sent(more=True, next_try_ms=0)
            return await self._database.write(self._failed, batch, error)
        if len(self._met) > 2 * MOST_FRIENDS:
            self._met.clear()
        self._met.add(batch.pod.id)
        sent = await self._database.write(self._succeeded, batch)
        reach("delivery.settled")
        return sent

    def _wants_probe(self, pod: Pod) -> bool:
        return pod.id not in self._met or wants_probe(pod, self._clock.now_ms())

    async def _greet(self, pod: Pod) -> bool:
        """Since we became friends we may have learned another version, or have a new key; whether the pod knows now."""
        if pod.id not in self._greeted and pod.protocol != max(self._versions):
            if len(self._greeted) > MOST_FRIENDS:
                self._greeted.clear()
            self._greeted.add(pod.id)
            changed = await self._negotiate(pod)
            if not changed and self._identity.is_outdated_at(pod):
                await self._database.write(self._health.outdated_key, pod)
            return changed
        if not self._identity.is_known_to(pod):
            await self._identity.tell_key(pod)
            return True
        return False

    async def _try_another(self, pod: Pod) -> bool:
        try:
            return await self._negotiate(pod)
        except Unreachable:
            return False

    async def _negotiate(self, pod: Pod) -> bool:
        """Ask which versions the pod speaks; whether we speak another one with it from now on."""
        shown = await self._client.fetch_key(pod.host)
        if shown.host != pod.host or shown.public_key != pod.public_key:
            return False
        try:
            protocol = envelope.common_version(shown.versions, self._versions)
        except UpgradeRequired as error:
            await self._database.write(self._health.incompatible, pod, error.detail)
            return False
        if protocol == pod.protocol:
            return False
        await self._database.write(pods.set_protocol, pod.id, protocol)
        return True

    async def _deliver(self, batch: Batch, lock: Lock) -> None:
        encoded = batch.encoded
        if batch.told and not encoded:
            return
        pod = batch.pod
        try:
            for number, reason in await self._client.deliver(pod, batch.path, b"[" + b",".join(encoded) + b"]"):
                if number < len(encoded):
                    self._drop(pod, encoded[number], reason)
            return
        except Refused as error:
            if not _is_final(error) or not encoded:
                raise
            if len(encoded) == 1:
                self._drop(pod, encoded[0], error.detail)
                return
        for item in encoded:
            if not await lock.keep(self._lock_seconds):
                raise _LaneLost
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

    async def _succeeded(self, tx: Transaction, batch: Batch) -> Sent:
        await deliveries.settle(tx, batch.settled)
        if batch.resync is not None:
            await deliveries.set_cursor(tx, batch.resync, batch.cursor)
        current = await pods.by_id(tx, batch.pod.id)
        if current is None:
            return Sent(more=False, next_try_ms=0)
        if batch.encoded or not batch.told:
            await self._health.answered(tx, current)
        return Sent(more=await deliveries.waiting(tx, current.id) > 0, next_try_ms=0)

    async def _failed(self, tx: Transaction, batch: Batch, error: Unreachable) -> Sent:
        current = await pods.by_id(tx, batch.pod.id)
        if current is None:
            return Sent(more=False, next_try_ms=0)
        seconds = next_delay(current.failures + 1, self._randomness.fraction(), first_seconds=self._retry_seconds)
        if isinstance(error, Refused) and error.retry_after_seconds is not None:
            seconds = max(seconds, min(error.retry_after_seconds, _LONGEST_RETRY_AFTER_SECONDS))
        if isinstance(error, Refused) and error.said == envelope.STALE:
            seconds = min(seconds, _WRONG_CLOCK_SECONDS)
            await self._health.clocks_differ(tx, current, error.detail)
        next_try_ms = self._clock.now_ms() + int(seconds * 1000)
        await deliveries.tried(tx, [row.id for row in batch.settled])
        state = await self._health.failed(tx, current, next_try_ms=next_try_ms, error=error.detail)
        return Sent(more=state is not PodState.EJECTED, next_try_ms=next_try_ms)


def _is_final(error: Refused) -> bool:
    return 400 <= error.status < 500 and error.status not in _ABOUT_THE_POD
