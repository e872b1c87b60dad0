"""Channels: what accounts publish videos in, here (host LOCAL) and on other pods."""

from peertube.model.accounts import LOCAL
from peertube.model.channels import Channel
from peertube.model.pages import Listing, Window
from peertube.storage import followings, jobs, search_index
from peertube.storage.accounts import image
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """select id, uuid, host, account_id, name, display_name, description, support, created_ms, updated_ms, avatar,
    avatar_ms, banner, banner_ms, followers, directory from channels"""
)
_BY_ID = _SELECT + Query("where id = :id")
_BY_IDS = _SELECT + Query("where id in $list(ids)")
_BY_UUID = _SELECT + Query("where host = :host and uuid = :uuid")
_BY_NAME = _SELECT + Query("where host = :host and name = :name order by id limit 1")
_OF_ACCOUNT = _SELECT + Query("where account_id = :account_id order by id")
_OF_ACCOUNTS = _SELECT + Query("where account_id in $list(account_ids) order by id")
_COUNT = Query("select count(*) as total from channels")
_COUNT_OF_ACCOUNT = Query("select count(*) as total from channels where account_id = :account_id")
_ADD = Query(
    """insert into channels
    (uuid, host, account_id, name, display_name, description, support, created_ms, updated_ms)
    values (:uuid, :host, :account_id, :name, :display_name, :description, :support, :created_ms, :updated_ms)
    returning id"""
)
_UPDATE = Query(
    """update channels set display_name = :display_name, description = :description, support = :support,
    updated_ms = :updated_ms where id = :id"""
)
_RENAME = Query("update channels set name = :name where id = :id")
_REMOVE = Query("delete from channels where id = :id")
_LIMIT = Query("limit :count offset :start")
_ORDER = {
    "id": Query("order by id"),
    "-id": Query("order by id desc"),
    "name": Query("order by name, id"),
    "-name": Query("order by name desc, id desc"),
    "createdAt": Query("order by created_ms, id"),
    "-createdAt": Query("order by created_ms desc, id desc"),
    "updatedAt": Query("order by updated_ms, id"),
    "-updatedAt": Query("order by updated_ms desc, id desc"),
}
_SEARCHED = Query("and (lower(display_name) like :pattern escape '!' or name like :pattern escape '!')")
_OF_OWNER = Query("where account_id = :account_id")
_OR_TAKES_PART = Query(
    """
    where (account_id = :account_id or id in (
        select channel_id from collaborators where account_id = :account_id and state = 2
    ))
    """
)
_SET_DIRECTORY = Query("update channels set directory = :directory where id = :id")
SORTS = frozenset(_ORDER)
"""The orders in which channels can be listed."""


def load(row: Row, prefix: str = "") -> Channel:
    """The channel of a row; `prefix` is what the names of its columns begin with (but that of its account)."""
    return Channel(
        id=row[f"{prefix}id"],
        uuid=row[f"{prefix}uuid"],
        host=row[f"{prefix}host"],
        account_id=row["account_id"],
        name=row[f"{prefix}name"],
        display_name=row[f"{prefix}display_name"],
        description=row[f"{prefix}description"],
        support=row[f"{prefix}support"],
        created_ms=row[f"{prefix}created_ms"],
        updated_ms=row[f"{prefix}updated_ms"],
        avatar=image(row[f"{prefix}avatar"], row[f"{prefix}avatar_ms"]),
        banner=image(row[f"{prefix}banner"], row[f"{prefix}banner_ms"]),
        followers=row[f"{prefix}followers"],
        directory=row[f"{prefix}directory"],
    )


async def add(
    tx: Transaction,
    *,
    uuid: str,
    host: str,
    account_id: int,
    name: str,
    display_name: str,
    description: str | None,
    support: str | None,
    created_ms: int,
    updated_ms: int,
) -> int:
    """Store a channel; its id. `UniqueViolation` when the origin's uuid, or the name here, exists already."""
    row = await tx.one(
        _ADD,
        uuid=uuid,
        host=host,
        account_id=account_id,
        name=name,
        display_name=display_name,
        description=description,
        support=support,
        created_ms=created_ms,
        updated_ms=updated_ms,
    )
    await search_index.index_channels(tx, [row["id"]])
    return int(row["id"])


async def by_id(tx: Transaction, channel_id: int) -> Channel | None:
    """The channel with this id."""
    row = await tx.maybe(_BY_ID, id=channel_id)
    return None if row is None else load(row)


async def by_ids(tx: Transaction, channel_ids: list[int]) -> list[Channel]:
    """The channels with these ids, in this order; those that are gone are left out."""
    if not channel_ids:
        return []
    found = {row["id"]: load(row) for row in await tx.all(_BY_IDS, ids=channel_ids)}
    return [found[channel_id] for channel_id in channel_ids if channel_id in found]


async def by_uuid(tx: Transaction, host: str, uuid: str) -> Channel | None:
    """The channel that its origin knows by `uuid`."""
    row = await tx.maybe(_BY_UUID, host=host, uuid=uuid)
    return None if row is None else load(row)


async def by_name(tx: Transaction, host: str, name: str) -> Channel | None:
    """The channel of this name on `host`; the oldest, should the other pod have given a name twice."""
    row = await tx.maybe(_BY_NAME, host=host, name=name)
    return None if row is None else load(row)


async def local_by_name(tx: Transaction, name: str) -> Channel | None:
    """The channel of this name on this pod."""
    return await by_name(tx, LOCAL, name)


async def of_account(tx: Transaction, account_id: int) -> list[Channel]:
    """Every channel of an account, oldest first."""
    return [load(row) for row in await tx.all(_OF_ACCOUNT, account_id=account_id)]


async def of_accounts(tx: Transaction, account_ids: list[int]) -> dict[int, list[Channel]]:
    """The channels of several accounts, by account id, oldest first."""
    channels: dict[int, list[Channel]] = {account_id: [] for account_id in account_ids}
    for row in await tx.all(_OF_ACCOUNTS, account_ids=account_ids):
        channels[row["account_id"]].append(load(row))
    return channels


async def listing(tx: Transaction, window: Window) -> list[Channel]:
    """A window of all known channels; `window.sort` is one of `SORTS`."""
    rows = await tx.all(_SELECT + _ORDER[window.sort] + _LIMIT, start=window.start, count=window.count)
    return [load(row) for row in rows]


async def owned(
    tx: Transaction, account_id: int, window: Window, search: str | None, *, collaborations: bool
) -> Listing[Channel]:
    """A window of the channels of an account, also of those that it takes part in if asked for."""
    where = _OR_TAKES_PART if collaborations else _OF_OWNER
    given: dict[str, object] = {"account_id": account_id}
    if search:
        where += _SEARCHED
        text = search.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        given["pattern"] = f"%{text}%"
    count = None if window.skip_count else int((await tx.one(_COUNT + where, **given))["total"])
    rows = await tx.all(_SELECT + where + _ORDER[window.sort] + _LIMIT, **given, start=window.start, count=window.count)
    return Listing(total=count, items=[load(row) for row in rows])


async def set_directory(tx: Transaction, channel_id: int, directory: int | None) -> None:
    """Put a channel under a category of the directory, or under none."""
    await tx.run(_SET_DIRECTORY, id=channel_id, directory=directory)


async def total(tx: Transaction, account_id: int | None = None) -> int:
    """How many channels are known, in all or of one account."""
    if account_id is None:
        return int((await tx.one(_COUNT))["total"])
    return int((await tx.one(_COUNT_OF_ACCOUNT, account_id=account_id))["total"])


async def update(
    tx: Transaction,
    channel_id: int,
    *,
    display_name: str,
    description: str | None,
    support: str | None,
    updated_ms: int,
    name: str | None = None,
) -> bool:
    """Set what a channel says of itself, and its name when one is given; whether there is such a channel."""
    before = await by_id(tx, channel_id)
    if before is None:
        return False
    await tx.run(
        _UPDATE,
        id=channel_id,
        display_name=display_name,
        description=description,
        support=support,
        updated_ms=updated_ms,
    )
    if name is not None:
        await tx.run(_RENAME, id=channel_id, name=name)
    renamed = (before.name, before.display_name) != (name or before.name, display_name)
    if renamed or before.description != description:
        await search_index.index_channels(tx, [channel_id])
    if renamed and await search_index.has_videos(tx, channel_id):
        await search_index.forget_videos_of(tx, channel_id)
        await jobs.add(tx, search_index.INDEX_SEARCH, {}, updated_ms, run_at_ms=0)
    return True


async def remove(tx: Transaction, channel_id: int) -> bool:
    """Remove a channel with its videos; whether it was there."""
    following = await followings.of_channel(tx, channel_id)
    removed = await tx.run(_REMOVE, id=channel_id)
    await followings.count(tx, following)
    return removed == 1
