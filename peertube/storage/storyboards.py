"""Storyboards: one row for each video that has one."""

from peertube.model.storyboards import Storyboard
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_OF_VIDEO = Query(
    """
    select video_id, file_name, total_width, total_height, sprite_width, sprite_height, sprite_seconds
    from storyboards where video_id = :video_id
    """
)
_PUT = Query(
    """
    insert into storyboards (video_id, file_name, total_width, total_height, sprite_width, sprite_height,
        sprite_seconds)
    values (:video_id, :file_name, :total_width, :total_height, :sprite_width, :sprite_height, :sprite_seconds)
    on conflict (video_id) do update set file_name = excluded.file_name, total_width = excluded.total_width,
        total_height = excluded.total_height, sprite_width = excluded.sprite_width,
        sprite_height = excluded.sprite_height, sprite_seconds = excluded.sprite_seconds
    """
)


async def of_video(tx: Transaction, video_id: int) -> Storyboard | None:
    """The storyboard of a video."""
    row = await tx.maybe(_OF_VIDEO, video_id=video_id)
    return None if row is None else Storyboard(**row)


async def put(tx: Transaction, storyboard: Storyboard) -> None:
    """Store a storyboard in the place of the one that there may be."""
    await tx.run(
        _PUT,
        video_id=storyboard.video_id,
        file_name=storyboard.file_name,
        total_width=storyboard.total_width,
        total_height=storyboard.total_height,
        sprite_width=storyboard.sprite_width,
        sprite_height=storyboard.sprite_height,
        sprite_seconds=storyboard.sprite_seconds,
    )
