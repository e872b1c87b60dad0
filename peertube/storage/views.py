"""Counts of views: a column of the video, and a row for each day on which somebody watched."""

from peertube.storage import search_index
from peertube.storage.database import Transaction
from peertube.storage.query import Query

DAY_MS = 86_400_000

_COUNT = Query("update videos set views = views + :views where id = :video_id returning views")
_COUNT_DAY = Query(
    """
    insert into video_views (video_id, day, views) values (:video_id, :day, :views)
    on conflict (video_id, day) do update set views = video_views.views + excluded.views
    """
)
_FORGET = Query("delete from video_views where day < :day")


async def add(tx: Transaction, video_id: int, views: int, now_ms: int) -> None:
    """Count views of a video; nothing happens when it is gone."""
    row = await tx.maybe(_COUNT, video_id=video_id, views=views)
    if row is not None:
        await tx.run(_COUNT_DAY, video_id=video_id, day=now_ms // DAY_MS, views=views)
        await search_index.follow_views(tx, video_id, before=row["views"] - views, after=row["views"])


async def forget_before(tx: Transaction, day: int) -> int:
    """Remove the rows of days (since 1970) before `day`; how many there were."""
    return await tx.run(_FORGET, day=day)
