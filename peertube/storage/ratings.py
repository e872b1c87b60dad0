"""Rows of likes and dislikes. The counters of a video are columns of it; both change in one transaction."""

from peertube.model.pages import Listing, Window
from peertube.model.videos import Rating, Video
from peertube.storage import video_rows, videos
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_OF = Query("select rating from ratings where user_id = :user_id and video_id = :video_id")
_PUT = Query(
    """
    insert into ratings (user_id, video_id, rating, updated_ms) values (:user_id, :video_id, :rating, :updated_ms)
    on conflict (user_id, video_id) do update set rating = excluded.rating, updated_ms = excluded.updated_ms
    """
)
_RATED = Query(
    """
    from ratings r join videos v on v.id = r.video_id
    join channels c on c.id = v.channel_id join accounts a on a.id = c.account_id
    where r.user_id = :user_id and (v.privacy in (1, 2, 4) or a.user_id = :user_id)
    """
)
_ONLY = Query("and r.rating = :rating")
_ORDER = {
    "createdAt": Query("order by r.updated_ms, r.video_id"),
    "-createdAt": Query("order by r.updated_ms desc, r.video_id desc"),
}
SORTS = frozenset(_ORDER)
"""The orders in which what somebody rated can be listed."""

_REMOVE = Query("delete from ratings where user_id = :user_id and video_id = :video_id")


async def of(tx: Transaction, user_id: int, video_id: int) -> Rating:
    """What a user thinks of a video."""
    row = await tx.maybe(_OF, user_id=user_id, video_id=video_id)
    return Rating.NONE if row is None else Rating(row["rating"])


async def listing(tx: Transaction, user_id: int, only: Rating | None, window: Window) -> Listing[tuple[Video, Rating]]:
    """A window of what a user rated and may (still) see."""
    where = _RATED + (_ONLY if only is not None else Query(""))
    given: dict[str, object] = {"user_id": user_id, **({"rating": int(only)} if only is not None else {})}
    total = None
    if not window.skip_count:
        total = int((await tx.one(Query("select count(*) as total") + where, **given))["total"])
    rows = await tx.all(
        Query("select r.video_id, r.rating") + where + _ORDER[window.sort] + Query("limit :count offset :start"),
        **given,
        count=window.count,
        start=window.start,
    )
    rated = await video_rows.by_ids(tx, [row["video_id"] for row in rows])
    return Listing(total=total, items=[(rated[row["video_id"]], Rating(row["rating"])) for row in rows])


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
