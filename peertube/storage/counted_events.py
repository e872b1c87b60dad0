"""Which events of friends were counted, so that each is counted once."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_COUNT = Query(
    """
    insert into counted_events (host, event_id, seen_ms) values (:host, :event_id, :seen_ms)
    on conflict (host, event_id) do nothing
    """
)
_EXPIRE = Query("delete from counted_events where seen_ms < :before_ms")


async def count(tx: Transaction, host: str, event_id: str, now_ms: int) -> bool:
    """Whether this event of `host` is counted for the first time; remembers it."""
    return await tx.run(_COUNT, host=host, event_id=event_id, seen_ms=now_ms) == 1


async def expire(tx: Transaction, before_ms: int) -> int:
    """Forget events that were counted before `before_ms`; how many."""
    return await tx.run(_EXPIRE, before_ms=before_ms)
