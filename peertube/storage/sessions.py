"""Sessions: logins that live. Only hashes of what proves them are stored."""

from collections.abc import Sequence

from attrs import frozen

from peertube.model.pages import Window
from peertube.model.users import Session
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """select id, user_id, kind, token_hash, family_hash, created_ms, access_expires_ms, expires_ms, address,
    user_agent, login_ms, login_address, login_user_agent from sessions"""
)
_BY_ID = _SELECT + Query("where id = :id")
_BY_TOKEN = _SELECT + Query("where kind = :kind and token_hash = :token_hash")
_ADD = Query(
    """insert into sessions (user_id, kind, token_hash, family_hash, created_ms, access_expires_ms, expires_ms,
    address, user_agent, login_ms, login_address, login_user_agent)
    values (:user_id, :kind, :token_hash, :family_hash, :created_ms, :access_expires_ms, :expires_ms, :address,
    :user_agent, :login_ms, :login_address, :login_user_agent)
    returning id"""
)
_EXTEND = Query("update sessions set expires_ms = :expires_ms, access_expires_ms = :expires_ms where id = :id")
_REMOVE = Query("delete from sessions where id = :id")
_REMOVE_FAMILY = Query("delete from sessions where family_hash = :family_hash returning id")
_REMOVE_OF_USER = Query("delete from sessions where user_id = :user_id returning id")
_LISTING = _SELECT + Query(
    "where user_id = :user_id and expires_ms > :now_ms order by id desc limit :count offset :start"
)
_COUNT_OF_USER = Query("select count(*) as total from sessions where user_id = :user_id and expires_ms > :now_ms")
_REMOVE_OTHERS = Query("delete from sessions where user_id = :user_id and id <> :id returning id")
_REMOVE_SURPLUS = Query(
    """delete from sessions where user_id = :user_id and id not in (
        select id from sessions where user_id = :user_id order by id desc limit :keep
    ) returning id"""
)
_REMOVE_EXPIRED = Query(
    """delete from sessions where id in (
        select id from sessions where expires_ms <= :now_ms order by expires_ms limit :limit
    ) returning id"""
)


@frozen
class NewSession:
    """A session that is about to be stored."""

    user_id: int
    kind: str
    token_hash: str
    family_hash: str
    created_ms: int
    access_expires_ms: int
    expires_ms: int
    address: str
    user_agent: str
    login_ms: int | None = None
    login_address: str | None = None
    login_user_agent: str | None = None


def _session(row: Row) -> Session:
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        kind=row["kind"],
        token_hash=row["token_hash"],
        family_hash=row["family_hash"],
        created_ms=row["created_ms"],
        access_expires_ms=row["access_expires_ms"],
        expires_ms=row["expires_ms"],
        address=row["address"],
        user_agent=row["user_agent"],
        login_ms=row["login_ms"],
        login_address=row["login_address"],
        login_user_agent=row["login_user_agent"],
    )


async def add(tx: Transaction, session: NewSession) -> int:
    """Store a session; its id. `ForeignKeyViolation` when the user is gone."""
    row = await tx.one(
        _ADD,
        user_id=session.user_id,
        kind=session.kind,
        token_hash=session.token_hash,
        family_hash=session.family_hash,
        created_ms=session.created_ms,
        access_expires_ms=session.access_expires_ms,
        expires_ms=session.expires_ms,
        address=session.address,
        user_agent=session.user_agent,
        login_ms=session.login_ms,
        login_address=session.login_address,
        login_user_agent=session.login_user_agent,
    )
    return int(row["id"])


async def by_id(tx: Transaction, session_id: int) -> Session | None:
    """The session with this id."""
    row = await tx.maybe(_BY_ID, id=session_id)
    return None if row is None else _session(row)


async def by_token_hash(tx: Transaction, kind: str, token_hash: str) -> Session | None:
    """The session that a refresh token (`api`) or cookie (`page`) with this hash proves."""
    row = await tx.maybe(_BY_TOKEN, kind=kind, token_hash=token_hash)
    return None if row is None else _session(row)


async def listing(tx: Transaction, user_id: int, now_ms: int, window: Window) -> Sequence[Session]:
    """A window of the sessions of a user that are not out of date, the newest first."""
    rows = await tx.all(_LISTING, user_id=user_id, now_ms=now_ms, start=window.start, count=window.count)
    return [_session(row) for row in rows]


async def count_of_user(tx: Transaction, user_id: int, now_ms: int) -> int:
    """How many sessions of a user are not out of date."""
    return int((await tx.one(_COUNT_OF_USER, user_id=user_id, now_ms=now_ms))["total"])


async def remove_others(tx: Transaction, user_id: int, session_id: int) -> list[int]:
    """End all sessions of a user but one; their ids."""
    return [row["id"] for row in await tx.all(_REMOVE_OTHERS, user_id=user_id, id=session_id)]


async def extend(tx: Transaction, session_id: int, expires_ms: int) -> bool:
    """Let a page session live until `expires_ms`; whether it still lives."""
    return await tx.run(_EXTEND, id=session_id, expires_ms=expires_ms) == 1


async def remove(tx: Transaction, session_id: int) -> bool:
    """End one session; whether it lived."""
    return await tx.run(_REMOVE, id=session_id) == 1


async def remove_family(tx: Transaction, family_hash: str) -> list[int]:
    """End all sessions that came of one login; their ids."""
    return [row["id"] for row in await tx.all(_REMOVE_FAMILY, family_hash=family_hash)]


async def remove_of_user(tx: Transaction, user_id: int) -> list[int]:
    """End all sessions of a user; their ids."""
    return [row["id"] for row in await tx.all(_REMOVE_OF_USER, user_id=user_id)]


async def remove_surplus(tx: Transaction, user_id: int, keep: int) -> list[int]:
    """End all sessions of a user but the newest `keep`; their ids."""
    return [row["id"] for row in await tx.all(_REMOVE_SURPLUS, user_id=user_id, keep=keep)]


async def remove_expired(tx: Transaction, now_ms: int, limit: int) -> list[int]:
    """Forget at most `limit` sessions that are out of date; their ids."""
    return [row["id"] for row in await tx.all(_REMOVE_EXPIRED, now_ms=now_ms, limit=limit)]
