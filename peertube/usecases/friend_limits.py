"""What a friend may send: who sends more is slowed; who goes on all the same is muted, and the admin is told.

Counted within this process, in windows of a minute. A friend that honours ``Retry-After`` is never muted, however much
it has to tell: only requests within a window that was refused already count against it.
"""

from attrs import define

from peertube.config.schema import FriendLimits as Limits
from peertube.errors import NotFound, TooManyRequests
from peertube.model.admin_events import AdminEventKind
from peertube.model.pods import Pod
from peertube.storage import admin_events, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock

WINDOW_MS = 60_000
HOUR_MS = 3_600_000

MOST_IGNORED = 30
"""So many requests of an hour may come in spite of a refusal."""

MUTED_MS = HOUR_MS
_MOST_PODS = 2000


@define
class _Use:
    """What a friend sent in a window, and what it ignored in an hour."""

    window_ends_ms: int
    hour_ends_ms: int
    requests: int = 0
    items: int = 0
    size: int = 0
    refused: int = 0
    ignored: int = 0


class FriendLimits:
    """Counts what friends send.

    :param limits: `friends.limits`.
    """

    def __init__(self, *, database: Database, clock: Clock, limits: Limits) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._uses: dict[int, _Use] = {}

    async def count(self, pod: Pod, *, items: int, size: int) -> None:
        """A verified request of a friend, with so many items and bytes.

        :raises TooManyRequests: it is not to be obeyed.
        """
        now_ms = self._clock.now_ms()
        use = self._use(pod.id, now_ms)
        use.requests += 1
        use.items += items
        use.size += size
        limits = self._limits
        if use.requests <= limits.requests and use.items <= limits.items and use.size <= limits.bytes:
            return
        use.refused += 1
        if use.refused > 1:
            use.ignored += 1
        if use.ignored > MOST_IGNORED:
            del self._uses[pod.id]
            await self._database.write(self._mute, pod, now_ms + MUTED_MS)
            raise _slower(MUTED_MS)
        raise _slower(use.window_ends_ms - now_ms)

    async def unmute(self, pod_id: int) -> None:
        """Take what a friend sends again."""
        await self._database.write(self._unmute, pod_id)

    def _use(self, pod_id: int, now_ms: int) -> _Use:
        use = self._uses.get(pod_id)
        if use is None:
            if len(self._uses) >= _MOST_PODS:
                self._uses.clear()
            use = self._uses[pod_id] = _Use(now_ms + WINDOW_MS, now_ms + HOUR_MS)
        if now_ms >= use.hour_ends_ms:
            use.hour_ends_ms, use.ignored = now_ms + HOUR_MS, 0
        if now_ms >= use.window_ends_ms:
            use.window_ends_ms = now_ms + WINDOW_MS
            use.requests = use.items = use.size = use.refused = 0
        return use

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
        raise _slower(pod.muted_until_ms - now_ms)


def _slower(wait_ms: int) -> TooManyRequests:
    seconds = max(1, -(-wait_ms // 1000))
    return TooManyRequests("You send more than a friend may", retry_after_seconds=seconds, code="friend_limits")
