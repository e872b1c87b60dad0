"""The items that friends tell each other, ``{"type": …, "data": …}``, and the records that come of them.

Fields are those of the pods' protocol (A.3.7, docs/pods-protocol.rst) with optional ones of ours. Whatever another pod
sends is limited here, field by field, and may only name addresses on that pod itself.
"""

from typing import Annotated, Any, Literal

import msgspec
from attrs import frozen
from msgspec import Meta, Struct

from peertube.errors import Invalid
from peertube.model.deliveries import DeliveryKind
from peertube.model.videos import NewVideoFile, Privacy, VideoFields
from peertube.pods import urls
from peertube.policy.names import MAXIMUM_NAME, name_fault

LONGEST_THUMBNAIL = 20_000
MOST_FILES = 32
MOST_TRACKERS = 8
_LARGEST = 2**53 - 1

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
Line = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z"
Text = Annotated[str, Meta(max_length=10_000, pattern=_TEXT)]
Tag = Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]
Moment = Annotated[str, Meta(min_length=10, max_length=40)]
Count = Annotated[int, Meta(ge=0, le=_LARGEST)]
Pixels = Annotated[int, Meta(ge=0, le=100_000)]
Extension = Annotated[str, Meta(pattern=r"^\.[a-z0-9]{1,8}\Z")]
InfoHash = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{40}\Z")]


class _Named(Struct):
    uuid: Uuid


class _Author(Struct, rename="camel"):
    uuid: Uuid
    name: Line
    display_name: Line | None = None
    description: Text | None = None


class _Channel(Struct, rename={"owner_uuid": "ownerUUID", "display_name": "displayName",
                               "created_at": "createdAt", "updated_at": "updatedAt"}):  # fmt: skip
    uuid: Uuid
    owner_uuid: Uuid
    name: Line
    created_at: Moment
    updated_at: Moment
    display_name: Line | None = None
    description: Text | None = None
    support: Text | None = None


class _File(Struct, rename="camel"):
    info_hash: InfoHash
    extname: Extension
    resolution: Pixels
    size: Annotated[int, Meta(ge=1, le=_LARGEST)]
    fps: Annotated[int, Meta(ge=-1, le=1000)] = -1
    width: Pixels = 0
    height: Pixels = 0
    has_audio: bool = True
    has_video: bool = True
    file_url: Url | None = None
    torrent_url: Url | None = None


class _Video(Struct, rename="camel"):
    uuid: Uuid
    name: Line
    duration: Annotated[int, Meta(ge=0, le=10_000_000)]
    created_at: Moment
    updated_at: Moment
    files: Annotated[list[_File], Meta(min_length=1, max_length=MOST_FILES)]
    channel_uuid: Uuid | None = msgspec.field(default=None, name="channelUUID")
    category: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    licence: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    language: Annotated[str, Meta(max_length=20, pattern=r"^[A-Za-z0-9-]*\Z")] | int | None = None
    nsfw: bool = False
    description: Text | None = None
    truncated_description: Text | None = None
    support: Text | None = None
    tags: Annotated[list[Tag], Meta(max_length=5)] = []
    views: Count = 0
    likes: Count = 0
    dislikes: Count = 0
    privacy: int = int(Privacy.PUBLIC)
    aspect_ratio: Annotated[float, Meta(gt=0, le=1000)] | None = None
    thumbnail_data: Annotated[str, Meta(max_length=LONGEST_THUMBNAIL)] | None = None
    preview_url: Url | None = None
    tracker_urls: Annotated[list[Url], Meta(max_length=MOST_TRACKERS)] | None = None
    published_at: Moment | None = None
    originally_published_at: Moment | None = None


class _Report(Struct):
    video_uuid: Uuid = msgspec.field(name="videoUUID")
    reporter_username: Line = msgspec.field(name="reporterUsername")
    report_reason: Annotated[str, Meta(min_length=1, max_length=3000, pattern=_TEXT)] = msgspec.field(
        name="reportReason"
    )
    uuid: Uuid | None = None


class _Keep(Struct):
    kind: Literal["author", "channel", "video"]
    after: Annotated[str, Meta(pattern=r"^[0-9a-f-]{0,36}\Z")]
    uuids: Annotated[list[Uuid], Meta(max_length=100)]
    until: Uuid | None = None


class _Item(Struct):
    type: str
    data: dict[str, Any]


@frozen
class RemovalItem:
    """An object is gone."""

    uuid: str


@frozen
class ReportItem:
    """A user of another pod reports a video of ours. `uuid` tells repetitions; pods of 2017 give none."""

    video_uuid: str
    reporter: str
    reason: str
    uuid: str | None


@frozen
class KeepItem:
    """Of the sender's objects of a kind whose uuids are in the range (`after`, `until`] there are these and no others.

    `kind` is ``author``, ``channel`` or ``video``; without `until` the range has no end.
    """

    uuid: str | None
    kind: str
    after: str
    until: str | None
    uuids: tuple[str, ...]


@frozen
class AuthorItem:
    """An account of another pod."""

    uuid: str
    name: str
    display_name: str
    description: str | None


@frozen
class ChannelItem:
    """A channel of another pod. Times in ms since 1970 UTC."""

    uuid: str
    owner_uuid: str
    name: str
    display_name: str
    description: str | None
    support: str | None
    created_ms: int
    updated_ms: int


@frozen
class VideoItem:
    """A video of another pod. `channel_uuid` may be missing in an update; `thumbnail` is a JPEG or None."""

    uuid: str
    channel_uuid: str | None
    fields: VideoFields
    duration: int
    aspect_ratio: float | None
    views: int
    likes: int
    dislikes: int
    created_ms: int
    updated_ms: int
    published_ms: int
    thumbnail: bytes | None
    preview_url: str
    trackers: tuple[str, ...]
    files: tuple[NewVideoFile, ...]


Record = AuthorItem | ChannelItem | VideoItem | RemovalItem | ReportItem | KeepItem

_VIDEOS = {DeliveryKind.ADD_VIDEO, DeliveryKind.UPDATE_VIDEO}
_REMOVALS = {DeliveryKind.REMOVE_AUTHOR, DeliveryKind.REMOVE_CHANNEL, DeliveryKind.REMOVE_VIDEO}


def parse(item: object, pod: urls.Origin) -> tuple[DeliveryKind, Record]:
    """Read one item that the friend `pod` sent.

    :raises Invalid: with the reason in words, when the item is not to be taken.
    """
    try:
        outer = msgspec.convert(item, _Item)
        kind = DeliveryKind(outer.type)
        if kind in _REMOVALS:
            return kind, RemovalItem(msgspec.convert(outer.data, _Named).uuid)
        if kind is DeliveryKind.ADD_AUTHOR:
            return kind, _author(msgspec.convert(outer.data, _Author))
        if kind in (DeliveryKind.ADD_CHANNEL, DeliveryKind.UPDATE_CHANNEL):
            return kind, _channel(msgspec.convert(outer.data, _Channel))
        if kind is DeliveryKind.KEEP:
            return kind, _keep(msgspec.convert(outer.data, _Keep))
        if kind is DeliveryKind.REPORT_ABUSE:
            return kind, _report(msgspec.convert(outer.data, _Report))
        if kind not in _VIDEOS:
            raise ValueError(f"{kind.value} is not told so")
        video = _video(msgspec.convert(outer.data, _Video), pod)
    except (msgspec.ValidationError, ValueError) as error:
        raise Invalid(str(error)[:300], code="invalid_item") from error
    if kind is DeliveryKind.ADD_VIDEO and video.channel_uuid is None:
        raise Invalid("channelUUID is required", code="invalid_item")
    return kind, video


def _keep(sent: _Keep) -> KeepItem:
    return KeepItem(None, sent.kind, sent.after, sent.until, tuple(sent.uuids))


def _report(sent: _Report) -> ReportItem:
    return ReportItem(sent.video_uuid, sent.reporter_username, sent.report_reason, sent.uuid)


def _author(sent: _Author) -> AuthorItem:
    return AuthorItem(
        uuid=sent.uuid,
        name=_handle(sent.name, sent.uuid),
        display_name=sent.display_name or sent.name,
        description=sent.description,
    )


def _channel(sent: _Channel) -> ChannelItem:
    return ChannelItem(
        uuid=sent.uuid,
        owner_uuid=sent.owner_uuid,
        name=_handle(sent.name, sent.uuid),
        display_name=sent.display_name or sent.name,
        description=sent.description,
        support=sent.support,
        created_ms=urls.parse_moment(sent.created_at),
        updated_ms=urls.parse_moment(sent.updated_at),
    )


def _video(sent: _Video, pod: urls.Origin) -> VideoItem:
    if sent.privacy != Privacy.PUBLIC:
        raise Invalid("Only public videos are taken from friends", code="invalid_item")
    created_ms = urls.parse_moment(sent.created_at)
    published_ms = created_ms if sent.published_at is None else urls.parse_moment(sent.published_at)
    originally = sent.originally_published_at
    fields = VideoFields(
        name=sent.name,
        category=sent.category,
        licence=sent.licence,
        language=sent.language if isinstance(sent.language, str) and sent.language else None,
        privacy=Privacy.PUBLIC,
        description=sent.description if sent.description is not None else sent.truncated_description,
        support=sent.support,
        nsfw=sent.nsfw,
        tags=tuple(dict.fromkeys(sent.tags)),
        originally_published_ms=None if originally is None else urls.parse_moment(originally),
    )
    trackers = sent.tracker_urls
    return VideoItem(
        uuid=sent.uuid,
        channel_uuid=sent.channel_uuid,
        fields=fields,
        duration=sent.duration,
        aspect_ratio=sent.aspect_ratio,
        views=sent.views,
        likes=sent.likes,
        dislikes=sent.dislikes,
        created_ms=created_ms,
        updated_ms=urls.parse_moment(sent.updated_at),
        published_ms=published_ms,
        thumbnail=_thumbnail(sent.thumbnail_data),
        preview_url=pod.page(sent.preview_url or f"{pod.origin}/static/previews/{sent.uuid}.jpg"),
        trackers=pod.default_trackers if trackers is None else tuple(pod.tracker(url) for url in trackers),
        files=tuple(_file(file, sent.uuid, pod) for file in sent.files),
    )


def _file(sent: _File, uuid: str, pod: urls.Origin) -> NewVideoFile:
    stem = f"{uuid}-{sent.resolution}"
    return NewVideoFile(
        resolution=sent.resolution,
        width=sent.width,
        height=sent.height,
        fps=sent.fps,
        extname=sent.extname,
        size=sent.size,
        has_audio=sent.has_audio,
        has_video=sent.has_video,
        info_hash=sent.info_hash.lower(),
        file_url=pod.page(sent.file_url or f"{pod.origin}/static/webseed/{stem}{sent.extname}"),
        torrent_url=pod.page(sent.torrent_url or f"{pod.origin}/static/torrents/{stem}.torrent"),
    )


def _thumbnail(sent: str | None) -> bytes | None:
    if not sent:
        return None
    try:
        content = sent.encode("latin-1")
    except UnicodeEncodeError:
        raise Invalid("thumbnailData must have one character per byte", code="invalid_item") from None
    if not content.startswith(b"\xff\xd8\xff"):
        raise Invalid("thumbnailData is not a JPEG", code="invalid_item")
    return content


def _handle(name: str, uuid: str) -> str:
    """A name that fits into ``name@host``: pods of 2017 allowed any text."""
    if name_fault(name) is None:
        return name
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name.lower())
    return plain[:MAXIMUM_NAME].strip("._-") or uuid[:8]
