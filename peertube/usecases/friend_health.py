"""What becomes of friends that answer, and of those that do not: dormant, ejected, back again."""

from twisted.logger import Logger

from peertube.delivery import health
from peertube.errors import Conflict, NotFound
from peertube.model import topics
from peertube.model.admin_events import AdminEvent, AdminEventKind
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.pods import envelope, score
from peertube.storage import admin_events, deliveries, jobs, pods, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases import friendships
from peertube.usecases.ports import Clock, Publisher

RESTORE = "restore-friend"
"""The job that offers friendship again to a pod whose ejection was taken back: ``{"host": …}``."""

MOST_ROWS = 20_000
"""A lane with more rows becomes one row that tells the current state."""

RENEW = "renew-friend"
"""The job that ends a friendship at the other side and begins it anew: ``{"host": …}``."""

SEEN = "network.seen"
"""The newest event that the admin has seen."""

_MOST_FORGOTTEN = 20
"""Pods of which everything is removed in one sweep."""

_KEEP_EVENTS_MS = 90 * 24 * health.HOUR_MS


async def note_clocks(tx: Transaction, host: str, detail: str, now_ms: int) -> None:
    """Tell the admin, once a day, that a friend and we do not agree on the time."""
    kind = AdminEventKind.CLOCKS_DIFFER
    await admin_events.add_once(tx, kind, host, detail, now_ms, within_ms=24 * health.HOUR_MS)


class FriendHealth:
    """Judges friends.

    :param eject_after_seconds: `friends.eject_after`.
    :param forget_after_seconds: `friends.forget_after`.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        eject_after_seconds: float,
        forget_after_seconds: float,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._eject_after_ms = int(eject_after_seconds * 1000)
        self._forget_after_ms = int(forget_after_seconds * 1000)
        self._most_rows = most_rows

    async def events(self, window: Window) -> Listing[AdminEvent]:
        """What the admin should know about, newest first."""
        return await self._database.read(admin_events.listing, window)

    async def unseen(self) -> int:
        """How many events nobody has marked as seen."""
        return await self._database.read(self._unseen)

    async def see(self, event_id: int) -> None:
        """The admin has seen what happened, up to this event."""
        await self._database.write(self._see, event_id)

    async def restore(self, pod_id: int) -> None:
        """Take an ejection back: the pod is a friend again, is told everything, and asked to tell all that is its."""
        await self._database.write(self._restore, pod_id)

    async def renew(self, host: str) -> None:
        """Have a friendship made anew, so that a friend that cannot be told of our new key learns it."""
        await self._database.write(self._renew, host)

    async def outdated_key(self, tx: Transaction, pod: Pod) -> None:
        """A friend knows an earlier key of ours, and cannot be told of the present one."""
        kind, now_ms = AdminEventKind.KEY_OUTDATED, self._clock.now_ms()
        detail = f"It speaks version {pod.protocol}; peertubectl federation renew {pod.host}"
        await admin_events.add_once(tx, kind, pod.host, detail, now_ms, within_ms=30 * 24 * health.HOUR_MS)

    async def sweep(self) -> None:
        """Forget old events, and what came from pods that were ejected long ago; shorten lanes that are too long."""
        await self._database.write(self._sweep)
        before_ms = self._clock.now_ms() - self._forget_after_ms
        for host in await self._database.read(pods.ejected_with_content, before_ms, _MOST_FORGOTTEN):
            await self._database.write(self._forget, host, before_ms)

    async def answered(self, tx: Transaction, pod: Pod) -> None:
        """The pod took something."""
        now_ms = self._clock.now_ms()
        await pods.reached(tx, pod.id, score=score.after_success(pod.score), now_ms=now_ms)
        if pod.state is PodState.DORMANT:
            await self._note(tx, AdminEventKind.POD_RETURNED, pod.host, "It answers again; its videos are shown again")

    async def failed(self, tx: Transaction, pod: Pod, *, next_try_ms: int, error: str) -> PodState:
        """The pod did not take something; what it is now."""
        now_ms = self._clock.now_ms()
        verdict = health.after_failure(pod, now_ms, self._eject_after_ms)
        await pods.failed(
            tx,
            pod.id,
            state=verdict.state,
            failing_since_ms=verdict.failing_since_ms,
            score=score.after_failure(pod.score),
            next_try_ms=next_try_ms,
            now_ms=now_ms,
            error=error,
        )
        if verdict.state is PodState.EJECTED:
            await pods.eject(tx, pod.id, now_ms)
            await deliveries.drop_lane(tx, pod.id)
            await self._note(tx, AdminEventKind.POD_EJECTED, pod.host, error)
        elif verdict.state is PodState.DORMANT and pod.state is not PodState.DORMANT:
            await self._note(tx, AdminEventKind.POD_DORMANT, pod.host, error)
        if verdict.state is not PodState.EJECTED and await deliveries.waiting(tx, pod.id) > self._most_rows:
            await self._shorten(tx, pod)
        return verdict.state

    async def incompatible(self, tx: Transaction, pod: Pod, detail: str) -> None:
        """The pod speaks no version of the protocol that we speak (any more)."""
        kind, now_ms = AdminEventKind.POD_INCOMPATIBLE, self._clock.now_ms()
        await admin_events.add_once(tx, kind, pod.host, detail, now_ms, within_ms=24 * health.HOUR_MS)

    async def clocks_differ(self, tx: Transaction, pod: Pod, detail: str) -> None:
        """The pod refuses us for the date of our request."""
        await note_clocks(tx, pod.host, f"It says: {detail}", self._clock.now_ms())

    async def _restore(self, tx: Transaction, pod_id: int) -> None:
        pod = await pods.by_id(tx, pod_id)
        if pod is None:
            raise NotFound("There is no such pod")
        if pod.state is not PodState.EJECTED:
            raise Conflict("This pod is a friend", code="not_ejected")
        now_ms = self._clock.now_ms()
        if pod.protocol < envelope.ACKNOWLEDGING:
            # It cannot say what is gone since; it tells everything anew.
            await friendships.clear(tx, pod.host, now_ms)
        await pods.restore(tx, pod_id)
        await deliveries.add_resync(tx, pod_id, now_ms)
        await jobs.add(tx, RESTORE, {"host": pod.host}, now_ms)
        await self._note(tx, AdminEventKind.POD_RESTORED, pod.host, "Its ejection was taken back")
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [pod_id]}))

    async def _sweep(self, tx: Transaction) -> None:
        await admin_events.expire(tx, self._clock.now_ms() - _KEEP_EVENTS_MS)
        for pod_id, rows in (await deliveries.waiting_by_pod(tx)).items():
            pod = await pods.by_id(tx, pod_id) if rows > self._most_rows else None
            if pod is not None:
                await self._shorten(tx, pod)

    async def _renew(self, tx: Transaction, host: str) -> None:
        pod = await pods.by_host(tx, host)
        if pod is None or pod.state is PodState.EJECTED:
            raise NotFound("There is no such friend")
        await jobs.add(tx, RENEW, {"host": host}, self._clock.now_ms())
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _unseen(self, tx: Transaction) -> int:
        return await admin_events.count_after(tx, await self._seen(tx))

    async def _see(self, tx: Transaction, event_id: int) -> None:
        if event_id > await self._seen(tx):
            await settings.put(tx, SEEN, str(event_id))

    async def _seen(self, tx: Transaction) -> int:
        return int(await settings.get(tx, SEEN) or 0)

    async def _forget(self, tx: Transaction, host: str, before_ms: int) -> None:
        pod = await pods.by_host(tx, host)
        if pod is None or pod.state is not PodState.EJECTED or (pod.ejected_ms or 0) > before_ms:
            return
        await friendships.clear(tx, host, self._clock.now_ms())
        await self._note(tx, AdminEventKind.POD_FORGOTTEN, host, "It can still be taken back")
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _shorten(self, tx: Transaction, pod: Pod) -> None:
        """A pod that speaks version 3 cannot be told what to keep: its removals stay."""
        now_ms = self._clock.now_ms()
        if pod.protocol >= envelope.ACKNOWLEDGING:
            await deliveries.drop_lane(tx, pod.id)
        else:
            await deliveries.drop_all_but_removals(tx, pod.id)
        await deliveries.add_resync(tx, pod.id, now_ms)
        await self._note(tx, AdminEventKind.LANE_SHORTENED, pod.host, "It will be told the state that is current then")

    async def _note(self, tx: Transaction, kind: AdminEventKind, host: str, detail: str) -> None:
        self._log.warn("{host}: {kind} ({detail})", host=host, kind=kind.value, detail=detail)
        await admin_events.add(tx, kind, host, detail, self._clock.now_ms())
