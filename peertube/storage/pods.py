"""Pods: our friends, with their pinned keys and how well we reach them."""

from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod, PodState
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_COLUMNS = Query(
    """
    select id, host, email, public_key, protocol, state, score, failures, next_try_ms,
           last_success_ms, last_error_ms, last_error, created_ms, failing_since_ms, last_heard_ms, muted_until_ms,
           ejected_ms, our_key
    from pods
    """
)
_BY_ID = _COLUMNS + Query("where id = :id")
_BY_HOST = _COLUMNS + Query("where host = :host")
_FRIENDS = _COLUMNS + Query("where state <> 'ejected' order by id")
_COUNT = Query("select count(*) as total from pods")
_NOT_EJECTED = Query("where state <> 'ejected'")
_PAGE = Query("limit :count offset :start")
_ORDER = {
    "id": Query("order by id"),
    "-id": Query("order by id desc"),
    "host": Query("order by host"),
    "-host": Query("order by host desc"),
    "score": Query("order by score, id"),
    "-score": Query("order by score desc, id desc"),
    "createdAt": Query("order by created_ms, id"),
    "-createdAt": Query("order by created_ms desc, id desc"),
}
_SHORTEST_WAIT_MS = 60_000
SORTS = frozenset(_ORDER)
"""What `listing` can sort by."""

_ADD = Query(
    """
    insert into pods (host, email, public_key, protocol, state, score, failures, next_try_ms, created_ms, our_key)
    values (:host, :email, :public_key, :protocol, 'friend', :score, 0, 0, :now_ms, cast(:our_key as text))
    returning id
    """
)
_REMOVE = Query("delete from pods where id = :id")
_WITH_DELIVERIES = Query(
    """
    select id, case when coalesce(last_error_ms, 0) > :now_ms then :now_ms else next_try_ms end as next_try_ms
    from pods
    where state <> 'ejected' and (
        failures > 0
        or exists (select 1 from deliveries where deliveries.pod_id = pods.id)
        or (created_ms <= :quiet_ms and coalesce(last_success_ms, 0) <= :quiet_ms
            and coalesce(last_heard_ms, 0) <= :quiet_ms)
    )
    order by 2, id
    """
)
_REACHED = Query(
    """
    update pods
    set state = 'friend', score = :score, failures = 0, next_try_ms = 0, last_success_ms = :now_ms,
        failing_since_ms = null
    where id = :id
    """
)
_FAILED = Query(
    """
    update pods
    set state = :state, failing_since_ms = cast(:failing_since_ms as bigint), score = :score, failures = failures + 1,
        next_try_ms = :next_try_ms, last_error_ms = :now_ms, last_error = :error
    where id = :id
    """
)
_RENEW = Query(
    """
    update pods
    set email = :email, protocol = :protocol, state = 'friend', failures = 0, next_try_ms = 0, failing_since_ms = null,
        ejected_ms = null
    where id = :id
    """
)
_EJECTED_WITH_CONTENT = Query(
    """
    select id, host from pods
    where state = 'ejected' and ejected_ms <= :before_ms
        and exists (select 1 from accounts where accounts.host = pods.host)
    order by id limit :count
    """
)
_EJECT = Query("update pods set ejected_ms = :now_ms where id = :id")
_RESTORE = Query(
    """
    update pods
    set state = 'friend', failures = 0, next_try_ms = 0, failing_since_ms = null, ejected_ms = null
    where id = :id
    """
)
_HEARD = Query("update pods set last_heard_ms = :now_ms where id = :id")
_WAKE = Query(
    """
    update pods set next_try_ms = :earliest_ms where id = :id and failures > 0 and next_try_ms > :earliest_ms
    """
)
_SET_KEY = Query("update pods set public_key = :public_key where id = :id")
_SET_OUR_KEY = Query("update pods set our_key = :our_key where id = :id")
_MOVE = Query("update pods set host = :host where id = :id")
_MUTE = Query("update pods set muted_until_ms = :until_ms where id = :id")
_SET_PROTOCOL = Query("update pods set protocol = :protocol where id = :id")


def _load(row: Row) -> Pod:
    return Pod(
        id=row["id"],
        host=row["host"],
        email=row["email"],
        public_key=row["public_key"],
        protocol=row["protocol"],
        state=PodState(row["state"]),
        score=row["score"],
        failures=row["failures"],
        next_try_ms=row["next_try_ms"],
        last_success_ms=row["last_success_ms"],
        last_error_ms=row["last_error_ms"],
        last_error=row["last_error"],
        created_ms=row["created_ms"],
        failing_since_ms=row["failing_since_ms"],
        last_heard_ms=row["last_heard_ms"],
        muted_until_ms=row["muted_until_ms"],
        ejected_ms=row["ejected_ms"],
        our_key=row["our_key"],
    )


async def by_id(tx: Transaction, pod_id: int) -> Pod | None:
    """The pod with this id."""
    row = await tx.maybe(_BY_ID, id=pod_id)
    return None if row is None else _load(row)


async def by_host(tx: Transaction, host: str) -> Pod | None:
    """The pod of this normalised host."""
    row = await tx.maybe(_BY_HOST, host=host)
    return None if row is None else _load(row)


async def friends(tx: Transaction) -> list[Pod]:
    """Every pod that is told news: friends, dormant ones too, oldest first."""
    return [_load(row) for row in await tx.all(_FRIENDS)]


async def count(tx: Transaction, *, ejected: bool = True) -> int:
    """How many pods there are; those that were ejected are left out on request."""
    return int((await tx.one(_COUNT if ejected else _COUNT + _NOT_EJECTED))["total"])


async def listing(tx: Transaction, window: Window, *, ejected: bool = True) -> Listing[Pod]:
    """Some of the pods; `window.sort` is one of `SORTS`. Those that were ejected are left out on request."""
    query = _COLUMNS if ejected else _COLUMNS + _NOT_EJECTED
    rows = await tx.all(query + _ORDER[window.sort] + _PAGE, count=window.count, start=window.start)
    total = None if window.skip_count else await count(tx, ejected=ejected)
    return Listing(total=total, items=[_load(row) for row in rows])


async def add(
    tx: Transaction,
    *,
    host: str,
    email: str,
    public_key: str,
    protocol: int,
    score: int,
    now_ms: int,
    our_key: str | None = None,
) -> int:
    """A new friend; its id. `UniqueViolation` when the host is known."""
    row = await tx.one(
        _ADD,
        host=host,
        email=email,
        public_key=public_key,
        protocol=protocol,
        score=score,
        now_ms=now_ms,
        our_key=our_key,
    )
    return int(row["id"])


async def renew(tx: Transaction, pod_id: int, *, email: str, protocol: int) -> None:
    """A known friend made friends again: it is alive, and may have another address or version."""
    await tx.run(_RENEW, id=pod_id, email=email, protocol=protocol)


async def remove(tx: Transaction, pod_id: int) -> None:
    """Forget a pod, and with it what it has not been told yet."""
    await tx.run(_REMOVE, id=pod_id)


async def with_deliveries(tx: Transaction, now_ms: int, quiet_ms: int = 0) -> list[tuple[int, int]]:
    """The pods that are to be told something: (id, when to try next in ms; 0 for at once).

    Those that fail are among them, and those of which nothing was heard since `quiet_ms`. Whose last failure lies ahead
    of us (our clock was wrong then) is tried now.
    """
    rows = await tx.all(_WITH_DELIVERIES, now_ms=now_ms, quiet_ms=quiet_ms)
    return [(row["id"], row["next_try_ms"]) for row in rows]


async def reached(tx: Transaction, pod_id: int, *, score: int, now_ms: int) -> None:
    """The pod took a batch."""
    await tx.run(_REACHED, id=pod_id, score=score, now_ms=now_ms)


async def failed(
    tx: Transaction,
    pod_id: int,
    *,
    state: PodState = PodState.FRIEND,
    failing_since_ms: int | None = None,
    score: int,
    next_try_ms: int,
    now_ms: int,
    error: str,
) -> None:
    """The pod did not take a batch; `error` is for the admin."""
    await tx.run(
        _FAILED,
        id=pod_id,
        state=state.value,
        failing_since_ms=failing_since_ms,
        score=score,
        next_try_ms=next_try_ms,
        now_ms=now_ms,
        error=error,
    )


async def eject(tx: Transaction, pod_id: int, now_ms: int) -> None:
    """Note when a pod that is ejected was."""
    await tx.run(_EJECT, id=pod_id, now_ms=now_ms)


async def ejected_with_content(tx: Transaction, before_ms: int, count: int) -> list[str]:
    """The hosts of pods that were ejected until `before_ms` and of which we still have something."""
    return [row["host"] for row in await tx.all(_EJECTED_WITH_CONTENT, before_ms=before_ms, count=count)]


async def restore(tx: Transaction, pod_id: int) -> None:
    """An ejected pod is a friend again, as if it had never failed."""
    await tx.run(_RESTORE, id=pod_id)


async def heard(tx: Transaction, pod: Pod, now_ms: int) -> bool:
    """The pod sent something; whether that makes it worth trying again before its time."""
    await tx.run(_HEARD, id=pod.id, now_ms=now_ms)
    earliest_ms = max(now_ms, min(now_ms, pod.last_error_ms or 0) + _SHORTEST_WAIT_MS)
    return await tx.run(_WAKE, id=pod.id, earliest_ms=earliest_ms) == 1


async def set_key(tx: Transaction, pod_id: int, public_key: str) -> None:
    """Pin another key of the pod."""
    await tx.run(_SET_KEY, id=pod_id, public_key=public_key)


async def set_our_key(tx: Transaction, pod_id: int, our_key: str) -> None:
    """The pod has pinned another key of ours."""
    await tx.run(_SET_OUR_KEY, id=pod_id, our_key=our_key)


async def move(tx: Transaction, pod_id: int, host: str) -> None:
    """The pod has another name. `UniqueViolation` when there is one of that name."""
    await tx.run(_MOVE, id=pod_id, host=host)


async def mute(tx: Transaction, pod_id: int, until_ms: int) -> None:
    """Nothing of the pod is taken until then; 0 for at once again."""
    await tx.run(_MUTE, id=pod_id, until_ms=until_ms)


async def set_protocol(tx: Transaction, pod_id: int, protocol: int) -> None:
    """The highest version that both sides speak has changed."""
    await tx.run(_SET_PROTOCOL, id=pod_id, protocol=protocol)
