"""``/api/v1/videos/<id>/stats``: what viewers did with one's own videos."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from peertube.api.representations.times import iso, iso_or_none
from peertube.api.representations.videos import Json
from peertube.api.video_parameters import ms
from peertube.errors import Invalid
from peertube.http.routing import Access, Call, Route
from peertube.model.watching import AgentKind, Metric
from peertube.usecases.watch_stats import WatchStats

_STEPS = {1: "1 hour", 24: "1 day", 720: "1 month"}


class StatsParameters(BaseModel):
    """A time; both ends or none."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    start_date: datetime | None = None
    end_date: datetime | None = None


class WatchStatsApi:
    """Statistics of videos, for programs."""

    def __init__(self, *, stats: WatchStats) -> None:
        self._stats = stats

    def routes(self) -> list[Route]:
        """The routes below ``/api/v1``."""
        start = "/videos/<identifier>/stats"
        return [
            Route("GET", f"{start}/overall", Access.USER, self.overall, query=StatsParameters),
            Route("GET", f"{start}/timeseries/<metric>", Access.USER, self.series, query=StatsParameters),
            Route("GET", f"{start}/retention", Access.USER, self.retention),
            Route("GET", f"{start}/user-agent", Access.USER, self.agents, query=StatsParameters),
        ]

    async def overall(self, call: Call, identifier: str) -> Json:
        """Sum up who watched a video, and for how long (seconds)."""
        found = await self._stats.overall(call.known_viewer, identifier, *_time(call.parameters(StatsParameters)))
        return {
            "averageWatchTime": round(found.watched_seconds / found.viewers, 2) if found.viewers else 0,
            "totalWatchTime": found.watched_seconds,
            "totalViewers": found.viewers,
            "viewersPeak": found.peak,
            "viewersPeakDate": iso_or_none(found.peak_ms),
            "countries": [],
            "subdivisions": [],
        }

    async def series(self, call: Call, identifier: str, metric: str) -> Json:
        """Show viewers or seconds watched over time."""
        try:
            wanted = Metric(metric)
        except ValueError as error:
            names = " or ".join(one.value for one in Metric)
            fields = {"metric": f"Should be {names}"}
            raise Invalid("Incorrect request parameters: metric", fields=fields) from error
        found = await self._stats.series(
            call.known_viewer, identifier, wanted, *_time(call.parameters(StatsParameters))
        )
        return {
            "groupInterval": _STEPS[found.hours],
            "data": [{"date": iso(time_ms), "value": value} for time_ms, value in found.values],
        }

    async def retention(self, call: Call, identifier: str) -> Json:
        """Show which share of all viewers saw each part of a video."""
        found = await self._stats.retention(call.known_viewer, identifier)
        return {"data": [{"second": second, "retentionPercent": share} for second, share in found]}

    async def agents(self, call: Call, identifier: str) -> Json:
        """Show what viewers watched a video with."""
        found = await self._stats.agents(call.known_viewer, identifier, *_time(call.parameters(StatsParameters)))
        names = {AgentKind.CLIENT: "clients", AgentKind.DEVICE: "devices", AgentKind.SYSTEM: "operatingSystem"}
        return {
            name: [{"name": one, "viewers": viewers} for one, viewers in found[kind].items()]
            for kind, name in names.items()
        }


def _time(asked: StatsParameters) -> tuple[int | None, int | None]:
    if (asked.start_date is None) != (asked.end_date is None):
        name = "startDate" if asked.start_date is None else "endDate"
        raise Invalid(f"Incorrect request parameters: {name}", fields={name: "Should be given with the other end"})
    return ms(asked.start_date), ms(asked.end_date)
