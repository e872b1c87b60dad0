"""Who watched one's own video, when, how much of it, and with what."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from attrs import frozen
from babel.dates import format_date, format_datetime, format_skeleton

from peertube.http.routing import Access
from peertube.model.users import Right, Viewer
from peertube.model.videos import Video
from peertube.model.watching import DAY_HOURS, HOUR_MS, AgentKind, Metric
from peertube.pages.charts import Value, chart
from peertube.pages.formats import Formats
from peertube.pages.own_video import own_video
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Shown, Visit
from peertube.policy.user_agents import OTHER
from peertube.usecases.watch_stats import Overall, Series

TIMES = (2, 30, 365)
"""For how many days back one can look; 0 stands for all of them."""

MOST_POINTS = 100


class Statistics(Protocol):
    """Sums of what viewers did."""

    async def overall(self, viewer: Viewer, id_or_uuid: str, from_ms: int | None, until_ms: int | None) -> Overall:
        """All of a time together."""
        ...

    async def series(
        self, viewer: Viewer, id_or_uuid: str, metric: Metric, from_ms: int | None, until_ms: int | None
    ) -> Series:
        """Viewers or seconds watched, step by step."""
        ...

    async def retention(self, viewer: Viewer, id_or_uuid: str) -> list[tuple[int, float]]:
        """Which share (percent) of all viewers saw each part."""
        ...

    async def agents(
        self, viewer: Viewer, id_or_uuid: str, from_ms: int | None, until_ms: int | None
    ) -> dict[AgentKind, dict[str, int]]:
        """What viewers watched with."""
        ...


@frozen
class VideoStatisticsPages:
    """`/my-videos/<id>/statistics`."""

    videos: VideoReader
    statistics: Statistics

    def routes(self) -> list[PageRoute]:
        """The one page."""
        return [PageRoute("GET", "/my-videos/<identifier>/statistics", Access.USER, self.show)]

    async def show(self, visit: Visit, identifier: str) -> Shown:
        """Numbers, charts, tables."""
        video = (await own_video(self.videos, visit, identifier, Right.SEE_ALL_VIDEOS)).video
        days = visit.asked_number("days", 30)
        days = days if days in (*TIMES, 0) else 30
        since = None if not days else visit.now_ms - days * DAY_HOURS * HOUR_MS
        time = (visit.user(), video.uuid)
        overall = await self.statistics.overall(*time, since, visit.now_ms)
        viewers = await self.statistics.series(*time, Metric.VIEWERS, since, visit.now_ms)
        watched = await self.statistics.series(*time, Metric.WATCH_TIME, since, visit.now_ms)
        agents = await self.statistics.agents(*time, since, visit.now_ms)
        formats = Formats(visit.texts, visit.now_ms)
        context = {
            "video": video,
            "part": "statistics",
            "days": days,
            "overall": overall,
            "average": overall.watched_seconds // overall.viewers if overall.viewers else 0,
            "viewers": chart([_of_time(formats, at, viewers.hours, n, formats.number(n)) for at, n in viewers.values]),
            "watched": chart([_of_time(formats, at, watched.hours, n, formats.clock(n)) for at, n in watched.values]),
            "retention": chart(_retention(formats, video, await self.statistics.retention(*time)), top=100),
            "agents": {kind.value: _agents(visit, found) for kind, found in agents.items()},
        }
        return Shown("video_statistics.html", context, section="my-videos")


def _of_time(formats: Formats, time_ms: int, hours: int, value: int, written: str) -> Value:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)
    locale = formats.texts.locale
    if hours < DAY_HOURS:
        return Value(
            format_datetime(moment, "short", locale=locale),
            format_skeleton("Hm", moment, locale=locale),
            value,
            written,
        )
    short = format_skeleton("MMMd" if hours == DAY_HOURS else "yMMM", moment, locale=locale)
    return Value(format_date(moment, "medium", locale=locale), short, value, written)


def _retention(formats: Formats, video: Video, found: list[tuple[int, float]]) -> list[Value]:
    """At most `MOST_POINTS` of them, which is as many as can be told apart."""
    step = max(1, -(-len(found) // MOST_POINTS))
    return [
        Value(formats.clock(second), formats.clock(second), share, formats.percent(share / 100))
        for second, share in found[::step]
    ]


def _agents(visit: Visit, found: Mapping[str, int]) -> dict[str, int]:
    """By names that people read."""
    names = {
        OTHER: visit.gettext("Other"),
        "desktop": visit.gettext("Computer"),
        "mobile": visit.gettext("Phone"),
        "tablet": visit.gettext("Tablet"),
        "smarttv": visit.gettext("Television"),
        "console": visit.gettext("Game console"),
        "xr": visit.gettext("Headset"),
        "wearable": visit.gettext("Watch"),
        "embedded": visit.gettext("Built-in"),
    }
    return {names.get(name, name): viewers for name, viewers in found.items()}
