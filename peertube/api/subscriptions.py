"""``/users/me/subscriptions``: channels as in PeerTube; beyond it authors (``account:name@host``) and tags (``tag:x``).

Also who follows: ``/video-channels/<handle>/followers`` and ``/accounts/<handle>/followers``.
"""

from typing import Annotated

from attrs import evolve
from pydantic import BaseModel, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.accounts import account_full
from peertube.api.representations.channels import channel_alone, channel_full
from peertube.api.representations.times import iso
from peertube.api.representations.videos import Json
from peertube.api.video_parameters import ListParameters
from peertube.api.videos import VideoLists
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.model.subscriptions import Follower
from peertube.usecases.subscriptions import Subscriptions
from peertube.usecases.videos import Videos

Uri = Annotated[str, Field(min_length=1, max_length=400)]


class FollowedBody(BaseModel):
    """What to follow: a channel's handle, ``account:`` and a handle, or ``tag:`` and a tag."""

    uri: Uri


class ExistParameters(BaseModel):
    """The channels that are asked about."""

    uris: Annotated[list[Uri], Field(max_length=100)] = []


class SearchedParameters(PageParameters):
    """Which channels or people are listed."""

    search: Annotated[str | None, Field(max_length=200)] = None


class SubscriptionsApi:
    """Routes about following."""

    def __init__(self, *, subscriptions: Subscriptions, videos: Videos, lists: VideoLists, web: WebServer) -> None:
        self._subscriptions = subscriptions
        self._videos = videos
        self._lists = lists
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        mine, user = "/users/me/subscriptions", Access.USER
        return [
            Route("GET", mine, user, self.channels, query=SearchedParameters),
            Route("POST", mine, user, self.follow, body=FollowedBody),
            Route("GET", f"{mine}/exist", user, self.exist, query=ExistParameters),
            Route("GET", f"{mine}/videos", user, self.videos, query=ListParameters),
            Route("GET", f"{mine}/accounts", user, self.accounts, query=PageParameters),
            Route("GET", f"{mine}/tags", user, self.tags),
            Route("GET", f"{mine}/<uri>", user, self.channel),
            Route("DELETE", f"{mine}/<uri>", user, self.unfollow),
            Route("GET", "/video-channels/<handle>/followers", user, self.of_channel, query=SearchedParameters),
            Route("GET", "/accounts/<handle>/followers", user, self.of_account, query=SearchedParameters),
        ]

    async def channels(self, call: Call) -> Json:
        """List the channels that the caller follows."""
        asked = call.parameters(SearchedParameters)
        found = await self._subscriptions.channels(call.known_viewer, asked.window(), asked.search or None)
        return page(found, [channel_full(one.channel, one.account, self._web) for one in found.items])

    async def accounts(self, call: Call) -> Json:
        """List the authors that the caller follows (ours)."""
        found = await self._subscriptions.accounts(call.known_viewer, call.parameters(PageParameters).window())
        return page(found, [account_full(one, self._web) for one in found.items])

    async def tags(self, call: Call) -> Json:
        """List the tags that the caller follows (ours)."""
        found = await self._subscriptions.tags(call.known_viewer)
        return {"total": len(found), "data": [{"tag": one.tag, "createdAt": iso(one.created_ms)} for one in found]}

    async def follow(self, call: Call) -> None:
        """Follow a channel, an author or a tag."""
        await self._subscriptions.follow(call.known_viewer, (await call.body(FollowedBody)).uri)

    async def unfollow(self, call: Call, uri: str) -> None:
        """Follow something no more."""
        await self._subscriptions.unfollow(call.known_viewer, uri)

    async def exist(self, call: Call) -> Json:
        """Which of some channels the caller follows."""
        return dict(await self._subscriptions.exist(call.known_viewer, call.parameters(ExistParameters).uris))

    async def channel(self, call: Call, uri: str) -> Json:
        """A channel that the caller follows."""
        found = await self._subscriptions.channel(call.known_viewer, uri)
        return channel_full(found.channel, found.account, self._web)

    async def videos(self, call: Call) -> Json:
        """List the videos of everything that the caller follows, each once."""
        parameters = call.parameters(ListParameters)
        wanted = evolve(parameters.wanted(call.viewer), followed_by=call.known_viewer.user.id)
        listing = await self._videos.listing(call.viewer, wanted, parameters.window())
        return await self._lists.answer(call, listing, wanted)

    async def of_channel(self, call: Call, handle: str) -> Json:
        """List who follows a channel of the caller."""
        asked = call.parameters(SearchedParameters)
        found = await self._subscriptions.followers_of_channel(
            call.known_viewer, handle, asked.window(), asked.search or None
        )
        return page(found, [self._follower(one) for one in found.items])

    async def of_account(self, call: Call, handle: str) -> Json:
        """List who follows the caller's account or its channels."""
        asked = call.parameters(SearchedParameters)
        found = await self._subscriptions.followers_of_account(
            call.known_viewer, handle, asked.window(), asked.search or None
        )
        return page(found, [self._follower(one) for one in found.items])

    def _follower(self, one: Follower) -> Json:
        followed = account_full(one.followed, self._web)
        if one.channel is not None:
            followed = channel_alone(one.channel, self._web)
        return {
            "id": one.id,
            "follower": account_full(one.account, self._web),
            "following": followed,
            "score": 0,
            "state": "accepted",
            "createdAt": iso(one.created_ms),
            "updatedAt": iso(one.created_ms),
        }
