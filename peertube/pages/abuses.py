"""Reports: telling moderators about a video, and what they do with it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from attrs import frozen

from peertube.errors import Conflict, Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.abuses import Abuse, AbuseFilter, AbuseMessage, AbuseReason, AbuseState
from peertube.model.pages import Listing, Window
from peertube.model.users import Right, Viewer
from peertube.pages.admin import number
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import N_, Words
from peertube.policy.short_uuid import identify_uuid
from peertube.usecases.abuses import LONGEST_REASON, SHORTEST_REASON, Report

ON_A_PAGE = 20
STATES = {
    AbuseState.PENDING: (N_("Waiting"), "warn", "clock"),
    AbuseState.REJECTED: (N_("Rejected"), "plain", "x"),
    AbuseState.ACCEPTED: (N_("Accepted"), "ok", "circle-check"),
}
REASONS = {
    AbuseReason.VIOLENT_OR_REPULSIVE: N_("Violent or repulsive"),
    AbuseReason.HATEFUL_OR_ABUSIVE: N_("Hateful or abusive"),
    AbuseReason.SPAM_OR_MISLEADING: N_("Spam, or misleading"),
    AbuseReason.PRIVACY: N_("Shows somebody against their will"),
    AbuseReason.RIGHTS: N_("Violates somebody's rights"),
    AbuseReason.SERVER_RULES: N_("Against the rules of this server"),
    AbuseReason.THUMBNAILS: N_("The picture of the video is bad"),
    AbuseReason.CAPTIONS: N_("The captions are bad"),
}
LONGEST_SEARCH = 200
_ONE = Window(count=1, sort="id")
_ASKED_STATES = {"accepted": AbuseState.ACCEPTED, "rejected": AbuseState.REJECTED}
_DECISIONS = {"accept": AbuseState.ACCEPTED, "reject": AbuseState.REJECTED, "reopen": AbuseState.PENDING}


class Reports(Protocol):
    """Takes and keeps reports."""

    async def report(self, viewer: Viewer, id_or_uuid: str, report: Report) -> int:
        """Report a video."""
        ...

    async def listing(self, window: Window, wanted: AbuseFilter) -> Listing[Abuse]:
        """Reports in order."""
        ...

    async def mine(self, viewer: Viewer, window: Window, wanted: AbuseFilter) -> Listing[Abuse]:
        """Reports of a user in order."""
        ...

    async def messages(self, viewer: Viewer, abuse_id: int) -> Sequence[AbuseMessage]:
        """What was said about a report."""
        ...

    async def say(self, viewer: Viewer, abuse_id: int, message: str) -> int:
        """Say something to the other side."""
        ...

    async def decide(self, abuse_id: int, *, state: AbuseState | None, moderation_comment: str | None) -> None:
        """Note what was decided."""
        ...

    async def remove(self, abuse_id: int) -> None:
        """Forget a report."""
        ...


@frozen
class AbusesPages:
    """`/admin/abuses`, `/my-reports`, and `/w/<id>/report`."""

    abuses: Reports
    videos: VideoReader

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_ABUSES
        return [
            PageRoute("GET", "/w/<identifier>/report", Access.USER, self.form),
            PageRoute("POST", "/w/<identifier>/report", Access.USER, self.report),
            PageRoute("GET", "/admin/abuses", right, self.listing),
            PageRoute("GET", "/admin/abuses/<identifier>", right, self.details),
            PageRoute("POST", "/admin/abuses/<identifier>/note", right, self.note),
            PageRoute("POST", "/admin/abuses/<identifier>/say", right, self.answer),
            PageRoute("POST", "/admin/abuses/<identifier>/decide", right, self.decide),
            PageRoute("POST", "/admin/abuses/<identifier>/remove", right, self.remove),
            PageRoute("GET", "/my-reports", Access.USER, self.mine),
            PageRoute("GET", "/my-reports/<identifier>", Access.USER, self.my_details),
            PageRoute("POST", "/my-reports/<identifier>/say", Access.USER, self.say),
        ]

    async def form(self, visit: Visit, identifier: str) -> Shown:
        """Say what is wrong with a video."""
        return await self._form(visit, identifier)

    async def report(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Tell the moderators, here and on the video's original server."""
        chosen = [reason for reason in AbuseReason if reason.value == visit.given("why")]
        try:
            await self.abuses.report(visit.user(), _uuid(identifier), Report(visit.given("reason"), chosen))
        except Invalid as error:
            wrong = Words(visit.texts).error(error.code, error.detail)
            return await self._form(visit, identifier, problem=wrong, status=status_of(error))
        return Redirect(f"/w/{_uuid(identifier)}", done="reported")

    async def listing(self, visit: Visit) -> Shown:
        """What was reported, newest first."""
        page = current_page(visit)
        asked = {name: visit.asked(name)[:LONGEST_SEARCH] for name in ("state", "search", "server")}
        wanted = AbuseFilter(
            state=_ASKED_STATES.get(asked["state"], AbuseState.PENDING) if asked["state"] != "all" else None,
            text=asked["search"] or None,
            host=asked["server"].lower() or None,
        )
        found = await self.abuses.listing(window(page, ON_A_PAGE, "-createdAt"), wanted)
        context = {
            **_words(visit),
            "abuses": found.items,
            "asked": asked,
            "choices": {
                "": visit.gettext("Waiting"),
                "accepted": visit.gettext("Accepted"),
                "rejected": visit.gettext("Rejected"),
                "all": visit.gettext("All reports"),
            },
            "paging": Paging("/admin/abuses", dict(asked), page, ON_A_PAGE, found.total or 0),
        }
        return Shown("abuses.html", context, section="abuses")

    async def details(self, visit: Visit, identifier: str) -> Shown:
        """One report: what was said about it, and what moderators note for themselves."""
        return await self._details(visit, identifier)

    async def note(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Keep a note for moderators."""
        comment = visit.given("note")
        if not SHORTEST_REASON <= len(comment) <= LONGEST_REASON:
            wrong = visit.gettext("A note has 2 to 3000 characters.")
            return await self._details(visit, identifier, problem=wrong, status=400)
        await self.abuses.decide(number(identifier), state=None, moderation_comment=comment)
        return Redirect(f"/admin/abuses/{number(identifier)}", done="abuse-noted")

    async def answer(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Say something to the reporter."""
        return await self._say(visit, identifier, "/admin/abuses", self._details)

    async def mine(self, visit: Visit) -> Shown:
        """What the visitor has reported, newest first."""
        page = current_page(visit)
        found = await self.abuses.mine(visit.user(), window(page, ON_A_PAGE, "-createdAt"), AbuseFilter())
        paging = Paging("/my-reports", {}, page, ON_A_PAGE, found.total or 0)
        return Shown("my_reports.html", {**_words(visit), "abuses": found.items, "paging": paging})

    async def my_details(self, visit: Visit, identifier: str) -> Shown:
        """One report of the visitor, and what was said about it."""
        return await self._my_details(visit, identifier)

    async def say(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Say something to the moderators."""
        return await self._say(visit, identifier, "/my-reports", self._my_details)

    async def decide(self, visit: Visit, identifier: str) -> Redirect:
        """Accept a report, reject it, or open it again."""
        state = _DECISIONS.get(visit.given("decision"))
        if state is None:
            raise Invalid("There is no such decision")
        await self.abuses.decide(number(identifier), state=state, moderation_comment=None)
        return Redirect(f"/admin/abuses/{number(identifier)}", done="abuse-decided")

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """Forget a report."""
        await self.abuses.remove(number(identifier))
        return Redirect("/admin/abuses", done="abuse-removed")

    async def _details(self, visit: Visit, identifier: str, *, problem: str = "", status: int = 200) -> Shown:
        found = await self.abuses.listing(_ONE, AbuseFilter(abuse_id=number(identifier)))
        return await self._one(visit, found, moderates=True, problem=problem, status=status)

    async def _my_details(self, visit: Visit, identifier: str, *, problem: str = "", status: int = 200) -> Shown:
        found = await self.abuses.mine(visit.user(), _ONE, AbuseFilter(abuse_id=number(identifier)))
        return await self._one(visit, found, moderates=False, problem=problem, status=status)

    async def _one(
        self, visit: Visit, found: Listing[Abuse], *, moderates: bool, problem: str, status: int
    ) -> Shown:  # fmt: skip
        if not found.items:
            raise NotFound("There is no such report")
        (abuse,) = found.items
        context = {
            **_words(visit),
            "abuse": abuse,
            "moderates": moderates,
            "messages": await self.abuses.messages(visit.user(), abuse.id),
            "problem_text": problem,
            "typed": visit.given("message"),
            "note": visit.given("note") or abuse.moderation_comment,
        }
        return Shown("abuse.html", context, status=status, section="abuses" if moderates else "")

    async def _say(
        self, visit: Visit, identifier: str, path: str, again: Callable[..., Awaitable[Shown]]
    ) -> Shown | Redirect:
        try:
            await self.abuses.say(visit.user(), number(identifier), visit.given("message"))
        except (Invalid, Conflict) as error:
            wrong = Words(visit.texts).error(error.code, error.detail)
            return await again(visit, identifier, problem=wrong, status=status_of(error))
        return Redirect(f"{path}/{number(identifier)}", done="abuse-said")

    async def _form(self, visit: Visit, identifier: str, *, problem: str = "", status: int = 200) -> Shown:
        details = await self.videos.details(visit.viewer, _uuid(identifier))
        context = {
            "video": details.video,
            "reasons": {reason.value: visit.gettext(text) for reason, text in REASONS.items()},
            "typed": visit.given("reason"),
            "why": visit.given("why"),
            "problem_text": problem,
        }
        return Shown("report.html", context, status=status)


def _words(visit: Visit) -> dict[str, object]:
    return {
        "states": {state: _shown(visit, state) for state in AbuseState},
        "reasons": {reason: visit.gettext(text) for reason, text in REASONS.items()},
        "AbuseState": AbuseState,
    }


def _shown(visit: Visit, state: AbuseState) -> dict[str, str]:
    text, tone, icon = STATES[state]
    return {"text": visit.gettext(text), "tone": tone, "icon": icon}


def _uuid(text: str) -> str:
    uuid = identify_uuid(text)
    if uuid is None:
        raise _no_video()
    return uuid


def _no_video() -> PodError:
    return NotFound("There is no such video")
