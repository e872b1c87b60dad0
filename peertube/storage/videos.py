"""Rows of videos with their tags and files. Lists of videos are in `video_lists`, single files in `video_files`."""

import json
from collections.abc import Mapping, Sequence

from peertube.model.videos import NewVideo, NewVideoFile, VideoDetails, VideoFields, VideoState
from peertube.policy.folding import fold
from peertube.storage import search_index, video_files
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query
from peertube.storage.video_rows import COLUMNS, SOURCES, records

_BY_UUID = COLUMNS + SOURCES + Query("where v.uuid = :uuid")
_BY_ID = COLUMNS + SOURCES + Query("where v.id = :id")
_BY_ORIGIN = COLUMNS + SOURCES + Query("where v.uuid = :uuid and v.host = :host")
_ADD = Query(
    """
    insert into videos (uuid, host, channel_id, name, category, licence, language, privacy, description, support, nsfw,
        comments_policy, download_enabled, wait_transcoding, state, duration, aspect_ratio, views, likes, dislikes,
        thumbnail_name, preview_name, preview_url, trackers, search_text, version, created_ms, updated_ms,
        published_ms, originally_published_ms, nsfw_flags, nsfw_summary, schedule_ms, schedule_privacy)
    values (:uuid, :host, :channel_id, :name, :category, :licence, :language, :privacy, :description, :support, :nsfw,
        :comments_policy, :download_enabled, :wait_transcoding, :state, :duration, :aspect_ratio, :views, :likes,
        :dislikes, :thumbnail_name, :preview_name, :preview_url, :trackers, :search_text, 1, :created_ms, :updated_ms,
        :published_ms, :originally_published_ms, :nsfw_flags, :nsfw_summary, :schedule_ms, :schedule_privacy)
    returning id
    """
)
_ADD_TAG = Query(
    "insert into video_tags (video_id, position, tag, folded) values (:video_id, :position, :tag, :folded)"
)
_REMOVE_TAGS = Query("delete from video_tags where video_id = :video_id")
_UPDATE = Query(
    """
    update videos set name = :name, category = :category, licence = :licence, language = :language, privacy = :privacy,
        description = :description, support = :support, nsfw = :nsfw, comments_policy = :comments_policy,
        download_enabled = :download_enabled, wait_transcoding = :wait_transcoding, search_text = :search_text,
        originally_published_ms = :originally_published_ms, nsfw_flags = :nsfw_flags, nsfw_summary = :nsfw_summary,
        schedule_ms = :schedule_ms, schedule_privacy = :schedule_privacy, updated_ms = :updated_ms,
        version = version + 1
    where id = :id
    """
)
_MOVE = Query("update videos set channel_id = :channel_id where id = :id")
_SET_DURATION = Query("update videos set duration = :duration where id = :id")
_REPLACE_INPUT = Query(
    """
    update videos set duration = :duration, aspect_ratio = :aspect_ratio, input_file_updated_ms = :now_ms,
        updated_ms = :now_ms, version = version + 1
    where id = :id
    """
)
_SET_VIEWS = Query("update videos set views = :views where id = :id")
_SET_LIKES = Query("update videos set likes = :likes where id = :id")
_SET_DISLIKES = Query("update videos set dislikes = :dislikes where id = :id")
_ADD_TO_RATINGS = Query(
    """
    update videos
    set likes = case when likes + :likes < 0 then 0 else likes + :likes end,
        dislikes = case when dislikes + :dislikes < 0 then 0 else dislikes + :dislikes end
    where id = :id
    """
)
_SET_STATE = Query("update videos set state = :state, updated_ms = :updated_ms where id = :id")
_PUBLISH = Query(
    "update videos set published_ms = :published_ms, updated_ms = :published_ms, version = version + 1 where id = :id"
)
_SET_PICTURES = Query(
    """
    update videos set thumbnail_name = :thumbnail_name, preview_name = :preview_name, preview_url = :preview_url
    where id = :id
    """
)
_SET_TRACKERS = Query("update videos set trackers = :trackers where id = :id")
_BUMP = Query("update videos set version = version + 1, updated_ms = :updated_ms where id = :id")
_REMOVE = Query("delete from videos where id = :id")
_PICTURES_OF_HOST = Query(
    """
    select thumbnail_name, preview_name from videos
    where host = :host and (thumbnail_name is not null or preview_name is not null)
    """
)
_PUBLIC_INFO_HASHES = Query(
    """
    select f.info_hash from video_files f join videos v on v.id = f.video_id
    where v.host = '' and f.info_hash is not null and v.privacy in (1, 2) and v.state = 1 order by f.id
    """
)
_BYTES_USED = Query(
    """
    select coalesce(sum(f.size), 0) as bytes from video_files f
    join videos v on v.id = f.video_id
    join channels c on c.id = v.channel_id
    join accounts a on a.id = c.account_id
    where a.user_id = :user_id and f.created_ms >= :since_ms
    """
)


async def add(tx: Transaction, video: NewVideo, files: Sequence[NewVideoFile]) -> int:
    """Store a video in version 1 with its tags and files; its id."""
    row = await tx.one(
        _ADD,
        uuid=video.uuid,
        host=video.host,
        channel_id=video.channel_id,
        **_of_fields(video.fields),
        state=int(video.state),
        duration=video.duration,
        aspect_ratio=video.aspect_ratio,
        views=video.views,
        likes=video.likes,
        dislikes=video.dislikes,
        thumbnail_name=video.thumbnail_name,
        preview_name=video.preview_name,
        preview_url=video.preview_url,
        trackers=json.dumps(video.trackers),
        created_ms=video.created_ms,
        updated_ms=video.updated_ms,
        published_ms=video.published_ms,
    )
    video_id = int(row["id"])
    await _add_tags(tx, video_id, video.fields.tags)
    await video_files.add(tx, video_id, files, video.created_ms)
    await search_index.index_videos(tx, [video_id])
    return video_id


async def details_by_uuid(tx: Transaction, uuid: str) -> VideoDetails | None:
    """The video with this UUID (lower case), of this or another pod."""
    return await _details(tx, await tx.maybe(_BY_UUID, uuid=uuid))


async def details_by_id(tx: Transaction, video_id: int) -> VideoDetails | None:
    """The video with this number."""
    return await _details(tx, await tx.maybe(_BY_ID, id=video_id))


async def details_by_origin(tx: Transaction, host: str, uuid: str) -> VideoDetails | None:
    """The video with this UUID, when it is one of `host`."""
    return await _details(tx, await tx.maybe(_BY_ORIGIN, host=host, uuid=uuid))


async def update(
    tx: Transaction,
    video_id: int,
    fields: VideoFields,
    *,
    channel_id: int | None = None,
    updated_ms: int,
    duration: int | None = None,
) -> None:
    """Replace what its owner may set, tags included; the version grows by one."""
    await _exactly_one(tx, _UPDATE, id=video_id, **_of_fields(fields), updated_ms=updated_ms)
    await tx.run(_REMOVE_TAGS, video_id=video_id)
    await _add_tags(tx, video_id, fields.tags)
    if channel_id is not None:
        await tx.run(_MOVE, id=video_id, channel_id=channel_id)
    if duration is not None:
        await tx.run(_SET_DURATION, id=video_id, duration=duration)
    await search_index.index_videos(tx, [video_id])


async def replace_files(tx: Transaction, video_id: int, files: Sequence[NewVideoFile], now_ms: int) -> None:
    """Forget the rows of a video's files and store these instead."""
    await video_files.remove_of(tx, video_id)
    await video_files.add(tx, video_id, files, now_ms)


async def replace_input(
    tx: Transaction, video_id: int, *, duration: int, aspect_ratio: float | None, now_ms: int
) -> None:
    """Note that a video was made anew of another file; the version grows by one."""
    await _exactly_one(tx, _REPLACE_INPUT, id=video_id, duration=duration, aspect_ratio=aspect_ratio, now_ms=now_ms)


async def set_counters(
    tx: Transaction,
    video_id: int,
    *,
    views: int | None = None,
    likes: int | None = None,
    dislikes: int | None = None,
) -> None:
    """Take over counters that the origin of a video named; those that are None stay."""
    if views is not None:
        await tx.run(_SET_VIEWS, id=video_id, views=views)
        await search_index.follow_counts(tx, video_id)
    if likes is not None:
        await tx.run(_SET_LIKES, id=video_id, likes=likes)
    if dislikes is not None:
        await tx.run(_SET_DISLIKES, id=video_id, dislikes=dislikes)


async def add_to_ratings(tx: Transaction, video_id: int, *, likes: int, dislikes: int) -> None:
    """Count likes and dislikes from elsewhere, or take some back; neither falls below 0."""
    await tx.run(_ADD_TO_RATINGS, id=video_id, likes=likes, dislikes=dislikes)


async def set_state(tx: Transaction, video_id: int, state: VideoState, updated_ms: int) -> None:
    """Note where the video is on its way to being watched."""
    await tx.run(_SET_STATE, id=video_id, state=int(state), updated_ms=updated_ms)


async def publish(tx: Transaction, video_id: int, published_ms: int) -> None:
    """Note that the video can be seen by others from now on; the version grows by one."""
    await tx.run(_PUBLISH, id=video_id, published_ms=published_ms)
    await search_index.follow_counts(tx, video_id)


async def set_pictures(
    tx: Transaction,
    video_id: int,
    *,
    thumbnail_name: str | None,
    preview_name: str | None,
    preview_url: str | None = None,
) -> None:
    """Name the pictures of a video."""
    await tx.run(
        _SET_PICTURES,
        id=video_id,
        thumbnail_name=thumbnail_name,
        preview_name=preview_name,
        preview_url=preview_url,
    )


async def set_trackers(tx: Transaction, video_id: int, trackers: Sequence[str]) -> None:
    """Take over the announce URLs that the origin of a video named."""
    await tx.run(_SET_TRACKERS, id=video_id, trackers=json.dumps(list(trackers)))


async def bump(tx: Transaction, video_id: int, updated_ms: int) -> None:
    """Note a change that friends must hear of: the version grows by one."""
    await tx.run(_BUMP, id=video_id, updated_ms=updated_ms)


async def remove(tx: Transaction, video_id: int) -> None:
    """Forget a video with everything that hangs on it."""
    await tx.run(_REMOVE, id=video_id)


async def picture_names_of_host(tx: Transaction, host: str) -> list[tuple[str | None, str | None]]:
    """Names of (thumbnail, preview) that we keep of the videos of `host`."""
    rows = await tx.all(_PICTURES_OF_HOST, host=host)
    return [(row["thumbnail_name"], row["preview_name"]) for row in rows]


async def public_info_hashes(tx: Transaction) -> list[str]:
    """The info-hashes (hex) that our tracker serves: of our own published videos that anyone with the link may see.

    The swarms of other pods' videos are tracked by their origin.
    """
    return [row["info_hash"] for row in await tx.all(_PUBLIC_INFO_HASHES)]


async def bytes_used(tx: Transaction, user_id: int, since_ms: int = 0) -> int:
    """How many bytes of files a user has stored, or has stored since `since_ms`."""
    return int((await tx.one(_BYTES_USED, user_id=user_id, since_ms=since_ms))["bytes"])


async def _details(tx: Transaction, row: Row | None) -> VideoDetails | None:
    if row is None:
        return None
    (video,) = records([row])
    files = await video_files.of_videos(tx, [video.id])
    return VideoDetails(video=video, files=files.get(video.id, ()))


async def _add_tags(tx: Transaction, video_id: int, tags: Sequence[str]) -> None:
    if tags:
        await tx.many(
            _ADD_TAG,
            [
                {"video_id": video_id, "position": position, "tag": tag, "folded": fold(tag)}
                for position, tag in enumerate(tags)
            ],
        )


async def _exactly_one(tx: Transaction, query: Query, **parameters: object) -> None:
    changed = await tx.run(query, **parameters)
    if changed != 1:
        raise LookupError(f"no such video: {parameters['id']}")


def _of_fields(fields: VideoFields) -> Mapping[str, object]:
    return {
        "name": fields.name,
        "category": fields.category,
        "licence": fields.licence,
        "language": fields.language,
        "privacy": int(fields.privacy),
        "description": fields.description,
        "support": fields.support,
        "nsfw": int(fields.nsfw),
        "comments_policy": int(fields.comments_policy),
        "download_enabled": int(fields.download_enabled),
        "wait_transcoding": int(fields.wait_transcoding),
        "originally_published_ms": fields.originally_published_ms,
        "nsfw_flags": int(fields.nsfw_flags),
        "nsfw_summary": fields.nsfw_summary,
        "schedule_ms": None if fields.schedule is None else fields.schedule.update_ms,
        "schedule_privacy": None if fields.schedule is None else int(fields.schedule.privacy),
        "search_text": "\n".join(fold(text) for text in (fields.name, *fields.tags)),
    }
