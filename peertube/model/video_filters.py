"""Which videos of a list are asked for."""

from enum import Enum, IntFlag

from attrs import frozen

from peertube.model.videos import Privacy, SensitiveFlags

UNKNOWN_LANGUAGE = "_unknown"
"""Stands for videos of no stated language."""


class Sensitive(Enum):
    """Whether videos that are not safe for work are listed."""

    BY_PREFERENCE = "by preference"
    """As the one who asks (or the pod) prefers."""
    ONLY = "true"
    NONE = "false"
    BOTH = "both"


class Include(IntFlag):
    """What a list holds beyond the usual (bits as in PeerTube's REST API)."""

    NOT_PUBLISHED = 1
    BLOCKED = 2
    BLOCKED_OWNER = 4
    FILES = 8
    CAPTIONS = 16
    SOURCE = 32
    AUTOMATIC_TAGS = 64


NOTHING_MORE = Include(0)
"""The usual."""

PRIVILEGED = Include.NOT_PUBLISHED | Include.BLOCKED | Include.BLOCKED_OWNER | Include.SOURCE | Include.AUTOMATIC_TAGS
"""Bits that only those may ask for who see all videos."""


@frozen
class VideoFilter:
    """What the videos of a list have in common; what is None or empty does not matter. Times in ms since 1970 UTC.

    `sensitive_flags`: sensitive videos with one of these are listed even where others are not; where only sensitive
    ones are, only those with one of these. `no_sensitive_flags`: none with one of these.
    `nothing` finds nothing (what is asked for does not exist here yet). `to_users`: those that every user may see, too.
    `host` is LOCAL for this pod. `privacies` empty means: only public ones. Of `owner_id` (a user) all videos are
    listed, whatever their privacy and state, with those of the channels `taking_part`. `followed_by` is a user: of
    channels, accounts and tags that the user follows. `watched_by` and `not_watched_by` are users; with the former,
    `unfinished` leaves out what that user watched to its end, or hardly at all.
    """

    search: str | None = None
    categories: tuple[int, ...] = ()
    licences: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    tags_one_of: tuple[str, ...] = ()
    tags_all_of: tuple[str, ...] = ()
    sensitive: Sensitive = Sensitive.BY_PREFERENCE
    is_live: bool | None = None
    is_local: bool | None = None
    has_web_video_files: bool | None = None
    has_hls_files: bool | None = None
    host: str | None = None
    uuids: tuple[str, ...] = ()
    account_id: int | None = None
    channel_id: int | None = None
    owner_id: int | None = None
    watched_by: int | None = None
    unfinished: bool = False
    not_watched_by: int | None = None
    followed_by: int | None = None
    taking_part: frozenset[int] = frozenset()
    published_from_ms: int | None = None
    published_until_ms: int | None = None
    originally_published_from_ms: int | None = None
    originally_published_until_ms: int | None = None
    duration_from: int | None = None
    duration_until: int | None = None
    privacies: tuple[Privacy, ...] = ()
    to_users: bool = False
    sensitive_flags: SensitiveFlags = SensitiveFlags.NONE
    no_sensitive_flags: SensitiveFlags = SensitiveFlags.NONE
    nothing: bool = False
    include: Include = NOTHING_MORE
