"""Previews of other pods' videos: fetched from their origin at the first request, kept while there is room."""

from collections import OrderedDict
from pathlib import Path

from twisted.logger import Logger

from peertube.errors import NotFound, Unreachable
from peertube.model.videos import Video
from peertube.storage import videos
from peertube.storage.database import Database
from peertube.usecases.ports import Clock, PodClient, Storage, Together

LARGEST_PREVIEW = 2 * 2**20
"""Bytes of one picture."""

_FAILURE_LIFE_MS = 60_000
_MOST_FAILURES = 10_000
_KIND = "cache"


class Previews:
    """Finds the preview of another pod's video. Ours, and who may see them, are the matter of `usecases.files`.

    :param size: how many pictures of other pods are kept (`cache.previews.size`); the longest unused goes first.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        database: Database,
        client: PodClient,
        storage: Storage,
        clock: Clock,
        together: Together,
        size: int,
    ) -> None:
        self._database = database
        self._client = client
        self._storage = storage
        self._clock = clock
        self._together = together
        self._size = size
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._failed: OrderedDict[str, int] = OrderedDict()

    async def start(self) -> None:
        """Take over what the cache holds from before."""
        for name in await self._storage.names(_KIND):
            self._kept[name] = None
        await self._make_room()

    async def stop(self) -> None:
        """Nothing runs here."""

    async def path(self, uuid: str) -> Path:
        """The file of the preview of another pod's video.

        :raises NotFound: there is no such video, it is ours, or it has no preview.
        :raises Unreachable: its origin does not give it; remembered for a minute.
        """
        details = await self._database.read(videos.details_by_uuid, uuid)
        if details is None:
            raise NotFound("There is no such video")
        video = details.video
        if video.is_local or video.preview_url is None:
            raise NotFound("This video has no preview")
        return await self._cached(video, video.preview_url)

    async def _cached(self, video: Video, url: str) -> Path:
        name = f"{video.uuid}-{video.version}.jpg"
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._storage.path(_KIND, name)
        failed_ms = self._failed.get(name)
        if failed_ms is not None and self._clock.now_ms() < failed_ms + _FAILURE_LIFE_MS:
            raise Unreachable("The preview could not be fetched from its origin")
        return await self._together.share(name, lambda: self._fetch(name, url))

    async def _fetch(self, name: str, url: str) -> Path:
        try:
            content = await self._client.fetch_preview(url, LARGEST_PREVIEW)
        except Unreachable as error:
            self._failed.pop(name, None)
            self._failed[name] = self._clock.now_ms()
            while len(self._failed) > _MOST_FAILURES:
                self._failed.popitem(last=False)
            self._log.info("could not fetch the preview {name}: {reason}", name=name, reason=error.detail)
            raise Unreachable("The preview could not be fetched from its origin") from error
        await self._storage.write(_KIND, name, content)
        self._failed.pop(name, None)
        self._kept[name] = None
        await self._make_room()
        return self._storage.path(_KIND, name)

    async def _make_room(self) -> None:
        gone = []
        while len(self._kept) > self._size:
            gone.append(self._kept.popitem(last=False)[0])
        if gone:
            await self._storage.discard(_KIND, gone)
