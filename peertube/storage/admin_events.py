"""Rows of what the admin should know about."""

from peertube.model.admin_events import AdminEvent, AdminEventKind
from peertube.model.pages import Listing, Window
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into admin_events (kind, subject, detail, created_ms) values (:kind, :subject, :detail, :now_ms)
    """
)
_RECENT = Query(
    """
    select count(*) as total from admin_events
    where kind = :kind and subject = :subject and created_ms >= :since_ms
    """
)
_PAGE = Query(
    """
    select id, kind, subject, detail, created_ms from admin_events order by id desc limit :count offset :start
    """
)
_COUNT = Query("select count(*) as total from admin_events")
_COUNT_AFTER = Query("select count(*) as total from admin_events where id > :event_id")
_EXPIRE = Query("delete from admin_events where created_ms < :before_ms")


async def add(tx: Transaction, kind: AdminEventKind, subject: str, detail: str, now_ms: int) -> None:
    """Note an event."""
    await tx.run(_ADD, kind=kind.value, subject=subject, detail=detail, now_ms=now_ms)


async def add_once(
    tx: Transaction, kind: AdminEventKind, subject: str, detail: str, now_ms: int, *, within_ms: int
) -> bool:
    """Note an event unless the same was noted within `within_ms`; whether it was new."""
    row = await tx.one(_RECENT, kind=kind.value, subject=subject, since_ms=now_ms - within_ms)
    if row["total"]:
        return False
    await add(tx, kind, subject, detail, now_ms)
    return True


async def listing(tx: Transaction, window: Window) -> Listing[AdminEvent]:
    """Some of the events, newest first."""
    rows = await tx.all(_PAGE, count=window.count, start=window.start)
    events = [
        AdminEvent(row["id"], AdminEventKind(row["kind"]), row["subject"], row["detail"], row["created_ms"])
        for row in rows
    ]
    return Listing(total=int((await tx.one(_COUNT))["total"]), items=events)


async def count_after(tx: Transaction, event_id: int) -> int:
    """How many events are newer than this one."""
    return int((await tx.one(_COUNT_AFTER, event_id=event_id))["total"])


async def expire(tx: Transaction, before_ms: int) -> int:
    """Forget events older than `before_ms`; how many."""
    return await tx.run(_EXPIRE, before_ms=before_ms)
