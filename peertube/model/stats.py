"""Counts over the whole pod."""

from attrs import frozen


@frozen
class Stats:
    """How much there is. "Active" means: logged in, or published a video, within the time."""

    users: int
    daily_active_users: int
    weekly_active_users: int
    monthly_active_users: int
    administrators: int
    moderators: int
    local_videos: int
    local_views: int
    local_files_size: int
    videos: int
    local_channels: int
    daily_active_channels: int
    weekly_active_channels: int
    monthly_active_channels: int
    friends: int
