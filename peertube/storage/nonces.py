"""Nonces: which signed requests were seen, so that each works once."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_USE = Query(
    """
    insert into nonces (host, nonce, seen_ms) values (:host, :nonce, :seen_ms)
    on conflict (host, nonce) do nothing
    """
)
_EXPIRE = Query("delete from nonces where seen_ms < :before_ms")


async def use(tx: Transaction, host: str, nonce: str, now_ms: int) -> bool:
    """Whether `host` uses the nonce for the first time; remembers it. Call only for a signature that was verified."""
    return await tx.run(_USE, host=host, nonce=nonce, seen_ms=now_ms) == 1


async def expire(tx: Transaction, before_ms: int) -> int:
    """Forget nonces whose requests are too old to be accepted again; how many."""
    return await tx.run(_EXPIRE, before_ms=before_ms)
