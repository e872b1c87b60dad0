"""Reports about videos, and what moderators decided."""

from enum import Enum, IntEnum

from attrs import frozen


class AbuseState(IntEnum):
    """Where a report stands (numbers as in PeerTube's REST API)."""

    PENDING = 1
    REJECTED = 2
    ACCEPTED = 3

    @property
    def label(self) -> str:
        """The name that programs show."""
        return self.name.capitalize()


class AbuseReason(Enum):
    """The reasons that a reporter can choose; values as in PeerTube's REST API."""

    VIOLENT_OR_REPULSIVE = "violentOrRepulsive"
    HATEFUL_OR_ABUSIVE = "hatefulOrAbusive"
    SPAM_OR_MISLEADING = "spamOrMisleading"
    PRIVACY = "privacy"
    RIGHTS = "rights"
    SERVER_RULES = "serverRules"
    THUMBNAILS = "thumbnails"
    CAPTIONS = "captions"


@frozen
class NewAbuse:
    """A report that is about to be stored. `host` is the reporter's pod, '' for ours; `start_at`, `end_at` in s."""

    uuid: str
    host: str
    reporter_id: int | None
    reporter_name: str
    video_id: int | None
    video_uuid: str
    video_name: str
    video_host: str
    reason: str
    predefined_reasons: tuple[AbuseReason, ...] = ()
    start_at: int | None = None
    end_at: int | None = None


@frozen
class AbuseFilter:
    """Which reports are wanted; None means all.

    Parts of names: `reporter`, `reportee` (whose video it is), `video`, `channel`; `text` is looked for in all of them,
    in the reason and in the hosts. `host`: of the pod of the reporter or of the video, whole; '' for this pod.
    """

    state: AbuseState | None = None
    abuse_id: int | None = None
    reporter_id: int | None = None
    predefined_reason: AbuseReason | None = None
    text: str | None = None
    reporter: str | None = None
    reportee: str | None = None
    video: str | None = None
    channel: str | None = None
    host: str | None = None
    deleted: bool = False


@frozen
class AbuseMessage:
    """What somebody says about a report. `account_id` and names are None when the account is gone."""

    id: int
    abuse_id: int
    account_id: int | None
    name: str | None
    display_name: str | None
    by_moderator: bool
    message: str
    created_ms: int


@frozen
class Abuse:
    """A report. `video_id` is None when the video is gone. `moderation_comment` is for moderators alone; `messages`
    says how many there are. Times in ms since 1970 UTC.
    """

    id: int
    report: NewAbuse
    state: AbuseState
    moderation_comment: str | None
    created_ms: int
    updated_ms: int
    messages: int = 0
