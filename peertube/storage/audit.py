"""Rows of what the staff did. The newest 10,000 are kept."""

import json

from peertube.model.audit import AuditEntry
from peertube.storage.database import Transaction
from peertube.storage.query import Query

KEPT = 10_000

_ADD = Query(
    """
    insert into audit (username, domain, action, detail, created_ms)
    values (:username, :domain, :action, :detail, :created_ms)
    """
)
_EXPIRE = Query("delete from audit where id <= (select max(id) from audit) - :kept")
_BETWEEN = Query(
    """
    select username, domain, action, detail, created_ms from audit
    where created_ms >= :from_ms and created_ms <= :until_ms
    order by id desc limit :count
    """
)


async def add(tx: Transaction, entry: AuditEntry) -> None:
    """Note a deed."""
    await tx.run(
        _ADD,
        username=entry.username,
        domain=entry.domain,
        action=entry.action,
        detail=json.dumps(entry.detail),
        created_ms=entry.created_ms,
    )
    await tx.run(_EXPIRE, kept=KEPT)


async def between(tx: Transaction, from_ms: int, until_ms: int, count: int) -> list[AuditEntry]:
    """The newest `count` deeds of a time, newest first."""
    rows = await tx.all(_BETWEEN, from_ms=from_ms, until_ms=until_ms, count=count)
    return [AuditEntry(**{**row, "detail": json.loads(row["detail"])}) for row in rows]
