"""Requests for an account, for those who decide: one by one, or many with one message."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Conflict, NotFound
from peertube.model.pages import Listing, Window
from peertube.model.registrations import Registration, RegistrationState
from peertube.model.users import Right
from peertube.pages.admin import number
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.usecases.registrations import Decision

PER_PAGE = 25
_STATES = {
    "pending": RegistrationState.PENDING,
    "accepted": RegistrationState.ACCEPTED,
    "rejected": RegistrationState.REJECTED,
}


class Requests(Protocol):
    """What staff does with requests."""

    async def listing(
        self, window: Window, *, text: str | None = None, state: RegistrationState | None = None
    ) -> Listing[Registration]:
        """Requests in order."""
        ...

    async def accept(self, registration_id: int, decision: Decision) -> None:
        """Make the user."""
        ...

    async def reject(self, registration_id: int, decision: Decision) -> None:
        """Do not."""
        ...

    async def remove(self, registration_id: int) -> None:
        """Forget."""
        ...


@frozen
class RegistrationsPages:
    """`/admin/registrations`."""

    requests: Requests

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_REGISTRATIONS
        return [
            PageRoute("GET", "/admin/registrations", right, self.listing),
            PageRoute("POST", "/admin/registrations", right, self.decide),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """Who asked, when, and why."""
        page, search = current_page(visit), visit.asked("search")[:100]
        state = visit.asked("state", "pending")
        found = await self.requests.listing(
            window(page, PER_PAGE, "-createdAt"), text=search or None, state=_STATES.get(state)
        )
        total = found.total or 0
        context = {
            "found": found.items,
            "search": search,
            "state_key": state if state in _STATES else "all",
            "paging": Paging("/admin/registrations", {"search": search, "state": state}, page, PER_PAGE, total),
            "Pending": RegistrationState.PENDING,
            "Rejected": RegistrationState.REJECTED,
        }
        return Shown("registrations.html", context, section="registrations")

    async def decide(self, visit: Visit) -> Redirect:
        """Do with the chosen requests what the button says; those that somebody decided meanwhile stay."""
        decision = Decision(visit.given("response")[:3000], quietly=visit.given("quietly") == "true")
        chosen = [number(value) for name, value in visit.form if name == "chosen"][:PER_PAGE]
        for registration_id in chosen:
            try:
                match visit.given("action"):
                    case "accept":
                        await self.requests.accept(registration_id, decision)
                    case "reject":
                        await self.requests.reject(registration_id, decision)
                    case "remove":
                        await self.requests.remove(registration_id)
            except (Conflict, NotFound):
                continue
        return Redirect("/admin/registrations", done="registrations-decided" if chosen else None)
