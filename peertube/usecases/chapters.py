"""Chapters of videos: as their owner set them, as the file held them, or as the description names them."""

from collections.abc import Sequence

from peertube.errors import Forbidden, Invalid
from peertube.model.chapters import Chapter
from peertube.model.users import Viewer
from peertube.model.videos import Video
from peertube.policy import chapters as rules
from peertube.policy.authority import may_update_video
from peertube.storage import chapters
from peertube.storage.database import Database, Transaction
from peertube.usecases.videos import by_identifier, require_visible, video_not_found


class Chapters:
    """Reads and sets chapters."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def listing(self, viewer: Viewer | None, id_or_uuid: str, *, opened: bool = False) -> tuple[Chapter, ...]:
        """The chapters of a video in their order. `opened` as of `require_visible`."""
        return await self._database.read(self._read, viewer, id_or_uuid, opened)

    async def replace(self, viewer: Viewer, id_or_uuid: str, wanted: Sequence[Chapter]) -> None:
        """Set the chapters of a video; without any, those that its description names count again."""
        await self._database.write(self._replace, viewer, id_or_uuid, wanted)

    async def _read(self, tx: Transaction, viewer: Viewer | None, id_or_uuid: str, opened: bool) -> tuple[Chapter, ...]:
        video = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid, opened=opened).video
        return await chapters.of_video(tx, video.id) or _described(video)

    async def _replace(self, tx: Transaction, viewer: Viewer, id_or_uuid: str, wanted: Sequence[Chapter]) -> None:
        found = await by_identifier(tx, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not may_update_video(viewer, found.video):
            raise Forbidden("Cannot manage a video of another user")
        problem = rules.problem(wanted, found.video.duration)
        if problem is not None:
            raise Invalid("Incorrect request parameters: chapters", fields={"chapters": problem})
        kept = rules.cleaned(wanted, found.video.duration)
        await chapters.replace(tx, found.video.id, () if kept == _described(found.video) else kept)


def _described(video: Video) -> tuple[Chapter, ...]:
    return rules.of_description(video.fields.description, video.duration)
