"""What follows when an account or a channel of this pod goes: friends hear of it, its videos' files are removed."""

from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.deliveries import DeliveryKind
from peertube.storage import accounts, channels, deliveries, jobs, kept_files, subscriptions
from peertube.storage.database import Transaction
from peertube.storage.kept_files import Kept
from peertube.usecases.partial_files import discard_files_of_user
from peertube.usecases.ports import Publisher
from peertube.usecases.unnamed_files import DISCARD_FILES

_NAMES_PER_JOB = 500


async def remove_account(tx: Transaction, account: Account, now_ms: int, publisher: Publisher) -> None:
    """Remove an account of this pod with its channels and videos, and note all that follows."""
    await _let_go(tx, await kept_files.of_account(tx, account.id), now_ms, publisher)
    for channel in await channels.of_account(tx, account.id):
        await _tell(tx, DeliveryKind.REMOVE_CHANNEL, channel.uuid, now_ms)
    await _tell(tx, DeliveryKind.REMOVE_AUTHOR, account.uuid, now_ms)
    if account.user_id is not None and await discard_files_of_user(tx, account.user_id, now_ms):
        tx.after_commit(lambda: publisher.publish(topics.JOBS, {}))
    if account.user_id is not None:
        await subscriptions.forget_user(tx, account.user_id)
    await accounts.remove(tx, account.id)
    reach("removal.account-noted")
    tx.after_commit(lambda: publisher.publish(topics.DELIVERIES, {"pods": []}))


async def remove_channel(tx: Transaction, channel: Channel, now_ms: int, publisher: Publisher) -> None:
    """Remove a channel of this pod with its videos, and note all that follows."""
    await _let_go(tx, await kept_files.of_channel(tx, channel.id), now_ms, publisher)
    await _tell(tx, DeliveryKind.REMOVE_CHANNEL, channel.uuid, now_ms)
    await channels.remove(tx, channel.id)
    reach("removal.channel-noted")
    tx.after_commit(lambda: publisher.publish(topics.DELIVERIES, {"pods": []}))


async def _let_go(tx: Transaction, kept: Kept, now_ms: int, publisher: Publisher) -> None:
    for uuid, version in kept.shared:
        await deliveries.add(tx, DeliveryKind.REMOVE_VIDEO, uuid, version + 1, now_ms, body={"uuid": uuid})
    for kind, names in kept.names.items():
        for start in range(0, len(names), _NAMES_PER_JOB):
            await jobs.add(tx, DISCARD_FILES, {"files": {kind: names[start : start + _NAMES_PER_JOB]}}, now_ms)
    if any(kept.names.values()):
        tx.after_commit(lambda: publisher.publish(topics.JOBS, {}))
    if kept.info_hashes:
        news = {"added": [], "removed": list(kept.info_hashes)}
        tx.after_commit(lambda: publisher.publish(topics.TORRENTS, news))


async def _tell(tx: Transaction, kind: DeliveryKind, uuid: str, now_ms: int) -> None:
    await deliveries.add(tx, kind, uuid, now_ms, now_ms, body={"uuid": uuid})
