"""What friends tell us: batches of items about their authors, channels and videos.

Each item is one transaction, so that one bad item costs nothing but itself. A friend acts on objects of its own and on
no others: they are looked up by (signing host, uuid). Everything is safe to repeat.
"""

import hashlib
from collections.abc import Sequence

from twisted.logger import Logger

from peertube.errors import Forbidden, Invalid, PodError
from peertube.failpoints import reach
from peertube.model.deliveries import DeliveryKind
from peertube.model.pods import Pod
from peertube.model.videos import NewVideo, Video, VideoState
from peertube.pods.messages import AuthorItem, ChannelItem, KeepItem, Record, RemovalItem, ReportItem, VideoItem, parse
from peertube.pods.urls import Origin
from peertube.policy import authority
from peertube.storage import accounts, channels, friend_objects, pods, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases import abuses, friendships, unnamed_files
from peertube.usecases.ports import Clock, Storage

_REMOVED_AS = {
    "author": DeliveryKind.REMOVE_AUTHOR,
    "channel": DeliveryKind.REMOVE_CHANNEL,
    "video": DeliveryKind.REMOVE_VIDEO,
}
MOST_ITEMS = 50
"""Items of one batch."""


class FriendItems:
    """Takes what friends tell.

    :param https: whether pods must speak https (`friends.require_https`).
    """

    _log = Logger()

    def __init__(self, *, database: Database, storage: Storage, clock: Clock, https: bool) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock
        self._https = https

    async def receive(self, pod: Pod, items: Sequence[object]) -> list[tuple[int, str]]:
        """Take a batch of a verified friend. The good items are stored on return.

        Bad ones are dropped and logged; their places and the reasons are returned.
        """
        if len(items) > MOST_ITEMS:
            raise Invalid(f"A batch has at most {MOST_ITEMS} items", code="too_many_items")
        refused: list[tuple[int, str]] = []
        for number, item in enumerate(items):
            try:
                kind, record = parse(item, Origin(pod.host, self._https))
                await self._take(pod, kind, record)
            except Forbidden:
                raise
            except PodError as error:
                self._log.warn("dropped an item of {host}: {reason}", host=pod.host, reason=error.detail)
                refused.append((number, error.detail))
        return refused

    async def _take(self, pod: Pod, kind: DeliveryKind, record: Record) -> None:
        thumbnail, announcement = None, None
        if isinstance(record, VideoItem) and record.thumbnail is not None:
            await self._database.read(self._check_video, pod, record)
            thumbnail = _thumbnail_name(pod.host, record.uuid, record.thumbnail)
            announcement = await self._database.write(
                unnamed_files.announce, {"thumbnails": [thumbnail]}, self._clock.now_ms()
            )
            await self._storage.write("thumbnails", thumbnail, record.thumbnail)
            reach("receipt.thumbnail-written")
        reason = await self._database.write(self._apply, pod, kind, record, thumbnail, announcement)
        reach("receipt.committed")
        if reason is not None:
            raise Invalid(reason, code="invalid_item")

    async def _apply(
        self,
        tx: Transaction,
        pod: Pod,
        kind: DeliveryKind,
        record: Record,
        thumbnail: str | None,
        announcement: int | None,
    ) -> str | None:
        """Why the item was not applied, or None."""
        if await pods.by_id(tx, pod.id) is None:
            raise Forbidden("This pod is not a friend any more", code="unknown_pod")
        if announcement is not None:
            await unnamed_files.named(tx, announcement)
        try:
            match record:
                case AuthorItem():
                    await self._author(tx, pod.host, record)
                case ChannelItem():
                    await self._channel(tx, pod.host, record)
                case VideoItem():
                    await self._video(tx, pod, record, thumbnail)
                case ReportItem():
                    await abuses.take_report(tx, pod, record, self._clock.now_ms())
                case KeepItem():
                    await self._keep(tx, pod.host, record)
                case RemovalItem():
                    await self._remove(tx, pod.host, kind, record.uuid)
            reach("receipt.noted")
        except Invalid as error:
            uuid = record.uuid or ""
            if thumbnail is not None and not await self._is_shown(tx, pod.host, uuid, thumbnail):
                await friendships.discard_thumbnails(tx, [thumbnail], self._clock.now_ms())
            return error.detail
        return None

    async def _author(self, tx: Transaction, host: str, item: AuthorItem) -> None:
        now_ms = self._clock.now_ms()
        known = await accounts.by_uuid(tx, host, item.uuid)
        if known is None:
            await accounts.add(
                tx,
                uuid=item.uuid,
                host=host,
                user_id=None,
                name=item.name,
                display_name=item.display_name,
                description=item.description,
                created_ms=now_ms,
                updated_ms=now_ms,
            )
            return
        await accounts.update_remote(
            tx,
            known.id,
            name=item.name,
            display_name=item.display_name,
            description=item.description,
            updated_ms=now_ms,
        )

    async def _channel(self, tx: Transaction, host: str, item: ChannelItem) -> None:
        owner = await accounts.by_uuid(tx, host, item.owner_uuid)
        if owner is None:
            raise Invalid("The owner of the channel is not known", code="invalid_item")
        known = await channels.by_uuid(tx, host, item.uuid)
        if known is None:
            await channels.add(
                tx,
                uuid=item.uuid,
                host=host,
                account_id=owner.id,
                name=item.name,
                display_name=item.display_name,
                description=item.description,
                support=item.support,
                created_ms=item.created_ms,
                updated_ms=item.updated_ms,
            )
            return
        if known.account_id != owner.id:
            raise Invalid("A channel cannot change its owner", code="invalid_item")
        await channels.update(
            tx,
            known.id,
            name=item.name,
            display_name=item.display_name,
            description=item.description,
            support=item.support,
            updated_ms=item.updated_ms,
        )

    async def _check_video(self, tx: Transaction, pod: Pod, item: VideoItem) -> tuple[Video | None, int | None]:
        """The video as we know it, and the id of the channel it is (to be) in. `Invalid` when it is not the pod's."""
        known = await videos.details_by_uuid(tx, item.uuid)
        if known is not None and not authority.may_pod_change(known.video.host, pod.host):
            raise Invalid("This uuid belongs to a video of another pod", code="invalid_item")
        if item.channel_uuid is None:
            if known is None:
                raise Invalid("The video to update is not known", code="invalid_item")
            return known.video, None
        channel = await channels.by_uuid(tx, pod.host, item.channel_uuid)
        if channel is None:
            raise Invalid("The channel of the video is not known", code="invalid_item")
        return (None if known is None else known.video), channel.id

    async def _video(self, tx: Transaction, pod: Pod, item: VideoItem, thumbnail: str | None) -> None:
        known, channel_id = await self._check_video(tx, pod, item)
        if known is None:
            await self._add_video(tx, pod, item, channel_id, thumbnail)
            return
        await videos.update(
            tx, known.id, item.fields, channel_id=channel_id, updated_ms=item.updated_ms, duration=item.duration
        )
        await videos.replace_files(tx, known.id, item.files, self._clock.now_ms())
        await videos.set_counters(tx, known.id, views=item.views, likes=item.likes, dislikes=item.dislikes)
        await videos.set_trackers(tx, known.id, item.trackers)
        await videos.set_pictures(
            tx,
            known.id,
            thumbnail_name=thumbnail or known.thumbnail_name,
            preview_name=None,
            preview_url=item.preview_url,
        )
        if thumbnail is not None and known.thumbnail_name not in (None, thumbnail):
            await friendships.discard_thumbnails(tx, [str(known.thumbnail_name)], self._clock.now_ms())

    async def _add_video(
        self, tx: Transaction, pod: Pod, item: VideoItem, channel_id: int | None, thumbnail: str | None
    ) -> None:
        if channel_id is None:
            raise Invalid("The channel of the video is not named", code="invalid_item")
        new = NewVideo(
            uuid=item.uuid,
            host=pod.host,
            channel_id=channel_id,
            fields=item.fields,
            state=VideoState.PUBLISHED,
            duration=item.duration,
            aspect_ratio=item.aspect_ratio,
            created_ms=item.created_ms,
            updated_ms=item.updated_ms,
            published_ms=min(item.published_ms, self._clock.now_ms()),
            views=item.views,
            likes=item.likes,
            dislikes=item.dislikes,
            thumbnail_name=thumbnail,
            preview_url=item.preview_url,
            trackers=item.trackers,
        )
        await videos.add(tx, new, item.files)

    async def _keep(self, tx: Transaction, host: str, item: KeepItem) -> None:
        for uuid in await friend_objects.strays(tx, item.kind, host, item.after, item.until, item.uuids):
            await self._remove(tx, host, _REMOVED_AS[item.kind], uuid)

    async def _remove(self, tx: Transaction, host: str, kind: DeliveryKind, uuid: str) -> None:
        pictures: list[str] = []
        match kind:
            case DeliveryKind.REMOVE_VIDEO:
                details = await videos.details_by_origin(tx, host, uuid)
                if details is not None:
                    pictures = [details.video.thumbnail_name] if details.video.thumbnail_name else []
                    await videos.remove(tx, details.video.id)
            case DeliveryKind.REMOVE_CHANNEL:
                channel = await channels.by_uuid(tx, host, uuid)
                if channel is not None:
                    pictures = await friend_objects.thumbnails_of_channel(tx, channel.id)
                    await channels.remove(tx, channel.id)
            case DeliveryKind.REMOVE_AUTHOR:
                account = await accounts.by_uuid(tx, host, uuid)
                if account is not None:
                    pictures = await friend_objects.thumbnails_of_account(tx, account.id)
                    await accounts.remove(tx, account.id)
        await friendships.discard_thumbnails(tx, pictures, self._clock.now_ms())

    async def _is_shown(self, tx: Transaction, host: str, uuid: str, thumbnail: str) -> bool:
        details = await videos.details_by_origin(tx, host, uuid)
        return details is not None and details.video.thumbnail_name == thumbnail


def _thumbnail_name(host: str, uuid: str, content: bytes) -> str:
    """The same for the same picture of the same video, so that repeating an item writes nothing new."""
    digest = hashlib.sha256(host.encode("utf-8") + b"\0" + content).hexdigest()
    return f"{uuid}-{digest[:16]}.jpg"
