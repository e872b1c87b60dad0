"""Reports about videos: from users of this pod, and from friends about videos of ours."""

from collections.abc import Sequence

from attrs import frozen

from peertube.errors import Invalid, NotFound
from peertube.model import topics
from peertube.model.abuses import Abuse, AbuseReason, AbuseState, NewAbuse
from peertube.model.accounts import LOCAL
from peertube.model.deliveries import DeliveryKind
from peertube.model.pages import Listing, Window
from peertube.model.pods import Pod
from peertube.model.users import Viewer
from peertube.pods.messages import ReportItem
from peertube.policy.visibility import is_shared
from peertube.storage import abuses, deliveries, pods, videos
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Publisher, Randomness
from peertube.usecases.videos import by_identifier, require_visible

SHORTEST_REASON = 2
LONGEST_REASON = 3000
MOST_OF_A_POD = 1000
"""Reports that one friend may send within a day."""

_DAY_MS = 24 * 3_600_000


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

    async def listing(
        self, window: Window, *, state: AbuseState | None = None, abuse_id: int | None = None
    ) -> Listing[Abuse]:
        """Reports, for moderators."""
        _check_sort(window)
        return await self._database.read(abuses.listing, window, state=state, abuse_id=abuse_id)

    async def mine(self, viewer: Viewer, window: Window) -> Listing[Abuse]:
        """The reports of a user."""
        _check_sort(window)
        return await self._database.read(abuses.listing, window, reporter_id=viewer.user.account_id)

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
