"""``/videos/<id>/give-ownership`` and ``/videos/ownership``: videos that change hands."""

from typing import Annotated

from pydantic import BaseModel, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.accounts import account_full
from peertube.api.representations.times import iso
from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.api.video_parameters import number_of
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.model.ownership_changes import OwnershipChange
from peertube.usecases.ownership import Ownership


class GivenBody(BaseModel):
    """Who is to get the video."""

    username: str


class TakenBody(BaseModel):
    """Where the video is to go."""

    channel_id: Annotated[int, Field(alias="channelId", ge=1)]


class OwnershipApi:
    """Routes of changes of ownership."""

    def __init__(self, *, ownership: Ownership, representations: VideoRepresentations, web: WebServer) -> None:
        self._ownership = ownership
        self._representations = representations
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/videos/ownership", Access.USER, self.offers, query=PageParameters),
            Route("POST", "/videos/ownership/<number>/accept", Access.USER, self.accept, body=TakenBody),
            Route("POST", "/videos/ownership/<number>/refuse", Access.USER, self.refuse),
            Route("POST", "/videos/<identifier>/give-ownership", Access.USER, self.give, body=GivenBody),
        ]

    async def offers(self, call: Call) -> Json:
        """List what was offered to the caller."""
        found = await self._ownership.offers(call.known_viewer, call.parameters(PageParameters).window())
        return page(found, [self._shown(one) for one in found.items])

    async def give(self, call: Call, identifier: str) -> None:
        """Offer a video to somebody of this pod."""
        await self._ownership.give(call.known_viewer, identifier, (await call.body(GivenBody)).username)

    async def accept(self, call: Call, number: str) -> None:
        """Take a video into one's channel."""
        body = await call.body(TakenBody)
        await self._ownership.accept(call.known_viewer, number_of(number, "id"), body.channel_id)

    async def refuse(self, call: Call, number: str) -> None:
        """Do not take a video."""
        await self._ownership.refuse(call.known_viewer, number_of(number, "id"))

    def _shown(self, one: OwnershipChange) -> Json:
        return {
            "id": one.id,
            "status": one.state,
            "createdAt": iso(one.created_ms),
            "initiatorAccount": account_full(one.initiator, self._web),
            "nextOwnerAccount": account_full(one.next_owner, self._web),
            "video": self._representations.summary(one.video),
        }
