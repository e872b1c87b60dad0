"""The videos of channels taken together: numbers, and what is said of all of them at once."""

from collections.abc import Sequence

from peertube.model.channels import ChannelStats
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_STATS = Query(
    """
    select v.channel_id, count(*) as videos, coalesce(sum(v.views), 0) as views from videos v
    where v.channel_id in $list(ids) group by v.channel_id
    """
)
_VIEWS_PER_DAY = Query(
    """
    select v.channel_id, w.day, sum(w.views) as views from video_views w join videos v on v.id = w.video_id
    where v.channel_id in $list(ids) and w.day > :since group by v.channel_id, w.day order by w.day
    """
)
_SET_SUPPORT = Query(
    """
    update videos set support = :support, version = version + 1, updated_ms = :now_ms
    where channel_id = :channel_id and host = ''
    """
)
_SHARED = Query(
    "select uuid, version from videos where channel_id = :channel_id and host = '' and privacy = 1 and state = 1"
)


async def stats(tx: Transaction, channel_ids: Sequence[int], since_day: int) -> dict[int, ChannelStats]:
    """Videos and views of channels; the views of each day after `since_day` (days since 1970)."""
    per_day: dict[int, dict[int, int]] = {channel_id: {} for channel_id in channel_ids}
    for row in await tx.all(_VIEWS_PER_DAY, ids=list(channel_ids), since=since_day):
        per_day[row["channel_id"]][row["day"]] = int(row["views"])
    counted = {row["channel_id"]: row for row in await tx.all(_STATS, ids=list(channel_ids))}
    return {
        channel_id: ChannelStats(
            videos=counted[channel_id]["videos"] if channel_id in counted else 0,
            views=int(counted[channel_id]["views"]) if channel_id in counted else 0,
            per_day=per_day[channel_id],
        )
        for channel_id in channel_ids
    }


async def set_support(tx: Transaction, channel_id: int, support: str | None, now_ms: int) -> list[tuple[str, int]]:
    """Give all videos of a channel the same support text; UUID and version of those that friends were told of."""
    await tx.run(_SET_SUPPORT, channel_id=channel_id, support=support, now_ms=now_ms)
    return [(row["uuid"], row["version"]) for row in await tx.all(_SHARED, channel_id=channel_id)]
