"""Times as JSON shows them."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=10_000)
def iso(ms: int) -> str:
    """Milliseconds since 1970 UTC as ``2026-11-20T17:09:05.386Z`` (ISO 8601)."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:03d}Z"


def iso_or_none(ms: int | None) -> str | None:
    """The same, where there may be no time."""
    return None if ms is None else iso(ms)
