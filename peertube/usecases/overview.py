"""An overview of the videos of a pod: page by page a tag, a category and a channel, each with its newest videos."""

from collections.abc import Sequence

from attrs import frozen

from peertube.model.pages import Window
from peertube.model.users import Viewer
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Video
from peertube.storage import overview
from peertube.storage.database import Database
from peertube.storage.overview import Samples
from peertube.usecases.ports import Clock
from peertube.usecases.videos import Videos

LEAST = 6
"""What has fewer videos is not worth a row (PeerTube's number)."""

MOST_PAGES = 20
"""So many tags, categories and channels are known, one of each for a page."""

VIDEOS = 12
"""At most so many videos in a row."""

KEPT_MS = 600_000
EMPTY_KEPT_MS = 10_000
"""How long samples are good: a large pod changes slowly, an empty one at once."""


@frozen
class Overview:
    """One page. What has no videos that the viewer may see is empty."""

    tag: str = ""
    of_tag: Sequence[Video] = ()
    category: int = 0
    of_category: Sequence[Video] = ()
    of_channel: Sequence[Video] = ()


class Overviews:
    """Makes overviews; three lists of videos for each, whatever the pod holds."""

    def __init__(self, *, database: Database, clock: Clock, videos: Videos) -> None:
        self._database = database
        self._clock = clock
        self._videos = videos
        self._samples: tuple[int, Samples] | None = None

    async def page(self, viewer: Viewer | None, number: int) -> Overview:
        """The page of this number, from 1."""
        known, at = await self._known(), number - 1
        found = Overview()
        if at < len(known.tags):
            tag = known.tags[at]
            found = Overview(tag=tag, of_tag=await self._newest(viewer, VideoFilter(tags_one_of=(tag,))))
        if at < len(known.categories):
            category = known.categories[at]
            newest = await self._newest(viewer, VideoFilter(categories=(category,)))
            found = Overview(found.tag, found.of_tag, category, newest)
        if at < len(known.channels):
            newest = await self._newest(viewer, VideoFilter(channel_id=known.channels[at]))
            found = Overview(found.tag, found.of_tag, found.category, found.of_category, newest)
        return found

    async def _known(self) -> Samples:
        now_ms = self._clock.now_ms()
        if self._samples is None or now_ms >= self._samples[0]:
            found = await self._database.read(overview.samples, LEAST, MOST_PAGES)
            kept_ms = KEPT_MS if found.tags and found.categories and found.channels else EMPTY_KEPT_MS
            self._samples = now_ms + kept_ms, found
        return self._samples[1]

    async def _newest(self, viewer: Viewer | None, wanted: VideoFilter) -> Sequence[Video]:
        window = Window(count=VIDEOS, sort="-publishedAt", skip_count=True)
        return (await self._videos.listing(viewer, wanted, window)).items
