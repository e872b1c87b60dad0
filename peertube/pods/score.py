"""The score of a friend, for people to look at (pods' protocol, A.3.6). Nothing is decided by it."""

START = 100
CEILING = 1000
FLOOR = 0
STEP = 10


def after_success(score: int) -> int:
    """The score once a batch was taken."""
    return min(CEILING, score + STEP)


def after_failure(score: int) -> int:
    """The score once a batch was not taken."""
    return max(FLOOR, score - STEP)
