"""Work under way: ``/jobs`` and ``/jobs/<state>`` with PeerTube's shapes, pausing, and retry and cancel of ours."""

from typing import Annotated, Literal

from pydantic import Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.jobs import job
from peertube.errors import Invalid
from peertube.http.routing import Call, Route
from peertube.model.users import Right
from peertube.model.work import WorkState
from peertube.usecases.jobs import Jobs
from peertube.usecases.work import Work


class JobsParameters(PageParameters):
    """Which work is listed, and in which order."""

    sort: Literal["createdAt", "-createdAt"] = "-createdAt"
    kind: Annotated[str | None, Field(alias="jobType", max_length=100)] = None


class JobsApi:
    """Routes about jobs."""

    def __init__(self, *, jobs: Jobs, work: Work) -> None:
        self._jobs = jobs
        self._work = work

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        right = Right.MANAGE_JOBS
        return [
            Route("GET", "/jobs", right, self.listing, query=JobsParameters),
            Route("GET", "/jobs/", right, self.listing, query=JobsParameters),
            Route("GET", "/jobs/<state>", right, self.listing, query=JobsParameters),
            Route("POST", "/jobs/pause", right, self.pause),
            Route("POST", "/jobs/resume", right, self.resume),
            Route("POST", "/jobs/<identifier>/retry", right, self.retry),
            Route("POST", "/jobs/<identifier>/cancel", right, self.cancel),
        ]

    async def listing(self, call: Call, state: str = "") -> object:
        """Jobs, and friends that are still to be told something, in one state or all."""
        asked = call.parameters(JobsParameters)
        found = await self._work.listing(asked.window(), state=_state(state), kind=asked.kind)
        return page(found, [job(item) for item in found.items])

    async def pause(self, call: Call) -> None:
        """Begin no more jobs; those that run go on."""
        await self._jobs.pause()

    async def resume(self, call: Call) -> None:
        """Begin jobs again."""
        await self._jobs.resume()

    async def retry(self, call: Call, identifier: str) -> None:
        """Try a failed, cancelled or delayed job again, at once."""
        await self._work.retry(identifier)

    async def cancel(self, call: Call, identifier: str) -> None:
        """Give a job up; one that runs is stopped."""
        await self._work.cancel(identifier)


def _state(text: str) -> WorkState | None:
    if not text:
        return None
    try:
        return WorkState(text)
    except ValueError:
        known = ", ".join(state.value for state in WorkState)
        raise Invalid("There is no such state of jobs", fields={"state": f"must be one of {known}"}) from None
