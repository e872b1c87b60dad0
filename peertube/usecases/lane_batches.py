"""What a friend is told next: the head of its lane, made of the newest state.

Items come first, in their order; then the newest counters of our videos, then events for videos of the friend. When
nothing waits, an empty batch shows whether the friend is there.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec
from attrs import evolve, frozen
from twisted.logger import Logger

from peertube.errors import NotFound, TooLarge
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.deliveries import Delivery, DeliveryKind
from peertube.model.pods import Pod, PodState
from peertube.model.videos import VideoDetails
from peertube.pods import counts, items
from peertube.pods.messages import LONGEST_THUMBNAIL
from peertube.storage import deliveries, friend_objects, pods
from peertube.storage.database import Database, Transaction
from peertube.usecases import resync
from peertube.usecases.ports import Randomness, Storage
from peertube.usecases.resync import Piece

MOST_ITEMS = 50
MOST_BYTES = 340_000

ITEMS = "/videos"
COUNTERS = "/videos/qadu"
EVENTS = "/videos/events"
MOVE = "/pods/move"

_ALONE = frozenset({DeliveryKind.RESYNC, DeliveryKind.MOVE})
_REMOVALS = frozenset({DeliveryKind.REMOVE_AUTHOR, DeliveryKind.REMOVE_CHANNEL, DeliveryKind.REMOVE_VIDEO})
_CHANNELS = frozenset({DeliveryKind.ADD_CHANNEL, DeliveryKind.UPDATE_CHANNEL})
_VIDEOS = frozenset({DeliveryKind.ADD_VIDEO, DeliveryKind.UPDATE_VIDEO, DeliveryKind.QADU_VIDEO})


@frozen
class Told:
    """A row with its item as JSON; None when there is nothing (any more) to tell."""

    row: Delivery
    item: bytes | None


@frozen
class Batch:
    """What is told to a pod with one request, below `path`.

    Of a `resync` it is a piece, whose rows are none of the lane; when it is told, `cursor` says where to go on.
    """

    pod: Pod
    path: str
    told: Sequence[Told] = ()
    resync: Delivery | None = None
    cursor: Mapping[str, Any] | None = None

    @property
    def settled(self) -> list[Delivery]:
        """The rows that are done when the batch is told."""
        return [] if self.resync else [one.row for one in self.told]

    @property
    def encoded(self) -> list[bytes]:
        """The items."""
        return [one.item for one in self.told if one.item is not None]


@frozen
class _Head:
    """Rows of a lane with the newest state of what they name."""

    pod: Pod
    path: str
    rows: Sequence[Delivery]
    accounts: Mapping[str, Account] = {}
    channels: Mapping[str, tuple[Channel, str]] = {}
    videos: Mapping[str, VideoDetails] = {}
    resync: Delivery | None = None
    piece: Piece | None = None


class LaneBatches:
    """Makes batches."""

    _log = Logger()

    def __init__(self, *, database: Database, storage: Storage, randomness: Randomness, here: items.Here) -> None:
        self._database = database
        self._storage = storage
        self._randomness = randomness
        self._here = here

    async def next(self, pod_id: int) -> Batch | None:
        """The next batch for a pod; None when it is no friend."""
        head = await self._database.read(self._head, pod_id)
        if head is not None and any(row.kind in deliveries.OPEN_EVENTS for row in head.rows):
            ids = [self._randomness.uuid() for _ in head.rows]
            head = await self._database.write(self._sealed, pod_id, ids)
        return None if head is None else await self._fitting(head)

    async def _head(self, tx: Transaction, pod_id: int) -> _Head | None:
        pod = await pods.by_id(tx, pod_id)
        if pod is None or pod.state is PodState.EJECTED:
            return None
        rows = await deliveries.head(tx, pod_id, MOST_ITEMS)
        if rows and rows[0].kind is DeliveryKind.RESYNC:
            return await self._piece(tx, pod, rows[0])
        if rows:
            if rows[0].kind is DeliveryKind.MOVE:
                return _Head(pod, MOVE, rows[:1])
            ordinary = list(takewhile(lambda row: row.kind not in _ALONE, rows))
            return await self._items(tx, pod, ITEMS, ordinary)
        rows = await deliveries.head_of(tx, pod_id, deliveries.QADU, MOST_ITEMS)
        if rows:
            return await self._items(tx, pod, COUNTERS, rows)
        rows = await deliveries.head_of(tx, pod_id, deliveries.EVENTS, MOST_ITEMS)
        return _Head(pod, EVENTS if rows else ITEMS, rows)

    async def _piece(self, tx: Transaction, pod: Pod, row: Delivery) -> _Head:
        piece = await resync.piece(tx, row.body or deliveries.RESYNC_BEGINNING)
        rows = [evolve(row, kind=piece.kind, object_uuid=uuid, body=None) for uuid in piece.uuids]
        return evolve(await self._items(tx, pod, ITEMS, rows), resync=row, piece=piece)

    async def _items(self, tx: Transaction, pod: Pod, path: str, rows: Sequence[Delivery]) -> _Head:
        authors = [row.object_uuid for row in rows if row.kind is DeliveryKind.ADD_AUTHOR]
        channels = [row.object_uuid for row in rows if row.kind in _CHANNELS]
        videos = [row.object_uuid for row in rows if row.kind in _VIDEOS]
        return _Head(
            pod=pod,
            path=path,
            rows=rows,
            accounts=await friend_objects.our_accounts(tx, authors) if authors else {},
            channels=await friend_objects.our_channels(tx, channels) if channels else {},
            videos=await friend_objects.our_public_videos(tx, videos) if videos else {},
        )

    async def _sealed(self, tx: Transaction, pod_id: int, ids: Sequence[str]) -> _Head | None:
        """The head after its counts were given ids; those that came to nothing are dropped."""
        rows = await deliveries.head_of(tx, pod_id, deliveries.EVENTS, MOST_ITEMS)
        for row, event_id in zip(rows, ids, strict=False):
            if row.kind not in deliveries.OPEN_EVENTS:
                continue
            if row.version == 0:
                await deliveries.drop(tx, row)
            else:
                body = counts.event(row.kind, row.object_uuid, row.version, event_id)
                await deliveries.seal_event(tx, row, event_id, body)
        return await self._head(tx, pod_id)

    async def _fitting(self, head: _Head) -> Batch:
        """As many rows from the head as fit into one body, at least one."""
        told: list[Told] = []
        size = 0
        for row in head.rows:
            if row.kind in deliveries.OPEN_EVENTS:
                break  # it came after the sealing
            item = await self._item(head, row)
            encoded = None if item is None else msgspec.json.encode(item)
            size += 0 if encoded is None else len(encoded) + 1
            if size > MOST_BYTES and told:
                break
            told.append(Told(row, encoded))
        if head.resync is None or head.piece is None:
            return Batch(head.pod, head.path, told)
        keep = head.piece.keep(head.pod, len(told))
        first = [] if keep is None else [Told(head.resync, msgspec.json.encode(keep))]
        return Batch(head.pod, head.path, [*first, *told], head.resync, head.piece.cursor(len(told)))

    async def _item(self, head: _Head, row: Delivery) -> Mapping[str, Any] | None:
        if row.kind in _REMOVALS:
            return items.removal(row.kind, row.object_uuid)
        if row.kind is DeliveryKind.MOVE:
            return row.body
        if row.kind is DeliveryKind.EVENT:
            return {"data": row.body}
        if row.kind is DeliveryKind.REPORT_ABUSE:
            return {"type": row.kind.value, "data": row.body}
        if row.kind is DeliveryKind.ADD_AUTHOR:
            account = head.accounts.get(row.object_uuid)
            return None if account is None else items.author(account)
        if row.kind in _CHANNELS:
            channel = head.channels.get(row.object_uuid)
            return None if channel is None else items.channel(row.kind, *channel)
        details = head.videos.get(row.object_uuid)
        if details is None:
            return None
        if row.kind is DeliveryKind.QADU_VIDEO:
            return counts.counters(details.video)
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
