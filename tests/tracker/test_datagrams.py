"""Reading and writing many datagrams at once, on real sockets of the loopback interface."""

import socket
from collections.abc import Callable

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from peertube.tracker.datagrams import BATCH, BatchedDatagrams, Datagrams, PlainDatagrams, datagrams_of
from peertube.tracker.udp import open_socket


class DatagramTests:
    """Both ways to use a socket do the same."""

    interface = "127.0.0.1"
    way: Callable[[socket.socket], Datagrams]

    def setUp(self) -> None:
        try:
            self.server = open_socket(self.interface, 0)
        except OSError as error:
            raise SkipTest("no IPv6 here") from error
        self.addCleanup(self.server.close)
        if type(self).way is BatchedDatagrams and not isinstance(datagrams_of(self.server), BatchedDatagrams):
            raise SkipTest("not on this system")
        self.datagrams = type(self).way(self.server)
        self.client = open_socket(self.interface, 0)
        self.addCleanup(self.client.close)
        self.client.settimeout(2)
        self.client.connect(self.server.getsockname()[:2])

    def test_nothing(self) -> None:
        """No datagram is no reason to wait."""
        self.assertEqual(list(self.datagrams.receive()), [])
        self.datagrams.send([])

    def test_there_and_back(self) -> None:
        """More than a batch, of all sizes, each answered to its sender."""
        sizes = [0, 1, 16, 98, 1500, 2048, *range(100, 170)]
        for size in sizes:
            self.client.send(bytes([size % 251]) * size)
        received = []
        while batch := self.datagrams.receive():
            self.assertLessEqual(len(batch), BATCH)
            received += batch
        self.assertEqual([payload for payload, _, _ in received], [bytes([size % 251]) * size for size in sizes])
        expected = socket.inet_pton(self.server.family, self.interface)
        self.assertEqual({address for _, address, _ in received}, {expected})
        for start in range(0, len(received), BATCH):
            self.datagrams.send([(payload[:920], sender) for payload, _, sender in received[start : start + BATCH]])
        self.assertEqual([len(self.client.recv(4096)) for _ in sizes], [min(size, 920) for size in sizes])

    def test_a_long_datagram_is_cut(self) -> None:
        """No request is so long."""
        self.client.send(bytes(9000))
        [(payload, _, _)] = self.datagrams.receive()
        self.assertEqual(len(payload), 2048)

    def test_one_bad_receiver_costs_the_others_nothing(self) -> None:
        """Port 0 cannot be sent to."""
        self.client.send(b"hello")
        [(_, _, sender)] = self.datagrams.receive()
        nobody = sender[:2] + bytes(2) + sender[4:] if isinstance(sender, bytes) else (sender[0], 0, *sender[2:])
        self.datagrams.send([(b"1", sender), (b"2", nobody), (b"3", sender)])
        self.assertEqual([self.client.recv(9), self.client.recv(9)], [b"1", b"3"])


class PlainTests(DatagramTests, SynchronousTestCase):
    """One system call each."""

    way = PlainDatagrams


class BatchedTests(DatagramTests, SynchronousTestCase):
    """recvmmsg and sendmmsg."""

    way = BatchedDatagrams


class PlainIPv6Tests(PlainTests):
    """One system call each, over IPv6."""

    interface = "::1"


class BatchedIPv6Tests(BatchedTests):
    """recvmmsg and sendmmsg, over IPv6."""

    interface = "::1"
