"""When watching a video counts as a view, and which parts of it were seen."""

from collections.abc import Sequence

from attrs import evolve, frozen

ENOUGH_SECONDS = 10
"""Whoever has watched as much, or more than half of a shorter video, has viewed it."""

ONCE_PER_MS = 3_600_000
"""How long the same watching is not counted again."""


MOST_STRETCHES = 500
"""Into so many stretches a video is cut at most, to tell which were seen."""


@frozen
class Rule:
    """What counts: so many seconds of a video, or more than half of one shorter than twice that; once in a time."""

    enough_seconds: float = ENOUGH_SECONDS
    once_per_ms: int = ONCE_PER_MS


USUAL = Rule()
"""PeerTube's."""


@frozen
class Watch:
    """What one session has seen of one video. Positions in seconds of the video.

    `seen` has a bit for each stretch of the video that was watched.
    """

    position: int
    watched: float = 0
    counted_ms: int | None = None
    seen_ms: int = 0
    seen: int = 0


def go_on(watch: Watch, position: int, *, seeked: bool, now_ms: int) -> Watch:
    """The watch after the player says that it is at `position`; a jump adds nothing to what was watched."""
    watched = watch.watched + gained(watch, position, seeked=seeked)
    return evolve(watch, position=position, watched=watched, seen_ms=now_ms)


def gained(watch: Watch, position: int, *, seeked: bool) -> int:
    """Seconds of the video between the last word of a player and this one; nothing after a jump."""
    return 0 if seeked else max(0, position - watch.position)


def stretch_seconds(duration: int) -> int:
    """How long the stretches of a video are: a second, as long as that makes no more than `MOST_STRETCHES`."""
    return max(1, -(-duration // MOST_STRETCHES))


def see(watch: Watch, before: int, duration: int) -> tuple[Watch, Sequence[int]]:
    """The watch with what was seen between position `before` and its own, and which stretches of that are new."""
    length = stretch_seconds(duration)
    last = max(0, duration - 1)
    fresh = [
        number
        for number in range(min(before, last) // length, min(watch.position, last) // length + 1)
        if not watch.seen >> number & 1
    ]
    return evolve(watch, seen=watch.seen | sum(1 << number for number in fresh)), fresh


def counts(watch: Watch, duration: int, now_ms: int, rule: Rule = USUAL) -> bool:
    """Whether this watch is a view that was not counted a short time ago."""
    least = rule.enough_seconds
    enough = watch.watched >= least or (duration < 2 * least and watch.watched * 2 > duration)
    return enough and (watch.counted_ms is None or now_ms - watch.counted_ms >= rule.once_per_ms)


def counted(watch: Watch, now_ms: int) -> Watch:
    """The watch after it was counted; watching again begins at nothing."""
    return evolve(watch, counted_ms=now_ms, watched=0)
