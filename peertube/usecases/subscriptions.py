"""What a user follows: channels here and of friends, and (beyond PeerTube) authors and tags; one feed of all videos.

A target is written as the handle of a channel (``name``, ``name@host``), ``account:`` and the handle of an account, or
``tag:`` and a tag.
"""

from collections.abc import Sequence

from attrs import frozen

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.model.accounts import Account
from peertube.model.pages import Listing, Window
from peertube.model.subscriptions import MAXIMUM_SUBSCRIPTIONS, FollowedTag, Follower
from peertube.model.users import Viewer
from peertube.policy.authority import may_see_own_lists, may_update_channel
from peertube.policy.video_fields import TAG_LENGTH
from peertube.storage import accounts, channels, subscriptions
from peertube.storage.database import Database, Transaction
from peertube.usecases.channels import OwnedChannel
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock

ACCOUNT = "account:"
TAG = "tag:"


@frozen
class _Target:
    """Exactly one of these."""

    channel_id: int | None = None
    account_id: int | None = None
    tag: str | None = None


class Subscriptions:
    """Following and its opposite."""

    def __init__(self, *, database: Database, clock: Clock, handles: Handles) -> None:
        self._database = database
        self._clock = clock
        self._handles = handles

    async def follow(self, viewer: Viewer, uri: str) -> None:
        """Follow a channel, an account or a tag; nothing changes for one that is followed already.

        :raises NotFound: when there is no such channel or account.
        """
        await self._database.write(self._follow, viewer, uri)

    async def unfollow(self, viewer: Viewer, uri: str) -> None:
        """Follow something no more. `NotFound` for what was not followed."""
        await self._database.write(self._unfollow, viewer, uri)

    async def follows(self, viewer: Viewer, uri: str) -> bool:
        """Whether the viewer follows a target."""
        return await self._database.read(self._follows, viewer, uri)

    async def channel(self, viewer: Viewer, uri: str) -> OwnedChannel:
        """A channel that the viewer follows. `NotFound` for others."""
        return await self._database.read(self._channel, viewer, uri)

    async def exist(self, viewer: Viewer, uris: Sequence[str]) -> dict[str, bool]:
        """Which of some channels the viewer follows, by the handles as they were given."""
        split: dict[str, tuple[str, str]] = {}
        for uri in uris:
            try:
                split[uri] = self._handles.split(uri)
            except NotFound:
                continue
        names = sorted({name for _, name in split.values()})
        known = await self._database.read(subscriptions.followed_handles, viewer.user.id, names)
        return {uri: split.get(uri) in known for uri in uris}

    async def channels(self, viewer: Viewer, window: Window, search: str | None = None) -> Listing[OwnedChannel]:
        """The channels that the viewer follows."""
        _require_sort(window)
        found, total = await self._database.read(subscriptions.followed_channels, viewer.user.id, window, search)
        return Listing(total=total, items=[OwnedChannel(channel=one, account=owner) for one, owner in found])

    async def accounts(self, viewer: Viewer, window: Window) -> Listing[Account]:
        """The authors that the viewer follows."""
        _require_sort(window)
        found, total = await self._database.read(subscriptions.followed_accounts, viewer.user.id, window)
        return Listing(total=total, items=found)

    async def tags(self, viewer: Viewer) -> list[FollowedTag]:
        """The tags that the viewer follows, newest first."""
        return await self._database.read(subscriptions.followed_tags, viewer.user.id)

    async def followers_of_channel(
        self, viewer: Viewer, handle: str, window: Window, search: str | None = None
    ) -> Listing[Follower]:
        """Who follows a channel; for those who may change it."""
        _require_sort(window)
        return await self._database.read(self._followers_of_channel, viewer, handle, window, search)

    async def followers_of_account(
        self, viewer: Viewer, handle: str, window: Window, search: str | None = None
    ) -> Listing[Follower]:
        """Who follows an account or its channels; for the account itself."""
        _require_sort(window)
        return await self._database.read(self._followers_of_account, viewer, handle, window, search)

    async def _follow(self, tx: Transaction, viewer: Viewer, uri: str) -> None:
        target = await self._target(tx, uri)
        if await subscriptions.total(tx, viewer.user.id) >= MAXIMUM_SUBSCRIPTIONS:
            raise Conflict(f"Nobody can follow more than {MAXIMUM_SUBSCRIPTIONS} things", code="too_many_subscriptions")
        await subscriptions.add(
            tx,
            viewer.user.id,
            self._clock.now_ms(),
            channel_id=target.channel_id,
            account_id=target.account_id,
            tag=target.tag,
        )

    async def _unfollow(self, tx: Transaction, viewer: Viewer, uri: str) -> None:
        target = await self._target(tx, uri)
        removed = await subscriptions.remove(
            tx, viewer.user.id, channel_id=target.channel_id, account_id=target.account_id, tag=target.tag
        )
        if not removed:
            raise NotFound("Subscription not found")

    async def _follows(self, tx: Transaction, viewer: Viewer, uri: str) -> bool:
        target = await self._target(tx, uri)
        return await subscriptions.follows(
            tx, viewer.user.id, channel_id=target.channel_id, account_id=target.account_id, tag=target.tag or ""
        )

    async def _channel(self, tx: Transaction, viewer: Viewer, uri: str) -> OwnedChannel:
        channel_id = (await self._target(tx, uri)).channel_id
        channel = None if channel_id is None else await channels.by_id(tx, channel_id)
        owner = None if channel is None else await accounts.by_id(tx, channel.account_id)
        if channel is None or owner is None:
            raise NotFound("Subscription not found")
        if not await subscriptions.follows(tx, viewer.user.id, channel_id=channel.id):
            raise NotFound("Subscription not found")
        return OwnedChannel(channel=channel, account=owner)

    async def _followers_of_channel(
        self, tx: Transaction, viewer: Viewer, handle: str, window: Window, search: str | None
    ) -> Listing[Follower]:
        host, name = self._handles.split(handle)
        channel = await channels.by_name(tx, host, name)
        if channel is None:
            raise NotFound("Video channel not found")
        if not may_update_channel(viewer, channel):
            raise Forbidden("This video channel is not yours")
        found, total = await subscriptions.followers(tx, window, search, channel_id=channel.id)
        return Listing(total=total, items=found)

    async def _followers_of_account(
        self, tx: Transaction, viewer: Viewer, handle: str, window: Window, search: str | None
    ) -> Listing[Follower]:
        host, name = self._handles.split(handle)
        account = await accounts.by_name(tx, host, name)
        if account is None:
            raise NotFound("Account not found")
        if not may_see_own_lists(viewer, account.id):
            raise Forbidden("This account is not yours")
        found, total = await subscriptions.followers(tx, window, search, account_id=account.id)
        return Listing(total=total, items=found)

    async def _target(self, tx: Transaction, uri: str) -> _Target:
        if uri.startswith(TAG):
            tag = " ".join(uri.removeprefix(TAG).split())
            if not TAG_LENGTH[0] <= len(tag) <= TAG_LENGTH[1] or not tag.isprintable():
                raise _wrong_uri(f"Should be a tag of {TAG_LENGTH[0]} to {TAG_LENGTH[1]} characters")
            return _Target(tag=tag)
        if uri.startswith(ACCOUNT):
            host, name = self._handles.split(uri.removeprefix(ACCOUNT))
            account = await accounts.by_name(tx, host, name)
            if account is None:
                raise NotFound("Account not found")
            return _Target(account_id=account.id)
        host, name = self._handles.split(uri)
        channel = await channels.by_name(tx, host, name)
        if channel is None:
            raise NotFound("Video channel not found")
        return _Target(channel_id=channel.id)


def _require_sort(window: Window) -> None:
    if window.sort not in subscriptions.SORTS:
        raise Invalid("Incorrect request parameters: sort", fields={"sort": "Should have a sortable column"})


def _wrong_uri(text: str) -> Invalid:
    return Invalid("Incorrect request parameters: uri", fields={"uri": text})
