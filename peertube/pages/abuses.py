"""Reports: telling moderators about a video, and what they do with it."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.abuses import Abuse, AbuseReason, AbuseState
from peertube.model.pages import Listing, Window
from peertube.model.users import Right, Viewer
from peertube.pages.admin import number
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import N_, Words
from peertube.policy.short_uuid import identify_uuid
from peertube.usecases.abuses import Report

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
_DECISIONS = {"accept": AbuseState.ACCEPTED, "reject": AbuseState.REJECTED, "reopen": AbuseState.PENDING}


class Reports(Protocol):
    """Takes and keeps reports."""

    async def report(self, viewer: Viewer, id_or_uuid: str, report: Report) -> int:
        """Report a video."""
        ...

    async def listing(
        self, window: Window, *, state: AbuseState | None = None, abuse_id: int | None = None
    ) -> Listing[Abuse]:
        """Reports in order."""
        ...

    async def decide(self, abuse_id: int, *, state: AbuseState | None, moderation_comment: str | None) -> None:
        """Note what was decided."""
        ...

    async def remove(self, abuse_id: int) -> None:
        """Forget a report."""
        ...


@frozen
class AbusesPages:
    """`/admin/abuses`, and `/w/<id>/report`."""

    abuses: Reports
    videos: VideoReader

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_ABUSES
        return [
            PageRoute("GET", "/w/<identifier>/report", Access.USER, self.form),
            PageRoute("POST", "/w/<identifier>/report", Access.USER, self.report),
            PageRoute("GET", "/admin/abuses", right, self.listing),
            PageRoute("POST", "/admin/abuses/<identifier>/decide", right, self.decide),
            PageRoute("POST", "/admin/abuses/<identifier>/remove", right, self.remove),
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
        open_only = visit.asked("state") != "all"
        found = await self.abuses.listing(
            window(page, ON_A_PAGE, "-createdAt"), state=AbuseState.PENDING if open_only else None
        )
        context = {
            "abuses": found.items,
            "paging": Paging("/admin/abuses", {"state": visit.asked("state")}, page, ON_A_PAGE, found.total or 0),
            "open_only": open_only,
            "states": {state: _shown(visit, state) for state in AbuseState},
            "reasons": {reason: visit.gettext(text) for reason, text in REASONS.items()},
            "AbuseState": AbuseState,
        }
        return Shown("abuses.html", context, section="abuses")

    async def decide(self, visit: Visit, identifier: str) -> Redirect:
        """Accept a report, reject it, or open it again."""
        state = _DECISIONS.get(visit.given("decision"))
        if state is None:
            raise Invalid("There is no such decision")
        await self.abuses.decide(number(identifier), state=state, moderation_comment=None)
        return Redirect("/admin/abuses", done="abuse-decided")

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """Forget a report."""
        await self.abuses.remove(number(identifier))
        return Redirect("/admin/abuses", done="abuse-removed")

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
