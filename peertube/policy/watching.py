"""When watching a video counts as a view."""

from attrs import evolve, frozen

ENOUGH_SECONDS = 10
"""Whoever has watched as much, or more than half of a shorter video, has viewed it."""

ONCE_PER_MS = 3_600_000
"""How long the same watching is not counted again."""


@frozen
class Watch:
    """What one session has seen of one video. Positions in seconds of the video."""

    position: int
    watched: float = 0
    counted_ms: int | None = None
    seen_ms: int = 0


def go_on(watch: Watch, position: int, *, seeked: bool, now_ms: int) -> Watch:
    """The watch after the player says that it is at `position`; a jump adds nothing to what was watched."""
    gained = 0 if seeked else max(0, position - watch.position)
    return evolve(watch, position=position, watched=watch.watched + gained, seen_ms=now_ms)


def counts(watch: Watch, duration: int, now_ms: int) -> bool:
    """Whether this watch is a view that has not been counted within the last hour."""
    enough = watch.watched >= ENOUGH_SECONDS or (duration < 2 * ENOUGH_SECONDS and watch.watched * 2 > duration)
    return enough and (watch.counted_ms is None or now_ms - watch.counted_ms >= ONCE_PER_MS)


def counted(watch: Watch, now_ms: int) -> Watch:
    """The watch after it was counted; watching again begins at nothing."""
    return evolve(watch, counted_ms=now_ms, watched=0)
