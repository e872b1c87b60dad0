"""``/api/v1/videos``: lists, details, changes. Uploads are in `uploads`, searches in `search`."""

from collections.abc import Sequence

from peertube.api.paging import page
from peertube.api.proofs import proof_of
from peertube.api.representations.videos import Json, VideoRepresentations, metadata, source
from peertube.api.video_forms import UpdateForm
from peertube.api.video_parameters import ListParameters, MineParameters
from peertube.errors import Invalid, NotFound
from peertube.http.routing import Access, Call, Route
from peertube.model.pages import Listing
from peertube.model.taxonomy import CATEGORIES, LANGUAGES, LICENCES, PRIVACIES
from peertube.model.users import Viewer
from peertube.model.video_filters import PRIVILEGED, Include, VideoFilter
from peertube.model.videos import Video
from peertube.policy.visibility import sees_all
from peertube.usecases.history import History
from peertube.usecases.videos import Videos


class VideoLists:
    """Lists of videos as JSON."""

    def __init__(
        self, *, videos: Videos, representations: VideoRepresentations, history: History | None = None
    ) -> None:
        self._videos = videos
        self._representations = representations
        self._history = history

    async def answer(self, call: Call, listing: Listing[Video], wanted: VideoFilter) -> Json:
        """``{total, data}``; with more of each video for those who asked for more and may."""
        more = sees_all(call.viewer) and bool(wanted.include & PRIVILEGED or wanted.privacies)
        shown = self._representations.managed if more else self._representations.summary
        data = [shown(video) for video in listing.items]
        if Include.FILES in wanted.include:
            for item, details in zip(data, await self._videos.with_files(listing.items), strict=True):
                item |= {"files": self._representations.files(details), "streamingPlaylists": []}
        if more and Include.SOURCE in wanted.include:
            sources = await self._videos.sources(listing.items)
            for item, video in zip(data, listing.items, strict=True):
                item["videoSource"] = source(sources[video.id]) if video.id in sources else None
        await self.add_positions(call.viewer, listing.items, data)
        return page(listing, data)

    async def add_positions(self, viewer: Viewer | None, listed: Sequence[Video], data: Sequence[Json]) -> None:
        """Say in the JSON of videos where the viewer stopped watching them."""
        if viewer is None or self._history is None or not listed:
            return
        positions = await self._history.positions(viewer, listed)
        for video, item in zip(listed, data, strict=True):
            if video.id in positions:
                item["userHistory"] = {"currentTime": positions[video.id]}


class VideosApi:
    """Videos, for programs."""

    def __init__(
        self, *, videos: Videos, representations: VideoRepresentations, history: History | None = None
    ) -> None:
        self._videos = videos
        self._representations = representations
        self._lists = VideoLists(videos=videos, representations=representations, history=history)

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        return [
            Route("GET", "/videos", Access.OPTIONAL, self.listing, query=ListParameters),
            Route("GET", "/videos/categories", Access.ANYONE, self.categories),
            Route("GET", "/videos/licences", Access.ANYONE, self.licences),
            Route("GET", "/videos/languages", Access.ANYONE, self.languages),
            Route("GET", "/videos/privacies", Access.ANYONE, self.privacies),
            Route("GET", "/videos/<identifier>", Access.OPTIONAL, self.details),
            Route("GET", "/videos/<identifier>/description", Access.OPTIONAL, self.description),
            Route("GET", "/videos/<identifier>/metadata/<file_id>", Access.OPTIONAL, self.metadata),
            Route("PUT", "/videos/<identifier>", Access.USER, self.update, body=UpdateForm),
            Route("DELETE", "/videos/<identifier>", Access.USER, self.remove),
            Route("GET", "/users/me/videos", Access.USER, self.mine, query=MineParameters),
            Route("GET", "/accounts/<handle>/videos", Access.OPTIONAL, self.of_account, query=ListParameters),
            Route("GET", "/video-channels/<handle>/videos", Access.OPTIONAL, self.of_channel, query=ListParameters),
        ]

    async def listing(self, call: Call) -> Json:
        """List public videos."""
        parameters = call.parameters(ListParameters)
        wanted = parameters.wanted(call.viewer)
        return await self._lists.answer(
            call, await self._videos.listing(call.viewer, wanted, parameters.window()), wanted
        )

    async def of_account(self, call: Call, handle: str) -> Json:
        """List the videos of an account."""
        parameters = call.parameters(ListParameters)
        wanted = parameters.wanted(call.viewer)
        listing = await self._videos.of_account(call.viewer, handle, wanted, parameters.window())
        return await self._lists.answer(call, listing, wanted)

    async def of_channel(self, call: Call, handle: str) -> Json:
        """List the videos of a channel."""
        parameters = call.parameters(ListParameters)
        wanted = parameters.wanted(call.viewer)
        listing = await self._videos.of_channel(call.viewer, handle, wanted, parameters.window())
        return await self._lists.answer(call, listing, wanted)

    async def mine(self, call: Call) -> Json:
        """List one's own videos, whatever their privacy and state."""
        asked = call.parameters(MineParameters)
        taking_part = call.known_viewer.user.collaborates_on if asked.include_collaborations else frozenset()
        wanted = VideoFilter(
            taking_part=taking_part,
            is_live=asked.is_live,
            channel_id=asked.channel_id,
            privacies=tuple(asked.privacy_one_of),
        )
        listing = await self._videos.mine(call.known_viewer, asked.window(), asked.search or None, wanted=wanted)
        return page(listing, [self._representations.managed(video) for video in listing.items])

    async def details(self, call: Call, identifier: str) -> Json:
        """Show a video."""
        details = await self._videos.details(call.viewer, identifier, proof_of(call))
        shown = self._representations.details(details)
        await self._lists.add_positions(call.viewer, [details.video], [shown])
        return shown

    async def description(self, call: Call, identifier: str) -> Json:
        """Show the whole description of a video."""
        details = await self._videos.details(call.viewer, identifier, proof_of(call))
        return {"description": details.video.fields.description}

    async def metadata(self, call: Call, identifier: str, file_id: str) -> Json:
        """Show what is known of the streams in a file of a video."""
        if not (file_id.isascii() and file_id.isdigit()):
            raise Invalid("Incorrect request parameters: videoFileId", fields={"videoFileId": "Should be a number"})
        details = await self._videos.details(call.viewer, identifier, proof_of(call))
        for file in details.files:
            if file.id == int(file_id[:18]):
                return metadata(details, file)
        raise NotFound("Video file not found")

    async def update(self, call: Call, identifier: str) -> None:
        """Change a video."""
        form = await call.body(UpdateForm)
        await self._videos.update(call.known_viewer, identifier, form.changes())

    async def remove(self, call: Call, identifier: str) -> None:
        """Remove a video."""
        await self._videos.remove(call.known_viewer, identifier)

    async def categories(self, call: Call) -> Json:
        """List the categories."""
        return {str(number): label for number, label in CATEGORIES.items()}

    async def licences(self, call: Call) -> Json:
        """List the licences."""
        return {str(number): label for number, label in LICENCES.items()}

    async def languages(self, call: Call) -> Json:
        """List the languages."""
        return dict(LANGUAGES)

    async def privacies(self, call: Call) -> Json:
        """List the privacies."""
        return {str(int(number)): label for number, label in PRIVACIES.items()}
