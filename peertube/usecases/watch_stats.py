"""Statistics of videos: gathered in memory from what players say, added to the sums every few seconds.

Nothing of a single viewer is stored. What was gathered since the last flush is lost with the process.
"""

import math

from attrs import define, field

from peertube.errors import Forbidden, Invalid
from peertube.model.users import Right, Viewer
from peertube.model.videos import Video
from peertube.model.watching import (
    DAY_HOURS,
    HOUR_MS,
    MONTH_HOURS,
    AgentKind,
    Gathered,
    Metric,
    Period,
    Retention,
    Watching,
)
from peertube.policy.visibility import is_owner
from peertube.policy.watching import stretch_seconds
from peertube.storage import watch_stats
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock
from peertube.usecases.videos import by_identifier, video_not_found

MOST_GATHERED = 5_000
"""Videos of which something is gathered between two flushes; what is watched beyond them is not counted."""

AT_ONCE = 100
LONGEST_HOURS = 25 * 366 * DAY_HOURS
"""A longer time is not asked for in earnest."""


@define
class _Sums:
    """What was gathered of one video. `hours`: viewers, seconds, peak and its time by hour since 1970."""

    duration: int
    viewers: int = 0
    hours: dict[int, list[int]] = field(factory=dict)
    agents: dict[tuple[int, AgentKind, str], int] = field(factory=dict)
    stretches: dict[int, int] = field(factory=dict)

    def take(self, watching: Watching) -> None:
        """Add what a player said."""
        hour = watching.now_ms // HOUR_MS
        sums = self.hours.setdefault(hour, [0, 0, 0, watching.now_ms])
        sums[1] += watching.gained
        if watching.viewers > sums[2]:
            sums[2:] = [watching.viewers, watching.now_ms]
        for stretch in watching.stretches:
            self.stretches[stretch] = self.stretches.get(stretch, 0) + 1
        if watching.is_new:
            self.viewers += 1
            sums[0] += 1
            for kind, name in watching.agent.named():
                key = (hour // DAY_HOURS, kind, name)
                self.agents[key] = self.agents.get(key, 0) + 1

    def gathered(self) -> Gathered:
        """The same, to be stored."""
        length = stretch_seconds(self.duration)
        counts = [0] * max(1, math.ceil(self.duration / length))
        for stretch, count in self.stretches.items():
            if stretch < len(counts):
                counts[stretch] += count
        return Gathered(
            periods=[Period(hour, 1, *sums) for hour, sums in self.hours.items()],
            agents=dict(self.agents),
            retention=Retention(length, self.viewers, tuple(counts)),
        )


@define
class Series:
    """Values of equal steps of `hours`: (ms, value)."""

    hours: int
    values: list[tuple[int, int]]


@define
class Overall:
    """All viewers of a time together."""

    viewers: int
    watched_seconds: int
    peak: int
    peak_ms: int | None


class WatchStats:
    """Gathers, keeps and shows statistics of the videos of this pod."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._sums: dict[int, _Sums] = {}

    def take(self, watching: Watching) -> None:
        """A player said where it is."""
        video = watching.video
        if not video.is_local:
            return
        sums = self._sums.get(video.id)
        if sums is None:
            if len(self._sums) >= MOST_GATHERED:
                return
            sums = self._sums[video.id] = _Sums(video.duration)
        sums.take(watching)

    async def flush(self) -> None:
        """Store what was gathered. What cannot be stored is gathered still."""
        while self._sums:
            some = {video_id: self._sums.pop(video_id) for video_id in list(self._sums)[:AT_ONCE]}
            try:
                await self._database.write(self._add, {video_id: sums.gathered() for video_id, sums in some.items()})
            except BaseException:
                self._sums = {**some, **self._sums}
                raise

    async def sweep(self) -> None:
        """Add up what is old."""
        while await self._database.write(watch_stats.roll_up, self._clock.now_ms() // HOUR_MS):
            pass

    async def overall(self, viewer: Viewer, id_or_uuid: str, from_ms: int | None, until_ms: int | None) -> Overall:
        """All of a time together; of all times without one."""
        video = await self._require(viewer, id_or_uuid)
        first, last = self._hours(video, from_ms, until_ms)
        found = await self._database.read(watch_stats.periods, video.id, first, last)
        highest = max(found, key=lambda period: period.peak, default=None)
        return Overall(
            viewers=sum(period.viewers for period in found),
            watched_seconds=sum(period.watched_seconds for period in found),
            peak=0 if highest is None else highest.peak,
            peak_ms=None if highest is None else highest.peak_ms,
        )

    async def series(
        self, viewer: Viewer, id_or_uuid: str, metric: Metric, from_ms: int | None, until_ms: int | None
    ) -> Series:
        """Viewers or seconds watched, step by step: hours, days, or thirty days, as fits the time."""
        video = await self._require(viewer, id_or_uuid)
        first, last = self._hours(video, from_ms, until_ms)
        step = _step(last - first)
        values = dict.fromkeys(range(first - first % step, last + 1, step), 0)
        for period in await self._database.read(watch_stats.periods, video.id, first, last):
            hour = max(period.first_hour - period.first_hour % step, first - first % step)
            values[hour] += period.viewers if metric is Metric.VIEWERS else period.watched_seconds
        return Series(step, [(hour * HOUR_MS, value) for hour, value in values.items()])

    async def retention(self, viewer: Viewer, id_or_uuid: str) -> list[tuple[int, float]]:
        """Which share (percent) of all viewers saw each part: (second at which it begins, share)."""
        video = await self._require(viewer, id_or_uuid)
        found = await self._database.read(watch_stats.retention, video.id)
        length = stretch_seconds(video.duration)
        if found is None:
            return [(second, 0.0) for second in range(0, video.duration, length)]
        viewers = max(1, found.viewers)
        return [
            (number * found.stretch_seconds, round(min(100.0, 100 * count / viewers), 2))
            for number, count in enumerate(found.counts)
        ]

    async def agents(
        self, viewer: Viewer, id_or_uuid: str, from_ms: int | None, until_ms: int | None
    ) -> dict[AgentKind, dict[str, int]]:
        """How many viewers watched with what, most first."""
        video = await self._require(viewer, id_or_uuid)
        first, last = self._hours(video, from_ms, until_ms)
        return await self._database.read(watch_stats.agents, video.id, first // DAY_HOURS, last // DAY_HOURS)

    async def _require(self, viewer: Viewer, id_or_uuid: str) -> Video:
        found = await self._database.read(by_identifier, id_or_uuid)
        if found is None:
            raise video_not_found()
        if not (is_owner(viewer.user, found.video) or viewer.user.has(Right.SEE_ALL_VIDEOS)):
            raise Forbidden("Cannot see the statistics of another user's video")
        if not found.video.is_local:
            raise Forbidden("Statistics of this video are on its original server", code="not_local")
        await self.flush()
        return found.video

    def _hours(self, video: Video, from_ms: int | None, until_ms: int | None) -> tuple[int, int]:
        """The first and the last hour of a time; without one, since the video is here."""
        if from_ms is not None and until_ms is not None and until_ms < from_ms:
            raise Invalid("Incorrect request parameters: startDate", fields={"startDate": "Should be before endDate"})
        last = (self._clock.now_ms() if until_ms is None else until_ms) // HOUR_MS
        first = (video.created_ms if from_ms is None else from_ms) // HOUR_MS
        if last - first > LONGEST_HOURS:
            raise Invalid("Incorrect request parameters: startDate", fields={"startDate": "Is too long ago"})
        return min(first, last), last

    async def _add(self, tx: Transaction, some: dict[int, Gathered]) -> None:
        for video_id, gathered in some.items():
            await watch_stats.add(tx, video_id, gathered)


def _step(hours: int) -> int:
    if hours <= 3 * DAY_HOURS:
        return 1
    return DAY_HOURS if hours <= 400 * DAY_HOURS else MONTH_HOURS
