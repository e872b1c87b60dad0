"""Uploads: a finished file becomes a video that waits for its pictures and torrent.

The file is in its place, synced, before the transaction that says so; the transaction holds the video, its file and
the job that publishes it, or nothing of them.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import frozen

from peertube.errors import Forbidden, Unprocessable, UnsupportedMedia
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.accounts import LOCAL
from peertube.model.chapters import Chapter
from peertube.model.resumable_uploads import UploadedVideo as UploadedVideo
from peertube.model.resumable_uploads import UploadNames
from peertube.model.users import Viewer
from peertube.model.video_sources import VideoSource
from peertube.model.videos import NewVideo, NewVideoFile, VideoFields, VideoState
from peertube.policy import chapters as chapter_rules
from peertube.policy.quota import DAY_MS, require_room, require_size
from peertube.policy.video_fields import VIDEO_EXTENSIONS, extension, require_valid
from peertube.storage import chapters, jobs, users, video_sources, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases import unnamed_files
from peertube.usecases.ports import Clock, InForce, Media, MediaProbe, Publisher, Randomness, Storage, Vault
from peertube.usecases.publishing import PUBLISH_VIDEO
from peertube.usecases.sealed_passwords import follow_privacy, require_for
from peertube.usecases.video_changes import schedule
from peertube.usecases.video_pictures import SentPictures, VideoPictures
from peertube.usecases.videos import require_channel

LONGEST_NAME = 500
"""So many characters of a file's name at its owner's are remembered."""

ROOM_FOR_FIELDS = 20 * 2**20
"""Bytes of an upload's body that are not the video: fields and pictures."""


@frozen
class UploadRequest:
    """A file that arrived, as a temporary file, with what its owner says about it.

    :param filename: the file's name at the owner's, of which only the extension counts.
    :param thumbnail: a picture that the owner sent, as a temporary file; the same for `preview`.
    :param passwords: of a video that is protected by them.
    """

    path: Path
    filename: str
    channel_id: int
    fields: VideoFields
    thumbnail: Path | None = None
    preview: Path | None = None
    passwords: tuple[str, ...] = ()


_Note = Callable[[Transaction, int], Awaitable[None]]
"""Called in the transaction that stores a video, with its number."""

Measured = tuple[str, int, MediaProbe]
"""Extension, bytes, and what is in the file."""


@frozen
class Lasting:
    """How an upload goes on that a crash interrupts: what it is called is noted first, and a failure removes nothing.

    :param intend: notes the names under which the upload is about to be kept; gives those noted before, if any.
    :param note: called in the transaction that stores the video, with its number.
    """

    intend: Callable[[UploadNames], Awaitable[UploadNames]]
    note: _Note


@frozen
class _Upload:
    """What the transaction stores."""

    video: NewVideo
    file: NewVideoFile
    names: UploadNames
    source: VideoSource
    passwords: tuple[str, ...]
    chapters: tuple[Chapter, ...]


class Uploads:
    """Takes files from users."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        storage: Storage,
        media: Media,
        pictures: VideoPictures,
        settings: InForce,
        vault: Vault,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._storage = storage
        self._media = media
        self._pictures = pictures
        self._settings = settings
        self._vault = vault

    async def check(self, viewer: Viewer, content_length: int | None) -> int:
        """Refuse an upload before its body is read; how many bytes the body may have.

        :param content_length: bytes of the whole body; None when the client does not say.
        :raises Forbidden: code ``upload_not_allowed``, for users without the right to upload.
        :raises TooLarge: codes ``max_file_size_reached`` and ``quota_reached``.
        """
        return await self.check_size(viewer, max(0, (content_length or 0) - ROOM_FOR_FIELDS)) + ROOM_FOR_FIELDS

    async def check_size(self, viewer: Viewer, size: int) -> int:
        """Refuse a video of `size` bytes before it comes; how many bytes it may have. Raises as `check`."""
        self.require_right(viewer)
        maximum = self._settings.upload.max_file_size
        require_size(size, maximum)
        room = await self._database.read(self.require_room, viewer, size)
        return maximum if room is None else min(maximum, room)

    def check_filename(self, filename: str) -> str:
        """The extension of a video file's name; `UnsupportedMedia` when the pod does not take such files."""
        found = extension(filename, VIDEO_EXTENSIONS)
        if found is None:
            raise UnsupportedMedia(
                "This file is not supported. Please, make sure it is of the following type: "
                + ", ".join(VIDEO_EXTENSIONS)
            )
        return found

    async def publish(self, viewer: Viewer, request: UploadRequest, lasting: Lasting | None = None) -> UploadedVideo:
        """Make a video of a finished file; it is published as soon as its job has run.

        :param lasting: for an upload that outlives this call; without it, a failure takes back what was kept.
        :raises UnsupportedMedia: for a name with another extension.
        :raises Forbidden: for a channel of somebody else.
        :raises Unprocessable: code ``not_a_video``.
        :raises TooLarge: as `check`.
        """
        require_valid(request.fields)
        require_for(request.fields.privacy, request.passwords)
        measured = await self.measure(viewer, request)
        names = self.names(measured, self._randomness.uuid())
        if lasting is None:
            return await self._publish_at_once(viewer, request, names, measured)
        names = await lasting.intend(names)
        reach("upload.announced")
        return await self._keep_and_store(viewer, request, names, measured, lasting.note)

    async def measure(self, viewer: Viewer, request: UploadRequest) -> Measured:
        """Look into a finished file; refuse what the user may not upload. Raises as `publish`."""
        self.require_right(viewer)
        reach("upload.received")
        extname = self.check_filename(request.filename)
        size = request.path.stat().st_size
        require_size(size, self._settings.upload.max_file_size)
        await self._database.read(self._require_allowed, viewer, request.channel_id, size)
        probe = await self._media.probe(request.path)
        if not probe.has_video:
            raise Unprocessable("There is no video in this file", code="not_a_video")
        return extname, size, probe

    async def _publish_at_once(
        self, viewer: Viewer, request: UploadRequest, names: UploadNames, measured: Measured
    ) -> UploadedVideo:
        files = {"web_videos": [names.video], "thumbnails": [names.thumbnail], "previews": [names.preview]}
        announcement = await self._database.write(unnamed_files.announce, files, self._clock.now_ms())
        reach("upload.announced")

        async def note(tx: Transaction, video_id: int) -> None:
            await unnamed_files.named(tx, announcement)

        try:
            return await self._keep_and_store(viewer, request, names, measured, note)
        except BaseException:
            await unnamed_files.take_back(self._database, self._storage, files, announcement)
            raise

    async def _keep_and_store(
        self, viewer: Viewer, request: UploadRequest, names: UploadNames, measured: Measured, note: _Note
    ) -> UploadedVideo:
        pictures = await self._pictures.keep(
            request.thumbnail, request.preview, SentPictures(names.thumbnail, names.preview)
        )
        reach("upload.pictures-kept")
        upload = self._described(request, measured, pictures, names)
        await self._storage.keep(request.path, "web_videos", names.video)
        reach("upload.file-kept")
        video_id = await self._database.write(self._store, viewer, upload, note)
        reach("upload.committed")
        return UploadedVideo(id=video_id, uuid=upload.video.uuid)

    def names(self, measured: Measured, video_uuid: str) -> UploadNames:
        """Names for the files of a video that nobody can guess."""
        uuid, (extname, _, probe) = self._randomness.uuid, measured
        resolution = min(probe.width, probe.height)
        return UploadNames(
            video=f"{uuid()}-{resolution}{extname}",
            video_uuid=video_uuid,
            thumbnail=f"{uuid()}.jpg",
            preview=f"{uuid()}.jpg",
            torrent=f"{uuid()}-{resolution}.torrent",
        )

    def _described(
        self,
        request: UploadRequest,
        measured: Measured,
        pictures: SentPictures,
        names: UploadNames,
    ) -> _Upload:
        probe = measured[2]
        now_ms = self._clock.now_ms()
        file = new_file(measured, names)
        return _Upload(
            video=NewVideo(
                uuid=names.video_uuid,
                host=LOCAL,
                channel_id=request.channel_id,
                fields=request.fields,
                state=VideoState.TO_TRANSCODE,
                duration=max(1, round(probe.duration)),
                aspect_ratio=round(probe.width / probe.height, 4) if probe.height else None,
                created_ms=now_ms,
                updated_ms=now_ms,
                published_ms=now_ms,
                thumbnail_name=pictures.thumbnail,
                preview_name=pictures.preview,
            ),
            file=file,
            source=source_of(request.filename, file, now_ms),
            passwords=request.passwords,
            names=names,
            chapters=_chapters_of_file(request.fields, probe),
        )

    async def _store(self, tx: Transaction, viewer: Viewer, upload: _Upload, note: _Note) -> int:
        await self._require_allowed(tx, viewer, upload.video.channel_id, upload.file.size)
        video_id = await videos.add(tx, upload.video, [upload.file])
        await chapters.replace(tx, video_id, upload.chapters)
        payload = {
            "video": upload.video.uuid,
            "thumbnail": upload.names.thumbnail,
            "preview": upload.names.preview,
            "torrent": upload.names.torrent,
        }
        await jobs.add(tx, PUBLISH_VIDEO, payload, upload.video.created_ms)
        fields, now_ms = upload.video.fields, upload.video.created_ms
        named = (video_id, upload.video.uuid)
        await follow_privacy(tx, self._vault, named, fields.privacy, upload.passwords, now_ms)
        await video_sources.put(tx, video_id, upload.source)
        await schedule(tx, upload.video.uuid, fields, now_ms, self._publisher)
        await note(tx, video_id)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))
        reach("upload.noted")
        return video_id

    async def _require_allowed(self, tx: Transaction, viewer: Viewer, channel_id: int, size: int) -> None:
        await require_channel(tx, viewer, channel_id)
        await self.require_room(tx, viewer, size)

    async def require_room(self, tx: Transaction, viewer: Viewer, size: int) -> int | None:
        """Refuse what the user has no room for; how much room there is, None for any."""
        user = await users.by_id(tx, viewer.user.id)
        if user is None or user.blocked:
            raise Forbidden("This user may not upload videos", code="upload_not_allowed")
        return require_room(
            user,
            size,
            used=await videos.bytes_used(tx, user.id),
            used_today=await videos.bytes_used(tx, user.id, self._clock.now_ms() - DAY_MS),
        )

    def require_right(self, viewer: Viewer) -> None:
        """Refuse users who may not upload: `Forbidden`, code ``upload_not_allowed``."""
        if viewer.user.blocked or not viewer.user.may_upload:
            raise Forbidden("This user may not upload videos", code="upload_not_allowed")


def new_file(measured: Measured, names: UploadNames) -> NewVideoFile:
    """The row of a file that was measured, under the name that it is kept."""
    extname, size, probe = measured
    return NewVideoFile(
        resolution=min(probe.width, probe.height),
        width=probe.width,
        height=probe.height,
        fps=probe.fps,
        extname=extname,
        size=size,
        has_audio=probe.has_audio,
        has_video=probe.has_video,
        file_name=names.video,
    )


def source_of(filename: str, file: NewVideoFile, now_ms: int) -> VideoSource:
    """What is remembered of the file that a video is made of."""
    return VideoSource(
        filename=filename[-LONGEST_NAME:],
        file_name=file.file_name or "",
        resolution=file.resolution,
        width=file.width,
        height=file.height,
        fps=file.fps,
        size=file.size,
        created_ms=now_ms,
    )


def _chapters_of_file(fields: VideoFields, probe: MediaProbe) -> tuple[Chapter, ...]:
    """The chapters that the file itself holds; those that the description names come first."""
    duration = max(1, round(probe.duration))
    if chapter_rules.of_description(fields.description, duration):
        return ()
    return chapter_rules.cleaned(probe.chapters, duration)
