"""Every name of a file that some row holds: what a check of the folders compares with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from attrs import frozen

from peertube.model.actor_images import FOLDER as ACTOR_IMAGES
from peertube.storage import actor_images, video_files
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_FILES = Query(
    """
    select f.file_name as name, v.uuid, v.name as title from video_files f join videos v on v.id = f.video_id
    where f.file_name is not null
    """
)
_TORRENTS = Query(
    """
    select f.torrent_name as name, v.uuid, v.name as title from video_files f join videos v on v.id = f.video_id
    where f.torrent_name is not null
    """
)
_THUMBNAILS = Query("select thumbnail_name as name, uuid, name as title from videos where thumbnail_name is not null")
_PREVIEWS = Query("select preview_name as name, uuid, name as title from videos where preview_name is not null")
_CAPTIONS = Query(
    "select c.file_name as name, v.uuid, v.name as title from video_captions c join videos v on v.id = c.video_id"
)
_STORYBOARDS = Query(
    "select s.file_name as name, v.uuid, v.name as title from storyboards s join videos v on v.id = s.video_id"
)
_OF_VIDEOS = {
    "web_videos": _FILES,
    "torrents": _TORRENTS,
    "thumbnails": _THUMBNAILS,
    "previews": _PREVIEWS,
    "captions": _CAPTIONS,
    "storyboards": _STORYBOARDS,
}
_UPLOADS = Query("select file_name, thumbnail_name, preview_name, kept from resumable_uploads")
_PAYLOADS = Query(
    """
    select payload from jobs where (kind = 'publish-video' and state <> 'completed')
        or (kind = 'discard-files' and state in ('waiting', 'active', 'failed'))
    """
)

KINDS = (*_OF_VIDEOS, ACTOR_IMAGES, "tmp_persistent")
"""The kinds of files (keys of `storage.*`) that rows name."""

_UPLOAD_KINDS = {"web_videos": "video", "thumbnails": "thumbnail", "previews": "preview", "torrents": "torrent"}


@frozen
class NamedFile:
    """A file that a video names, or (then with its UUID and name) an account or a channel."""

    name: str
    video_uuid: str
    title: str


async def of_videos(tx: Transaction, kind: str) -> list[NamedFile]:
    """What videos, accounts and channels name of a kind; nothing of kinds that belong to none."""
    if kind == ACTOR_IMAGES:
        return [NamedFile(*one) for one in await actor_images.everything(tx)]
    if kind not in _OF_VIDEOS:
        return []
    return [NamedFile(row["name"], row["uuid"], row["title"]) for row in await tx.all(_OF_VIDEOS[kind])]


async def named(tx: Transaction, kind: str, names: Sequence[str]) -> set[str]:
    """Which of the files of a kind a row names."""
    if kind == ACTOR_IMAGES:
        return await actor_images.named(tx, names)
    return await video_files.named(tx, kind, names)


async def of_work(tx: Transaction, kind: str) -> set[str]:
    """What unfinished uploads and jobs name of a kind: such files come and go by themselves."""
    names = {name for row in await tx.all(_UPLOADS) for name in _of_upload(row, kind)}
    for row in await tx.all(_PAYLOADS):
        names.update(_of_job(msgspec.json.decode(row["payload"]), kind))
    return names


def _of_upload(row: Row, kind: str) -> Iterator[str]:
    if kind == "tmp_persistent":
        yield from (name for name in (row["file_name"], row["thumbnail_name"], row["preview_name"]) if name)
    elif row["kept"] and kind in _UPLOAD_KINDS:
        yield msgspec.json.decode(row["kept"])[_UPLOAD_KINDS[kind]]


def _of_job(payload: Mapping[str, Any], kind: str) -> Iterator[str]:
    yield from payload.get("files", {}).get(kind, ())
    name = payload.get(_UPLOAD_KINDS.get(kind, ""))
    if isinstance(name, str):
        yield name
