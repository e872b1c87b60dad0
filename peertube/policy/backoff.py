"""How long to wait before the next attempt at something that failed."""

FIRST_SECONDS = 60.0
LONGEST_SECONDS = 6 * 3600.0

_MOST_DOUBLINGS = 40


def next_delay(
    attempt: int, fraction: float, *, first_seconds: float = FIRST_SECONDS, longest_seconds: float = LONGEST_SECONDS
) -> float:
    """Seconds to wait after `attempt` attempts (1, 2, ...) that failed.

    The wait doubles from `first_seconds` up to `longest_seconds`. The last quarter of it is left to chance, so that
    what failed together does not come back together: the result is between 3/4 of the wait and all of it.

    :param fraction: a random number, 0 <= fraction < 1.
    """
    doublings = min(max(attempt, 1) - 1, _MOST_DOUBLINGS)
    wait = min(first_seconds * 2.0**doublings, longest_seconds)
    return wait * (0.75 + 0.25 * fraction)
