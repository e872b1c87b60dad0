"""Channels and accounts: reading those of everybody, changing one's own."""

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from peertube.config.schema import Settings
from peertube.errors import Conflict, Forbidden, Invalid, NotFound, PodError
from peertube.model import topics
from peertube.model.accounts import LOCAL, Account
from peertube.model.channels import Channel, ChannelStats
from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.policy import names
from peertube.policy.authority import may_own_channel, may_update_channel, owns
from peertube.policy.video_fields import category_problem
from peertube.storage import accounts, channel_videos, channels, deliveries
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases.handles import Handles
from peertube.usecases.new_users import name_taken
from peertube.usecases.ports import Clock, Publisher, Randomness
from peertube.usecases.removals import remove_channel
from peertube.usecases.users import require_faultless

CHANNELS_PER_USER = 20
DAY_MS = 86_400_000
STATS_DAYS = 30
"""For how many days the views of a channel are told."""


@frozen
class ChannelFields:
    """What its owner may say of a channel. `directory`: the category under which it stands in the directory."""

    display_name: str
    description: str | None = None
    support: str | None = None
    directory: int | None = None


@frozen
class OwnedChannel:
    """A channel with the account it belongs to, and with its numbers where they were asked for and may be seen."""

    channel: Channel
    account: Account
    stats: ChannelStats | None = None


class Channels:
    """What can be done with channels, and with accounts as far as everybody may see them."""

    def __init__(
        self, *, database: Database, clock: Clock, randomness: Randomness, publisher: Publisher, settings: Settings
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._handles = Handles(settings.webserver)

    async def account(self, handle: str) -> Account:
        """The account ``name`` (here) or ``name@host``."""
        host, name = self._handles.split(handle)
        found = await self._database.read(accounts.by_name, host, name)
        if found is None:
            raise NotFound("Account not found")
        return found

    async def accounts(self, window: Window) -> Listing[Account]:
        """All known accounts."""
        return await self._database.read(self._accounts, window)

    async def channel(self, handle: str) -> OwnedChannel:
        """The channel ``name`` (here) or ``name@host``."""
        host, name = self._handles.split(handle)
        return await self._database.read(self._owned, host, name)

    async def listing(self, window: Window) -> Listing[OwnedChannel]:
        """All known channels."""
        _require_sort(window)
        return await self._database.read(self._listing, window)

    async def of_account(
        self,
        handle: str,
        window: Window,
        *,
        viewer: Viewer | None = None,
        search: str | None = None,
        with_stats: bool = False,
        collaborations: bool = False,
    ) -> Listing[OwnedChannel]:
        """The channels of an account; numbers and the channels that it takes part in only for itself."""
        _require_sort(window)
        account = await self.account(handle)
        own = owns(viewer, account)
        return await self._database.read(
            self._listing_of_account, account, window, search, with_stats and own, collaborations and own
        )

    async def mine(self, viewer: Viewer) -> list[Channel]:
        """All channels of the viewer, oldest first."""
        return await self._database.read(channels.of_account, viewer.user.account_id)

    async def create(self, viewer: Viewer, name: str, fields: ChannelFields) -> int:
        """Make one more channel of the viewer; its id. Friends are told.

        :raises Conflict: an account or channel has the name already.
        """
        _require_valid(fields, name)
        uuid = self._randomness.uuid()
        try:
            return await self._database.write(self._create, viewer, name, uuid, fields)
        except UniqueViolation as error:
            raise _name_taken(name) from error

    async def update(
        self, viewer: Viewer, handle: str, changes: Mapping[str, Any], *, videos_too: bool = False
    ) -> None:
        """Change what a channel says of itself; its owner and who manages any channel may. Friends are told.

        :param changes: new values by the names of `ChannelFields`; what is not there stays.
        :param videos_too: give the support text to all videos of the channel.
        """
        host, name = self._handles.split(handle)
        await self._database.write(self._update, viewer, host, name, changes, videos_too)

    async def remove(self, viewer: Viewer, handle: str) -> None:
        """Remove a channel with its videos; friends are told. `Conflict` for the last channel of an account."""
        host, name = self._handles.split(handle)
        await self._database.write(self._remove, viewer, host, name)

    async def _accounts(self, tx: Transaction, window: Window) -> Listing[Account]:
        found = await accounts.listing(tx, window.start, window.count)
        return Listing(total=None if window.skip_count else await accounts.total(tx), items=found)

    async def _owned(self, tx: Transaction, host: str, name: str) -> OwnedChannel:
        channel = await channels.by_name(tx, host, name)
        account = None if channel is None else await accounts.by_id(tx, channel.account_id)
        if channel is None or account is None:
            raise NotFound("Video channel not found")
        return OwnedChannel(channel=channel, account=account)

    async def _listing(self, tx: Transaction, window: Window) -> Listing[OwnedChannel]:
        found = await channels.listing(tx, window)
        owners = await accounts.by_ids(tx, list({channel.account_id for channel in found}))
        items = [OwnedChannel(channel=channel, account=owners[channel.account_id]) for channel in found]
        return Listing(total=None if window.skip_count else await channels.total(tx), items=items)

    async def _listing_of_account(
        self,
        tx: Transaction,
        account: Account,
        window: Window,
        search: str | None,
        with_stats: bool,
        collaborations: bool,
    ) -> Listing[OwnedChannel]:
        found = await channels.owned(tx, account.id, window, search, collaborations=collaborations)
        owners = await accounts.by_ids(tx, list({channel.account_id for channel in found.items}))
        stats: Mapping[int, ChannelStats] = {}
        if with_stats:
            since = self._clock.now_ms() // DAY_MS - STATS_DAYS
            stats = await channel_videos.stats(tx, [channel.id for channel in found.items], since)
        items = [
            OwnedChannel(channel=channel, account=owners[channel.account_id], stats=stats.get(channel.id))
            for channel in found.items
        ]
        return Listing(total=found.total, items=items)

    async def _create(self, tx: Transaction, viewer: Viewer, name: str, uuid: str, fields: ChannelFields) -> int:
        if await channels.total(tx, viewer.user.account_id) >= CHANNELS_PER_USER:
            raise Invalid(f"You cannot create more than {CHANNELS_PER_USER} channels", code="too_many_channels")
        if await name_taken(tx, name):
            raise _name_taken(name)
        now_ms = self._clock.now_ms()
        channel_id = await channels.add(
            tx,
            uuid=uuid,
            host=LOCAL,
            account_id=viewer.user.account_id,
            name=name,
            display_name=fields.display_name.strip(),
            description=fields.description,
            support=fields.support,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        if fields.directory is not None:
            await channels.set_directory(tx, channel_id, fields.directory)
        await self._tell(tx, DeliveryKind.ADD_CHANNEL, uuid, now_ms)
        return channel_id

    async def _update(
        self, tx: Transaction, viewer: Viewer, host: str, name: str, changes: Mapping[str, Any], videos_too: bool
    ) -> None:
        channel = await self._manageable(tx, viewer, host, name)
        before = ChannelFields(channel.display_name, channel.description, channel.support, channel.directory)
        fields = attrs.evolve(before, **changes)
        _require_valid(fields, None)
        now_ms = self._clock.now_ms()
        await channels.update(
            tx,
            channel.id,
            display_name=fields.display_name.strip(),
            description=fields.description,
            support=fields.support,
            updated_ms=now_ms,
        )
        if fields.directory != channel.directory:
            await channels.set_directory(tx, channel.id, fields.directory)
        if videos_too:
            for uuid, version in await channel_videos.set_support(tx, channel.id, fields.support, now_ms):
                await deliveries.add(tx, DeliveryKind.UPDATE_VIDEO, uuid, version, now_ms)
        await self._tell(tx, DeliveryKind.UPDATE_CHANNEL, channel.uuid, now_ms)

    async def _remove(self, tx: Transaction, viewer: Viewer, host: str, name: str) -> None:
        channel = (await self._owned(tx, host, name)).channel
        if not may_own_channel(viewer, channel):
            raise Forbidden("This video channel is not yours")
        if await channels.total(tx, channel.account_id) <= 1:
            raise Conflict("Cannot remove the last channel of this user")
        await remove_channel(tx, channel, self._clock.now_ms(), self._publisher)

    async def _manageable(self, tx: Transaction, viewer: Viewer, host: str, name: str) -> Channel:
        channel = (await self._owned(tx, host, name)).channel
        if not may_update_channel(viewer, channel):
            raise Forbidden("This video channel is not yours")
        return channel

    async def _tell(self, tx: Transaction, kind: DeliveryKind, uuid: str, now_ms: int) -> None:
        await deliveries.add(tx, kind, uuid, now_ms, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))


def _name_taken(name: str) -> PodError:
    return Conflict(f"Another actor (account/channel) with name {name} on this instance already exists.")


def _require_valid(fields: ChannelFields, name: str | None) -> None:
    require_faultless(
        {
            "name": None if name is None else names.name_fault(name),
            "displayName": names.display_name_fault(fields.display_name),
            "description": names.text_fault(fields.description),
            "support": names.text_fault(fields.support),
            "streamDirectory": None if fields.directory is None else category_problem(fields.directory),
        }
    )


def _require_sort(window: Window) -> None:
    if window.sort not in channels.SORTS:
        raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})
