"""People with a login on this pod: roles, rights, quotas."""

from enum import Enum, IntEnum

from attrs import frozen

from peertube.model.accounts import Account
from peertube.model.channels import Channel


class Role(IntEnum):
    """What a user is (numbers as in PeerTube's REST API)."""

    ADMINISTRATOR = 0
    MODERATOR = 1
    USER = 2

    @property
    def label(self) -> str:
        """The name that programs show."""
        return self.name.capitalize()


class Right(Enum):
    """One thing that not everybody may do (names as in PeerTube's)."""

    MANAGE_USERS = "MANAGE_USERS"
    MANAGE_REGISTRATIONS = "MANAGE_REGISTRATIONS"
    MANAGE_PODS = "MANAGE_PODS"
    MANAGE_SERVER_FOLLOW = "MANAGE_SERVER_FOLLOW"
    MANAGE_LOGS = "MANAGE_LOGS"
    MANAGE_DEBUG = "MANAGE_DEBUG"
    MANAGE_JOBS = "MANAGE_JOBS"
    MANAGE_CONFIGURATION = "MANAGE_CONFIGURATION"
    MANAGE_VIDEO_FILES = "MANAGE_VIDEO_FILES"
    MANAGE_ABUSES = "MANAGE_ABUSES"
    MANAGE_VIDEO_BLACKLIST = "MANAGE_VIDEO_BLACKLIST"
    MANAGE_ANY_VIDEO_CHANNEL = "MANAGE_ANY_VIDEO_CHANNEL"
    REMOVE_ANY_VIDEO = "REMOVE_ANY_VIDEO"
    UPDATE_ANY_VIDEO = "UPDATE_ANY_VIDEO"
    SEE_ALL_VIDEOS = "SEE_ALL_VIDEOS"
    CHANGE_VIDEO_OWNERSHIP = "CHANGE_VIDEO_OWNERSHIP"
    MANAGE_INSTANCE_CUSTOM_PAGE = "MANAGE_INSTANCE_CUSTOM_PAGE"


_MODERATOR_RIGHTS = frozenset(
    {
        Right.MANAGE_USERS,  # plain users only: policy.authority
        Right.MANAGE_REGISTRATIONS,
        Right.MANAGE_ABUSES,
        Right.MANAGE_VIDEO_BLACKLIST,
        Right.MANAGE_ANY_VIDEO_CHANNEL,
        Right.REMOVE_ANY_VIDEO,
        Right.UPDATE_ANY_VIDEO,
        Right.SEE_ALL_VIDEOS,
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.MODERATOR: _MODERATOR_RIGHTS,
    Role.USER: frozenset(),
}

ROOT = "root"
"""The user made at first start: cannot be removed, blocked, or given another role."""

UNLIMITED = -1
"""A quota of -1 bytes means: no limit."""


@frozen
class Preferences:
    """What a user chose for their own use of the pod (field names as in `GET /users/me`)."""

    nsfw_policy: str = "display"
    nsfw_flags_displayed: int = 0
    nsfw_flags_hidden: int = 0
    nsfw_flags_warned: int = 0
    nsfw_flags_blurred: int = 0
    auto_play_video: bool = True
    auto_play_next_video: bool = False
    auto_play_next_video_playlist: bool = True
    p2p_enabled: bool = True
    videos_history_enabled: bool = True
    video_languages: tuple[str, ...] | None = None
    theme: str = "instance-default"
    email_public: bool = False
    language: str | None = None
    no_instance_config_warning_modal: bool = False
    no_welcome_modal: bool = False
    no_account_setup_warning_modal: bool = False


@frozen
class User:
    """A person with a login. Quotas in bytes, times in ms since 1970 UTC.

    `collaborates_on`: ids of the channels of others that the user takes part in. `must_verify`: no login before the
    e-mail address is confirmed. `pending_email`: what the address becomes when that one is confirmed. `two_factor`: the
    secret that codes are made of, sealed; None when a password is enough. `two_factor_step`: the last 30 seconds whose
    code was used. `admin_flags` as in PeerTube (1: videos are not held back for moderators). `feed_generation`: how
    often the token of the user's feeds was renewed.
    """

    id: int
    username: str
    email: str
    email_verified: bool
    password_hash: str
    role: Role
    may_upload: bool
    video_quota: int
    video_quota_daily: int
    blocked: bool
    blocked_reason: str | None
    preferences: Preferences
    account_id: int
    created_ms: int
    updated_ms: int
    last_login_ms: int | None
    collaborates_on: frozenset[int] = frozenset()
    must_verify: bool = False
    pending_email: str | None = None
    two_factor: str | None = None
    two_factor_step: int = 0
    admin_flags: int = 0
    feed_generation: int = 0

    def has(self, right: Right) -> bool:
        """Whether this user's role carries `right` and the user is not blocked."""
        return not self.blocked and right in RIGHTS[self.role]


@frozen
class Session:
    """A login of a user: by password for programs (`api`), or from the login page (`page`).

    `token_hash` is SHA-256 hex of the refresh token (`api`) or of the cookie's value (`page`). `family_hash` is that of
    the part that all refresh tokens of one login share: one that is shown a second time ends what came of it.
    Removing the row ends the session and every access token that names it. `login_…` is of the login at the beginning
    of the family, the rest of its last refresh.
    """

    id: int
    user_id: int
    kind: str
    token_hash: str
    family_hash: str
    created_ms: int
    access_expires_ms: int
    expires_ms: int
    address: str
    user_agent: str
    login_ms: int | None = None
    login_address: str | None = None
    login_user_agent: str | None = None


@frozen
class Viewer:
    """Who asks: a user with the session that proves it."""

    user: User
    session_id: int


@frozen
class UserProfile:
    """A user with what hangs on the login: account, channels (oldest first), bytes of videos in all and in 24 hours."""

    user: User
    account: Account
    channels: tuple[Channel, ...]
    bytes_used: int
    bytes_used_daily: int
