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
class Abuse:
    """A report. `video_id` is None when the video is gone. Times in ms since 1970 UTC."""

    id: int
    report: NewAbuse
    state: AbuseState
    moderation_comment: str | None
    created_ms: int
    updated_ms: int
