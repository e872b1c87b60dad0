"""The one HTTP client for names that somebody else chose (DESIGN section 6.3).

It speaks over Twisted's `Agent` itself: treq inflates bodies without a limit. Every request has a total time, a size
counted after inflating, and the types it takes; redirects (of GET only, at most three) are checked anew; there are no
cookies, no proxies, no connections kept.
"""

import zlib
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urljoin, urlsplit

import msgspec
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseDone, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

from peertube.delivery.guard import HEAD_BYTES, Guard, Resolve, resolver_of
from peertube.errors import PodError, Refused, Unreachable

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LARGEST_REFUSAL = 16 * 1024
_UNSAFE = frozenset(chr(code) for code in (*range(0x21), 0x7F)) | set('"<>\\^`{|}')


class _Problem(msgspec.Struct):
    """What is read of a refusal."""

    detail: str = ""
    code: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Outbound:
    """Fetches from other servers.

    :param allow_private: whether addresses and ports that are not public may be reached (`outbound.*`; tests, play).
    :param ports: the ports that may be reached otherwise.
    :param timeout_seconds: of a whole request, from resolving to the last byte.
    :param agent: how we name ourselves (User-Agent).
    :param resolve: names to addresses; the reactor's way when None.
    :param trust: whose certificates are believed; the machine's store when None.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        reactor: Any,
        allow_private: bool,
        ports: Sequence[int] = (80, 443),
        timeout_seconds: float = 30,
        agent: str = "PeerTube",
        resolve: Resolve | None = None,
        trust: Any = None,
    ) -> None:
        self._reactor = reactor
        self._allow_private = allow_private
        self._ports = frozenset(ports)
        self._timeout_seconds = timeout_seconds
        self._agent = agent
        self._resolve = resolve if resolve is not None else resolver_of(reactor)
        self._trust = trust

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        accept: Sequence[str] = ("application/json",),
        limit: int,
        timeout_seconds: float | None = None,
    ) -> bytes:
        """The body of a good answer (2xx), at most `limit` bytes.

        :param body: JSON to send.
        :param accept: media types that are taken; an empty answer needs none.
        :raises Refused: the server answered with another status.
        :raises Unreachable: anything else; the text is for an admin.
        """
        seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        work = ensureDeferred(self._follow(method, url, body, accept, limit))
        late = self._reactor.callLater(seconds, work.cancel)
        try:
            return await work
        except Exception as error:
            if not late.active():
                raise Unreachable(f"No whole answer within {seconds:g} seconds", code="timeout") from error
            if isinstance(error, CancelledError | PodError):
                raise
            self._log.debug("{method} {url} failed: {error!r}", method=method, url=url, error=error)
            raise Unreachable(_words(error)) from error
        finally:
            if late.active():
                late.cancel()

    async def _follow(self, method: str, url: str, body: bytes | None, accept: Sequence[str], limit: int) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            _check_url(url)
            response = await self._request(method, url, body, accept, limit)
            if response.code in _REDIRECTS and method == "GET":
                target = _one(response, "Location")
                await _collect(response, _LARGEST_REFUSAL, cut=True)
                following = urljoin(url, target)
                if not target or urlsplit(following).scheme != urlsplit(url).scheme:
                    raise Unreachable("A redirect leads to another scheme", code="bad_redirect")
                url = following
                continue
            if not 200 <= response.code < 300:
                text = await _collect(response, _LARGEST_REFUSAL, cut=True)
                raise _refusal(response, text)
            content = await _collect(response, limit)
            kind = _one(response, "Content-Type").partition(";")[0].strip().lower()
            if content and kind not in accept:
                raise Unreachable(f"The answer is of type {kind[:60]!r}", code="unexpected_type")
            return content
        raise Unreachable("Too many redirects", code="bad_redirect")

    async def _request(
        self, method: str, url: str, body: bytes | None, accept: Sequence[str], limit: int
    ) -> IResponse:  # fmt: skip
        guard = Guard(
            reactor=self._reactor,
            resolve=self._resolve,
            limit=limit + HEAD_BYTES,
            ports=self._ports,
            allow_private=self._allow_private,
            trust=self._trust,
        )
        headers = Headers(
            {
                "User-Agent": [self._agent],
                "Accept": [", ".join(accept)],
                "Accept-Encoding": ["gzip"],
            }
        )
        if body is not None:
            headers.setRawHeaders("Content-Type", ["application/json"])
        agent = Agent.usingEndpointFactory(self._reactor, guard)
        producer = None if body is None else _Bytes(body)
        response: IResponse = await agent.request(method.encode("ascii"), url.encode("ascii"), headers, producer)
        return response


@implementer(IBodyProducer)
class _Bytes:
    """A small body, written at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: Any) -> "Deferred[None]":
        """Write."""
        consumer.write(self._body)
        done: Deferred[None] = Deferred()
        done.callback(None)
        return done

    def pauseProducing(self) -> None:
        """All is written already."""

    def resumeProducing(self) -> None:
        """All is written already."""

    def stopProducing(self) -> None:
        """All is written already."""


class _Collector(Protocol):
    """Gathers a body, inflated, up to a limit."""

    def __init__(self, limit: int, gzipped: bool, cut: bool) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._parts: list[bytes] = []
        self._left = limit
        self._cut = cut
        self._inflate = zlib.decompressobj(31) if gzipped else None

    def dataReceived(self, data: bytes) -> None:
        """Inflate no more than there is room for."""
        if self.done.called:
            return
        try:
            plain = data if self._inflate is None else self._inflate.decompress(data, self._left + 1)
        except zlib.error as error:
            self._fail(Unreachable("The answer is damaged gzip"), error)
            return
        if len(plain) > self._left:
            if self._cut:
                self._parts.append(plain[: self._left])
                self._abort()
                self.done.callback(b"".join(self._parts))
            else:
                self._fail(Unreachable("The answer is larger than it may be", code="too_large_answer"), None)
            return
        self._left -= len(plain)
        self._parts.append(plain)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The end, or an abrupt one."""
        if self.done.called:
            return
        if reason is not None and reason.check(ResponseDone):
            if self._inflate is not None and self._parts and not self._inflate.eof:
                self._fail(Unreachable("The answer is incomplete gzip"), None)
            else:
                self.done.callback(b"".join(self._parts))
        else:
            self._fail(Unreachable("The answer broke off"), None if reason is None else reason.value)

    def _fail(self, error: Unreachable, cause: BaseException | None) -> None:
        error.__cause__ = cause
        self._abort()
        self.done.errback(Failure(error))

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()


async def _collect(response: IResponse, limit: int, *, cut: bool = False) -> bytes:
    encoding = _one(response, "Content-Encoding").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise Unreachable("The answer is compressed in a way that was not asked for", code="unexpected_type")
    collector = _Collector(limit, encoding == "gzip", cut)
    response.deliverBody(collector)
    return await collector.done


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isascii() or len(url) > 4000 or _UNSAFE.intersection(url) or "@" in parts.netloc:
        raise Unreachable("Not an address that this pod fetches", code="bad_address")


def _one(response: IResponse, name: str) -> str:
    values = response.headers.getRawHeaders(name.encode("ascii"))
    return values[-1].decode("latin-1") if values else ""


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _refusal(response: IResponse, text: bytes) -> Refused:
    """What a server says when it refuses; of a problem (RFC 7807) no more than its words."""
    try:
        problem = msgspec.json.decode(text, type=_Problem)
    except (msgspec.DecodeError, RecursionError):
        problem = _Problem()
    words = problem.detail or text.decode("utf-8", "replace")
    shown = "".join(c for c in words[:300] if c.isprintable())
    return Refused(
        f"The server answered {response.code}: {shown}" if shown else f"The server answered {response.code}",
        status=response.code,
        retry_after_seconds=_seconds(_one(response, "Retry-After")),
        said=problem.code or None,
    )


def _words(error: Exception) -> str:
    if isinstance(error, DNSLookupError):
        return "The host name does not resolve"
    if isinstance(error, ConnectError):
        return "No connection to the server"
    if isinstance(error, ResponseFailed):
        return "The connection broke off, or the answer is not HTTP"
    return f"The server could not be asked ({type(error).__name__})"
