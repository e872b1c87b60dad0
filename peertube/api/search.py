"""``/api/v1/search/videos``."""

from peertube.api.representations.videos import Json, VideoRepresentations
from peertube.api.video_parameters import SearchParameters
from peertube.api.videos import VideoLists
from peertube.http.routing import Access, Call, Route
from peertube.usecases.videos import Videos


class SearchApi:
    """Searches, for programs."""

    def __init__(self, *, videos: Videos, representations: VideoRepresentations) -> None:
        self._videos = videos
        self._lists = VideoLists(videos=videos, representations=representations)

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [Route("GET", "/search/videos", Access.OPTIONAL, self.videos, query=SearchParameters)]

    async def videos(self, call: Call) -> Json:
        """Search videos of this pod and its friends."""
        parameters = call.parameters(SearchParameters)
        wanted = parameters.wanted(call.viewer)
        listing = await self._videos.search(call.viewer, wanted, parameters.window())
        return await self._lists.answer(call, listing, wanted)
