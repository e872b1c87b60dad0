"""Requests for an account."""

from collections.abc import Sequence

from attrs import frozen

from peertube.model.pages import Window
from peertube.model.registrations import Registration, RegistrationState
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """select id, username, email, email_verified, password_hash, reason, display_name, channel_name,
    channel_display_name, language, state, moderation_response, user_id, created_ms, updated_ms from registrations"""
)
_BY_ID = _SELECT + Query("where id = :id")
_BY_LOGIN = _SELECT + Query(
    "where (username = :login or email = :login) and state <> 3 order by state, id desc limit 1"
)
_PENDING_BY_NAMES = Query(
    """select id from registrations where state = 1
    and (username = :username or email = :email or channel_name = :channel_name)"""
)
_PENDING_BY_EMAIL = _SELECT + Query("where state = 1 and email = :email")
_COUNT_PENDING = Query("select count(*) as total from registrations where state = 1")
_ADD = Query(
    """insert into registrations (username, email, email_verified, password_hash, reason, display_name, channel_name,
    channel_display_name, language, state, moderation_response, user_id, created_ms, updated_ms)
    values (:username, :email, 0, :password_hash, :reason, :display_name, :channel_name, :channel_display_name,
    :language, 1, null, null, :now_ms, :now_ms) returning id"""
)
_DECIDE = Query(
    """update registrations set state = :state, moderation_response = :response, user_id = :user_id,
    updated_ms = :now_ms, password_hash = '' where id = :id and state = 1"""
)
_REJECT = Query(
    """update registrations set state = 2, moderation_response = :response, updated_ms = :now_ms
    where id = :id and state = 1"""
)
_VERIFY = Query("update registrations set email_verified = 1, updated_ms = :now_ms where id = :id")
_REMOVE = Query("delete from registrations where id = :id")
_ALL = _SELECT + Query("where 1 = 1")
_COUNT = Query("select count(*) as total from registrations where 1 = 1")
_AND_SEARCH = Query(
    """and (username like :pattern escape '!' or email like :pattern escape '!'
    or lower(coalesce(channel_name, '')) like :pattern escape '!' or lower(reason) like :pattern escape '!')"""
)
_AND_STATE = Query("and state = :state")
_LIMIT = Query("limit :count offset :start")
_ORDER = {
    "createdAt": Query("order by created_ms, id"),
    "-createdAt": Query("order by created_ms desc, id desc"),
    "state": Query("order by state, id"),
    "-state": Query("order by state desc, id desc"),
}
SORTS = frozenset(_ORDER)
"""The orders in which requests can be listed."""


@frozen
class NewRegistration:
    """A request that is about to be stored."""

    username: str
    email: str
    password_hash: str
    reason: str
    display_name: str | None
    channel_name: str | None
    channel_display_name: str | None
    language: str
    now_ms: int


@frozen
class RegistrationSearch:
    """Which requests are listed: those with `text` somewhere, those in a state."""

    text: str | None = None
    state: RegistrationState | None = None


def _registration(row: Row) -> Registration:
    return Registration(
        id=row["id"],
        username=row["username"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        password_hash=row["password_hash"],
        reason=row["reason"],
        display_name=row["display_name"],
        channel_name=row["channel_name"],
        channel_display_name=row["channel_display_name"],
        language=row["language"],
        state=RegistrationState(row["state"]),
        moderation_response=row["moderation_response"],
        user_id=row["user_id"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
    )


async def add(tx: Transaction, new: NewRegistration) -> int:
    """Store a request; its id. `UniqueViolation` when one for the name or the address waits already."""
    row = await tx.one(
        _ADD,
        username=new.username,
        email=new.email,
        password_hash=new.password_hash,
        reason=new.reason,
        display_name=new.display_name,
        channel_name=new.channel_name,
        channel_display_name=new.channel_display_name,
        language=new.language,
        now_ms=new.now_ms,
    )
    return int(row["id"])


async def by_id(tx: Transaction, registration_id: int) -> Registration | None:
    """The request with this id."""
    row = await tx.maybe(_BY_ID, id=registration_id)
    return None if row is None else _registration(row)


async def by_login(tx: Transaction, login: str) -> Registration | None:
    """The request, waiting or rejected, of this name or e-mail address (lower case); one that waits goes first."""
    row = await tx.maybe(_BY_LOGIN, login=login)
    return None if row is None else _registration(row)


async def pending_by_email(tx: Transaction, email: str) -> Registration | None:
    """The waiting request of this e-mail address (lower case)."""
    row = await tx.maybe(_PENDING_BY_EMAIL, email=email)
    return None if row is None else _registration(row)


async def is_taken(tx: Transaction, username: str, email: str, channel_name: str | None) -> bool:
    """Whether a request waits for one of these names or this address."""
    row = await tx.all(_PENDING_BY_NAMES, username=username, email=email, channel_name=channel_name)
    return bool(row)


async def count_pending(tx: Transaction) -> int:
    """How many wait."""
    return int((await tx.one(_COUNT_PENDING))["total"])


async def accept(tx: Transaction, registration_id: int, user_id: int, response: str | None, now_ms: int) -> bool:
    """It became a user, who has the password now; whether it waited."""
    state = int(RegistrationState.ACCEPTED)
    decided = await tx.run(_DECIDE, id=registration_id, state=state, user_id=user_id, response=response, now_ms=now_ms)
    return decided == 1


async def reject(tx: Transaction, registration_id: int, response: str | None, now_ms: int) -> bool:
    """Nobody agreed; whether it waited."""
    return await tx.run(_REJECT, id=registration_id, response=response, now_ms=now_ms) == 1


async def verify(tx: Transaction, registration_id: int, now_ms: int) -> None:
    """The e-mail address was confirmed."""
    await tx.run(_VERIFY, id=registration_id, now_ms=now_ms)


async def remove(tx: Transaction, registration_id: int) -> bool:
    """Forget a request; whether it was there."""
    return await tx.run(_REMOVE, id=registration_id) == 1


async def listing(tx: Transaction, search: RegistrationSearch, window: Window) -> Sequence[Registration]:
    """A window of requests. `window.sort` is one of `SORTS`."""
    query = _filtered(_ALL, search) + _ORDER[window.sort] + _LIMIT
    rows = await tx.all(query, **_parameters(search), start=window.start, count=window.count)
    return [_registration(row) for row in rows]


async def total(tx: Transaction, search: RegistrationSearch) -> int:
    """How many there are in such a list."""
    return int((await tx.one(_filtered(_COUNT, search), **_parameters(search)))["total"])


def _filtered(query: Query, search: RegistrationSearch) -> Query:
    if search.text:
        query += _AND_SEARCH
    if search.state is not None:
        query += _AND_STATE
    return query


def _parameters(search: RegistrationSearch) -> dict[str, object]:
    parameters: dict[str, object] = {}
    if search.text:
        literal = search.text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        parameters["pattern"] = f"%{literal}%"
    if search.state is not None:
        parameters["state"] = int(search.state)
    return parameters
