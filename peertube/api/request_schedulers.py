"""``GET /api/v1/request-schedulers/stats``, as the pods of 2017 had it."""

from peertube.http.routing import Call, Route
from peertube.model.users import Right
from peertube.usecases.request_stats import RequestStats, SchedulerStats


class RequestSchedulersApi:
    """The route about what waits to be told to friends."""

    def __init__(self, *, stats: RequestStats) -> None:
        self._stats = stats

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [Route("GET", "/request-schedulers/stats", Right.MANAGE_PODS, self.all)]

    async def all(self, call: Call) -> object:
        """How much waits, of each of the three kinds."""
        return {name: _shown(stats) for name, stats in (await self._stats.all()).items()}


def _shown(stats: SchedulerStats) -> dict[str, int]:
    return {
        "totalRequests": stats.total_requests,
        "requestsLimitPods": stats.requests_limit_pods,
        "requestsLimitPerPod": stats.requests_limit_per_pod,
        "remainingMilliSeconds": stats.remaining_ms,
        "milliSecondsInterval": stats.interval_ms,
    }
