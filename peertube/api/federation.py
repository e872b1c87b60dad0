"""How well friends are told: ``/server/federation``, and what an admin does about it. PeerTube has nothing like it."""

from collections.abc import Callable

from peertube.api.representations.federation import lane_health
from peertube.http.routing import Call, Route
from peertube.model.users import Right
from peertube.usecases.delivery_health import DeliveryHealth


class FederationApi:
    """Routes about deliveries.

    :param now_ms: what the age of a queue counts to.
    """

    def __init__(self, *, health: DeliveryHealth, now_ms: Callable[[], int]) -> None:
        self._health = health
        self._now_ms = now_ms

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        right = Right.MANAGE_PODS
        return [
            Route("GET", "/server/federation", right, self.listing),
            Route("GET", "/server/federation/<host>", right, self.details),
            Route("POST", "/server/federation/<host>/retry", right, self.retry),
            Route("POST", "/server/federation/<host>/drop", right, self.drop),
        ]

    async def listing(self, call: Call) -> object:
        """Every friend by host: last success and error, what waits and since when, next try."""
        lanes = await self._health.listing()
        now_ms = self._now_ms()
        return {"total": len(lanes), "data": [lane_health(lane, now_ms) for lane in lanes]}

    async def details(self, call: Call, host: str) -> object:
        """One friend."""
        return lane_health(await self._health.of(host), self._now_ms())

    async def retry(self, call: Call, host: str) -> object:
        """Try a friend at once, whatever happened before."""
        return lane_health(await self._health.retry(host), self._now_ms())

    async def drop(self, call: Call, host: str) -> object:
        """Forget what waits to be told to a friend; how much that was."""
        return {"dropped": await self._health.drop(host)}
