"""The way out: against addresses that are not public, and against servers that mean harm (SR)."""

import gzip
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from peertube.delivery.outbound import Outbound
from peertube.errors import Refused, Unreachable
from tests.policy.test_addresses import NOT_PUBLIC


class GuardTests(SynchronousTestCase):
    """No connection is begun where none may be."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.names: dict[str, list[str]] = {}

        async def resolve(name: str) -> list[str]:
            return self.names.get(name, [])

        self.outbound = Outbound(reactor=self.reactor, allow_private=False, resolve=resolve)

    def fetching(self, url: str, method: str = "GET") -> "Deferred[bytes]":
        return Deferred.fromCoroutine(self.outbound.fetch(method, url, limit=1000))

    def assertRefused(self, url: str) -> None:
        self.failureResultOf(self.fetching(url), Unreachable)
        self.assertEqual((self.reactor.tcpClients, self.reactor.getDelayedCalls()), ([], []), url)

    def test_names_that_lead_inside(self) -> None:
        """Whatever a name resolves to is checked, also when only one of several addresses is wrong."""
        for address in NOT_PUBLIC:
            self.names["evil.example"] = [address]
            self.assertRefused("http://evil.example/")
            self.names["evil.example"] = ["1.1.1.1", address]
            self.assertRefused("https://evil.example/")

    def test_addresses_in_the_url(self) -> None:
        """In every notation."""
        for address in NOT_PUBLIC:
            if "%" not in address:
                self.assertRefused(f"http://[{address}]/" if ":" in address else f"http://{address}/")

    def test_the_checked_address_is_the_connected_one(self) -> None:
        """A name that changes its mind (DNS rebinding) is asked once."""
        self.names["good.example"] = ["1.1.1.1"]
        waiting = self.fetching("http://good.example/")
        self.names["good.example"] = ["127.0.0.1"]
        ((host, port, *_),) = self.reactor.tcpClients
        self.assertEqual((host, port), ("1.1.1.1", 80))
        self.reactor.advance(31)
        self.failureResultOf(waiting, Unreachable)

    def test_ports(self) -> None:
        """Mail, databases and the like are not for us."""
        self.names["good.example"] = ["1.1.1.1"]
        for port in (22, 25, 5432, 6379, 8080):
            self.assertRefused(f"http://good.example:{port}/")

    def test_urls_that_are_none(self) -> None:
        """Other schemes, credentials, and what could write a second request."""
        self.names["good.example"] = ["1.1.1.1"]
        for url in (
            "file:///etc/passwd",
            "ftp://good.example/",
            "gopher://good.example/",
            "http:///x",
            "http://a:b@good.example/",
            "http://good.example/a b",
            "http://good.example/\r\nX: y",
            "http://good.example/\x00",
            "http://good.example/é",
            "http://good.example:99999/",
            "//good.example/",
            "",
        ):
            self.assertRefused(url)

    def test_total_time(self) -> None:
        """A server that never answers is left after the limit."""
        self.names["good.example"] = ["1.1.1.1"]
        waiting = self.fetching("http://good.example/")
        self.reactor.advance(29)
        self.assertNoResult(waiting)
        self.reactor.advance(2)
        self.failureResultOf(waiting, Unreachable)


class Page(Resource):
    """Answers as the test says."""

    isLeaf = True

    def __init__(self, answer: Callable[[Request], object]) -> None:
        super().__init__()
        self._answer = answer
        self.asked: list[tuple[bytes, bytes, list[bytes]]] = []

    def render(self, request: Request) -> object:
        self.asked.append((request.method, request.uri, request.requestHeaders.getRawHeaders(b"authorization", [])))
        request.setHeader(b"Content-Type", b"application/json")
        return self._answer(request)


class Raw(Protocol):
    """Writes bytes and keeps the connection."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def connectionMade(self) -> None:
        self.transport.write(self.content)


class AnswerTests(TestCase):
    """With servers on loopback, which the configuration allows here."""

    def listening(self, factory: Factory) -> str:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return f"http://127.0.0.1:{port.getHost().port}/"

    def serving(self, answer: Callable[[Request], object]) -> tuple[str, Page]:
        page = Page(answer)
        return self.listening(Site(page)), page

    def raw(self, content: bytes) -> str:
        return self.listening(Factory.forProtocol(lambda: Raw(content)))

    async def fetch(self, url: str, **more: object) -> bytes:
        outbound = Outbound(reactor=reactor, allow_private=True, timeout_seconds=more.pop("seconds", 5))
        return await outbound.fetch("GET", url, **{"limit": 1000, **more})

    async def assertUnreachable(self, url: str, code: str, **more: object) -> None:
        with self.assertRaises(Unreachable) as raised:
            await self.fetch(url, **more)
        self.assertEqual(raised.exception.code, code)

    async def test_a_good_answer(self) -> None:
        """Plain and compressed."""
        url, page = self.serving(lambda request: b'{"a":1}')
        self.assertEqual(await self.fetch(url), b'{"a":1}')
        self.assertEqual(page.asked, [(b"GET", b"/", [])])

        def packed(request: Request) -> bytes:
            request.setHeader(b"Content-Encoding", b"gzip")
            return gzip.compress(b'{"a":2}')

        self.assertEqual(await self.fetch(self.serving(packed)[0]), b'{"a":2}')

    async def test_a_bomb(self) -> None:
        """Counted after inflating."""

        def bomb(request: Request) -> bytes:
            request.setHeader(b"Content-Encoding", b"gzip")
            return gzip.compress(b"0" * 10_000_000)

        await self.assertUnreachable(self.serving(bomb)[0], "too_large_answer", limit=100_000)

    async def test_too_large(self) -> None:
        """One byte over, with and without a length."""

        def chunked(request: Request) -> bytes:
            request.write(b"1" * 600)
            return b"1" * 401

        await self.assertUnreachable(self.serving(lambda request: b"1" * 1001)[0], "too_large_answer")
        await self.assertUnreachable(self.serving(chunked)[0], "too_large_answer")

    async def test_endless_headers(self) -> None:
        """Cut off by their size."""
        endless = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(40_000))
        await self.assertUnreachable(self.raw(endless), "unreachable")

    async def test_a_broken_answer(self) -> None:
        """Shorter than it said; no HTTP at all."""
        short = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
        await self.assertUnreachable(self.raw(short), "timeout", seconds=0.2)
        await self.assertUnreachable(self.raw(b"220 mail.example ESMTP\r\n"), "unreachable")

    async def test_another_type(self) -> None:
        """A page with an error is no JSON."""

        def page(request: Request) -> bytes:
            request.setHeader(b"Content-Type", b"text/html")
            return b"<html>"

        await self.assertUnreachable(self.serving(page)[0], "unexpected_type")

    async def test_a_slow_answer(self) -> None:
        """The whole of it has a time."""

        def slow(request: Request) -> object:
            request.write(b"{")
            return NOT_DONE_YET

        await self.assertUnreachable(self.serving(slow)[0], "timeout", seconds=0.2)

    async def test_refused(self) -> None:
        """With its status, its words and when to come back."""

        def busy(request: Request) -> bytes:
            request.setResponseCode(429)
            request.setHeader(b"Retry-After", b"120")
            return b"later"

        with self.assertRaises(Refused) as raised:
            await self.fetch(self.serving(busy)[0])
        self.assertEqual((raised.exception.status, raised.exception.retry_after_seconds), (429, 120))

    async def test_redirects(self) -> None:
        """Three are followed, a fourth is not; never to another scheme."""

        def hop(request: Request) -> bytes:
            left = int(request.path[1:] or 0)
            if left:
                request.redirect(b"/%d" % (left - 1))
            return b"{}"

        url, _ = self.serving(hop)
        self.assertEqual(await self.fetch(f"{url}3"), b"{}")
        await self.assertUnreachable(f"{url}4", "bad_redirect")

        def away(request: Request) -> bytes:
            request.redirect(b"file:///etc/passwd")
            return b""

        await self.assertUnreachable(self.serving(away)[0], "bad_redirect")

    async def test_nobody_there(self) -> None:
        """A plain word for the admin."""
        port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        await self.assertUnreachable(f"http://127.0.0.1:{number}/", "unreachable")
