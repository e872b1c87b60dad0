"""What the pages ask of the use cases of videos."""

from collections.abc import Sequence
from typing import Protocol

from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod
from peertube.model.users import Viewer
from peertube.model.video_access import NOTHING_SHOWN, Proof
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Rating, Video, VideoDetails
from peertube.usecases.videos import VideoChanges


class VideoLists(Protocol):
    """Finds videos."""

    async def listing(self, viewer: Viewer | None, wanted: VideoFilter, window: Window) -> Listing[Video]:
        """The videos of a list."""
        ...


class VideoReader(VideoLists, Protocol):
    """Finds videos and one of them whole."""

    async def details(self, viewer: Viewer | None, id_or_uuid: str, proof: Proof = NOTHING_SHOWN) -> VideoDetails:
        """The video of a number, UUID or short UUID, for those who may see it or show what opens it."""
        ...


class OwnVideos(VideoReader, Protocol):
    """What an owner does with videos."""

    async def mine(self, viewer: Viewer, window: Window, search: str | None = None) -> Listing[Video]:
        """The viewer's own videos."""
        ...

    async def update(self, viewer: Viewer, id_or_uuid: str, changes: VideoChanges) -> None:
        """Change a video."""
        ...

    async def remove(self, viewer: Viewer, id_or_uuid: str) -> None:
        """Remove a video."""
        ...


class RatingsOfVideos(Protocol):
    """What users think of videos."""

    async def rate(self, viewer: Viewer, id_or_uuid: str, rating: Rating, *, opened: bool = False) -> None:
        """Like, dislike, or neither."""
        ...

    async def of(self, viewer: Viewer, id_or_uuid: str, *, opened: bool = False) -> tuple[int, Rating]:
        """The number of a video, and what the viewer thinks of it."""
        ...


class Friends(Protocol):
    """Knows the friends of this pod."""

    async def friends(self) -> Sequence[Pod]:
        """Every friend."""
        ...
