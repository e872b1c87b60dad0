"""How well friends are told what waits for them, and what an operator changes about it."""

from peertube.model.delivery_health import LaneHealth
from peertube.model.pods import PodState
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_HEALTH = Query(
    """
    select p.id, p.host, p.state, p.failures, p.next_try_ms, p.last_success_ms, p.last_error_ms, p.last_error,
        coalesce(d.waiting, 0) as waiting,
        (select o.created_ms from deliveries o where o.pod_id = p.id order by o.id limit 1) as oldest_ms
    from pods p left join (select pod_id, count(*) as waiting from deliveries group by pod_id) d on d.pod_id = p.id
    """
)
_ALL = _HEALTH + Query("order by p.host")
_UNDER_WAY = _HEALTH + Query("where d.waiting > 0 and p.state <> 'ejected' order by p.id")
_BY_HOST = _HEALTH + Query("where p.host = :host")
_BY_ID = _HEALTH + Query("where p.id = :id")
_RETRY = Query("update pods set failures = 0, next_try_ms = 0 where id in $list(ids)")
_DROP = Query("delete from deliveries where pod_id = :pod_id")


async def listing(tx: Transaction) -> list[LaneHealth]:
    """Every pod, by host."""
    return [_load(row) for row in await tx.all(_ALL)]


async def under_way(tx: Transaction) -> list[LaneHealth]:
    """The pods that are to be told something, oldest friendship first."""
    return [_load(row) for row in await tx.all(_UNDER_WAY)]


async def by_host(tx: Transaction, host: str) -> LaneHealth | None:
    """The pod of this normalised host."""
    row = await tx.maybe(_BY_HOST, host=host)
    return None if row is None else _load(row)


async def by_id(tx: Transaction, pod_id: int) -> LaneHealth | None:
    """The pod with this id."""
    row = await tx.maybe(_BY_ID, id=pod_id)
    return None if row is None else _load(row)


async def retry(tx: Transaction, pod_ids: list[int]) -> None:
    """These pods are tried at the next occasion, and wait as after a first failure when that fails."""
    await tx.run(_RETRY, ids=pod_ids)


async def drop(tx: Transaction, pod_id: int) -> int:
    """Forget what waits for a pod; how much that was."""
    return await tx.run(_DROP, pod_id=pod_id)


def _load(row: Row) -> LaneHealth:
    return LaneHealth(
        pod_id=row["id"],
        host=row["host"],
        state=PodState(row["state"]),
        waiting=row["waiting"],
        oldest_ms=row["oldest_ms"],
        failures=row["failures"],
        next_try_ms=row["next_try_ms"],
        last_success_ms=row["last_success_ms"],
        last_error_ms=row["last_error_ms"],
        last_error=row["last_error"],
    )
