"""Several objects at once, as friendship needs them: ours to tell of, theirs to clear away."""

from collections.abc import Collection

from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.videos import VideoDetails
from peertube.storage import accounts, channels, video_files
from peertube.storage.database import Transaction
from peertube.storage.query import Query
from peertube.storage.video_rows import COLUMNS, SOURCES, records

_ACCOUNTS = Query(
    """
    select id, uuid, host, user_id, name, display_name, description, created_ms, updated_ms, avatar, avatar_ms,
        followers, following
    from accounts where host = '' and uuid in $list(uuids)
    """
)
_CHANNELS = Query(
    """
    select c.id, c.uuid, c.host, c.account_id, c.name, c.display_name, c.description, c.support, c.created_ms,
        c.updated_ms, c.avatar, c.avatar_ms, c.banner, c.banner_ms, c.followers, c.directory, a.uuid as owner_uuid
    from channels c join accounts a on a.id = c.account_id
    where c.host = '' and c.uuid in $list(uuids)
    """
)
_PUBLIC_VIDEOS = (
    COLUMNS + SOURCES + Query("where v.host = '' and v.privacy = 1 and v.state = 1 and v.uuid in $list(uuids)")
)
_OF_CHANNEL = Query("select thumbnail_name from videos where channel_id = :channel_id and thumbnail_name is not null")
_OF_ACCOUNT = Query(
    """
    select v.thumbnail_name from videos v join channels c on c.id = v.channel_id
    where c.account_id = :account_id and v.thumbnail_name is not null
    """
)


_OUR_UUIDS = {
    "author": Query("select uuid from accounts where host = '' and uuid > :after order by uuid limit :count"),
    "channel": Query("select uuid from channels where host = '' and uuid > :after order by uuid limit :count"),
    "video": Query(
        """
        select uuid from videos where host = '' and privacy = 1 and state = 1 and uuid > :after
        order by uuid limit :count
        """
    ),
}
_STRAYS = {
    "author": Query("select uuid from accounts where host = :host and uuid > :after and uuid not in $list(uuids)"),
    "channel": Query("select uuid from channels where host = :host and uuid > :after and uuid not in $list(uuids)"),
    "video": Query("select uuid from videos where host = :host and uuid > :after and uuid not in $list(uuids)"),
}
_UNTIL = Query("and uuid <= :until")


_MOVES = (
    Query("update accounts set host = :new where host = :old"),
    Query("update channels set host = :new where host = :old"),
    Query("update videos set host = :new where host = :old"),
    Query("update abuses set host = :new where host = :old"),
    Query("update abuses set video_host = :new where video_host = :old"),
    Query("update counted_events set host = :new where host = :old"),
)


async def move(tx: Transaction, old: str, new: str) -> None:
    """What came from the pod `old` comes from `new`."""
    for query in _MOVES:
        await tx.run(query, old=old, new=new)


async def our_uuids(tx: Transaction, kind: str, after: str, count: int) -> list[str]:
    """The first uuids after `after` of our authors, channels or public videos (``author``, ``channel``, ``video``)."""
    return [row["uuid"] for row in await tx.all(_OUR_UUIDS[kind], after=after, count=count)]


async def strays(
    tx: Transaction, kind: str, host: str, after: str, until: str | None, uuids: Collection[str]
) -> list[str]:  # fmt: skip
    """The uuids of what we have of `host` in the range (`after`, `until`], and which are not among `uuids`."""
    if until is None:
        rows = await tx.all(_STRAYS[kind], host=host, after=after, uuids=list(uuids))
    else:
        rows = await tx.all(_STRAYS[kind] + _UNTIL, host=host, after=after, uuids=list(uuids), until=until)
    return [row["uuid"] for row in rows]


async def our_accounts(tx: Transaction, uuids: Collection[str]) -> dict[str, Account]:
    """Those of our accounts, by uuid."""
    return {row["uuid"]: accounts.load(row) for row in await tx.all(_ACCOUNTS, uuids=list(uuids))}


async def our_channels(tx: Transaction, uuids: Collection[str]) -> dict[str, tuple[Channel, str]]:
    """Those of our channels, each with the uuid of its owner, by uuid."""
    rows = await tx.all(_CHANNELS, uuids=list(uuids))
    return {row["uuid"]: (channels.load(row), row["owner_uuid"]) for row in rows}


async def our_public_videos(tx: Transaction, uuids: Collection[str]) -> dict[str, VideoDetails]:
    """Those of our videos that friends may know, by uuid."""
    videos = records(await tx.all(_PUBLIC_VIDEOS, uuids=list(uuids)))
    files = await video_files.of_videos(tx, [video.id for video in videos])
    return {video.uuid: VideoDetails(video=video, files=files.get(video.id, ())) for video in videos}


async def thumbnails_of_channel(tx: Transaction, channel_id: int) -> list[str]:
    """The names of the thumbnails of a channel's videos."""
    return [row["thumbnail_name"] for row in await tx.all(_OF_CHANNEL, channel_id=channel_id)]


async def thumbnails_of_account(tx: Transaction, account_id: int) -> list[str]:
    """The names of the thumbnails of all videos of an account."""
    return [row["thumbnail_name"] for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]
