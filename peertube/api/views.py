"""``/api/v1/videos/<id>/views``: players say where they are."""

from peertube.api.proofs import proof_of
from peertube.api.video_forms import ViewForm
from peertube.http.routing import Access, Call, Route
from peertube.policy.user_agents import agent_of
from peertube.usecases.video_access import VideoAccess
from peertube.usecases.views import Views


class ViewsApi:
    """Views, for players."""

    def __init__(self, *, views: Views, access: VideoAccess) -> None:
        self._views = views
        self._access = access

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("POST", "/videos/<identifier>/views", Access.OPTIONAL, self.watch, body=ViewForm),
            Route("PUT", "/videos/<identifier>/views", Access.OPTIONAL, self.watch, body=ViewForm),
            Route("POST", "/videos/<identifier>/watching", Access.OPTIONAL, self.watch, body=ViewForm),
            Route("PUT", "/videos/<identifier>/watching", Access.OPTIONAL, self.watch, body=ViewForm),
        ]

    async def watch(self, call: Call, identifier: str) -> None:
        """Say at which second of a video one is."""
        form = await call.body(ViewForm)
        await self._views.watch(
            call.viewer,
            identifier,
            address=call.address,
            position=form.current_time,
            session=form.session_id,
            seeked=form.view_event == "seek",
            opened=await self._access.opens_named(identifier, proof_of(call)),
            agent=agent_of(call.user_agent, client=form.client, device=form.device, system=form.operating_system),
        )
