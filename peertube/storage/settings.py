"""Small things that a pod remembers about itself: keys and values."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_GET = Query("select value from settings where key = :key")
_PUT = Query(
    "insert into settings (key, value) values (:key, :value) on conflict (key) do update set value = excluded.value"
)
_PUT_ONCE = Query("insert into settings (key, value) values (:key, :value) on conflict (key) do nothing")


async def get(tx: Transaction, key: str) -> str | None:
    """The value of `key`, if there is one."""
    row = await tx.maybe(_GET, key=key)
    return None if row is None else str(row["value"])


async def put(tx: Transaction, key: str, value: str) -> None:
    """Set `key`, whether it was there or not."""
    await tx.run(_PUT, key=key, value=value)


async def put_once(tx: Transaction, key: str, value: str) -> str:
    """Set `key` unless it is there; gives what it is now."""
    await tx.run(_PUT_ONCE, key=key, value=value)
    return str((await tx.one(_GET, key=key))["value"])
