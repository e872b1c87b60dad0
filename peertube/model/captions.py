"""Captions: what is said in a video, as text in one language."""

from attrs import frozen

MAXIMUM_SIZE = 4 * 2**20
"""Bytes of a file of captions that somebody sends; a feature film has about 150,000."""

EXTENSIONS = (".vtt", ".srt")
"""The formats that are taken. What is kept is always WebVTT."""


@frozen
class Caption:
    """Captions of a video in one language. `file_name` is a WebVTT file in our storage; times in ms since 1970 UTC."""

    video_id: int
    language: str
    file_name: str
    automatically_generated: bool
    updated_ms: int
