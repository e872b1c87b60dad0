"""Clients that are slow on purpose, on real sockets: in the head, in the body, and while they should read.

The clocks are ours, so that nobody waits. In memory `test_site` and `test_static` look closer.
"""

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import TestCase

from peertube.http.channel import HEAD_SECONDS
from peertube.http.routing import Access, Call, Reply, Route
from peertube.http.site import IDLE_SECONDS
from peertube.http.transport import listen
from tests.http.connections import site
from tests.http.serving import gate

LARGE = b"x" * (64 * 2**20)


class Slow(Protocol):
    """A client that notes what comes."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason=None) -> None:
        self.ended.callback(None)


class SlowLorisTests(TestCase):
    """Each of them ends, whatever it does to look alive."""

    timeout = 30

    def setUp(self) -> None:
        self.clock = Clock()
        self.open = 0
        routes = [
            Route("POST", "/echo", Access.ANYONE, self.echo),
            Route("GET", "/large", Access.ANYONE, self.large),
        ]
        self.site = site(gate(), self.clock, routes=routes)
        self.port = listen(reactor, 0, self.site, "127.0.0.1")
        self.addCleanup(self.port.stopListening)

    async def echo(self, call: Call) -> object:
        return Reply(call.content(), content_type="text/plain")

    async def large(self, call: Call) -> object:
        self.open += 1
        return Reply(LARGE, content_type="text/plain")

    async def connect(self) -> Slow:
        return await connectProtocol(HostnameEndpoint(reactor, "127.0.0.1", self.port.getHost().port), Slow())

    async def drip(self, client: Slow, data: bytes, seconds: float, *, times: int) -> None:
        """Send a little, again and again, while time goes by."""
        for _ in range(times):
            if client.ended.called:
                return
            client.transport.write(data)
            await deferLater(reactor, 0.01)
            self.clock.advance(seconds)

    async def test_in_the_head(self) -> None:
        """A header every second keeps a connection open with Twisted's idle timeout; not here."""
        client = await self.connect()
        client.transport.write(b"GET / HTTP/1.1\r\n")
        await self.drip(client, b"X-A: b\r\n", 1, times=int(HEAD_SECONDS) + 2)
        self.clock.advance(5)
        await client.ended
        self.assertTrue(client.received.startswith(b"HTTP/1.1 408 "), client.received[:100])
        self.assertIn(b"application/problem+json", client.received)

    async def test_in_the_body(self) -> None:
        """A byte every second is less than the minimum rate."""
        client = await self.connect()
        client.transport.write(b"POST /api/v1/echo HTTP/1.1\r\nHost: pod\r\nContent-Length: 100000\r\n\r\n")
        await self.drip(client, b"x", 1, times=60)
        self.clock.advance(5)
        await client.ended
        self.assertTrue(client.received.startswith(b"HTTP/1.1 408 "), client.received[:100])

    async def test_while_it_should_read(self) -> None:
        """An answer that nobody takes is dropped with its connection."""
        client = await self.connect()
        client.transport.pauseProducing()
        client.transport.write(b"GET /api/v1/large HTTP/1.1\r\nHost: pod\r\n\r\n")
        while not self.open:
            await deferLater(reactor, 0.01)
        await deferLater(reactor, 0.05)
        self.clock.advance(IDLE_SECONDS)
        self.clock.advance(15)
        await deferLater(reactor, 0.05)
        client.transport.resumeProducing()
        await client.ended
        self.assertLess(len(client.received), len(LARGE))

    async def test_a_hundred_of_them_keep_nobody_waiting(self) -> None:
        """Good clients are answered all the while, and nothing is left of the others."""
        clients = [await self.connect() for _ in range(100)]
        for client in clients:
            client.transport.write(b"GET /api/v1/large HT")
        good = await self.connect()
        good.transport.write(b"POST /api/v1/echo HTTP/1.1\r\nHost: pod\r\nContent-Length: 2\r\n\r\nok")
        while not good.received.endswith(b"ok"):
            await deferLater(reactor, 0.01)
        self.clock.advance(HEAD_SECONDS)
        self.clock.advance(5)
        for client in clients:
            await client.ended
        good.transport.loseConnection()
        await good.ended
        while self.clock.getDelayedCalls():
            await deferLater(reactor, 0.01)
