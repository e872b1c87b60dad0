"""The pod about itself: how much there is, and whether it can work."""

from typing import Protocol

from twisted.logger import Logger

from peertube.errors import PodError
from peertube.model.stats import Stats
from peertube.storage import sitemap, stats
from peertube.storage.database import Database, StorageError
from peertube.usecases.ports import Clock

STATS_MS = 30_000
"""Counts are this old at most."""

SITEMAP_MS = 600_000
"""The sitemap is this old at most."""

SITEMAP_VIDEOS = 10_000
"""The newest videos that the sitemap names; older ones are found from page to page."""

READY_MS = 2_000
"""Whoever asks more often whether the pod is ready hears the same again: the answer costs a write to the disk."""

LOW_WATER_BYTES = 100 * 2**20
"""With less room than this for videos the pod is not ready."""

_PROBE = "ready-probe"


class Room(Protocol):
    """What can be asked of the folders of `storage.*`."""

    async def free_bytes(self) -> int:
        """How many bytes may still be written."""
        ...

    async def write(self, kind: str, name: str, content: bytes) -> None:
        """Write a small file."""
        ...

    async def discard(self, kind: str, names: list[str]) -> None:
        """Remove files."""
        ...


class Instance:
    """What programs and load balancers ask of the whole pod."""

    _log = Logger()

    def __init__(
        self, *, database: Database, storage: Room, clock: Clock, low_water_bytes: int = LOW_WATER_BYTES
    ) -> None:
        self._database = database
        self._storage = storage
        self._clock = clock
        self._low_water_bytes = low_water_bytes
        self._stats: tuple[int, Stats] | None = None
        self._sitemap: tuple[int, list[tuple[str, int]]] | None = None
        self._hindrances: tuple[int, list[str]] | None = None

    async def stats(self) -> Stats:
        """The counts, at most 30 seconds old."""
        now_ms = self._clock.now_ms()
        if self._stats is None or not 0 <= now_ms - self._stats[0] < STATS_MS:
            self._stats = now_ms, await self._database.read(stats.read, now_ms)
        return self._stats[1]

    async def sitemap(self) -> list[tuple[str, int]]:
        """UUID and time of the last change of the newest public videos of this pod, at most ten minutes old."""
        now_ms = self._clock.now_ms()
        if self._sitemap is None or not 0 <= now_ms - self._sitemap[0] < SITEMAP_MS:
            self._sitemap = now_ms, await self._database.read(sitemap.newest, SITEMAP_VIDEOS)
        return self._sitemap[1]

    async def hindrances(self) -> list[str]:
        """Why the pod cannot do its work; empty when it can. Texts are safe to show."""
        now_ms = self._clock.now_ms()
        if self._hindrances is None or not 0 <= now_ms - self._hindrances[0] < READY_MS:
            self._hindrances = now_ms, await self._look_for_hindrances()
        return self._hindrances[1]

    async def _look_for_hindrances(self) -> list[str]:
        found = []
        try:
            await self._database.read(stats.answers)
        except StorageError:
            self._log.failure("the database does not answer")
            found.append("The database does not answer")
        try:
            await self._storage.write("tmp", _PROBE, b"ready\n")
            await self._storage.discard("tmp", [_PROBE])
            if await self._storage.free_bytes() < self._low_water_bytes:
                found.append("There is hardly any room left for videos")
        except (PodError, OSError):
            self._log.failure("the storage folders cannot be written")
            found.append("The storage folders cannot be written")
        return found
