"""Attempts of strangers, counted by address and by what they are about."""

from math import ceil

from peertube.config.schema import Limit
from peertube.errors import TooManyRequests
from peertube.policy.rate_limit import address_group
from peertube.usecases.ports import Counters


def count(counters: Counters, key: str, limit: Limit, detail: str) -> None:
    """Count one more; `TooManyRequests` when there were more than `limit` says."""
    if counters.hit(key, limit.window) > limit.max:
        seconds = max(1, ceil(counters.remaining_seconds(key)))
        raise TooManyRequests(detail, retry_after_seconds=seconds)


def count_of_address(counters: Counters, what: str, address: str, limit: Limit, detail: str) -> None:
    """As `count`, for one client address (of IPv6: for its /64)."""
    count(counters, f"{what}:address:{address_group(address)}", limit, detail)
