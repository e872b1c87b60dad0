"""Jobs: added with their cause, claimed with a lease, kept until somebody sweeps them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from peertube.model.jobs import Job, JobFilter, JobState
from peertube.model.pages import Window
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into jobs (kind, payload, state, priority, attempts, maximum_attempts, run_at_ms, fence, progress,
                      created_ms, updated_ms)
    values (:kind, :payload, 'waiting', :priority, 0, :maximum_attempts, :run_at_ms, 0, 0, :now_ms, :now_ms)
    returning id
    """
)
_DUE = Query("select * from jobs where state = 'waiting' and run_at_ms <= :now_ms")
_OF_KIND = Query("and kind = :kind")
_OF_OTHER_KINDS = Query("and kind not in $list(kinds)")
_MOST_URGENT = Query(
    "order by priority, run_at_ms, id limit :count",
    postgresql="order by priority, run_at_ms, id limit :count for update skip locked",
)
_CLAIM = Query(
    """
    update jobs
    set state = 'active', attempts = attempts + 1, fence = fence + 1, progress = 0, lease_until_ms = :lease_until_ms,
        started_ms = :now_ms, updated_ms = :now_ms
    where id in $list(ids)
    returning *
    """
)
_EXTEND = Query(
    """
    update jobs set lease_until_ms = :lease_until_ms, progress = coalesce(cast(:progress as integer), progress),
                    updated_ms = :now_ms
    where id = :id and fence = :fence and state = 'active'
    """
)
_LEAVE = Query(
    """
    update jobs
    set state = :state, attempts = attempts - :forgotten, run_at_ms = :run_at_ms, lease_until_ms = null,
        progress = :progress, error = cast(:error as text), updated_ms = :now_ms,
        finished_ms = cast(:finished_ms as bigint)
    where id = :id and fence = :fence and state = 'active'
    """
)
_MOVE = Query(
    """
    update jobs
    set state = :state, attempts = 0, run_at_ms = :now_ms, lease_until_ms = null, progress = 0,
        error = cast(:error as text), updated_ms = :now_ms, finished_ms = cast(:finished_ms as bigint)
    where id in $list(ids) and state = :before
    """
)
_FAIL_EXPIRED = Query(
    """
    update jobs
    set state = 'failed', lease_until_ms = null, error = :error, updated_ms = :now_ms, finished_ms = :now_ms
    where state = 'active' and lease_until_ms < :before_ms and attempts >= maximum_attempts
    returning *
    """
)
_GIVE_BACK_EXPIRED = Query(
    """
    update jobs set state = 'waiting', lease_until_ms = null, run_at_ms = :now_ms, updated_ms = :now_ms
    where state = 'active' and lease_until_ms < :before_ms
    """
)
_SWEEP = Query(
    """
    delete from jobs where id in (
        select id from jobs where state in $list(states) and finished_ms < :before_ms order by id limit :limit
    )
    """
)
_REMOVE_WAITING = Query("delete from jobs where id = :id and state = 'waiting'")
_HASTEN_ALL = Query(
    "update jobs set run_at_ms = :now_ms where kind = :kind and state = 'waiting' and run_at_ms > :now_ms"
)
_BY_ID = Query("select * from jobs where id = :id")
_LIST = Query("select * from jobs where 1 = 1")
_COUNT = Query("select count(*) as total from jobs where 1 = 1")
_AND_STATES = Query("and state in $list(states)")
_AND_KIND = Query("and kind = :kind")
_AND_DUE = Query("and run_at_ms <= :now_ms")
_AND_NOT_DUE = Query("and run_at_ms > :now_ms")
_IDS = Query("select id from jobs where 1 = 1")
_NEWEST_FIRST = Query("order by id desc limit :count offset :start")
_OLDEST_FIRST = Query("order by id limit :count offset :start")

_ANY = JobFilter()

ANY_LEASE_MS = 2**62
"""Later than every lease."""


async def add(
    tx: Transaction,
    kind: str,
    payload: Mapping[str, Any],
    now_ms: int,
    *,
    priority: int = 0,
    maximum_attempts: int = 8,
    run_at_ms: int | None = None,
) -> int:
    """A new job; gives its id. Of those that are due, the smallest `priority` is run first."""
    row = await tx.one(
        _ADD,
        kind=kind,
        payload=msgspec.json.encode(payload).decode(),
        priority=priority,
        maximum_attempts=maximum_attempts,
        run_at_ms=now_ms if run_at_ms is None else run_at_ms,
        now_ms=now_ms,
    )
    return int(row["id"])


async def claim(
    tx: Transaction, count: int, now_ms: int, lease_until_ms: int, *, limits: Mapping[str, int] | None = None
) -> list[Job]:
    """Take up to `count` jobs that are due, the most urgent first; of each kind in `limits` no more than it says."""
    kinds = limits or {}
    due = await tx.all(_DUE + _OF_OTHER_KINDS + _MOST_URGENT, now_ms=now_ms, kinds=list(kinds), count=count)
    for kind, most in kinds.items():
        if most > 0:
            due += await tx.all(_DUE + _OF_KIND + _MOST_URGENT, now_ms=now_ms, kind=kind, count=min(most, count))
    if not due:
        return []
    chosen = [job.id for job in sorted(map(_job, due), key=_urgency)[:count]]
    claimed = await tx.all(_CLAIM, ids=chosen, now_ms=now_ms, lease_until_ms=lease_until_ms)
    return sorted(map(_job, claimed), key=_urgency)


async def extend(tx: Transaction, job: Job, now_ms: int, lease_until_ms: int, *, progress: int | None = None) -> bool:
    """Hold a claimed job for longer. False when it is not ours any more."""
    changed = await tx.run(
        _EXTEND, id=job.id, fence=job.fence, now_ms=now_ms, lease_until_ms=lease_until_ms, progress=progress
    )
    return changed == 1


async def complete(tx: Transaction, job: Job, now_ms: int) -> bool:
    """A claimed job is done. False when it is not ours any more."""
    return await _leave(tx, job, JobState.COMPLETED, now_ms, progress=100, finished_ms=now_ms)


async def fail(tx: Transaction, job: Job, now_ms: int, error: str) -> bool:
    """A claimed job is not tried again. False when it is not ours any more."""
    return await _leave(tx, job, JobState.FAILED, now_ms, progress=job.progress, error=error, finished_ms=now_ms)


async def try_later(tx: Transaction, job: Job, now_ms: int, run_at_ms: int, error: str) -> bool:
    """A claimed job failed and waits for its next attempt. False when it is not ours any more."""
    return await _leave(tx, job, JobState.WAITING, now_ms, run_at_ms=run_at_ms, error=error)


async def give_back(tx: Transaction, job: Job, now_ms: int) -> bool:
    """A claimed job waits again, as if it had not been claimed. False when it is not ours any more."""
    return await _leave(tx, job, JobState.WAITING, now_ms, forgotten=1, error=job.error)


async def move(tx: Transaction, job_id: int, before: JobState, after: JobState, now_ms: int) -> bool:
    """Put a job from one state into another, with no attempt counted. False when it is not in `before`."""
    return await move_all(tx, [job_id], before, after, now_ms) == 1


async def move_all(tx: Transaction, job_ids: Sequence[int], before: JobState, after: JobState, now_ms: int) -> int:
    """Put jobs from one state into another, with no attempt counted; how many, those not in `before` left out."""
    finished_ms = None if after is JobState.WAITING else now_ms
    return await tx.run(
        _MOVE,
        ids=list(job_ids),
        before=before.value,
        state=after.value,
        now_ms=now_ms,
        error=None,
        finished_ms=finished_ms,
    )


async def fail_expired(tx: Transaction, now_ms: int, before_ms: int, error: str) -> list[Job]:
    """Jobs on their last attempt whose lease ended before `before_ms` fail with `error`; gives them."""
    return [_job(row) for row in await tx.all(_FAIL_EXPIRED, now_ms=now_ms, before_ms=before_ms, error=error)]


async def give_back_expired(tx: Transaction, now_ms: int, before_ms: int) -> int:
    """Jobs whose lease ended before `before_ms` wait again; how many."""
    return await tx.run(_GIVE_BACK_EXPIRED, now_ms=now_ms, before_ms=before_ms)


async def sweep(tx: Transaction, states: tuple[JobState, ...], before_ms: int, limit: int) -> int:
    """Forget at most `limit` jobs in `states` that ended before `before_ms`."""
    return await tx.run(_SWEEP, states=[state.value for state in states], before_ms=before_ms, limit=limit)


async def remove_waiting(tx: Transaction, job_id: int) -> None:
    """Forget a job that nobody works on."""
    await tx.run(_REMOVE_WAITING, id=job_id)


async def hasten_all(tx: Transaction, kind: str, now_ms: int) -> None:
    """All waiting jobs of a kind are due now."""
    await tx.run(_HASTEN_ALL, kind=kind, now_ms=now_ms)


async def by_id(tx: Transaction, job_id: int) -> Job | None:
    """One job."""
    row = await tx.maybe(_BY_ID, id=job_id)
    return None if row is None else _job(row)


async def listing(tx: Transaction, window: Window, wanted: JobFilter = _ANY) -> list[Job]:
    """Jobs by age; `window.descending` gives the newest first."""
    query = _filtered(_LIST, wanted) + (_NEWEST_FIRST if window.descending else _OLDEST_FIRST)
    rows = await tx.all(query, **_filters(wanted), count=window.count, start=window.start)
    return [_job(row) for row in rows]


async def count(tx: Transaction, wanted: JobFilter = _ANY) -> int:
    """How many jobs there are."""
    return int((await tx.one(_filtered(_COUNT, wanted), **_filters(wanted)))["total"])


async def ids(tx: Transaction, wanted: JobFilter, limit: int) -> list[int]:
    """The numbers of at most `limit` jobs, the oldest first."""
    rows = await tx.all(_filtered(_IDS, wanted) + _OLDEST_FIRST, **_filters(wanted), count=limit, start=0)
    return [int(row["id"]) for row in rows]


def _filtered(query: Query, wanted: JobFilter) -> Query:
    if wanted.states is not None:
        query += _AND_STATES
    if wanted.kind is not None:
        query += _AND_KIND
    if wanted.due is not None:
        query += _AND_DUE if wanted.due else _AND_NOT_DUE
    return query


def _filters(wanted: JobFilter) -> dict[str, object]:
    filters: dict[str, object] = {}
    if wanted.states is not None:
        filters["states"] = [state.value for state in wanted.states]
    if wanted.kind is not None:
        filters["kind"] = wanted.kind
    if wanted.due is not None:
        filters["now_ms"] = wanted.now_ms
    return filters


def _urgency(job: Job) -> tuple[int, int, int]:
    return job.priority, job.run_at_ms, job.id


async def _leave(
    tx: Transaction,
    job: Job,
    state: JobState,
    now_ms: int,
    *,
    run_at_ms: int | None = None,
    progress: int = 0,
    error: str | None = None,
    finished_ms: int | None = None,
    forgotten: int = 0,
) -> bool:
    changed = await tx.run(
        _LEAVE,
        id=job.id,
        fence=job.fence,
        state=state.value,
        forgotten=forgotten,
        run_at_ms=now_ms if run_at_ms is None else run_at_ms,
        progress=progress,
        error=error,
        now_ms=now_ms,
        finished_ms=finished_ms,
    )
    return changed == 1


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        payload=msgspec.json.decode(row["payload"]),
        state=JobState(row["state"]),
        priority=row["priority"],
        attempts=row["attempts"],
        maximum_attempts=row["maximum_attempts"],
        run_at_ms=row["run_at_ms"],
        lease_until_ms=row["lease_until_ms"],
        fence=row["fence"],
        progress=row["progress"],
        error=row["error"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        started_ms=row["started_ms"],
        finished_ms=row["finished_ms"],
    )
