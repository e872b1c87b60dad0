"""Reports about videos: from users of this pod, and from friends about videos of ours."""

from collections.abc import Sequence

from attrs import frozen

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.model import topics
from peertube.model.abuses import Abuse, AbuseFilter, AbuseMessage, AbuseReason, AbuseState, NewAbuse
from peertube.model.accounts import LOCAL
from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod
from peertube.model.users import Right, Viewer
from peertube.pods.messages import ReportItem
from peertube.policy.visibility import is_shared
from peertube.storage import abuse_messages, abuses, deliveries, pods, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Publisher, Randomness
from peertube.usecases.videos import by_identifier, require_visible

SHORTEST_REASON = 2
LONGEST_REASON = 3000
MOST_OF_A_POD = 1000
"""Reports that one friend may send within a day."""

MOST_MESSAGES = 200
"""Messages about one report."""

_DAY_MS = 24 * 3_600_000
_ANY = AbuseFilter()


@frozen
class Report:
    """What a user says about a video. `start_at`, `end_at`: the part of it that is meant, in s."""

    reason: str
    predefined_reasons: Sequence[AbuseReason] = ()
    start_at: int | None = None
    end_at: int | None = None


class Abuses:
    """Takes reports, and shows them to moderators."""

    def __init__(self, *, database: Database, clock: Clock, randomness: Randomness, publisher: Publisher) -> None:
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self._publisher = publisher

    async def report(self, viewer: Viewer, id_or_uuid: str, report: Report) -> int:
        """Report a video; the id of the report. The origin of a friend's video is told."""
        reason = report.reason.strip()
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise Invalid(
                "A report needs a reason",
                fields={"reason": f"must have {SHORTEST_REASON} to {LONGEST_REASON} characters"},
            )
        return await self._database.write(self._report, viewer, id_or_uuid, report, reason, self._randomness.uuid())

    async def listing(self, window: Window, wanted: AbuseFilter = _ANY) -> Listing[Abuse]:
        """Reports, for moderators."""
        _check_sort(window)
        return await self._database.read(abuses.listing, window, wanted)

    async def mine(self, viewer: Viewer, window: Window, wanted: AbuseFilter = _ANY) -> Listing[Abuse]:
        """The reports of a user."""
        _check_sort(window)
        wanted = AbuseFilter(
            state=wanted.state, abuse_id=wanted.abuse_id, text=wanted.text, reporter_id=viewer.user.account_id
        )
        return await self._database.read(abuses.listing, window, wanted)

    async def messages(self, viewer: Viewer, abuse_id: int) -> Sequence[AbuseMessage]:
        """What reporter and moderators have said to each other, oldest first."""
        return await self._database.read(self._messages, viewer, abuse_id)

    async def say(self, viewer: Viewer, abuse_id: int, message: str) -> int:
        """Say something to the other side; the id of the message.

        :raises Invalid: the reporter is a user of another pod, whom nothing can be said from here.
        """
        text = message.strip()
        if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
            faults = {"message": f"must have {SHORTEST_REASON} to {LONGEST_REASON} characters"}
            raise Invalid("A message needs words", fields=faults)
        return await self._database.write(self._say, viewer, abuse_id, text)

    async def unsay(self, viewer: Viewer, abuse_id: int, message_id: int) -> None:
        """Take a message back: one's own, or any as a moderator."""
        await self._database.write(self._unsay, viewer, abuse_id, message_id)

    async def decide(self, abuse_id: int, *, state: AbuseState | None, moderation_comment: str | None) -> None:
        """Note what was decided about a report; what is None stays."""
        await self._database.write(self._decide, abuse_id, state, moderation_comment)

    async def remove(self, abuse_id: int) -> None:
        """Forget a report."""
        if not await self._database.write(abuses.remove, abuse_id):
            raise _not_found()

    async def _report(
        self, tx: Transaction, viewer: Viewer, id_or_uuid: str, report: Report, reason: str, uuid: str
    ) -> int:
        video = require_visible(viewer, await by_identifier(tx, id_or_uuid), id_or_uuid).video
        now_ms = self._clock.now_ms()
        new = NewAbuse(
            uuid=uuid,
            host=LOCAL,
            reporter_id=viewer.user.account_id,
            reporter_name=viewer.user.username,
            video_id=video.id,
            video_uuid=video.uuid,
            video_name=video.fields.name,
            video_host=video.host,
            reason=reason,
            predefined_reasons=tuple(report.predefined_reasons),
            start_at=report.start_at,
            end_at=report.end_at,
        )
        abuse_id = await abuses.add(tx, new, now_ms)
        origin = None if video.is_local else await pods.by_host(tx, video.host)
        if origin is not None:
            body = {
                "uuid": uuid,
                "videoUUID": video.uuid,
                "reporterUsername": viewer.user.username,
                "reportReason": reason,
            }
            await deliveries.add(tx, DeliveryKind.REPORT_ABUSE, uuid, 1, now_ms, body=body, pod_ids=[origin.id])
            tx.after_commit(lambda: self._publisher.publish(topics.DELIVERIES, {"pods": [origin.id]}))
        return abuse_id

    async def _messages(self, tx: Transaction, viewer: Viewer, abuse_id: int) -> list[AbuseMessage]:
        await _taking_part(tx, viewer, abuse_id)
        return await abuse_messages.of_abuse(tx, abuse_id, MOST_MESSAGES)

    async def _say(self, tx: Transaction, viewer: Viewer, abuse_id: int, message: str) -> int:
        report = (await _taking_part(tx, viewer, abuse_id)).report
        if report.reporter_id is None:
            raise Invalid("The reporter is not a user of this server", code="abuse_not_local")
        if await abuse_messages.count(tx, abuse_id) >= MOST_MESSAGES:
            raise Conflict("There are too many messages about this report", code="too_many_messages")
        return await abuse_messages.add(
            tx,
            abuse_id,
            account_id=viewer.user.account_id,
            by_moderator=viewer.user.has(Right.MANAGE_ABUSES),
            message=message,
            now_ms=self._clock.now_ms(),
        )

    async def _unsay(self, tx: Transaction, viewer: Viewer, abuse_id: int, message_id: int) -> None:
        await _taking_part(tx, viewer, abuse_id)
        message = await abuse_messages.one(tx, abuse_id, message_id)
        if message is None:
            raise NotFound("Abuse message not found", code="abuse_message_not_found")
        if message.account_id != viewer.user.account_id and not viewer.user.has(Right.MANAGE_ABUSES):
            raise Forbidden("This is not your message")
        await abuse_messages.remove(tx, message_id)

    async def _decide(
        self, tx: Transaction, abuse_id: int, state: AbuseState | None, moderation_comment: str | None
    ) -> None:
        known = await abuses.by_id(tx, abuse_id)
        if known is None:
            raise _not_found()
        comment = known.moderation_comment if moderation_comment is None else moderation_comment
        await abuses.update(
            tx, abuse_id, state=state or known.state, moderation_comment=comment, now_ms=self._clock.now_ms()
        )


async def _taking_part(tx: Transaction, viewer: Viewer, abuse_id: int) -> Abuse:
    """The report, when it is the viewer's or the viewer is a moderator; others do not learn that there is one."""
    found = await abuses.by_id(tx, abuse_id)
    if found is None:
        raise _not_found()
    if found.report.reporter_id != viewer.user.account_id and not viewer.user.has(Right.MANAGE_ABUSES):
        raise _not_found()
    return found


async def take_report(tx: Transaction, pod: Pod, item: ReportItem, now_ms: int) -> None:
    """Store what a user of the friend `pod` says about a video of ours. `Invalid` when it is not to be taken."""
    found = await videos.details_by_origin(tx, LOCAL, item.video_uuid)
    if found is None or not is_shared(found.video):
        raise Invalid("The reported video is not one of ours", code="invalid_item")
    if await abuses.of_host_since(tx, pod.host, now_ms - _DAY_MS) >= MOST_OF_A_POD:
        raise Invalid("This pod has sent too many reports today", code="invalid_item")
    new = NewAbuse(
        uuid=item.uuid or f"{item.video_uuid}-{now_ms}",
        host=pod.host,
        reporter_id=None,
        reporter_name=item.reporter,
        video_id=found.video.id,
        video_uuid=item.video_uuid,
        video_name=found.video.fields.name,
        video_host=LOCAL,
        reason=item.reason,
    )
    await abuses.add(tx, new, now_ms)


def _check_sort(window: Window) -> None:
    if window.sort not in abuses.SORTS:
        raise Invalid("This list cannot be sorted so", fields={"sort": "must be one of id, createdAt, state"})


def _not_found() -> NotFound:
    return NotFound("Abuse not found", code="abuse_not_found")
