"""What is known of a media file before anybody watches it."""

from attrs import frozen

from peertube.model.chapters import Chapter


@frozen
class MediaProbe:
    """What ffprobe says of a file. Seconds, pixels, frames a second."""

    duration: float
    width: int
    height: int
    fps: int
    has_audio: bool
    has_video: bool
    format_names: tuple[str, ...]
    video_codec: str | None
    audio_codec: str | None
    chapters: tuple[Chapter, ...] = ()
