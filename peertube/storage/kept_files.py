"""What the pod keeps of all videos of an account or a channel: needed before their rows go."""

from attrs import frozen

from peertube.model.actor_images import FOLDER, ImageKind, file_names
from peertube.model.videos import Privacy, VideoState
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_VIDEOS = Query(
    """select v.uuid, v.version, v.privacy, v.state, v.thumbnail_name, v.preview_name from videos v
    join channels c on c.id = v.channel_id"""
)
_FILES = Query(
    """select f.file_name, f.torrent_name, f.info_hash from video_files f join videos v on v.id = f.video_id
    join channels c on c.id = v.channel_id"""
)
_CAPTIONS = Query(
    """select f.file_name from video_captions f join videos v on v.id = f.video_id
    join channels c on c.id = v.channel_id"""
)
_STORYBOARDS = Query(
    """select f.file_name from storyboards f join videos v on v.id = f.video_id
    join channels c on c.id = v.channel_id"""
)
_OF_ACCOUNT = Query("where c.account_id = :id order by v.id")
_OF_CHANNEL = Query("where c.id = :id order by v.id")
_PICTURES_OF_CHANNEL = Query(
    """
    select avatar as stem, 'avatar' as kind from channels where id = :id and avatar is not null
    union all select banner, 'banner' from channels where id = :id and banner is not null
    """
)
_PICTURES_OF_ACCOUNT = Query(
    """
    select avatar as stem, 'avatar' as kind from accounts where id = :id and avatar is not null
    union all select avatar, 'avatar' from channels where account_id = :id and avatar is not null
    union all select banner, 'banner' from channels where account_id = :id and banner is not null
    """
)


@frozen
class Kept:
    """Of some videos: UUID and version of those that friends were told of, file names by kind, info-hashes (hex).
    With the pictures of the channels and the account."""

    shared: tuple[tuple[str, int], ...]
    names: dict[str, list[str]]
    info_hashes: tuple[str, ...]


async def of_account(tx: Transaction, account_id: int) -> Kept:
    """What is kept of the videos in all channels of an account."""
    return await _kept(tx, _OF_ACCOUNT, account_id, await tx.all(_PICTURES_OF_ACCOUNT, id=account_id))


async def of_channel(tx: Transaction, channel_id: int) -> Kept:
    """What is kept of the videos in one channel."""
    return await _kept(tx, _OF_CHANNEL, channel_id, await tx.all(_PICTURES_OF_CHANNEL, id=channel_id))


async def _kept(tx: Transaction, whose: Query, id: int, pictures: list[Row]) -> Kept:
    videos, files = await tx.all(_VIDEOS + whose, id=id), await tx.all(_FILES + whose, id=id)
    names = {
        "web_videos": [row["file_name"] for row in files],
        "torrents": [row["torrent_name"] for row in files],
        "thumbnails": [row["thumbnail_name"] for row in videos],
        "previews": [row["preview_name"] for row in videos],
        FOLDER: [name for row in pictures for name in file_names(row["stem"], ImageKind(row["kind"]))],
        "captions": [row["file_name"] for row in await tx.all(_CAPTIONS + whose, id=id)],
        "storyboards": [row["file_name"] for row in await tx.all(_STORYBOARDS + whose, id=id)],
    }
    return Kept(
        shared=tuple(
            (row["uuid"], row["version"])
            for row in videos
            if row["privacy"] == int(Privacy.PUBLIC) and row["state"] == int(VideoState.PUBLISHED)
        ),
        names={kind: [name for name in some if name is not None] for kind, some in names.items()},
        info_hashes=tuple(row["info_hash"] for row in files if row["info_hash"] is not None),
    )
