"""Captions of videos: seen by whoever sees the video, kept as WebVTT files."""

from pathlib import Path

from peertube.errors import Forbidden, Invalid, NotFound, UnsupportedMedia
from peertube.failpoints import reach
from peertube.model import topics
from peertube.model.captions import EXTENSIONS, Caption
from peertube.model.languages import LANGUAGES
from peertube.model.users import Viewer
from peertube.model.videos import Video
from peertube.policy.authority import may_update_video
from peertube.policy.video_fields import extension
from peertube.storage import captions, jobs
from peertube.storage.database import Database, Transaction
from peertube.usecases import unnamed_files
from peertube.usecases.ports import CaptionReader, Clock, Publisher, Randomness, Storage
from peertube.usecases.unnamed_files import DISCARD_FILES
from peertube.usecases.videos import by_identifier, require_visible, video_not_found

MAXIMUM_CAPTIONS = 50
"""Languages in which one video can have captions."""


class Captions:
    """Reads, takes and removes captions."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        publisher: Publisher,
        randomness: Randomness,
        storage: Storage,
        reader: CaptionReader,
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._randomness = randomness
        self._storage = storage
        self._reader = reader

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Caption, ...]:
        """The captions of a video, by language. `opened` as of `require_visible`."""
        return await self._database.read(self._read, viewer, id_or_uuid, opened)

    async def put(self, viewer: Viewer, id_or_uuid: str, language: str, sent: Path, filename: str) -> None:
        """Take a file of captions in place of those that there may be.

        :param sent: a temporary file; `filename` is its name at the sender's, of which only the extension counts.
        :raises Unprocessable: code ``not_captions``.
        """
        _require_language(language)
        form = extension(filename, EXTENSIONS)
        if form is None:
            raise UnsupportedMedia("Captions are files of the following type: " + ", ".join(EXTENSIONS))
        video = await self.require_own(viewer, id_or_uuid)
        text = await self._reader.read(sent, form)
        name = f"{self._randomness.uuid()}-{language}.vtt"
        files = {"captions": [name]}
        announcement = await self._database.write(unnamed_files.announce, files, self._clock.now_ms())
        try:
            await self._storage.write("captions", name, text.encode())
            reach("captions.kept")
            await self._database.write(self._put, viewer, video.id, language, name, announcement)
        except BaseException:
            await unnamed_files.take_back(self._database, self._storage, files, announcement)
            raise
        reach("captions.committed")

    async def remove(self, viewer: Viewer, id_or_uuid: str, language: str) -> None:
        """Remove the captions of one language."""
        _require_language(language)
        video = await self.require_own(viewer, id_or_uuid)
        await self._database.write(self._remove, video.id, language)

    async def require_own(self, viewer: Viewer, id_or_uuid: str) -> Video:
        """The video, when the viewer may change it."""
        found = await self._database.read(by_identifier, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may_update_video(viewer, found.video):
            raise Forbidden("Cannot manage a video of another user")
        return found.video

    async def _read(self, tx: Transaction, viewer: Viewer | None, id_or_uuid: str, opened: bool) -> tuple[Caption, ...]:
        found = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid, opened=opened)
        return await captions.of_video(tx, found.video.id)

    async def _put(
        self, tx: Transaction, viewer: Viewer, video_id: int, language: str, name: str, announcement: int
    ) -> None:
        now_ms = self._clock.now_ms()
        found = await by_identifier(tx, str(video_id))
        if found is None or not may_update_video(viewer, found.video):
            raise video_not_found()
        there = {caption.language: caption for caption in await captions.of_video(tx, video_id)}
        if language not in there and len(there) >= MAXIMUM_CAPTIONS:
            raise Invalid(f"A video has captions in at most {MAXIMUM_CAPTIONS} languages", code="too_many_captions")
        await captions.put(tx, Caption(video_id, language, name, automatically_generated=False, updated_ms=now_ms))
        await unnamed_files.named(tx, announcement)
        if language in there:
            await self._discard(tx, there[language], now_ms)

    async def _remove(self, tx: Transaction, video_id: int, language: str) -> None:
        known = await captions.one(tx, video_id, language)
        if known is None:
            raise NotFound("Video caption not found")
        await captions.remove(tx, video_id, language)
        await self._discard(tx, known, self._clock.now_ms())

    async def _discard(self, tx: Transaction, caption: Caption, now_ms: int) -> None:
        await jobs.add(tx, DISCARD_FILES, {"files": {"captions": [caption.file_name]}}, now_ms)
        tx.after_commit(lambda: self._publisher.publish(topics.JOBS, {}))


def _require_language(language: str) -> None:
    if language not in LANGUAGES:
        field = "captionLanguage"
        raise Invalid(f"Incorrect request parameters: {field}", fields={field: "Should be a known language"})
