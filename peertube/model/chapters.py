"""Chapters: named parts of a video."""

from attrs import frozen

MAXIMUM_CHAPTERS = 200
MAXIMUM_TITLE = 100


@frozen
class Chapter:
    """Where a part begins (seconds), and what it is called. It ends where the next one begins."""

    timecode: int
    title: str
