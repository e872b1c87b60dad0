"""Videos, their files, and what may be set on them."""

from enum import IntEnum, IntFlag

from attrs import frozen

from peertube.model.accounts import LOCAL, Account
from peertube.model.channels import Channel


class Privacy(IntEnum):
    """Who may watch (numbers as in PeerTube's REST API)."""

    PUBLIC = 1
    UNLISTED = 2
    PRIVATE = 3
    INTERNAL = 4
    PASSWORD_PROTECTED = 5


class SensitiveFlags(IntFlag):
    """Why a video is sensitive (bits as in PeerTube's REST API from 7.2 on)."""

    NONE = 0
    VIOLENT = 1
    EXPLICIT_SEX = 2
    SHOCKING_DISTURBING = 4


class VideoState(IntEnum):
    """Where a video is on its way to being watched (numbers as in PeerTube's REST API)."""

    PUBLISHED = 1
    TO_TRANSCODE = 2
    """Uploaded; pictures and torrent are being made."""
    TRANSCODING_FAILED = 7


class CommentsPolicy(IntEnum):
    """Whether a video may be commented."""

    ENABLED = 1
    DISABLED = 2
    REQUIRES_APPROVAL = 3


class Rating(IntEnum):
    """What one user thinks of one video."""

    NONE = 0
    LIKE = 1
    DISLIKE = -1


@frozen
class VideoFile:
    """One playable file of a video. Bytes, pixels, frames a second; `info_hash` is 40 hex digits.

    `file_name` and `torrent_name` are relative keys for our own files. For a file of another pod they are None and
    `file_url`, `torrent_url` say where the origin serves them.
    """

    id: int
    video_id: int
    resolution: int
    width: int
    height: int
    fps: int
    extname: str
    size: int
    has_audio: bool
    has_video: bool
    info_hash: str | None
    file_name: str | None
    torrent_name: str | None
    file_url: str | None
    torrent_url: str | None


@frozen
class ScheduledUpdate:
    """At `update_ms` (ms since 1970 UTC) the video gets this privacy."""

    update_ms: int
    privacy: Privacy = Privacy.PUBLIC


@frozen
class VideoFields:
    """What its owner may set on a video; also the shape in which a form or a friend hands it over."""

    name: str
    category: int | None = None
    licence: int | None = None
    language: str | None = None
    privacy: Privacy = Privacy.PUBLIC
    description: str | None = None
    support: str | None = None
    nsfw: bool = False
    tags: tuple[str, ...] = ()
    comments_policy: CommentsPolicy = CommentsPolicy.ENABLED
    download_enabled: bool = True
    wait_transcoding: bool = False
    originally_published_ms: int | None = None
    nsfw_flags: SensitiveFlags = SensitiveFlags.NONE
    nsfw_summary: str | None = None
    schedule: ScheduledUpdate | None = None


@frozen
class Video:
    """A video as lists show it. Duration in seconds, times in ms since 1970 UTC.

    `version` grows with each change that friends must hear of. `host` is LOCAL or the origin's.
    `input_file_updated_ms`: when its file was replaced.
    `thumbnail_name` and `preview_name` are file names in our storage; for a video of another pod the preview is
    fetched from `preview_url` at the first request. `trackers` are the announce URLs the origin named (empty for
    ours: they follow from the configuration).
    """

    id: int
    uuid: str
    host: str
    fields: VideoFields
    state: VideoState
    duration: int
    aspect_ratio: float | None
    views: int
    likes: int
    dislikes: int
    thumbnail_name: str | None
    preview_name: str | None
    preview_url: str | None
    trackers: tuple[str, ...]
    version: int
    created_ms: int
    updated_ms: int
    published_ms: int
    channel: Channel
    account: Account
    input_file_updated_ms: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether the video lives on this pod."""
        return self.host == LOCAL


@frozen
class VideoDetails:
    """A video with its files, largest resolution first."""

    video: Video
    files: tuple[VideoFile, ...]


@frozen
class NewVideo:
    """A video that is about to be stored: as `Video`, without what the database gives it."""

    uuid: str
    host: str
    channel_id: int
    fields: VideoFields
    state: VideoState
    duration: int
    aspect_ratio: float | None
    created_ms: int
    updated_ms: int
    published_ms: int
    views: int = 0
    likes: int = 0
    dislikes: int = 0
    thumbnail_name: str | None = None
    preview_name: str | None = None
    preview_url: str | None = None
    trackers: tuple[str, ...] = ()


@frozen
class NewVideoFile:
    """A file that is about to be stored: as `VideoFile`, without ids."""

    resolution: int
    width: int
    height: int
    fps: int
    extname: str
    size: int
    has_audio: bool
    has_video: bool
    info_hash: str | None = None
    file_name: str | None = None
    torrent_name: str | None = None
    file_url: str | None = None
    torrent_url: str | None = None
