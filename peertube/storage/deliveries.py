"""Deliveries: what friends have not been told yet. One row per pod, kind and object."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from peertube.model.deliveries import Delivery, DeliveryKind
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into deliveries (pod_id, kind, object_uuid, version, body, attempts, created_ms)
    select id, cast(:kind as text), cast(:object_uuid as text), cast(:version as bigint), cast(:body as text), 0,
           cast(:now_ms as bigint)
    from pods where state <> 'ejected'
    """
)
_TO_SOME = Query("and id in $list(pod_ids)")
_COALESCE = Query(
    """
    on conflict (pod_id, kind, object_uuid)
    do update set version = excluded.version, body = excluded.body, attempts = 0
    """
)
_AUTHORS = Query(
    """
    insert into deliveries (pod_id, kind, object_uuid, version, attempts, created_ms)
    select cast(:pod_id as bigint), 'add-author', uuid, updated_ms, 0, cast(:now_ms as bigint)
    from accounts where host = '' order by id
    """
)
_CHANNELS = Query(
    """
    insert into deliveries (pod_id, kind, object_uuid, version, attempts, created_ms)
    select cast(:pod_id as bigint), 'add-channel', uuid, updated_ms, 0, cast(:now_ms as bigint)
    from channels where host = '' order by id
    """
)
_VIDEOS = Query(
    """
    insert into deliveries (pod_id, kind, object_uuid, version, attempts, created_ms)
    select cast(:pod_id as bigint), 'add-video', uuid, version, 0, cast(:now_ms as bigint)
    from videos where host = '' and privacy = 1 and state = 1 order by published_ms, id
    """
)
_COUNT_UP = Query(
    """
    on conflict (pod_id, kind, object_uuid) do update set version = deliveries.version + excluded.version
    """
)
_TO_ORIGIN = Query("and host = :host")
_SEAL = Query(
    """
    update deliveries set kind = 'event', object_uuid = :event_id, body = :body, version = 1 where id = :id
    """
)
_DROP_ALL_BUT = Query("delete from deliveries where pod_id = :pod_id and kind not in $list(kinds)")
_ADD_RESYNC = Query(
    """
    insert into deliveries (pod_id, kind, object_uuid, version, body, attempts, created_ms)
    values (:pod_id, 'resync', '', 1, :body, 0, :now_ms)
    on conflict (pod_id, kind, object_uuid)
    do update set version = deliveries.version + 1, body = excluded.body, attempts = 0
    """
)
_SET_CURSOR = Query("update deliveries set body = :body where id = :id and version = :version")
_DROP_ROW = Query("delete from deliveries where id = :id")
_COUNTERS_HEAD = Query(
    """
    select id, pod_id, kind, object_uuid, version, body, attempts, created_ms
    from deliveries where pod_id = :pod_id and kind in $list(kinds) order by id limit :count
    """
)
_DROP_LANE = Query("delete from deliveries where pod_id = :pod_id")
_DROP = Query("delete from deliveries where object_uuid = :object_uuid and kind in $list(kinds)")
_DROP_TO_SOME = Query("and pod_id in $list(pod_ids)")
_HEAD = Query(
    """
    select id, pod_id, kind, object_uuid, version, body, attempts, created_ms
    from deliveries where pod_id = :pod_id and kind not in $list(kinds) order by id limit :count
    """
)
_SETTLE = Query("delete from deliveries where id = :id and version <= :version")
_TRIED = Query("update deliveries set attempts = attempts + 1 where id in $list(ids)")
_COUNTS = Query("select pod_id, count(*) as total from deliveries group by pod_id")
_COUNT = Query("select count(*) as total from deliveries where pod_id = :pod_id")
_COUNT_BY_KIND = Query("select kind, pod_id, count(*) as total from deliveries group by kind, pod_id")

QADU = (DeliveryKind.QADU_VIDEO,)
"""Newest counters of videos of ours."""

OPEN_EVENTS = (DeliveryKind.EVENT_VIEWS, DeliveryKind.EVENT_LIKES, DeliveryKind.EVENT_DISLIKES)
"""Counts that still grow."""

EVENTS = (DeliveryKind.EVENT, *OPEN_EVENTS)
"""What happened here to videos of others."""

_OWN_PATHS = [kind.value for kind in (*QADU, *EVENTS)]

_OUTDATED_BY = {
    DeliveryKind.REMOVE_AUTHOR: (DeliveryKind.ADD_AUTHOR,),
    DeliveryKind.REMOVE_CHANNEL: (DeliveryKind.ADD_CHANNEL, DeliveryKind.UPDATE_CHANNEL),
    DeliveryKind.REMOVE_VIDEO: (DeliveryKind.ADD_VIDEO, DeliveryKind.UPDATE_VIDEO, DeliveryKind.QADU_VIDEO),
}


RESYNC_BEGINNING: Mapping[str, Any] = {"phase": "author", "after": ""}


def _text(body: Mapping[str, Any]) -> str:
    return msgspec.json.encode(body).decode("utf-8")


def _load(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        pod_id=row["pod_id"],
        kind=DeliveryKind(row["kind"]),
        object_uuid=row["object_uuid"],
        version=row["version"],
        body=None if row["body"] is None else msgspec.json.decode(row["body"]),
        attempts=row["attempts"],
        created_ms=row["created_ms"],
    )


async def add(
    tx: Transaction,
    kind: DeliveryKind,
    object_uuid: str,
    version: int,
    now_ms: int,
    *,
    body: Mapping[str, Any] | None = None,
    pod_ids: Collection[int] | None = None,
) -> None:
    """Tell every friend, or only the pods of `pod_ids`, about an object of ours.

    A row of the same kind that still waits is renewed, and a removal drops what was still to be told of the object.
    The body is built when it is sent; only what cannot be read any more by then is given here. Whoever calls this
    publishes `topics.DELIVERIES` after the commit.
    """
    outdated = _OUTDATED_BY.get(kind)
    if outdated is not None:
        kinds = [old.value for old in outdated]
        if pod_ids is None:
            await tx.run(_DROP, object_uuid=object_uuid, kinds=kinds)
        else:
            await tx.run(_DROP + _DROP_TO_SOME, object_uuid=object_uuid, kinds=kinds, pod_ids=list(pod_ids))
    parameters: dict[str, object] = {
        "kind": kind.value,
        "object_uuid": object_uuid,
        "version": version,
        "body": None if body is None else _text(body),
        "now_ms": now_ms,
    }
    if pod_ids is None:
        await tx.run(_ADD + _COALESCE, **parameters)
    else:
        await tx.run(_ADD + _TO_SOME + _COALESCE, pod_ids=list(pod_ids), **parameters)


async def add_counters(tx: Transaction, object_uuid: str, now_ms: int) -> None:
    """Tell every friend the newest counters of a video of ours, at the next occasion."""
    await _count_up(tx, DeliveryKind.QADU_VIDEO, object_uuid, 1, now_ms, Query(""))


async def add_event(
    tx: Transaction, kind: DeliveryKind, host: str, object_uuid: str, count: int, now_ms: int
) -> None:  # fmt: skip
    """Tell the pod `host`, if it is a friend, that `count` more (or fewer) happened here to a video of it."""
    await _count_up(tx, kind, object_uuid, count, now_ms, _TO_ORIGIN, host=host)


async def _count_up(
    tx: Transaction, kind: DeliveryKind, object_uuid: str, count: int, now_ms: int, which: Query, **more: object
) -> None:
    await tx.run(
        _ADD + which + _COUNT_UP,
        kind=kind.value,
        object_uuid=object_uuid,
        version=count,
        body=None,
        now_ms=now_ms,
        **more,
    )


async def seal_event(tx: Transaction, row: Delivery, event_id: str, body: Mapping[str, Any]) -> None:
    """The count of an open event shall not change any more: from now on it is told with this id and body."""
    await tx.run(_SEAL, id=row.id, event_id=event_id, body=_text(body))


async def drop(tx: Transaction, row: Delivery) -> None:
    """There is nothing to tell after all."""
    await tx.run(_DROP_ROW, id=row.id)


async def add_everything(tx: Transaction, pod_id: int, now_ms: int) -> None:
    """Tell one pod, that knows nothing of us (any more), our authors, channels and public videos, in this order."""
    await tx.run(_DROP_LANE, pod_id=pod_id)
    for query in (_AUTHORS, _CHANNELS, _VIDEOS):
        await tx.run(query, pod_id=pod_id, now_ms=now_ms)


async def drop_lane(tx: Transaction, pod_id: int) -> None:
    """Forget all that waits for a pod."""
    await tx.run(_DROP_LANE, pod_id=pod_id)


async def drop_all_but_removals(tx: Transaction, pod_id: int) -> None:
    """Forget what waits for a pod, except what is gone."""
    await tx.run(_DROP_ALL_BUT, pod_id=pod_id, kinds=[kind.value for kind in _OUTDATED_BY])


async def add_resync(tx: Transaction, pod_id: int, now_ms: int) -> None:
    """Tell a pod all that is ours, from the beginning."""
    await tx.run(_ADD_RESYNC, pod_id=pod_id, body=_text(RESYNC_BEGINNING), now_ms=now_ms)


async def set_cursor(tx: Transaction, row: Delivery, cursor: Mapping[str, Any] | None) -> None:
    """How far a resync has come; None when it is done. Nothing happens when it was begun anew meanwhile."""
    if cursor is None:
        await settle(tx, [row])
    else:
        await tx.run(_SET_CURSOR, id=row.id, version=row.version, body=_text(cursor))


async def head(tx: Transaction, pod_id: int, count: int) -> list[Delivery]:
    """The oldest rows of a pod's lane, in the order in which they must arrive. Counters and events are apart."""
    return [_load(row) for row in await tx.all(_HEAD, pod_id=pod_id, kinds=_OWN_PATHS, count=count)]


async def head_of(tx: Transaction, pod_id: int, kinds: Collection[DeliveryKind], count: int) -> list[Delivery]:
    """The oldest rows of some kinds."""
    named = [kind.value for kind in kinds]
    return [_load(row) for row in await tx.all(_COUNTERS_HEAD, pod_id=pod_id, kinds=named, count=count)]


async def settle(tx: Transaction, told: Sequence[Delivery]) -> None:
    """These were told (or can never be): drop their rows, except those that were renewed meanwhile."""
    await tx.many(_SETTLE, [{"id": row.id, "version": row.version} for row in told])


async def tried(tx: Transaction, delivery_ids: Collection[int]) -> None:
    """These were not taken this time."""
    await tx.run(_TRIED, ids=list(delivery_ids))


async def waiting(tx: Transaction, pod_id: int) -> int:
    """How many rows a lane has."""
    return int((await tx.one(_COUNT, pod_id=pod_id))["total"])


async def waiting_by_pod(tx: Transaction) -> dict[int, int]:
    """How many rows each lane has, by the pod's id; pods without any are left out."""
    return {row["pod_id"]: row["total"] for row in await tx.all(_COUNTS)}


async def waiting_by_kind(tx: Transaction) -> list[tuple[DeliveryKind, int, int]]:
    """How many rows there are of each (kind, pod's id)."""
    return [(DeliveryKind(row["kind"]), row["pod_id"], row["total"]) for row in await tx.all(_COUNT_BY_KIND)]
