"""The pages of channels (`/c/<handle>`) and of people (`/a/<handle>`), and the buttons to follow them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from peertube.http.routing import Access
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Video
from peertube.pages.links import handle_of
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import VideoLists
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit, local_path
from peertube.pages.words import SORTS
from peertube.policy.authority import may_update_channel
from peertube.usecases.channels import OwnedChannel

PER_PAGE = 24
EACH = 3
"""Videos of each channel on the page of a person."""

_NEWEST = "-publishedAt"
_CHANNELS = Window(count=50, sort="-createdAt")


class ReadsChannels(Protocol):
    """Finds channels and accounts."""

    async def channel(self, handle: str) -> OwnedChannel:
        """The channel ``name`` or ``name@host``."""
        ...

    async def account(self, handle: str) -> Account:
        """The account ``name`` or ``name@host``."""
        ...

    async def of_account(self, handle: str, window: Window) -> Listing[OwnedChannel]:
        """The channels of an account."""
        ...


class Newest(Protocol):
    """Finds the newest videos of channels."""

    async def newest(self, channels: Sequence[Channel], each: int) -> Mapping[int, Sequence[Video]]:
        """The newest public videos of each."""
        ...


class Follows(Protocol):
    """Lets users follow."""

    async def follow(self, viewer: Viewer, uri: str) -> None:
        """Follow a channel, an account or a tag."""
        ...

    async def unfollow(self, viewer: Viewer, uri: str) -> None:
        """Follow it no more."""
        ...

    async def follows(self, viewer: Viewer, uri: str) -> bool:
        """Whether the viewer follows it."""
        ...


@frozen
class ActorPages:
    """Channels and people."""

    channels: ReadsChannels
    videos: VideoLists
    newest: Newest
    subscriptions: Follows

    def routes(self) -> list[PageRoute]:
        """Each page."""
        anyone = Access.ANYONE
        return [
            PageRoute("GET", "/c/<handle>", anyone, self.channel),
            PageRoute("GET", "/c/<handle>/about", anyone, self.about_channel),
            PageRoute("GET", "/c/<handle>/videos", anyone, self.older_channel),
            PageRoute("GET", "/video-channels/<handle>", anyone, self.older_channel),
            PageRoute("GET", "/a/<handle>", anyone, self.account),
            PageRoute("GET", "/a/<handle>/video-channels", anyone, self.older_account),
            PageRoute("GET", "/accounts/<handle>", anyone, self.older_account),
            PageRoute("GET", "/services/redirect/accounts/<handle>", anyone, self.older_account),
            PageRoute("POST", "/subscriptions/add", Access.USER, self.follow),
            PageRoute("POST", "/subscriptions/remove", Access.USER, self.unfollow),
        ]

    async def channel(self, visit: Visit, handle: str) -> Shown:
        """The videos of a channel."""
        found = await self.channels.channel(handle)
        page, sort = current_page(visit), visit.asked("sort", _NEWEST)
        sort = sort if sort in SORTS else _NEWEST
        wanted = VideoFilter(channel_id=found.channel.id)
        videos = await self.videos.listing(visit.viewer, wanted, window(page, PER_PAGE, sort))
        address = f"/c/{handle_of(found.channel)}"
        context = {
            **await self._head(visit, found),
            "tab": "videos",
            "videos": videos.items,
            "total": videos.total or 0,
            "sort": sort,
            "paging": Paging(address, {"sort": None if sort == _NEWEST else sort}, page, PER_PAGE, videos.total or 0),
        }
        return Shown("channel.html", context)

    async def about_channel(self, visit: Visit, handle: str) -> Shown:
        """What a channel says of itself."""
        found = await self.channels.channel(handle)
        return Shown("channel.html", {**await self._head(visit, found), "tab": "about"})

    async def account(self, visit: Visit, handle: str) -> Shown:
        """A person with the channels, and the newest videos of each."""
        account = await self.channels.account(handle)
        owned = await self.channels.of_account(handle, _CHANNELS)
        newest = await self.newest.newest([one.channel for one in owned.items], EACH)
        uri = f"account:{handle_of(account)}"
        context = {
            "account": account,
            "channels": [(one.channel, newest.get(one.channel.id, ())) for one in owned.items],
            "uri": uri,
            "followed": visit.viewer is not None and await self.subscriptions.follows(visit.viewer, uri),
            "own": visit.viewer is not None and visit.viewer.user.account_id == account.id,
        }
        return Shown("account.html", context)

    async def older_channel(self, visit: Visit, handle: str) -> Redirect:
        """PeerTube's other addresses of a channel."""
        return Redirect(f"/c/{handle_of((await self.channels.channel(handle)).channel)}", status=301)

    async def older_account(self, visit: Visit, handle: str) -> Redirect:
        """PeerTube's other addresses of a person."""
        return Redirect(f"/a/{handle_of(await self.channels.account(handle))}", status=301)

    async def follow(self, visit: Visit) -> Redirect:
        """Follow a channel, a person or a tag."""
        await self.subscriptions.follow(visit.user(), visit.given("uri")[:400])
        return Redirect(local_path(visit.given("next"), "/following"), done="followed")

    async def unfollow(self, visit: Visit) -> Redirect:
        """Follow it no more."""
        uri = visit.given("uri")[:400]
        if await self.subscriptions.follows(visit.user(), uri):
            await self.subscriptions.unfollow(visit.user(), uri)
        return Redirect(local_path(visit.given("next"), "/following"), done="unfollowed")

    async def _head(self, visit: Visit, found: OwnedChannel) -> dict[str, object]:
        uri, viewer = handle_of(found.channel), visit.viewer
        return {
            "channel": found.channel,
            "account": found.account,
            "uri": uri,
            "followed": viewer is not None and await self.subscriptions.follows(viewer, uri),
            "may_edit": viewer is not None and may_update_channel(viewer, found.channel),
        }
