"""Storyboards: one picture with many small frames of a video, for those who look for a place in it."""

import math

from attrs import frozen

MOST_IN_ROW = 11
"""So many frames are in one row at most, and so many rows; more would be pictures that phones cannot decode."""

LONG_SIDE = 192
SHORTEST_SECONDS = 3


@frozen
class Grid:
    """How the frames lie in the picture: row by row, each `sprite_seconds` after the one before."""

    columns: int
    rows: int
    sprite_width: int
    sprite_height: int
    sprite_seconds: int

    @property
    def total_width(self) -> int:
        """Pixels of the picture."""
        return self.columns * self.sprite_width

    @property
    def total_height(self) -> int:
        """Pixels of the picture."""
        return self.rows * self.sprite_height


@frozen
class Storyboard:
    """The picture of a video. `file_name` is a JPEG file in our storage."""

    video_id: int
    file_name: str
    total_width: int
    total_height: int
    sprite_width: int
    sprite_height: int
    sprite_seconds: int


def grid_of(duration: int, width: int, height: int) -> Grid | None:
    """The grid for a video of `duration` seconds and these pixels; None for one that is too short or has no picture."""
    if duration < SHORTEST_SECONDS or width <= 0 or height <= 0:
        return None
    seconds = math.ceil(duration / min(duration, MOST_IN_ROW**2))
    frames = math.ceil(duration / seconds)
    columns = math.ceil(math.sqrt(frames))
    scale = LONG_SIDE / max(width, height)
    return Grid(
        columns=columns,
        rows=math.ceil(frames / columns),
        sprite_width=_even(width * scale),
        sprite_height=_even(height * scale),
        sprite_seconds=seconds,
    )


def _even(length: float) -> int:
    """Pixels as JPEG encoders like them."""
    return max(2, round(length / 2) * 2)
