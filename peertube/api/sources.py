"""``/api/v1/videos/<id>/source``: what a video was made of, and another file in its place.

``POST``, ``PUT`` and ``DELETE`` of ``source/replace-resumable`` speak the protocol of `api.resumable_uploads`, and end
in 204 where an upload ends in the ids of its video.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from peertube.api.representations.videos import Json, source
from peertube.api.resumable_uploads import ResumableUploadsApi, UploadAddress, text_of_time
from peertube.http.chunks import ChunkRoute
from peertube.http.routing import Access, Call, Reply, Route
from peertube.usecases.replacements import Replacements

PATH = "/videos/<identifier>/source/replace-resumable"
DOWNLOADS = "/download/original-video-files/"


class ReplacementForm(BaseModel):
    """Which file will come."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    filename: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    last_modified: Annotated[str | None, BeforeValidator(text_of_time), Field(max_length=100)] = None


class SourcesApi:
    """Files that videos were made of, for programs.

    :param origin: the start of the pod's own addresses.
    """

    def __init__(self, *, replacements: Replacements, resumable: ResumableUploadsApi, origin: str) -> None:
        self._replacements = replacements
        self._resumable = resumable
        self._origin = origin

    def routes(self) -> list[Route]:
        """The routes whose bodies are small."""
        return [
            Route("GET", "/videos/<identifier>/source", Access.USER, self.show),
            Route("POST", PATH, Access.USER, self.begin, body=ReplacementForm),
            Route("DELETE", PATH, Access.USER, self.cancel, query=UploadAddress),
        ]

    def sinks(self) -> list[ChunkRoute]:
        """The route that takes chunks, with its whole path."""
        return [
            ChunkRoute(
                method="PUT",
                path=r"/api/v1/videos/(?P<identifier>[^/]{1,100})/source/replace-resumable",
                access=Access.USER,
                check=self._resumable.check_chunk,
                open=self._resumable.open,
                query=UploadAddress,
            )
        ]

    async def show(self, call: Call, identifier: str) -> Json:
        """Show what a video was made of."""
        found = await self._replacements.source(call.known_viewer, identifier)
        return source(found, f"{self._origin}{DOWNLOADS}{found.file_name}")

    async def begin(self, call: Call, identifier: str) -> Reply:
        """Take the description of a file that shall replace a video's, whose chunks will come."""
        found = await self._replacements.require(call.known_viewer, identifier)
        form = await call.body(ReplacementForm)
        return await self._resumable.begin_replacement(call, found.video, form.filename, form.last_modified)

    async def cancel(self, call: Call, identifier: str) -> None:
        """Give up a replacement."""
        await self._resumable.give_up(call, call.parameters(UploadAddress))
