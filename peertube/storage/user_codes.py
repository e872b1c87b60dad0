"""Codes that prove something once; only their hashes are stored."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

KEPT = 3
"""So many codes of one purpose and subject are good at a time; the oldest go."""

_ADD = Query(
    """insert into user_codes (purpose, subject_id, code_hash, detail, created_ms, expires_ms)
    values (:purpose, :subject_id, :code_hash, :detail, :now_ms, :expires_ms)"""
)
_REMOVE_SURPLUS = Query(
    """delete from user_codes where purpose = :purpose and subject_id = :subject_id and id not in (
        select id from user_codes where purpose = :purpose and subject_id = :subject_id order by id desc limit :keep
    )"""
)
_FIND = Query(
    """select detail from user_codes where purpose = :purpose and subject_id = :subject_id
    and code_hash = :code_hash and expires_ms > :now_ms"""
)
_REMOVE = Query("delete from user_codes where purpose = :purpose and subject_id = :subject_id")
_REMOVE_EXPIRED = Query(
    """delete from user_codes where id in (
        select id from user_codes where expires_ms <= :now_ms order by expires_ms limit :limit
    )"""
)


async def add(
    tx: Transaction, purpose: str, subject_id: int, code_hash: str, *, detail: str, now_ms: int, expires_ms: int
) -> None:
    """Keep a code; of more than `KEPT` the oldest go."""
    await tx.run(
        _ADD,
        purpose=purpose,
        subject_id=subject_id,
        code_hash=code_hash,
        detail=detail,
        now_ms=now_ms,
        expires_ms=expires_ms,
    )
    await tx.run(_REMOVE_SURPLUS, purpose=purpose, subject_id=subject_id, keep=KEPT)


async def find(tx: Transaction, purpose: str, subject_id: int, code_hash: str, now_ms: int) -> str | None:
    """The detail of a code that is good; None for any other."""
    row = await tx.maybe(_FIND, purpose=purpose, subject_id=subject_id, code_hash=code_hash, now_ms=now_ms)
    return None if row is None else str(row["detail"])


async def remove(tx: Transaction, purpose: str, subject_id: int) -> None:
    """No code of this purpose and subject is good any more."""
    await tx.run(_REMOVE, purpose=purpose, subject_id=subject_id)


async def remove_expired(tx: Transaction, now_ms: int, limit: int) -> int:
    """Forget at most `limit` codes that are out of date; how many."""
    return await tx.run(_REMOVE_EXPIRED, now_ms=now_ms, limit=limit)
