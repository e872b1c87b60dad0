"""``/api/v1/overviews/videos``: what there is, as a page to discover it shows it."""

from typing import Annotated

from pydantic import BaseModel, Field

from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.http.routing import Access, Call, Route
from peertube.model.taxonomy import CATEGORIES
from peertube.usecases.overview import Overviews


class OverviewParameters(BaseModel):
    """Which page, from 1."""

    page: Annotated[int, Field(ge=1, le=1000)] = 1


class OverviewsApi:
    """Overviews, for programs."""

    def __init__(self, *, overviews: Overviews, representations: VideoRepresentations) -> None:
        self._overviews = overviews
        self._representations = representations

    def routes(self) -> list[Route]:
        """The route below ``/api/v1``."""
        return [Route("GET", "/overviews/videos", Access.OPTIONAL, self.videos, query=OverviewParameters)]

    async def videos(self, call: Call) -> Json:
        """Show a tag, a category and a channel with their newest videos."""
        found = await self._overviews.page(call.viewer, call.parameters(OverviewParameters).page)
        tagged, sorted_so, published = (
            [self._representations.summary(video) for video in videos]
            for videos in (found.of_tag, found.of_category, found.of_channel)
        )
        category = {"id": found.category, "label": CATEGORIES.get(found.category, "")}
        return {
            "tags": [{"tag": found.tag, "videos": tagged}] if tagged else [],
            "categories": [{"category": category, "videos": sorted_so}] if sorted_so else [],
            "channels": [{"channel": published[0]["channel"], "videos": published}] if published else [],
        }
