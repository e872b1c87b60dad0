"""Answers to whole announces and scrapes over HTTP, from bytes to bytes, as `peertube.http.front` asks for them.

Only a plain GET whose head is all that came is answered: nothing that could announce a body, another protocol or a
line that goes on. What is not answered here, `resource` answers, in the same words.
"""

import re
from collections.abc import Callable
from email.utils import formatdate
from socket import AF_INET, inet_pton

from twisted.logger import Logger

from peertube.tracker.announce import packed
from peertube.tracker.http_codec import encode_failure
from peertube.tracker.http_exchange import HttpExchange

ForwardedAddress = Callable[[str, str | None], str]
"""From the other end of the socket and all ``X-Forwarded-For`` headers, joined with commas, to the client's address."""

_MAXIMUM_HEAD = 8192
_REQUEST_LINE = re.compile(rb"GET (/(?:tracker/)?(?:announce|scrape))(?:\?([!-~]*))? HTTP/1\.([01])(?=\r\n)")
_FIELDS = re.compile(rb"\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
_HARMLESS = frozenset(
    b"host user-agent accept accept-encoding accept-language cache-control pragma referer "
    b"via forwarded x-real-ip x-forwarded-host x-forwarded-port x-forwarded-proto".split()
)
"""Fields that change nothing in our answer. A request with any other goes the long way."""
_MAXIMUM_REMEMBERED, _MOST_REMEMBERED = 512, 1000
"""Bytes, and number, of header blocks whose meaning is remembered: clients of a kind send the same again and again."""
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\nServer: PeerTube\r\nDate: %b\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"
    b"X-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n%b\r\n%b"
)


class ShortPath:
    """The tracker's `peertube.http.front.QuickAnswers`.

    :param now: seconds since 1970.
    """

    _log = Logger()

    def __init__(
        self, *, exchange: HttpExchange, forwarded_address: ForwardedAddress, now: Callable[[], float]
    ) -> None:
        self._exchange = exchange
        self._forwarded_address = forwarded_address
        self._now = now
        self._without_proxy: dict[bytes, tuple[bool, str | None]] = {}
        self._second = -1
        self._date = b""

    def answer(self, request: bytes, peer: str) -> tuple[bytes, bool] | None:
        """See `peertube.http.front.QuickAnswers`."""
        line = _REQUEST_LINE.match(request)
        if line is None or not request.endswith(b"\r\n\r\n") or len(request) > _MAXIMUM_HEAD:
            return None
        path, query, minor = line.groups(b"")
        fields = request[line.end() :]
        understood = self._without_proxy.get(fields)
        if understood is None:
            understood = _understand(fields)
            if understood is None:
                return None
            if understood[1] is None and len(fields) <= _MAXIMUM_REMEMBERED:
                if len(self._without_proxy) >= _MOST_REMEMBERED:
                    self._without_proxy.clear()
                self._without_proxy[fields] = understood
        ends, forwarded = understood
        ends = ends or minor == b"0"
        try:
            body = self._body(path, query, peer, forwarded)
        except Exception:
            self._log.failure("could not answer an announce")
            return None
        if body is None:
            return None
        return _RESPONSE % (self._date, len(body), b"Connection: close\r\n" if ends else b"", body), ends

    def _body(self, path: bytes, query: bytes, peer: str, forwarded: str | None) -> bytes | None:
        now = self._now()
        if int(now) != self._second:
            self._second = int(now)
            self._date = formatdate(now, usegmt=True).encode()
        client = peer if forwarded is None else self._forwarded_address(peer, forwarded)
        try:
            address = inet_pton(AF_INET, client)
        except OSError:
            try:
                address = packed(client)
            except ValueError:
                return encode_failure("no address")
        exchange = self._exchange
        return (exchange.announce if path.endswith(b"announce") else exchange.scrape)(query, address, now)


def _understand(fields: bytes) -> tuple[bool, str | None] | None:
    """From the header fields of a request and the blank line behind them: whether the connection ends with the
    answer, and the hops of ``X-Forwarded-For``. None when there is anything that is not understood here."""
    ends, forwarded, at = False, [], 0
    for field in _FIELDS.finditer(fields):
        if field.start() != at:
            return None
        at = field.end()
        name, value = field[1].lower(), field[2].strip()
        if name == b"connection":
            if value.lower() not in (b"close", b"keep-alive"):
                return None
            ends = ends or value.lower() == b"close"
        elif name == b"x-forwarded-for":
            forwarded.append(value)
        elif name not in _HARMLESS:
            return None
    if fields[at:] != b"\r\n\r\n":
        return None
    return ends, b",".join(forwarded).decode("latin-1") if forwarded else None
