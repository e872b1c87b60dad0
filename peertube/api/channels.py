"""Channels: ``/video-channels`` and ``/video-channels/<handle>``."""

from typing import Annotated

from pydantic import BaseModel, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.channels import channel_full
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.usecases.channels import ChannelFields, Channels


class NewChannel(BaseModel):
    """The body that makes a channel."""

    name: str
    display_name: Annotated[str, Field(alias="displayName")]
    description: str | None = None
    support: str | None = None
    directory: Annotated[int | None, Field(alias="streamDirectory")] = None


class ChangedChannel(BaseModel):
    """The body that changes a channel; what is left out stays."""

    display_name: Annotated[str, Field(alias="displayName")] = ""
    description: str | None = None
    support: str | None = None
    directory: Annotated[int | None, Field(alias="streamDirectory")] = None
    bulk_videos_support_update: Annotated[bool, Field(alias="bulkVideosSupportUpdate")] = False


class ChannelsApi:
    """Routes that show and change channels. A handle is ``name`` or ``name@host``."""

    def __init__(self, *, channels: Channels, web: WebServer) -> None:
        self._channels = channels
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/video-channels", Access.OPTIONAL, self.listing, query=PageParameters),
            Route("GET", "/video-channels/<handle>", Access.OPTIONAL, self.channel),
            Route("POST", "/video-channels", Access.USER, self.create, body=NewChannel),
            Route("PUT", "/video-channels/<handle>", Access.USER, self.update, body=ChangedChannel),
            Route("DELETE", "/video-channels/<handle>", Access.USER, self.remove),
        ]

    async def listing(self, call: Call) -> object:
        """All known channels."""
        found = await self._channels.listing(call.parameters(PageParameters).window())
        return page(found, [channel_full(one.channel, one.account, self._web) for one in found.items])

    async def channel(self, call: Call, handle: str) -> object:
        """One channel."""
        found = await self._channels.channel(handle)
        return channel_full(found.channel, found.account, self._web)

    async def create(self, call: Call) -> object:
        """One more channel of the caller."""
        body = await call.body(NewChannel)
        fields = ChannelFields(body.display_name, body.description or None, body.support or None, body.directory)
        return {"videoChannel": {"id": await self._channels.create(call.known_viewer, body.name, fields)}}

    async def update(self, call: Call, handle: str) -> None:
        """Change what a channel says of itself."""
        body = await call.body(ChangedChannel)
        given = body.model_fields_set - {"bulk_videos_support_update"}
        changes = {name: getattr(body, name) or None for name in given}
        if "display_name" in changes:
            changes["display_name"] = body.display_name
        videos_too = body.bulk_videos_support_update and "support" in given
        await self._channels.update(call.known_viewer, handle, changes, videos_too=videos_too)

    async def remove(self, call: Call, handle: str) -> None:
        """Remove a channel with its videos."""
        await self._channels.remove(call.known_viewer, handle)
