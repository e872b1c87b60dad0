"""Rows of what reporter and moderators say to each other about a report."""

from peertube.model.abuses import AbuseMessage
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into abuse_messages (abuse_id, account_id, by_moderator, message, created_ms)
    values (:abuse_id, :account_id, :by_moderator, :message, :now_ms)
    returning id
    """
)
_COLUMNS = Query(
    """
    select m.id, m.abuse_id, m.account_id, m.by_moderator, m.message, m.created_ms, a.name, a.display_name
    from abuse_messages m left join accounts a on a.id = m.account_id
    """
)
_OF_ABUSE = _COLUMNS + Query("where m.abuse_id = :abuse_id order by m.id limit :most")
_ONE = _COLUMNS + Query("where m.id = :id and m.abuse_id = :abuse_id")
_COUNT = Query("select count(*) as total from abuse_messages where abuse_id = :abuse_id")
_REMOVE = Query("delete from abuse_messages where id = :id")


def _load(row: Row) -> AbuseMessage:
    return AbuseMessage(
        id=row["id"],
        abuse_id=row["abuse_id"],
        account_id=row["account_id"],
        name=row["name"],
        display_name=row["display_name"],
        by_moderator=bool(row["by_moderator"]),
        message=row["message"],
        created_ms=row["created_ms"],
    )


async def add(
    tx: Transaction, abuse_id: int, *, account_id: int | None, by_moderator: bool, message: str, now_ms: int
) -> int:
    """Store a message; its id."""
    row = await tx.one(
        _ADD, abuse_id=abuse_id, account_id=account_id, by_moderator=int(by_moderator), message=message, now_ms=now_ms
    )
    return int(row["id"])


async def of_abuse(tx: Transaction, abuse_id: int, most: int) -> list[AbuseMessage]:
    """The messages about a report, oldest first."""
    return [_load(row) for row in await tx.all(_OF_ABUSE, abuse_id=abuse_id, most=most)]


async def one(tx: Transaction, abuse_id: int, message_id: int) -> AbuseMessage | None:
    """A message about this report."""
    row = await tx.maybe(_ONE, id=message_id, abuse_id=abuse_id)
    return None if row is None else _load(row)


async def count(tx: Transaction, abuse_id: int) -> int:
    """How many messages there are about a report."""
    return int((await tx.one(_COUNT, abuse_id=abuse_id))["total"])


async def remove(tx: Transaction, message_id: int) -> None:
    """Forget a message."""
    await tx.run(_REMOVE, id=message_id)
