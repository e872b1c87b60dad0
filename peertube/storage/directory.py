"""What there is to discover, counted over all public videos; and the newest videos of some channels."""

from collections.abc import Sequence

from peertube.model.channels import Channel
from peertube.model.directory import Directory
from peertube.model.pages import Listing, Window
from peertube.model.videos import Video
from peertube.storage import channels, video_rows
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_LISTED = Query(
    """
    from videos v
    where v.privacy = 1 and v.state = 1 and v.host not in (select host from pods where state <> 'friend')
    """
)
_CATEGORIES = (
    Query("select v.category as name, count(*) as videos")
    + _LISTED
    + Query("and v.category is not null group by v.category order by 2 desc, 1")
)
_LANGUAGES = (
    Query("select v.language as name, count(*) as videos")
    + _LISTED
    + Query("and v.language is not null group by v.language order by 2 desc, 1 limit :count")
)
_TAGS = Query(
    """
    select min(t.tag) as name, count(*) as videos from video_tags t join videos v on v.id = t.video_id
    where v.privacy = 1 and v.state = 1 and v.host not in (select host from pods where state <> 'friend')
    group by t.folded order by 2 desc, 1 limit :count
    """
)
_SHELVES = Query("select directory, count(*) as channels from channels where directory is not null group by directory")
_ACTIVE = (
    Query("select v.channel_id, max(v.published_ms) as published_ms")
    + _LISTED
    + Query("group by v.channel_id order by 2 desc, 1 limit :count")
)
_COLUMNS = Query(
    """
    select id, uuid, host, account_id, name, display_name, description, support, created_ms, updated_ms, avatar,
        avatar_ms, banner, banner_ms, followers, directory
    """
)
_BY_IDS = _COLUMNS + Query("from channels where id in $list(ids)")
_ON_SHELF = Query("from channels where directory = :directory")
_IN_ORDER = Query("order by followers desc, id limit :count offset :start")
_NEWEST = (
    Query(
        """
        select id, channel_id from (
            select v.id, v.channel_id,
                row_number() over (partition by v.channel_id order by v.published_ms desc, v.id desc) as place
        """
    )
    + _LISTED
    + Query("and v.channel_id in $list(ids)) ranked where place <= :each order by place")
)


async def overview(tx: Transaction, *, tags: int, languages: int, active: int) -> Directory:
    """Everything counted; at most so many tags, languages and active channels."""
    ids = [row["channel_id"] for row in await tx.all(_ACTIVE, count=active)]
    found = {row["id"]: channels.load(row) for row in await tx.all(_BY_IDS, ids=ids)}
    return Directory(
        categories={row["name"]: row["videos"] for row in await tx.all(_CATEGORIES)},
        languages={row["name"]: row["videos"] for row in await tx.all(_LANGUAGES, count=languages)},
        tags={row["name"]: row["videos"] for row in await tx.all(_TAGS, count=tags)},
        shelves={row["directory"]: row["channels"] for row in await tx.all(_SHELVES)},
        active=[found[channel_id] for channel_id in ids if channel_id in found],
    )


async def on_shelf(tx: Transaction, directory: int, window: Window) -> Listing[Channel]:
    """The channels under a category of the directory, those with the most followers first."""
    total = await tx.one(Query("select count(*) as total") + _ON_SHELF, directory=directory)
    rows = await tx.all(_COLUMNS + _ON_SHELF + _IN_ORDER, directory=directory, count=window.count, start=window.start)
    return Listing(total=int(total["total"]), items=[channels.load(row) for row in rows])


async def newest(tx: Transaction, channel_ids: Sequence[int], each: int) -> dict[int, list[Video]]:
    """The newest public videos of each channel."""
    rows = await tx.all(_NEWEST, ids=list(channel_ids), each=each)
    videos = await video_rows.by_ids(tx, [row["id"] for row in rows])
    found: dict[int, list[Video]] = {channel_id: [] for channel_id in channel_ids}
    for row in rows:
        found[row["channel_id"]].append(videos[row["id"]])
    return found
