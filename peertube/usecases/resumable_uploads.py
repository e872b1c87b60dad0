"""Uploads in chunks: what was acknowledged is never lost, and a file that is whole becomes one video.

The order of things is what makes a crash harmless at any point: a row before its files; bytes synced before the row
says so; the names under which the file will be kept before it is moved; video, job and the end of the upload in one
transaction; files removed by a job that is stored with the removal of their row.
"""

from functools import partial
from pathlib import Path
from typing import Protocol

from attrs import evolve
from twisted.logger import Logger

from peertube.config.schema import Settings
from peertube.errors import (
    Conflict,
    Forbidden,
    InsufficientStorage,
    Invalid,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.resumable_uploads import ResumableUpload, UploadedVideo, UploadNames
from peertube.model.users import Viewer
from peertube.policy.video_fields import require_valid
from peertube.storage import jobs, resumable_uploads
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases.new_uploads import NewUpload, described
from peertube.usecases.partial_files import KIND, files_of
from peertube.usecases.ports import Clock, Locks, Publisher, Randomness, Storage, Vault
from peertube.usecases.sealed_passwords import require_for
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.uploads import Lasting, UploadRequest, Uploads
from peertube.usecases.videos import require_channel

LIFE_MS = 86_400_000
"""An upload to which nothing happens for so long is swept."""

LOST_MS = 60_000
"""After this, an upload whose file is not there will not get one any more."""

MOST_UNFINISHED = 10
"""How many unfinished uploads a user may have."""

FINISH_SECONDS = 3
"""After which it makes sense to ask again whether a finish has ended."""

FINISH_LOCK_SECONDS = 300
"""For which other processes leave a finish alone. The database decides when two of them finish all the same."""

NOT_AN_IMAGE = "not_an_image"
"""The code of the error that speaks against a picture, not against the video: it may be described anew."""

_SWEPT_AT_ONCE = 200
_OTHER_TYPES = frozenset({"application/octet-stream", "application/mp4", "application/ogg", "application/x-matroska"})


class Replaces(Protocol):
    """Puts a finished file in the place of a video's (`usecases.replacements`)."""

    async def replace(self, viewer: Viewer, video_id: int, request: UploadRequest, lasting: Lasting) -> UploadedVideo:
        """The video that has the file now."""
        ...


class ResumableUploads:
    """Takes files from users, chunk by chunk."""

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        randomness: Randomness,
        publisher: Publisher,
        locks: Locks,
        storage: Storage,
        uploads: Uploads,
        settings: Settings,
        vault: Vault,
        replacements: Replaces,
    ) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher
        self._locks = locks
        self._storage = storage
        self._uploads = uploads
        self._settings = settings
        self._vault = vault
        self._replacements = replacements
        self._finishing: set[str] = set()

    async def check(self, viewer: Viewer, size: int, content_type: str | None) -> None:
        """Refuse a file of which only this is known. Raises as `Uploads.check_size`, and:

        :raises UnsupportedMedia: for a type that is none of videos.
        :raises InsufficientStorage: when the disk has no room for it.
        """
        if size < 1:
            raise Invalid("The file is empty", fields={"X-Upload-Content-Length": "Should be at least 1"})
        media_type = (content_type or "").partition(";")[0].strip().lower()
        if media_type and not media_type.startswith("video/") and media_type not in _OTHER_TYPES:
            raise UnsupportedMedia("This type of file is not supported")
        await self._uploads.check_size(viewer, size)
        if size > await self._storage.free_bytes():
            raise InsufficientStorage("There is no room left on this server")

    async def begin(self, viewer: Viewer, request: NewUpload) -> ResumableUpload:
        """Make an upload, or find the unfinished one of the same file (name, size, modification time) and describe it
        anew. Raises as `check` and:

        :raises TooManyRequests: code ``too_many_uploads``, over `MOST_UNFINISHED`.
        :raises Invalid: for wrong fields and channels.
        """
        await self.check(viewer, request.size, request.content_type)
        self._uploads.check_filename(request.filename)
        require_valid(request.fields)
        require_for(request.fields.privacy, request.passwords)
        await self._forget_unbegun(viewer)
        new = described(viewer, request, self._randomness, self._vault, self._clock.now_ms())
        try:
            upload = await self._database.write(self._begin, viewer, new)
        except UniqueViolation:  # the same file was begun at the same time
            upload = await self._database.write(self._begin, viewer, new)
        reach("resumable.begun")
        try:
            await self._keep_files(upload, request)
        except BaseException:
            if upload.id == new.id:
                await self._database.write(self._remove_one, upload.id)
            raise
        reach("resumable.placed")
        return upload if upload.id == new.id else await self._true(upload)

    async def position(self, viewer: Viewer, upload_id: str) -> ResumableUpload:
        """An upload, with as many bytes received as the disk really has.

        :raises NotFound: there is none, or its file is gone.
        :raises Forbidden: it is somebody else's.
        :raises Unavailable: its finish is running.
        """
        self._uploads.require_right(viewer)
        upload = await self._mine(viewer, upload_id)
        if upload.video is not None:
            return upload
        self._require_idle(upload)
        return await self._true(upload)

    def require_chunk(self, length: int) -> None:
        """Refuse chunks over the limit: `TooLarge`, code ``max_chunk_size_reached``."""
        maximum = self._settings.client.videos.resumable_upload.max_chunk_size
        if maximum and length > maximum:
            raise TooLarge(f"A chunk may have {maximum} bytes at most", code="max_chunk_size_reached")

    def path(self, upload: ResumableUpload) -> Path:
        """Where the bytes of an unfinished upload go."""
        return self._storage.path(KIND, upload.file_name)

    async def take_over(self, upload: ResumableUpload) -> ResumableUpload:
        """Go on with the file: what earlier requests still write to it, in whatever process, counts no more.

        :raises NotFound: the upload was given up meanwhile.
        """
        taken = await self._database.write(resumable_uploads.take_over, upload.id)
        if taken is None:
            raise _unknown()
        return taken

    async def received(self, upload: ResumableUpload, count: int) -> None:
        """The first `count` bytes are on the disk for good.

        :raises NotFound: the upload was given up meanwhile.
        :raises Conflict: another request goes on with it.
        """
        if await self._database.write(resumable_uploads.advance, upload, count, self._clock.now_ms()):
            return
        gone = await self._database.read(resumable_uploads.by_id, upload.id) is None
        raise _unknown() if gone else Conflict("Another request goes on with this file", code="upload_taken_over")

    async def go_on(self, viewer: Viewer, upload_id: str) -> ResumableUpload:
        """Make a video of the file if all its bytes are there; safe to repeat. Raises as `Uploads.publish`, and as
        `position`."""
        upload = await self._mine(viewer, upload_id)
        if upload.video is not None or not upload.is_whole:
            return upload
        self._require_idle(upload)
        lock = await self._locks.acquire(f"finish {upload.id}", FINISH_LOCK_SECONDS)
        if lock is None:
            raise _busy()
        self._finishing.add(upload.id)
        try:
            return await self._finish(viewer, upload)
        finally:
            self._finishing.discard(upload.id)
            await lock.release()

    async def cancel(self, viewer: Viewer, upload_id: str) -> None:
        """Give up an upload; a video that it became stays."""
        self._require_idle(await self._mine(viewer, upload_id))
        await self._database.write(self._remove_one, upload_id)
        reach("resumable.cancelled")

    async def sweep(self) -> int:
        """Forget uploads that nobody goes on with, and finished ones after a while; how many."""
        swept = 0
        while True:
            count = await self._database.write(self._sweep, self._clock.now_ms() - LIFE_MS)
            swept += count
            if count < _SWEPT_AT_ONCE:
                return swept

    async def _begin(self, tx: Transaction, viewer: Viewer, new: ResumableUpload) -> ResumableUpload:
        await require_channel(tx, viewer, new.channel_id)
        known = None
        if new.fingerprint is not None:
            known = await resumable_uploads.by_fingerprint(tx, new.user_id, new.fingerprint)
        if known is not None:
            self._require_idle(known)
            return await self._describe_anew(tx, known, new)
        unfinished = await resumable_uploads.unfinished(tx, new.user_id)
        if len(unfinished) >= MOST_UNFINISHED:
            seconds = max(1, (unfinished[0].updated_ms + LIFE_MS - new.created_ms) // 1000)
            raise TooManyRequests(
                f"You have {len(unfinished)} unfinished uploads; finish or cancel one",
                retry_after_seconds=seconds,
                code="too_many_uploads",
            )
        await resumable_uploads.add(tx, new)
        return new

    async def _forget_unbegun(self, viewer: Viewer) -> None:
        """Uploads of which a crash left only the row do not count: nobody was told of them."""
        for upload in await self._database.read(resumable_uploads.unfinished, viewer.user.id):
            begun = upload.received or upload.kept is not None or upload.created_ms > self._clock.now_ms() - LOST_MS
            if not begun and self._bytes_there(upload) is None:
                await self._database.write(self._remove_one, upload.id)

    async def _describe_anew(self, tx: Transaction, known: ResumableUpload, new: ResumableUpload) -> ResumableUpload:
        described = evolve(
            known,
            filename=new.filename,
            channel_id=new.channel_id,
            fields=new.fields,
            passwords=new.passwords,
            thumbnail_name=new.thumbnail_name,
            preview_name=new.preview_name,
            updated_ms=new.updated_ms,
        )
        await resumable_uploads.describe(tx, described)
        old = [name for name in (known.thumbnail_name, known.preview_name) if name is not None]
        await self._discard(tx, {KIND: old})
        return described

    async def _keep_files(self, upload: ResumableUpload, request: NewUpload) -> None:
        if self._bytes_there(upload) is None:
            await self._database.write(self._restart, upload)
            await self._storage.write(KIND, upload.file_name, b"")
        for sent, name in ((request.thumbnail, upload.thumbnail_name), (request.preview, upload.preview_name)):
            if sent is not None and name is not None:
                await self._storage.keep(sent, KIND, name)

    async def _finish(self, viewer: Viewer, upload: ResumableUpload) -> ResumableUpload:
        request = UploadRequest(
            path=self._whole_file(upload),
            filename=upload.filename,
            channel_id=upload.channel_id,
            fields=upload.fields,
            thumbnail=self._picture(upload.thumbnail_name),
            preview=self._picture(upload.preview_name),
            passwords=tuple(text for one in upload.passwords if (text := self._vault.unseal(one)) is not None),
        )
        lasting = Lasting(intend=partial(self._intend, upload), note=partial(self._note, upload))
        try:
            if upload.replaces is not None:
                video = await self._replacements.replace(viewer, upload.replaces, request, lasting)
            else:
                video = await self._uploads.publish(viewer, request, lasting)
            return evolve(upload, video=video)
        except (UniqueViolation, Conflict):
            finished = await self._mine(viewer, upload.id)
            if finished.video is None:
                raise
            return finished
        except Unprocessable as error:
            if not request.path.exists():
                raise _busy() from error  # another process has moved it meanwhile: it knows what it is
            if error.code != NOT_AN_IMAGE:
                await self._database.write(self._remove_one, upload.id)
            raise

    async def _intend(self, upload: ResumableUpload, names: UploadNames) -> UploadNames:
        kept = await self._database.write(resumable_uploads.keep, upload.id, names, self._clock.now_ms())
        if kept is None:
            raise _unknown()
        return kept

    async def _note(self, upload: ResumableUpload, tx: Transaction, video_id: int) -> None:
        if not await resumable_uploads.finish(tx, upload.id, video_id, self._clock.now_ms()):
            raise Conflict("This upload was finished or given up")
        await self._discard(tx, {KIND: [name for name in (upload.thumbnail_name, upload.preview_name) if name]})

    async def _remove_one(self, tx: Transaction, upload_id: str) -> None:
        found = await resumable_uploads.by_id(tx, upload_id)
        if found is not None:
            await self._remove(tx, [found])

    async def _restart(self, tx: Transaction, upload: ResumableUpload) -> None:
        await self._require_lost(tx, upload)
        await resumable_uploads.lose(tx, upload.id, 0)

    async def _forget_lost(self, tx: Transaction, upload: ResumableUpload) -> None:
        await self._require_lost(tx, upload)
        await self._remove_one(tx, upload.id)

    async def _require_lost(self, tx: Transaction, upload: ResumableUpload) -> None:
        """A file that is not where `upload` says is lost, unless another process has begun to finish meanwhile."""
        found = await resumable_uploads.by_id(tx, upload.id)
        if found is not None and (found.video is not None or found.kept != upload.kept):
            raise _busy()

    async def _sweep(self, tx: Transaction, before_ms: int) -> int:
        old = await resumable_uploads.older(tx, before_ms, _SWEPT_AT_ONCE)
        await self._remove(tx, old)
        return len(old)

    async def _remove(self, tx: Transaction, uploads: list[ResumableUpload]) -> None:
        if uploads:
            await resumable_uploads.remove(tx, [upload.id for upload in uploads])
            await self._discard(tx, files_of(uploads))

    async def _discard(self, tx: Transaction, files: dict[str, list[str]]) -> None:
        if any(files.values()):
            await jobs.add(tx, DISCARD_FILES, {"files": files}, self._clock.now_ms())
            tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))

    async def _mine(self, viewer: Viewer, upload_id: str) -> ResumableUpload:
        upload = await self._database.read(resumable_uploads.by_id, upload_id)
        if upload is None:
            raise _unknown()
        if upload.user_id != viewer.user.id:
            raise Forbidden("This upload is somebody else's")
        return upload

    def _require_idle(self, upload: ResumableUpload) -> None:
        if upload.id in self._finishing:
            raise _busy()

    async def _true(self, upload: ResumableUpload) -> ResumableUpload:
        """The upload as the disk has it: the folder may have been emptied behind our back."""
        there = self._bytes_there(upload)
        if there is None:
            await self._database.write(self._forget_lost, upload)
            raise _unknown()
        if there >= upload.received:
            return upload
        self._log.warn("{file} has lost bytes: {there} are left", file=upload.file_name, there=there)
        await self._database.write(resumable_uploads.lose, upload.id, there)
        return evolve(upload, received=there)

    def _whole_file(self, upload: ResumableUpload) -> Path:
        """The file, wherever an interrupted finish has left it."""
        path = self.path(upload)
        if upload.kept is not None and not path.exists():
            return self._storage.path("web_videos", upload.kept.video)
        return path

    def _picture(self, name: str | None) -> Path | None:
        path = None if name is None else self._storage.path(KIND, name)
        return path if path is not None and path.exists() else None

    def _bytes_there(self, upload: ResumableUpload) -> int | None:
        """How many bytes the disk has; looked for first where they are moved from, then where they are moved to."""
        places = [self.path(upload)]
        if upload.kept is not None:
            places.append(self._storage.path("web_videos", upload.kept.video))
        for path in places:
            try:
                return path.stat().st_size
            except FileNotFoundError:
                continue
        return None


def _busy() -> Unavailable:
    return Unavailable("The upload is being processed", retry_after_seconds=FINISH_SECONDS, code="upload_in_progress")


def _unknown() -> NotFound:
    return NotFound("There is no such upload", code="upload_not_found")
