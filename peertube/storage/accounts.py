"""Accounts: who publishes, here (host LOCAL) and on other pods."""

from collections.abc import Sequence

from peertube.model.accounts import LOCAL, Account
from peertube.model.actor_images import ActorImage
from peertube.storage import followings
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """select id, uuid, host, user_id, name, display_name, description, created_ms, updated_ms, avatar, avatar_ms,
    followers, following from accounts"""
)
_BY_ID = _SELECT + Query("where id = :id")
_BY_UUID = _SELECT + Query("where host = :host and uuid = :uuid")
_BY_IDS = _SELECT + Query("where id in $list(ids)")
_BY_NAME = _SELECT + Query("where host = :host and name = :name order by id limit 1")
_WINDOW = _SELECT + Query("order by id desc limit :count offset :start")
_COUNT = Query("select count(*) as total from accounts")
_ADD = Query(
    """insert into accounts (uuid, host, user_id, name, display_name, description, created_ms, updated_ms)
    values (:uuid, :host, :user_id, :name, :display_name, :description, :created_ms, :updated_ms)
    returning id"""
)
_UPDATE = Query(
    """update accounts set display_name = :display_name, description = :description, updated_ms = :updated_ms
    where id = :id"""
)
_UPDATE_REMOTE = Query(
    """update accounts set name = :name, display_name = :display_name, description = :description,
    updated_ms = :updated_ms where id = :id and host <> ''"""
)
_REMOVE = Query("delete from accounts where id = :id")
_REMOVE_OF_HOST = Query("delete from accounts where host = :host and host <> ''")


def load(row: Row, prefix: str = "") -> Account:
    """The account of a row; `prefix` is what the names of its columns begin with."""
    return Account(
        id=row[f"{prefix}id"],
        uuid=row[f"{prefix}uuid"],
        host=row[f"{prefix}host"],
        user_id=row[f"{prefix}user_id"],
        name=row[f"{prefix}name"],
        display_name=row[f"{prefix}display_name"],
        description=row[f"{prefix}description"],
        created_ms=row[f"{prefix}created_ms"],
        updated_ms=row[f"{prefix}updated_ms"],
        avatar=image(row[f"{prefix}avatar"], row[f"{prefix}avatar_ms"]),
        followers=row[f"{prefix}followers"],
        following=row[f"{prefix}following"],
    )


def image(stem: str | None, created_ms: int | None) -> ActorImage | None:
    """The picture of two columns."""
    return None if stem is None else ActorImage(stem, created_ms or 0)


async def add(
    tx: Transaction,
    *,
    uuid: str,
    host: str,
    user_id: int | None,
    name: str,
    display_name: str,
    description: str | None,
    created_ms: int,
    updated_ms: int,
) -> int:
    """Store an account; its id. `UniqueViolation` when the origin's uuid, or the name here, exists already."""
    row = await tx.one(
        _ADD,
        uuid=uuid,
        host=host,
        user_id=user_id,
        name=name,
        display_name=display_name,
        description=description,
        created_ms=created_ms,
        updated_ms=updated_ms,
    )
    return int(row["id"])


async def by_id(tx: Transaction, account_id: int) -> Account | None:
    """The account with this id."""
    row = await tx.maybe(_BY_ID, id=account_id)
    return None if row is None else load(row)


async def by_ids(tx: Transaction, account_ids: Sequence[int]) -> dict[int, Account]:
    """Those of the accounts that are there, by id."""
    rows = await tx.all(_BY_IDS, ids=list(account_ids))
    return {row["id"]: load(row) for row in rows}


async def by_uuid(tx: Transaction, host: str, uuid: str) -> Account | None:
    """The account that its origin knows by `uuid`."""
    row = await tx.maybe(_BY_UUID, host=host, uuid=uuid)
    return None if row is None else load(row)


async def by_name(tx: Transaction, host: str, name: str) -> Account | None:
    """The account of this name on `host`; the oldest, should the other pod have given a name twice."""
    row = await tx.maybe(_BY_NAME, host=host, name=name)
    return None if row is None else load(row)


async def local_by_name(tx: Transaction, name: str) -> Account | None:
    """The account of this name on this pod."""
    return await by_name(tx, LOCAL, name)


async def listing(tx: Transaction, start: int, count: int) -> list[Account]:
    """Accounts here and elsewhere, newest first."""
    return [load(row) for row in await tx.all(_WINDOW, start=start, count=count)]


async def total(tx: Transaction) -> int:
    """How many accounts are known, here and elsewhere."""
    return int((await tx.one(_COUNT))["total"])


async def update(
    tx: Transaction, account_id: int, *, display_name: str, description: str | None, updated_ms: int
) -> bool:
    """Set what an account says of itself; whether there is such an account."""
    changed = await tx.run(
        _UPDATE, id=account_id, display_name=display_name, description=description, updated_ms=updated_ms
    )
    return changed == 1


async def update_remote(
    tx: Transaction, account_id: int, *, name: str, display_name: str, description: str | None, updated_ms: int
) -> bool:
    """Set what another pod says of its account; whether there is such an account that is not ours."""
    changed = await tx.run(
        _UPDATE_REMOTE,
        id=account_id,
        name=name,
        display_name=display_name,
        description=description,
        updated_ms=updated_ms,
    )
    return changed == 1


async def remove(tx: Transaction, account_id: int) -> bool:
    """Remove an account with its channels and videos; whether it was there."""
    following = await followings.of_account(tx, account_id)
    removed = await tx.run(_REMOVE, id=account_id)
    await followings.count(tx, following)
    return removed == 1


async def remove_of_host(tx: Transaction, host: str) -> int:
    """Remove all accounts of another pod with their channels and videos; how many there were."""
    following = await followings.of_host(tx, host)
    removed = await tx.run(_REMOVE_OF_HOST, host=host)
    await followings.count(tx, following)
    return removed
