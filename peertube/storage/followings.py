"""Who follows what is about to go with its rows: counted anew afterwards."""

from peertube.storage.database import Transaction
from peertube.storage.query import Query

_OF_CHANNEL = Query("select user_id from subscriptions where channel_id = :id")
_OF_ACCOUNT = Query(
    """
    select user_id from subscriptions where account_id = :id
    union select user_id from subscriptions where channel_id in (select id from channels where account_id = :id)
    """
)
_OF_HOST = Query(
    """
    select user_id from subscriptions where account_id in (select id from accounts where host = :host)
    union select user_id from subscriptions where channel_id in (select id from channels where host = :host)
    """
)
_COUNT = Query(
    """
    update accounts set following = (
        select count(*) from subscriptions s where s.user_id = accounts.user_id and s.folded is null
    ) where user_id in $list(user_ids)
    """
)


async def of_channel(tx: Transaction, channel_id: int) -> list[int]:
    """The users who follow a channel."""
    return [row["user_id"] for row in await tx.all(_OF_CHANNEL, id=channel_id)]


async def of_account(tx: Transaction, account_id: int) -> list[int]:
    """The users who follow an account or a channel of it."""
    return [row["user_id"] for row in await tx.all(_OF_ACCOUNT, id=account_id)]


async def of_host(tx: Transaction, host: str) -> list[int]:
    """The users who follow anything of another pod."""
    return [row["user_id"] for row in await tx.all(_OF_HOST, host=host)]


async def count(tx: Transaction, user_ids: list[int]) -> None:
    """Count anew how much some users follow."""
    if user_ids:
        await tx.run(_COUNT, user_ids=user_ids)
