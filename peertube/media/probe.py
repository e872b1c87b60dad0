"""What ffprobe's JSON says, checked: it describes a file that a stranger sent."""

from typing import Annotated, Any

import msgspec

from peertube.errors import Unprocessable
from peertube.media.commands import CONTAINER_FORMATS
from peertube.model.chapters import MAXIMUM_CHAPTERS, Chapter
from peertube.model.media import MediaProbe

MAXIMUM_STREAMS = 64
MAXIMUM_SIDE = 16_384
MAXIMUM_SECONDS = 7 * 86_400
MAXIMUM_FPS = 1_000

_Text = Annotated[str, msgspec.Meta(max_length=200)]


class _Disposition(msgspec.Struct, frozen=True):
    attached_pic: int = 0


class _Stream(msgspec.Struct):
    codec_type: _Text = ""
    codec_name: _Text | None = None
    width: int = 0
    height: int = 0
    avg_frame_rate: _Text = "0/0"
    r_frame_rate: _Text = "0/0"
    duration: _Text | None = None
    disposition: _Disposition = _Disposition()
    side_data_list: list[dict[str, Any]] = []


class _Format(msgspec.Struct):
    format_name: _Text
    nb_streams: int = 0
    duration: _Text | None = None


class _ChapterTags(msgspec.Struct):
    title: str = ""


class _Chapter(msgspec.Struct):
    start_time: _Text = "0"
    tags: _ChapterTags = msgspec.field(default_factory=_ChapterTags)


class _Document(msgspec.Struct):
    format: _Format
    chapters: list[_Chapter] = []
    streams: Annotated[list[_Stream], msgspec.Meta(max_length=MAXIMUM_STREAMS)] = []


def parse(output: bytes) -> MediaProbe:
    """Read ffprobe's JSON (`peertube.media.commands.probe`).

    :raises Unprocessable: code ``not_a_video`` when there is no video of a known container format in it, code
        ``unsupported_video`` when there is one that is beyond what we take.
    """
    try:
        document = msgspec.json.decode(output, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _not_a_video() from error
    if document.format.format_name not in CONTAINER_FORMATS:
        raise _not_a_video()
    video = next((s for s in document.streams if s.codec_type == "video" and not s.disposition.attached_pic), None)
    if video is None or video.codec_name is None:
        raise _not_a_video("There is no picture in this file")
    audio = next((s for s in document.streams if s.codec_type == "audio" and s.codec_name is not None), None)
    duration = _seconds(document.format.duration) or _seconds(video.duration)
    if duration <= 0:
        raise _not_a_video("This video has no length")
    width, height = (video.height, video.width) if _is_turned(video) else (video.width, video.height)
    if not (0 < width <= MAXIMUM_SIDE and 0 < height <= MAXIMUM_SIDE):
        raise _unsupported(f"Videos of up to {MAXIMUM_SIDE} pixels a side can be published")
    if duration > MAXIMUM_SECONDS:
        raise _unsupported("This video is too long")
    return MediaProbe(
        duration=duration,
        width=width,
        height=height,
        fps=_rate(video.avg_frame_rate) or _rate(video.r_frame_rate),
        has_audio=audio is not None,
        has_video=True,
        format_names=tuple(document.format.format_name.split(",")),
        video_codec=video.codec_name,
        audio_codec=audio.codec_name if audio is not None else None,
        chapters=_chapters(document.chapters),
    )


def _chapters(found: list[_Chapter]) -> tuple[Chapter, ...]:
    """The chapters that have titles, as the file says."""
    return tuple(
        Chapter(int(_seconds(chapter.start_time)), chapter.tags.title)
        for chapter in found[:MAXIMUM_CHAPTERS]
        if chapter.tags.title.strip()
    )


def _is_turned(stream: _Stream) -> bool:
    """Whether players show the picture on its side (a phone held upright)."""
    rotations = [data.get("rotation") for data in stream.side_data_list]
    return any(isinstance(rotation, int | float) and rotation % 180 == 90 for rotation in rotations)


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < 1e15 else 0.0


def _rate(text: str) -> int:
    """Frames a second, rounded; 0 when the file does not say or says nonsense."""
    above, _, below = text.partition("/")
    if not (above.isascii() and above.isdigit() and below.isascii() and below.isdigit() and int(below)):
        return 0
    return min(round(int(above) / int(below)), MAXIMUM_FPS)


def _not_a_video(detail: str = "This file is not a video that we know") -> Unprocessable:
    return Unprocessable(detail, code="not_a_video")


def _unsupported(detail: str) -> Unprocessable:
    return Unprocessable(detail, code="unsupported_video")
