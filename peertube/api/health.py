"""``/livez`` and ``/readyz``, for load balancers and service managers. Mounted at the root, not below ``/api``."""

from peertube.http.routing import Access, Call, Reply, Route
from peertube.usecases.instance import Instance

_FRESH = {"Cache-Control": "no-store"}


class HealthApi:
    """Whether the process lives, and whether it can do its work."""

    def __init__(self, *, instance: Instance) -> None:
        self._instance = instance

    def routes(self) -> list[Route]:
        """The routes below the root."""
        return [
            Route("GET", "/livez", Access.ANYONE, self.live),
            Route("GET", "/readyz", Access.ANYONE, self.ready),
        ]

    async def live(self, call: Call) -> Reply:
        """The process answers."""
        return Reply({"status": "ok"}, headers=_FRESH)

    async def ready(self, call: Call) -> Reply:
        """Database and storage work; otherwise 503 with the reasons."""
        reasons = await self._instance.hindrances()
        if not reasons:
            return Reply({"status": "ok"}, headers=_FRESH)
        detail = "; ".join(reasons)
        problem = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": detail,
            "error": detail,
            "code": "not_ready",
            "reasons": reasons,
        }
        return Reply(problem, 503, {**_FRESH, "Retry-After": "5"}, "application/problem+json")
