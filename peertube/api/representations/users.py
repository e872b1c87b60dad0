"""Users as JSON (PeerTube's REST API: User, MyUser)."""

from typing import Any

from peertube.api.representations.accounts import account_full
from peertube.api.representations.channels import channel_alone
from peertube.api.representations.times import iso, iso_or_none
from peertube.config.schema import WebServer
from peertube.model.users import UserProfile

_WEB = 1
_WEB_AND_MAIL = 3
_NOTIFICATIONS = {
    "newCommentOnMyVideo": _WEB,
    "newVideoFromSubscription": _WEB,
    "abuseAsModerator": _WEB_AND_MAIL,
    "videoAutoBlacklistAsModerator": _WEB_AND_MAIL,
    "blacklistOnMyVideo": _WEB_AND_MAIL,
    "myVideoPublished": _WEB,
    "myVideoImportFinished": _WEB,
    "newUserRegistration": _WEB,
    "commentMention": _WEB,
    "newFollow": _WEB,
    "newInstanceFollower": _WEB,
    "autoInstanceFollowing": _WEB,
    "abuseNewMessage": _WEB_AND_MAIL,
    "abuseStateChange": _WEB_AND_MAIL,
    "newPeerTubeVersion": _WEB_AND_MAIL,
    "myVideoStudioEditionFinished": _WEB,
    "myVideoTranscriptionGenerated": _WEB,
    "newPluginVersion": _WEB,
}


def user(profile: UserProfile, web: WebServer) -> dict[str, Any]:
    """A user as everybody with access to the profile sees it."""
    one, preferences = profile.user, profile.user.preferences
    return {
        "id": one.id,
        "username": one.username,
        "email": one.email,
        "theme": preferences.theme,
        "pendingEmail": one.pending_email,
        "emailPublic": preferences.email_public,
        "emailVerified": one.email_verified,
        "nsfwPolicy": preferences.nsfw_policy,
        "nsfwFlagsDisplayed": preferences.nsfw_flags_displayed,
        "nsfwFlagsHidden": preferences.nsfw_flags_hidden,
        "nsfwFlagsWarned": preferences.nsfw_flags_warned,
        "nsfwFlagsBlurred": preferences.nsfw_flags_blurred,
        "p2pEnabled": preferences.p2p_enabled,
        "videosHistoryEnabled": preferences.videos_history_enabled,
        "autoPlayVideo": preferences.auto_play_video,
        "autoPlayNextVideo": preferences.auto_play_next_video,
        "autoPlayNextVideoPlaylist": preferences.auto_play_next_video_playlist,
        "videoLanguages": None if preferences.video_languages is None else list(preferences.video_languages),
        "role": {"id": int(one.role), "label": one.role.label},
        "videoQuota": one.video_quota,
        "videoQuotaDaily": one.video_quota_daily,
        "noInstanceConfigWarningModal": preferences.no_instance_config_warning_modal,
        "noWelcomeModal": preferences.no_welcome_modal,
        "noAccountSetupWarningModal": preferences.no_account_setup_warning_modal,
        "blocked": one.blocked,
        "blockedReason": one.blocked_reason,
        "account": account_full(profile.account, web),
        "notificationSettings": dict(_NOTIFICATIONS),
        "videoChannels": [channel_alone(channel, web) for channel in profile.channels],
        "createdAt": iso(one.created_ms),
        "pluginAuth": None,
        "lastLoginDate": iso_or_none(one.last_login_ms),
        "twoFactorEnabled": one.two_factor is not None,
        "language": preferences.language,
    }


def my_user(profile: UserProfile, web: WebServer) -> dict[str, Any]:
    """A user as the user sees it (`GET /users/me`)."""
    return {**user(profile, web), "adminFlags": profile.user.admin_flags, "specialPlaylists": []}


def managed_user(profile: UserProfile, web: WebServer) -> dict[str, Any]:
    """A user as the staff sees it, with the use of the quota and (ours) the right to upload."""
    return {
        **user(profile, web),
        "adminFlags": profile.user.admin_flags,
        "videoQuotaUsed": profile.bytes_used,
        "videoQuotaUsedDaily": profile.bytes_used_daily,
        "mayUpload": profile.user.may_upload,
    }


def quota_used(profile: UserProfile) -> dict[str, int]:
    """How many bytes the user's videos take (`GET /users/me/video-quota-used`)."""
    return {"videoQuotaUsed": profile.bytes_used, "videoQuotaUsedDaily": profile.bytes_used_daily}
