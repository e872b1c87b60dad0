"""Datagrams of one torrent go to one socket of several on a port."""

import socket
from random import Random

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from peertube.tracker.connection_id import ConnectionIds
from peertube.tracker.steering import is_possible, owner, program, share
from peertube.tracker.udp_exchange import UdpExchange
from tests.tracker.trackers import PUBLIC_AT, connect, tracker, udp_announce, udp_scrape


class SteeringTests(SynchronousTestCase):
    """Real sockets of the loopback interface, all in this process."""

    def sockets(self, count: int, family: socket.AddressFamily = socket.AF_INET) -> list[socket.socket]:
        made = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(count)]
        for one in made:
            self.addCleanup(one.close)
            one.setblocking(False)
        return made

    def share(self, count: int, family: socket.AddressFamily = socket.AF_INET) -> tuple[list[socket.socket], int]:
        if not is_possible():
            raise SkipTest("not on this system")
        made = self.sockets(count, family)
        return made, share(made, ("127.0.0.1" if family == socket.AF_INET else "::1", 0))

    @staticmethod
    def received(one: socket.socket) -> list[bytes]:
        found = []
        try:
            while True:
                found.append(one.recv(2048))
        except BlockingIOError:
            return found

    def test_announces_and_scrapes(self) -> None:
        """By their info-hash, whoever sends them."""
        rng = Random(4)
        for count in (2, 3, 5):
            shared, port = self.share(count)
            expected: list[list[bytes]] = [[] for _ in shared]
            for _ in range(60):
                [client] = self.sockets(1)
                info_hash = rng.randbytes(20)
                for datagram in (
                    udp_announce(bytes(8), info_hash=info_hash),
                    udp_announce(bytes(8), info_hash=info_hash) + b"\2\1/",
                    udp_scrape(bytes(8), [info_hash]),
                    udp_scrape(bytes(8), [info_hash, rng.randbytes(20)]),
                ):
                    client.sendto(datagram, ("127.0.0.1", port))
                    expected[owner(info_hash, count)].append(datagram)
            self.assertEqual([self.received(one) for one in shared], expected)
            self.assertTrue(all(expected))

    def test_connects_and_rubbish_reach_somebody(self) -> None:
        """Nothing is lost, and the kernel spreads them."""
        shared, port = self.share(2)
        for _ in range(100):
            [client] = self.sockets(1)
            for datagram in (connect(), b"", b"x" * 35):
                client.sendto(datagram, ("127.0.0.1", port))
        counts = [len(self.received(one)) for one in shared]
        self.assertEqual(sum(counts), 300)
        self.assertTrue(all(counts))

    def test_ipv6(self) -> None:
        """The same."""
        try:
            shared, port = self.share(2, socket.AF_INET6)
        except OSError as error:
            raise SkipTest("no IPv6 here") from error
        [client] = self.sockets(1, socket.AF_INET6)
        for first in range(8):
            client.sendto(udp_announce(bytes(8), info_hash=bytes([first]) * 20), ("::1", port))
        self.assertEqual([len(self.received(one)) for one in shared], [4, 4])

    def test_no_swarm_is_split(self) -> None:
        """Two trackers with one secret: an id of either is good at both, and each swarm is at one."""
        shared, port = self.share(2)
        hashes = [bytes([number]) * 20 for number in range(20)]
        trackers = [tracker(known=tuple(hashes)) for _ in shared]
        exchanges = [UdpExchange(tracker=one, connection_ids=ConnectionIds(b"s" * 32)) for one in trackers]

        def serve() -> None:
            for one, exchange in zip(shared, exchanges, strict=True):
                try:
                    while True:
                        datagram, sender = one.recvfrom(2048)
                        answer = exchange.answer(datagram, socket.inet_aton(sender[0]), PUBLIC_AT)
                        assert answer is not None
                        one.sendto(answer, sender)
                except BlockingIOError:
                    continue

        for number in range(6):
            [client] = self.sockets(1)
            client.connect(("127.0.0.1", port))
            client.send(connect())
            serve()
            proof = client.recv(99)[8:]
            for info_hash in hashes:
                client.send(udp_announce(proof, info_hash=info_hash, port=1000 + number))
                serve()
                self.assertEqual(len(client.recv(999)), 20 + 6 * number)
        self.assertEqual([one.numbers().swarms for one in trackers], [10, 10])

    def test_a_port_that_is_taken(self) -> None:
        """By a socket that does not share."""
        [taken] = self.sockets(1)
        taken.bind(("127.0.0.1", 0))
        with self.assertRaises(OSError):
            share(self.sockets(2), taken.getsockname())

    def test_the_program(self) -> None:
        """Six instructions."""
        self.assertEqual(
            program(4).hex(" ", 8),
            "8000000000000000 3500010024000000 06000000ffffffff 3000000010000000 9400000004000000 1600000000000000",
        )
