"""What there is to discover here and on the servers that this one follows."""

from collections.abc import Sequence

from peertube.model.channels import Channel
from peertube.model.directory import Directory
from peertube.model.pages import Listing, Window
from peertube.model.videos import Video
from peertube.storage import directory
from peertube.storage.database import Database
from peertube.usecases.ports import Clock

KEPT_MS = 30_000
"""For so long an overview is shown again: it is counted over all videos."""

TAGS, LANGUAGES, ACTIVE = 40, 20, 12


class Directories:
    """Overviews of everything public."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._kept: tuple[int, Directory] | None = None

    async def overview(self) -> Directory:
        """Categories, languages, tags, active channels; not older than half a minute."""
        now_ms = self._clock.now_ms()
        if self._kept is not None and now_ms - self._kept[0] < KEPT_MS:
            return self._kept[1]
        found = await self._database.read(directory.overview, tags=TAGS, languages=LANGUAGES, active=ACTIVE)
        self._kept = now_ms, found
        return found

    async def on_shelf(self, category: int, window: Window) -> Listing[Channel]:
        """The channels that stand under a category of the directory."""
        return await self._database.read(directory.on_shelf, category, window)

    async def newest(self, channels: Sequence[Channel], each: int) -> dict[int, list[Video]]:
        """The newest public videos of each of some channels."""
        return await self._database.read(directory.newest, [channel.id for channel in channels], each)
