"""Reports: ``/abuses`` as PeerTube has it, and ``/videos/<id>/abuse``, ``/videos/abuse`` as the pods of 2017 had it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.abuses import abuse, abuse_message, abuse_of_2017, abuse_of_mine
from peertube.errors import Invalid, NotFound
from peertube.http.routing import Access, Call, Route
from peertube.model.abuses import AbuseFilter, AbuseReason, AbuseState
from peertube.model.users import Right
from peertube.usecases.abuses import LONGEST_REASON, SHORTEST_REASON, Abuses, Report

Seconds = Annotated[int, Field(ge=0, le=10_000_000)]
Part = Annotated[str | None, Field(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)]


class AbusesParameters(PageParameters):
    """Which reports are listed, and in which order."""

    sort: Literal["id", "-id", "createdAt", "-createdAt", "state", "-state"] = "-createdAt"
    id: Annotated[int | None, Field(ge=1, lt=2**53)] = None
    state: AbuseState | None = None
    filter: Literal["video", "comment", "account"] | None = None
    predefined_reason: Annotated[AbuseReason | None, Field(alias="predefinedReason")] = None
    search: Part = None
    search_reporter: Annotated[Part, Field(alias="searchReporter")] = None
    search_reportee: Annotated[Part, Field(alias="searchReportee")] = None
    search_video: Annotated[Part, Field(alias="searchVideo")] = None
    search_video_channel: Annotated[Part, Field(alias="searchVideoChannel")] = None
    video_is: Annotated[Literal["deleted", "blacklisted"] | None, Field(alias="videoIs")] = None

    @property
    def nothing(self) -> bool:
        """Whether what is asked for does not exist here."""
        return self.filter in ("comment", "account") or self.video_is == "blacklisted"

    def wanted(self) -> AbuseFilter:
        """Which reports."""
        return AbuseFilter(
            state=self.state,
            abuse_id=self.id,
            predefined_reason=self.predefined_reason,
            text=self.search,
            reporter=self.search_reporter,
            reportee=self.search_reportee,
            video=self.search_video,
            channel=self.search_video_channel,
            deleted=self.video_is == "deleted",
        )


class NewMessage(BaseModel):
    """What is said to the other side."""

    message: Reason


class ReportedVideo(BaseModel):
    """The video that is meant, and which part of it."""

    model_config = ConfigDict(populate_by_name=True)

    id: int | str
    start_at: Annotated[Seconds | None, Field(alias="startAt")] = None
    end_at: Annotated[Seconds | None, Field(alias="endAt")] = None


class NewReport(BaseModel):
    """A report as PeerTube's client sends it."""

    model_config = ConfigDict(populate_by_name=True)

    reason: Reason
    predefined_reasons: Annotated[
        list[AbuseReason], Field(alias="predefinedReasons", max_length=len(AbuseReason), default_factory=list)
    ]
    video: ReportedVideo


class ReasonOnly(BaseModel):
    """A report as the clients of 2017 sent it."""

    reason: Reason


class Decision(BaseModel):
    """What a moderator decides."""

    model_config = ConfigDict(populate_by_name=True)

    state: AbuseState | None = None
    moderation_comment: Annotated[
        str | None, Field(alias="moderationComment", min_length=2, max_length=LONGEST_REASON)
    ] = None


class AbusesApi:
    """Routes about reports.

    :param host: of this pod.
    """

    def __init__(self, *, abuses: Abuses, host: str) -> None:
        self._abuses = abuses
        self._host = host

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("POST", "/abuses", Access.USER, self.report, body=NewReport),
            Route("GET", "/abuses", Right.MANAGE_ABUSES, self.listing, query=AbusesParameters),
            Route("PUT", "/abuses/<abuse_id>", Right.MANAGE_ABUSES, self.decide, body=Decision),
            Route("DELETE", "/abuses/<abuse_id>", Right.MANAGE_ABUSES, self.remove),
            Route("GET", "/abuses/<abuse_id>/messages", Access.USER, self.messages),
            Route("POST", "/abuses/<abuse_id>/messages", Access.USER, self.say, body=NewMessage),
            Route("DELETE", "/abuses/<abuse_id>/messages/<message_id>", Access.USER, self.unsay),
            Route("GET", "/users/me/abuses", Access.USER, self.mine, query=AbusesParameters),
            Route("GET", "/videos/abuse", Right.MANAGE_ABUSES, self.listing_of_2017, query=AbusesParameters),
            Route("POST", "/videos/<identifier>/abuse", Access.USER, self.report_video, body=ReasonOnly),
        ]

    async def report(self, call: Call) -> object:
        """Report a video."""
        sent = await call.body(NewReport)
        video = sent.video
        report = Report(sent.reason, sent.predefined_reasons, video.start_at, video.end_at)
        return {"abuse": {"id": await self._abuses.report(call.known_viewer, str(video.id), report)}}

    async def report_video(self, call: Call, identifier: str) -> None:
        """Report a video, as in 2017."""
        sent = await call.body(ReasonOnly)
        await self._abuses.report(call.known_viewer, identifier, Report(sent.reason))

    async def listing(self, call: Call) -> object:
        """All reports."""
        wanted = call.parameters(AbusesParameters)
        if wanted.nothing:
            return {"total": 0, "data": []}
        found = await self._abuses.listing(wanted.window(), wanted.wanted())
        return page(found, [abuse(one, self._host) for one in found.items])

    async def listing_of_2017(self, call: Call) -> object:
        """All reports, as in 2017."""
        wanted = call.parameters(AbusesParameters)
        found = await self._abuses.listing(wanted.window())
        return page(found, [abuse_of_2017(one, self._host) for one in found.items])

    async def mine(self, call: Call) -> object:
        """The reports of the one who asks."""
        wanted = call.parameters(AbusesParameters)
        found = await self._abuses.mine(call.known_viewer, wanted.window(), wanted.wanted())
        return page(found, [abuse_of_mine(one, self._host) for one in found.items])

    async def messages(self, call: Call, abuse_id: str) -> object:
        """What reporter and moderators have said to each other."""
        found = await self._abuses.messages(call.known_viewer, _number(abuse_id))
        return {"total": len(found), "data": [abuse_message(one, self._host) for one in found]}

    async def say(self, call: Call, abuse_id: str) -> object:
        """Say something to the other side."""
        sent = await call.body(NewMessage)
        return {"abuseMessage": {"id": await self._abuses.say(call.known_viewer, _number(abuse_id), sent.message)}}

    async def unsay(self, call: Call, abuse_id: str, message_id: str) -> None:
        """Take a message back."""
        await self._abuses.unsay(call.known_viewer, _number(abuse_id), _number(message_id))

    async def decide(self, call: Call, abuse_id: str) -> None:
        """Note what was decided."""
        sent = await call.body(Decision)
        if sent.state is None and sent.moderation_comment is None:
            raise Invalid("Nothing was decided", fields={"state": "or moderationComment is required"})
        await self._abuses.decide(_number(abuse_id), state=sent.state, moderation_comment=sent.moderation_comment)

    async def remove(self, call: Call, abuse_id: str) -> None:
        """Forget a report."""
        await self._abuses.remove(_number(abuse_id))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotFound("Abuse not found", code="abuse_not_found")
    return int(text)
