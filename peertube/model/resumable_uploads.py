"""Uploads that come in chunks and go on after a crash."""

from attrs import frozen

from peertube.model.videos import VideoFields


@frozen
class UploadNames:
    """Under which names a finished upload is kept, chosen before anything is: its video's UUID and its files."""

    video_uuid: str
    video: str
    thumbnail: str
    preview: str
    torrent: str


@frozen
class UploadedVideo:
    """Under which ids an upload can be found."""

    id: int
    uuid: str


@frozen
class ResumableUpload:
    """A file that comes in chunks.

    :ivar fingerprint: the same for the same file of a user; None when its program does not tell when it was changed.
    :ivar received: how many of the `size` bytes are on the disk for good.
    :ivar file_name: the partial file; `thumbnail_name` and `preview_name` are pictures as they were sent.
    :ivar writer: which of the requests that went on with it, counted from 1, may do so now.
    :ivar kept: set when finishing began.
    :ivar video: set when the video was stored.
    :ivar passwords: of the video that it will be, sealed.
    :ivar replaces: the number of the video whose file this one shall replace; None for one that becomes a video.
    """

    id: str
    user_id: int
    fingerprint: str | None
    filename: str
    channel_id: int
    fields: VideoFields
    size: int
    received: int
    file_name: str
    created_ms: int
    updated_ms: int
    thumbnail_name: str | None = None
    preview_name: str | None = None
    writer: int = 0
    kept: UploadNames | None = None
    video: UploadedVideo | None = None
    passwords: tuple[str, ...] = ()
    replaces: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there."""
        return self.received == self.size
