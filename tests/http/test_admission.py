"""What is over a limit is told so, and what is under it does not notice."""

from klein import Klein
from twisted.internet import reactor
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import TestCase

from peertube.http.addresses import ClientAddresses
from peertube.http.admission import Connections
from peertube.http.routing import Access, Call, Route, mount
from peertube.http.transport import listen
from tests.http.connections import Connection, site
from tests.http.serving import gate

ASK = b"GET /api/v1/slow HTTP/1.1\r\nHost: pod\r\n\r\n"


class AdmissionCase(TestCase):
    """A site with a route that waits."""

    trust_proxy = ("10.0.0.0/8",)

    def setUp(self) -> None:
        self.waiting: list[Deferred] = []
        self.connections = Connections(limit=2, most=12, addresses=ClientAddresses(self.trust_proxy))
        self.gate = gate(max_requests=3)
        routes = [Route("GET", "/slow", Access.ANYONE, self.slow)]
        self.clock = Clock()
        self.site = site(self.gate, self.clock, routes=routes, connections=self.connections)

    async def slow(self, call: Call) -> object:
        self.waiting.append(Deferred())
        await self.waiting[-1]
        return {"done": True}


class ConnectionTests(AdmissionCase):
    """One address has so many connections, and no more."""

    def test_one_too_many_is_told_so(self) -> None:
        kept = [Connection(self.site, "192.0.2.1") for _ in range(2)]
        refused = Connection(self.site, "192.0.2.1")
        self.assertEqual(refused.status, 503)
        self.assertIn("Retry-After: 5", refused.head)
        self.assertIn("application/problem+json", refused.head)
        self.assertIn(b'"code":"too_many_connections"', refused.body)
        self.assertTrue(refused.closed)
        self.assertFalse(any(connection.closed for connection in kept))

    def test_others_are_not_concerned(self) -> None:
        for _ in range(3):
            Connection(self.site, "192.0.2.1")
        self.assertEqual(Connection(self.site, "192.0.2.2").status, 0)

    def test_who_leaves_makes_room(self) -> None:
        first, second = (Connection(self.site, "192.0.2.1") for _ in range(2))
        first.hang_up()
        third = Connection(self.site, "192.0.2.1")
        self.assertEqual(third.status, 0)
        self.assertEqual(Connection(self.site, "192.0.2.1").status, 503)
        for connection in (second, third):
            connection.hang_up()
        self.assertEqual(len(self.connections), 0)

    def test_proxies_and_this_machine_are_exempt(self) -> None:
        for address in ("10.1.2.3", "127.0.0.1"):
            for _ in range(5):
                self.assertEqual(Connection(self.site, address).status, 0)

    def test_all_together(self) -> None:
        """Those of proxies and of this machine count too: each takes a file descriptor."""
        kept = [Connection(self.site, f"192.0.2.{number}") for number in range(3)]
        kept += [Connection(self.site, "10.1.2.3") for _ in range(9)]
        refused = [Connection(self.site, address) for address in ("192.0.2.9", "10.1.2.3", "127.0.0.1")]
        self.assertEqual([503] * 3, [connection.status for connection in refused])
        self.assertIn("Retry-After: 5", refused[0].head)
        kept[0].hang_up()
        self.assertEqual(0, Connection(self.site, "192.0.2.9").status)
        self.assertEqual(12, self.connections.count)

    def test_of_ipv6_a_network_counts(self) -> None:
        """One subscriber has a whole /64."""
        for number in range(2):
            self.assertIsNotNone(self.connections.enter(f"2001:db8:1:2::{number}"))
        self.assertIsNone(self.connections.enter("2001:db8:1:2:ffff::1"))
        self.assertIsNotNone(self.connections.enter("2001:db8:1:3::1"))
        for _ in range(2):
            self.connections.enter("192.0.2.9")
        self.assertIsNone(self.connections.enter("::ffff:192.0.2.9"))

    def test_addresses_of_both_families_are_read(self) -> None:
        for address in (IPv4Address("TCP", "192.0.2.1", 1), IPv6Address("TCP", "2001:db8::1", 1)):
            self.assertIsNotNone(self.site.buildProtocol(address).leave)


class OverloadTests(AdmissionCase):
    """So many requests are answered at once."""

    def test_one_more_is_asked_to_come_again(self) -> None:
        clients = [Connection(self.site) for _ in range(4)]
        for client in clients:
            client.send(ASK)
        self.assertEqual(len(self.waiting), 3)
        refused = clients[3]
        self.assertEqual(refused.status, 503)
        self.assertIn("Retry-After: 5", refused.head)
        self.assertIn(b'"code":"overloaded"', refused.body)
        for waiting in self.waiting:
            waiting.callback(None)
        self.assertEqual([client.status for client in clients], [200, 200, 200, 503])
        self.assertEqual(self.gate.in_progress.count, 0)

    def test_it_recovers_at_once(self) -> None:
        for _ in range(3):
            Connection(self.site).send(ASK)
        refused = Connection(self.site)
        refused.send(ASK)
        self.waiting[0].callback(None)
        again = Connection(self.site)
        again.send(ASK)
        self.assertEqual((refused.status, again.status, len(self.waiting)), (503, 0, 4))

    def test_a_request_whose_client_is_gone_counts_until_it_ends(self) -> None:
        """Otherwise whoever hangs up early could start any number of them."""
        for _ in range(3):
            client = Connection(self.site)
            client.send(ASK)
            client.hang_up()
        self.assertEqual(self.gate.in_progress.count, 3)
        for waiting in self.waiting:
            waiting.callback(None)
        self.assertEqual(self.gate.in_progress.count, 0)

    def test_health_is_told_under_any_load(self) -> None:
        at = gate(max_requests=1)
        at.in_progress.count = 5
        alive = Route("GET", "/livez", Access.ANYONE, self.alive)
        other = Route("GET", "/other", Access.ANYONE, self.alive)
        here = site(at, Clock(), routes=[])
        app = Klein()
        mount(app, "", [alive, other], at)
        here.resource = app.resource()
        for path, status in ((b"/livez", 200), (b"/other", 503)):
            client = Connection(here)
            client.send(b"GET " + path + b" HTTP/1.1\r\nHost: pod\r\n\r\n")
            self.assertEqual(client.status, status)

    async def alive(self, call: Call) -> object:
        return {"status": "ok"}


class Reader(Protocol):
    """A client that collects what comes."""

    def __init__(self) -> None:
        self.received = b""
        self.ended: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason=None) -> None:
        self.ended.callback(None)


class RealSocketTests(AdmissionCase):
    """The count follows the transport, whichever protocol has it in the end."""

    async def test_connections_are_counted_until_the_socket_closes(self) -> None:
        self.connections._addresses.is_proxy_or_local = lambda address: False
        port = listen(reactor, 0, self.site, "127.0.0.1")
        self.addCleanup(port.stopListening)
        endpoint = HostnameEndpoint(reactor, "127.0.0.1", port.getHost().port)
        readers = [await connectProtocol(endpoint, Reader()) for _ in range(3)]
        await readers[2].ended
        self.assertTrue(readers[2].received.startswith(b"HTTP/1.1 503 "))
        for reader in readers[:2]:
            reader.transport.loseConnection()
            await reader.ended
        while len(self.connections):
            await deferLater(reactor, 0.01)
