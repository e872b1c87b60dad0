"""Chapters that somebody set, or that a file held."""

from collections.abc import Sequence

from peertube.model.chapters import Chapter
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_OF_VIDEO = Query("select timecode, title from video_chapters where video_id = :video_id order by timecode")
_REMOVE = Query("delete from video_chapters where video_id = :video_id")
_ADD = Query("insert into video_chapters (video_id, timecode, title) values (:video_id, :timecode, :title)")


async def of_video(tx: Transaction, video_id: int) -> tuple[Chapter, ...]:
    """The chapters of a video in their order."""
    return tuple(Chapter(row["timecode"], row["title"]) for row in await tx.all(_OF_VIDEO, video_id=video_id))


async def replace(tx: Transaction, video_id: int, chapters: Sequence[Chapter]) -> None:
    """Forget the chapters of a video and store these."""
    await tx.run(_REMOVE, video_id=video_id)
    rows: list[dict[str, object]] = [
        {"video_id": video_id, "timecode": chapter.timecode, "title": chapter.title} for chapter in chapters
    ]
    if rows:
        await tx.many(_ADD, rows)
