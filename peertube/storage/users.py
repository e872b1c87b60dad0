"""Users: people with a login on this pod. Each has one account, whose id is read along."""

import json
from collections.abc import Sequence

import attrs
from attrs import frozen

from peertube.model.pages import Window
from peertube.model.users import Preferences, Role, User
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_COLLABORATES_ON = Query(
    """, (
        select group_concat(k.channel_id) from collaborators k where k.account_id = a.id and k.state = 2
    ) as collaborates_on""",
    postgresql=""", (
        select string_agg(cast(k.channel_id as text), ',') from collaborators k
        where k.account_id = a.id and k.state = 2
    ) as collaborates_on""",
)
_FROM = Query("from users u join accounts a on a.user_id = u.id")
_COLUMNS = Query(
    """select u.id, u.username, u.email, u.email_verified, u.password_hash, u.role, u.may_upload, u.video_quota,
    u.video_quota_daily, u.blocked, u.blocked_reason, u.preferences, a.id as account_id, u.created_ms, u.updated_ms,
    u.last_login_ms, u.must_verify, u.pending_email, u.two_factor, u.two_factor_step, u.admin_flags,
    u.feed_generation"""
)
_SELECT = _COLUMNS + _COLLABORATES_ON + _FROM
_SELECT_WITH_BYTES = (
    _COLUMNS
    + Query(", coalesce(s.bytes, 0) as bytes_used, coalesce(s.bytes_daily, 0) as bytes_used_daily")
    + _COLLABORATES_ON
    + _FROM
    + Query(
        """
        left join (
            select c.account_id, sum(f.size) as bytes,
                sum(case when f.created_ms >= :since_ms then f.size else 0 end) as bytes_daily
            from video_files f
            join videos v on v.id = f.video_id join channels c on c.id = v.channel_id
            where v.host = '' group by c.account_id
        ) s on s.account_id = a.id
        where 1 = 1
        """
    )
)
_BY_ID = _SELECT + Query("where u.id = :id")
_BY_USERNAME = _SELECT + Query("where u.username = :username")
_BY_LOGIN = _SELECT + Query("where u.username = :login or u.email = :login order by u.username = :login desc limit 1")
_BY_EMAIL = _SELECT + Query("where u.email = :email")
_BY_ANY_EMAIL = _SELECT + Query(
    "where u.email = :email or u.pending_email = :email order by u.email = :email desc, u.id limit 1"
)
_BY_ROLES = _SELECT + Query("where u.blocked = 0 and u.role in $list(roles) order by u.role, u.id limit :limit")
_WITH_EMAIL = Query("select id from users where email = :email")
_COUNT = Query("select count(*) as total from users u where 1 = 1")
_AND_SEARCH = Query("and (u.username like :pattern escape '!' or u.email like :pattern escape '!')")
_AND_BLOCKED = Query("and u.blocked = :blocked")
_NAMES = Query(
    "select username from users u where u.username like :pattern escape '!' order by u.username limit :limit"
)
_LIMIT = Query("limit :count offset :start")
_ORDER = {
    "id": Query("order by u.id"),
    "-id": Query("order by u.id desc"),
    "username": Query("order by u.username"),
    "-username": Query("order by u.username desc"),
    "createdAt": Query("order by u.created_ms, u.id"),
    "-createdAt": Query("order by u.created_ms desc, u.id desc"),
    "lastLoginDate": Query("order by coalesce(u.last_login_ms, 0), u.id"),
    "-lastLoginDate": Query("order by coalesce(u.last_login_ms, 0) desc, u.id desc"),
    "role": Query("order by u.role, u.id"),
    "-role": Query("order by u.role desc, u.id desc"),
    "videoQuotaUsed": Query("order by bytes_used, u.id"),
    "-videoQuotaUsed": Query("order by bytes_used desc, u.id desc"),
}
SORTS = frozenset(_ORDER)
"""The orders in which users can be listed."""

_ADD = Query(
    """insert into users (username, email, email_verified, password_hash, role, may_upload, video_quota,
    video_quota_daily, blocked, blocked_reason, preferences, created_ms, updated_ms, last_login_ms, must_verify,
    admin_flags)
    values (:username, :email, :email_verified, :password_hash, :role, :may_upload, :video_quota,
    :video_quota_daily, 0, null, :preferences, :created_ms, :created_ms, null, :must_verify, :admin_flags)
    returning id"""
)
_UPDATE = Query(
    """update users set email = :email, email_verified = :email_verified, role = :role, may_upload = :may_upload,
    video_quota = :video_quota, video_quota_daily = :video_quota_daily, blocked = :blocked,
    blocked_reason = :blocked_reason, preferences = :preferences, updated_ms = :updated_ms,
    must_verify = :must_verify, pending_email = :pending_email, admin_flags = :admin_flags where id = :id"""
)
_SET_PASSWORD = Query("update users set password_hash = :password_hash, updated_ms = :updated_ms where id = :id")
_SET_LAST_LOGIN = Query("update users set last_login_ms = :now_ms where id = :id")
_ENABLE_TWO_FACTOR = Query(
    """update users set two_factor = :two_factor, two_factor_step = :step, updated_ms = :now_ms
    where id = :id and two_factor is null"""
)
_DISABLE_TWO_FACTOR = Query(
    "update users set two_factor = null, updated_ms = :now_ms where id = :id and two_factor is not null"
)
_USE_STEP = Query("update users set two_factor_step = :step where id = :id and two_factor_step < :step")
_RENEW_FEEDS = Query("update users set feed_generation = feed_generation + 1 where id = :id returning feed_generation")
_REMOVE = Query("delete from users where id = :id")


@frozen
class NewUser:
    """A user that is about to be stored."""

    username: str
    email: str
    email_verified: bool
    password_hash: str
    role: Role
    may_upload: bool
    video_quota: int
    video_quota_daily: int
    created_ms: int
    must_verify: bool = False
    admin_flags: int = 0
    language: str | None = None


@frozen
class UserSearch:
    """Which users are listed: those whose name or address has `text` in it, those that are (not) blocked."""

    text: str | None = None
    blocked: bool | None = None


def _preferences(text: str) -> Preferences:
    known = {field.name for field in attrs.fields(Preferences)}
    chosen = {name: value for name, value in json.loads(text).items() if name in known}
    if chosen.get("video_languages") is not None:
        chosen["video_languages"] = tuple(chosen["video_languages"])
    return Preferences(**chosen)


def load(row: Row) -> User:
    """The user in a row that has the columns of `users` and the `account_id`."""
    return User(
        id=row["id"],
        username=row["username"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        password_hash=row["password_hash"],
        role=Role(row["role"]),
        may_upload=bool(row["may_upload"]),
        video_quota=row["video_quota"],
        video_quota_daily=row["video_quota_daily"],
        blocked=bool(row["blocked"]),
        blocked_reason=row["blocked_reason"],
        preferences=_preferences(row["preferences"]),
        account_id=row["account_id"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        last_login_ms=row["last_login_ms"],
        must_verify=bool(row["must_verify"]),
        pending_email=row["pending_email"],
        two_factor=row["two_factor"],
        two_factor_step=row["two_factor_step"],
        admin_flags=row["admin_flags"],
        feed_generation=row["feed_generation"],
        collaborates_on=frozenset(int(one) for one in (row["collaborates_on"] or "").split(",") if one),
    )


async def add(tx: Transaction, user: NewUser) -> int:
    """Store a user; the id. The account must follow in the same transaction. `UniqueViolation` for name or e-mail."""
    row = await tx.one(
        _ADD,
        username=user.username,
        email=user.email,
        email_verified=int(user.email_verified),
        password_hash=user.password_hash,
        role=int(user.role),
        may_upload=int(user.may_upload),
        video_quota=user.video_quota,
        video_quota_daily=user.video_quota_daily,
        preferences=json.dumps(attrs.asdict(Preferences(language=user.language))),
        created_ms=user.created_ms,
        must_verify=int(user.must_verify),
        admin_flags=user.admin_flags,
    )
    return int(row["id"])


async def by_id(tx: Transaction, user_id: int) -> User | None:
    """The user with this id."""
    row = await tx.maybe(_BY_ID, id=user_id)
    return None if row is None else load(row)


async def by_username(tx: Transaction, username: str) -> User | None:
    """The user of this name (lower case)."""
    row = await tx.maybe(_BY_USERNAME, username=username)
    return None if row is None else load(row)


async def by_login(tx: Transaction, login: str) -> User | None:
    """The user whose name or e-mail address (both lower case) this is; the name goes first."""
    row = await tx.maybe(_BY_LOGIN, login=login)
    return None if row is None else load(row)


async def by_email(tx: Transaction, email: str) -> User | None:
    """The user with this e-mail address (lower case)."""
    row = await tx.maybe(_BY_EMAIL, email=email)
    return None if row is None else load(row)


async def by_any_email(tx: Transaction, email: str) -> User | None:
    """The user who has this e-mail address (lower case), or who wants to; the former goes first."""
    row = await tx.maybe(_BY_ANY_EMAIL, email=email)
    return None if row is None else load(row)


async def of_roles(tx: Transaction, roles: Sequence[Role], limit: int) -> Sequence[User]:
    """Users with one of these roles who are not blocked, the most powerful first."""
    return [load(row) for row in await tx.all(_BY_ROLES, roles=[int(role) for role in roles], limit=limit)]


async def has_email(tx: Transaction, email: str) -> bool:
    """Whether somebody has this e-mail address (lower case)."""
    return await tx.maybe(_WITH_EMAIL, email=email) is not None


async def listing(
    tx: Transaction, search: UserSearch, window: Window, since_ms: int
) -> Sequence[tuple[User, int, int]]:
    """A window of users, each with the bytes that their videos take, in all and of those stored since `since_ms`.

    `window.sort` is one of `SORTS`.
    """
    query = _filtered(_SELECT_WITH_BYTES, search) + _ORDER[window.sort] + _LIMIT
    rows = await tx.all(query, **_parameters(search), since_ms=since_ms, start=window.start, count=window.count)
    return [(load(row), int(row["bytes_used"]), int(row["bytes_used_daily"])) for row in rows]


async def names(tx: Transaction, text: str, limit: int) -> list[str]:
    """Names of users that have `text` in them."""
    rows = await tx.all(_NAMES, pattern=_pattern(text), limit=limit)
    return [str(row["username"]) for row in rows]


async def total(tx: Transaction, search: UserSearch) -> int:
    """How many users there are in such a list."""
    row = await tx.one(_filtered(_COUNT, search), **_parameters(search))
    return int(row["total"])


async def update(tx: Transaction, user: User) -> bool:
    """Store what may change of a user, without password and last login; whether the user is there."""
    changed = await tx.run(
        _UPDATE,
        id=user.id,
        email=user.email,
        email_verified=int(user.email_verified),
        role=int(user.role),
        may_upload=int(user.may_upload),
        video_quota=user.video_quota,
        video_quota_daily=user.video_quota_daily,
        blocked=int(user.blocked),
        blocked_reason=user.blocked_reason,
        preferences=json.dumps(attrs.asdict(user.preferences)),
        updated_ms=user.updated_ms,
        must_verify=int(user.must_verify),
        pending_email=user.pending_email,
        admin_flags=user.admin_flags,
    )
    return changed == 1


async def set_password(tx: Transaction, user_id: int, password_hash: str, updated_ms: int) -> bool:
    """Store another password; whether the user is there."""
    return await tx.run(_SET_PASSWORD, id=user_id, password_hash=password_hash, updated_ms=updated_ms) == 1


async def set_last_login(tx: Transaction, user_id: int, now_ms: int) -> None:
    """Note that the user logged in."""
    await tx.run(_SET_LAST_LOGIN, id=user_id, now_ms=now_ms)


async def enable_two_factor(tx: Transaction, user_id: int, two_factor: str, step: int, now_ms: int) -> bool:
    """Keep the sealed secret, whose code of `step` was used; whether there was none before."""
    enabled = await tx.run(_ENABLE_TWO_FACTOR, id=user_id, two_factor=two_factor, step=step, now_ms=now_ms)
    return enabled == 1


async def disable_two_factor(tx: Transaction, user_id: int, now_ms: int) -> bool:
    """Forget the secret; whether there was one."""
    return await tx.run(_DISABLE_TWO_FACTOR, id=user_id, now_ms=now_ms) == 1


async def use_two_factor_step(tx: Transaction, user_id: int, step: int) -> bool:
    """Use up the code of a time and all before it; whether it was still good."""
    return await tx.run(_USE_STEP, id=user_id, step=step) == 1


async def renew_feeds(tx: Transaction, user_id: int) -> int:
    """The token of feeds is another from now on; how often it was renewed."""
    return int((await tx.one(_RENEW_FEEDS, id=user_id))["feed_generation"])


async def remove(tx: Transaction, user_id: int) -> bool:
    """Remove a user with sessions and ratings (not the account: `accounts.remove`); whether it was there."""
    return await tx.run(_REMOVE, id=user_id) == 1


def _filtered(query: Query, search: UserSearch) -> Query:
    if search.text:
        query += _AND_SEARCH
    if search.blocked is not None:
        query += _AND_BLOCKED
    return query


def _pattern(text: str) -> str:
    literal = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{literal}%"


def _parameters(search: UserSearch) -> dict[str, object]:
    parameters: dict[str, object] = {}
    if search.text:
        parameters["pattern"] = _pattern(search.text)
    if search.blocked is not None:
        parameters["blocked"] = int(search.blocked)
    return parameters
