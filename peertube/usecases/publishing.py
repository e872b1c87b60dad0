"""Publishing: what an uploaded video needs before others may watch it.

Two kinds of jobs, each safe to run twice:

- ``publish-video`` ``{"video": uuid, "thumbnail": name, "preview": name, "torrent": name}``: pictures and torrent are
  written under the names that the upload chose, then one transaction names them and publishes the video.
- ``rewrite-torrent`` ``{"video": uuid}``: after a new name or privacy, each torrent is made again under a new name.
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from peertube.config.schema import Settings
from peertube.errors import Invalid
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.jobs import Job
from peertube.model.videos import Video, VideoFile, VideoState
from peertube.policy import visibility
from peertube.storage import jobs, video_files, videos
from peertube.storage.database import Database, Transaction
from peertube.torrents import metainfo
from peertube.usecases import failed_uploads, storyboards, unnamed_files
from peertube.usecases.ports import Clock, JobRunner, Media, PieceHasher, Progress, Publisher, Randomness, Storage
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.video_changes import REWRITE_TORRENT, tell_of_change
from peertube.usecases.video_urls import VideoUrls

PUBLISH_VIDEO = "publish-video"
"""The kind of the jobs that publish uploads."""

MAXIMUM_TORRENT_SIZE = 16 * 2**20
"""Bytes of the largest torrent file that is read back: ours have about 1,024 pieces, 20 bytes each."""


class Publishing:
    """The jobs between an upload and its publication."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        storage: Storage,
        media: Media,
        hasher: PieceHasher,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._storage = storage
        self._media = media
        self._hasher = hasher
        self._settings = settings
        self._urls = VideoUrls(settings)

    def runners(self) -> Mapping[str, JobRunner]:
        """What runs each kind of job."""
        return {
            PUBLISH_VIDEO: self.publish_video,
            REWRITE_TORRENT: self.rewrite_torrent,
        }

    async def publish_video(self, job: Job, progress: Progress) -> None:
        """Make pictures and torrent of an upload and publish it. What becomes of it when that never works:
        `usecases.failed_uploads`."""
        await self._publish(job.payload, progress)

    async def rewrite_torrent(self, job: Job, progress: Progress) -> None:
        """Make the torrents of a video again, with its present name and web seeds."""
        found = await self._database.read(videos.details_by_uuid, job.payload["video"])
        if found is None or found.video.state is not VideoState.PUBLISHED:
            return
        for file in found.files:
            if file.torrent_name is not None and file.file_name is not None:
                await self._rewrite(found.video, file, file.torrent_name)
        await progress(100)

    async def _publish(self, payload: Mapping[str, Any], progress: Progress) -> None:
        found = await self._database.read(videos.details_by_uuid, payload["video"])
        if found is None:
            await self._discard_unused(payload)
            return
        if found.video.state is VideoState.PUBLISHED:
            return
        reach("publish.begun")
        (file,) = found.files
        video = await self._with_pictures(found.video, file, payload)
        await progress(20)
        torrent, info_hash = await self.torrent(video, file, progress)
        reach("torrent.hashed")
        await self._storage.write("torrents", payload["torrent"], torrent)
        reach("torrent.written")
        await progress(90)
        ready = evolve(file, torrent_name=payload["torrent"], info_hash=info_hash)
        if not await self._database.write(self._finish, video, ready, payload):
            await self._discard_unused(payload)
        reach("publish.committed")
        await progress(100)

    async def _with_pictures(self, video: Video, file: VideoFile, payload: Mapping[str, Any]) -> Video:
        """The video with names of pictures; those that its owner did not send are taken from the middle of it."""
        if video.thumbnail_name is not None and video.preview_name is not None:
            return video
        thumbnail, preview = self._storage.new_temporary(".jpg"), self._storage.new_temporary(".jpg")
        path = self._storage.path("web_videos", _named(file))
        named = video
        try:
            await self._media.pictures(path, video.duration / 2, thumbnail, preview)
            if video.thumbnail_name is None:
                await self._storage.keep(thumbnail, "thumbnails", payload["thumbnail"])
                reach("publish.thumbnail-kept")
                named = evolve(named, thumbnail_name=payload["thumbnail"])
            if video.preview_name is None:
                await self._storage.keep(preview, "previews", payload["preview"])
                reach("publish.preview-kept")
                named = evolve(named, preview_name=payload["preview"])
        finally:
            await self._storage.discard_temporary(thumbnail)
            await self._storage.discard_temporary(preview)
        return named

    async def torrent(self, video: Video, file: VideoFile, progress: Progress) -> tuple[bytes, str]:
        """The torrent of a file of ours, and its info-hash (hex)."""
        length = metainfo.piece_length(file.size)
        path = self._storage.path("web_videos", _named(file))
        pieces = await self._hasher.pieces(path, length, _nothing)
        await progress(80)
        return metainfo.build(
            name=metainfo.torrent_name(video.fields.name, file.resolution, file.extname),
            length=file.size,
            piece_length=length,
            pieces=pieces,
            announce_tiers=self._urls.announce_tiers(),
            web_seeds=self._urls.web_seeds(video, file),
        )

    async def _finish(self, tx: Transaction, made: Video, file: VideoFile, payload: Mapping[str, Any]) -> bool:
        """Publish; False when there is nothing to publish any more."""
        now_ms = self._clock.now_ms()
        found = await videos.details_by_id(tx, made.id)
        if found is None:
            return False
        video = found.video
        if video.state is VideoState.PUBLISHED:
            return True
        await video_files.set_torrent(tx, file.id, torrent_name=_torrent_named(file), info_hash=file.info_hash or "")
        thumbnail, preview = video.thumbnail_name or made.thumbnail_name, video.preview_name or made.preview_name
        await videos.set_pictures(tx, video.id, thumbnail_name=thumbnail, preview_name=preview)
        await videos.set_state(tx, video.id, VideoState.PUBLISHED, now_ms)
        await videos.publish(tx, video.id, now_ms)
        unused = _unused_pictures(payload, thumbnail, preview)
        if unused:
            await jobs.add(tx, DISCARD_FILES, {"files": unused}, now_ms)
        if (video.fields.name, video.fields.privacy) != (made.fields.name, made.fields.privacy):
            await jobs.add(tx, REWRITE_TORRENT, {"video": video.uuid}, now_ms)
        if self._settings.storyboards.enabled:
            await storyboards.note_job(tx, video.uuid, now_ms)
        if unused or video.fields != made.fields or self._settings.storyboards.enabled:
            tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        published = evolve(video, state=VideoState.PUBLISHED)
        self._tell(tx, published, added=[file.info_hash or ""], removed=[])
        if await tell_of_change(tx, video, published, now_ms):
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))
        reach("publish.noted")
        return True

    async def _rewrite(self, video: Video, file: VideoFile, torrent_name: str) -> None:
        old = await self._storage.read("torrents", torrent_name, MAXIMUM_TORRENT_SIZE)
        name = metainfo.torrent_name(video.fields.name, file.resolution, file.extname)
        torrent, info_hash = metainfo.rename(
            old, name, web_seeds=self._urls.web_seeds(video, file), announce=self._urls.announce_tiers()
        )  # fmt: skip
        if torrent == old and info_hash == file.info_hash:
            return
        new_name = f"{self._randomness.uuid()}-{file.resolution}.torrent"
        files = {"torrents": [new_name]}
        announcement = await self._database.write(unnamed_files.announce, files, self._clock.now_ms())
        await self._storage.write("torrents", new_name, torrent)
        reach("torrent.rewritten")
        renamed = evolve(file, torrent_name=new_name, info_hash=info_hash)
        if not await self._database.write(self._use_torrent, video, file, renamed, announcement):
            await unnamed_files.take_back(self._database, self._storage, files, announcement)
        reach("torrent.renamed")

    async def _use_torrent(
        self, tx: Transaction, video: Video, before: VideoFile, after: VideoFile, announcement: int
    ) -> bool:
        """Name a torrent that was made again; False when the video, or the torrent it replaces, is gone."""
        now_ms = self._clock.now_ms()
        found = await videos.details_by_id(tx, video.id)
        current = [] if found is None else [file for file in found.files if file.torrent_name == before.torrent_name]
        if found is None or not current:
            return False
        await video_files.set_torrent(tx, after.id, torrent_name=_torrent_named(after), info_hash=after.info_hash or "")
        await unnamed_files.named(tx, announcement)
        await jobs.add(tx, DISCARD_FILES, {"files": {"torrents": [before.torrent_name]}}, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        if before.info_hash != after.info_hash:
            await videos.bump(tx, video.id, now_ms)
            self._tell(tx, found.video, added=[after.info_hash or ""], removed=[before.info_hash or ""])
            if await tell_of_change(tx, found.video, found.video, now_ms):
                tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": []}))
        return True

    def _tell(self, tx: Transaction, video: Video, *, added: list[str], removed: list[str]) -> None:
        """Tell the tracker, once this is stored."""
        news = {"added": added if visibility.is_open(video) else [], "removed": removed}
        tx.after_commit(lambda: self._publisher.publish(topics.TORRENTS, news))

    async def _discard_unused(self, payload: Mapping[str, Any]) -> None:
        """Remove what was made for a video that was removed meanwhile."""
        for kind, names in failed_uploads.made(payload).items():
            await self._storage.discard(kind, names)


def _unused_pictures(payload: Mapping[str, Any], thumbnail: str | None, preview: str | None) -> dict[str, list[str]]:
    """Names that pictures of ours would have had, where the owner sent others: this attempt, or one that died before
    it, may have written them."""
    used = {"thumbnails": (payload["thumbnail"], thumbnail), "previews": (payload["preview"], preview)}
    return {kind: [ours] for kind, (ours, theirs) in used.items() if ours is not None and ours != theirs}


def _named(file: VideoFile) -> str:
    if file.file_name is None:
        raise Invalid("A file of another pod cannot be published here")
    return file.file_name


def _torrent_named(file: VideoFile) -> str:
    if file.torrent_name is None:
        raise Invalid("The file has no torrent")
    return file.torrent_name


def _nothing(done: int) -> None:
    """Nobody waits for the pieces of a file one by one."""
