"""The tracker as a part of a pod, over real UDP on the loopback interface."""

import socket

from twisted.internet import defer, reactor
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase, TestCase

from peertube.config.schema import TrackerSettings
from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.part import TrackerPart, tracker_of, udp_interfaces
from peertube.tracker.udp import UdpListener, open_socket
from peertube.tracker.udp_exchange import UdpExchange
from tests.tracker.trackers import OURS, connect, tracker, udp_announce


def ask(client: socket.socket, datagram: bytes) -> bytes:
    client.send(datagram)
    return client.recv(2048)


class TrackerPartTests(TestCase):
    """Start, answer, stop."""

    async def part(self, interface: str = "localhost", port: int | None = 0) -> TrackerPart:
        part = TrackerPart(
            tracker=tracker_of(TrackerSettings()), interface=interface, udp_port=port, reactor=reactor, secret=b"s" * 32
        )
        self.addCleanup(lambda: defer.Deferred.fromCoroutine(part.stop()))
        await part.start()
        return part

    async def test_udp(self) -> None:
        """Both families on one port; torrents known by set_known and by the news."""
        part = await self.part()
        part.hear({"added": [OURS.hex()]})
        for interface in udp_interfaces("localhost")[: len(part._listeners)]:
            client = open_socket(interface, 0)
            self.addCleanup(client.close)
            client.settimeout(5)
            client.connect((interface, part.udp_port))
            connected = await deferToThread(ask, client, connect())
            answer = await deferToThread(ask, client, udp_announce(connected[8:]))
            self.assertEqual(answer[:12], bytes.fromhex("00000001") + b"test" + (900).to_bytes(4, "big"))
        self.assertEqual(part.tracker.numbers().announces, len(part._listeners))
        part.hear({"removed": [OURS.hex()]})
        self.assertEqual(part.tracker.numbers().peers, 0)
        part.set_known([OURS])
        self.assertTrue(part.tracker.tracks(OURS))

    async def test_stopping_frees_the_port(self) -> None:
        """So that the next start works; stopping twice is no error."""
        part = await self.part()
        port = part.udp_port
        await part.stop()
        self.assertIsNone(part.udp_port)
        again = await self.part(port=port)
        self.assertEqual(again.udp_port, port)

    async def test_a_port_that_is_taken(self) -> None:
        """Fails at the start, and says so."""
        part = await self.part("127.0.0.1")
        with self.assertRaises(OSError):
            await self.part("127.0.0.1", part.udp_port)

    async def test_tr12_without_udp(self) -> None:
        """TR-12: `tracker.udp.enabled: false` opens no socket; the rest works."""
        part = await self.part(port=None)
        self.assertIsNone(part.udp_port)
        self.assertIsNotNone(part.resource(lambda _: "192.0.2.1").getStaticEntity(b"socket"))


class InterfaceTests(SynchronousTestCase):
    """Where UDP is answered for each `listen.hostname`."""

    def test_interfaces(self) -> None:
        """Any address means both families."""
        self.assertEqual(udp_interfaces("0.0.0.0"), ["0.0.0.0", "::"])
        self.assertEqual(udp_interfaces("::"), ["0.0.0.0", "::"])
        self.assertEqual(udp_interfaces("localhost"), ["127.0.0.1", "::1"])
        self.assertEqual(udp_interfaces("192.0.2.7"), ["192.0.2.7"])
        self.assertRaises(ValueError, udp_interfaces, "pod.example")


class Readers:
    """A reactor that only remembers who reads."""

    def __init__(self) -> None:
        self.readers: list[object] = []

    def addReader(self, reader: object) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: object) -> None:
        if reader in self.readers:
            self.readers.remove(reader)


class UdpListenerTests(SynchronousTestCase):
    """The descriptor without a reactor."""

    def setUp(self) -> None:
        self.reactor = Readers()
        exchange = UdpExchange(tracker=tracker(), connection_ids=ConnectionIds(b"s" * 32))
        self.listener = UdpListener(
            udp=open_socket("127.0.0.1", 0), exchange=exchange, reactor=self.reactor, now=Clock().seconds
        )
        self.addCleanup(self.listener.close)
        self.client = open_socket("127.0.0.1", 0)
        self.addCleanup(self.client.close)
        self.client.settimeout(2)
        self.client.connect(("127.0.0.1", self.listener.port))

    def test_reads_while_it_listens(self) -> None:
        """And no longer."""
        self.listener.listen()
        self.assertEqual(self.reactor.readers, [self.listener])
        self.listener.close()
        self.assertEqual((self.reactor.readers, self.listener.fileno()), ([], -1))

    def test_a_wake_up_is_bounded(self) -> None:
        """At most 256 datagrams, so that a flood leaves time for others."""
        for _ in range(300):
            self.client.send(connect())
        self.listener.doRead()
        self.client.setblocking(False)
        answers = self.answers()
        self.assertEqual(len(answers), 256)
        self.listener.doRead()
        self.assertEqual(len(self.answers()), 44)

    def test_a_fault_costs_nobody_else_an_answer(self) -> None:
        """Whatever a datagram provokes."""

        def answer(datagram: bytes, *_: object) -> bytes:
            return b"fine" if datagram == b"good" else bytes([1][7])

        self.listener._exchange.answer = answer
        self.client.send(b"bad")
        self.client.send(b"good")
        self.listener.doRead()
        self.assertEqual(self.client.recv(99), b"fine")
        self.assertEqual(len(self.flushLoggedErrors(IndexError)), 1)

    def answers(self) -> list[bytes]:
        found = []
        try:
            while True:
                found.append(self.client.recv(2048))
        except BlockingIOError:
            return found
