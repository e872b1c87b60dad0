"""The port that answers small requests before there is a channel, over real sockets of the loopback interface."""

import socket
from typing import Any

from twisted.internet import defer, reactor
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from peertube.http import front
from peertube.http.addresses import ClientAddresses
from peertube.http.admission import Connections
from peertube.http.front import FrontPort, listening_with

QUICK, KEPT, OTHER = (b"GET /%b HTTP/1.1\r\n\r\n" % name for name in (b"quick", b"kept", b"other"))


class Answers:
    """Knows two requests, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, str]] = []
        self.large = b""

    def answer(self, request: bytes, peer: str) -> tuple[bytes, bool] | None:
        self.asked.append((request, peer))
        if request in (QUICK, KEPT):
            return b"quick answer" + self.large, request == QUICK
        return None


class Page(Resource):
    """What the site says."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        return b"from the site to " + request.getClientAddress().host.encode()


class FrontPortTests(TestCase):
    """Clients that speak one request after another."""

    timeout = 30

    def setUp(self) -> None:
        self.answers = Answers()
        self.connections = Connections(limit=1, most=3, addresses=ClientAddresses(()))
        self.port: Any = listening_with(self.answers, self.connections.enter)(reactor, 0, Site(Page()), "127.0.0.1")
        assert isinstance(self.port, FrontPort)
        self.addCleanup(self.port.stopListening)

    def connect(self, interface: str = "127.0.0.1") -> socket.socket:
        client = socket.create_connection((interface, self.port.getHost().port), timeout=5)
        self.addCleanup(client.close)
        return client

    async def talk(self, client: socket.socket, *parts: bytes, pause: float = 0.05) -> bytes:
        """What the server says to each part, joined; "." stands for the end of the connection."""

        def exchange(part: bytes) -> bytes:
            client.sendall(part)
            return client.recv(65536) or b"."

        said = []
        for part in parts:
            said.append(await deferToThread(exchange, part))
            await deferLater(reactor, pause)
        return b"|".join(said)

    async def test_one_question(self) -> None:
        """Answered and closed, without a connection of the site."""
        client = self.connect()
        self.assertEqual(await self.talk(client, QUICK, b""), b"quick answer|.")
        self.assertEqual(self.answers.asked, [(QUICK, "127.0.0.1")])

    async def test_many_questions(self) -> None:
        """The connection is kept while its questions are such."""
        client = self.connect()
        self.assertEqual(await self.talk(client, KEPT, KEPT, QUICK, b""), b"quick answer|quick answer|quick answer|.")
        self.assertEqual(self.port.kept, 0)

    async def test_others_go_to_the_site(self) -> None:
        """At first, or after some that did not; with all their bytes; and they stay there."""
        for before in ([], [KEPT], [KEPT, KEPT]):
            client = self.connect()
            said = await self.talk(client, *before, OTHER, KEPT)
            *quick, first, second = said.split(b"|")
            self.assertEqual(quick, [b"quick answer"] * len(before))
            for answer in (first, second):
                self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer)
                self.assertTrue(answer.endswith(b"from the site to 127.0.0.1"), answer)

    async def test_pieces_go_to_the_site(self) -> None:
        """Which knows how long to wait for the rest."""
        client = self.connect()
        client.sendall(QUICK[:9])
        await deferLater(reactor, 0.1)
        self.assertIn(b"from the site", await self.talk(client, QUICK[9:]))

    async def test_who_says_nothing_costs_nothing(self) -> None:
        """And is no reason to wait for others."""
        silent, gone = self.connect(), self.connect()
        gone.close()
        self.assertEqual(await self.talk(self.connect(), QUICK), b"quick answer")
        self.assertIn(b"from the site", await self.talk(silent, OTHER))

    async def test_kept_connections_are_bounded(self) -> None:
        """Those beyond are the site's, after their first answer."""
        self.patch(front, "MAXIMUM_KEPT", 1)
        first, second = self.connect(), self.connect()
        self.assertEqual(await self.talk(first, KEPT), b"quick answer")
        said = await self.talk(second, KEPT, KEPT)
        self.assertTrue(said.startswith(b"quick answer|HTTP/1.1 200 OK"), said)
        self.assertEqual(self.port.kept, 1)

    async def test_kept_connections_count(self) -> None:
        """As any other of their address: one too many is answered, and let go."""
        kept = [self.connect() for _ in range(3)]
        for client in kept:
            self.assertEqual(await self.talk(client, KEPT), b"quick answer")
        self.assertEqual(3, self.connections.count)
        self.assertEqual(await self.talk(self.connect(), KEPT, b""), b"quick answer|.")
        said = await self.talk(kept[0], OTHER)
        self.assertIn(b"from the site", said)
        self.assertEqual(2, self.connections.count, "the factory of a site counts those that it gets")
        self.assertEqual(await self.talk(kept[1], QUICK, b""), b"quick answer|.")
        self.assertEqual(1, self.connections.count)

    async def test_the_idle_are_let_go(self) -> None:
        """After a minute without a question, counted from the last."""
        clock = Clock()
        clock.addReader, clock.removeReader = reactor.addReader, reactor.removeReader
        self.port.reactor = clock
        self.addCleanup(setattr, self.port, "reactor", reactor)
        idle, busy = self.connect(), self.connect()
        await self.talk(idle, KEPT)
        await self.talk(busy, KEPT)
        clock.pump([10] * 4)
        await self.talk(busy, KEPT)
        clock.pump([10] * 3)
        self.assertEqual(await self.talk(idle, b""), b".")
        self.assertEqual(await self.talk(busy, KEPT), b"quick answer")
        clock.pump([10] * 9)
        self.assertEqual((self.port.kept, clock.getDelayedCalls()), (0, []))

    async def test_clients_who_leave_or_do_not_read(self) -> None:
        """Their connections are closed, and forgotten."""
        leaving, deaf = self.connect(), self.connect()
        await self.talk(leaving, KEPT)
        await self.talk(deaf, KEPT)
        leaving.close()
        self.answers.large = bytes(50_000_000)
        deaf.sendall(KEPT)
        await deferLater(reactor, 0.2)
        self.assertEqual(self.port.kept, 0)

    async def test_stopping(self) -> None:
        """Lets kept connections go."""
        client = self.connect()
        await self.talk(client, KEPT)
        await defer.maybeDeferred(self.port.stopListening)
        self.assertEqual(await self.talk(client, b""), b".")
        self.assertEqual(self.port.kept, 0)

    async def test_ipv6(self) -> None:
        """The address is that of the client here too."""
        try:
            self.port6: Any = listening_with(self.answers, self.connections.enter)(reactor, 0, Site(Page()), "::1")
        except Exception:
            self.skipTest("no IPv6 here")
        self.addCleanup(self.port6.stopListening)
        client = socket.create_connection(("::1", self.port6.getHost().port), timeout=5)
        self.addCleanup(client.close)
        self.assertIn(b"from the site to ::1", await self.talk(client, KEPT, OTHER))
        self.assertEqual({peer for _, peer in self.answers.asked}, {"::1"})
