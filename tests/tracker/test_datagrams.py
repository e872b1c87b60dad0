"""Reading and writing many datagrams at once, on real sockets of the loopback interface."""

import socket
from collections.abc import Callable

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from peertube.tracker.datagrams import BatchedDatagrams, Datagrams, PlainDatagrams, datagrams_of
from peertube.tracker.udp import open_socket
from peertube.tracker.udp_batch import BATCH, SLOT_SIZE, Batch

Answer = Callable[[bytes, bytes], bytes | None]


class Answering:
    """Answers one at a time, also in batches."""

    def __init__(self, answer: Answer) -> None:
        self.one = answer

    def answer(self, datagram: bytes, address: bytes, now: float) -> bytes | None:
        return self.one(datagram, address)

    def answer_batch(self, batch: Batch, now: float, failed: Callable[[], None]) -> None:
        for number, (address, *_) in enumerate(batch.slots()):
            try:
                batch.reply(number, self.one(batch.payload(number), address))
            except ZeroDivisionError:
                failed()
                batch.reply(number, None)


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

    def exchange(self, answer: Answer) -> int:
        return self.datagrams.exchange(Answering(answer), 0.0)

    def receive(self) -> list[tuple[bytes, bytes]]:
        """(payload, address) of all that came, none of it answered."""
        received: list[tuple[bytes, bytes]] = []
        while self.exchange(lambda payload, address: received.append((payload, address))):
            pass
        return received

    def test_nothing(self) -> None:
        """No datagram is no reason to wait."""
        self.assertEqual(self.exchange(lambda payload, _: payload), 0)

    def test_there_and_back(self) -> None:
        """More than a batch, of all sizes, each answered to its sender."""
        sizes = [0, 1, 16, 98, 1500, 2048, *range(100, 170)]
        for size in sizes:
            self.client.send(bytes([size % 251]) * size)
        received: list[tuple[bytes, bytes]] = []

        def answer(payload: bytes, address: bytes) -> bytes:
            received.append((payload, address))
            return payload[:920]

        self.assertEqual(self.exchange(answer), BATCH)
        self.assertEqual(self.exchange(answer), len(sizes) - BATCH)
        self.assertEqual([payload for payload, _ in received], [bytes([size % 251]) * size for size in sizes])
        expected = socket.inet_pton(self.server.family, self.interface)
        self.assertEqual({address for _, address in received}, {expected})
        self.assertEqual(
            [len(self.client.recv(4096)) for size in sizes if size], [min(size, 920) for size in sizes if size]
        )

    def test_silence_and_faults_leave_the_others_their_replies(self) -> None:
        """Whoever is not answered stands between those who are, first and last too; each hears only what is its."""
        clients = [open_socket(self.interface, 0) for _ in range(12)]
        for number, client in enumerate(clients):
            self.addCleanup(client.close)
            client.connect(self.server.getsockname()[:2])
            client.send(b"%d" % number)

        def answer(payload: bytes, _: bytes) -> bytes | None:
            number = int(payload)
            if number == 5:
                raise ZeroDivisionError
            return None if number in (0, 3, 4, 11) else b"to %d" % number

        self.assertEqual(self.exchange(answer), 12)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        for number, client in enumerate(clients):
            if number in (0, 3, 4, 5, 11):
                self.assertRaises(BlockingIOError, client.recv, 99)
            else:
                self.assertEqual(client.recv(99), b"to %d" % number)

    def test_a_long_datagram_is_cut(self) -> None:
        """No request is so long."""
        self.client.send(bytes(9000))
        [(payload, _)] = self.receive()
        self.assertEqual(len(payload), 2048)

    def spoil(self) -> bytes:
        """Make it impossible to send the reply to the second datagram, from within its answer."""
        raise SkipTest("each way has its own")

    def test_one_bad_receiver_costs_the_others_nothing(self) -> None:
        """A reply that the system does not take is passed over."""
        for text in (b"1", b"2", b"3"):
            self.client.send(text)
        self.assertEqual(self.exchange(lambda payload, _: self.spoil() if payload == b"2" else payload), 3)
        self.assertEqual([self.client.recv(9), self.client.recv(9)], [b"1", b"3"])


class PlainTests(DatagramTests, SynchronousTestCase):
    """One system call each."""

    way = PlainDatagrams

    def spoil(self) -> bytes:
        """Longer than any datagram."""
        return bytes(70_000)


class BatchedTests(DatagramTests, SynchronousTestCase):
    """recvmmsg and sendmmsg."""

    way = BatchedDatagrams

    def spoil(self) -> bytes:
        """Port 0 cannot be sent to."""
        self.datagrams._batch.received[SLOT_SIZE + 2 : SLOT_SIZE + 4] = bytes(2)
        return b"2"


class PlainIPv6Tests(PlainTests):
    """One system call each, over IPv6."""

    interface = "::1"


class BatchedIPv6Tests(BatchedTests):
    """recvmmsg and sendmmsg, over IPv6."""

    interface = "::1"
