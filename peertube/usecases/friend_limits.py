"""What a friend may send: who sends more is slowed; who goes on all the same is muted, and the admin is told.

Counted by all processes of the pod together, in windows of a minute. A friend that honours ``Retry-After`` is never
muted, however much it has to tell: only requests within a window that was refused already count against it.
"""

from math import ceil

from peertube.config.schema import FriendLimits as Limits
from peertube.errors import NotFound, TooManyRequests
from peertube.model.admin_events import AdminEventKind
from peertube.model.pods import Pod
from peertube.storage import admin_events, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Counters

WINDOW_SECONDS = 60.0
HOUR_SECONDS = 3600.0

MOST_IGNORED = 30
"""So many requests of an hour may come in spite of a refusal."""

MUTED_MS = 3_600_000


class FriendLimits:
    """Counts what friends send.

    :param limits: `friends.limits`.
    """

    def __init__(self, *, database: Database, clock: Clock, counters: Counters, limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._counters = counters
        self._limits = limits

    async def count(self, pod: Pod, *, items: int, size: int) -> None:
        """A verified request of a friend, with so many items and bytes.

        :raises TooManyRequests: it is not to be obeyed.
        """
        sent = {"requests": (1, self._limits.requests), "items": (items, self._limits.items)}
        sent["bytes"] = (size, self._limits.bytes)
        over = [what for what, (count, most) in sent.items() if self._hit(pod, what, WINDOW_SECONDS, count) > most]
        if not over:
            return
        wait_seconds = max(self._counters.remaining_seconds(_key(pod, what)) for what in over)
        if self._hit(pod, "refused", wait_seconds) == 1:
            raise _slower(wait_seconds)
        if self._hit(pod, "ignored", HOUR_SECONDS) <= MOST_IGNORED:
            raise _slower(wait_seconds)
        await self._database.write(self._mute, pod, self._clock.now_ms() + MUTED_MS)
        raise _slower(MUTED_MS / 1000)

    async def unmute(self, pod_id: int) -> None:
        """Take what a friend sends again."""
        await self._database.write(self._unmute, pod_id)

    def _hit(self, pod: Pod, what: str, window_seconds: float, by: int = 1) -> int:
        return self._counters.hit(_key(pod, what), window_seconds, by)

    async def _mute(self, tx: Transaction, pod: Pod, until_ms: int) -> None:
        await pods.mute(tx, pod.id, until_ms)
        detail = "It went on sending more than it may; nothing of it is taken for an hour"
        await admin_events.add(tx, AdminEventKind.POD_MUTED, pod.host, detail, self._clock.now_ms())

    async def _unmute(self, tx: Transaction, pod_id: int) -> None:
        if await pods.by_id(tx, pod_id) is None:
            raise NotFound("There is no such pod")
        await pods.mute(tx, pod_id, 0)


def require_unmuted(pod: Pod, now_ms: int) -> None:
    """`TooManyRequests` when nothing of the friend is taken now."""
    if pod.muted_until_ms > now_ms:
        raise _slower((pod.muted_until_ms - now_ms) / 1000)


def _key(pod: Pod, what: str) -> str:
    return f"friend:{pod.id}:{what}"


def _slower(wait_seconds: float) -> TooManyRequests:
    seconds = max(1, ceil(round(wait_seconds, 3)))
    return TooManyRequests("You send more than a friend may", retry_after_seconds=seconds, code="friend_limits")
