"""Rows of uploads in chunks. What is said of their files is in the table: no file is made before its row."""

from collections.abc import Sequence

import msgspec

from peertube.model.resumable_uploads import ResumableUpload, UploadedVideo, UploadNames
from peertube.model.videos import VideoFields
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """
    select r.id, r.user_id, r.fingerprint, r.filename, r.channel_id, r.metadata, r.size, r.received, r.file_name,
        r.thumbnail_name, r.preview_name, r.kept, r.created_ms, r.updated_ms, r.passwords, r.replaces, r.writer,
        v.id as video_id, v.uuid as video_uuid
    from resumable_uploads r left join videos v on v.id = r.video_id
    """
)
_BY_ID = _SELECT + Query("where r.id = :id")
_BY_FINGERPRINT = _SELECT + Query("where r.user_id = :user_id and r.fingerprint = :fingerprint and r.video_id is null")
_OPEN = _SELECT + Query("where r.user_id = :user_id and r.video_id is null order by r.updated_ms, r.id")
_OLD = _SELECT + Query("where r.updated_ms < :before_ms order by r.updated_ms, r.id limit :limit")
_ADD = Query(
    """
    insert into resumable_uploads (id, user_id, fingerprint, filename, channel_id, metadata, size, received, file_name,
        thumbnail_name, preview_name, created_ms, updated_ms, passwords, replaces)
    values (:id, :user_id, :fingerprint, :filename, :channel_id, :metadata, :size, :received, :file_name,
        :thumbnail_name, :preview_name, :created_ms, :updated_ms, :passwords, :replaces)
    """
)
_DESCRIBE = Query(
    """
    update resumable_uploads set filename = :filename, channel_id = :channel_id, metadata = :metadata,
        thumbnail_name = :thumbnail_name, preview_name = :preview_name, updated_ms = :updated_ms,
        passwords = :passwords
    where id = :id and video_id is null
    """
)
_TAKE_OVER = Query("update resumable_uploads set writer = writer + 1 where id = :id")
_ADVANCE = Query(
    """
    update resumable_uploads set received = :received, updated_ms = :updated_ms
    where id = :id and writer = :writer and video_id is null and received <= :received and :received <= size
    """
)
_LOSE = Query("update resumable_uploads set received = :received where id = :id and received > :received")
_KEEP = Query("update resumable_uploads set kept = :kept, updated_ms = :updated_ms where id = :id and kept is null")
_FINISH = Query(
    """
    update resumable_uploads set video_id = :video_id, thumbnail_name = null, preview_name = null,
        updated_ms = :updated_ms
    where id = :id and video_id is null
    """
)
_REMOVE = Query("delete from resumable_uploads where id in $list(ids)")


async def add(tx: Transaction, upload: ResumableUpload) -> None:
    """Store a new upload. `UniqueViolation` when its fingerprint is that of another unfinished one of the user."""
    await tx.run(
        _ADD,
        id=upload.id,
        user_id=upload.user_id,
        fingerprint=upload.fingerprint,
        received=upload.received,
        size=upload.size,
        file_name=upload.file_name,
        created_ms=upload.created_ms,
        updated_ms=upload.updated_ms,
        replaces=upload.replaces,
        **_described(upload),
    )


async def describe(tx: Transaction, upload: ResumableUpload) -> bool:
    """Replace what the owner says of a file that is not finished, its pictures too; False when it is gone."""
    return await tx.run(_DESCRIBE, id=upload.id, updated_ms=upload.updated_ms, **_described(upload)) == 1


async def by_id(tx: Transaction, upload_id: str) -> ResumableUpload | None:
    """The upload with this id, whosever it is."""
    row = await tx.maybe(_BY_ID, id=upload_id)
    return None if row is None else _loaded(row)


async def by_fingerprint(tx: Transaction, user_id: int, fingerprint: str) -> ResumableUpload | None:
    """The upload of the same file by the same user that is no video yet."""
    row = await tx.maybe(_BY_FINGERPRINT, user_id=user_id, fingerprint=fingerprint)
    return None if row is None else _loaded(row)


async def unfinished(tx: Transaction, user_id: int) -> list[ResumableUpload]:
    """All uploads of a user that are no videos yet, longest unused first."""
    return [_loaded(row) for row in await tx.all(_OPEN, user_id=user_id)]


async def older(tx: Transaction, before_ms: int, limit: int) -> list[ResumableUpload]:
    """Uploads that nothing has happened to since `before_ms`, finished or not."""
    return [_loaded(row) for row in await tx.all(_OLD, before_ms=before_ms, limit=limit)]


async def take_over(tx: Transaction, upload_id: str) -> ResumableUpload | None:
    """Give the right to write to its file to another `writer`; None when the upload is gone."""
    await tx.run(_TAKE_OVER, id=upload_id)
    return await by_id(tx, upload_id)


async def advance(tx: Transaction, upload: ResumableUpload, received: int, now_ms: int) -> bool:
    """Note that the first `received` bytes are on the disk for good; False when the upload is gone or further, or
    somebody else may write to it now."""
    return await tx.run(_ADVANCE, id=upload.id, writer=upload.writer, received=received, updated_ms=now_ms) == 1


async def lose(tx: Transaction, upload_id: str, received: int) -> None:
    """Note that no more than `received` bytes are left."""
    await tx.run(_LOSE, id=upload_id, received=received)


async def keep(tx: Transaction, upload_id: str, names: UploadNames, now_ms: int) -> UploadNames | None:
    """Note under which names the upload will be kept; those noted before, if any. None when it is gone."""
    await tx.run(_KEEP, id=upload_id, kept=_json(names), updated_ms=now_ms)
    found = await by_id(tx, upload_id)
    return None if found is None else found.kept


async def finish(tx: Transaction, upload_id: str, video_id: int, now_ms: int) -> bool:
    """Note which video an upload became; False when it is gone or became one before."""
    return await tx.run(_FINISH, id=upload_id, video_id=video_id, updated_ms=now_ms) == 1


async def remove(tx: Transaction, upload_ids: Sequence[str]) -> int:
    """Forget uploads; how many there were."""
    return await tx.run(_REMOVE, ids=list(upload_ids))


def _described(upload: ResumableUpload) -> dict[str, object]:
    return {
        "filename": upload.filename,
        "channel_id": upload.channel_id,
        "metadata": _json(upload.fields),
        "thumbnail_name": upload.thumbnail_name,
        "preview_name": upload.preview_name,
        "passwords": _json(upload.passwords) if upload.passwords else None,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _loaded(row: Row) -> ResumableUpload:
    finished = row["video_id"] is not None
    return ResumableUpload(
        id=row["id"],
        user_id=row["user_id"],
        fingerprint=row["fingerprint"],
        filename=row["filename"],
        channel_id=row["channel_id"],
        fields=msgspec.json.decode(row["metadata"], type=VideoFields),
        size=row["size"],
        received=row["received"],
        file_name=row["file_name"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        thumbnail_name=row["thumbnail_name"],
        preview_name=row["preview_name"],
        writer=row["writer"],
        kept=None if row["kept"] is None else msgspec.json.decode(row["kept"], type=UploadNames),
        video=UploadedVideo(row["video_id"], row["video_uuid"]) if finished else None,
        passwords=() if row["passwords"] is None else msgspec.json.decode(row["passwords"], type=tuple[str, ...]),
        replaces=row["replaces"],
    )
