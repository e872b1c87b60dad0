"""``/video-channels/<handle>/collaborators`` (PeerTube 8): people who work on a channel together."""

from pydantic import BaseModel, Field

from peertube.api.representations.accounts import account_summary
from peertube.api.representations.times import iso
from peertube.api.video_parameters import number_of
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.model.collaborators import Collaborator
from peertube.usecases.collaborators import Collaborators


class InvitedBody(BaseModel):
    """Whom to invite."""

    account: str = Field(alias="accountHandle")


class CollaboratorsApi:
    """Routes of collaborators."""

    def __init__(self, *, collaborators: Collaborators, web: WebServer) -> None:
        self._collaborators = collaborators
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        base = "/video-channels/<handle>/collaborators"
        return [
            Route("GET", base, Access.USER, self.listing),
            Route("POST", f"{base}/invite", Access.USER, self.invite, body=InvitedBody),
            Route("POST", f"{base}/<number>/accept", Access.USER, self.accept),
            Route("POST", f"{base}/<number>/reject", Access.USER, self.reject),
            Route("DELETE", f"{base}/<number>", Access.USER, self.remove),
        ]

    async def listing(self, call: Call, handle: str) -> object:
        """Who takes part in a channel, and who is invited."""
        found = await self._collaborators.of_channel(call.known_viewer, handle)
        return {"total": len(found), "data": [self._shown(one) for one in found]}

    async def invite(self, call: Call, handle: str) -> object:
        """Invite somebody of this pod."""
        account = (await call.body(InvitedBody)).account
        return {"collaborator": self._shown(await self._collaborators.invite(call.known_viewer, handle, account))}

    async def accept(self, call: Call, handle: str, number: str) -> None:
        """Take part, after an invitation."""
        await self._collaborators.accept(call.known_viewer, handle, number_of(number, "collaboratorId"))

    async def reject(self, call: Call, handle: str, number: str) -> None:
        """Do not take part."""
        await self._collaborators.reject(call.known_viewer, handle, number_of(number, "collaboratorId"))

    async def remove(self, call: Call, handle: str, number: str) -> None:
        """Let somebody take part no more."""
        await self._collaborators.remove(call.known_viewer, handle, number_of(number, "collaboratorId"))

    def _shown(self, one: Collaborator) -> dict[str, object]:
        return {
            "id": one.id,
            "account": account_summary(one.account, self._web),
            "state": {"id": int(one.state), "label": one.state.label},
            "createdAt": iso(one.created_ms),
            "updatedAt": iso(one.updated_ms),
        }
