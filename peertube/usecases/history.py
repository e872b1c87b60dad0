"""What users watched: noted in memory while they watch, stored every few seconds, shown and forgotten on demand."""

from collections.abc import Sequence

from attrs import evolve

from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.video_filters import Sensitive, VideoFilter
from peertube.model.videos import Video
from peertube.model.watching import Watching
from peertube.storage import history, video_lists
from peertube.storage.database import Database
from peertube.usecases.ports import Clock
from peertube.usecases.videos import by_identifier, video_not_found

MOST_NOTED = 10_000
"""Pairs of user and video between two flushes; the oldest words are lost beyond."""

AT_ONCE = 500


class History:
    """The histories of all users.

    :param max_age_seconds: how long they are kept; -1 for ever.
    """

    def __init__(self, *, database: Database, clock: Clock, max_age_seconds: int = -1) -> None:
        self._max_age_seconds = max_age_seconds
        self._database = database
        self._clock = clock
        self._noted: dict[tuple[int, int], tuple[int, int]] = {}

    def take(self, watching: Watching) -> None:
        """A player said where it is; noted for users who want that."""
        viewer = watching.viewer
        if viewer is None or not viewer.user.preferences.videos_history_enabled:
            return
        key = (viewer.user.id, watching.video.id)
        self._noted.pop(key, None)
        if len(self._noted) >= MOST_NOTED:
            del self._noted[next(iter(self._noted))]
        self._noted[key] = (watching.position, watching.now_ms)

    async def flush(self) -> None:
        """Store what was noted. What cannot be stored is noted still."""
        while self._noted:
            some = {key: self._noted.pop(key) for key in list(self._noted)[:AT_ONCE]}
            try:
                await self._database.write(history.note, [(*key, *what) for key, what in some.items()])
            except BaseException:
                self._noted = {**some, **self._noted}
                raise

    async def sweep(self) -> None:
        """Remove what is more than a history holds, or too old."""
        if self._max_age_seconds >= 0:
            await self._database.write(history.expire, self._clock.now_ms() - self._max_age_seconds * 1000)
        await self._database.write(history.trim)

    async def listing(self, viewer: Viewer, window: Window, search: str | None = None) -> Listing[Video]:
        """The videos that the viewer watched, the last one first. The window's order is left aside."""
        await self.flush()
        wanted = VideoFilter(watched_by=viewer.user.id, search=search, sensitive=Sensitive.BOTH)
        ordered = evolve(window, sort="-watchedAt")
        return await self._database.read(video_lists.listing, wanted, ordered, self._clock.now_ms())

    async def unfinished(self, viewer: Viewer, window: Window) -> Listing[Video]:
        """The videos that the viewer began to watch, the last one first."""
        await self.flush()
        wanted = VideoFilter(watched_by=viewer.user.id, unfinished=True, sensitive=Sensitive.BOTH)
        ordered = evolve(window, sort="-watchedAt", skip_count=True)
        return await self._database.read(video_lists.listing, wanted, ordered, self._clock.now_ms())

    async def positions(self, viewer: Viewer | None, listed: Sequence[Video]) -> dict[int, int]:
        """Where the viewer stopped watching those of the videos that are in the viewer's history (seconds)."""
        if viewer is None:
            return {}
        stored = await self._database.read(history.positions, viewer.user.id, [video.id for video in listed])
        noted = {
            video.id: self._noted[viewer.user.id, video.id][0]
            for video in listed
            if (viewer.user.id, video.id) in self._noted
        }
        return stored | noted

    async def times(self, viewer: Viewer, listed: Sequence[Video]) -> dict[int, int]:
        """When the viewer watched each of the videos (ms)."""
        return await self._database.read(history.times, viewer.user.id, [video.id for video in listed])

    async def forget(self, viewer: Viewer, id_or_uuid: str) -> None:
        """Take one video out of the viewer's history."""
        found = await self._database.read(by_identifier, id_or_uuid)
        if found is None:
            raise video_not_found()
        self._noted.pop((viewer.user.id, found.video.id), None)
        await self._database.write(history.forget, viewer.user.id, found.video.id)

    async def forget_before(self, viewer: Viewer, before_ms: int | None) -> None:
        """Take all, or what was watched before a time, out of the viewer's history."""
        await self.flush()
        limit = self._clock.now_ms() + 1 if before_ms is None else before_ms
        await self._database.write(history.forget_before, viewer.user.id, limit)
