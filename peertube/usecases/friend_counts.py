"""Views, likes and dislikes between friends: the origin of a video adds up what happens anywhere, and tells all."""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.logger import Logger

from peertube.errors import Forbidden, Invalid, PodError
from peertube.model.accounts import LOCAL
from peertube.model.deliveries import DeliveryKind
from peertube.model.pods import Pod
from peertube.model.videos import Video
from peertube.pods.counts import Counters, Event, parse_counters, parse_event
from peertube.policy.visibility import is_shared
from peertube.storage import counted_events, deliveries, pods, videos, views
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock

MOST_ITEMS = 50
"""Items of one batch."""

EVENT_LIFE_MS = 60 * 24 * 3_600_000
"""How long the id of a counted event is remembered: longer than any friend keeps on telling it."""


async def tell(
    tx: Transaction, video: Video, now_ms: int, *, views: int = 0, likes: int = 0, dislikes: int = 0
) -> None:
    """Note for friends that the counters of a video changed here by so much.

    They are told at the sender's next look, so that what happens meanwhile goes along.
    """
    if not is_shared(video):
        return
    if video.is_local:
        await deliveries.add_counters(tx, video.uuid, now_ms)
        return
    counts = {
        DeliveryKind.EVENT_VIEWS: views,
        DeliveryKind.EVENT_LIKES: likes,
        DeliveryKind.EVENT_DISLIKES: dislikes,
    }
    for kind, count in counts.items():
        if count:
            await deliveries.add_event(tx, kind, video.host, video.uuid, count, now_ms)


class FriendCounts:
    """Takes the counters and events that friends tell."""

    _log = Logger()

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def receive_counters(self, pod: Pod, items: Sequence[object]) -> list[tuple[int, str]]:
        """Take the newest counters of videos of a verified friend; the numbers of bad items, with the reasons."""
        return await self._each(pod, items, parse_counters, self._set)

    async def receive_events(self, pod: Pod, items: Sequence[object]) -> list[tuple[int, str]]:
        """Count what happened at a verified friend's to videos of ours; the numbers of bad items, with the reasons."""
        return await self._each(pod, items, parse_event, self._count)

    async def sweep(self) -> None:
        """Forget the ids of events that nobody tells any more."""
        await self._database.write(counted_events.expire, self._clock.now_ms() - EVENT_LIFE_MS)

    async def _each(
        self, pod: Pod, items: Sequence[object], parse: Callable[[object], Any], apply: Callable[..., Any]
    ) -> list[tuple[int, str]]:
        if len(items) > MOST_ITEMS:
            raise Invalid(f"A batch has at most {MOST_ITEMS} items", code="too_many_items")
        good: list[tuple[int, Any]] = []
        refused: list[tuple[int, str]] = []
        for number, item in enumerate(items):
            try:
                good.append((number, parse(item)))
            except PodError as error:
                refused.append((number, error.detail))
        refused += await self._database.write(self._apply, pod, good, apply)
        for _, reason in refused:
            self._log.warn("dropped an item of {host}: {reason}", host=pod.host, reason=reason)
        return sorted(refused)

    async def _apply(
        self, tx: Transaction, pod: Pod, items: Sequence[tuple[int, Any]], apply: Callable[..., Any]
    ) -> list[tuple[int, str]]:
        if await pods.by_id(tx, pod.id) is None:
            raise Forbidden("This pod is not a friend any more", code="unknown_pod")
        refused = []
        for number, record in items:
            reason = await apply(tx, pod, record)
            if reason is not None:
                refused.append((number, reason))
        return refused

    async def _set(self, tx: Transaction, pod: Pod, sent: Counters) -> str | None:
        known = await videos.details_by_origin(tx, pod.host, sent.uuid)
        if known is None:
            return "The video is not known as one of this pod"
        await videos.set_counters(tx, known.video.id, views=sent.views, likes=sent.likes, dislikes=sent.dislikes)
        return None

    async def _count(self, tx: Transaction, pod: Pod, event: Event) -> str | None:
        found = await videos.details_by_origin(tx, LOCAL, event.uuid)
        if found is None or not is_shared(found.video):
            return "The video is not one of ours"
        now_ms = self._clock.now_ms()
        if event.id is not None and not await counted_events.count(tx, pod.host, event.id, now_ms):
            return None
        if event.views:
            await views.add(tx, found.video.id, event.views, now_ms)
        await videos.add_to_ratings(tx, found.video.id, likes=event.likes, dislikes=event.dislikes)
        await tell(tx, found.video, now_ms)
        return None
