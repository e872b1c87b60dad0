"""How long lists are, remembered for moments: counting 100,000 videos costs more than showing 15."""

import hashlib
from collections.abc import Set
from functools import lru_cache

from peertube.model.video_filters import VideoFilter
from peertube.usecases.ports import Cache, Copy, Message

_OTHER_ROWS = frozenset(
    {
        *("abuses", "admin_events", "audit", "counted_events", "deliveries", "friend_proposals", "jobs", "nonces"),
        *("ratings", "resumable_uploads", "sessions", "settings", "video_views"),
    }
)
"""Tables whose rows change no list of videos."""

_OTHER_COLUMNS = frozenset(
    {
        *("videos.views", "videos.likes", "videos.dislikes", "videos.updated_ms"),
        "video_words.standing",
        *("pods.failures", "pods.next_try_ms", "pods.last_heard_ms", "pods.last_success_ms", "users.last_login_ms"),
    }
)
"""What may change without one."""


class Totals:
    """The totals of lists that were counted within the last seconds, and have not changed since."""

    def __init__(self, *, cache: Cache) -> None:
        self._cache = cache

    async def get(self, wanted: VideoFilter) -> tuple[int | None, Copy]:
        """The total of a list, if it is known; and what `put` wants to have."""
        copy = await self._cache.get(_key(wanted))
        return (None if copy.value is None else int(copy.value)), copy

    async def put(self, wanted: VideoFilter, total: int, before: Copy) -> None:
        """A list was counted."""
        await self._cache.put(_key(wanted), str(total).encode(), before)

    async def forget(self, news: Message | None = None) -> None:
        """Some list is longer or shorter (topic LISTS)."""
        await self._cache.forget()


def concern_lists(changes: Set[str]) -> bool:
    """Whether a write with these changes (`Query.changes`) may have made a list longer or shorter."""
    return any(change not in _OTHER_COLUMNS and change.partition(".")[0] not in _OTHER_ROWS for change in changes)


@lru_cache(maxsize=1_000)
def _key(wanted: VideoFilter) -> str:
    return hashlib.sha256(repr(wanted).encode()).hexdigest()
