"""Rows of likes and dislikes. The counters of a video are columns of it; both change in one transaction."""

from peertube.model.videos import Rating
from peertube.storage import videos
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_OF = Query("select rating from ratings where user_id = :user_id and video_id = :video_id")
_PUT = Query(
    """
    insert into ratings (user_id, video_id, rating, updated_ms) values (:user_id, :video_id, :rating, :updated_ms)
    on conflict (user_id, video_id) do update set rating = excluded.rating, updated_ms = excluded.updated_ms
    """
)
_REMOVE = Query("delete from ratings where user_id = :user_id and video_id = :video_id")


async def of(tx: Transaction, user_id: int, video_id: int) -> Rating:
    """What a user thinks of a video."""
    row = await tx.maybe(_OF, user_id=user_id, video_id=video_id)
    return Rating.NONE if row is None else Rating(row["rating"])


async def put(tx: Transaction, user_id: int, video_id: int, rating: Rating, now_ms: int) -> tuple[int, int]:
    """Note what a user thinks of a video, and count it; by how much its (likes, dislikes) changed."""
    before = await of(tx, user_id, video_id)
    if before is rating:
        return 0, 0
    if rating is Rating.NONE:
        await tx.run(_REMOVE, user_id=user_id, video_id=video_id)
    else:
        await tx.run(_PUT, user_id=user_id, video_id=video_id, rating=int(rating), updated_ms=now_ms)
    likes = int(rating is Rating.LIKE) - int(before is Rating.LIKE)
    dislikes = int(rating is Rating.DISLIKE) - int(before is Rating.DISLIKE)
    await videos.add_to_ratings(tx, video_id, likes=likes, dislikes=dislikes)
    return likes, dislikes
