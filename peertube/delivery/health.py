"""When a friend that does not answer becomes dormant, and when it is ejected (DESIGN section 5)."""

from attrs import frozen

from peertube.model.pods import Pod, PodState

HOUR_MS = 3_600_000

DORMANT_AFTER_MS = 24 * HOUR_MS
"""A friend that fails for so long is dormant: its videos are hidden, its lane is kept."""

FEWEST_TRIES_TO_DORMANT = 5
FEWEST_TRIES_TO_EJECT = 20

PROBE_AFTER_MS = HOUR_MS
"""A friend of which nothing was heard for so long, and to which nothing is to be told, is asked whether it is there."""

_LONGEST_WAIT_MS = 6 * HOUR_MS


@frozen
class Verdict:
    """What a failure makes of a friend, and since when it counts as failing (ms since 1970 UTC)."""

    state: PodState
    failing_since_ms: int


def after_failure(pod: Pod, now_ms: int, eject_after_ms: int) -> Verdict:
    """Judge a friend that has just failed once more.

    A gap between two tries that is longer than any wait of ours is time when we were away ourselves: of it no more
    than one wait counts.
    """
    since_ms = now_ms if pod.failing_since_ms is None else pod.failing_since_ms
    if pod.failing_since_ms is not None and pod.last_error_ms is not None:
        since_ms += max(0, now_ms - pod.last_error_ms - 2 * _LONGEST_WAIT_MS)
    failing_ms, tries = now_ms - since_ms, pod.failures + 1
    if failing_ms >= eject_after_ms and tries >= FEWEST_TRIES_TO_EJECT:
        return Verdict(PodState.EJECTED, since_ms)
    if failing_ms >= DORMANT_AFTER_MS and tries >= FEWEST_TRIES_TO_DORMANT:
        return Verdict(PodState.DORMANT, since_ms)
    return Verdict(PodState.FRIEND if pod.state is PodState.EJECTED else pod.state, since_ms)


def wants_probe(pod: Pod, now_ms: int) -> bool:
    """Whether a friend to which nothing is to be told is asked whether it is there."""
    if pod.failures > 0:
        return True
    seen_ms = max(pod.created_ms, pod.last_success_ms or 0, pod.last_heard_ms or 0)
    return now_ms - seen_ms >= PROBE_AFTER_MS
