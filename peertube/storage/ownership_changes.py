"""Rows of offers of videos to other people of this pod."""

from collections.abc import Sequence

from peertube.model.ownership_changes import OwnershipChange
from peertube.model.pages import Listing, Window
from peertube.storage import accounts, video_rows
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query("select id, video_id, initiator_id, next_owner_id, state, created_ms from ownership_changes")
_BY_ID = _SELECT + Query("where id = :id")
_TO = Query("where next_owner_id = :account_id")
_COUNT = Query("select count(*) as total from ownership_changes")
_ORDER = {
    "createdAt": Query("order by created_ms, id limit :count offset :start"),
    "-createdAt": Query("order by created_ms desc, id desc limit :count offset :start"),
}
SORTS = frozenset(_ORDER)
"""The orders in which offers can be listed."""

_ADD = Query(
    """
    insert into ownership_changes (video_id, initiator_id, next_owner_id, state, created_ms)
    values (:video_id, :initiator_id, :next_owner_id, 'WAITING', :now_ms)
    """
)
_SET_STATE = Query("update ownership_changes set state = :state where id = :id and state = 'WAITING'")


async def add(tx: Transaction, video_id: int, initiator_id: int, next_owner_id: int, now_ms: int) -> None:
    """Note an offer. `UniqueViolation` when the video is on offer already."""
    await tx.run(_ADD, video_id=video_id, initiator_id=initiator_id, next_owner_id=next_owner_id, now_ms=now_ms)


async def by_id(tx: Transaction, change_id: int) -> OwnershipChange | None:
    """One offer."""
    row = await tx.maybe(_BY_ID, id=change_id)
    return None if row is None else (await _load(tx, [row]))[0]


async def to_account(tx: Transaction, account_id: int, window: Window) -> Listing[OwnershipChange]:
    """A window of what was offered to an account."""
    total = None
    if not window.skip_count:
        total = int((await tx.one(_COUNT + _TO, account_id=account_id))["total"])
    rows = await tx.all(
        _SELECT + _TO + _ORDER[window.sort], account_id=account_id, count=window.count, start=window.start
    )
    return Listing(total=total, items=await _load(tx, rows))


async def end(tx: Transaction, change_id: int, state: str) -> bool:
    """Note the answer; whether it was still waited for."""
    return await tx.run(_SET_STATE, id=change_id, state=state) == 1


async def _load(tx: Transaction, rows: Sequence[Row]) -> list[OwnershipChange]:
    if not rows:
        return []
    offered = await video_rows.by_ids(tx, [row["video_id"] for row in rows])
    people = await accounts.by_ids(tx, [row[key] for row in rows for key in ("initiator_id", "next_owner_id")])
    return [
        OwnershipChange(
            id=row["id"],
            video=offered[row["video_id"]],
            initiator=people[row["initiator_id"]],
            next_owner=people[row["next_owner_id"]],
            state=row["state"],
            created_ms=row["created_ms"],
        )
        for row in rows
    ]
