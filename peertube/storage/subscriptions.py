"""Rows of what users follow. How many follow a channel or an account is a column of it and changes with the rows."""

from collections.abc import Sequence

from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.pages import Window
from peertube.model.subscriptions import FollowedTag, Follower
from peertube.policy.folding import fold
from peertube.storage import accounts, channels, followings
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into subscriptions (user_id, channel_id, account_id, tag, folded, created_ms)
    values (:user_id, :channel_id, :account_id, :tag, :folded, :created_ms) on conflict do nothing
    """
)
_REMOVE_CHANNEL = Query("delete from subscriptions where user_id = :user_id and channel_id = :channel_id")
_REMOVE_ACCOUNT = Query("delete from subscriptions where user_id = :user_id and account_id = :account_id")
_REMOVE_TAG = Query("delete from subscriptions where user_id = :user_id and folded = :folded")
_REMOVE_ALL = Query("delete from subscriptions where user_id = :user_id")
_MORE_OF_CHANNEL = Query("update channels set followers = followers + :change where id = :id")
_MORE_OF_ACCOUNT = Query("update accounts set followers = followers + :change where id = :id")
_FEWER_OF_CHANNELS = Query(
    """
    update channels set followers = followers - 1
    where id in (select channel_id from subscriptions where user_id = :user_id and channel_id is not null)
    """
)
_FEWER_OF_ACCOUNTS = Query(
    """
    update accounts set followers = followers - 1
    where id in (select account_id from subscriptions where user_id = :user_id and account_id is not null)
    """
)
_COUNT = Query("select count(*) as total from subscriptions where user_id = :user_id")

_TO_CHANNELS = Query(
    """
    from subscriptions s join channels c on c.id = s.channel_id join accounts a on a.id = c.account_id
    where s.user_id = :user_id
    """
)
_NAMED = Query("and (lower(c.display_name) like :pattern escape '!' or c.name like :pattern escape '!')")
_TO_ACCOUNTS = Query(
    """
    from subscriptions s join accounts a on a.id = s.account_id where s.user_id = :user_id
    """
)
_TAGS = Query(
    """
    select tag, created_ms from subscriptions where user_id = :user_id and folded is not null
    order by created_ms desc, id desc
    """
)
_HANDLES = Query(
    """
    select c.host, c.name from subscriptions s join channels c on c.id = s.channel_id
    where s.user_id = :user_id and c.name in $list(names)
    """
)
_FOLLOWS_CHANNEL = Query("select id from subscriptions where user_id = :user_id and channel_id = :channel_id")
_FOLLOWS_ACCOUNT = Query("select id from subscriptions where user_id = :user_id and account_id = :account_id")
_FOLLOWS_TAG = Query("select id from subscriptions where user_id = :user_id and folded = :folded")

_FOLLOWERS = Query(
    """
    from subscriptions s
    join users u on u.id = s.user_id join accounts f on f.user_id = u.id
    left join channels c on c.id = s.channel_id
    join accounts a on a.id = coalesce(s.account_id, c.account_id)
    """
)
_OF_CHANNEL = Query("where s.channel_id = :channel_id")
_OF_ACCOUNT = Query("where (s.account_id = :account_id or c.account_id = :account_id)")
_SEARCHED = Query("and (f.name like :pattern escape '!' or lower(f.display_name) like :pattern escape '!')")
_TOTAL = Query("select count(*) as total")
_LIMIT = Query("limit :count offset :start")
_ORDER = {
    "id": Query("order by s.id"),
    "-id": Query("order by s.id desc"),
    "createdAt": Query("order by s.created_ms, s.id"),
    "-createdAt": Query("order by s.created_ms desc, s.id desc"),
}
SORTS = frozenset(_ORDER)
"""The orders in which subscriptions and followers can be listed."""

_CHANNEL_COLUMNS = Query(
    """c.id as channel_id, c.uuid as channel_uuid, c.host as channel_host, c.name as channel_name,
    c.display_name as channel_display_name, c.description as channel_description, c.support as channel_support,
    c.created_ms as channel_created_ms, c.updated_ms as channel_updated_ms, c.avatar as channel_avatar,
    c.avatar_ms as channel_avatar_ms, c.banner as channel_banner, c.banner_ms as channel_banner_ms,
    c.followers as channel_followers, c.directory as channel_directory"""
)
_ACCOUNT_COLUMNS = Query(
    """a.id as account_id, a.uuid as account_uuid, a.host as account_host, a.user_id as account_user_id,
    a.name as account_name, a.display_name as account_display_name, a.description as account_description,
    a.created_ms as account_created_ms, a.updated_ms as account_updated_ms, a.avatar as account_avatar,
    a.avatar_ms as account_avatar_ms, a.followers as account_followers, a.following as account_following"""
)
_FOLLOWER_COLUMNS = Query(
    """f.id as follower_id, f.uuid as follower_uuid, f.host as follower_host, f.user_id as follower_user_id,
    f.name as follower_name, f.display_name as follower_display_name, f.description as follower_description,
    f.created_ms as follower_created_ms, f.updated_ms as follower_updated_ms, f.avatar as follower_avatar,
    f.avatar_ms as follower_avatar_ms, f.followers as follower_followers, f.following as follower_following,
    s.id as subscription_id, s.created_ms as subscription_ms"""
)
_SELECT, _COMMA = Query("select"), Query(",")


async def add(
    tx: Transaction,
    user_id: int,
    now_ms: int,
    *,
    channel_id: int | None = None,
    account_id: int | None = None,
    tag: str | None = None,
) -> bool:
    """Let a user follow one channel, account or tag; whether that is new."""
    added = await tx.run(
        _ADD,
        user_id=user_id,
        channel_id=channel_id,
        account_id=account_id,
        tag=tag,
        folded=None if tag is None else fold(tag),
        created_ms=now_ms,
    )
    if added:
        await _count(tx, user_id, 1, channel_id, account_id)
    return added == 1


async def remove(
    tx: Transaction,
    user_id: int,
    *,
    channel_id: int | None = None,
    account_id: int | None = None,
    tag: str | None = None,
) -> bool:
    """Let a user follow a channel, account or tag no more; whether the user did."""
    if channel_id is not None:
        removed = await tx.run(_REMOVE_CHANNEL, user_id=user_id, channel_id=channel_id)
    elif account_id is not None:
        removed = await tx.run(_REMOVE_ACCOUNT, user_id=user_id, account_id=account_id)
    else:
        removed = await tx.run(_REMOVE_TAG, user_id=user_id, folded=fold(tag or ""))
    if removed:
        await _count(tx, user_id, -1, channel_id, account_id)
    return removed == 1


async def forget_user(tx: Transaction, user_id: int) -> None:
    """Before a user goes: nothing is followed by the user any more."""
    await tx.run(_FEWER_OF_CHANNELS, user_id=user_id)
    await tx.run(_FEWER_OF_ACCOUNTS, user_id=user_id)
    await tx.run(_REMOVE_ALL, user_id=user_id)


async def total(tx: Transaction, user_id: int) -> int:
    """How much a user follows in all."""
    return int((await tx.one(_COUNT, user_id=user_id))["total"])


async def follows(
    tx: Transaction, user_id: int, *, channel_id: int | None = None, account_id: int | None = None, tag: str = ""
) -> bool:
    """Whether a user follows a channel, account or tag."""
    if channel_id is not None:
        return await tx.maybe(_FOLLOWS_CHANNEL, user_id=user_id, channel_id=channel_id) is not None
    if account_id is not None:
        return await tx.maybe(_FOLLOWS_ACCOUNT, user_id=user_id, account_id=account_id) is not None
    return await tx.maybe(_FOLLOWS_TAG, user_id=user_id, folded=fold(tag)) is not None


async def followed_handles(tx: Transaction, user_id: int, names: Sequence[str]) -> set[tuple[str, str]]:
    """Host and name of those channels with one of the names that a user follows."""
    rows = await tx.all(_HANDLES, user_id=user_id, names=list(names))
    return {(row["host"], row["name"]) for row in rows}


async def followed_channels(
    tx: Transaction, user_id: int, window: Window, search: str | None
) -> tuple[list[tuple[Channel, Account]], int | None]:
    """The channels of a window of what a user follows, with their owners; and how many there are."""
    where = _TO_CHANNELS + (_NAMED if search else Query(""))
    given: dict[str, object] = {"user_id": user_id, **({"pattern": _pattern(search)} if search else {})}
    count = None if window.skip_count else int((await tx.one(_TOTAL + where, **given))["total"])
    query = _SELECT + _CHANNEL_COLUMNS + _COMMA + _ACCOUNT_COLUMNS + where + _ORDER[window.sort] + _LIMIT
    rows = await tx.all(query, **given, count=window.count, start=window.start)
    return [(channels.load(row, "channel_"), accounts.load(row, "account_")) for row in rows], count


async def followed_accounts(tx: Transaction, user_id: int, window: Window) -> tuple[list[Account], int | None]:
    """The accounts (authors) of a window of what a user follows, and how many there are."""
    count = None
    if not window.skip_count:
        count = int((await tx.one(_TOTAL + _TO_ACCOUNTS, user_id=user_id))["total"])
    query = _SELECT + _ACCOUNT_COLUMNS + _TO_ACCOUNTS + _ORDER[window.sort] + _LIMIT
    rows = await tx.all(query, user_id=user_id, count=window.count, start=window.start)
    return [accounts.load(row, "account_") for row in rows], count


async def followed_tags(tx: Transaction, user_id: int) -> list[FollowedTag]:
    """The tags that a user follows, newest first."""
    return [FollowedTag(row["tag"], row["created_ms"]) for row in await tx.all(_TAGS, user_id=user_id)]


async def followers(
    tx: Transaction,
    window: Window,
    search: str | None,
    *,
    channel_id: int | None = None,
    account_id: int | None = None,
) -> tuple[list[Follower], int | None]:
    """A window of those who follow a channel, or an account and all its channels; and how many there are."""
    where = _FOLLOWERS + (_OF_ACCOUNT if channel_id is None else _OF_CHANNEL) + (_SEARCHED if search else Query(""))
    given: dict[str, object] = {"account_id": account_id} if channel_id is None else {"channel_id": channel_id}
    if search:
        given["pattern"] = _pattern(search)
    count = None if window.skip_count else int((await tx.one(_TOTAL + where, **given))["total"])
    columns = _FOLLOWER_COLUMNS + _COMMA + _CHANNEL_COLUMNS + _COMMA + _ACCOUNT_COLUMNS
    query = _SELECT + columns + where + _ORDER[window.sort] + _LIMIT
    rows = await tx.all(query, **given, count=window.count, start=window.start)
    found = [
        Follower(
            id=row["subscription_id"],
            account=accounts.load(row, "follower_"),
            channel=None if row["channel_id"] is None else channels.load(row, "channel_"),
            followed=accounts.load(row, "account_"),
            created_ms=row["subscription_ms"],
        )
        for row in rows
    ]
    return found, count


async def _count(tx: Transaction, user_id: int, change: int, channel_id: int | None, account_id: int | None) -> None:
    if channel_id is not None:
        await tx.run(_MORE_OF_CHANNEL, id=channel_id, change=change)
    if account_id is not None:
        await tx.run(_MORE_OF_ACCOUNT, id=account_id, change=change)
    await followings.count(tx, [user_id])


def _pattern(search: str | None) -> str:
    text = (search or "").lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{text}%"
