"""How rows of videos become records: the columns that every reader of videos selects, and what they mean."""

from collections.abc import Sequence

import msgspec

from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.videos import (
    CommentsPolicy,
    Privacy,
    ScheduledUpdate,
    SensitiveFlags,
    Video,
    VideoFields,
    VideoState,
)
from peertube.storage import accounts, channels
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

COLUMNS = Query(
    """
    select v.id, v.uuid, v.host, v.name, v.category, v.licence, v.language, v.privacy, v.description, v.support, v.nsfw,
        v.comments_policy, v.download_enabled, v.wait_transcoding, v.state, v.duration, v.aspect_ratio, v.views,
        v.likes, v.dislikes, v.thumbnail_name, v.preview_name, v.preview_url, v.trackers, v.version, v.created_ms,
        v.updated_ms, v.published_ms, v.originally_published_ms, v.nsfw_flags, v.nsfw_summary, v.schedule_ms,
        v.schedule_privacy, v.input_file_updated_ms,
        c.id as channel_id, c.uuid as channel_uuid, c.host as channel_host, c.name as channel_name,
        c.display_name as channel_display_name, c.description as channel_description, c.support as channel_support,
        c.created_ms as channel_created_ms, c.updated_ms as channel_updated_ms, c.avatar as channel_avatar,
        c.avatar_ms as channel_avatar_ms, c.banner as channel_banner, c.banner_ms as channel_banner_ms,
        c.followers as channel_followers, c.directory as channel_directory,
        a.id as account_id, a.uuid as account_uuid, a.host as account_host, a.user_id as account_user_id,
        a.name as account_name, a.display_name as account_display_name, a.description as account_description,
        a.created_ms as account_created_ms, a.updated_ms as account_updated_ms, a.avatar as account_avatar,
        a.avatar_ms as account_avatar_ms, a.followers as account_followers, a.following as account_following
    """
) + Query(
    """
    , (select json_group_array(tag) from (select tag from video_tags where video_id = v.id order by position)) as tags
    """,
    postgresql="""
    , (select cast(json_agg(tag order by position) as text) from video_tags where video_id = v.id) as tags
    """,
)
"""What `records` reads. To be followed by `SOURCES`."""

OWNERS = Query(
    """
    left join channels c on c.id = v.channel_id
    left join accounts a on a.id = c.account_id
    """
)
SOURCES = Query("from videos v") + OWNERS
"""Every video has its channel and every channel its account: outer joins find the same as inner ones would, but keep
SQLite from beginning with the few channels and sorting all their videos.
"""

_BY_IDS = COLUMNS + SOURCES + Query("where v.id in $list(ids)")
_PRIVACIES = {int(privacy): privacy for privacy in Privacy}
_STATES = {int(state): state for state in VideoState}


def records(rows: Sequence[Row]) -> list[Video]:
    """The videos of rows of `COLUMNS`. Videos of one channel share its record."""
    owners: dict[int, tuple[Channel, Account]] = {}
    found = []
    for row in rows:
        owner = owners.get(row["channel_id"])
        if owner is None:
            owner = channels.load(row, "channel_"), accounts.load(row, "account_")
            owners[row["channel_id"]] = owner
        found.append(_load(row, *owner))
    return found


async def by_ids(tx: Transaction, video_ids: Sequence[int]) -> dict[int, Video]:
    """Those of the videos that are there, by their numbers."""
    if not video_ids:
        return {}
    return {video.id: video for video in records(await tx.all(_BY_IDS, ids=list(video_ids)))}


def _load(row: Row, channel: Channel, account: Account) -> Video:
    return Video(
        id=row["id"],
        uuid=row["uuid"],
        host=row["host"],
        fields=_fields(row, _texts(row["tags"])),
        state=_STATES[row["state"]],
        duration=row["duration"],
        aspect_ratio=row["aspect_ratio"],
        views=row["views"],
        likes=row["likes"],
        dislikes=row["dislikes"],
        thumbnail_name=row["thumbnail_name"],
        preview_name=row["preview_name"],
        preview_url=row["preview_url"],
        trackers=_texts(row["trackers"]),
        version=row["version"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        published_ms=row["published_ms"],
        channel=channel,
        account=account,
        input_file_updated_ms=row["input_file_updated_ms"],
    )


def _texts(encoded: str | None) -> tuple[str, ...]:
    """The texts of a JSON array; none at all is the usual case."""
    return () if encoded is None or encoded == "[]" else msgspec.json.decode(encoded, type=tuple[str, ...])


def _fields(row: Row, tags: tuple[str, ...]) -> VideoFields:
    return VideoFields(
        name=row["name"],
        category=row["category"],
        licence=row["licence"],
        language=row["language"],
        privacy=_PRIVACIES[row["privacy"]],
        description=row["description"],
        support=row["support"],
        nsfw=bool(row["nsfw"]),
        tags=tags,
        comments_policy=CommentsPolicy(row["comments_policy"]),
        download_enabled=bool(row["download_enabled"]),
        wait_transcoding=bool(row["wait_transcoding"]),
        originally_published_ms=row["originally_published_ms"],
        nsfw_flags=SensitiveFlags(row["nsfw_flags"]),
        nsfw_summary=row["nsfw_summary"],
        schedule=_schedule(row),
    )


def _schedule(row: Row) -> ScheduledUpdate | None:
    if row["schedule_ms"] is None:
        return None
    return ScheduledUpdate(row["schedule_ms"], Privacy(row["schedule_privacy"]))
