"""Our own authors, channels and videos as the items that friends are told (docs/pods-protocol.rst)."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.deliveries import DeliveryKind
from peertube.model.videos import VideoDetails, VideoFile
from peertube.pods.messages import LONGEST_THUMBNAIL
from peertube.pods.urls import moment

Item = Mapping[str, Any]
_TRUNCATED = 250


@frozen
class Here:
    """Where friends find our files: the start of our addresses, and our announce addresses."""

    origin: str
    trackers: tuple[str, ...]


def removal(kind: DeliveryKind, uuid: str) -> Item:
    """An object of ours is gone."""
    return {"type": kind.value, "data": {"uuid": uuid}}


def author(account: Account) -> Item:
    """An account of ours."""
    data: dict[str, Any] = {"uuid": account.uuid, "name": account.name, "displayName": account.display_name}
    if account.description:
        data["description"] = account.description
    return {"type": DeliveryKind.ADD_AUTHOR.value, "data": data}


def channel(kind: DeliveryKind, channel: Channel, owner_uuid: str) -> Item:
    """A channel of ours, new or changed."""
    data = {
        "uuid": channel.uuid,
        "name": channel.name,
        "displayName": channel.display_name,
        "description": channel.description,
        "support": channel.support,
        "createdAt": moment(channel.created_ms),
        "updatedAt": moment(channel.updated_ms),
        "ownerUUID": owner_uuid,
    }
    return {"type": kind.value, "data": data}


def video(kind: DeliveryKind, details: VideoDetails, thumbnail: bytes | None, here: Here) -> Item:
    """A public video of ours, new or changed. A thumbnail that is too large for the wire is left out."""
    video = details.video
    fields = video.fields
    data: dict[str, Any] = {
        "uuid": video.uuid,
        "channelUUID": video.channel.uuid,
        "name": fields.name,
        "category": fields.category,
        "licence": fields.licence,
        "language": fields.language,
        "nsfw": fields.nsfw,
        "truncatedDescription": None if fields.description is None else fields.description[:_TRUNCATED],
        "description": fields.description,
        "support": fields.support,
        "tags": list(fields.tags),
        "duration": video.duration,
        "createdAt": moment(video.created_ms),
        "updatedAt": moment(video.updated_ms),
        "publishedAt": moment(video.published_ms),
        "views": video.views,
        "likes": video.likes,
        "dislikes": video.dislikes,
        "privacy": int(fields.privacy),
        "aspectRatio": video.aspect_ratio,
        "trackerUrls": list(here.trackers),
        "files": [_file(file, here) for file in details.files if file.info_hash is not None],
    }
    if fields.originally_published_ms is not None:
        data["originallyPublishedAt"] = moment(fields.originally_published_ms)
    if video.preview_name is not None:
        data["previewUrl"] = f"{here.origin}/lazy-static/previews/{video.preview_name}"
    if thumbnail is not None and len(thumbnail) <= LONGEST_THUMBNAIL:
        data["thumbnailData"] = thumbnail.decode("latin-1")
    return {"type": kind.value, "data": data}


def _file(file: VideoFile, here: Here) -> Mapping[str, Any]:
    sent: dict[str, Any] = {
        "infoHash": file.info_hash,
        "extname": file.extname,
        "resolution": file.resolution,
        "size": file.size,
        "fps": file.fps,
        "width": file.width,
        "height": file.height,
        "hasAudio": file.has_audio,
        "hasVideo": file.has_video,
    }
    if file.file_name is not None:
        sent["fileUrl"] = f"{here.origin}/static/web-videos/{file.file_name}"
    if file.torrent_name is not None:
        sent["torrentUrl"] = f"{here.origin}/lazy-static/torrents/{file.torrent_name}"
    return sent
