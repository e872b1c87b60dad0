"""Rows of people who take part in channels of others: invited, or let in."""

from peertube.model.channels import Channel
from peertube.model.collaborators import Collaborator, CollaboratorState
from peertube.storage import accounts, channels
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_SELECT = Query(
    """
    select k.id as collaborator_id, k.channel_id as in_channel_id, k.state as collaborator_state,
        k.created_ms as collaborator_created_ms, k.updated_ms as collaborator_updated_ms,
        a.id, a.uuid, a.host, a.user_id, a.name, a.display_name, a.description, a.created_ms, a.updated_ms, a.avatar,
        a.avatar_ms, a.followers, a.following
    from collaborators k join accounts a on a.id = k.account_id
    """
)
_BY_ID = _SELECT + Query("where k.id = :id")
_OF_CHANNEL = _SELECT + Query("where k.channel_id = :channel_id order by k.id")
_OF = _SELECT + Query("where k.channel_id = :channel_id and k.account_id = :account_id")
_CHANNELS_OF = Query(
    """
    select k.id as collaborator_id, c.id, c.uuid, c.host, c.account_id, c.name, c.display_name, c.description,
        c.support, c.created_ms, c.updated_ms, c.avatar, c.avatar_ms, c.banner, c.banner_ms, c.followers, c.directory
    from collaborators k join channels c on c.id = k.channel_id
    where k.account_id = :account_id and k.state = :state order by k.id
    """
)
_ADD = Query(
    """
    insert into collaborators (channel_id, account_id, state, created_ms, updated_ms)
    values (:channel_id, :account_id, 1, :now_ms, :now_ms) returning id
    """
)
_ACCEPT = Query("update collaborators set state = 2, updated_ms = :now_ms where id = :id and state = 1")
_REMOVE = Query("delete from collaborators where id = :id")


async def add(tx: Transaction, channel_id: int, account_id: int, now_ms: int) -> int:
    """Invite an account; the id. `UniqueViolation` when it is invited or let in already."""
    return int((await tx.one(_ADD, channel_id=channel_id, account_id=account_id, now_ms=now_ms))["id"])


async def accept(tx: Transaction, collaborator_id: int, now_ms: int) -> bool:
    """Let in who was invited; whether that changed anything."""
    return await tx.run(_ACCEPT, id=collaborator_id, now_ms=now_ms) == 1


async def remove(tx: Transaction, collaborator_id: int) -> None:
    """Let somebody take part no more."""
    await tx.run(_REMOVE, id=collaborator_id)


async def by_id(tx: Transaction, collaborator_id: int) -> Collaborator | None:
    """One invitation or participation."""
    row = await tx.maybe(_BY_ID, id=collaborator_id)
    return None if row is None else _load(row)


async def of(tx: Transaction, channel_id: int, account_id: int) -> Collaborator | None:
    """How an account takes part in a channel."""
    row = await tx.maybe(_OF, channel_id=channel_id, account_id=account_id)
    return None if row is None else _load(row)


async def of_channel(tx: Transaction, channel_id: int) -> list[Collaborator]:
    """Everybody who takes part in a channel or is invited to."""
    return [_load(row) for row in await tx.all(_OF_CHANNEL, channel_id=channel_id)]


async def channels_of(
    tx: Transaction, account_id: int, state: CollaboratorState
) -> list[tuple[int, Channel]]:  # fmt: skip
    """The channels that an account was invited to, or takes part in, each with the id of that."""
    rows = await tx.all(_CHANNELS_OF, account_id=account_id, state=int(state))
    return [(row["collaborator_id"], channels.load(row)) for row in rows]


def _load(row: Row) -> Collaborator:
    return Collaborator(
        id=row["collaborator_id"],
        channel_id=row["in_channel_id"],
        account=accounts.load(row),
        state=CollaboratorState(row["collaborator_state"]),
        created_ms=row["collaborator_created_ms"],
        updated_ms=row["collaborator_updated_ms"],
    )
