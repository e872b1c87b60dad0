"""Replacing the file of a video: the new one is measured, kept and hashed beside the old one, which viewers go on
watching; then one transaction puts it in its place, and friends and the tracker hear of it.

The order of things is that of `usecases.uploads`; what an interrupted replacement leaves is named by the row of its
upload, which is swept with it.
"""

from collections.abc import Mapping

from attrs import evolve, frozen

from peertube.config.schema import Settings
from peertube.errors import Conflict, Forbidden, NotFound
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.resumable_uploads import UploadedVideo
from peertube.model.users import Viewer
from peertube.model.video_sources import VideoSource
from peertube.model.videos import NewVideoFile, Video, VideoDetails, VideoFile, VideoState
from peertube.policy import visibility
from peertube.policy.authority import may_update_video
from peertube.storage import jobs, video_sources, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases import storyboards
from peertube.usecases.ports import Clock, Publisher, Storage
from peertube.usecases.publishing import Publishing
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.uploads import Lasting, Measured, UploadRequest, Uploads, new_file, source_of
from peertube.usecases.video_changes import REWRITE_TORRENT, tell_of_change
from peertube.usecases.videos import by_identifier, video_not_found


@frozen
class _Replacement:
    """What the transaction puts in its place."""

    made: Video
    file: NewVideoFile
    source: VideoSource
    measured: Measured


class Replacements:
    """Puts another file in the place of a video's.

    :param settings: `video_file.update.enabled` says whether this is offered.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        storage: Storage,
        uploads: Uploads,
        publishing: Publishing,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._storage = storage
        self._uploads = uploads
        self._publishing = publishing
        self._settings = settings

    async def source(self, viewer: Viewer, id_or_uuid: str) -> VideoSource:
        """What a video was made of; for those who may change it.

        :raises NotFound: code ``video_source_not_found``, where nobody noted it.
        """
        found = await self._database.read(by_identifier, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may_update_video(viewer, found.video):
            raise Forbidden("Cannot manage a video of another user")
        sources = await self._database.read(video_sources.of_videos, [found.video.id])
        if found.video.id not in sources:
            raise NotFound("Video source not found", code="video_source_not_found")
        return sources[found.video.id]

    async def require(self, viewer: Viewer, id_or_uuid: str) -> VideoDetails:
        """The video, when its file may be replaced.

        :raises Forbidden: it is somebody else's, or nobody's file is replaced here.
        :raises Conflict: it is not published (yet).
        """
        return self._required(viewer, await self._database.read(by_identifier, id_or_uuid))

    async def replace(self, viewer: Viewer, video_id: int, request: UploadRequest, lasting: Lasting) -> UploadedVideo:
        """Put the file of a request in the place of the video's. Raises as `require` and `Uploads.publish`."""
        found = await self.require(viewer, str(video_id))
        measured = await self._uploads.measure(viewer, request)
        names = await lasting.intend(self._uploads.names(measured, found.video.uuid))
        await self._storage.keep(request.path, "web_videos", names.video)
        reach("replacement.file-kept")
        file = new_file(measured, names)
        torrent, info_hash = await self._publishing.torrent(found.video, _for_torrent(file, video_id), _nobody)
        await self._storage.write("torrents", names.torrent, torrent)
        reach("replacement.torrent-written")
        file = evolve(file, torrent_name=names.torrent, info_hash=info_hash)
        source = source_of(request.filename, file, self._clock.now_ms())
        replacement = _Replacement(found.video, file, source, measured)
        await self._database.write(self._swap, viewer, replacement, lasting)
        reach("replacement.committed")
        return UploadedVideo(id=video_id, uuid=found.video.uuid)

    def _required(self, viewer: Viewer, found: VideoDetails | None) -> VideoDetails:
        if found is None:
            raise video_not_found()
        if not self._settings.video_file.update.enabled:
            raise Forbidden("Updating the file of an existing video is not allowed on this instance")
        if not may_update_video(viewer, found.video):
            raise Forbidden("Cannot manage a video of another user")
        if found.video.state is not VideoState.PUBLISHED:
            raise Conflict("The video is being prepared, try again later")
        return found

    async def _swap(self, tx: Transaction, viewer: Viewer, replacement: _Replacement, lasting: Lasting) -> None:
        now_ms = self._clock.now_ms()
        before = self._required(viewer, await videos.details_by_id(tx, replacement.made.id))
        video, file = before.video, replacement.file
        await self._uploads.require_room(tx, viewer, file.size)
        await videos.replace_files(tx, video.id, [file], now_ms)
        _, _, probe = replacement.measured
        await videos.replace_input(
            tx,
            video.id,
            duration=max(1, round(probe.duration)),
            aspect_ratio=round(probe.width / probe.height, 4) if probe.height else None,
            now_ms=now_ms,
        )
        await video_sources.put(tx, video.id, replacement.source)
        await lasting.note(tx, video.id)
        await self._follow(tx, before, replacement, now_ms)
        reach("replacement.noted")

    async def _follow(self, tx: Transaction, before: VideoDetails, replacement: _Replacement, now_ms: int) -> None:
        """Note what follows: the old files go, the tracker and friends hear of it, pictures are made anew."""
        video, made = before.video, replacement.made
        old = _names(before)
        if old:
            await jobs.add(tx, DISCARD_FILES, {"files": old}, now_ms)
        if (video.fields.name, video.fields.privacy) != (made.fields.name, made.fields.privacy):
            await jobs.add(tx, REWRITE_TORRENT, {"video": video.uuid}, now_ms)
        if self._settings.storyboards.enabled:
            await storyboards.note_job(tx, video.uuid, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        removed = [file.info_hash for file in before.files if file.info_hash is not None]
        added = [replacement.file.info_hash] if visibility.is_open(video) else []
        tx.after_commit(lambda: self._publisher.publish(topics.TORRENTS, {"added": added, "removed": removed}))
        if await tell_of_change(tx, video, video, now_ms):
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))


def _for_torrent(file: NewVideoFile, video_id: int) -> VideoFile:
    """The file as a torrent needs it, before it has a row."""
    return VideoFile(
        id=0,
        video_id=video_id,
        resolution=file.resolution,
        width=file.width,
        height=file.height,
        fps=file.fps,
        extname=file.extname,
        size=file.size,
        has_audio=file.has_audio,
        has_video=file.has_video,
        info_hash=None,
        file_name=file.file_name,
        torrent_name=None,
        file_url=None,
        torrent_url=None,
    )


def _names(found: VideoDetails) -> Mapping[str, list[str]]:
    """The names of the files and torrents that a video has."""
    names = {
        "web_videos": [file.file_name for file in found.files if file.file_name is not None],
        "torrents": [file.torrent_name for file in found.files if file.torrent_name is not None],
    }
    return {kind: some for kind, some in names.items() if some}


async def _nobody(percent: int) -> None:
    """Nobody waits for the progress of a replacement."""
