"""Work under way: jobs, and beside them friends that are still to be told something."""

from typing import Protocol

from attrs import frozen

from peertube.model.pages import Listing, Window
from peertube.model.users import Right
from peertube.model.work import DELIVERY, WorkItem, WorkState
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit, with_query
from peertube.pages.words import JOB_KINDS, Words

PER_PAGE = 20
RETRIED = frozenset({WorkState.FAILED, WorkState.CANCELLED, WorkState.DELAYED})
CANCELLED = frozenset({WorkState.WAITING, WorkState.PAUSED, WorkState.DELAYED, WorkState.ACTIVE, WorkState.FAILED})
_SHOWN = (
    *(WorkState.ACTIVE, WorkState.WAITING, WorkState.PAUSED, WorkState.DELAYED),
    *(WorkState.FAILED, WorkState.COMPLETED, WorkState.CANCELLED),
)


class WorkList(Protocol):
    """Knows the work."""

    async def listing(
        self, window: Window, *, state: WorkState | None = None, kind: str | None = None
    ) -> Listing[WorkItem]:
        """Work by age."""
        ...

    async def retry(self, identifier: str) -> None:
        """Try it again, at once."""
        ...

    async def cancel(self, identifier: str) -> None:
        """Leave it."""
        ...


class JobsSwitch(Protocol):
    """Pauses jobs."""

    async def pause(self) -> None:
        """Begin no more."""
        ...

    async def resume(self) -> None:
        """Begin again."""
        ...

    async def paused(self) -> bool:
        """Whether none are begun."""
        ...


@frozen
class JobsPages:
    """`/admin/jobs`."""

    work: WorkList
    switch: JobsSwitch

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_JOBS
        return [
            PageRoute("GET", "/admin/jobs", right, self.listing),
            PageRoute("POST", "/admin/jobs/pause", right, self.pause),
            PageRoute("POST", "/admin/jobs/resume", right, self.resume),
            PageRoute("POST", "/admin/jobs/<identifier>/retry", right, self.retry),
            PageRoute("POST", "/admin/jobs/<identifier>/cancel", right, self.cancel),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """Type, state, age, progress, error; newest first."""
        page, words = current_page(visit), Words(visit.texts)
        states = {state.value: words.work_state(state).text for state in _SHOWN}
        kinds = {kind: words.job_kind(kind) for kind in JOB_KINDS}
        state, kind = visit.asked("state"), visit.asked("type")
        state, kind = state if state in states else "", kind if kind in kinds else ""
        found = await self.work.listing(
            window(page, PER_PAGE, "-createdAt"), state=WorkState(state) if state else None, kind=kind or None
        )
        total = found.total or 0
        context = {
            "items": found.items,
            "total": total,
            "paused": await self.switch.paused(),
            "states": states,
            "kinds": kinds,
            "asked_state": state,
            "asked_kind": kind,
            "paging": Paging("/admin/jobs", {"state": state, "type": kind}, page, PER_PAGE, total),
            "retried": RETRIED,
            "cancelled": CANCELLED,
            "DELIVERY": DELIVERY,
        }
        return Shown("jobs.html", context, section="jobs")

    async def pause(self, visit: Visit) -> Redirect:
        """Begin no more."""
        await self.switch.pause()
        return Redirect("/admin/jobs", done="jobs-paused")

    async def resume(self, visit: Visit) -> Redirect:
        """Begin again."""
        await self.switch.resume()
        return Redirect("/admin/jobs", done="jobs-resumed")

    async def retry(self, visit: Visit, identifier: str) -> Redirect:
        """Try it again."""
        await self.work.retry(identifier)
        return Redirect(_back(visit), done="job-retried")

    async def cancel(self, visit: Visit, identifier: str) -> Redirect:
        """Leave it."""
        await self.work.cancel(identifier)
        return Redirect(_back(visit), done="job-cancelled")


def _back(visit: Visit) -> str:
    """The part of the list from which a button was pressed."""
    page = visit.given("page")
    return with_query(
        "/admin/jobs",
        state=visit.given("state") if visit.given("state") in {state.value for state in WorkState} else None,
        type=visit.given("type") if visit.given("type") in JOB_KINDS else None,
        page=page if page.isascii() and page.isdigit() and page != "1" else None,
    )
