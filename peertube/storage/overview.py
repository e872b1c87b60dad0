"""What a pod has most of: samples for an overview."""

from attrs import frozen

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_TAGS = Query(
    """
    select min(t.tag) as tag, count(*) as videos from video_tags t join videos v on v.id = t.video_id
    where v.privacy = 1 and v.state = 1
    group by t.folded having count(*) >= :least order by videos desc, tag limit :count
    """
)
_CATEGORIES = Query(
    """
    select category, count(*) as videos from videos where privacy = 1 and state = 1 and category is not null
    group by category having count(*) >= :least order by videos desc, category limit :count
    """
)
_CHANNELS = Query(
    """
    select channel_id, count(*) as videos from videos where privacy = 1 and state = 1
    group by channel_id having count(*) >= :least order by videos desc, channel_id limit :count
    """
)


@frozen
class Samples:
    """Tags, categories and channels (their numbers) with the most public videos."""

    tags: tuple[str, ...] = ()
    categories: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()


async def samples(tx: Transaction, least: int, count: int) -> Samples:
    """At most `count` of each with at least `least` videos, those with the most first."""
    asked = {"least": least, "count": count}
    return Samples(
        tags=tuple(row["tag"] for row in await tx.all(_TAGS, **asked)),
        categories=tuple(int(row["category"]) for row in await tx.all(_CATEGORIES, **asked)),
        channels=tuple(int(row["channel_id"]) for row in await tx.all(_CHANNELS, **asked)),
    )
