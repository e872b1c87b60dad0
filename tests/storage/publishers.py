"""Somebody with a channel, and videos in it: rows that many tests begin with."""

from typing import Any

from attrs import evolve, frozen

from peertube.model.users import Role, Viewer
from peertube.model.videos import NewVideo, NewVideoFile, VideoFields, VideoState
from peertube.storage import accounts, channels, users, videos
from peertube.storage.database import Transaction

NOW_MS = 1_700_000_000_000
FIELDS = VideoFields(name="A video")


@frozen
class Publisher:
    """A user with an account and a channel, logged in."""

    viewer: Viewer
    channel_id: int


async def add_publisher(tx: Transaction, name: str = "alice", role: Role = Role.USER, **more: Any) -> Publisher:
    """A user `name` with the channel ``<name>_channel``. `more` are quotas and the right to upload."""
    new = users.NewUser(
        username=name,
        email=f"{name}@pod.example",
        email_verified=True,
        password_hash="",
        role=role,
        may_upload=True,
        video_quota=-1,
        video_quota_daily=-1,
        created_ms=NOW_MS,
    )
    user_id = await users.add(tx, evolve(new, **more))
    account_id, channel_id = await add_account(tx, name, user_id=user_id)
    user = await users.by_id(tx, user_id)
    assert user is not None
    assert user.account_id == account_id
    return Publisher(viewer=Viewer(user=user, session_id=1), channel_id=channel_id)


async def add_account(tx: Transaction, name: str, *, user_id: int | None = None, host: str = "") -> tuple[int, int]:
    """The ids of a new account and its channel."""
    common = {"description": None, "created_ms": NOW_MS, "updated_ms": NOW_MS, "host": host}
    account_id = await accounts.add(
        tx, uuid=f"account-{host}-{name}", user_id=user_id, name=name, display_name=name.title(), **common
    )
    channel_id = await channels.add(
        tx,
        uuid=f"channel-{host}-{name}",
        account_id=account_id,
        name=f"{name}_channel",
        display_name=f"Main {name} channel",
        support=None,
        **common,
    )
    return account_id, channel_id


def uuid_of(number: int) -> str:
    """A UUID that is easy to tell from others."""
    return f"00000000-0000-4000-8000-{number:012d}"


def new_video(number: int, channel_id: int, *, host: str = "", **fields: Any) -> NewVideo:
    """A published video, one second younger than the one before; `fields` are those of `VideoFields`."""
    moment = NOW_MS + number * 1000
    return NewVideo(
        uuid=uuid_of(number),
        host=host,
        channel_id=channel_id,
        fields=evolve(FIELDS, **fields),
        state=VideoState.PUBLISHED,
        duration=10 + number,
        aspect_ratio=1.7778,
        created_ms=moment,
        updated_ms=moment,
        published_ms=moment,
        thumbnail_name=f"thumbnail-{number}.jpg",
        preview_name=f"preview-{number}.jpg",
    )


def new_file(number: int, **more: Any) -> NewVideoFile:
    """A file of 1,000 bytes with a torrent."""
    file = NewVideoFile(
        resolution=360,
        width=640,
        height=360,
        fps=25,
        extname=".mp4",
        size=1000,
        has_audio=True,
        has_video=True,
        info_hash=f"{number:040x}",
        file_name=f"video-{number}-360.mp4",
        torrent_name=f"torrent-{number}-360.torrent",
    )
    return evolve(file, **more)


async def add_video(tx: Transaction, number: int, channel_id: int, *, change: Any = None, **fields: Any) -> int:
    """Store a published video with a file; its id. `change` are attributes of `NewVideo`."""
    video = evolve(new_video(number, channel_id, **fields), **(change or {}))
    return await videos.add(tx, video, [new_file(number)])
