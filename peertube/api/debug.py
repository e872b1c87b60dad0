"""``/server/debug``: for programs that wait until nothing is left to do, and for finding out how a proxy is set up."""

from peertube.http.routing import Call, Route
from peertube.model.users import Right
from peertube.usecases.work import Work


class DebugApi:
    """What an operator looks at when something is odd."""

    def __init__(self, *, work: Work) -> None:
        self._work = work

    def routes(self) -> list[Route]:
        """The route below ``/api/v1``."""
        return [Route("GET", "/server/debug", Right.MANAGE_DEBUG, self.show)]

    async def show(self, call: Call) -> object:
        """From where the request seems to come, and how much work is under way."""
        return {"ip": call.address, "activityPubMessagesWaiting": await self._work.pending()}
