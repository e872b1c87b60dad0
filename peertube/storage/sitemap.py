"""Which of our videos search engines may know."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_NEWEST = Query(
    """
    select uuid, updated_ms from videos
    where privacy = 1 and state = 1 and host = ''
    order by published_ms desc, id desc limit :count
    """
)


async def newest(tx: Transaction, count: int) -> list[tuple[str, int]]:
    """UUID and time of the last change of our newest public videos."""
    rows = await tx.all(_NEWEST, count=count)
    return [(str(row["uuid"]), int(row["updated_ms"])) for row in rows]
