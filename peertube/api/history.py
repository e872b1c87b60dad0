"""``/api/v1/users/me/history/videos``: what one watched oneself."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from peertube.api.paging import PageParameters, page
from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.api.video_parameters import Text, ms
from peertube.api.videos import VideoLists
from peertube.http.routing import Access, Call, Route
from peertube.usecases.history import History


class HistoryParameters(PageParameters):
    """``GET /users/me/history/videos``."""

    search: Text | None = None


class ForgetForm(BaseModel):
    """``POST /users/me/history/videos/remove``: everything, or what was watched before a date."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    before_date: Annotated[datetime | None, Field()] = None


class HistoryApi:
    """One's own history, for programs."""

    def __init__(self, *, history: History, lists: VideoLists, representations: VideoRepresentations) -> None:
        self._history = history
        self._lists = lists
        self._representations = representations

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/users/me/history/videos", Access.USER, self.listing, query=HistoryParameters),
            Route("POST", "/users/me/history/videos/remove", Access.USER, self.forget_all, body=ForgetForm),
            Route("DELETE", "/users/me/history/videos/<identifier>", Access.USER, self.forget),
        ]

    async def listing(self, call: Call) -> Json:
        """List the videos that one watched, the last one first."""
        asked, viewer = call.parameters(HistoryParameters), call.known_viewer
        found = await self._history.listing(viewer, asked.window(), asked.search or None)
        data = [self._representations.summary(video) for video in found.items]
        await self._lists.add_positions(viewer, found.items, data)
        return page(found, data)

    async def forget_all(self, call: Call) -> None:
        """Forget all that one watched, or what was watched before a date."""
        form = await call.body(ForgetForm)
        await self._history.forget_before(call.known_viewer, ms(form.before_date))

    async def forget(self, call: Call, identifier: str) -> None:
        """Forget that one watched a video."""
        await self._history.forget(call.known_viewer, identifier)
