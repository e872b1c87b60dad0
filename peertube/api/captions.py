"""``/api/v1/videos/<id>/captions``."""

from peertube.api.proofs import proof_of
from peertube.api.representations.captions import caption_of
from peertube.api.representations.videos import Json
from peertube.errors import Invalid
from peertube.http.routing import Access, Call, Route
from peertube.http.sinks import ReceivedForm, SinkRoute
from peertube.model.captions import MAXIMUM_SIZE
from peertube.usecases.captions import Captions
from peertube.usecases.video_access import VideoAccess

_ROOM_FOR_FORM = 2**16


class CaptionsApi:
    """Captions, for programs. `origin` is the start of this pod's addresses."""

    def __init__(self, *, captions: Captions, access: VideoAccess, origin: str) -> None:
        self._access = access
        self._captions = captions
        self._origin = origin

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/videos/<identifier>/captions", Access.OPTIONAL, self.listing),
            Route("DELETE", "/videos/<identifier>/captions/<language>", Access.USER, self.remove),
        ]

    def sinks(self) -> list[SinkRoute]:
        """The route that takes files, with its whole path."""
        return [
            SinkRoute(
                method="PUT",
                path=r"/api/v1/videos/(?P<identifier>[^/]+)/captions/(?P<language>[^/]+)",
                access=Access.USER,
                check=self.check,
                handler=self.put,
                file_fields=frozenset({"captionfile"}),
                max_files=1,
            )
        ]

    async def listing(self, call: Call, identifier: str) -> Json:
        """List the captions of a video."""
        opened = await self._access.opens_named(identifier, proof_of(call))
        found = await self._captions.listing(call.viewer, identifier, opened=opened)
        return {"total": len(found), "data": [caption_of(caption, self._origin) for caption in found]}

    async def check(self, call: Call, content_length: int | None, identifier: str, language: str) -> int:
        """Refuse a file before it comes; how long the body may be."""
        await self._captions.require_own(call.known_viewer, identifier)
        return MAXIMUM_SIZE + _ROOM_FOR_FORM

    async def put(self, call: Call, form: ReceivedForm, identifier: str, language: str) -> None:
        """Add or replace the captions of a video in a language (WebVTT or SubRip)."""
        file = form.files.get("captionfile")
        if file is None:
            raise Invalid("Incorrect request parameters: captionfile", fields={"captionfile": "Should be a file"})
        await self._captions.put(call.known_viewer, identifier, language, file.path, file.filename)

    async def remove(self, call: Call, identifier: str, language: str) -> None:
        """Remove the captions of a video in a language."""
        await self._captions.remove(call.known_viewer, identifier, language)
