"""Storyboards: made of every new video in the background, removed with it.

The job is ``generate-storyboard`` ``{"video": uuid}``; it is noted when the video is published, and safe to run twice.
"""

from collections.abc import Mapping

from peertube.model.jobs import Job
from peertube.model.storyboards import Grid, Storyboard, grid_of
from peertube.model.users import Viewer
from peertube.model.videos import VideoDetails, VideoFile
from peertube.storage import jobs, storyboards, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases import unnamed_files
from peertube.usecases.ports import Clock, JobRunner, Media, Progress, Randomness, Storage
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.videos import by_identifier, require_visible

GENERATE_STORYBOARD = "generate-storyboard"
"""The kind of the jobs."""

LONG_SECONDS = 600
"""Of longer videos only the frames that stand alone are decoded."""

_AFTER_OTHERS = 10
_ATTEMPTS = 3


async def note_job(tx: Transaction, uuid: str, now_ms: int) -> None:
    """In the transaction that publishes a video: its storyboard is to be made, once there is nothing else to do."""
    await jobs.add(tx, GENERATE_STORYBOARD, {"video": uuid}, now_ms, priority=_AFTER_OTHERS, maximum_attempts=_ATTEMPTS)


class Storyboards:
    """Makes and shows storyboards."""

    def __init__(
        self, *, database: Database, clock: Clock, randomness: Randomness, storage: Storage, media: Media
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._storage = storage
        self._media = media

    def runners(self) -> Mapping[str, JobRunner]:
        """What runs the jobs."""
        return {GENERATE_STORYBOARD: self.generate}

    async def of_video(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> Storyboard | None:
        """The storyboard of a video, if there is one (yet). `opened` as of `require_visible`."""
        return await self._database.read(self._read, viewer, id_or_uuid, opened)

    async def generate(self, job: Job, progress: Progress) -> None:
        """Make the storyboard of a video of ours."""
        found = await self._database.read(videos.details_by_uuid, job.payload["video"])
        file = None if found is None else _smallest(found)
        if found is None or file is None or file.file_name is None:
            return
        grid = grid_of(found.video.duration, file.width, file.height)
        if grid is None:
            return
        path = self._storage.path("web_videos", file.file_name)
        picture = await self._media.storyboard(path, grid, only_keyframes=found.video.duration > LONG_SECONDS)
        await progress(90)
        name = f"{self._randomness.uuid()}.jpg"
        files = {"storyboards": [name]}
        announcement = await self._database.write(unnamed_files.announce, files, self._clock.now_ms())
        await self._storage.write("storyboards", name, picture)
        if not await self._database.write(self._put, found.video.id, name, grid, announcement):
            await unnamed_files.take_back(self._database, self._storage, files, announcement)
        await progress(100)

    async def _read(self, tx: Transaction, viewer: Viewer | None, id_or_uuid: str, opened: bool) -> Storyboard | None:
        found = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid, opened=opened)
        return await storyboards.of_video(tx, found.video.id)

    async def _put(self, tx: Transaction, video_id: int, name: str, grid: Grid, announcement: int) -> bool:
        """Name the picture; False when the video is gone."""
        if await videos.details_by_id(tx, video_id) is None:
            return False
        before = await storyboards.of_video(tx, video_id)
        await storyboards.put(
            tx,
            Storyboard(
                video_id=video_id,
                file_name=name,
                total_width=grid.total_width,
                total_height=grid.total_height,
                sprite_width=grid.sprite_width,
                sprite_height=grid.sprite_height,
                sprite_seconds=grid.sprite_seconds,
            ),
        )
        await unnamed_files.named(tx, announcement)
        if before is not None:
            await jobs.add(tx, DISCARD_FILES, {"files": {"storyboards": [before.file_name]}}, self._clock.now_ms())
        return True


def _smallest(found: VideoDetails) -> VideoFile | None:
    """The file of ours that is decoded fastest and still is large enough."""
    ours = [file for file in found.files if file.file_name is not None and file.has_video]
    large_enough = [file for file in ours if file.resolution >= 144]
    return min(large_enough or ours, key=lambda file: file.resolution, default=None)
