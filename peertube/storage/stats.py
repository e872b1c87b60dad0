"""Counts over the whole pod, each in one pass over its table."""

from peertube.model.stats import Stats
from peertube.model.users import Role
from peertube.model.videos import Privacy, VideoState
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_USERS = Query(
    """
    select count(*) as users,
        coalesce(sum(case when last_login_ms >= :day then 1 else 0 end), 0) as daily,
        coalesce(sum(case when last_login_ms >= :week then 1 else 0 end), 0) as weekly,
        coalesce(sum(case when last_login_ms >= :month then 1 else 0 end), 0) as monthly,
        coalesce(sum(case when role = :administrator then 1 else 0 end), 0) as administrators,
        coalesce(sum(case when role = :moderator then 1 else 0 end), 0) as moderators
    from users
    """
)

_VIDEOS = Query(
    """
    select count(*) as videos,
        coalesce(sum(case when host = '' then 1 else 0 end), 0) as local_videos,
        coalesce(sum(case when host = '' then views else 0 end), 0) as local_views
    from videos
    where privacy = :public and state = :published
    """
)

_FILES = Query(
    """
    select coalesce(sum(f.size), 0) as size
    from video_files f
    join videos v on v.id = f.video_id
    where v.host = ''
    """
)

_CHANNELS = Query(
    """
    select count(*) as channels,
        coalesce(sum(case when newest_ms >= :day then 1 else 0 end), 0) as daily,
        coalesce(sum(case when newest_ms >= :week then 1 else 0 end), 0) as weekly,
        coalesce(sum(case when newest_ms >= :month then 1 else 0 end), 0) as monthly
    from (
        select c.id, max(v.created_ms) as newest_ms
        from channels c
        left join videos v on v.channel_id = c.id
        where c.host = ''
        group by c.id
    ) as newest
    """
)

_FRIENDS = Query("select count(*) as friends from pods where state in ('friend', 'dormant')")

_ANSWERS = Query("select count(*) as settings from settings")

_DAY_MS = 86_400_000


async def read(tx: Transaction, now_ms: int) -> Stats:
    """All counts, of one moment."""
    since = {"day": now_ms - _DAY_MS, "week": now_ms - 7 * _DAY_MS, "month": now_ms - 30 * _DAY_MS}
    users = await tx.one(_USERS, administrator=int(Role.ADMINISTRATOR), moderator=int(Role.MODERATOR), **since)
    videos = await tx.one(_VIDEOS, public=int(Privacy.PUBLIC), published=int(VideoState.PUBLISHED))
    files = await tx.one(_FILES)
    channels = await tx.one(_CHANNELS, **since)
    friends = await tx.one(_FRIENDS)
    return Stats(
        users=int(users["users"]),
        daily_active_users=int(users["daily"]),
        weekly_active_users=int(users["weekly"]),
        monthly_active_users=int(users["monthly"]),
        administrators=int(users["administrators"]),
        moderators=int(users["moderators"]),
        local_videos=int(videos["local_videos"]),
        local_views=int(videos["local_views"]),
        local_files_size=int(files["size"]),
        videos=int(videos["videos"]),
        local_channels=int(channels["channels"]),
        daily_active_channels=int(channels["daily"]),
        weekly_active_channels=int(channels["weekly"]),
        monthly_active_channels=int(channels["monthly"]),
        friends=int(friends["friends"]),
    )


async def answers(tx: Transaction) -> None:
    """Nothing but a sign of life of the database."""
    await tx.one(_ANSWERS)
