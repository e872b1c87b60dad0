"""How often one address may ask: generous, since whole schools and phone networks share addresses."""

_MAX_ADDRESSES = 200_000


def network(address: bytes) -> bytes:
    """What is counted as one client: an IPv4 address or the /64 of an IPv6 address."""
    return address if len(address) == 4 else address[:8]


class RequestLimit:
    """Counts requests per address in each minute.

    :param per_minute: how many are allowed; 0 allows any number.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._began = self._ends = 0.0
        self._counts: dict[bytes, int] = {}

    def allows(self, address: bytes, now: float) -> bool:
        """Count a request, with `now` in seconds; whether it is within the limit."""
        if not self._per_minute:
            return True
        self._turn(now)
        client = network(address)
        count = self._counts.get(client, 0) + 1
        if count > self._per_minute:
            return False
        if count > 1 or len(self._counts) < _MAX_ADDRESSES:
            self._counts[client] = count
        return True

    def of_minute(self, now: float) -> tuple[dict[bytes, int], int]:
        """Counts by `network` of those who have asked in this minute already, to be raised by who counts requests of
        theirs, and how many are allowed (0: any number)."""
        self._turn(now)
        return self._counts, self._per_minute

    def _turn(self, now: float) -> None:
        if not self._began <= now < self._ends:
            self._began = now // 60 * 60
            self._ends = self._began + 60
            self._counts = {}


class TokenBucket:
    """At most `capacity` at once and `per_second` in the long run."""

    __slots__ = ("_capacity", "_per_second", "_since", "_tokens")

    def __init__(self, capacity: float, per_second: float, now: float) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._tokens = capacity
        self._since = now

    def take(self, now: float) -> bool:
        """Take one, with `now` in seconds; whether there was one."""
        passed = max(0.0, now - self._since)
        self._tokens = min(self._capacity, self._tokens + passed * self._per_second)
        self._since = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
