"""What users watched, and where they stopped: one row for each user and video."""

from collections.abc import Iterable, Sequence

from peertube.storage.database import Transaction
from peertube.storage.query import Query

MOST_OF_USER = 5_000
"""So many videos are in the history of one user; the oldest ones leave."""

_NOTE = Query(
    """
    insert into video_history (user_id, video_id, position, updated_ms)
    select u.id, v.id, :position, :updated_ms from users u join videos v on v.id = :video_id where u.id = :user_id
    on conflict (user_id, video_id) do update set position = excluded.position, updated_ms = excluded.updated_ms
    """
)
_POSITIONS = Query(
    "select video_id, position from video_history where user_id = :user_id and video_id in $list(video_ids)"
)
_FORGET = Query("delete from video_history where user_id = :user_id and video_id = :video_id")
_FORGET_BEFORE = Query("delete from video_history where user_id = :user_id and updated_ms < :before_ms")
_EXPIRE = Query("delete from video_history where updated_ms < :before_ms")
_TIMES = Query(
    "select video_id, updated_ms from video_history where user_id = :user_id and video_id in $list(video_ids)"
)
_TRIM = Query(
    """
    delete from video_history where (user_id, video_id) in (
        select placed.user_id, placed.video_id from (
            select user_id, video_id, row_number() over (partition by user_id order by updated_ms desc) as place
            from video_history
        ) placed
        where placed.place > :most
    )
    """
)


async def note(tx: Transaction, rows: Iterable[tuple[int, int, int, int]]) -> None:
    """Store (user, video, position in seconds, time in ms); users and videos that are gone are left out."""
    await tx.many(
        _NOTE,
        [
            {"user_id": user_id, "video_id": video_id, "position": position, "updated_ms": updated_ms}
            for user_id, video_id, position, updated_ms in rows
        ],
    )


async def positions(tx: Transaction, user_id: int, video_ids: Sequence[int]) -> dict[int, int]:
    """Where a user stopped watching those of the videos that are in the user's history (seconds)."""
    if not video_ids:
        return {}
    rows = await tx.all(_POSITIONS, user_id=user_id, video_ids=list(video_ids))
    return {row["video_id"]: row["position"] for row in rows}


async def times(tx: Transaction, user_id: int, video_ids: Sequence[int]) -> dict[int, int]:
    """When a user watched those of the videos that are in the user's history (ms)."""
    if not video_ids:
        return {}
    rows = await tx.all(_TIMES, user_id=user_id, video_ids=list(video_ids))
    return {row["video_id"]: row["updated_ms"] for row in rows}


async def forget(tx: Transaction, user_id: int, video_id: int) -> None:
    """Take one video out of a user's history."""
    await tx.run(_FORGET, user_id=user_id, video_id=video_id)


async def forget_before(tx: Transaction, user_id: int, before_ms: int) -> None:
    """Take what was last watched before a time out of a user's history."""
    await tx.run(_FORGET_BEFORE, user_id=user_id, before_ms=before_ms)


async def expire(tx: Transaction, before_ms: int) -> int:
    """Remove what anybody last watched before a time; how many rows."""
    return await tx.run(_EXPIRE, before_ms=before_ms)


async def trim(tx: Transaction) -> int:
    """Remove what is beyond `MOST_OF_USER`; how many rows."""
    return await tx.run(_TRIM, most=MOST_OF_USER)
