"""Passwords of videos: encrypted, and a keyed hash to look them up by."""

from collections.abc import Iterable, Sequence

from peertube.model.pages import Listing, Window
from peertube.model.video_access import VideoPassword
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_COLUMNS = Query("select id, video_id, sealed, created_ms, updated_ms from video_passwords")
_OF = _COLUMNS + Query("where video_id = :video_id")
_ORDERS = {
    False: Query("order by created_ms, id limit :count offset :start"),
    True: Query("order by created_ms desc, id desc limit :count offset :start"),
}
_COUNT = Query("select count(*) as total from video_passwords where video_id = :video_id")
_ID_OF = Query("select id from video_passwords where video_id = :video_id and digest = :digest")
_EXISTS = Query("select 1 from video_passwords where video_id = :video_id and id = :id")
_ADD = Query(
    """
    insert into video_passwords (video_id, sealed, digest, created_ms, updated_ms)
    values (:video_id, :sealed, :digest, :now_ms, :now_ms)
    on conflict (video_id, digest) do nothing
    """
)
_REMOVE = Query("delete from video_passwords where video_id = :video_id and id = :id")
_REMOVE_OTHERS = Query("delete from video_passwords where video_id = :video_id and digest not in $list(digests)")
_REMOVE_ALL = Query("delete from video_passwords where video_id = :video_id")

Sealed = tuple[str, str]
"""A password as it is stored: encrypted, and its digest."""


async def listing(tx: Transaction, video_id: int, window: Window) -> Listing[VideoPassword]:
    """A window of the passwords of a video, by age."""
    order = _ORDERS[window.descending]
    rows = await tx.all(_OF + order, video_id=video_id, count=window.count, start=window.start)
    return Listing(total=None if window.skip_count else await count(tx, video_id), items=[_load(row) for row in rows])


async def count(tx: Transaction, video_id: int) -> int:
    """How many passwords a video has."""
    return int((await tx.one(_COUNT, video_id=video_id))["total"])


async def id_of(tx: Transaction, video_id: int, digest: str) -> int | None:
    """The number of the password with this digest, if the video has it."""
    row = await tx.maybe(_ID_OF, video_id=video_id, digest=digest)
    return None if row is None else int(row["id"])


async def exists(tx: Transaction, video_id: int, password_id: int) -> bool:
    """Whether the video (still) has this password."""
    return await tx.maybe(_EXISTS, video_id=video_id, id=password_id) is not None


async def add(tx: Transaction, video_id: int, passwords: Iterable[Sealed], now_ms: int) -> None:
    """Give a video more passwords; those that it has stay as they are."""
    rows = [
        {"video_id": video_id, "sealed": sealed, "digest": digest, "now_ms": now_ms} for sealed, digest in passwords
    ]
    if rows:
        await tx.many(_ADD, rows)


async def replace(tx: Transaction, video_id: int, passwords: Sequence[Sealed], now_ms: int) -> None:
    """Let a video have these passwords and no others; those that it had before keep their number."""
    if passwords:
        await tx.run(_REMOVE_OTHERS, video_id=video_id, digests=[digest for _, digest in passwords])
        await add(tx, video_id, passwords, now_ms)
    else:
        await tx.run(_REMOVE_ALL, video_id=video_id)


async def remove(tx: Transaction, video_id: int, password_id: int) -> bool:
    """Forget one password of a video; whether it had it."""
    return await tx.run(_REMOVE, video_id=video_id, id=password_id) == 1


def _load(row: Row) -> VideoPassword:
    return VideoPassword(
        id=row["id"],
        video_id=row["video_id"],
        sealed=row["sealed"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
    )
