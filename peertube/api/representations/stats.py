"""``GET /server/stats``: PeerTube's names for our counts. What this pod does not have counts as none."""

from peertube.model.stats import Stats

Json = dict[str, object]

_NONE_YET = (
    "totalLocalVideoComments",
    "totalVideoComments",
    "totalLocalPlaylists",
    "totalInstanceFollowers",
    "totalInstanceFollowing",
    "totalActivityPubMessagesProcessed",
    "totalActivityPubMessagesSuccesses",
    "totalActivityPubMessagesErrors",
    "activityPubMessagesProcessedPerSecond",
    "totalActivityPubMessagesWaiting",
    "averageRegistrationRequestResponseTimeMs",
    "totalRegistrationRequestsProcessed",
    "totalRegistrationRequests",
    "averageAbuseResponseTimeMs",
    "totalAbusesProcessed",
    "totalAbuses",
)


def stats(counts: Stats) -> Json:
    """The counts as programs know them, and the number of friends."""
    return {
        **dict.fromkeys(_NONE_YET, 0),
        "totalUsers": counts.users,
        "totalDailyActiveUsers": counts.daily_active_users,
        "totalWeeklyActiveUsers": counts.weekly_active_users,
        "totalMonthlyActiveUsers": counts.monthly_active_users,
        "totalModerators": counts.moderators,
        "totalAdmins": counts.administrators,
        "totalLocalVideos": counts.local_videos,
        "totalLocalVideoViews": counts.local_views,
        "totalLocalVideoFilesSize": counts.local_files_size,
        "totalVideos": counts.videos,
        "totalLocalVideoChannels": counts.local_channels,
        "totalLocalDailyActiveVideoChannels": counts.daily_active_channels,
        "totalLocalWeeklyActiveVideoChannels": counts.weekly_active_channels,
        "totalLocalMonthlyActiveVideoChannels": counts.monthly_active_channels,
        "totalFriends": counts.friends,
        "videosRedundancy": [],
    }
