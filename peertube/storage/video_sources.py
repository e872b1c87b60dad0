"""Rows of the files that videos were made of."""

from collections.abc import Sequence

import attrs

from peertube.model.video_sources import VideoSource
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_COLUMNS = Query(
    "select video_id, filename, file_name, resolution, width, height, fps, size, created_ms from video_sources"
)
_OF = _COLUMNS + Query("where video_id in $list(ids)")
_VIDEO_OF = Query(
    "select s.video_id from video_sources s join video_files f on f.file_name = s.file_name where f.file_name = :name"
)
_PUT = Query(
    """
    insert into video_sources (video_id, filename, file_name, resolution, width, height, fps, size, created_ms)
    values (:video_id, :filename, :file_name, :resolution, :width, :height, :fps, :size, :created_ms)
    on conflict (video_id) do update set filename = excluded.filename, file_name = excluded.file_name,
        resolution = excluded.resolution, width = excluded.width, height = excluded.height, fps = excluded.fps,
        size = excluded.size, created_ms = excluded.created_ms
    """
)


async def put(tx: Transaction, video_id: int, source: VideoSource) -> None:
    """Note what a video was made of, instead of what was noted before."""
    await tx.run(_PUT, video_id=video_id, **attrs.asdict(source))


async def video_of(tx: Transaction, file_name: str) -> int | None:
    """The number of the video that was made of a file of ours."""
    row = await tx.maybe(_VIDEO_OF, name=file_name)
    return None if row is None else int(row["video_id"])


async def of_videos(tx: Transaction, video_ids: Sequence[int]) -> dict[int, VideoSource]:
    """What each video was made of; those of which that is not known are left out."""
    if not video_ids:
        return {}
    return {
        row["video_id"]: VideoSource(
            filename=row["filename"],
            file_name=row["file_name"],
            resolution=row["resolution"],
            width=row["width"],
            height=row["height"],
            fps=row["fps"],
            size=row["size"],
            created_ms=row["created_ms"],
        )
        for row in await tx.all(_OF, ids=list(video_ids))
    }
