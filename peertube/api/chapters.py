"""``/api/v1/videos/<id>/chapters``."""

from typing import Annotated

from pydantic import BaseModel, Field

from peertube.api.proofs import proof_of
from peertube.api.representations.videos import Json
from peertube.http.routing import Access, Call, Route
from peertube.model.chapters import MAXIMUM_CHAPTERS, Chapter
from peertube.usecases.chapters import Chapters
from peertube.usecases.video_access import VideoAccess


class ChapterForm(BaseModel):
    """One chapter: the second at which it begins, and its title."""

    timecode: Annotated[int, Field(ge=0, le=2**31 - 1)]
    title: Annotated[str, Field(min_length=1, max_length=1000)]


class ChaptersForm(BaseModel):
    """``PUT /videos/<id>/chapters``."""

    chapters: Annotated[list[ChapterForm], Field(max_length=MAXIMUM_CHAPTERS)]


class ChaptersApi:
    """Chapters, for programs."""

    def __init__(self, *, chapters: Chapters, access: VideoAccess) -> None:
        self._access = access
        self._chapters = chapters

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/videos/<identifier>/chapters", Access.OPTIONAL, self.listing),
            Route("PUT", "/videos/<identifier>/chapters", Access.USER, self.replace, body=ChaptersForm),
        ]

    async def listing(self, call: Call, identifier: str) -> Json:
        """List the chapters of a video."""
        opened = await self._access.opens_named(identifier, proof_of(call))
        found = await self._chapters.listing(call.viewer, identifier, opened=opened)
        return {"chapters": [{"timecode": chapter.timecode, "title": chapter.title} for chapter in found]}

    async def replace(self, call: Call, identifier: str) -> None:
        """Set the chapters of a video."""
        form = await call.body(ChaptersForm)
        wanted = [Chapter(chapter.timecode, chapter.title) for chapter in form.chapters]
        await self._chapters.replace(call.known_viewer, identifier, wanted)
