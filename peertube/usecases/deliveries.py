"""Telling friends: the next batch of a pod's lane, sent and settled (DESIGN section 5).

Bodies are built from the newest state when they are sent. A batch that could not be handed over stays and the lane
waits (backoff, or as long as the pod asks). A batch that was refused for what is in it (400, 413, 422, ...) is told
item by item; an item that is refused alone is dropped with a log line. 401, 403, 404, 408, 426 and 429 are about the
pod, not about the items: those wait.
"""

from collections.abc import Sequence

import msgspec
from attrs import frozen
from twisted.logger import Logger

from peertube.errors import NotFound, Refused, TooLarge, Unreachable
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.deliveries import Delivery, DeliveryKind
from peertube.model.pods import Pod, PodState
from peertube.model.videos import VideoDetails
from peertube.pods import items, score
from peertube.pods.messages import LONGEST_THUMBNAIL
from peertube.policy.backoff import next_delay
from peertube.storage import deliveries, friend_objects, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, PodClient, Randomness, Storage

MOST_ITEMS = 50
MOST_BYTES = 400_000
_ABOUT_THE_POD = frozenset({401, 403, 404, 408, 426, 429})
_LONGEST_RETRY_AFTER_SECONDS = 6 * 3600
_REMOVALS = frozenset({DeliveryKind.REMOVE_AUTHOR, DeliveryKind.REMOVE_CHANNEL, DeliveryKind.REMOVE_VIDEO})
_CHANNELS = frozenset({DeliveryKind.ADD_CHANNEL, DeliveryKind.UPDATE_CHANNEL})
_VIDEOS = frozenset({DeliveryKind.ADD_VIDEO, DeliveryKind.UPDATE_VIDEO})


@frozen
class Sent:
    """What came of a lane: whether it has more to tell, and when to go on (ms since 1970 UTC; 0: at once)."""

    more: bool
    next_try_ms: int


@frozen
class _Batch:
    """The head of a lane with the newest state of what it names."""

    pod: Pod
    rows: Sequence[Delivery]
    accounts: dict[str, Account]
    channels: dict[str, tuple[Channel, str]]
    videos: dict[str, VideoDetails]


@frozen
class _Told:
    """A row with its item as JSON; None when there is nothing (any more) to tell."""

    row: Delivery
    item: bytes | None


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
        self._storage = storage
        self._clock = clock
        self._randomness = randomness
        self._here = here
        self._retry_seconds = retry_seconds

    async def lanes(self) -> list[tuple[int, int]]:
        """The pods that wait to be told something: (id, not before ms)."""
        return await self._database.read(pods.with_deliveries)

    async def send(self, pod_id: int) -> Sent:
        """Tell one pod the next batch of its lane."""
        batch = await self._database.read(self._batch, pod_id)
        if batch is None or not batch.rows:
            return Sent(more=False, next_try_ms=0)
        told = await self._fitting(batch)
        try:
            await self._deliver(batch.pod, told)
        except Unreachable as error:
            return await self._database.write(self._failed, batch.pod, told, error)
        return await self._database.write(self._succeeded, batch.pod, told)

    async def _batch(self, tx: Transaction, pod_id: int) -> _Batch | None:
        pod = await pods.by_id(tx, pod_id)
        if pod is None or pod.state is PodState.EJECTED:
            return None
        rows = await deliveries.head(tx, pod_id, MOST_ITEMS)
        authors = [row.object_uuid for row in rows if row.kind is DeliveryKind.ADD_AUTHOR]
        channels = [row.object_uuid for row in rows if row.kind in _CHANNELS]
        videos = [row.object_uuid for row in rows if row.kind in _VIDEOS]
        return _Batch(
            pod=pod,
            rows=rows,
            accounts=await friend_objects.our_accounts(tx, authors) if authors else {},
            channels=await friend_objects.our_channels(tx, channels) if channels else {},
            videos=await friend_objects.our_public_videos(tx, videos) if videos else {},
        )

    async def _fitting(self, batch: _Batch) -> list[_Told]:
        """As many rows from the head as fit into one body, at least one."""
        told: list[_Told] = []
        size = 0
        for row in batch.rows:
            item = await self._item(batch, row)
            encoded = None if item is None else msgspec.json.encode(item)
            size += 0 if encoded is None else len(encoded) + 1
            if size > MOST_BYTES and told:
                break
            told.append(_Told(row, encoded))
        return told

    async def _item(self, batch: _Batch, row: Delivery) -> items.Item | None:
        if row.kind in _REMOVALS:
            return items.removal(row.kind, row.object_uuid)
        if row.kind is DeliveryKind.ADD_AUTHOR:
            account = batch.accounts.get(row.object_uuid)
            return None if account is None else items.author(account)
        if row.kind in _CHANNELS:
            channel = batch.channels.get(row.object_uuid)
            return None if channel is None else items.channel(row.kind, *channel)
        details = batch.videos.get(row.object_uuid)
        if details is None:
            return None
        return items.video(row.kind, details, await self._thumbnail(details), self._here)

    async def _thumbnail(self, details: VideoDetails) -> bytes | None:
        name = details.video.thumbnail_name
        if name is None:
            return None
        try:
            return await self._storage.read("thumbnails", name, LONGEST_THUMBNAIL)
        except (NotFound, TooLarge) as error:
            self._log.warn(
                "the thumbnail of {uuid} is not told: {reason}", uuid=details.video.uuid, reason=error.detail
            )  # fmt: skip
            return None

    async def _deliver(self, pod: Pod, told: Sequence[_Told]) -> None:
        encoded = [one.item for one in told if one.item is not None]
        if not encoded:
            return
        try:
            await self._client.deliver(pod.host, b"[" + b",".join(encoded) + b"]")
            return
        except Refused as error:
            if not _is_final(error):
                raise
            if len(encoded) == 1:
                self._drop(pod, encoded[0], error)
                return
        for item in encoded:
            try:
                await self._client.deliver(pod.host, b"[" + item + b"]")
            except Refused as error:
                if not _is_final(error):
                    raise
                self._drop(pod, item, error)

    def _drop(self, pod: Pod, item: bytes, error: Refused) -> None:
        self._log.warn(
            "{host} refuses an item for good, it is dropped: {start}… ({reason})",
            host=pod.host,
            start=item[:100].decode("utf-8", "replace"),
            reason=error.detail,
        )

    async def _succeeded(self, tx: Transaction, pod: Pod, told: Sequence[_Told]) -> Sent:
        await deliveries.settle(tx, [one.row for one in told])
        current = await pods.by_id(tx, pod.id)
        if current is None:
            return Sent(more=False, next_try_ms=0)
        if any(one.item is not None for one in told):
            await pods.reached(tx, pod.id, score=score.after_success(current.score), now_ms=self._clock.now_ms())
        return Sent(more=await deliveries.waiting(tx, pod.id) > 0, next_try_ms=0)

    async def _failed(self, tx: Transaction, pod: Pod, told: Sequence[_Told], error: Unreachable) -> Sent:
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
