"""``/api/v1/search``: videos, channels, playlists."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from peertube.api.paging import page
from peertube.api.representations.channels import channel_full
from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.api.video_parameters import SearchParameters, Text, Uuids, WindowParameters
from peertube.api.videos import VideoLists
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.model.channel_filters import ChannelFilter
from peertube.model.pages import Listing, Window
from peertube.usecases.history import History
from peertube.usecases.search import Search
from peertube.usecases.videos import Videos

Host = Annotated[str, Field(max_length=300)]
Handles = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=100)]


class ActorSearchParameters(WindowParameters):
    """What the searches of channels and playlists share."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    search: Text | None = None
    host: Host | None = None
    search_target: Literal["local", "search-index"] = "local"
    sort: Literal["match", "-match", "createdAt", "-createdAt", "displayName", "-displayName"] = "-match"

    def window(self) -> Window:
        """The rows that are asked for."""
        return Window(start=self.start, count=self.count, sort=self.sort, skip_count=self.skip_count)


class ChannelSearchParameters(ActorSearchParameters):
    """``GET /search/video-channels``."""

    handles: Handles = Field(default_factory=list)


class PlaylistSearchParameters(ActorSearchParameters):
    """``GET /search/video-playlists``."""

    uuids: Uuids = Field(default_factory=list)


class SearchApi:
    """Searches, for programs."""

    def __init__(
        self,
        *,
        search: Search,
        videos: Videos,
        representations: VideoRepresentations,
        web: WebServer,
        history: History | None = None,
    ) -> None:
        self._search = search
        self._lists = VideoLists(videos=videos, representations=representations, history=history)
        self._web = web

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/search/videos", Access.OPTIONAL, self.videos, query=SearchParameters),
            Route("GET", "/search/video-channels", Access.OPTIONAL, self.channels, query=ChannelSearchParameters),
            Route("GET", "/search/video-playlists", Access.OPTIONAL, self.playlists, query=PlaylistSearchParameters),
        ]

    async def videos(self, call: Call) -> Json:
        """Search videos of this pod and its friends: by words, or by the address of one."""
        parameters = call.parameters(SearchParameters)
        wanted = parameters.wanted(call.viewer)
        listing = await self._search.videos(call.viewer, wanted, parameters.window())
        return await self._lists.answer(call, listing, wanted)

    async def channels(self, call: Call) -> Json:
        """Search channels of this pod and its friends: by words, or by the address or handle of one."""
        asked = call.parameters(ChannelSearchParameters)
        wanted = ChannelFilter(
            search=asked.search or None,
            host=asked.host or None,
            handles=tuple(self._search.handle(handle) for handle in asked.handles),
        )
        found = await self._search.channels(wanted, asked.window())
        return page(found, [channel_full(one.channel, one.account, self._web) for one in found.items])

    async def playlists(self, call: Call) -> Json:
        """Search playlists. There are none yet."""
        asked = call.parameters(PlaylistSearchParameters)
        return page(Listing(total=None if asked.skip_count else 0, items=()), [])
