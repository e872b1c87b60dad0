"""The outbox: mails that the SMTP server has not taken yet."""

from peertube.model.mails import KeptMail
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_ADD = Query(
    """insert into mails (message_id, sealed, created_ms, expires_ms)
    values (:message_id, :sealed, :created_ms, :expires_ms) returning id"""
)
_BY_ID = Query("select id, message_id, sealed, created_ms, expires_ms from mails where id = :id")
_COUNT = Query("select count(*) as total from mails")
_REMOVE = Query("delete from mails where id = :id")
_REMOVE_EXPIRED = Query(
    """delete from mails where id in (
        select id from mails where expires_ms <= :now_ms order by expires_ms limit :limit
    )"""
)


async def add(tx: Transaction, *, message_id: str, sealed: str, created_ms: int, expires_ms: int) -> int:
    """Keep a mail; its id."""
    row = await tx.one(_ADD, message_id=message_id, sealed=sealed, created_ms=created_ms, expires_ms=expires_ms)
    return int(row["id"])


async def by_id(tx: Transaction, mail_id: int) -> KeptMail | None:
    """The mail with this id; None when it was sent."""
    row = await tx.maybe(_BY_ID, id=mail_id)
    if row is None:
        return None
    return KeptMail(row["id"], row["message_id"], row["sealed"], row["created_ms"], row["expires_ms"])


async def count(tx: Transaction) -> int:
    """How many wait."""
    return int((await tx.one(_COUNT))["total"])


async def remove(tx: Transaction, mail_id: int) -> bool:
    """Forget a mail; whether it was there."""
    return await tx.run(_REMOVE, id=mail_id) == 1


async def remove_expired(tx: Transaction, now_ms: int, limit: int) -> int:
    """Forget at most `limit` mails that nobody needs any more; how many."""
    return await tx.run(_REMOVE_EXPIRED, now_ms=now_ms, limit=limit)
