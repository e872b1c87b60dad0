"""Captions of videos: rows that name files."""

from collections.abc import Sequence

from peertube.model.captions import Caption
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_COLUMNS = Query("select video_id, language, file_name, automatically_generated, updated_ms from video_captions")
_OF_VIDEOS = _COLUMNS + Query("where video_id in $list(ids) order by video_id, language")
_ONE = _COLUMNS + Query("where video_id = :video_id and language = :language")
_PUT = Query(
    """
    insert into video_captions (video_id, language, file_name, automatically_generated, updated_ms)
    values (:video_id, :language, :file_name, :automatically_generated, :updated_ms)
    on conflict (video_id, language) do update set file_name = excluded.file_name,
        automatically_generated = excluded.automatically_generated, updated_ms = excluded.updated_ms
    """
)
_REMOVE = Query("delete from video_captions where video_id = :video_id and language = :language")


async def of_videos(tx: Transaction, video_ids: Sequence[int]) -> dict[int, tuple[Caption, ...]]:
    """The captions of each video by language; a video without captions is left out."""
    found: dict[int, list[Caption]] = {}
    for row in await tx.all(_OF_VIDEOS, ids=list(video_ids)) if video_ids else ():
        found.setdefault(row["video_id"], []).append(_load(row))
    return {video_id: tuple(captions) for video_id, captions in found.items()}


async def of_video(tx: Transaction, video_id: int) -> tuple[Caption, ...]:
    """The captions of one video, by language."""
    return (await of_videos(tx, [video_id])).get(video_id, ())


async def one(tx: Transaction, video_id: int, language: str) -> Caption | None:
    """The captions of a video in a language."""
    row = await tx.maybe(_ONE, video_id=video_id, language=language)
    return None if row is None else _load(row)


async def put(tx: Transaction, caption: Caption) -> None:
    """Store captions in the place of those that there may be in this language."""
    await tx.run(
        _PUT,
        video_id=caption.video_id,
        language=caption.language,
        file_name=caption.file_name,
        automatically_generated=int(caption.automatically_generated),
        updated_ms=caption.updated_ms,
    )


async def remove(tx: Transaction, video_id: int, language: str) -> None:
    """Forget the captions of a language."""
    await tx.run(_REMOVE, video_id=video_id, language=language)


def _load(row: Row) -> Caption:
    return Caption(
        video_id=row["video_id"],
        language=row["language"],
        file_name=row["file_name"],
        automatically_generated=bool(row["automatically_generated"]),
        updated_ms=row["updated_ms"],
    )
