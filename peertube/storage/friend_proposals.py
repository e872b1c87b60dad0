"""Rows of friendships that wait for somebody to approve them."""

from peertube.model.friend_proposals import Direction, FriendProposal
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_PUT = Query(
    """
    insert into friend_proposals (host, direction, email, public_key, protocol, created_ms)
    values (:host, :direction, :email, :public_key, :protocol, :created_ms)
    on conflict (host, direction) do update
    set email = excluded.email, public_key = excluded.public_key, protocol = excluded.protocol
    """
)
_COLUMNS = Query("select host, direction, email, public_key, protocol, created_ms from friend_proposals")
_OF = _COLUMNS + Query("where host = :host and direction = :direction")
_ALL = _COLUMNS + Query("where direction = :direction order by created_ms, host")
_COUNT = Query("select count(*) as total from friend_proposals where direction = :direction")
_REMOVE = Query("delete from friend_proposals where host = :host and direction = :direction")
_CLEAR = Query("delete from friend_proposals where direction = :direction")


def _load(row: Row) -> FriendProposal:
    return FriendProposal(
        host=row["host"],
        direction=Direction(row["direction"]),
        email=row["email"],
        public_key=row["public_key"],
        protocol=row["protocol"],
        created_ms=row["created_ms"],
    )


async def put(tx: Transaction, proposal: FriendProposal) -> None:
    """Note a proposal; one of the same host is renewed."""
    await tx.run(
        _PUT,
        host=proposal.host,
        direction=proposal.direction.value,
        email=proposal.email,
        public_key=proposal.public_key,
        protocol=proposal.protocol,
        created_ms=proposal.created_ms,
    )


async def of(tx: Transaction, direction: Direction, host: str) -> FriendProposal | None:
    """The proposal of (or to) a host."""
    row = await tx.maybe(_OF, host=host, direction=direction.value)
    return None if row is None else _load(row)


async def listing(tx: Transaction, direction: Direction) -> list[FriendProposal]:
    """Every proposal, oldest first."""
    return [_load(row) for row in await tx.all(_ALL, direction=direction.value)]


async def count(tx: Transaction, direction: Direction) -> int:
    """How many proposals there are."""
    return int((await tx.one(_COUNT, direction=direction.value))["total"])


async def remove(tx: Transaction, direction: Direction, host: str) -> bool:
    """Forget a proposal; whether it was there."""
    return await tx.run(_REMOVE, host=host, direction=direction.value) == 1


async def clear(tx: Transaction, direction: Direction) -> None:
    """Forget all proposals."""
    await tx.run(_CLEAR, direction=direction.value)
