"""Rows of the playable files of videos."""

from collections.abc import Sequence

from peertube.model.videos import NewVideoFile, VideoFile
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_COLUMNS = Query(
    """
    select f.id, f.video_id, f.resolution, f.width, f.height, f.fps, f.extname, f.size, f.has_audio, f.has_video,
        f.info_hash, f.file_name, f.torrent_name, f.file_url, f.torrent_url
    from video_files f
    """
)
_OF_VIDEOS = _COLUMNS + Query("where f.video_id in $list(ids) order by f.video_id, f.resolution desc, f.id")
_ADD = Query(
    """
    insert into video_files (video_id, resolution, width, height, fps, extname, size, has_audio, has_video, info_hash,
        file_name, torrent_name, file_url, torrent_url, created_ms)
    values (:video_id, :resolution, :width, :height, :fps, :extname, :size, :has_audio, :has_video, :info_hash,
        :file_name, :torrent_name, :file_url, :torrent_url, :created_ms)
    """
)
_SET_TORRENT = Query("update video_files set torrent_name = :torrent_name, info_hash = :info_hash where id = :id")
_REMOVE_OF = Query("delete from video_files where video_id = :video_id")
_VIDEO_OF_FILE_NAME = Query("select video_id from video_files where file_name = :name")
_VIDEO_OF_TORRENT_NAME = Query("select video_id from video_files where torrent_name = :name")
_WITH_INFO_HASH = _COLUMNS + Query(
    "where f.info_hash = :info_hash and f.torrent_name is not null order by f.id limit 1"
)
_VIDEO_OF_THUMBNAIL = Query("select id as video_id from videos where thumbnail_name = :name")
_VIDEO_OF_PREVIEW = Query("select id as video_id from videos where preview_name = :name")
_BESIDE = Query(
    """
    select 'captions' as kind, file_name as name from video_captions where video_id = :video_id
    union all
    select 'storyboards' as kind, file_name as name from storyboards where video_id = :video_id
    """
)
_NAMED = {
    "web_videos": Query("select file_name as name from video_files where file_name in $list(names)"),
    "torrents": Query("select torrent_name as name from video_files where torrent_name in $list(names)"),
    "thumbnails": Query("select thumbnail_name as name from videos where thumbnail_name in $list(names)"),
    "previews": Query("select preview_name as name from videos where preview_name in $list(names)"),
    "captions": Query("select file_name as name from video_captions where file_name in $list(names)"),
    "storyboards": Query("select file_name as name from storyboards where file_name in $list(names)"),
}
_VIDEO_OF = {
    "web_videos": _VIDEO_OF_FILE_NAME,
    "torrents": _VIDEO_OF_TORRENT_NAME,
    "thumbnails": _VIDEO_OF_THUMBNAIL,
    "previews": _VIDEO_OF_PREVIEW,
    "captions": Query("select video_id from video_captions where file_name = :name"),
    "storyboards": Query("select video_id from storyboards where file_name = :name"),
}


async def add(tx: Transaction, video_id: int, files: Sequence[NewVideoFile], created_ms: int) -> None:
    """Store the rows of files of a video."""
    if files:
        await tx.many(_ADD, [_parameters(video_id, file, created_ms) for file in files])


async def of_videos(tx: Transaction, video_ids: Sequence[int]) -> dict[int, tuple[VideoFile, ...]]:
    """The files of each video, largest resolution first; a video without files is left out."""
    if not video_ids:
        return {}
    found: dict[int, list[VideoFile]] = {}
    for row in await tx.all(_OF_VIDEOS, ids=list(video_ids)):
        found.setdefault(row["video_id"], []).append(_load(row))
    return {video_id: tuple(files) for video_id, files in found.items()}


async def video_id_of(tx: Transaction, kind: str, name: str) -> int | None:
    """The video that a file of ours belongs to; kinds are those of `_VIDEO_OF`."""
    row = await tx.maybe(_VIDEO_OF[kind], name=name)
    return None if row is None else int(row["video_id"])


async def by_info_hash(tx: Transaction, info_hash: str) -> VideoFile | None:
    """The file of ours that a torrent is of (40 hex digits)."""
    row = await tx.maybe(_WITH_INFO_HASH, info_hash=info_hash)
    return None if row is None else _load(row)


async def named(tx: Transaction, kind: str, names: Sequence[str]) -> set[str]:
    """Which of the files of a kind a video names; none of the kinds that belong to no video."""
    if kind not in _NAMED or not names:
        return set()
    return {row["name"] for row in await tx.all(_NAMED[kind], names=list(names))}


async def beside(tx: Transaction, video_id: int) -> dict[str, list[str]]:
    """The names of files that belong to a video beside its own (captions, storyboard), by kind."""
    found: dict[str, list[str]] = {}
    for row in await tx.all(_BESIDE, video_id=video_id):
        found.setdefault(row["kind"], []).append(row["name"])
    return found


async def set_torrent(tx: Transaction, file_id: int, *, torrent_name: str, info_hash: str) -> int:
    """Note the torrent of a file; how many rows that changed (0 when the file is gone)."""
    return await tx.run(_SET_TORRENT, id=file_id, torrent_name=torrent_name, info_hash=info_hash)


async def remove_of(tx: Transaction, video_id: int) -> None:
    """Forget the rows of all files of a video."""
    await tx.run(_REMOVE_OF, video_id=video_id)


def _parameters(video_id: int, file: NewVideoFile, created_ms: int) -> dict[str, object]:
    return {
        "video_id": video_id,
        "resolution": file.resolution,
        "width": file.width,
        "height": file.height,
        "fps": file.fps,
        "extname": file.extname,
        "size": file.size,
        "has_audio": int(file.has_audio),
        "has_video": int(file.has_video),
        "info_hash": file.info_hash,
        "file_name": file.file_name,
        "torrent_name": file.torrent_name,
        "file_url": file.file_url,
        "torrent_url": file.torrent_url,
        "created_ms": created_ms,
    }


def _load(row: Row) -> VideoFile:
    return VideoFile(
        id=row["id"],
        video_id=row["video_id"],
        resolution=row["resolution"],
        width=row["width"],
        height=row["height"],
        fps=row["fps"],
        extname=row["extname"],
        size=row["size"],
        has_audio=bool(row["has_audio"]),
        has_video=bool(row["has_video"]),
        info_hash=row["info_hash"],
        file_name=row["file_name"],
        torrent_name=row["torrent_name"],
        file_url=row["file_url"],
        torrent_url=row["torrent_url"],
    )
