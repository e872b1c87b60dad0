"""How much the server takes on at once: connections, those of one address, and requests in progress.

What is over a limit is told so at once (503 with ``Retry-After``), so that what was begun is finished in good time.
"""

from collections import Counter
from collections.abc import Callable

import msgspec
from twisted.internet.protocol import Protocol

from peertube.errors import Unavailable
from peertube.http.addresses import ClientAddresses
from peertube.policy.rate_limit import address_group

RETRY_SECONDS = 5
"""After which it makes sense to come again."""


class Connections:
    """Counts the open connections, all of them and those of each address (of IPv6: of each /64).

    The limit of an address does not hold for proxies of `trust_proxy`, they speak for many, nor for programs on this
    machine.

    :param limit: how many one address may have (`listen.max_connections_per_address`).
    :param most: how many there may be together (`listen.max_connections`).
    """

    def __init__(self, *, limit: int, most: int, addresses: ClientAddresses) -> None:
        self._limit = limit
        self._most = most
        self._addresses = addresses
        self._open: Counter[str] = Counter()
        self.count = 0

    def enter(self, address: str) -> Callable[[], None] | None:
        """One more; what to call when it is over. None when it is one too many."""
        if self.count >= self._most:
            return None
        key = None if self._addresses.is_proxy_or_local(address) else address_group(address)
        if key is not None:
            if self._open[key] >= self._limit:
                return None
            self._open[key] += 1
        self.count += 1

        def leave() -> None:
            self.count -= 1
            if key is not None:
                self._open[key] -= 1
                if not self._open[key]:
                    del self._open[key]

        return leave

    def __len__(self) -> int:
        """How many addresses have connections."""
        return len(self._open)


class InProgress:
    """Counts the requests that are being answered; files on their way to clients do not count.

    :param limit: how many there may be (`listen.max_requests`).
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.count = 0

    def require_room(self) -> None:
        """Refuse one more over the limit: `Unavailable`, code ``overloaded``."""
        if self.count >= self._limit:
            raise Unavailable(
                "The server is busy, please try again", retry_after_seconds=RETRY_SECONDS, code="overloaded"
            )


class OneTooMany(Protocol):
    """A connection over the limit: told so, and closed."""

    def connectionMade(self) -> None:
        """Answer without a question."""
        detail = "There are too many connections, from this address or together"
        problem = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": detail,
            "error": detail,
            "code": "too_many_connections",
        }
        body = msgspec.json.encode(problem)
        assert self.transport is not None
        self.transport.write(
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json; charset=utf-8\r\n"
            b"Content-Length: %d\r\nRetry-After: %d\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            b"Connection: close\r\n\r\n%s" % (len(body), RETRY_SECONDS, body)
        )
        self.transport.loseConnection()
